"""Which way a figure is good: more of it, less of it, or neither."""

from __future__ import annotations

GOOD_WHEN_LOW = frozenset(
    {
        "overdue_open", "suspended_open", "rework_rate", "extension_rate", "repeat_rate", "handling_hours",
        "demand_per_100",
    }
)  # fmt: skip
NEITHER = frozenset({"registered", "reported", "closed", "due", "open"})


def good(name: str, *, up: bool) -> bool | None:
    """Whether it is good that a figure has risen, or fallen; None of one that is neither."""
    return None if name in NEITHER else up != (name in GOOD_WHEN_LOW)
