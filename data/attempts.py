"""How often somebody may try to sign in: few tries at one post from one address, more at one address or one post.

Counted are failures of the last fifteen minutes. The limit at a post from all addresses is the highest, so that a stranger
cannot easily lock a post out; the limit at one address stops who tries one password at every post.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW = 15 * 60.0
LIMITS = {"both": 5, "address": 20, "account": 50}
MOST_KEPT = 10_000


class Attempts:
    """Failed tries, in memory only: a restart forgets them."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._failed: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def wait(self, account: str, address: str) -> float:
        """Seconds until another try is taken; 0 when it may be now."""
        with self._lock:
            return max(self._left(key, LIMITS[key[0]]) for key in _keys(account, address))

    def failed(self, account: str, address: str) -> None:
        """Count one failure."""
        with self._lock:
            for key in _keys(account, address):
                times = self._failed.setdefault(key, deque(maxlen=LIMITS[key[0]]))
                times.append(self._ticks())
                self._failed.move_to_end(key)
            while len(self._failed) > MOST_KEPT:
                self._failed.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """It was no failure after all: it is not counted, and this post's failures at this address are forgotten."""
        both, *others = _keys(account, address)
        with self._lock:
            self._failed.pop(both, None)
            for key in others:
                if self._failed.get(key):
                    self._failed[key].pop()

    def _left(self, key: tuple[str, ...], limit: int) -> float:
        times = self._failed.get(key, deque())
        recent = [at for at in times if at > self._ticks() - WINDOW]
        return recent[0] + WINDOW - self._ticks() if len(recent) >= limit else 0.0


def _keys(account: str, address: str) -> list[tuple[str, ...]]:
    name = account.casefold()
    return [("both", name, address), ("address", address), ("account", name)]
