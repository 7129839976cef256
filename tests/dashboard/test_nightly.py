"""The command that makes the forecast now."""

from __future__ import annotations

import pytest

from dashboard.coming import nightly
from dashboard.coming.nightly import run_forecast
from data.errors import InputError
from data.forecasts import kept_run
from data.progress import Quiet
from data.store import Store


def test_a_short_history_is_refused_in_words_and_leaves_the_forecast_there_is(
    town_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "SHORTEST", 5_000)
    before = kept_run(town_store)
    with pytest.raises(InputError, match="needs 5000 days of cases"):
        run_forecast(town_store, {}, Quiet())
    assert kept_run(town_store) == before
