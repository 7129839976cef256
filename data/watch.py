"""What the district watches beside its cases: alarms, emergencies, hazard warnings; and that screens learn of a change.

Nothing of it goes into a figure, so a change here leaves the store's version alone; `mark` names what stands now instead, and
`on_change` tells whoever pushes it to the screens. One a store.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from data import alarms, emergency, hazard_warnings
from data.database import Connection
from data.writer import Chore

if TYPE_CHECKING:
    from data.store import Store

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=15)  # of the machine: a simulated hour may pass in a second


class Watch:
    """The rules and plans in force, and what is told when something changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._began = secrets.token_hex(4)  # a page that stayed open over a restart asks again
        self._number = 0
        self._listeners: list[Callable[[], None]] = []
        self.rules = alarms.rules_in_force(store.home)
        self.plans = emergency.plans(store.home)
        work = Chore("alarms", lambda now: now + EVERY, self._by_the_clock, machine=True, told=self.changed)
        store.writer.add_chore(work)

    @property
    def mark(self) -> str:
        """What stands now: another after every change."""
        return f"{self._began}-{self._number}"

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

    def look(self, now: datetime | None = None) -> int:
        """Look at everything at once instead of at the next minute; how many steps were made."""
        at = now or self._store.now()
        made = self._store.writer.run(lambda con: self.steps(con, at), label="alarms", quiet=True).result()
        if made:
            self.changed()
        return made

    def steps(self, con: Connection, now: datetime) -> int:
        """End what has expired, then let the alarms follow. Inside a transaction."""
        return hazard_warnings.end_expired(con, now) + len(alarms.by_the_clock(con, self.rules, now))

    def _by_the_clock(self, con: Connection) -> int:
        return self.steps(con, self._store.now())
