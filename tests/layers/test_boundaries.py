from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
import shapely

from data.errors import NotFound
from layers.boundaries import DETAILS, MOST, body, encode


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


def test_places_become_features_with_code_and_name() -> None:
    made = encode(places([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]), "grid")
    found = json.loads(made.bodies["fine"])
    assert [(f["id"], f["properties"]["name"]) for f in found["features"]] == [("G0", "网格0"), ("G1", "网格1")]
    assert (made.n, made.bounds, made.too_many) == (2, (0, 0, 2, 1), False)


def test_neighbours_keep_their_border_when_simplified() -> None:
    made = encode(places(wavy()), "grid")
    first, second = (shapely.geometry.shape(f["geometry"]) for f in json.loads(made.bodies["coarse"])["features"])
    assert shapely.get_num_coordinates(first) < 60
    assert first.intersection(second).area == pytest.approx(0, abs=1e-12)
    assert shapely.union(first, second).area == pytest.approx(first.area + second.area, rel=1e-9)
    assert len(shapely.union(first, second).interiors) == 0


def test_finer_is_larger() -> None:
    sizes = [len(encode(places(wavy()), "grid").bodies[detail]) for detail in DETAILS]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_the_address_is_the_content() -> None:
    one, same = encode(places(wavy()), "grid"), encode(places(wavy()), "grid")
    other = encode(places(wavy()[:1]), "grid")
    assert one.digest == same.digest != other.digest
    assert body(one, one.digest, "fine") == one.bodies["fine"]
    with pytest.raises(NotFound):
        body(one, other.digest, "fine")
    with pytest.raises(NotFound):
        body(one, one.digest, "finest")


def test_places_known_by_name_only_are_counted_not_drawn() -> None:
    made = encode(places([shapely.box(0, 0, 1, 1), None]), "community")
    assert (made.n, made.without_shape) == (1, 1)


def test_no_shape_at_all_is_an_empty_layer() -> None:
    made = encode(places([None]), "community")
    assert (made.n, made.bounds, json.loads(made.bodies["fine"])["features"]) == (0, None, [])


def test_what_a_repair_left_beside_the_polygons_is_not_drawn() -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(1, 1), (2, 2)])])
    made = encode(places([mixed, shapely.box(1, 0, 2, 1)]), "grid")
    assert json.loads(made.bodies["coarse"])["features"][0]["geometry"]["type"] == "MultiPolygon"


def test_too_many_places_are_not_sent_at_all() -> None:
    made = encode(places([shapely.box(i, 0, i + 1, 1) for i in range(MOST + 1)]), "micro_grid")
    assert (made.too_many, made.bodies, made.n) == (True, {}, MOST + 1)


def test_the_first_view_leaves_stray_cases_out() -> None:
    made = encode(places([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(50, 0, 51, 1)]), "grid")
    assert made.around({"G0": 600, "G1": 500, "G2": 1}) == (0, 0, 2, 1)
    assert made.around({"G0": 6, "G1": 5, "G2": 1}) == (0, 0, 51, 1)
    assert made.around({}) == (0, 0, 51, 1)
