"""Which households change their grid, and why: found from the two plans and the rules, not from how the new one was drawn.

The reasons in the order somebody whose building was moved would ask: his grid had too many; the new one too few; his grid is no
more; his estate lay in two; else it evens out neighbours or shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.plan_rules import PlanRules
from planning.measures import Drawn
from planning.units import NONE

Numbers = NDArray[np.int64]
Kind = Literal["too_many", "too_few", "dissolved", "estate", "split", "even"]


@dataclass(frozen=True)
class Moved:
    """Cells of homes that go from one grid to another, for one reason; value: the households the reason is about."""

    cells: NDArray[np.int64]
    was: int
    now: int
    kind: Kind
    value: int


def moves(drawn: Drawn, rules: PlanRules) -> list[Moved]:
    """All moves of homes, by old and new grid, most households first."""
    return moved(drawn.units.current, drawn.grid, drawn.units.weight, drawn.units.estate, rules)


def moved(before: Numbers, after: Numbers, weight: Numbers, estate: Numbers, rules: PlanRules) -> list[Moved]:
    """The same of n homes: their grid before and after, households, and estate or NONE."""
    gone = np.flatnonzero((before != after) & (weight > 0))
    if not len(gone):
        return []
    was, now = loads(before, weight), loads(after, weight)
    whole = reunited(before, after, weight, estate)
    pairs, which = np.unique(np.stack([before[gone], after[gone]], axis=1), axis=0, return_inverse=True)
    found = []
    for number, (old, new) in enumerate(pairs.tolist()):
        cells = gone[which.ravel() == number]
        kind, value = reason(old, new, was, now, rules, estate=bool(whole[cells].all()))
        found.append(Moved(cells, old, new, kind, value))
    return sorted(found, key=lambda one: (-int(weight[one.cells].sum()), one.was, one.now))


def reason(
    old: int, new: int, was: dict[int, int], now: dict[int, int], rules: PlanRules, *, estate: bool
) -> tuple[Kind, int]:
    """Why cells went from one grid to the other, and the households it is about."""
    low, high = rules.grid.band
    if was[old] > high:
        return ("too_many" if new in was else "split"), was[old]
    if new in was and was[new] < low:
        return "too_few", was[new]
    if old not in now:
        return "dissolved", was[old]
    if estate:
        return "estate", was[old]
    return ("even" if new in was else "split"), was[old]


def loads(grid: NDArray[np.int64], weight: NDArray[np.int64]) -> dict[int, int]:
    """Grid → households."""
    label, number = np.unique(grid, return_inverse=True)
    return dict(zip(label.tolist(), np.bincount(number, weight).astype(int).tolist(), strict=True))


def reunited(before: Numbers, after: Numbers, weight: Numbers, estate: Numbers) -> NDArray[np.bool_]:
    """[n]: cells of estates that lay in several grids and lie in one now."""
    homes = (estate != NONE) & (weight > 0)

    def torn(grid: NDArray[np.int64]) -> NDArray[np.int64]:
        pairs = np.unique(np.stack([estate[homes], grid[homes]]), axis=1)
        label, count = np.unique(pairs[0], return_counts=True)
        return np.asarray(label[count > 1], np.int64)

    whole = np.setdiff1d(torn(before), torn(after))
    return np.asarray(np.isin(estate, whole) & homes, np.bool_)
