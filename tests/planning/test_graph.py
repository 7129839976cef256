"""Shared borders."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from planning.graph import Graph, made, shared, walled
from planning.units import Units
from tests.planning.boards import board, squares
from tests.realdata import needs_shared


def test_squares_touch_along_sides_and_not_at_corners() -> None:
    graph = shared(squares(2, 2))
    assert list(zip(graph.tail, graph.head, strict=True)) == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert graph.length == pytest.approx([10, 10, 10, 10])


def test_a_border_is_measured_where_vertices_do_not_match() -> None:
    below = shapely.box(0, 0, 30, 10)
    above = [shapely.box(0, 10, 12, 20), shapely.box(12, 10, 40, 20)]
    graph = shared(np.array([below, *above]))
    assert list(zip(graph.tail, graph.head, strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert graph.length == pytest.approx([12, 18, 10])


def test_a_crack_within_the_tolerance_is_a_border_and_a_wider_one_is_not() -> None:
    pair = np.array([shapely.box(0, 0, 10, 10), shapely.box(10.005, 0, 20, 10)])
    assert shared(pair).length == pytest.approx([10])
    assert len(shared(pair, tolerance=0.001).tail) == 0


def test_a_slanting_gap_counts_no_border() -> None:
    wedge = shapely.Polygon([(10, 0), (20, 0), (20, 10), (15, 10)])
    assert len(shared(np.array([shapely.box(0, 0, 10, 10), wedge])).tail) == 0


def test_holes_have_borders_too() -> None:
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    assert shared(np.array([ring, shapely.box(10, 10, 20, 20)])).length == pytest.approx([40])


def test_repeated_borders_are_added_up() -> None:
    graph = made(3, np.array([1, 0, 2]), np.array([0, 1, 1]), np.array([2.0, 3.0, 4.0]))
    assert (graph.tail.tolist(), graph.head.tolist(), graph.length.tolist()) == ([0, 1], [1, 2], [5.0, 4.0])


def test_no_part_spans_a_community_wall_or_a_dedicated_grid() -> None:
    units, graph = board(1, 4, community=[1, 1, 2, 2], dedicated=[-1, 7, -1, -1])
    inner = walled(graph, units)
    assert list(zip(inner.tail, inner.head, strict=True)) == [(2, 3)]


@pytest.mark.shared
@needs_shared
def test_the_borders_of_real_parcels_account_for_every_metre_of_perimeter(parcels: tuple[Units, Graph]) -> None:
    units, graph = parcels
    outer = 26_379.18  # metres, by shapely's union of all cells
    assert len(graph.tail) == 32_044
    assert 2 * graph.length.sum() + outer == pytest.approx(units.perimeter.sum(), abs=0.2)
