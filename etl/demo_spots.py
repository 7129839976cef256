"""Where tickets of the demo happen: every entrance and every public spot of a store's places, as columns.

It is read from the store, not from the town that was drawn, so that the running simulation, years after the drawing, stands
on the same ground as the year that was written with it. A store without blocks takes its buildings,
else its micro-grids; one without a base map takes points along the edges of its micro-grids, which follow the streets.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyproj import Transformer

from data.atlas import atlas_on, tree
from data.base_map import features
from data.figure_places import named
from data.levels import LEVELS
from data.store import Store

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

STEP = 60.0  # metres between spots along a road
TOWER = 60  # households of a building from which it has a lift
# The kinds of a site where something of the pool is found.
SITES = {
    "market": ("mall", "market", "station"),
    "green": ("park", "riverside", "green", "hill"),
    "office": ("office", "industry", "campus", "hospital", "school", "mall"),
    "works": ("industry", "office"),
}


@dataclass(frozen=True)
class Places:
    """The places of one level: ids, codes, names, and the row of the place above in its own table (-1: none)."""

    ids: Rows
    codes: list[str]
    names: list[str]
    above: Rows


@dataclass(frozen=True)
class Ground:
    """Points where things happen (homes first, then spots), and the places they belong to.

    kind of a point: home, road, green, market, office, works. low: how soon it is under water, 0 to about 1.
    """

    kind: npt.NDArray[np.str_]
    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    households: Floats
    tower: npt.NDArray[np.bool_]
    low: Floats
    estate: Rows
    community: Rows
    code: list[str]  # of the home; empty for a spot
    building: list[str]  # code of its building; empty where there is none
    numbers: Rows  # of building and entrance, 3 and 2 of 3号楼2单元; 0 where there is none
    streets: Places
    communities: Places
    estates: Places  # above: the community
    sole: npt.NDArray[np.bool_]  # whether the home is the only block of its entrance, so that 3号楼2单元 means it
    estate_aliases: list[list[str]]
    estate_kind: list[str | None]
    estate_old: npt.NDArray[np.bool_]
    company: Rows  # of each estate, -1: none
    companies: Places
    district: int  # place id

    @property
    def street(self) -> Rows:
        """The street of each point."""
        return self.communities.above[self.community]


def read_ground(store: Store) -> Ground:
    """The ground of a store, always in the same order."""
    return _Reader(store, tree(store, atlas_on(store).atlas_id)).ground()


class _Reader:
    """The tree as columns, taken apart by level."""

    def __init__(self, store: Store, table: pa.Table) -> None:
        self._store, self._table = store, table
        self._level = np.array(table["level"].to_pylist(), dtype=object)
        self._ids = table["place_id"].to_numpy()
        self._codes, self._names = table["code"].to_pylist(), table["name"].to_pylist()
        row_of = {int(place): row for row, place in enumerate(self._ids)}
        self._parent = np.array([row_of.get(place, -1) for place in table["parent_id"].to_pylist()], dtype=np.int64)
        self._turn = Transformer.from_crs("EPSG:4326", store.deployment.crs, always_xy=True)

    def ground(self) -> Ground:
        streets, communities = self._places("street", "district"), self._places("community", "street")
        estates, companies = self._places("estate", "community"), named(self._store, "company")
        homes, households, tower = self._homes()
        shapes = self._shapes(homes)
        points = shapely.point_on_surface(shapes)
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        x, y = self._turn.transform(lon, lat)
        spots = self._spots()
        kind = np.concatenate([np.full(len(x), "home"), *(np.full(len(p), k) for k, p in spots.items())])
        sx, sy = np.concatenate(list(spots.values()) or [np.empty((0, 2))]).T
        back = Transformer.from_crs(self._store.deployment.crs, "EPSG:4326", always_xy=True)
        slon, slat = back.transform(sx, sy)
        all_x, all_y = np.concatenate([x, sx]), np.concatenate([y, sy])
        all_lon, all_lat = np.concatenate([lon, slon]), np.concatenate([lat, slat])
        community = self._community_of(all_lon, all_lat)
        keep = community >= 0
        estate_rows = np.flatnonzero(self._level == "estate")
        pad = len(sx)
        estate = np.concatenate([self._estate_of(homes, lon, lat), np.full(pad, -1)])
        company_row = {int(place): row for row, place in enumerate(companies.ids)}
        managed, aliases, kinds, old = (
            self._values(name, estate_rows) for name in ("company_id", "aliases", "kind", "old")
        )
        return Ground(
            kind=kind[keep],
            lon=all_lon[keep],
            lat=all_lat[keep],
            x=all_x[keep],
            y=all_y[keep],
            households=np.concatenate([households, np.zeros(pad)])[keep],
            tower=np.concatenate([tower, np.zeros(pad, bool)])[keep],
            low=self._low(all_x, all_y)[keep],
            estate=estate[keep],
            community=community[keep],
            code=_kept([self._codes[row] for row in homes], keep),
            building=_kept([self._codes[row] if row >= 0 else "" for row in self._ancestor(homes, "building")], keep),
            numbers=np.vstack([self._numbers(homes), np.zeros((pad, 2), np.int64)])[keep],
            streets=streets,
            communities=communities,
            estates=estates,
            sole=np.concatenate([self._sole(homes), np.zeros(pad, bool)])[keep],
            estate_aliases=[names or [] for names in aliases],
            estate_kind=kinds,
            estate_old=np.array([bool(one) for one in old]),
            company=np.array([company_row.get(one, -1) for one in managed], dtype=np.int64),
            companies=Places(companies.ids, [str(c) for c in companies.codes], companies.names, np.empty(0, np.int64)),
            district=int(self._ids[np.flatnonzero(self._level == "district")[0]]),
        )

    def _numbers(self, homes: Rows) -> Rows:
        """Number of building and entrance of homes, as their names tell them."""
        buildings = self._ancestor(homes, "building")
        pairs = zip(buildings, homes, strict=True)
        return np.array([[_number(self._names[b]) if b >= 0 else 0, _number(self._names[h])] for b, h in pairs])

    def _sole(self, homes: Rows) -> npt.NDArray[np.bool_]:
        entrance = self._ancestor(homes, "building") * 1000 + self._numbers(homes)[:, 1]
        _, which, count = np.unique(entrance, return_inverse=True, return_counts=True)
        return np.asarray(count[which] == 1)

    def _shapes(self, rows: Rows) -> Any:
        return shapely.from_wkb(np.array(self._values("geometry", rows), dtype=object))

    def _values(self, name: str, rows: Rows) -> list[Any]:
        return self._table[name].take(pa.array(rows, pa.int64())).to_pylist()  # type: ignore[no-any-return]

    def _places(self, level: str, above: str) -> Places:
        rows = np.flatnonzero(self._level == level)
        upper = np.flatnonzero(self._level == above)
        place = np.full(len(self._level) + 1, -1)
        place[upper] = np.arange(len(upper))
        return Places(
            self._ids[rows].astype(np.int64),
            [self._codes[row] for row in rows],
            [self._names[row] for row in rows],
            place[self._ancestor(rows, above)],
        )

    def _ancestor(self, rows: Rows, level: str) -> Rows:
        """The row of the place of a level that each lies in, itself included; -1 where there is none."""
        at = rows.copy()
        for _ in LEVELS:
            climb = (at >= 0) & (self._level[at] != level)
            at = np.where(climb, np.where(at >= 0, self._parent[at], -1), at)
        return at

    def _homes(self) -> tuple[Rows, Floats, npt.NDArray[np.bool_]]:
        """Rows of the lowest places with homes, their households, and whether there is a lift."""
        there = next(level for level in ("block", "building", "micro_grid", "grid") if (self._level == level).any())
        rows = np.flatnonzero((self._level == there) & self._drawn())
        households = np.array([count or 1 for count in self._values("households", rows)], dtype=np.float64)
        building = self._ancestor(rows, "building")
        total = np.bincount(np.where(building < 0, 0, building), households, len(self._level) + 1)
        return rows, households, (building >= 0) & (total[building] >= TOWER) if there == "block" else households > 55

    def _drawn(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self._table["geometry"].is_valid().to_numpy(zero_copy_only=False))

    def _estate_of(self, homes: Rows, lon: Floats, lat: Floats) -> Rows:
        rows = np.flatnonzero(self._level == "estate")
        place = np.full(len(self._level) + 1, -1)
        place[rows] = np.arange(len(rows))
        found = place[self._ancestor(homes, "estate")]
        drawn = rows[self._drawn()[rows]]
        hit = self._hit(drawn, lon, lat)
        return np.where((found < 0) & (hit >= 0), place[drawn[hit]] if len(drawn) else -1, found)

    def _community_of(self, lon: Floats, lat: Floats) -> Rows:
        return self._hit(np.flatnonzero(self._level == "community"), lon, lat)

    def _hit(self, rows: Rows, lon: Floats, lat: Floats) -> Rows:
        """Which of some places holds each point, -1 where none does."""
        found = np.full(len(lon), -1)
        if len(rows):
            points, owners = shapely.STRtree(self._shapes(rows)).query(shapely.points(lon, lat), "intersects")
            found[points[::-1]] = owners[::-1]
        return found

    def _spots(self) -> dict[str, Floats]:
        """Points of each kind, in metres, in the order of the base map."""
        base = features(self._store, ("road", "park", "site"))
        kinds, themes = np.array(base["kind"].to_pylist()), np.array(base["theme"].to_pylist())
        shapes = self._metres(shapely.from_wkb(np.array(base["geometry"].to_pylist(), dtype=object)))
        roads = shapes[themes == "road"] if len(shapes) else self._edges()
        spots = {"road": _along(roads)}
        for name, wanted in SITES.items():
            chosen = shapes[np.isin(kinds, wanted) & (themes != "road")] if len(shapes) else shapes
            inside = chosen[shapely.get_dimensions(chosen) == 2]
            spots[name] = _inside(inside) if len(inside) else spots["road"][:: 7 + len(spots)]
        return spots

    def _edges(self) -> Any:
        """Edges of micro-grids, drawn in a little, where there is no base map."""
        there = next(level for level in ("micro_grid", "grid", "community") if (self._level == level).any())
        shapes = self._metres(self._shapes(np.flatnonzero((self._level == there) & self._drawn())))
        return shapely.boundary(shapely.buffer(shapes, -2.0))

    def _metres(self, shapes: Any) -> Any:
        return shapely.transform(shapes, self._turn.transform, interleaved=False)

    def _low(self, x: Floats, y: Floats) -> Floats:
        """Near water, or in a hollow: a smooth field of the ground itself, the same for every seed."""
        u, v = (x - np.floor(x.min() / 1000) * 1000) / 1000, (y - np.floor(y.min() / 1000) * 1000) / 1000
        field = np.sin(2.3 * u + 0.7 * v) * np.sin(1.9 * v - 0.4 * u) + 0.6 * np.sin(5.1 * u - 3.3 * v + 1.0)
        hollow = np.clip((field - 0.95) / 0.5, 0, 1)
        water = self._metres(
            shapely.from_wkb(np.array(features(self._store, ("water",))["geometry"].to_pylist(), dtype=object))
        )
        if not len(water):
            return np.asarray(hollow)
        near = shapely.STRtree(water).query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)[1]
        return np.asarray(np.maximum(hollow, np.exp(-near / 150.0)))


def _kept(codes: list[str], keep: npt.NDArray[np.bool_]) -> list[str]:
    """The codes of homes that are kept, then empty ones for spots."""
    kept = keep.tolist()
    return [code for code, wanted in zip([*codes, *[""] * (len(kept) - len(codes))], kept, strict=True) if wanted]


def _number(name: str) -> int:
    found = re.match(r"(\d+)(?:号楼|栋|单元|段)", name)
    return int(found[1]) if found else 0


def _along(lines: Any) -> Floats:
    """Points every STEP metres along lines."""
    parts = shapely.get_parts(lines)
    length = shapely.length(parts)
    count = np.maximum(1, np.floor(length / STEP)).astype(np.int64)
    which = np.repeat(np.arange(len(parts)), count)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    points = shapely.line_interpolate_point(parts[which], (nth + 0.5) * length[which] / count[which])
    return np.asarray(shapely.get_coordinates(points))


def _inside(shapes: Any) -> Floats:
    """Some points inside each area: its middle, and more towards its corners the larger it is."""
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    found = []
    for shape, centre in zip(shapes, middle, strict=True):
        corners = shapely.get_coordinates(shape)
        wanted = min(12, 1 + int(math.sqrt(shape.area) / 60))
        picked = corners[:: max(1, len(corners) // wanted)][:wanted]
        points = np.vstack([centre, centre + (picked - centre) * 0.6])
        found.append(points[shapely.contains_xy(shape, points)])
    return np.concatenate(found)
