"""How a district is cut into tasks, and when it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from data.errors import InputError
from planning.rules import Rules
from planning.tasks import dealt, divided, fitting
from tests.planning.boards import board


def test_each_community_is_a_task_with_households_by_target_parts() -> None:
    units, graph = board(2, 6, 10, community=[1, 1, 1, 2, 2, 2] * 2)
    division = divided(units, graph, Rules(target=20), fresh=True)
    assert [(task.nodes.tolist(), task.parts) for task in division.tasks] == [
        ([0, 1, 2, 6, 7, 8], 3),
        ([3, 4, 5, 9, 10, 11], 3),
    ]
    assert (division.low, division.high) == (18, 22)


@pytest.mark.parametrize(("load", "parts"), [(270, 5), (68, 2), (66, 1), (10, 1), (100, 2)])
def test_the_number_of_parts_is_that_whose_mean_is_nearest_the_target(load: int, parts: int) -> None:
    assert fitting(load, Rules(target=50), now=0, most=99) == parts


def test_the_present_number_of_parts_stays_while_it_fits() -> None:
    assert fitting(540, Rules(target=50), now=10, most=99) == 10
    assert fitting(560, Rules(target=50), now=10, most=99) == 11


def test_parts_asked_for_are_dealt_by_the_largest_remainder_and_at_least_one_each() -> None:
    assert dealt(np.array([70.0, 25.0, 5.0]), np.array([9, 9, 9]), 4) == [2, 1, 1]
    assert dealt(np.array([60.0, 30.0, 10.0]), np.array([9, 9, 9]), 10) == [6, 3, 1]
    with pytest.raises(InputError, match="2 parts cannot be drawn in 3 communities"):
        dealt(np.array([70.0, 25.0, 5.0]), np.array([9, 9, 9]), 2)


def test_a_disconnected_community_is_named_with_the_units_that_lie_apart() -> None:
    units, graph = board(1, 5, 10, community=[1, 1, 2, 1, 2], name=list("abcde"))
    with pytest.raises(InputError, match=r"units d: Community 1 is in 2 pieces that share no border"):
        divided(units, graph, Rules(target=10), fresh=True)
    tasks = divided(units, graph, Rules(target=10, disconnected="apart"), fresh=True).tasks
    assert [task.nodes.tolist() for task in tasks] == [[0, 1], [2], [3], [4]]


def test_a_target_above_a_communitys_total_is_refused_by_name() -> None:
    units, graph = board(1, 4, [10, 10, 10, 2], community=[1, 1, 1, 8], name=list("abcd"))
    with pytest.raises(InputError, match="units d: The target of 10 households is above the 2 of community 8"):
        divided(units, graph, Rules(target=10), fresh=True)
    assert [task.parts for task in divided(units, graph, Rules(target=10, small="one"), fresh=True).tasks] == [3, 1]


def test_dedicated_grids_and_units_above_eleven_tenths_of_the_target_are_settled_beforehand() -> None:
    units, graph = board(1, 5, [10, 10, 0, 30, 10], dedicated=[-1, -1, 4, -1, -1])
    division = divided(units, graph, Rules(target=10), fresh=True)
    assert division.settled.tolist() == [-1, -1, 0, 1, -1]
    assert [task.nodes.tolist() for task in division.tasks] == [[0, 1], [4]]


def test_a_district_without_households_is_refused() -> None:
    units, graph = board(1, 2, 0)
    with pytest.raises(InputError, match="No households are left to divide"):
        divided(units, graph, Rules(), fresh=True)


@pytest.mark.parametrize(
    ("rules", "said"),
    [({"target": 0}, "not above 0"), ({"band": (5, 4)}, "not low to high"), ({"parts": 0}, "0 parts cannot be drawn")],
)
def test_rules_that_make_no_sense_are_refused(rules: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Rules(**rules)  # type: ignore[arg-type]
