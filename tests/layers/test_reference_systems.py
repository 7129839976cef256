"""Systems, their axes, and boxes on their way back."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers.reference_systems import CRS84, boxed, outward, systems

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def points(*coordinates: tuple[float, float]) -> np.ndarray:
    return np.array([shapely.Point(one) for one in coordinates], dtype=object)


def test_a_metric_system_that_is_among_the_usual_ones_is_offered_once() -> None:
    assert list(systems("EPSG:3857")) == [CRS84, f"{EPSG}4326", f"{EPSG}4490", f"{EPSG}3857"]


def test_axes_come_as_each_system_defines_them() -> None:
    offered = systems("EPSG:4548")
    assert {uri.rpartition("/")[2]: one.swapped for uri, one in offered.items()} == {
        "CRS84": False, "4326": True, "4490": True, "3857": False, "4548": True,
    }  # fmt: skip


def test_the_middle_meridian_of_a_zone_lies_500_km_east() -> None:
    [moved] = outward(points((117.0, 0.0)), systems("EPSG:4548")[f"{EPSG}4548"])
    assert moved.coords[0] == (0.0, 500_000.0)


def test_nothing_moves_in_crs84_and_missing_shapes_stay_missing() -> None:
    shapes = np.array([shapely.Point(118.123456789, 35.5), None], dtype=object)
    moved = outward(shapes, systems("EPSG:4548")[CRS84])
    assert moved[0].coords[0] == (118.123456789, 35.5)
    assert moved[1] is None


def test_a_box_may_reach_over_the_antimeridian() -> None:
    area = boxed(179.0, -1.0, -179.0, 1.0, systems("EPSG:4548")[CRS84])
    assert shapely.intersects(area, points((179.5, 0), (-179.5, 0), (0, 0))).tolist() == [True, True, False]


@pytest.mark.parametrize("box", [(118.0, 36.0, 119.0, 35.0), (118.0, 36.0, 117.0, 35.0)])
def test_a_box_upside_down_is_no_box(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError):
        boxed(*box, systems("EPSG:4548")[CRS84])


def test_a_metric_box_comes_back_where_it_was() -> None:
    system = systems("EPSG:4548")[f"{EPSG}4548"]
    [low, high] = outward(points((118.30, 35.0), (118.31, 35.01)), system)
    area = boxed(low.x, low.y, high.x, high.y, system)
    assert shapely.covers(area.buffer(1e-9), points((118.305, 35.005)))[0]
    assert area.bounds == pytest.approx((118.30, 35.0, 118.31, 35.01), abs=2e-4)
