"""Intervals are those of statsmodels, and of small cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from data import intervals
from data.spreads import Means, Medians


@pytest.mark.parametrize(("k", "n"), [(0, 12), (12, 12), (9, 10), (29_928, 39_685), (1, 3)])
def test_a_share_has_wilsons_interval(k: float, n: float) -> None:
    low, high = intervals.wilson(np.array([k], float), np.array([n], float))
    assert (low[0], high[0]) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("events", "exposure"), [(0, 400.0), (3, 400.0), (120, 1_000.0)])
def test_a_rate_has_the_exact_poisson_interval(events: float, exposure: float) -> None:
    low, high = intervals.poisson(np.array([events], float), np.array([exposure]))
    assert (low[0], high[0]) == pytest.approx(confint_poisson(events, exposure, method="exact-c"), abs=1e-12)


def test_where_there_is_nothing_there_is_no_interval() -> None:
    nothing = np.zeros(1)
    assert np.isnan([*intervals.wilson(nothing, nothing), *intervals.poisson(nothing, nothing)]).all()


def test_the_medians_interval_is_two_of_the_values_in_order() -> None:
    low, high = intervals.median_ranks(np.array([0.0, 5, 6, 10, 25, 100]))
    # 10 values: P(Bin(10, ½) ≤ 1) = 11/1024 < 2.5 % ≤ P(≤ 2); so the 2nd and the 9th. Five never say enough.
    assert low.tolist() == [0, 0, 1, 2, 8, 40]
    assert high.tolist() == [0, 0, 6, 9, 18, 61]


def test_a_mean_is_bootstrapped_over_its_own_cases() -> None:
    """Of 40 call-backs 20 are satisfied, 10 basically: the mean 0.725; the bootstrap's spread is √(variance ÷ 40) = 0.0655."""
    means = Means(np.array([0.0, 0.9, 1.0]), np.array([[10.0, 10, 20]]))
    draws = means.draw(10_000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(0.725, abs=0.002)
    assert draws.std() == pytest.approx(np.sqrt((20 + 10 * 0.81) / 40 - 0.725**2) / np.sqrt(40), rel=0.02)
    assert (draws == means.draw(10_000, np.random.default_rng(1))).all()
    low, high = intervals.of_draws(draws)
    assert (low[0], high[0]) == pytest.approx((0.59, 0.8475), abs=0.01)
    assert means.quantiles(np.array(intervals.TAILS))[0] == pytest.approx([low[0], high[0]], abs=0.01)


def test_cases_that_all_say_the_same_are_not_taken_for_certain() -> None:
    means = Means(np.array([0.0, 0.9, 1.0]), np.array([[0.0, 0, 30]]))
    low, high = intervals.of_draws(means.draw(10_000, np.random.default_rng(1)))
    assert low[0] == pytest.approx(0.92, abs=0.01)
    assert high[0] > 0.999


def test_the_bootstraps_median_is_drawn_in_closed_form() -> None:
    """Against medians of values drawn anew, value by value."""
    luck = np.random.default_rng(7)
    hours = np.sort(luck.exponential(10, 41))
    medians = Medians(hours, np.array([0]), np.array([41]))
    anew = np.median(luck.choice(hours, (20_000, 41)), axis=1)
    drawn = medians.draw(20_000, luck)[:, 0]
    at = [0.1, 0.5, 0.9]
    assert np.quantile(drawn, at) == pytest.approx(np.quantile(anew, at), rel=0.02)
    assert medians.quantiles(np.array(at))[0] == pytest.approx(np.quantile(anew, at), rel=0.02)
