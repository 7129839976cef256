"""Joined units: the small graph has the figures of the large one."""

from __future__ import annotations

import numpy as np
import pytest

from planning.contract import contracted, whole_estates
from planning.levels import joined_estates, nested
from planning.plan import measured
from planning.rules import Rules
from planning.solver import solve
from tests.planning.boards import board


def test_households_area_and_borders_of_joined_units() -> None:
    cells, graph = board(2, 4, [1, 2, 3, 4, 5, 6, 7, 8], current=[3, 4, 4, 4, 3, 3, 4, 4])
    joined, between, number = contracted(cells, graph, np.array([9, 9, 5, 5, 9, 9, 5, 5]))
    assert joined.weight.tolist() == [22, 14]
    assert joined.area.tolist() == [400, 400]
    assert joined.perimeter.tolist() == [80, 80]
    assert joined.current.tolist() == [4, 3]
    assert (between.tail.tolist(), between.head.tolist(), between.length.tolist()) == ([0], [1], [20])
    assert number.tolist() == [1, 1, 0, 0, 1, 1, 0, 0]


def test_grids_from_micro_grids_have_the_figures_of_their_cells() -> None:
    cells, graph = board(12, 12)
    micro = solve(cells, graph, Rules(target=9, tolerance=0.12), seed=1, steps=300_000)
    joined, between, number = contracted(cells, graph, micro.part)
    grids = solve(joined, between, Rules(target=72, tolerance=0.12), seed=1, steps=100_000)
    plan = measured(cells, graph, grids.part[number], grids.low, grids.high)
    assert (len(plan.parts), plan.in_band, plan.contiguous) == (2, 1.0, True)
    assert plan.roundness == pytest.approx(grids.roundness)
    assert plan.border == pytest.approx(grids.border)


def test_an_estate_that_fits_is_one_unit_and_a_larger_one_stays_in_its_parts() -> None:
    cells, graph = board(1, 6, 10, estate=[1, 1, 2, 2, 2, 1])
    label = whole_estates(cells, graph, 30)
    assert label.tolist() == [0, 0, 1, 1, 1, 2]
    assert whole_estates(cells, graph, 29).tolist() == [0, 1, 2, 3, 4, 5]


def test_both_levels_nest_and_keep_small_estates_whole() -> None:
    cells, graph = board(12, 12, estate=[(i % 12) // 3 + 4 * (i // 36) for i in range(144)])
    levels = nested(
        cells, graph, Rules(target=9, tolerance=0.12), Rules(target=36, tolerance=0.12), seed=1, steps=400_000
    )
    assert (len(levels.micro_grids.parts), len(levels.grids.parts)) == (16, 4)
    assert (levels.micro_grids.estates_split, levels.grids.estates_split) == (0, 0)
    assert len(set(zip(levels.micro_grids.part, levels.grids.part, strict=True))) == 16
    assert (levels.grids.in_band, levels.grids.contiguous) == (1.0, True)


def test_the_plan_in_force_joins_only_estates_that_lie_whole_in_a_micro_grid() -> None:
    cells, graph = board(1, 4, 10, estate=[1, 1, 2, 2], current=[7, 7, 7, 8])
    assert joined_estates(cells, graph, Rules(target=20), fresh=True)[2].tolist() == [0, 0, 1, 1]
    assert joined_estates(cells, graph, Rules(target=20), fresh=False)[2].tolist() == [0, 0, 1, 2]
    assert joined_estates(cells, graph, Rules(band=(15, 19)), fresh=True)[2].tolist() == [0, 1, 2, 3]
