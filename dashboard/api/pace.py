"""How often one sender may ask: so many times in any minute, counted in memory."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MINUTE = 60.0
MOST_SENDERS = 10_000


class Pace:
    """`wait(sender)` counts one request; 0, or the seconds until the next is taken. Called on the event loop only."""

    def __init__(self, limit: int, ticks: Callable[[], float] = time.monotonic) -> None:
        self.limit, self._ticks = limit, ticks
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, sender: str) -> float:
        """Seconds until this sender's next request is taken; 0: this one is."""
        now = self._ticks()
        times = self._asked.setdefault(sender, deque())
        self._asked.move_to_end(sender)
        while len(self._asked) > MOST_SENDERS:
            self._asked.popitem(last=False)
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= self.limit:
            return times[0] + MINUTE - now
        times.append(now)
        return 0.0
