"""Which cases each commit touched, so that what was counted before can follow a commit instead of being counted anew.

Moves name their cases, and a job may. A commit that cannot say (an import, a new atlas, a correction of who a case is) may have
touched any, and whoever asks across it is told so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection

MOST_COMMITS, MOST_CASES = 2000, 100_000


class Touched:
    """The last commits' cases. Versions count the commits; 0 is the store as it was opened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._commits: deque[tuple[int, frozenset[int]]] = deque()
        self._cases = 0
        self._since = self._until = 0  # of the commits in between all cases are known
        self.other = 0  # the last version that may have changed more than cases

    def note(self, version: int, cases: Collection[int] | None) -> None:
        """The commit that makes this version touched these cases; None: it may be any. Before anybody sees the version."""
        with self._lock:
            self._until = version
            if cases is None:
                self._commits.clear()
                self._cases, self._since, self.other = 0, version, version
                return
            self._commits.append((version, frozenset(cases)))
            self._cases += len(cases)
            while len(self._commits) > MOST_COMMITS or self._cases > MOST_CASES:
                self._since, gone = self._commits.popleft()
                self._cases -= len(gone)

    def knows(self, version: int) -> bool:
        """Whether it can be said what was touched since this version."""
        with self._lock:
            return self._since <= version

    def between(self, before: int, now: int) -> set[int] | None:
        """The cases touched after the version `before`, up to `now`; None when that is not known."""
        with self._lock:
            if not self._since <= before <= now <= self._until:
                return None
            return {case for version, cases in self._commits if before < version <= now for case in cases}
