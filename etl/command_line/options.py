"""What the commands share: options of one meaning, and the call that runs here or in the server (etl/terminal.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from data.settings import settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MappingOption = Annotated[
    str | None, typer.Option("--mapping", "-m", help="A mapping: path, or name of a shipped one.")
]
ImportOption = Annotated[int | None, typer.Option("--import", help="Number of the import (see `imports`).")]
Level = Annotated[str, typer.Option(help="district, street, community, grid, micro_grid, estate, unit, company …")]
PeriodOption = Annotated[str, typer.Option("--period", help="A/B (half-open), or 2011, 2011-Q3, 2011-07, 2011-07-01.")]
Basis = Annotated[str | None, typer.Option(help="Time that must lie in the period: registered, reported, due, closed.")]
AsOf = Annotated[str | None, typer.Option(help="Count what had happened by then (default: now).")]
Published = Annotated[str | None, typer.Option("--as-published", help="Ignore what was recorded after then.")]
Filters = Annotated[list[str] | None, typer.Option("--filter", help="field=value; may be repeated.")]
Names = Annotated[str | None, typer.Option("--figures", help="Names, separated by commas (default: all).")]


# Commands of rooms above this one, handed over by app.py: name → function of store, arguments, progress.
HANDED: dict[str, Callable[..., Any]] = {}


def call(command: str, **args: Any) -> Any:
    """The result of a named command as plain values."""
    from etl.terminal import call as run

    return run(settings(), command, args, HANDED)


def show_json(result: Any) -> None:
    """Print values as JSON."""
    typer.echo(json.dumps(result, ensure_ascii=False, indent=1))


def full(given: str | Path) -> str:
    """A path as the server needs it, which may stand in another folder."""
    return str(Path(given).absolute())


def mapping_of(given: str | None) -> str | None:
    """A mapping given as a path as a full one; the name of a shipped one as it is."""
    return full(given) if given and Path(given).is_file() else given
