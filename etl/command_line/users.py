"""`python app.py user …` and `wall …`: accounts, programs' keys and walls' tokens from a terminal.

A password is prompted for, or read as the first line of standard input; it never stands in a command line, where the
machine's other users would see it.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from data.errors import InputError
from data.settings import settings

users = typer.Typer(no_args_is_help=True, help="Posts that sign in, and keys for programs.")
walls = typer.Typer(no_args_is_help=True, help="Wall screens.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", help="operator, or operator@CODE for one place; may be repeated."),
]
Unit = Annotated[str | None, typer.Option(help="Code or name of the unit it handles cases for.")]
Name = Annotated[str, typer.Argument(help="Its name; a post's, not a person's.")]


def _call(command: str, **args: Any) -> Any:
    from etl.terminal import call

    return call(settings(), command, args)


def _show(result: Any, as_json: bool) -> None:
    from etl.printing import print_table

    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        print_table(result)


def _password() -> str:
    """Prompted for twice on a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InputError("no password came on standard input.", where="password", todo="Write it as the first line.")
    return line


@users.command("add")
def user_add(
    name: Name,
    *,
    roles: Roles = None,
    label: Annotated[str, typer.Option(help="How the post is called on screen.")] = "",
    unit: Unit = None,
    outside: Annotated[str | None, typer.Option(help="What the identity provider calls it.")] = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="Only through the identity provider.")] = False,
) -> None:
    """Open an account."""
    password = None if no_password else _password()
    done = _call("user_add", name=name, roles=roles or [], label=label, unit=unit, outside=outside, password=password)
    typer.echo(f"{done['name']} ({done['label']}): {', '.join(done['roles'])}")


@users.command("list")
def user_list(as_json: Json = False) -> None:
    """All accounts."""
    _show(_call("user_list"), as_json)


@users.command("passwd")
def user_passwd(name: Name) -> None:
    """Give an account another password; whoever is signed in with it is signed out."""
    done = _call("user_passwd", name=name, password=_password())
    typer.echo(f"{done['name']}: the password is changed")


@users.command("disable")
def user_disable(name: Name) -> None:
    """Shut an account; whoever is signed in with it is signed out."""
    typer.echo(f"{_call('user_disable', name=name, disabled=True)['name']}: shut")


@users.command("enable")
def user_enable(name: Name) -> None:
    """Open a shut account again."""
    typer.echo(f"{_call('user_disable', name=name, disabled=False)['name']}: open")


@users.command("roles")
def user_roles(name: Name, *, roles: Roles = None, unit: Unit = None) -> None:
    """Give an account other roles; whoever is signed in with it is signed out."""
    done = _call("user_roles", name=name, roles=roles or [], unit=unit)
    typer.echo(f"{done['name']}: {', '.join(done['roles'])}")


@users.command("token")
def user_token(
    name: Name, label: Annotated[str, typer.Option(help="What uses the key.")], as_json: Json = False
) -> None:
    """Make a key a program acts with as this account. It is shown once."""
    done = _call("user_token", name=name, label=label)
    if as_json:
        _show(done, True)
    else:
        typer.echo(f"{done['secret']}\nkey {done['token']} of {name}; take it back with `wall revoke {done['token']}`")


@walls.command("add")
def wall_add(
    label: Annotated[str, typer.Argument(help="Where it hangs.")],
    place: Annotated[str, typer.Option(help="Code of the one place it shows.")],
    as_json: Json = False,
) -> None:
    """Make a wall's token. It is shown once; open the wall's address with ?token=… at its end."""
    done = _call("wall_add", label=label, place=place)
    if as_json:
        _show(done, True)
    else:
        typer.echo(
            f"/wall/{done['place']}?token={done['secret']}\nwall {done['token']}; take it back with `wall revoke {done['token']}`"
        )


@walls.command("list")
def wall_list(as_json: Json = False) -> None:
    """Walls and programs' keys, and when each was last seen."""
    _show(_call("token_list"), as_json)


@walls.command("revoke")
def wall_revoke(token: Annotated[int, typer.Argument(help="Its number in `wall list`.")]) -> None:
    """Take a wall's token or a program's key back, at once."""
    typer.echo(f"{_call('token_revoke', token=token)['label']}: revoked")
