"""The kernels keep what they promise: contiguity, sums that agree with a fresh count, locks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.annealing import cost, stress
from planning.kernels import PRICE, WHOLE, along, anneal, change, keeps_together, kept
from planning.nets import net, state, sums
from planning.rules import Rules
from planning.seeds import drawn
from tests.planning.boards import board

RULES = Rules(target=6, cuts=0.1, border=0.01)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    weight=st.lists(st.integers(0, 9), min_size=42, max_size=42),
    heat=st.sampled_from([0.01, 1.0, 50.0]),
    swaps=st.sampled_from([0.0, 0.5]),
)
def test_parts_stay_in_one_piece_and_sums_agree_with_a_fresh_count(
    seed: int, weight: list[int], heat: float, swaps: float
) -> None:
    units, graph = board(6, 7, weight, estate=[i % 5 - 1 for i in range(42)])
    made = net(units, graph)
    at = state(made, drawn(graph, units.weight, 7, 1), 7, seed)
    anneal(made, at, stress(RULES, 5, 7, 1.0), heat, heat / 10, 4.0, swaps, 3000)
    part = at.part.astype(np.int64)
    inner = part[graph.tail] == part[graph.head]
    assert graph.pieces(inner)[0] == 7
    assert at.sums == pytest.approx(sums(made, part, 7))
    assert sorted(at.cut[: at.tally[0]]) == np.flatnonzero(~inner).tolist()


def test_the_objective_falls_from_stripes_to_blocks() -> None:
    units, graph = board(8, 8)
    made = net(units, graph)
    at = state(made, np.arange(64) // 8, 8, 1)
    before = cost(made, at, Rules(target=8), 6, 10)
    anneal(made, at, stress(Rules(target=8), 6, 10, 1.0), 0.3, 0.001, 5.0, 0.1, 200_000)
    after = cost(made, at, Rules(target=8), 6, 10)
    assert after[0] == before[0] == 0
    assert after[1] < before[1]


def test_locked_units_do_not_move() -> None:
    units, graph = board(5, 5)
    start = drawn(graph, units.weight, 5, 1)
    locked = np.arange(25) % 3 == 0
    made = net(replace(units, locked=locked, current=start), graph)
    at = state(made, start, 5, 1)
    assert anneal(made, at, stress(RULES, 4, 6, 1.0), 9.0, 9.0, 1.0, 0.5, 5000) > 0
    assert at.part[locked].tolist() == start[locked].tolist()


def test_the_cost_counts_estates_and_moved_households_as_the_rules_say() -> None:
    units, graph = board(1, 4, [1, 2, 3, 4], estate=[-1, 8, 8, 8])
    rules = Rules(target=5, roundness=0, cuts=0.25, border=0.01, estates=10, moved=100)
    made = net(units, graph, np.array([0, 0, 0, 1]))
    at = state(made, np.array([0, 0, 1, 1]), 2, 1)
    assert cost(made, at, rules, 3, 7) == (0, 0.25 + 0.01 * 10 + 10 * 2 + 100 * 3)
    assert cost(made, at, rules, 4, 6) == pytest.approx((2, 320.35 + 0.2 * 2))


def test_a_unit_that_joins_its_part_together_is_told_by_its_own_neighbours() -> None:
    units, graph = board(2, 3)
    made = net(units, graph)
    at = state(made, np.array([0, 0, 0, 1, 1, 0]), 2, 1)
    args = (made.start, made.link, made.near, at.part, at.mark, at.queue, at.tally)
    assert [keeps_together(u, *args) for u in range(6)] == [True, False, False, True, True, True]


def test_a_way_round_through_the_part_counts_as_together() -> None:
    units, graph = board(3, 3)
    made = net(units, graph)
    at = state(made, np.array([0, 0, 0, 0, 1, 0, 0, 0, 0]), 2, 1)
    assert keeps_together(1, made.start, made.link, made.near, at.part, at.mark, at.queue, at.tally)


def test_a_remembered_price_is_the_price_counted_anew() -> None:
    units, graph = board(6, 7, [i % 4 for i in range(42)], estate=[i % 5 - 1 for i in range(42)])
    made = net(units, graph)
    at, pressing = state(made, drawn(graph, units.weight, 7, 1), 7, 3), stress(RULES, 5, 7, 1.0)
    anneal(made, at, pressing, 0.2, 0.01, 1.0, 0.0, 5000)
    for border in at.cut[: at.tally[0]]:
        for side in (0, 1):
            row, u, v = 2 * border + side, made.ends[border, side], made.ends[border, 1 - side]
            mine, goal = at.part[u], at.part[v]
            if at.age[row, WHOLE] < max(at.turn[mine], at.turn[goal]) or np.isinf(at.memo[row, PRICE]):
                continue
            left, joined, cuts = along(u, mine, goal, made.start, made.link, made.length, at.part)
            anew = change(u, mine, goal, left, joined, cuts, made.unit, at.sums, pressing)
            anew += kept(u, goal, made.unit, made.info, at.part, made.estate_start, made.members, pressing)
            assert at.memo[row, PRICE] == pytest.approx(anew, abs=1e-5)
