"""What an area holds when something is ordered there: its grids, who lives in them, which posts are on duty, what they have in hand.

An area is drawn (data/areas.py), chosen as places, or both; all of it together. Grids that an outline only brushes against are
found too, with the share of them that lies inside, and whoever orders decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from data.areas import Area
from data.atlas import Atlas, atlas_on
from data.errors import NotFound, QuestionError
from data.figure_places import Places, ground
from data.nesting import metric

if TYPE_CHECKING:
    from data.store import Store

LEVELS = ("grid", "community", "street")  # whom an order goes to: the lowest there is
BRUSHED = 0.05  # of less than this share inside, an outline only brushes against a grid
LEAST = 0.001  # of less, it is the roughness of the outline
CORNERS = 72  # of a circle
FARTHEST = 50_000.0  # metres
_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Reached:
    """A grid of an area. share: of its ground that lies inside; within: the place above it.

    required, actual, on_duty: its posts, null where none are known; in_hand: parts of orders that have not ended there.
    """

    place_id: int
    code: str
    name: str
    within: str
    share: float
    households: float | None
    required: int | None
    actual: int | None
    on_duty: int | None
    in_hand: int

    @property
    def brushed(self) -> bool:
        """Whether the outline only brushes against it."""
        return self.share < BRUSHED


def circle(lon: float, lat: float, metres: float) -> list[tuple[float, float]]:
    """The outline of all that lies so many metres around a point. Raises QuestionError."""
    if not 0 < metres <= FARTHEST or not (abs(lon) <= 180 and abs(lat) <= 90):
        raise QuestionError("a circle has a point on the earth and a radius of up to 50 km.", where="area")
    turns = np.linspace(0, 360, CORNERS, endpoint=False)
    around = np.full(CORNERS, metres)
    lons, lats, _ = _GEOD.fwd(np.full(CORNERS, lon), np.full(CORNERS, lat), turns, around)
    return list(zip(lons.tolist(), lats.tolist(), strict=True))


def level_of_orders(store: Store) -> str:
    """The level orders go to: grids, where there are none the lowest above. Raises NotFound."""
    places = _now(store)[1]
    for level in LEVELS:
        if len(places.listing(level).ids):
            return level
    raise NotFound("there are no grids yet.", todo="Import places first.")


def reached(store: Store, kind: str, area: Area | None = None, place_ids: Sequence[int] = ()) -> list[Reached]:
    """The grids of an area, in order of their codes; `kind`: of the orders that count as in hand."""
    atlas, places = _now(store)
    level = level_of_orders(store)
    shares = _met(store, atlas, level, area) if area is not None else {}
    shares |= {grid: 1.0 for place in place_ids for grid in _inside(places, level, place)}
    grids = sorted(shares, key=lambda grid: str(places.code[places.row_of[grid]]))
    homes = places.households_of(np.array(grids, np.int64))
    posts, busy = _posts(store, atlas, grids), _in_hand(store, atlas, kind, level)
    return [
        _reached(places, grid, shares[grid], float(n), posts.get(grid), busy.get(grid, 0))
        for grid, n in zip(grids, homes, strict=True)
    ]


def _now(store: Store) -> tuple[Atlas, Places]:
    atlas = atlas_on(store)
    return atlas, ground(store, "period_end", atlas.effective_from).places


def _reached(
    places: Places, grid: int, share: float, homes: float, posts: tuple[int, int, int] | None, busy: int
) -> Reached:
    row = places.row_of[grid]
    above = int(places.parent[row])
    within = str(places.name[above]) if above >= 0 else ""
    required, actual, on_duty = posts or (None, None, None)
    return Reached(
        place_id=grid,
        code=str(places.code[row]),
        name=str(places.name[row]),
        within=within,
        share=share,
        households=None if isnan(homes) else homes,
        required=required,
        actual=actual,
        on_duty=on_duty,
        in_hand=busy,
    )


def _inside(places: Places, level: str, place: int) -> list[int]:
    """The grids inside a place; the one that holds a place below it."""
    if place not in places.row_of:
        raise NotFound("there is no such place now.", where=f"place {place}")
    found = places.listing(level, within=place).ids.tolist()
    row = places.row_of[place]
    while not found and row >= 0:
        if places.level[row] == level:
            return [int(places.ids[row])]
        row = int(places.parent[row])
    return [int(grid) for grid in found]


def _met(store: Store, atlas: Atlas, level: str, area: Area) -> dict[int, float]:
    """place_id → the share of it that lies in the area, of all the area meets with more than its edge."""
    found = store.arrow(
        """SELECT v.place_id, ST_AsWKB(v.geometry)::BLOB AS geometry FROM place_version v JOIN place p USING (place_id)
           WHERE p.level = $level AND v.effective_from <= $day AND $day < v.effective_to
             AND (v.plan_id IS NULL OR v.plan_id = $plan) AND v.geometry IS NOT NULL
             AND ST_Intersects(v.geometry, ST_GeomFromWKB($area))""",
        {"level": level, "day": atlas.effective_from, "plan": atlas.plan_id, "area": area.wkb},
    )
    crs = store.deployment.crs
    shapes = metric(shapely.from_wkb(found.column("geometry").to_numpy(zero_copy_only=False)), crs)
    drawn = metric(np.array([area.shape]), crs)[0]
    shares = shapely.area(shapely.intersection(shapes, drawn)) / shapely.area(shapes)
    ids = found.column("place_id").to_pylist()
    return {place: min(1.0, float(share)) for place, share in zip(ids, shares, strict=True) if share > LEAST}


def _posts(store: Store, atlas: Atlas, grids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """grid → (required, actual, on duty) of its posts and of those of the micro-grids in it."""
    rows = store.rows(
        """WITH held AS (SELECT grid AS place_id, grid FROM grids
               UNION ALL SELECT v.place_id, v.parent_id FROM place_version v JOIN place p USING (place_id)
               WHERE p.level = 'micro_grid' AND v.parent_id IN (SELECT grid FROM grids)
                 AND v.effective_from <= $day AND $day < v.effective_to AND v.plan_id IS NOT DISTINCT FROM $plan)
           SELECT grid, coalesce(sum(required), 0)::INTEGER AS required, coalesce(sum(actual), 0)::INTEGER AS actual,
               coalesce(sum(on_duty), 0)::INTEGER AS on_duty
           FROM held JOIN post USING (place_id) WHERE post.effective_from <= $today AND $today < post.effective_to
           GROUP BY grid""",
        {"day": atlas.effective_from, "plan": atlas.plan_id, "today": store.now().astimezone(store.zone).date()},
        grids=pa.table({"grid": pa.array(list(grids), pa.int32())}),
    )
    return {row["grid"]: (row["required"], row["actual"], row["on_duty"]) for row in rows}


def _in_hand(store: Store, atlas: Atlas, kind: str, level: str) -> dict[int, int]:
    rows = store.rows(
        f"""SELECT {level}_id AS grid, count(*) AS n FROM case_hot c
            JOIN case_place p ON p.case_id = c.case_id AND p.atlas_id = $atlas
            WHERE c.kind = $kind AND c.parent_case_id IS NOT NULL AND c.stage NOT IN ('closed', 'voided')
                AND {level}_id IS NOT NULL GROUP BY 1""",
        {"atlas": atlas.atlas_id, "kind": kind},
    )
    return {row["grid"]: row["n"] for row in rows}
