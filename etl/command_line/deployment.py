"""Commands that make a store and keep it: init, check, backup, restore, status."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from data.errors import InputError
from data.settings import settings
from etl.command_line.options import Json, call, full, show_json


def init(
    name: Annotated[str, typer.Option(help="Name of the district.")],
    code: Annotated[str, typer.Option(help="Division code: letters, digits, dashes; 6 digits in China.")],
    zone: Annotated[str, typer.Option(help="Time zone, for example Asia/Shanghai.")],
    crs: Annotated[str, typer.Option(help="Projected coordinate system in metres, for example EPSG:4547.")],
    calendar: Annotated[str | None, typer.Option(help="Working calendar: CN, US, …, weekdays.")] = None,
) -> None:
    """Make a new store in JINGWEI_HOME."""
    from data.calendars import calendar as known_calendar
    from data.store import Store

    if not re.fullmatch(r"[^\W_]+(-[^\W_]+)*", code):
        raise InputError(f'"{code}" is no code.', where="--code", todo="Use letters, digits and dashes.")
    if calendar:
        known_calendar(calendar, zone)
    with Store.create(settings().home, name=name, code=code, zone=zone, crs=crs, calendar=calendar) as store:
        typer.echo(f"{store.deployment.name} ({code}), calendar {store.deployment.calendar}: {store.path}")


def check(
    rules: Annotated[list[str] | None, typer.Option("--rule", help="Only this rule; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Look for violations: geometry, nesting, ledger, fold. Writes nothing; exit code 3 when there are some."""
    from etl.printing import print_check

    found = call("check", rules=rules)
    (show_json if as_json else print_check)(found)
    raise typer.Exit(3 if found else 0)


def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to (default: backups/ of JINGWEI_HOME).")] = None,
) -> None:
    """Write a backup while people work."""
    result = call("backup", file=full(file) if file else None)
    typer.echo(f"{result['file']} ({result['bytes'] / 1e6:,.1f} MB)")


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    *,
    another: Annotated[bool, typer.Option("--another", help="It may be of another district than the store.")] = False,
    replay: Annotated[bool, typer.Option("--replay", help="With the moves that were acknowledged since.")] = False,
) -> None:
    """Put a backup in the place of the store; the present one is moved aside. Needs the server stopped."""
    from data.restore import restore as put_back
    from etl.restored import print_restored
    from etl.terminal import bars

    with bars() as progress:
        done = put_back(settings().home, file.absolute(), progress, another=another, replayed=replay)
    print_restored(done)


def status(as_json: Json = False) -> None:
    """What the store holds."""
    from etl.printing import print_plain

    (show_json if as_json else print_plain)(call("status"))
