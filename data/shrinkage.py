"""What a unit would be taken for if it were one of its peers: its own cases drawn towards them, the fewer the more.

Shares of success are taken as beta-binomial, rates as gamma-Poisson; the prior is the maximum of the likelihood over the peers
(empirical Bayes: Efron and Morris, 1975; for places: Clayton and Kaldor, 1987), found from its gradient. Units with the same counts
are weighed, not repeated, so twenty thousand grids cost as many terms as there are different pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Column = NDArray[np.float64]
FEWEST = 10  # units a prior is learnt from
STRONGEST = 1e7  # cases a prior weighs at most: the peers do not differ beyond chance
_LOW, _HIGH = np.log(1e-4), np.log(STRONGEST)


@dataclass(frozen=True)
class Beta:
    """The prior of a share: as if a good and b bad cases had been seen."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """What a unit without cases is taken for."""
        return self.a / (self.a + self.b)

    @property
    def weight(self) -> float:
        """How many cases of a unit's own it weighs."""
        return self.a + self.b


@dataclass(frozen=True)
class Gamma:
    """The prior of a rate: as if `shape` events had been seen over `rate` of exposure."""

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        """Events per unit of exposure."""
        return self.shape / self.rate

    @property
    def weight(self) -> float:
        """How much exposure of a unit's own it weighs."""
        return self.rate


def beta_binomial(successes: Column, n: Column) -> Beta | None:
    """The most likely prior; None with fewer than ten units that have cases, or where all cases went one way."""
    known = n > 0
    if known.sum() < FEWEST or not 0 < successes[known].sum() < n[known].sum():
        return None
    (k, m), times = _distinct(successes[known], n[known])
    pooled = float((times * k).sum() / (times * m).sum())

    def worse(at: Column) -> tuple[float, Column]:
        """Minus the log-likelihood at (logit of the mean, log of the weight), and its slope."""
        mean, weight = float(special.expit(at[0])), float(np.exp(at[1]))
        a, b = mean * weight, (1 - mean) * weight
        terms = special.betaln(a + k, b + m - k) - special.betaln(a, b)
        shared = special.digamma(a + b) - special.digamma(a + b + m)
        by_a = float((times * (special.digamma(a + k) - special.digamma(a) + shared)).sum())
        by_b = float((times * (special.digamma(b + m - k) - special.digamma(b) + shared)).sum())
        slope = [mean * (1 - mean) * weight * (by_a - by_b), weight * (mean * by_a + (1 - mean) * by_b)]
        return -float((times * terms).sum()), -np.array(slope)

    mean, weight = _least(worse, float(special.logit(pooled)), (-16.0, 16.0), np.log(float(np.median(m)) + 10))
    return Beta(float(special.expit(mean)) * weight, float(special.expit(-mean)) * weight)


def gamma_poisson(events: Column, exposure: Column) -> Gamma | None:
    """The most likely prior; None with fewer than ten units that have exposure, or without any event."""
    known = exposure > 0
    if known.sum() < FEWEST or events[known].sum() <= 0:
        return None
    (y, e), times = _distinct(events[known], exposure[known])
    scale = float((times * e).sum() / times.sum())  # exposures near 1, so that one start fits all
    over, pooled = e / scale, float((times * y).sum() / (times * e).sum()) * scale

    def worse(at: Column) -> tuple[float, Column]:
        """Minus the log-likelihood at (log of the mean, log of the weight), and its slope."""
        mean, weight = float(np.exp(at[0])), float(np.exp(at[1]))
        shape = mean * weight
        share = over / (weight + over)
        terms = special.gammaln(shape + y) - special.gammaln(shape) + y * np.log(share) + shape * np.log1p(-share)
        by_shape = float((times * (special.digamma(shape + y) - special.digamma(shape) + np.log1p(-share))).sum())
        by_rate = float((times * (shape / weight - (shape + y) / (weight + over))).sum())
        return -float((times * terms).sum()), -np.array([shape * by_shape, shape * by_shape + weight * by_rate])

    mean, weight = _least(worse, float(np.log(pooled)), (np.log(pooled) - 8, np.log(pooled) + 8), 0.0)
    rate = weight * scale
    return Gamma(float(np.exp(mean)) / scale * rate, rate)


def _distinct(first: Column, second: Column) -> tuple[tuple[Column, Column], Column]:
    """Each different pair once, and how often it occurs."""
    pairs, times = np.unique(first + 1j * second, return_counts=True)
    return (pairs.real, pairs.imag), times.astype(np.float64)


def _least(
    worse: Callable[[Column], tuple[float, Column]], mean: float, means: tuple[float, float], weight: float
) -> tuple[float, float]:
    """Where it is least, as (transformed mean, weight); from a few starts, because it may be flat far out."""
    starts = [np.array([mean, at]) for at in (weight, weight + 5)]
    found = [
        optimize.minimize(
            worse, at, jac=True, method="L-BFGS-B", bounds=[means, (_LOW, _HIGH)], options={"ftol": 1e-13}
        )
        for at in starts
    ]
    best = min(found, key=lambda one: float(one.fun))
    return float(best.x[0]), float(np.exp(best.x[1]))
