"""The first rows of a file as they will be: the same steps as an import, on one small batch, and nothing is kept.

Runs in a worker like the import itself. Default points are found over a whole file, so a preview marks
only those that earlier files had.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.progress import Progress
from etl.boundaries import read_places
from etl.guess import guess
from etl.guess_proposal import render
from etl.guess_sources import KnownSource
from etl.locate import Locator
from etl.mapping import Mapping
from etl.normalise import Normaliser
from etl.points import known_points
from etl.readers import open_tickets
from etl.shapes import read_shapes
from etl.tickets import Context, SecondPass, for_corrected

ROWS = 100


def preview(
    path: str, mapping: Mapping, context: Context, progress: Progress, *, rows: int = ROWS, corrected: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield one dict: kind, rows (a table: STAGED with `place_id`, or the places' own columns), quarantined (a table),
    dropped (column names), columns of the file.

    Raises the errors of the import: FileError, MappingError.
    """
    if mapping.kind == "tickets":
        yield _tickets(Path(path), for_corrected(mapping) if corrected else mapping, context, rows)
    else:
        yield _places(path, mapping, context, progress, rows)


def _tickets(path: Path, mapping: Mapping, context: Context, rows: int) -> dict[str, Any]:
    file = open_tickets(path, mapping.file, limits=context.limits, batch_rows=rows)
    normaliser = Normaliser(
        mapping,
        file.columns,
        zone=context.zone,
        now=context.now,
        calendar=context.calendar,
        addresses=context.addresses(mapping),
    )
    batch = next(iter(file.batches()), None)
    if batch is None:
        staged, quarantined = pa.table({}), pa.table({})
    else:
        spooled, quarantined = normaliser.batch(batch)
        locators = [(atlas, Locator(tree)) for atlas, tree in context.trees[-1:]]
        defaults = known_points(context.default_points)
        second = SecondPass(mapping.location.crs, context.crs, defaults, locators)
        staged, placed, _ = second.place(spooled)
        staged = staged.append_column("place_id", _lowest(placed, staged.num_rows)).slice(0, rows)
    return {
        "kind": "tickets",
        "rows": staged,
        "quarantined": quarantined.slice(0, rows),
        "dropped": normaliser.dropped,
        "columns": file.columns,
    }


def _lowest(placed: pa.Table, rows: int) -> pa.Array:
    """The lowest administrative place of each row; null where there is none."""
    found: list[int | None] = [None] * rows
    for level in ("micro_grid_id", "grid_id", "community_id", "street_id"):
        if placed.num_rows == rows:
            found = [
                one if one is not None else other for one, other in zip(found, placed[level].to_pylist(), strict=True)
            ]
    return pa.array(found, pa.int32())


def _places(path: str, mapping: Mapping, context: Context, progress: Progress, rows: int) -> dict[str, Any]:
    tables: list[pa.Table] = []
    report: dict[str, Any] = {}
    for kind, value in read_places(path, mapping, limits=context.limits, progress=progress):
        if kind == "rows":
            level, _, table = value
            plain = [name for name in table.column_names if name != "geometry"]
            tables.append(table.select(plain).append_column("place_level", pa.array([level] * table.num_rows)))
        else:
            report = value
    shown = pa.concat_tables(tables, promote_options="permissive") if tables else pa.table({})
    left = [{"row_number": one["row"], "rule": one["what"]} for one in report.get("left_out", [])]
    return {
        "kind": mapping.kind,
        "rows": shown.slice(0, rows),
        "quarantined": pa.Table.from_pylist(
            left[:rows], schema=pa.schema([("row_number", pa.int64()), ("rule", pa.string())])
        ),
        "dropped": report.get("dropped_columns", []),
        "columns": [],
        "total": shown.num_rows,
        "repaired": len(report.get("repaired", [])),
    }


def propose(
    file: str,
    kind: str | None,
    level: str | None,
    language: str,
    zone: str,
    crs: str,
    trees: list[pa.Table],
    known: list[KnownSource],
    progress: Progress,
) -> Iterator[dict[str, Any]]:
    """The worker's part of a guess: the proposal's parts and the columns of the file."""
    progress.step("look at the file", 0, None)
    found = guess(file, zone=zone, kind=kind, level=level, trees=trees, crs=crs, language=language, known=known)
    yield {
        "kind": found.kind,
        "mapping_text": found.mapping_text,
        "lines": [vars(line) for line in found.lines],
        "questions": found.questions,
        "dropped": found.dropped,
        "columns": columns_of(Path(file), found.kind),
        "text": render(found, language),
    }


def columns_of(path: Path, kind: str) -> list[str]:
    """The column names of a file; of shapes the attributes."""
    if kind == "tickets":
        return open_tickets(path).columns
    names = read_shapes(
        path, crs="EPSG:4326", polygons=False
    ).columns.column_names  # the names do not depend on the CRS
    return [str(name) for name in names]
