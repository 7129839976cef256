"""What panels of a wall have in common: the names of periods, and which level below a place they speak of."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.languages import marked
from data.levels import LEVELS

PERIOD_NAMES = {"today": marked("今日"), "7d": marked("近 7 天"), "30d": marked("近 30 天"), "month": marked("本月")}
BELOW = {"district": "street", "street": "community", "community": "grid"}
SHOWN = ("street", "community", "grid", "micro_grid")


def nearest(there: Sequence[str], above: str, wanted: str) -> str:
    """The level wanted, or where a city has no such places the next finer one it has, else the finest below `above`."""
    below = [level for level in SHOWN if level in there and LEVELS.index(level) > LEVELS.index(above)]
    finer = [level for level in below if LEVELS.index(level) >= LEVELS.index(wanted)]
    return next(iter(finer), below[-1] if below else wanted)
