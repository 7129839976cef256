"""The forecast in the store: counted from the cases, kept for a day, shared among grids."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.forecasts import (
    coming,
    coming_in_grids,
    coming_in_street,
    forecast_due,
    forecast_of,
    keep_forecast,
    kept_run,
    series_of,
)
from data.store import Store
from tests.data.builder import draw, local, take
from tests.data.test_engine import _Standing

DAY = local("03-11 09:00")  # a Monday


@pytest.fixture
def town(store: Store) -> Store:
    """Ten weeks: three tickets a day in G1 and one in G2 (both C1), one in G3 (C2), of one category."""
    draw(store)
    cases = []
    for back in range(1, 71):
        day = (DAY - timedelta(days=back)).strftime("%Y-%m-%d")
        for i, grid in enumerate(("G1", "G1", "G1", "G2", "G3")):
            cases.append({"id": f"{day}-{i}", "at": grid, "reported": f"{day} 12:00", "category_name": "漏水"})
    take(store, *cases)
    store.clock = store.writer.clock = _Standing(DAY)
    return store


def test_days_are_counted_up_to_the_last_midnight(town: Store) -> None:
    series = series_of(town, DAY)
    assert series.first.isoformat() == "2024-03-11"
    assert series.history.counts.shape == (2, 70)
    assert series.history.counts.sum(axis=1).tolist() == [280, 70]
    assert len(series.history.worked) == 98


def test_a_forecast_is_kept_until_the_day_turns(town: Store) -> None:
    assert forecast_due(town)
    series = series_of(town, DAY)
    made = forecast_of(series)
    assert made is not None
    table, fade, drawn = made
    keep_forecast(town, table, series, fade, drawn)
    run = kept_run(town)
    assert run is not None
    assert (run.day.isoformat(), run.series) == ("2024-03-11", 2)
    assert not forecast_due(town)
    (whole,) = coming(town, 7, by="all")
    assert whole.expected == pytest.approx(35, rel=0.02)
    assert (whole.came, whole.awaited) == (35, pytest.approx(35, rel=0.02))
    assert [(one.code, round(one.expected)) for one in coming(town, 28)] == [("C1", 112), ("C2", 28)]
    assert whole.low < 35 < whole.high

    street = int(town.rows("SELECT place_id FROM place WHERE code = 'S1' AND level = 'street'")[0]["place_id"])
    (own,) = coming_in_street(town, 7, street)  # C1 and C2, so all there is
    assert own.expected == pytest.approx(whole.expected, rel=0.02)
    assert (own.came, own.low <= whole.low, own.high >= whole.high) == (35, True, True)
    (kind,) = coming_in_street(town, 28, street, by="category")
    assert (kind.category, round(kind.expected)) == ("漏水", 140)

    community = coming(town, 7)[0].place_id
    grids = coming_in_grids(town, 7, community or 0, "漏水")
    assert [one.code for one in grids] == ["G1", "G2"]
    assert sum(one.expected for one in grids) == pytest.approx(28, rel=0.02)
    assert grids[0].expected / grids[1].expected == pytest.approx(210.5 / 70.5)
    assert [one.came for one in grids] == [21, 7]


def test_a_short_history_foretells_nothing(store: Store) -> None:
    draw(store)
    take(store, {"id": "one", "at": "G1", "reported": "03-01 12:00", "category_name": "漏水"})
    assert forecast_of(series_of(store, local("03-11 09:00"))) is None
    assert kept_run(store) is None
