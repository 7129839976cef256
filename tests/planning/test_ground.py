"""Cells of a plan: they tile its parts, and cells that meet share their corners."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from planning.ground import NOBODY, Homes, ground
from planning.noding import noded


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle."""
    return shapely.box(west, south, east, north)


PARTS = np.array([box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)], dtype=object)


def homes(shapes: list[shapely.Polygon], households: list[int], building: list[int]) -> Homes:
    """Homes of lists."""
    return Homes(np.array(shapes, dtype=object), np.array(households, np.int64), np.array(building, np.int64))


def test_every_building_has_the_ground_nearest_to_it_inside_its_part() -> None:
    buildings = homes([box(10, 40, 30, 60), box(70, 40, 90, 60), box(140, 40, 160, 60)], [20, 30, 40], [0, 1, 2])
    made = ground(PARTS, buildings, homes([], [], []), largest=55)
    assert made.part.tolist() == [0, 0, 1, 2]
    assert made.home.tolist() == [0, 1, 2, NOBODY]
    assert made.households.tolist() == [20, 30, 40, 0]
    assert shapely.area(made.shape).tolist() == pytest.approx([5000, 5000, 10000, 10000], abs=60)
    assert sum(shapely.area(made.shape)) == pytest.approx(30000)
    assert made.graph.tail.tolist() == [0, 1, 2]
    assert made.graph.head.tolist() == [1, 2, 3]


def test_a_building_across_a_border_is_taken_block_by_block_and_floors_are_one_cell() -> None:
    buildings = homes([box(80, 40, 120, 60), box(400, 0, 410, 10)], [30, 5], [0, 1])
    blocks = homes([box(80, 40, 95, 60), box(105, 40, 120, 60), box(105, 40, 120, 60)], [10, 12, 8], [0, 0, 0])
    made = ground(PARTS, buildings, blocks, largest=55)
    assert made.part.tolist() == [0, 1, 2]
    assert made.is_block.tolist() == [True, True, False]
    assert made.households.tolist() == [10, 20, 0]
    assert made.lost.tolist() == [1]


def test_a_corner_on_a_neighbours_side_becomes_a_vertex_of_it() -> None:
    left, low, high = noded(np.array([box(0, 0, 1, 2), box(1, 0, 2, 1), box(1, 1, 2, 2)], dtype=object))
    assert (1.0, 1.0) in list(left.exterior.coords)
    assert len(low.exterior.coords) == len(high.exterior.coords) == 5
    assert left.area == 2.0
