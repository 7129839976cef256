"""Forecasts of made-up series whose answer is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from data.day_patterns import calendar_columns, patterns
from data.forecasting import Expected, History, foretell, quantiles

FIRST = date(2026, 1, 5)  # a Monday
WEEK = np.array([3, 2, 2, 2, 2, 1, 0])


def history(counts: np.ndarray, group: list[int], ahead: int = 28) -> History:
    days = [FIRST + timedelta(days=i) for i in range(counts.shape[1] + ahead)]
    worked = np.array([day.weekday() < 5 for day in days])
    return History(counts.astype(float), np.array(group), days[: counts.shape[1]], worked)


def test_the_calendar_is_a_column_a_mark() -> None:
    days = [
        date(2026, 9, 30) + timedelta(days=i) for i in range(11)
    ]  # Wednesday; the National Day week is off, Saturday made up
    worked = np.array([True, *[False] * 7, True, True, True])
    columns = calendar_columns(days, worked, yearly=False)
    assert columns.shape == (11, 10)
    assert columns[:, 7].tolist() == [0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0]  # weekdays off
    assert columns[:, 8].tolist() == [0] * 10 + [1]  # a Saturday worked
    assert columns[:, 9].tolist() == [0, *[1] * 7, 0, 0, 0]


def test_a_pattern_finds_the_weekdays() -> None:
    total = np.tile(WEEK * 20, 20).astype(float)[None, :]
    shapes, likely = patterns(
        total, calendar_columns(history(total, [0]).days, np.tile([1, 1, 1, 1, 1, 0, 0], 20) == 1, yearly=False)
    )
    assert shapes[0, :6] == pytest.approx(WEEK[:6] * 20, rel=1e-3)
    assert shapes[0, 6] < 0.5
    assert (likely == 1).all()


def test_a_storm_does_not_look_like_a_season() -> None:
    total = np.full((1, 140), 20.0)
    total[0, 70] = 400
    days = history(total, [0])
    shapes, likely = patterns(total, calendar_columns(days.days, days.worked[:140], yearly=False))
    assert likely[0, 70] < 0.2
    assert (np.delete(likely[0], 70) == 1).all()
    assert shapes[0, 0] == pytest.approx(22.5, abs=0.05)  # as if the storm had brought 70


def test_steady_series_go_on_as_they_were() -> None:
    counts = np.tile(np.vstack([WEEK, WEEK * 3]), 20)
    told = foretell(history(counts, [0, 0]))
    assert told.series[7].expected == pytest.approx([12, 36], rel=0.01)
    assert told.series[28].expected == pytest.approx([48, 144], rel=0.01)
    assert told.series[7].dispersion.tolist() == [1e-4, 1e-4]  # less than chance would scatter


def test_sums_are_foretold_as_sums() -> None:
    counts = np.tile(np.vstack([WEEK, WEEK * 3, WEEK * 2]), 20)
    told = foretell(history(counts, [0, 0, 1]), sums={"all": np.array([0, 0, 0]), "pairs": np.array([0, 1, 1])})
    assert told.sums["all"][7].expected == pytest.approx([72], rel=0.01)
    assert told.sums["pairs"][7].expected == pytest.approx([12, 60], rel=0.01)


def test_a_rise_is_followed_and_one_ticket_is_no_trend() -> None:
    counts = np.ones((4, 140))
    counts[0, 98:] = 3  # six weeks at three times the level
    counts[3, :] = 0
    counts[3, 139] = 1
    told = foretell(history(counts, [0, 0, 0, 0])).series[7].expected
    assert 14 < told[0] < 22
    assert told[1] == pytest.approx(told[2])
    assert told[3] < 1


def test_intervals_are_those_of_the_negative_binomial() -> None:
    found = quantiles(np.array([10.0, 4.0]), np.array([1e-9, 0.5]), (0.05, 0.5, 0.95))
    assert found[0].tolist() == stats.poisson.ppf([0.05, 0.5, 0.95], 10).tolist()
    assert found[1].tolist() == stats.nbinom.ppf([0.05, 0.5, 0.95], 2, 2 / 6).tolist()


def test_the_chance_is_that_of_so_many_or_more() -> None:
    expected = Expected(np.array([4.0, 4.0]), np.array([0.5, 0.5]))
    chance = expected.chance(np.array([0.0, 9.0]))
    assert chance[0] == 1.0
    assert chance[1] == pytest.approx(1 - stats.nbinom.cdf(8, 2, 2 / 6))


def test_most_of_what_comes_lies_in_the_interval() -> None:
    luck = np.random.default_rng(5)
    counts = luck.negative_binomial(4, 4 / (4 + 2.0), size=(300, 210)).astype(float)
    told = foretell(history(counts[:, :182], [0] * 300))
    came, ends = counts[:, 182:189].sum(axis=1), told.series[7].quantiles((0.05, 0.95))
    assert 0.87 < ((ends[:, 0] <= came) & (came <= ends[:, 1])).mean() < 0.97
