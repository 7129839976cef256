"""Commands that answer: figures, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.errors import InputError
from etl.command_line.options import (
    AsOf,
    Basis,
    Filters,
    ImportOption,
    Json,
    Level,
    Names,
    PeriodOption,
    Published,
    call,
    full,
    show_json,
)


def figures(
    *,
    level: Level,
    period: PeriodOption,
    basis: Basis = None,
    as_of: AsOf = None,
    as_published: Published = None,
    filters: Filters = None,
    kind: Annotated[str, typer.Option(help="Kind of case.")] = "event",
    plan: Annotated[str, typer.Option(help="period_end, at_event or plan:ID.")] = "period_end",
    within: Annotated[str | None, typer.Option(help="Code of the place whose inside is meant.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Only cases whose point lies in it: POLYGON((longitude latitude, ...)).")
    ] = None,
    names: Names = None,
    as_json: Json = False,
) -> None:
    """Figures of every place of a level."""
    from etl.printing import print_figures

    asked = [name.strip() for name in names.split(",")] if names else None
    rows = call(
        "figures",
        level=level,
        period=period,
        basis=basis,
        as_of=as_of,
        as_published=as_published,
        filters=[*(filters or []), *([f"area={area}"] if area else [])],
        kind=kind,
        plan=plan,
        within=within,
        figures=asked,
    )
    show_json(rows) if as_json else print_figures(rows, asked)


def export(
    what: Annotated[str, typer.Argument(metavar="cases|figures|places|quarantine")],
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    form: Annotated[str, typer.Option("--format", help="csv, ndjson, geojson or parquet.")] = "csv",
    level: Annotated[str | None, typer.Option(help="Of figures and places.")] = None,
    period: Annotated[str | None, typer.Option(help="Of figures.")] = None,
    basis: Basis = None,
    as_of: AsOf = None,
    filters: Filters = None,
    number: ImportOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
) -> None:
    """Write cases, figures, places or a quarantine to a file."""
    if what == "figures" and not (level and period):
        raise InputError("figures need --level and --period.", where="export figures")
    args = {"level": level, "period": period, "basis": basis, "as_of": as_of, "filters": filters, "import": number}
    result = call("export", what=what, format=form, out=full(out), overwrite=overwrite, **args)
    typer.echo(f"{result['file']}: {result['rows']:,} rows")
