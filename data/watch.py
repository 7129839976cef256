"""What the district watches beside its cases: alarms, emergencies, hazard warnings; and that screens learn of a change.

Nothing of it goes into a figure, so a change here leaves the store's version alone; `mark` names what stands now instead, and
`on_change` tells whoever pushes it to the screens. One a store. A running server looks by itself, on a thread beside the
writer: with millions of cases some questions take a second, and moves must not wait for them. The writer only gets what
has to be written.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from data import alarms, emergency, hazard_warnings
from data.alarm_watch import holding
from data.database import Connection

if TYPE_CHECKING:
    from data.store import Store

log = structlog.get_logger(__name__)

EVERY = 15.0  # seconds of the machine: a simulated hour may pass in one
SLOW_EVERY = 60.0
SLOW = ("overdue_share", "repeat_case")  # subjects that are asked of many cases, and do not change in seconds


class Watch:
    """The rules and plans in force, and what is told when something changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._began = secrets.token_hex(4)  # a page that stayed open over a restart asks again
        self._number = 0
        self._listeners: list[Callable[[], None]] = []
        self._looking = threading.Lock()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self.rules = alarms.rules_in_force(store.home)
        self.plans = emergency.plans(store.home)

    @property
    def mark(self) -> str:
        """What stands now: another after every change."""
        return f"{self._began}-{self._number}"

    def start(self) -> None:
        """Look by itself from now on: what a running server does."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Look no more. Twice does no harm."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def reread(self) -> None:
        """Definitions were activated anew."""
        self.rules, self.plans = alarms.rules_in_force(self._store.home), emergency.plans(self._store.home)
        self.changed()

    def changed(self) -> None:
        """An alarm, an emergency or a warning came, changed or ended; called once it is on disk."""
        self._number += 1
        for listener in list(self._listeners):
            try:
                listener()
            except Exception as error:  # whoever listens must not stop what happened
                log.warning("a listener failed after an alarm", error=str(error))

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call listener() after every change, on whichever thread made it; it must be quick."""
        self._listeners.append(listener)

    def look(self, subjects: tuple[str, ...] = ()) -> int:
        """Look now, at everything or at rules of some subjects only; how many steps were made."""
        with self._looking:
            made = self._look(subjects)
        if made:
            self.changed()
        return made

    def _look(self, subjects: tuple[str, ...]) -> int:
        store, now = self._store, self._store.now()
        rules = {name: one for name, one in self.rules.items() if not subjects or one[0].when.subject in subjects}
        with store.read() as con:
            expired = hazard_warnings.any_expired(con, now)
            held = holding(con, [rule for rule, _digest in rules.values()], now)
            nothing = not expired and not alarms.decide(con, rules, held, now, whole=not subjects)
        if nothing:
            return 0

        def job(con: Connection) -> int:
            ended = hazard_warnings.end_expired(con, now)
            steps = alarms.decide(con, rules, held, now, whole=not subjects)
            return ended + alarms.write_steps(con, rules, steps, now)

        return store.writer.run(job, label="alarms", quiet=True).result()

    def _run(self) -> None:
        slow_at = 0.0
        while not self._end.wait(EVERY):
            slow = time.monotonic() >= slow_at
            if slow:
                slow_at = time.monotonic() + SLOW_EVERY
            fast = tuple(sorted({rule.when.subject for rule, _digest in self.rules.values()} - set(SLOW)))
            try:
                self.look(() if slow else fast or ("none",))
            except Exception as error:  # the edge of a life that must go on; a store that closes ends it
                if not self._end.is_set():
                    log.warning("the alarms were not looked at", error=str(error))
