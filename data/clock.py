"""What time it is in a deployment: the machine's time, or in a simulated one a time that can be sped up, stopped and moved on.

Whatever is recorded or seen goes by `store.now()`, so that a year that was made up and an afternoon that is watched are one
ledger. A simulated clock stands still until somebody starts it (the server does), never runs backwards, and can be held: it
does not pass what has been worked so far by more than a step, so a jump is a quick series of steps and nobody sees a time
whose tickets are not there yet.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from data.database import Connection
from data.errors import InputError, Refused

SPEEDS = (0.0, 100_000.0)
LONGEST_JUMP = timedelta(days=31)


class Clock:
    """The machine's time. `seconds_until` is in seconds of the machine, as a thread waits."""

    simulated = False

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def seconds_until(self, moment: datetime) -> float:
        """How long a thread has to wait for a moment; infinite while the clock stands."""
        return (moment - self.now()).total_seconds()


class SimulatedClock(Clock):
    """A clock that shows `shown` and goes on `speed` times as fast as the machine's once it is started."""

    simulated = True

    def __init__(self, shown: datetime, speed: float, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.RLock()
        self._base = shown
        self._started_at: float | None = None
        self._speed = speed
        self._most: datetime | None = None
        self._last = shown

    @property
    def speed(self) -> float:
        """Simulated seconds a second; 0 is a pause."""
        return self._speed

    @property
    def running(self) -> bool:
        """Whether it was started and is not paused."""
        return self._started_at is not None and self._speed > 0

    def now(self) -> datetime:
        """The time shown: never earlier than before, never past what it is held at."""
        with self._lock:
            goal = self.goal()
            self._last = max(self._last, goal if self._most is None else min(goal, self._most))
            return self._last

    def goal(self) -> datetime:
        """The time it would show if nothing held it: where the work has to get to."""
        with self._lock:
            if self._started_at is None:
                return self._base
            return self._base + timedelta(seconds=self._speed * (self._ticks() - self._started_at))

    def seconds_until(self, moment: datetime) -> float:
        """As for the machine's clock; a held clock is taken to go on."""
        with self._lock:
            left = (moment - self.now()).total_seconds()
            if left <= 0:
                return 0.0
            return left / self._speed if self.running else math.inf

    def start(self) -> None:
        """Let it go on from what it shows. Twice does no harm."""
        with self._lock:
            if self._started_at is None:
                self._started_at = self._ticks()

    def stop(self) -> None:
        """Let it stand at what it shows."""
        with self._lock:
            self._base, self._started_at = self.now(), None

    def run_at(self, speed: float) -> None:
        """Change the speed from now on. Raises InputError for one that cannot be."""
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise InputError(f"{speed:g} is no speed.", where="speed", todo="Give 0 (a pause) to 100000.")
        with self._lock:
            self._set(self.goal())
            self._speed = float(speed)

    def jump(self, span: timedelta) -> datetime:
        """Move the goal on by a span; the time it leads to. Time that has been lived is not taken back: InputError."""
        if not timedelta(0) < span <= LONGEST_JUMP:
            raise InputError(
                "time only moves on, and by a month at most.", where="jump", todo="Give hours or days: 6h, 2d."
            )
        with self._lock:
            self._set(self.goal() + span)
            return self._base

    def hold(self, most: datetime | None) -> None:
        """Do not show more than `most`; None lets it go."""
        with self._lock:
            self._most = most

    def _set(self, goal: datetime) -> None:
        self._base = goal
        if self._started_at is not None:
            self._started_at = self._ticks()


def read_clock(con: Connection, *, simulated: bool) -> Clock:
    """The clock of a store. After a crash it goes on from the last thing recorded, not from before it."""
    row = con.execute("SELECT shown_at, speed FROM clock").fetchone() if simulated else None
    if row is None:
        return Clock()
    last = con.execute("SELECT max(recorded_at) FROM transition WHERE recorded_at > ?", [row[0]]).fetchone()
    return SimulatedClock(max(row[0], last[0]) if last and last[0] else row[0], row[1])


def set_clock(con: Connection, shown: datetime, speed: float) -> None:
    """Write down what a simulated clock shows and how fast it goes, in the caller's transaction."""
    con.execute("DELETE FROM clock")
    con.execute("INSERT INTO clock VALUES (?, ?)", [shown, speed])


def simulated_clock(clock: Clock) -> SimulatedClock:
    """The clock as one that can be set. Raises Refused for the machine's."""
    if not isinstance(clock, SimulatedClock):
        raise Refused("this deployment's time is the machine's.", todo="Only a simulated deployment's can be set.")
    return clock
