"""Cells tile their community without gaps; buildings are sliced by their blocks."""

from __future__ import annotations

from typing import Any

import geopandas
import numpy as np
import pytest
import shapely

from data.errors import InputError
from planning.cells import sliced, tessellated
from planning.graph import shared

CRS = "EPSG:4547"
COMMUNITY = shapely.box(0, 0, 100, 40)


def made(blocks: list[Any], walls: list[Any] | None = None, names: list[str] | None = None) -> np.ndarray:
    """The cells of blocks in the one community."""
    frame = geopandas.GeoDataFrame({"community": names or ["c"] * len(blocks)}, geometry=blocks, crs=CRS)
    outlines = geopandas.GeoDataFrame(geometry=[COMMUNITY], index=["c"], crs=CRS)
    return tessellated(frame, outlines, None if walls is None else np.array(walls, dtype=object)).geometry.to_numpy()


def test_two_blocks_share_the_community_half_and_half() -> None:
    cells = made([shapely.box(20, 15, 30, 25), shapely.box(70, 15, 80, 25)])
    assert shapely.area(cells) == pytest.approx([2000, 2000], rel=1e-3)
    assert shared(cells).length == pytest.approx([40], rel=1e-2)


def test_cells_leave_no_gap_and_do_not_overlap() -> None:
    chance = np.random.default_rng(3)
    corners = chance.uniform([2, 2], [90, 30], (25, 2))
    blocks = [shapely.box(x, y, x + 4, y + 4) for x, y in corners]
    cells = made(blocks)
    assert shapely.area(cells).sum() == pytest.approx(4000)
    assert shapely.union_all(cells).area == pytest.approx(4000)
    assert set(shapely.get_type_id(cells)) == {3}


def test_a_road_is_the_border_between_the_cells_on_its_sides() -> None:
    road = shapely.LineString([(30, -5), (30, 45)])
    cells = made([shapely.box(20, 15, 28, 25), shapely.box(70, 15, 80, 25)], [road])
    assert shapely.area(cells) == pytest.approx([1200, 2800])


def test_water_without_a_block_goes_to_the_neighbour_with_the_longest_border() -> None:
    cells = made([shapely.box(10, 15, 20, 25), shapely.box(70, 15, 80, 25)], [shapely.box(40, 0, 45, 30)])
    assert shapely.area(cells).sum() == pytest.approx(4000)
    assert set(shapely.get_type_id(cells)) == {3}


def test_points_are_blocks_too() -> None:
    assert shapely.area(made([shapely.Point(25, 20), shapely.Point(75, 20)])) == pytest.approx([2000, 2000])


def test_blocks_that_cannot_be_placed_are_refused() -> None:
    with pytest.raises(InputError, match="1: 1 blocks lie outside their community c"):
        made([shapely.Point(25, 20), shapely.Point(175, 20)])
    with pytest.raises(InputError, match="x: 1 blocks name a community that is not there"):
        made([shapely.Point(25, 20), shapely.Point(75, 20)], names=["c", "x"])
    with pytest.raises(InputError, match="1 blocks stand exactly on another"):
        made([shapely.Point(25, 20), shapely.Point(25, 20)])


def test_a_building_is_sliced_across_its_long_side_by_its_blocks_households() -> None:
    slices = sliced(shapely.box(0, 0, 60, 10), np.array([10, 20, 30]))
    assert shapely.area(slices) == pytest.approx([100, 200, 300], abs=0.1)
    ends = sorted(float(x) for x in shapely.bounds(slices)[:, 0])
    assert ends == pytest.approx([0, 10, 30], abs=0.1) or ends == pytest.approx([0, 30, 50], abs=0.1)
