"""Commands for addresses the program could not place surely."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etl.command_line.options import Json, call, full, show_json


def addresses_list(offset: int = 0, limit: int = 50, as_json: Json = False) -> None:
    """The uncertain addresses, masked, with the places each could mean."""
    from etl.printing import print_addresses

    result = call("addresses_list", offset=offset, limit=limit)
    (show_json if as_json else print_addresses)(result)


def addresses_settle(
    case: Annotated[int, typer.Argument(help="Its number in `addresses list`.")],
    place: Annotated[str | None, typer.Argument(help="A code, level=code, or an address.")] = None,
    *,
    candidate: Annotated[int | None, typer.Option(help="Number of the candidate in `addresses list`.")] = None,
    dismiss: Annotated[
        bool, typer.Option("--dismiss", help="No place can be told; the case stays where it is.")
    ] = False,
    equal: Annotated[bool, typer.Option("--equal", help="All cases with the same text in the same community.")] = False,
    name: Annotated[
        str | None, typer.Option(help="Keep this as another name of the estate (definitions/aliases.toml).")
    ] = None,
) -> None:
    """Say where an uncertain address is; its text is erased."""
    told = {"candidate": candidate, "dismiss": dismiss, "equal": equal, "name": name}
    result = call("addresses_settle", case=case, place=place, **told)
    typer.echo(f"case {result['case_id']}: {result['title'] or 'dismissed'} ({result['cases']:,} cases)")
    if result["also_placed"]:
        typer.echo(f"{result['also_placed']:,} more placed by the name {result['name']}")


def addresses_retry() -> None:
    """Read the uncertain addresses again, after names were added to definitions/aliases.toml."""
    result = call("addresses_retry")
    typer.echo(f"{result['read']:,} read, {result['placed']:,} placed, {result['left']:,} still uncertain")


def addresses_export(out: Path) -> None:
    """Write the uncertain addresses, masked, as CSV."""
    result = call("addresses_export", out=full(out))
    typer.echo(f"{result['file']}: {result['rows']:,} rows")
