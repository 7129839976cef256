"""A new draft: the cells of the plan in force, made where there are none yet for this state of the places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from dashboard.studio.restoring import plan_numbered, restored
from data.actors import PLANNER, Actor
from data.atlas import Atlas, atlas_on
from data.cell_sets import BORDERS, CELLS, Sources, keep, known_set, sources
from data.draft_journal import put_change
from data.drafts import drawing, make_draft, rule_sets
from data.errors import InputError, Refused
from data.nesting import metric
from data.progress import Progress
from data.store import Store
from planning.ground import NOBODY, Ground, Homes, ground

SLICED = 1.1  # micro-grids' targets a building may hold before it is taken block by block


def drafted(store: Store, name: str, rules: str, actor: Actor, progress: Progress, older: int | None = None) -> int:
    """Make a draft of the plan in force today, or drawn as an older plan (its number) was; its id. Raises InputError, NotFound, Refused."""
    actor.require((PLANNER,), to="draw a plan")
    plan = None if older is None else plan_numbered(store, older)
    sets = rule_sets(store)
    if rules not in sets:
        raise InputError("there are no such rules.", where=rules, todo=f"One of {', '.join(sets)}.")
    atlas = atlas_on(store, store.now().astimezone(store.zone).date())
    number = known_set(store, atlas)
    if number is None:
        progress.step("cells", 0, 2)
        number = made_cells(store, atlas, SLICED * sets[rules].micro_grid.target)
    progress.step("cells", 2, 2)
    made = make_draft(store, name, number, rules, actor)
    if plan is not None and plan.plan_id != atlas.plan_id:
        put_change(store, made, 0, "restore", restored(store, drawing(store, made), plan), actor)
    return made


def made_cells(store: Store, atlas: Atlas, largest: float) -> int:
    """Make the cells of an atlas and keep them; the set's id."""
    given = sources(store, atlas)
    if not given.grids:
        raise Refused("there is no plan of grids to draw on.", todo="Import grids first.")
    parts = smallest(given)
    crs = store.deployment.crs
    shapes = metric(np.array([row["geometry"] for row in parts], dtype=object), crs)
    buildings, blocks = homes(given, crs)
    made = ground(shapes, buildings[0], blocks[0], largest=largest)
    cells = table(made, given, parts, (buildings[1], blocks[1]), crs)
    borders = pa.table({"tail": made.graph.tail, "head": made.graph.head, "length_m": made.graph.length}).cast(BORDERS)
    lost = [str(buildings[1][row]["code"]) for row in made.lost]
    return keep(store, atlas, cells, borders, lost)


def smallest(given: Sources) -> list[dict[str, Any]]:
    """The micro-grids, and the grids that have none, by code."""
    parents = {row["parent_id"] for row in given.micro_grids}
    bare = [row for row in given.grids if row["place_id"] not in parents]
    return sorted([*given.micro_grids, *bare], key=lambda row: str(row["code"]))


Rows = list[dict[str, Any]]


def homes(given: Sources, crs: str) -> tuple[tuple[Homes, Rows], tuple[Homes, Rows]]:
    """Buildings and blocks with shape and households, each beside its rows."""
    buildings = [row for row in given.buildings if row["geometry"] is not None and (row["households"] or 0) > 0]
    row_of = {row["place_id"]: i for i, row in enumerate(buildings)}
    blocks = [
        row
        for row in given.blocks
        if row["geometry"] is not None and row["parent_id"] in row_of and row["households"] is not None
    ]
    return (
        (_homes(buildings, [row_of[row["place_id"]] for row in buildings], crs), buildings),
        (_homes(blocks, [row_of[row["parent_id"]] for row in blocks], crs), blocks),
    )


def _homes(rows: Rows, building: list[int], crs: str) -> Homes:
    shapes = np.array([row["geometry"] for row in rows], dtype=object)
    if len(rows):
        shapes = metric(shapes, crs)
    return Homes(shapes, np.array([row["households"] for row in rows], np.int64), np.array(building, np.int64))


def table(made: Ground, given: Sources, parts: Rows, rows: tuple[Rows, Rows], crs: str) -> pa.Table:
    """The cells as data/cell_sets.py keeps them. A part without homes has the households it says itself."""
    grids = {row["place_id"]: row for row in given.grids}
    estate_of = {row["place_id"]: row["parent_id"] for row in given.buildings}
    shapes = back(made.shape, crs)
    columns: dict[str, list[Any]] = {field: [] for field in CELLS.names}
    for i in range(len(made.part)):
        part = parts[made.part[i]]
        is_micro = part["place_id"] not in grids
        grid = grids[part["parent_id"]] if is_micro else part
        home = None if made.home[i] == NOBODY else rows[int(made.is_block[i])][made.home[i]]
        building = None if home is None else (home["parent_id"] if made.is_block[i] else home["place_id"])
        values = (
            i,
            part["place_id"] if home is None else home["place_id"],
            ("micro_grid" if is_micro else "grid") if home is None else ("block" if made.is_block[i] else "building"),
            int(part["households"] or 0) if home is None else int(made.households[i]),
            grid["parent_id"],
            None if building is None else estate_of[building],
            grid["place_id"],
            part["place_id"] if is_micro else 0,
            float(shapely.area(made.shape[i])),
            float(shapely.length(made.shape[i])),
            shapely.to_wkb(shapes[i]),
        )
        for field, value in zip(columns, values, strict=True):
            columns[field].append(value)
    return pa.table(columns, schema=CELLS)


def back(shapes: Any, crs: str) -> Any:
    """Metric shapes in EPSG:4326."""
    import geopandas

    return geopandas.GeoSeries(shapes, crs=crs).to_crs(4326).to_numpy()
