"""Figures, broken rules and moves of a drawn plan, counted by hand on six unit squares in a row."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.plan_rules import Band, Least, Most, PlanRules, Posts
from planning.graph import shared
from planning.measures import Drawn, measures, total, violations
from planning.moves import moves
from planning.units import units

SHAPES = np.array([shapely.box(x, 0, x + 1, 1) for x in range(6)], dtype=object)
RULES = PlanRules.model_validate(
    {
        "id": "test",
        "name": {"zh": "测", "en": "test"},
        "grid": Band(target=30, band=(20, 40)),
        "micro_grid": Band(target=10, band=(10, 20), hard=False),
        "moved": Most(most=0.1),
        "compactness": Least(least=0.6),
        "posts": (Posts(kind="grid_head", grid=1), Posts(kind="full_time", households=20)),
    }
)


def drawn(grid: list[int], **more: object) -> Drawn:
    """A plan of the six cells, ten households each, three a grid before."""
    own = units(SHAPES, np.full(6, 10), current=[1, 1, 1, 2, 2, 2], **more)  # type: ignore[arg-type]
    return Drawn(np.array(grid), np.arange(6) + 101, own, shared(SHAPES), np.arange(6, dtype=float))


def test_figures_of_each_grid_and_of_all() -> None:
    found = measures(drawn([1, 1, 1, 1, 2, 2]), RULES)
    assert found.label.tolist() == [1, 2]
    assert found.households.tolist() == [40, 20]
    assert found.roundness.tolist() == pytest.approx([4 * np.pi * 4 / 100, 4 * np.pi * 2 / 36])
    assert (found.came.tolist(), found.left.tolist()) == ([10, 0], [0, 10])
    assert found.micro_grids.tolist() == [4, 2]
    assert found.posts.tolist() == [3, 2]  # a head, and one for each twenty begun
    assert found.workload.tolist() == [6.0, 9.0]
    whole = total(found, RULES)
    assert (whole.homes, whole.in_band, whole.households, whole.moved, whole.posts) == (2, 2, 60, 10, 5)


def test_every_broken_rule_is_told_with_its_place_and_hard_ones_first() -> None:
    plan = drawn([1, 2, 1, 1, 1, 1], community=[0, 0, 0, 0, 0, 1], estate=[7, 7, -1, -1, -1, -1])
    found = measures(plan, RULES)
    said = [(one.rule, one.hard, one.label, round(one.value, 3)) for one in violations(plan, found, RULES)]
    assert said == [
        ("grid", True, 1, 50.0),
        ("grid", True, 2, 10.0),
        ("walls", True, 1, 2.0),
        ("contiguous", True, 1, 2.0),
        ("estates", False, 7, 2.0),
        ("micro_estates", False, 7, 2.0),
        ("compactness", False, 1, round(4 * np.pi * 5 / 14**2, 3)),
        ("moved", False, -1, round(40 / 60, 3)),
    ]


def test_moves_say_from_where_to_where_and_why() -> None:
    narrow = RULES.model_copy(update={"grid": Band(target=25, band=(20, 25))})
    (one,) = moves(drawn([1, 1, 2, 2, 2, 2]), narrow)
    assert (one.cells.tolist(), one.was, one.now, one.kind, one.value) == ([2], 1, 2, "too_many", 30)
    (one,) = moves(drawn([1, 1, 9, 2, 2, 2]), narrow)
    assert (one.kind, one.value) == ("split", 30)
    gone = moves(drawn([2, 2, 2, 2, 2, 2]), RULES)
    assert [(one.kind, one.value) for one in gone] == [("dissolved", 30)]
    (one,) = moves(drawn([1, 1, 1, 1, 2, 2]), RULES)
    assert one.kind == "even"
    (one,) = moves(drawn([1, 1, 1, 1, 2, 2], estate=[-1, -1, 5, 5, -1, -1]), RULES)
    assert one.kind == "estate"
    assert moves(drawn([1, 1, 1, 2, 2, 2]), RULES) == []
