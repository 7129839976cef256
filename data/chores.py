"""What the writer does by the clock, between two sets of moves: fold the log into the file, move cases that ran out, seal a day.

Where writes keep waiting a chore is put off for a minute at most, so that it does not stand in their way, and is not forgotten
either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from data.clock import Clock
from data.database import Connection

PATIENCE = timedelta(seconds=60)


@dataclass
class Chore:
    """Something the writer does by the clock: next_run(now) says when, job does it when nothing else waits.

    `job` returns something true when it changed the store: its receipts, where all it did is move cases.
    machine: it goes by the machine's time, whatever the store's is. told: what it writes no figure is made from; instead of
    a new version, this is called once something is on disk.
    """

    label: str
    next_run: Callable[[datetime], datetime]
    job: Callable[[Connection], object]
    transaction: bool = True
    machine: bool = False
    told: Callable[[], None] | None = None
    at: datetime = field(default=datetime.max.replace(tzinfo=UTC))


class Chores:
    """The chores of one writer, each with its next time. Not locked: its owner is."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._machine = clock, Clock()
        self._chores: list[Chore] = []

    def __iter__(self) -> Iterator[Chore]:
        return iter(self._chores)

    def add(self, chore: Chore, *, now: bool) -> None:
        """One more, for the first time at its next time or at once."""
        moment = self._clock_of(chore).now()
        chore.at = moment if now else chore.next_run(moment)
        self._chores.append(chore)

    def begin(self, chore: Chore) -> None:
        """It is done now: it comes up again at its next time, whatever becomes of it."""
        chore.at = chore.next_run(self._clock_of(chore).now())

    def pause(self) -> float:
        """Seconds until the next is due, at most `PATIENCE`."""
        longest = PATIENCE.total_seconds()
        return min([longest, *(self._clock_of(chore).seconds_until(chore.at) for chore in self._chores)])

    def due(self, *, busy: bool) -> list[Chore]:
        """Those to do now; where writes wait, only those that have been put off long enough."""
        patience = PATIENCE if busy else timedelta(0)
        return [chore for chore in self._chores if chore.at + patience <= self._clock_of(chore).now()]

    def _clock_of(self, chore: Chore) -> Clock:
        return self._machine if chore.machine else self._clock
