"""How a long action tells where it stands, and how it learns that a person stopped it.

Every long function takes a `Progress` and calls it between steps; what shows it (a bar in the terminal, the control
socket, a page) is its caller's business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from data.errors import Cancelled


class Progress(Protocol):
    """What a long action reports to."""

    def step(self, label: str, done: float, total: float | None = None) -> None:
        """Say that `done` of `total` (None: unknown) of the step called `label` is behind us."""

    def check(self) -> None:
        """Raise Cancelled when a person stopped the action."""


class Quiet:
    """Shows nothing and is never stopped; the default."""

    def step(self, label: str, done: float, total: float | None = None) -> None:
        """Nothing to show."""

    def check(self) -> None:
        """Nobody can stop it."""


class Reporter:
    """Hands steps to a function and can be stopped from another thread.

    show(label, done, total) is called on the thread that works; `stop` may be called from any thread.
    """

    def __init__(self, show: Callable[[str, float, float | None], None] | None = None) -> None:
        self._show = show
        self._stopped = threading.Event()

    def step(self, label: str, done: float, total: float | None = None) -> None:
        """Show the step, then stop here if a person asked for it."""
        if self._show is not None:
            self._show(label, done, total)
        self.check()

    def check(self) -> None:
        """Raise Cancelled once `stop` was called."""
        if self._stopped.is_set():
            raise Cancelled("stopped; nothing was changed")

    def stop(self) -> None:
        """Make the next `check` raise."""
        self._stopped.set()
