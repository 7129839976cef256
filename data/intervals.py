"""How sure a figure is of one unit, by the figure's type: 95 % intervals. Every argument and answer is an array, an entry a unit.

Proportion: Wilson (1927). Rate and count: exact Poisson (Garwood, 1936). Quantile: order statistics. Mean of what each case was
given (satisfaction, the three rates): bootstrap over the unit's own cases (Efron, 1979), drawn in `spreads.py`. NaN where there is
nothing to be sure of.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Column = NDArray[np.float64]
Pair = tuple[Column, Column]
LEVEL = 0.95
TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
Z = float(special.ndtri(TAILS[1]))


def wilson(successes: Column, n: Column, z: float = Z) -> Pair:
    """Low and high of a proportion; NaN where n is 0."""
    known = n > 0
    count = np.where(known, n, 1.0)
    share = successes / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    low = np.where(successes <= 0, 0.0, centre - half)
    high = np.where(successes >= n, 1.0, centre + half)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def poisson(events: Column, exposure: Column) -> Pair:
    """Low and high of events per unit of exposure; NaN where there was none."""
    known = exposure > 0
    over = np.where(known, exposure, 1.0)
    low = np.where(events > 0, special.gammaincinv(np.maximum(events, 1), TAILS[0]), 0.0) / over
    high = special.gammaincinv(events + 1, TAILS[1]) / over
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def median_ranks(n: Column) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which of n values in order (counted from 1) bound the median; 0 and 0 where six are not there: fewer cannot say."""
    low = np.asarray(stats.binom.ppf(TAILS[0], np.maximum(n, 1), 0.5), dtype=np.int64)
    some = (n > 0) & (low > 0)
    return np.where(some, low, 0), np.where(some, n.astype(np.int64) + 1 - low, 0)


def of_draws(draws: NDArray[np.floating]) -> Pair:
    """The middle 95 % of draws, a row a draw."""
    low, high = np.quantile(draws, TAILS, axis=0, method="inverted_cdf")
    return low.astype(np.float64), high.astype(np.float64)
