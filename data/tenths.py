"""The bottom tenth of a ranking, and how many cases a unit is away from it.

A tenth is floor(n ÷ 10) of the units ranked in a peer group; with fewer than ten there is none, and a tie across the cut admits
none of the tied. Above it the distance is how many cases, had they gone badly, would have put the unit in; within it how many,
had they gone well, would have kept it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.intervals import Column

_ALIKE = 1e-9


@dataclass(frozen=True)
class Cut:
    """Where the bottom tenth ends, in what units are ranked by, the more the better. inside: the best of it; outside: the worst
    of the others."""

    inside: float
    outside: float


def bottom(scores: Column) -> tuple[NDArray[np.bool_], Cut | None]:
    """Who is in the bottom tenth; the cut is None where nobody is. scores: the more the better."""
    size = len(scores) // 10
    if size == 0:
        return np.zeros(len(scores), dtype=bool), None
    outside = float(np.sort(scores)[size])
    within: NDArray[np.bool_] = scores < outside - _ALIKE
    return within, Cut(float(scores[within].max()), outside) if within.any() else None


def distances(scores: Column, within: NDArray[np.bool_], cut: Cut, steps: Column) -> Column:
    """Cases to the cut, each of which changes a score by its step."""
    away = np.floor((scores - cut.inside) / steps + _ALIKE) + 1
    out = np.ceil((cut.outside - scores) / steps - _ALIKE)
    return np.where(within, np.maximum(out, 1), np.maximum(away, 1))


def median_distances(below_inside: Column, below_outside: Column, within: NDArray[np.bool_], n: Column) -> Column:
    """The same for medians, of which less is better. below_*: how many values of each unit are at most those of the cut."""
    half = np.floor((n + 1) / 2)
    return np.maximum(np.where(within, half - below_outside, below_inside - half + 1), 1)
