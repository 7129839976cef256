"""The funnel of a ranking: how far from the peers' value a unit may lie by chance alone, the closer the more cases it has.

Spiegelhalter (2005): what lies within the 95 % limits is as expected; beyond 99.8 % chance is no explanation. Shares and rates have
exact limits (binomial, Poisson); medians those of order statistics; means the normal one of their spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from data.estimates import PER
from data.intervals import Column
from data.rankings import Ranking, Some

LIMITS = (0.95, 0.998)
POINTS = 80  # places along n a limit is drawn at


@dataclass(frozen=True)
class Funnel:
    """n: where the limits are drawn; middle: the peers' value; limits: (low, high) for each of LIMITS."""

    n: Column
    middle: float
    limits: tuple[tuple[Column, Column], ...]


def funnel(table: Ranking, number: int) -> Funnel | None:
    """The funnel of a group; None for counts, which rest on nothing, and where nobody has a value."""
    group, found = table.groups[number], table.samples
    own = np.flatnonzero((table.group == number) & ~np.isnan(found.value) & (found.n > 0))
    if group.pooled is None or not len(own):
        return None
    along = np.geomspace(max(float(found.n[own].min()) * 0.8, 2.0), float(found.n[own].max()) * 1.1, POINTS)
    n = np.unique(np.round(along)).astype(np.float64)
    return Funnel(n, group.pooled, tuple(_limits(table, own, group.pooled, n, level) for level in LIMITS))


def _limits(table: Ranking, own: Some, middle: float, n: Column, level: float) -> tuple[Column, Column]:
    found, tails = table.samples, ((1 - level) / 2, (1 + level) / 2)
    kind = found.figure.type
    if kind == "proportion":
        low, high = (_between(stats.binom(n, middle), tail) / n for tail in tails)
        return low, np.where(stats.binom(n, middle).ppf(tails[1]) >= n, 1.0, high)
    if kind == "rate":
        low, high = (PER * _between(stats.poisson(n * middle / PER), tail) / n for tail in tails)
        return low, high
    if kind == "quantile":
        hours = np.concatenate(
            [found.hours[f : f + int(m)] for f, m in zip(found.first[own], found.n[own], strict=True)]
        )
        low, high = (np.quantile(hours, np.clip(0.5 + special.ndtri(tail) / (2 * np.sqrt(n)), 0, 1)) for tail in tails)
        return low, high
    counts = found.counts[own].sum(axis=0)
    variance = float(counts @ (found.given - middle) ** 2 / counts.sum())
    half = special.ndtri(tails[1]) * np.sqrt(variance / n)
    return np.maximum(middle - half, found.given[0]), np.minimum(middle + half, found.given[-1])


def _between(law: Any, tail: float) -> Column:
    """The tail's quantile, between two counts as the probabilities lie (Spiegelhalter's A.1): else the limits would be stairs.
    What cannot be is no limit: where none at all is not rare enough, it is 0."""
    at = law.ppf(tail)
    above = law.cdf(at)
    exact = (above - tail) / np.maximum(law.pmf(at), 1e-300)
    found: Column = np.maximum(at - exact, 0.0)
    return found
