"""`python app.py bulletin`: issue a bulletin from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etl.command_line.options import Json, call, full, show_json


def bulletin(
    what: Annotated[str, typer.Argument(metavar="monthly|weekly")] = "monthly",
    *,
    period: Annotated[
        str, typer.Option(help="2026-05, or a day of the week meant (default: the last whole one).")
    ] = "",
    place: Annotated[str, typer.Option(help="Code of a street (default: the district).")] = "",
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    out: Annotated[Path | None, typer.Option(help="A folder its files are copied to.")] = None,
    as_json: Json = False,
) -> None:
    """Issue a bulletin: Word, PDF and workbook."""
    asked = {"what": what, "period": period, "place": place, "language": language}
    done = call("bulletin", **asked, out=full(out) if out else None)
    show_json(done) if as_json else typer.echo("\n".join([f"bulletin {done['bulletin']}", *done["files"]]))
