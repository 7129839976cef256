"""Episodes are found where far more was reported than the hours around say is usual, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.episodes import DAYS, Episode, episodes, strings, usual_hours
from data.store import Store
from tests.data.builder import draw, take

NOW = datetime(2024, 6, 30, 20, 30, tzinfo=UTC)
BEGAN = datetime(2024, 6, 12, 6, tzinfo=UTC)


def test_usual_is_the_median_of_the_same_hour_of_the_days_around() -> None:
    hours = np.tile(np.arange(24.0), 40)
    hours[20 * 24 + 5] = 500
    assert usual_hours(hours).tolist() == np.tile(np.arange(24.0), 40).tolist()


def test_hours_far_above_the_usual_are_one_episode_though_one_between_is_not() -> None:
    usual = np.full(48, 4.0)
    hours = usual.copy()
    hours[10:13] = (30, 4, 30)  # 52 beyond the usual 12 of three hours: 52 ≥ 6 × √13
    hours[30] = 300  # a single hour is no episode
    hours[40:42] = (9, 9)  # two lively hours are none either: 10 beyond
    assert strings(hours, usual) == [(10, 13)]


def test_the_largest_excess_comes_first_and_nothing_is_found_in_a_quiet_year() -> None:
    usual = np.full(96, 1.0)
    hours = usual.copy()
    hours[10:12], hours[50:53] = 20, 30
    assert strings(hours, usual) == [(50, 53), (10, 12)]
    assert strings(usual, usual) == []


def test_a_burst_of_flooded_roads_is_found_with_what_it_was_about(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(store)
    rows = [
        {"id": f"u{day}", "reported_at": NOW - timedelta(days=day, hours=3), "category_name": "占道经营"}
        for day in range(60)
    ]
    rows += [
        {
            "id": f"w{i}",
            "reported_at": BEGAN + timedelta(minutes=4 * i),
            "category_name": "道路积水" if i % 3 else "树木倒伏",
        }
        for i in range(30)
    ]
    take(store, *rows)
    monkeypatch.setattr(store, "now", lambda: NOW)
    assert episodes(store) == [
        Episode(BEGAN, BEGAN + timedelta(hours=2), 30, 0.0, (("道路积水", 20), ("树木倒伏", 10)))
    ]
    assert DAYS == 366
