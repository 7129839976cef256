"""`python app.py plan`: plans drawn, checked, compared and written out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from data.errors import InputError
from data.settings import settings
from etl.command_line.options import HANDED, Json, call, full, show_json

Columns = Annotated[
    list[str] | None, typer.Option("--column", help="our=theirs, for example households=HH_2024; may be repeated.")
]
Layer = Annotated[str | None, typer.Option(help="Of a GeoPackage or zip with several.")]
PlanLevel = Annotated[str, typer.Option("--level", help="grid or micro_grid.")]
CellsFile = Annotated[Path | None, typer.Option("--cells", help="A file of cells with households (and community).")]
Band = Annotated[str | None, typer.Option(help="Households, low-high: 300-500 (default: a tenth around the target).")]
Target = Annotated[float | None, typer.Option(help="Households a part (default: 400 a grid, 50 a micro-grid).")]
Crs = Annotated[str, typer.Option(help="EPSG:4326, CGCS2000, GCJ-02 or another EPSG code.")]
Language = Annotated[str | None, typer.Option(help="zh or en (default: the program's).")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]


def solve(
    out: Annotated[Path, typer.Argument(help="The plan: .gpkg, .geojson, or .zip with shapefiles.")],
    file: Annotated[
        Path | None, typer.Argument(help="Cells with households (default: the store's plan in force).")
    ] = None,
    *,
    level: PlanLevel = "micro_grid",
    start: Annotated[
        str, typer.Option(help="fresh; current: anneal the plan in force; repair: only mend it.")
    ] = "fresh",
    target: Target = None,
    band: Band = None,
    parts: Annotated[int | None, typer.Option(help="How many parts (default: households / target).")] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option("--weight", help="roundness, cuts, border, estates or moved = number; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="One seed and one step budget give one plan.")] = 0,
    steps: Annotated[int | None, typer.Option(help="Proposals in all (default: 25,000 a cell).")] = None,
    layer: Layer = None,
    columns: Columns = None,
    crs: Crs = "EPSG:4326",
    overwrite: Overwrite = False,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Draw a plan; Ctrl-C keeps the best so far."""
    from etl.printing import print_solved

    asked = {
        "level": level,
        "start": start,
        "target": target,
        "band": limits(band),
        "parts": parts,
        "seed": seed,
        "steps": steps,
    }
    more = {"weights": pairs(weights, "--weight"), "columns": pairs(columns, "--column"), "layer": layer, "crs": crs}
    more["language"] = language or settings().language
    given = {**asked, **more, "overwrite": overwrite, "out": full(out), "file": full(file) if file else None}
    (show_json if as_json else print_solved)(asked_of("plan_solve", given, alone=file is not None))


def check(
    what: Annotated[str | None, typer.Argument(metavar="[FILE|PLAN]", help="Default: the plan in force.")] = None,
    *,
    level: PlanLevel = "grid",
    cells: CellsFile = None,
    target: Target = None,
    band: Band = None,
    compactness: Annotated[float | None, typer.Option(help="Polsby-Popper at least (default 0.2).")] = None,
    snap: Annotated[bool, typer.Option("--snap", help="Take whole cells instead of the outlines as drawn.")] = False,
    save: Annotated[str | None, typer.Option(help="Save it as a plan of this name.")] = None,
    effective_from: Annotated[str | None, typer.Option(help="The first day it holds.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Save it whatever is wrong.")] = False,
    layer: Layer = None,
    columns: Columns = None,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Check a plan against its places, homes and rules; exit code 3 when something is wrong."""
    from etl.printing import print_plan_check

    word = full(what) if what and Path(what).is_file() else what
    asked = {
        "what": word,
        "level": level,
        "cells": full(cells) if cells else None,
        "target": target,
        "band": limits(band),
    }
    more = {"compactness": compactness, "snap": snap, "save": save, "effective_from": effective_from, "anyway": anyway}
    more["language"] = language or settings().language
    given = {**asked, **more, "layer": layer, "columns": pairs(columns, "--column")}
    told = asked_of("plan_check", given, alone=bool(what and Path(what).is_file()) and not save)
    (show_json if as_json else print_plan_check)(told)
    if told["findings"] or told["cells_without_part"]:
        raise typer.Exit(3)


def diff(
    first: Annotated[str, typer.Argument(metavar="FILE|PLAN")],
    second: Annotated[str, typer.Argument(metavar="FILE|PLAN")],
    *,
    level: PlanLevel = "grid",
    cells: CellsFile = None,
    layer: Layer = None,
    columns: Columns = None,
    as_json: Json = False,
) -> None:
    """Compare two plans: parts that differ, and the households that change their part."""
    from etl.printing import print_plan_diff

    words = [full(word) if Path(word).is_file() else word for word in (first, second)]
    given = {"first": words[0], "second": words[1], "level": level, "cells": full(cells) if cells else None}
    more = {"layer": layer, "columns": pairs(columns, "--column")}
    alone = cells is not None and all(Path(word).is_file() for word in words)
    (show_json if as_json else print_plan_diff)(asked_of("plan_diff", {**given, **more}, alone=alone))


def export(
    out: Annotated[Path, typer.Argument(help="The file: .gpkg, .zip with shapefiles, or .geojson.")],
    *,
    plan: Annotated[str | None, typer.Option(help="Number, name, or a day it held (default: in force today).")] = None,
    crs: Crs = "EPSG:4326",
    overwrite: Overwrite = False,
) -> None:
    """Write a plan in force or past to a file."""
    done = call("plan_export", out=full(out), plan=plan, crs=crs, overwrite=overwrite)
    layers = ", ".join(f"{n:,} {name}" for name, n in done["layers"].items())
    typer.echo(f"{done['file']}: {done['plan']}, {layers}, {done['crs']}")


def asked_of(command: str, given: dict[str, Any], *, alone: bool) -> Any:
    """The command's result; where files say everything and there is no store, without one."""
    from data.store import FILE
    from etl.terminal import bars

    if alone and not (settings().home / FILE).is_file():
        with bars() as reporter:
            return HANDED[command](None, given, reporter)
    return call(command, **given)


def limits(text: str | None) -> list[float] | None:
    """low-high as two numbers. Raises InputError."""
    if text is None:
        return None
    try:
        low, high = (float(word) for word in text.replace("–", "-").split("-"))
    except ValueError:
        raise InputError(f'"{text}" is no band.', where="--band", todo="Write low-high, for example 300-500.") from None
    return [low, high]


def pairs(texts: list[str] | None, where: str) -> dict[str, str]:
    """name=value texts as a mapping. Raises InputError."""
    made = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f'"{text}" names nothing.', where=where, todo="Write name=value.")
        made[name.strip()] = value.strip()
    return made
