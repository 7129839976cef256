"""First plans: contiguous, with the number of parts asked for."""

from __future__ import annotations

import numpy as np
import pytest

from data.errors import InputError
from planning.seeds import counted, drawn, gathered, kept
from tests.planning.boards import board


def pieces(graph: object, part: np.ndarray) -> int:
    return graph.pieces(part[graph.tail] == part[graph.head])[0]  # type: ignore[attr-defined]


def test_metis_is_brought_to_contiguous_parts() -> None:
    units, graph = board(8, 8)
    part = drawn(graph, units.weight, 7, seed=3)
    assert (len(np.unique(part)), pieces(graph, part)) == (7, 7)


def test_a_fragment_joins_its_neighbour_and_the_heavier_piece_stays() -> None:
    units, graph = board(1, 6)
    assert gathered(graph, units.weight, np.array([0, 0, 1, 0, 1, 1])).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_new_unit_joins_a_neighbour() -> None:
    units, graph = board(1, 4)
    assert gathered(graph, units.weight, np.array([5, -1, 5, 6])).tolist() == [5, 5, 5, 6]


def test_missing_parts_come_from_the_heaviest_and_the_lighter_half_is_new() -> None:
    units, graph = board(1, 6, [1, 1, 1, 1, 1, 9])
    assert counted(graph, units.weight, np.array([0, 0, 2, 2, 2, 2]), 3).tolist() == [0, 0, 3, 3, 3, 2]


def test_parts_too_many_are_joined_lightest_to_lightest_neighbour() -> None:
    units, graph = board(1, 4, [5, 1, 2, 9])
    assert counted(graph, units.weight, np.array([0, 1, 2, 3]), 3).tolist() == [0, 2, 2, 3]


def test_locked_parts_are_neither_cut_nor_joined() -> None:
    units, graph = board(1, 4, [5, 1, 2, 9])
    locked = np.array([False, True, False, False])
    assert kept(graph, units.weight, np.array([0, 1, 2, 3]), 3, locked).tolist() == [0, 1, 1, 3]
    with pytest.raises(InputError, match="1 parts cannot be made into 2: too few units, or locks"):
        counted(graph, units.weight, np.zeros(4, np.int64), 2, np.ones(4, np.bool_))


@pytest.mark.parametrize("parts", range(1, 13))
def test_any_number_of_parts_can_be_cut_from_one(parts: int) -> None:
    units, graph = board(3, 4)
    part = counted(graph, units.weight, np.zeros(12, np.int64), parts)
    assert (len(np.unique(part)), pieces(graph, part)) == (parts, parts)
