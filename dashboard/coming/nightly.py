"""The forecast, made anew once the day has turned. The counting and the regressions run in a worker at low priority, so that the server
keeps its beat; what comes of it stands in the store, so a server that was off at midnight makes up for it when it starts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import structlog

from data.errors import Cancelled
from data.forecasts import SHORTEST, Series, forecast_due, forecast_of, keep_forecast, series_of
from data.store import Store
from etl.jobs import run_in_worker

log = structlog.get_logger(__name__)

EVERY = 60.0  # seconds between two looks


class Nightly:
    """Looks at the clock while the server runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ended = threading.Event()
        self._done: date | None = None  # the day it was tried for: a short history is not asked about every minute
        self._thread = threading.Thread(target=self._run, name="forecast", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join(timeout=EVERY)

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                self.look()
            except Cancelled:
                return
            except Exception:  # the edge of the thread: the next day is foretold all the same
                log.exception("the forecast could not be made")

    def look(self) -> None:
        """Make the forecast if the day has turned."""
        today = self._store.now().astimezone(self._store.zone).date()
        if self._done == today or not forecast_due(self._store):
            return
        self._done = today
        foretell_now(self._store, check=self._ended.is_set)


class _Ending:
    """Progress that nobody reads; a server that ends does not wait for the worker."""

    def __init__(self, ended: Any) -> None:
        self._ended = ended

    def step(self, label: str, done: float, total: float | None = None) -> None:
        """Told to nobody."""

    def check(self) -> None:
        """Raise where the server ends."""
        if self._ended():
            raise Cancelled("stopped; nothing was changed")


def foretell_now(store: Store, check: Any = lambda: False) -> bool:
    """Make the forecast and keep it; False where the history is too short."""
    series = series_of(store, store.now())
    if series.history.n < SHORTEST:
        return False
    found = next(iter(list(run_in_worker(working, {"series": series}, progress=_Ending(check), nice=19))), None)
    if found is None:
        return False
    table, fade, drawn = found
    keep_forecast(store, table, series, fade, drawn)
    return True


def working(series: Series, progress: Any) -> Iterator[Any]:  # noqa: ARG001  every worker is asked in the same way
    """The worker's part."""
    found = forecast_of(series)
    if found is not None:
        yield found
