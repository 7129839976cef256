"""Bulletins the server issues by itself: a while after a month or a week has ended, each once.

What was issued stands in the store, so a server that was off at the hour makes up for it when it starts. It goes by the deployment's
time. One piece of heavy work at a time: while another is under way, it waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from dashboard.bulletin.asking import latest
from dashboard.bulletin.issuing import issue
from dashboard.bulletin.template import Template, Turn, template
from dashboard.jobs import RUNNING, Jobs
from dashboard.languages import use
from data.bulletins import issued
from data.errors import JingweiError, Refused
from data.on_map import place_by_code
from data.periods import Period
from data.progress import Progress
from data.store import Store

log = structlog.get_logger(__name__)

EVERY = 30.0  # seconds between two looks
AGAIN = 3600.0  # seconds before one that failed is tried again

Due = tuple[str, Period, str]  # what, period, code of the place ("" is the district)


def due(store: Store, found: Template, now: datetime) -> list[Due]:
    """What should have been issued by now and was not."""
    known = {(one.what, one.place_id, one.starts_at) for one in issued(store)}
    return [one for one in _planned(store, found, now) if (one[0], _place_id(store, one[2]), one[1].start) not in known]


def _planned(store: Store, found: Template, now: datetime) -> Iterator[Due]:
    for what, turn in (("monthly", found.schedule.monthly), ("weekly", found.schedule.weekly)):
        period = latest(store, what, now)
        if turn.places and now >= moment_of(period, turn):
            yield from ((what, period, code) for code in turn.places)


def moment_of(period: Period, turn: Turn) -> datetime:
    """When the bulletin of a period is issued: that day and hour of the month or week after it."""
    return period.end + timedelta(days=turn.day - 1, hours=turn.hour)


def _place_id(store: Store, code: str) -> int | None:
    found = place_by_code(store, code) if code and code != store.deployment.code else None
    return int(found["place_id"]) if found and found["level"] != "district" else None


class Scheduler:
    """Looks at the clock while the server runs."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store, self._jobs = store, jobs
        self._ended = threading.Event()
        self._failed: dict[Due, float] = {}
        self._thread = threading.Thread(target=self._run, name="bulletins", daemon=True)

    def start(self) -> None:
        """Look from now on, where anything is scheduled at all. Raises InputError for a template that is wrong."""
        schedule = template(self._store.home).schedule
        if schedule.monthly.places or schedule.weekly.places:
            self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=EVERY)

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            try:
                self.look()
            except Exception:  # the edge of the thread: the next look comes all the same
                log.exception("bulletins could not be looked at")

    def look(self) -> None:
        """Issue the first one that is due."""
        running = self._jobs.running()
        if running is not None and running.status == RUNNING:
            return
        found = template(self._store.home)
        for one in due(self._store, found, self._store.now()):
            if time.monotonic() - self._failed.get(one, -AGAIN) >= AGAIN:
                self._begin(one, found.schedule.language)
                return

    def _begin(self, one: Due, language: str) -> None:
        what, period, code = one

        def work(progress: Progress) -> int:
            use(language)
            try:
                return issue(self._store, what, period, code, progress).bulletin_id
            except JingweiError as error:
                self._failed[one] = time.monotonic()
                log.error("a bulletin could not be issued", what=what, place=code, error=str(error))
                raise

        try:
            self._jobs.start("bulletin", work)
        except Refused:
            return  # somebody was quicker; the next look tries again
