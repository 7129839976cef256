"""Where a point or a named place lies in the tree of places: one vectorised pass for any number of rows.

The lowest place wins and everything above it comes from its parents, so that the children of a place and what is
"not located at this level" always add up to the place itself, even where foreign boundaries do not nest. Estates,
buildings and blocks are a branch beside the grids. `located` says how: "point" when the coordinates decided, else the
level of the place the source named, else "none". Who names a building that lies in one micro-grid is in that micro-grid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.levels import LEVELS
from data.progress import Progress
from data.quality import Quality
from data.relocation import relocate_cases
from data.store import Store
from etl.names import normal_name

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]  # positions in the tree; -1: none

ID_LEVELS = ("street", "community", "grid", "micro_grid", "estate", "building", "block")
GRID_SIDE = ("micro_grid", "grid", "community", "street", "district")  # lowest first
ESTATE_SIDE = ("block", "building", "estate")
WHOLE = 0.9  # of an estate, building or block in one grid: then whoever names it is in that grid


@dataclass(frozen=True)
class Located:
    """Where each row lies. table: `located` and the ids by level; the masks are as long as the table.

    outside: a usable point in no polygon; swapped: it lies inside once longitude and latitude are exchanged (and was
    located so); unknown: it names a place of a level that has places, but not this one.
    """

    table: pa.Table
    outside: Masks
    swapped: Masks
    unknown: Masks


class Locator:
    """Built once from the tree of an atlas (data/atlas.py `tree`), used for any number of batches."""

    def __init__(self, tree: pa.Table) -> None:
        self.ids = tree["place_id"].to_numpy().astype(np.int32)
        self.levels: list[str] = tree["level"].to_pylist()
        order = {level: rank for rank, level in enumerate(LEVELS)}
        self._rank = np.array([order[level] for level in self.levels], dtype=np.int8)
        row_of = {int(place): row for row, place in enumerate(self.ids)}
        parents = tree["parent_id"].to_pylist()
        self._parent = np.array([row_of.get(parent, -1) for parent in parents], dtype=np.int32)
        self._chains = {level: self._ancestor(level) for level in ID_LEVELS}
        shapes = shapely.from_wkb(np.array(tree["geometry"].to_pylist(), dtype=object))
        self._layers = {level: _Layer.of(shapes, np.flatnonzero(self._rank == order[level])) for level in LEVELS}
        self._shapes, self._home = shapes, dict[int, int]()
        self._names = _Names(self, tree)

    @property
    def has_shapes(self) -> bool:
        """Whether any place has a boundary; without one no point can lie outside."""
        return any(layer is not None for layer in self._layers.values())

    def locate(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        named_place: pa.Array | pa.ChunkedArray | None = None,
        use_point: Masks | None = None,
    ) -> Located:
        """Locate rows by point where `use_point` (default: wherever there is one), else by the place they name.

        lon, lat: degrees, EPSG:4326, not a number where missing. named_place: "community=…|street=…", lowest first,
        by name or code; null where none.
        """
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        usable = np.isfinite(x) & np.isfinite(y)
        if use_point is not None:
            usable &= use_point
        rows = np.flatnonzero(usable)
        points, back = np.unique(x[rows] + 1j * y[rows], return_inverse=True)
        grid, estate, inside = self._hits(points.real.copy(), points.imag.copy())
        swapped_point = np.zeros(len(points), dtype=bool)
        lost = np.flatnonzero(~inside)
        if len(lost) and self.has_shapes:
            other = self._hits(points.imag[lost].copy(), points.real[lost].copy())
            turned = lost[other[2]]
            swapped_point[turned] = True
            grid[turned], estate[turned] = other[0][other[2]], other[1][other[2]]
        lowest = np.full(len(x), -1, dtype=np.int32)
        beside = np.full(len(x), -1, dtype=np.int32)
        swapped, outside = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
        lowest[rows], beside[rows] = grid[back], estate[back]
        swapped[rows] = swapped_point[back]
        outside[rows] = (~inside & ~swapped_point)[back] & self.has_shapes
        by_point = usable & ~outside
        named, unknown = self._names.find(named_place, len(x))
        by_name = self._finer(named, lowest, beside, by_point)
        estate_side = np.isin(self._rank[named], [LEVELS.index(level) for level in ESTATE_SIDE])
        lowest = np.where(by_name & ~estate_side, named, lowest)
        lowest = np.where(by_name & estate_side & (lowest < 0), self._homes(named, by_name & estate_side), lowest)
        beside = np.where(by_name & estate_side, named, beside)
        return Located(self._table(lowest, beside, by_point, by_name, named), outside, swapped, unknown)

    def _finer(self, named: Rows, lowest: Rows, beside: Rows, by_point: Masks) -> Masks:
        """Where the place named says more than the point: there is no usable point, or it hit only a place above."""
        above = np.where(lowest >= 0, self._rank[lowest], 0)
        fits = np.ones(len(named), dtype=bool)
        for level in GRID_SIDE[:-1]:
            at = above == LEVELS.index(level)
            fits[at] = self._chains[level][named[at]] == lowest[at]
        finer = fits & (self._rank[named] > above) & (beside < 0)
        return (named >= 0) & (self._rank[named] > 0) & (~by_point | finer)

    def _homes(self, named: Rows, wanted: Masks) -> Rows:
        """The micro-grid, else grid, that nearly all of each estate, building or block wanted lies in; -1: none."""
        places, back = np.unique(named[wanted], return_inverse=True)
        fresh = [int(place) for place in places if int(place) not in self._home]
        self._home.update({place: self._home_of(place) for place in fresh})
        homes = np.full(len(named), -1, dtype=np.int32)
        homes[wanted] = np.array([self._home[int(place)] for place in places], dtype=np.int32)[back]
        return homes

    def _home_of(self, place: int) -> int:
        shape = self._shapes[place]
        area = shapely.area(shape) if shape is not None else 0.0
        own = self._chains["community"][place]
        for layer in (self._layers["micro_grid"], self._layers["grid"]):
            if layer is None or not area:
                continue
            for at in layer.index.query(shape, "intersects"):
                row = int(layer.rows[at])
                shared = shapely.area(shapely.intersection(layer.shapes[at], shape)) / area
                if shared >= WHOLE and own in (-1, self._chains["community"][row]):
                    return row
        return -1

    def _hits(self, lon: Floats, lat: Floats) -> tuple[Rows, Rows, Masks]:
        """(lowest place on the grid side, lowest on the estate side, whether in any place) of each point."""
        found = []
        points = shapely.points(lon, lat)
        for side in (GRID_SIDE, ESTATE_SIDE):
            hit = np.full(len(lon), -1, dtype=np.int32)
            for level in side:
                layer, open_rows = self._layers[level], np.flatnonzero(hit < 0)
                if layer is not None and len(open_rows):
                    hit[open_rows] = layer.hit(points[open_rows], lon[open_rows], lat[open_rows])
            found.append(hit)
        return found[0], found[1], (found[0] >= 0) | (found[1] >= 0)

    def _ancestor(self, level: str) -> Rows:
        """For each place the row of the place of `level` it lies in (itself included), -1 where there is none."""
        rank = LEVELS.index(level)
        at = np.arange(len(self.ids), dtype=np.int32)
        for _ in LEVELS:
            climb = (at >= 0) & (self._rank[at] != rank)
            at = np.where(climb, np.where(at >= 0, self._parent[at], -1), at)
        return at

    def _table(self, lowest: Rows, beside: Rows, by_point: Masks, by_name: Masks, named: Rows) -> pa.Table:
        columns: dict[str, Any] = {}
        words = np.array(["none", "point", *LEVELS], dtype=object)
        how = np.where(by_name, self._rank[named] + 2, np.where(by_point, 1, 0)).astype(np.int8)
        columns["located"] = pa.DictionaryArray.from_arrays(how, words).cast(pa.string())
        for level in ID_LEVELS:
            chain = self._chains[level]
            own = beside if level in ESTATE_SIDE else lowest
            row = np.where(own >= 0, chain[own], -1)
            if level in ("community", "street"):
                row = np.where((row < 0) & (beside >= 0), chain[beside], row)
            columns[f"{level}_id"] = pa.array(np.where(row >= 0, self.ids[row], 0), pa.int32(), mask=row < 0)
        return pa.table(columns)


@dataclass(frozen=True)
class _Layer:
    """The polygons of one level with their index."""

    rows: Rows
    shapes: npt.NDArray[Any]
    index: shapely.STRtree

    @staticmethod
    def of(shapes: npt.NDArray[Any], rows: npt.NDArray[np.intp]) -> _Layer | None:
        held = rows[~shapely.is_missing(shapes[rows])]
        if not len(held):
            return None
        shapely.prepare(shapes[held])
        return _Layer(held.astype(np.int32), shapes[held], shapely.STRtree(shapes[held]))

    def hit(self, points: npt.NDArray[Any], lon: Floats, lat: Floats) -> Rows:
        """The place each point lies in, -1: none. On a shared edge or an overlap the first in order of code."""
        point, place = self.index.query(points)
        inside = shapely.intersects_xy(self.shapes[place], lon[point], lat[point])
        first = np.full(len(points), len(self.rows), dtype=np.int64)
        np.minimum.at(first, point[inside], place[inside])
        return np.append(self.rows, np.int32(-1))[first]


class _Names:
    """Places by name, alias and code of each level; an ambiguous name is settled by the higher place named with it."""

    def __init__(self, locator: Locator, tree: pa.Table) -> None:
        self._chains = locator._chains
        self._known: dict[str, dict[str, list[int]]] = {level: defaultdict(list) for level in LEVELS}
        aliases = tree["aliases"].to_pylist()
        for row, (code, name) in enumerate(zip(tree["code"].to_pylist(), tree["name"].to_pylist(), strict=True)):
            spellings = {code, *(normal_name(word) for word in (name, *(aliases[row] or ())))}
            for spelling in sorted(spellings):
                self._known[locator.levels[row]][spelling].append(row)

    def find(self, named_place: pa.Array | pa.ChunkedArray | None, length: int) -> tuple[Rows, Masks]:
        """(row of the place named or -1, whether a named place is unknown) for each of `length` rows."""
        if named_place is None or named_place.null_count == length:
            return np.full(length, -1, dtype=np.int32), np.zeros(length, dtype=bool)
        flat = named_place.combine_chunks() if isinstance(named_place, pa.ChunkedArray) else named_place
        coded = flat if pa.types.is_dictionary(flat.type) else pc.dictionary_encode(flat)
        answers = [self._one(text) for text in coded.dictionary.to_pylist()]
        rows = np.array([*(row for row, _ in answers), -1], dtype=np.int32)
        unknown = np.array([*(wrong for _, wrong in answers), False])
        at = coded.indices.fill_null(len(answers)).to_numpy(zero_copy_only=False)
        return rows[at], unknown[at]

    def _one(self, text: str) -> tuple[int, bool]:
        """The lowest place of "community=…|street=…" that is known and is one place."""
        parts = [part.partition("=")[::2] for part in text.split("|")]
        found: list[tuple[str, list[int]]] = []
        wrong = False
        for level, word in reversed(parts):  # highest first
            known = self._known.get(level)
            if not known or not word:
                continue
            rows = known.get(normal_name(word)) or known.get(word) or []
            for above, held in found:
                if len(held) == 1 and above in self._chains and len(rows) > 1:
                    rows = [row for row in rows if self._chains[above][row] == held[0]] or rows
            wrong |= len(rows) != 1
            if len(rows) == 1:
                found.append((level, rows))
        return (found[-1][1][0] if found else -1), wrong


def case_locator(tree: pa.Table) -> Callable[[pa.Table], pa.Table]:
    """The function that locates stored cases in a tree, as `data/relocation.py` takes it."""
    locator = Locator(tree)

    def locate(cases: pa.Table) -> pa.Table:
        lon, lat = (cases[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
        found = locator.locate(lon, lat, cases["named_place"])
        judged = found.outside * np.int32(Quality.OUTSIDE) | found.unknown * np.int32(Quality.UNKNOWN_PLACE)
        return found.table.append_column("case_id", cases["case_id"]).append_column(
            "judged", pa.array(judged, pa.int32())
        )

    return locate


def relocate(store: Store, progress: Progress | None = None) -> int:
    """Locate the cases in the atlases that places or plans brought since; how many cases were."""
    return relocate_cases(store, case_locator, progress=progress)
