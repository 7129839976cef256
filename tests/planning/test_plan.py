"""A plan's figures, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from planning.plan import measured
from tests.planning.boards import board


def test_the_figures_of_a_drawn_plan() -> None:
    cells, graph = board(
        2, 4, [1, 2, 3, 4, 5, 6, 7, 8], estate=[-1, 1, 1, 2, -1, -1, 2, 2], current=[7, 7, 7, 8, 7, 7, 8, -1]
    )
    plan = measured(cells, graph, np.array([7, 7, 8, 8, 7, 7, 8, 8]), 14, 20)
    assert plan.parts.label.tolist() == [7, 8]
    assert plan.parts.households.tolist() == [14, 22]
    assert plan.parts.area.tolist() == [400, 400]
    assert plan.parts.perimeter.tolist() == [80, 80]
    assert plan.roundness == pytest.approx(np.pi / 4)
    assert (plan.in_band, plan.cuts, plan.border) == (0.5, 2, 20)
    assert (plan.estates_split, plan.moved, plan.contiguous) == (1, 3, True)


def test_a_part_in_two_pieces_is_told() -> None:
    cells, graph = board(1, 3)
    plan = measured(cells, graph, np.array([0, 1, 0]), 0, 9)
    assert (plan.parts.pieces.tolist(), plan.contiguous) == ([2, 1], False)
