"""A community of two grids in a row, four cells each of 100 households, for the tests of drafts.

cells     0 1 | 2 3 | 4 5 | 6 7        west to east, each 0.01° wide
grid      G1        | G2               400 households each
micro     M1  | M2  | M3  | M4         200 each
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import shapely

from data.actors import LEADER, PLANNER, Actor, Grant
from data.atlas import atlas_on
from data.cell_sets import BORDERS, CELLS, keep
from data.drafts import make_draft
from data.nesting import metric
from data.store import Store
from tests.data.builder import put

WEST, SOUTH, SIDE = 113.0, 34.0, 0.01
COMMUNITY = "990100001001"
PLANNING = Actor("person", "planner", "规划岗", (Grant(PLANNER),))
SECOND = Actor("person", "second", "规划二岗", (Grant(PLANNER),))
LEADING = Actor("person", "leader", "区领导", (Grant(LEADER),))


def box(first: int, count: int = 1) -> bytes:
    """The ground of some cells."""
    west = WEST + first * SIDE
    return bytes(shapely.to_wkb(shapely.box(west, SOUTH, west + count * SIDE, SOUTH + SIDE)))


def town(store: Store) -> int:
    """Put the places; the id of the set of cells."""
    put(store, "street", [{"code": "990100001", "name": "一街", "geometry": box(0, 8)}])
    put(
        store, "community", [{"code": COMMUNITY, "name": "青松社区", "parent_code": "990100001", "geometry": box(0, 8)}]
    )
    grids = [
        {"code": f"{COMMUNITY}00{i + 1}", "name": f"青松第{i + 1}网格", "households": 400, "geometry": box(4 * i, 4)}
        for i in range(2)
    ]
    put(store, "grid", grids)
    micro = [
        {
            "code": f"{COMMUNITY}00{1 + i // 2}0{1 + i % 2}",
            "name": f"微{i + 1}",
            "households": 200,
            "geometry": box(2 * i, 2),
        }
        for i in range(4)
    ]
    put(store, "micro_grid", micro)
    return cells(store)


def ids(store: Store) -> dict[str, int]:
    """Place ids by code."""
    return {row["code"]: row["place_id"] for row in store.rows("SELECT code, place_id FROM place")}


def cells(store: Store) -> int:
    """Eight cells over the plan in force."""
    known = ids(store)
    rows: list[dict[str, Any]] = []
    for i in range(8):
        outline = metric(shapely.from_wkb([box(i)]), store.deployment.crs)[0]
        grid = f"{COMMUNITY}00{1 + i // 4}"
        rows.append(
            {
                "cell": i,
                "level": "building",
                "households": 100,
                "community_id": known[COMMUNITY],
                "grid": known[grid],
                "micro": known[f"{grid}0{1 + i % 4 // 2}"],
                "area_m2": outline.area,
                "perimeter_m": outline.length,
                "geometry": box(i),
            }
        )
    borders = [{"tail": i, "head": i + 1, "length_m": 1109.0} for i in range(7)]
    return keep(
        store,
        atlas_on(store, date(2026, 1, 1)),
        pa.Table.from_pylist(rows, schema=CELLS),
        pa.Table.from_pylist(borders, schema=BORDERS),
        [],
    )


def drafted(store: Store) -> tuple[int, int, int]:
    """A draft of the town: its id, and the place ids of the two grids."""
    draft_id = make_draft(store, "草案", town(store), "standard", PLANNING)
    known = ids(store)
    return draft_id, known[f"{COMMUNITY}001"], known[f"{COMMUNITY}002"]
