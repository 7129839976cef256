"""A small town with shapes for the screens: the hand-drawn district of tests/data/builder.py, drawn as squares.

    C1 (G1 | G2)   C3 (G4)
    C2 (G3)

Each grid is 0.01° wide. Cases of March 2024: on G1 eight closed on time and two late, on G2 five closed on time and five
overdue, on G3 three open, one case nowhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import shapely

from data.settings import Settings
from data.store import Store
from tests.data.builder import put, take

WEST, SOUTH, SIDE = 118.30, 35.00, 0.01
SQUARES = {"G1": (0, 1, 1), "G2": (1, 1, 1), "G3": (0, 0, 2), "G4": (2, 0, 1)}  # column, line, width


def square(name: str) -> shapely.Polygon:
    """The shape of a grid."""
    column, line, width = SQUARES[name]
    west, south = WEST + column * SIDE, SOUTH + line * SIDE
    north = south + (2 * SIDE if name == "G4" else SIDE)
    return shapely.box(west, south, west + width * SIDE, north)


def build(settings: Settings) -> None:
    """The town's store in the settings' home."""
    with Store.create(
        settings.home,
        name="青禾区",
        code="990101",
        zone="Asia/Shanghai",
        crs="EPSG:4548",
        simulated=True,
        settings=settings,
    ) as store:
        places(store)
        take(store, *cases())


def places(store: Store) -> None:
    """Streets, communities and grids with their shapes."""
    shapes = {"C1": ("G1", "G2"), "C2": ("G3",), "C3": ("G4",), "S1": ("G1", "G2", "G3"), "S2": ("G4",)}
    wkb = {code: shapely.union_all([square(g) for g in grids]).wkb for code, grids in shapes.items()}
    wkb |= {grid: square(grid).wkb for grid in SQUARES}
    names = {"S1": "北门街道", "S2": "河东街道", "C1": "青松社区", "C2": "南埠社区", "C3": "河东社区"}
    put(store, "street", [{"code": s, "name": names[s], "geometry": wkb[s]} for s in ("S1", "S2")])
    communities = (("C1", "S1"), ("C2", "S1"), ("C3", "S2"))
    put(
        store,
        "community",
        [{"code": c, "name": names[c], "parent_code": s, "geometry": wkb[c]} for c, s in communities],
    )
    grids = (("G1", "C1", 100), ("G2", "C1", 300), ("G3", "C2", 180), ("G4", "C3", 250))
    put(
        store,
        "grid",
        [
            {"code": g, "name": f"第{g[1]}网格", "parent_code": c, "households": n, "geometry": wkb[g]}
            for g, c, n in grids
        ],
    )


def cases() -> list[dict[str, Any]]:
    """Twenty-four cases of March 2024."""
    made = [_case("G1", i, closed=i + 3 if i < 8 else i + 15, due=i + 10) for i in range(10)]
    made += [_case("G2", i, closed=i + 2 if i < 5 else None, due=i + 9) for i in range(10)]
    made += [_case("G3", i, closed=None, due=None) for i in range(3)]
    return [*made, {**_case("G1", 20, closed=None, due=None), "id": "nowhere", "at": "", "lon": None, "lat": None}]


def _case(grid: str, i: int, *, closed: int | None, due: int | None) -> dict[str, Any]:
    first = date(2024, 3, 1)
    x, y = square(grid).centroid.coords[0]
    case: dict[str, Any] = {
        "id": f"{grid}-{i:02d}",
        "at": grid,
        "reported": f"03-{1 + i:02d} 09:00",
        "channel": "12345",
        "track": "livelihood",
        "category_name": "=路灯" if i == 0 else "占道经营",
        "unit_name": "城管中队",
        "lon": x + i / 5000,
        "lat": y,
    }
    if due is not None:
        case["due"] = f"{first + timedelta(days=due)} 18:00"
    if closed is not None:
        case |= {"closed": f"{first + timedelta(days=closed)} 12:00", "stage": "closed"}
    return case
