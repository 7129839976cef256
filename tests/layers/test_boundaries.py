from __future__ import annotations

import gzip
import json

import numpy as np
import pyarrow as pa
import pytest
import shapely

from data.errors import NotFound
from layers.boundaries import made_of, part
from layers.codec import decode


def places(shapes: list[shapely.Geometry | None]) -> pa.Table:
    return pa.table(
        {
            "code": [f"G{i}" for i in range(len(shapes))],
            "name": [f"网格{i}" for i in range(len(shapes))],
            "geometry": pa.array([None if s is None else shapely.to_wkb(s) for s in shapes], pa.binary()),
        }
    )


def wavy() -> list[shapely.Polygon]:
    """Two squares that share a wavy border of 200 points."""
    y = np.linspace(0, 0.02, 200)
    border = list(zip(0.01 + 0.0004 * np.sin(y * 1500), y, strict=True))
    return [shapely.Polygon([(0, 0), *border, (0, 0.02)]), shapely.Polygon([*border, (0.02, 0.02), (0.02, 0)])]


def test_places_become_polygons_with_code_and_name_in_one_order() -> None:
    made = made_of(places([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]), "grid")
    assert json.loads(gzip.decompress(made.names)) == {"codes": ["G0", "G1"], "names": ["网格0", "网格1"]}
    assert len(decode(made.geometry).ring_start) == 3
    assert (made.n, made.bounds) == (2, (0, 0, 2, 1))


def test_neighbours_share_their_border() -> None:
    cells = decode(made_of(places(wavy()), "grid").geometry)
    assert len(cells.arc_start) - 1 == 3  # the border, and what is left of each ring
    assert len(cells.x) == 200 + 4 + 4


def test_the_address_is_the_content() -> None:
    one, same = made_of(places(wavy()), "grid"), made_of(places(wavy()), "grid")
    other = made_of(places(wavy()[:1]), "grid")
    assert one.digest == same.digest != other.digest
    assert part(one, one.digest, "cells.bin") == one.geometry
    assert part(one, one.digest, "names.json") == one.names
    with pytest.raises(NotFound):
        part(one, other.digest, "cells.bin")
    with pytest.raises(NotFound):
        part(one, one.digest, "finest.json")


def test_values_stand_in_the_order_of_the_polygons() -> None:
    made = made_of(places([shapely.box(i, 0, i + 1, 1) for i in range(4)]), "grid")
    assert made.column(["G3", "G0", "G1", "elsewhere"], np.array([2, 0, 254, 1]), 255, "u1") == bytes([0, 254, 255, 2])
    assert np.frombuffer(made.column(["G2"], np.array([7]), 0, "<u4"), "<u4").tolist() == [0, 0, 7, 0]


def test_places_known_by_name_only_are_counted_not_drawn() -> None:
    made = made_of(places([None, shapely.box(0, 0, 1, 1)]), "community")
    assert (made.n, made.without_shape, made.codes) == (1, 1, ("G1",))


def test_no_shape_at_all_is_an_empty_layer() -> None:
    made = made_of(places([None]), "community")
    assert (made.n, made.bounds, made.around(["G0"], np.array([5]))) == (0, None, None)


def test_what_a_repair_left_beside_the_polygons_is_not_drawn() -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(1, 1), (2, 2)])])
    made = made_of(places([mixed, shapely.box(1, 0, 2, 1)]), "grid")
    assert decode(made.geometry).ring_start.tolist() == [0, 1, 2]


def test_the_first_view_leaves_stray_cases_out() -> None:
    made = made_of(places([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(50, 0, 51, 1)]), "grid")
    assert made.around(["G0", "G1", "G2"], np.array([600, 500, 1])) == (0, 0, 2, 1)
    assert made.around(["G0", "G1", "G2"], np.array([6, 5, 1])) == (0, 0, 51, 1)
    assert made.around([], np.array([])) == (0, 0, 51, 1)
