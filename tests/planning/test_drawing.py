"""The tools of drawing by hand, on a board of two rows of four cells.

0 1 | 2 3      micro 1 | 2     grid 10 (cells 0 1 4 5) | 20 (2 3 6 7)
4 5 | 6 7            3 | 4
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.errors import InputError, Refused
from planning.drawing import NO_MICRO, Sheet, merged, new_grid, painted, painted_micro, split_by_line, split_into
from planning.graph import shared
from planning.units import units

SHAPES = np.array([shapely.box(x, y, x + 1, y + 1) for y in (1, 0) for x in range(4)], dtype=object)
GRID = np.array([10, 10, 20, 20, 10, 10, 20, 20])
MICRO = np.array([1, 1, 2, 2, 3, 3, 4, 4])
NEWEST = 99


def sheet(dedicated: frozenset[int] = frozenset()) -> Sheet:
    """The board of the module's head, 10 households a cell."""
    micro = np.where(np.isin(GRID, list(dedicated)), NO_MICRO, MICRO)
    return Sheet(GRID, micro, np.full(8, 1), np.full(8, 10), shared(SHAPES), dedicated, NEWEST)


def test_a_whole_micro_grid_goes_over_as_one() -> None:
    after = painted(sheet(), np.array([2, 3]), 10)
    assert after.grid.tolist() == [10, 10, 10, 10, 10, 10, 20, 20]
    assert after.micro.tolist() == MICRO.tolist()


def test_a_part_of_one_joins_the_micro_grid_it_touches_longest() -> None:
    after = painted(sheet(), np.array([2]), 10)
    assert after.grid.tolist() == [10, 10, 10, 20, 10, 10, 20, 20]
    assert after.micro.tolist() == [1, 1, 1, 2, 3, 3, 4, 4]


def test_a_part_that_touches_none_becomes_a_micro_grid_of_its_own() -> None:
    after = painted(sheet(), np.array([3]), 10)
    assert after.grid[3] == 10
    assert (after.micro[3], after.newest) == (NEWEST + 1, NEWEST + 1)


def test_a_dedicated_grid_has_no_micro_grids() -> None:
    after = painted(sheet(frozenset({20})), np.array([1]), 20)
    assert (after.grid[1], after.micro[1]) == (20, NO_MICRO)
    back = painted(after, np.array([1]), 10)
    assert back.micro[1] == 1


def test_cells_painted_into_a_micro_grid_lie_in_its_grid() -> None:
    after = painted_micro(sheet(), np.array([2, 6]), 1)
    assert after.grid.tolist() == [10, 10, 10, 20, 10, 10, 10, 20]
    assert after.micro.tolist() == [1, 1, 1, 2, 3, 3, 1, 4]
    with pytest.raises(InputError, match="there is no such micro-grid"):
        painted_micro(sheet(), np.array([2]), 7)


def test_a_new_grid_gets_the_next_label() -> None:
    after = new_grid(sheet(), np.array([6, 7]))
    assert after.grid.tolist() == [10, 10, 20, 20, 10, 10, NEWEST + 1, NEWEST + 1]
    assert after.micro.tolist() == MICRO.tolist()


def test_grids_that_touch_are_merged_under_the_label_of_the_larger() -> None:
    larger = painted(sheet(), np.array([1]), 20)
    assert set(merged(larger, [10, 20]).grid.tolist()) == {20}
    apart = new_grid(painted(sheet(), np.array([1, 5]), 20), np.array([3, 7]))
    with pytest.raises(Refused, match="these grids do not touch"):
        merged(apart, [10, NEWEST + 1])
    with pytest.raises(InputError, match="two grids or more"):
        merged(sheet(), [10])


def test_a_line_splits_a_grid_and_one_that_does_not_reach_is_refused() -> None:
    after = split_by_line(sheet(), 10, SHAPES, shapely.LineString([(-1, 1), (5, 1)]))
    assert sorted(after.grid[[0, 1, 4, 5]].tolist()) == [10, 10, NEWEST + 1, NEWEST + 1]
    assert after.grid[[2, 3, 6, 7]].tolist() == [20] * 4
    with pytest.raises(Refused, match="the line does not cut the grid"):
        split_by_line(sheet(), 10, SHAPES, shapely.LineString([(0.5, 0.5), (1.5, 0.5)]))


def test_a_grid_is_split_into_parts_of_whole_micro_grids() -> None:
    own = units(SHAPES, np.full(8, 10))
    after = split_into(sheet(), 10, 2, own)
    assert after.grid[0] == after.grid[1] != after.grid[4] == after.grid[5]
    assert after.micro.tolist() == MICRO.tolist()
    with pytest.raises(InputError, match="a grid of 2 micro-grids cannot be split into 3"):
        split_into(sheet(), 10, 3, own)
