"""Which place a new place lies under, and which places move under it.

The parent is the one whose code (or name) the table gives; else the place of the nearest level that has places in
which most of the area lies; else the district. Foreign places rarely nest, so a place that lies only partly in its
parent is reported, never refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import shapely

from data.levels import PARENTS, PLANNED
from data.nesting import Geometries, nest

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True)
class Parent:
    """What a place lies under. code: null when nothing tells (then a known place keeps its parent)."""

    place_id: int | None
    code: str | None
    share: float | None = None  # of the area inside; null when the code decided
    unknown_code: str | None = None
    skipped: bool = False  # the nearest level that has places has none for this one


@dataclass(frozen=True)
class Level:
    """The places of one level in force on a day."""

    ids: list[int]
    codes: list[str]
    names: list[str]
    shapes: Geometries

    @property
    def by_code(self) -> dict[str, int]:
        """Index by code, and by name where a name is no code and stands once."""
        named = {name: i for i, name in enumerate(self.names) if self.names.count(name) == 1}
        return {**named, **{code: i for i, code in enumerate(self.codes)}}


def places_of(store: Store, level: str, day: date, plan_id: int | None) -> Level:
    """The places of a level in force on a day; grids and micro-grids of one plan."""
    rows = store.rows(
        """SELECT place_id, code, name, ST_AsWKB(geometry) AS geometry FROM place JOIN place_version v USING (place_id)
           WHERE level = $level AND effective_from <= $day AND $day < effective_to
               AND v.plan_id IS NOT DISTINCT FROM $plan ORDER BY code""",
        {"level": level, "day": day, "plan": plan_id if level in PLANNED else None},
    )
    shapes = shapely.from_wkb(np.array([row["geometry"] for row in rows], dtype=object))
    return Level(
        [row["place_id"] for row in rows], [row["code"] for row in rows], [row["name"] for row in rows], shapes
    )


def find_parents(
    store: Store, level: str, rows: list[dict[str, Any]], shapes: Geometries, *, day: date, plan_id: int | None
) -> list[Parent]:
    """The parent of each row (`parent_code` or null) with its geometry; for the district itself: none."""
    above = [(name, places_of(store, name, day, plan_id)) for name in PARENTS[level]]
    above = [(name, places) for name, places in above if places.ids]
    if not above:
        return [Parent(None, None)] * len(rows)
    nearest = above[0][0]
    found: list[Parent | None] = [None] * len(rows)
    indexes = [(name, places, places.by_code) for name, places in above]
    for i, row in enumerate(rows):
        code = row.get("parent_code")
        for name, places, index in indexes if code else ():
            if code in index:
                at = index[code]
                found[i] = Parent(places.ids[at], places.codes[at], skipped=name != nearest)
                break
    for name, places in above[:-1]:
        open_rows = np.array([i for i, parent in enumerate(found) if parent is None], dtype=np.intp)
        best, share = nest(shapes[open_rows], places.shapes, store.deployment.crs)
        for i, at, part in zip(open_rows.tolist(), best.tolist(), share.tolist(), strict=True):
            if at >= 0:
                unknown = rows[i].get("parent_code")
                found[i] = Parent(places.ids[at], places.codes[at], part, unknown, skipped=name != nearest)
    root = above[-1][1]
    skipped = nearest != above[-1][0]
    return [
        parent
        or Parent(
            root.ids[0],
            None if shapes[i] is None and not rows[i].get("parent_code") else root.codes[0],
            None,
            rows[i].get("parent_code"),
            skipped=skipped,
        )
        for i, parent in enumerate(found)
    ]


# Versions of lower levels that hold on or after a day under a level above this one, though this level could hold them.
_PASSED_OVER = """SELECT v.place_id, v.effective_from, v.plan_id, ST_AsWKB(v.geometry) AS geometry
    FROM place_version v JOIN place p USING (place_id) JOIN place up ON up.place_id = v.parent_id
    WHERE v.effective_to > $day AND v.geometry IS NOT NULL AND list_contains($children, p.level)
        AND list_contains($above, up.level)"""

ADOPTED: pa.Schema = pa.schema(
    [
        ("place_id", pa.int32()),
        ("effective_from", pa.date32()),
        ("plan_id", pa.int32()),
        ("parent_code", pa.string()),
        ("day", pa.date32()),
    ]
)


def adoptions(store: Store, level: str, versions: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    """Places that came before their parents: those of lower levels that lie in one of these and hang above it.

    versions: code and geometry (WKB) of the places of `level` about to be written. Rows of ADOPTED.
    """
    children = [name for name, above in PARENTS.items() if level in above]
    if not children or not any(version["geometry"] for version in versions):
        return []
    rows = store.rows(_PASSED_OVER, {"day": day, "children": children, "above": list(PARENTS[level])})
    inner = shapely.from_wkb(np.array([row.pop("geometry") for row in rows], dtype=object))
    outer = shapely.from_wkb(np.array([version["geometry"] for version in versions], dtype=object))
    best, _ = nest(inner, outer, store.deployment.crs)
    return [
        {**row, "parent_code": versions[at]["code"], "day": day}
        for row, at in zip(rows, best.tolist(), strict=True)
        if at >= 0
    ]


def adopt(con: duckdb.DuckDBPyConnection, level: str, adopted: list[dict[str, Any]]) -> None:
    """Hang the versions of `adopted` under their new parents from the day on; part of a transaction."""
    if not adopted:
        return
    con.register("adopted", pa.Table.from_pylist(adopted, schema=ADOPTED))
    spanning = """v.place_id = a.place_id AND v.plan_id IS NOT DISTINCT FROM a.plan_id
                  AND v.effective_from = a.effective_from AND v.effective_from < a.day"""
    con.execute(
        f"""INSERT INTO place_version SELECT v.* REPLACE (a.day AS effective_from)
            FROM place_version v JOIN adopted a ON {spanning}"""
    )
    con.execute(f"UPDATE place_version v SET effective_to = a.day FROM adopted a WHERE {spanning}")
    con.execute(
        """UPDATE place_version v SET parent_id = p.place_id FROM adopted a JOIN place p ON p.code = a.parent_code
           WHERE p.level = $level AND v.place_id = a.place_id AND v.plan_id IS NOT DISTINCT FROM a.plan_id
               AND v.effective_from = greatest(a.effective_from, a.day)""",
        {"level": level},
    )
    con.unregister("adopted")
