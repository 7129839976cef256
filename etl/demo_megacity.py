"""A megacity for the bench: one piece of city laid out twenty times, every other column and row mirrored.

A mirrored neighbour has its vertices on the common border where the piece has them, so the whole tiles as exactly as the
piece does. Names get the word of their quarter before them; codes go on counting by streets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.progress import Progress
from etl.demo_coverage import Floats
from etl.demo_names import vocabulary
from etl.demo_shapes import point_columns
from etl.demo_town import CODE, SCHEMAS
from etl.demo_warp import degrees, metres

COLUMNS, ROWS = 5, 4
# Which table the numbers of a column count into.
_INTO = {
    "street": "streets", "community": "communities", "grid": "grids", "site": "sites", "micro_grid": "micro_grids",
    "estate": "estates", "building": "buildings",
}  # fmt: skip
_LEVELS = {"street": "streets", "community": "communities", "grid": "grids"}
Tables = dict[str, pa.Table]


def repeated(piece: Tables, progress: Progress) -> Tables:
    """The tables of the megacity from those of a rectangular piece."""
    made: dict[str, list[pa.Table]] = {name: [] for name in piece}
    whole = shapely.from_wkb(piece["district"]["geometry"][0].as_py())
    west, south, east, north = shapely.bounds(shapely.transform(whole, metres))
    words = vocabulary()["place"]["streets"]
    for copy in range(COLUMNS * ROWS):
        progress.step("lay out quarters", copy, COLUMNS * ROWS)
        progress.check()
        column, row = copy % COLUMNS, copy // COLUMNS
        shift = ((column - COLUMNS / 2) * (east - west), (ROWS / 2 - 1 - row) * (north - south))
        move = _Move(west, south, east, north, shift, (column % 2 == 1, row % 2 == 1))
        for name, table in piece.items():
            if name not in ("district", "companies"):
                made[name].append(_copied(name, table, piece, copy, words[copy % len(words)], move))
    tables = {name: pa.concat_tables(parts).combine_chunks() for name, parts in made.items() if parts}
    return {**tables, "companies": piece["companies"], "district": _district(piece["district"], tables["streets"])}


class _Move:
    """Where a copy of the piece lies: mirrored or not, then shifted."""

    def __init__(
        self, west: float, south: float, east: float, north: float, shift: tuple[float, float], flip: tuple[bool, bool]
    ) -> None:
        self._low, self._high = np.array([west, south]), np.array([east, north])
        self._flip, self._shift = np.array(flip), np.array(shift) + (self._high - self._low) / 2

    def metres(self, points: Floats) -> Floats:
        """Points of the piece where the copy has them."""
        mirrored = np.where(self._flip, self._low + self._high - points, points)
        found: Floats = np.round(mirrored + self._shift, 2)
        return found

    def __call__(self, points: Floats) -> Floats:
        """The same in degrees."""
        return degrees(self.metres(metres(points)))


def _copied(name: str, table: pa.Table, piece: Tables, copy: int, word: str, move: _Move) -> pa.Table:
    """One copy of a table."""
    given: dict[str, Any] = {column: table[column] for column in table.column_names}
    for column, into in _INTO.items():
        if column in given:
            given[column] = pc.add(given[column], pa.scalar(copy * piece[into].num_rows, pa.int32()))
    if name == "posts":
        steps = {level: copy * piece[into].num_rows for level, into in _LEVELS.items()}
        given["place"] = [
            p + steps[level] for p, level in zip(given["place"].to_pylist(), given["level"].to_pylist(), strict=True)
        ]
    if "code" in given:
        given["code"] = _codes(name, given["code"], copy, piece["streets"].num_rows)
    if name in (
        "streets",
        "communities",
        "grids",
        "micro_grids",
        "estates",
        "sites",
        "base",
        "road_points",
        "facilities",
    ):
        given["name"] = pc.binary_join_element_wise(pa.scalar(word), given["name"], "")
    if "aliases" in given:
        given["aliases"] = [[f"{word}{alias}" for alias in some] for some in given["aliases"].to_pylist()]
    if "address" in given:
        given["address"] = pc.binary_join_element_wise(pa.scalar(word), given["address"], "")
    if "x" in given:
        points = np.column_stack([given["x"].to_numpy(), given["y"].to_numpy()])
        given.update(point_columns(move.metres(points)))
    if "geometry" in given:
        shapes = shapely.transform(shapely.from_wkb(np.array(given["geometry"].to_pylist(), dtype=object)), move)
        given["geometry"] = shapely.to_wkb(shapes).tolist()
    schema = SCHEMAS[name]
    columns = [given[f.name] for f in schema]
    return pa.table(
        [
            c if isinstance(c, (pa.Array, pa.ChunkedArray)) else pa.array(c, f.type)
            for c, f in zip(columns, schema, strict=True)
        ],
        schema=schema,
    )


def _codes(name: str, codes: pa.ChunkedArray, copy: int, streets: int) -> pa.Array | pa.ChunkedArray:
    """Codes of a copy: divisions under a street's new number, everything else with the copy's number in it."""
    if name in ("streets", "communities", "grids", "micro_grids"):
        number = pc.add(
            pc.cast(pc.utf8_slice_codeunits(codes, 6, 9), pa.int32()), pa.scalar(copy * streets, pa.int32())
        )
        text = pc.utf8_lpad(pc.cast(number, pa.string()), 3, "0")
        return pc.binary_join_element_wise(pa.scalar(CODE), text, pc.utf8_slice_codeunits(codes, 9), "")
    letter, rest = pc.utf8_slice_codeunits(codes, 0, 1), pc.utf8_slice_codeunits(codes, 1)
    return pc.binary_join_element_wise(letter, pa.scalar(f"{copy:02d}"), rest, "")


def _district(one: pa.Table, streets: pa.Table) -> pa.Table:
    shapes = shapely.transform(shapely.from_wkb(np.array(streets["geometry"].to_pylist(), dtype=object)), metres)
    whole = shapely.coverage_union_all(shapes)
    row = one.to_pylist()[0]
    point = shapely.get_coordinates(shapely.point_on_surface(whole))
    row |= {key: float(values[0]) for key, values in point_columns(point).items()}
    row |= {"households": sum(streets["households"].to_pylist()), "area_m2": round(whole.area, 1)}
    row |= {"geometry": shapely.to_wkb(shapely.transform(whole, degrees))}
    return pa.Table.from_pylist([row], schema=SCHEMAS["district"])
