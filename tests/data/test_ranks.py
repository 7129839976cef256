"""Ranks with their ties and intervals, the bottom tenth and how far it is, on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from data.ranks import computed, of_draws, rank_intervals, ranks
from data.spreads import Betas, Gammas
from data.tenths import bottom, distances, median_distances


def test_equal_values_share_the_better_rank() -> None:
    values = np.array([0.9, 0.8, 0.9, 0.95, 0.1 + 0.7])
    assert ranks(values).tolist() == [2, 4, 2, 1, 4]
    assert ranks(values, low_is_first=True).tolist() == [3, 1, 3, 5, 1]


def test_a_rank_interval_is_the_middle_of_the_drawn_ranks() -> None:
    """Forty draws of three units: the first wins 38 times, the second twice; the third is always last."""
    draws = np.tile(np.array([[0.9, 0.8, 0.1]], dtype=np.float32), (40, 1))
    draws[:2] = [0.7, 0.8, 0.1]
    low, high = of_draws(draws)
    assert (low.tolist(), high.tolist()) == ([1, 1, 3], [2, 2, 3])
    low, high = of_draws(draws, low_is_first=True)
    assert (low.tolist(), high.tolist()) == ([2, 2, 1], [3, 3, 1])


def test_draws_that_are_equal_share_a_rank() -> None:
    low, high = of_draws(np.array([[0.5, 0.5, 0.2]] * 40, dtype=np.float32))
    assert (low.tolist(), high.tolist()) == ([1, 1, 3], [1, 1, 3])


def test_the_same_seed_gives_the_same_intervals() -> None:
    spread = Betas(np.array([80.0, 85, 90]), np.array([20.0, 15, 10]))
    assert [one.tolist() for one in rank_intervals(spread)] == [one.tolist() for one in rank_intervals(spread)]


@pytest.mark.parametrize("weight", [30.0, 1_000.0, 40_000.0])
def test_what_is_computed_for_many_units_is_what_ten_thousand_draws_give(weight: float) -> None:
    """As near as one set of ten thousand draws is to another."""
    luck = np.random.default_rng(11)
    share = luck.beta(50, 8, 400)
    spread = Betas(share * weight, (1 - share) * weight)
    drawn = of_draws(spread.draw(10_000, np.random.default_rng(1)))
    again = of_draws(spread.draw(10_000, np.random.default_rng(2)))
    for side, found in enumerate(computed(spread)):
        between_draws = np.abs(drawn[side] - again[side]).mean()
        assert np.abs(found - drawn[side]).mean() < between_draws + 0.6
    worst = of_draws(spread.draw(10_000, np.random.default_rng(1)), low_is_first=True)
    assert np.abs(computed(spread, low_is_first=True)[0] - worst[0]).mean() < 3


def test_rates_are_ranked_in_the_same_way() -> None:
    spread = Gammas(np.array([4.0, 40.0]), np.array([400.0, 400.0]), 100.0)
    assert [one.tolist() for one in rank_intervals(spread, low_is_first=True)] == [[1, 2], [1, 2]]
    assert spread.quantiles(np.array([0.5]))[:, 0] == pytest.approx([0.918, 9.917], abs=1e-3)


def test_a_tenth_takes_ten_and_none_of_those_tied_across_its_cut() -> None:
    scores = np.arange(20.0)
    within, cut = bottom(scores)
    assert within.tolist() == [True, True] + [False] * 18
    assert cut is not None
    assert (cut.inside, cut.outside) == (1, 2)
    assert bottom(scores[:9])[1] is None
    within, cut = bottom(np.array([0.0, 1, 1, *range(3, 20)], dtype=float))
    assert within.sum() == 1, "the two that are tied for the second place stay out"
    within, cut = bottom(np.zeros(10))
    assert (within.any(), cut) == (False, None)


def test_the_distance_is_told_in_cases() -> None:
    """Ten units of 100 cases without a prior: 70, 75, 80, … of them good. One is the tenth: the one with 70."""
    good = np.array([0.70, 0.75, *np.arange(0.80, 0.96, 0.02)])
    within, cut = bottom(good)
    assert cut is not None
    found = distances(good, within, cut, np.full(10, 0.01))
    # The first needs 5 more to be level with the second; the second falls below the first with 6 fewer, the third with 11.
    assert found[:3].tolist() == [5, 6, 11]


def test_the_distance_of_a_median_counts_the_values_beside_the_cut() -> None:
    """Five values 1 … 5, the median 3; a cut at 4.5: two of the four below have to move until three lie above."""
    assert median_distances(np.array([4.0]), np.array([4.0]), np.array([False]), np.array([5.0])).tolist() == [2]
    assert median_distances(np.array([1.0]), np.array([1.0]), np.array([True]), np.array([5.0])).tolist() == [2]
