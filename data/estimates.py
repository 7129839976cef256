"""A figure of one unit made comparable: its interval, what it would be as one of its peers, and what it may truly be.

Which prior was used is said with it: learnt from the peers where at least ten of them have cases, else from all units, else
none; figures that are no share and no rate have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data import intervals
from data.intervals import Column, Pair
from data.ranks import DRAWS, SEED
from data.samples import Samples
from data.shrinkage import Beta, Gamma, beta_binomial, gamma_poisson
from data.spreads import Betas, Gammas, Means, Medians, Spread

Learnt = Literal["peers", "all", "none", "never"]
Prior = Beta | Gamma | None
Some = NDArray[np.bool_] | NDArray[np.int64]
PER = 100.0  # a rate is told per hundred households
MOST_RESAMPLED = 3_000_000  # draws of cells in one bootstrap of all units; beyond, betas with its mean and variance


@dataclass(frozen=True)
class Learning:
    """A prior, and from whom."""

    prior: Prior
    learnt: Learnt


def learn(samples: Samples, own: Some, everybody: Learning | None = None) -> Learning:
    """The prior of some units. everybody: that of all of them, for groups too small to have their own."""
    kind = samples.figure.type
    if kind not in ("proportion", "rate"):
        return Learning(None, "never")
    fit = beta_binomial if kind == "proportion" else gamma_poisson
    prior = fit(samples.numerator[own], samples.n[own])
    if prior is not None:
        return Learning(prior, "peers")
    if everybody is not None and everybody.prior is not None:
        return Learning(everybody.prior, "all")
    return Learning(None, "none")


def learn_all(samples: Samples, groups: Sequence[NDArray[np.int64]]) -> list[tuple[NDArray[np.int64], Learning]]:
    """Each group with its prior; that of everybody is learnt only where a group is too small for its own."""
    own = [learn(samples, members) for members in groups]
    if all(one.learnt != "none" for one in own):
        return list(zip(groups, own, strict=True))
    everybody = learn(samples, np.arange(len(samples.n)))
    return [(members, learn(samples, members, everybody)) for members in groups]


def shrunk(samples: Samples, own: Some, prior: Prior) -> Column:
    """The posterior mean; without a prior the value itself."""
    if isinstance(prior, Beta):
        return (samples.numerator[own] + prior.a) / (samples.n[own] + prior.weight)
    if isinstance(prior, Gamma):
        return PER * (samples.numerator[own] + prior.shape) / (samples.n[own] + prior.rate)
    return samples.value[own]


def spread(samples: Samples, own: Some, prior: Prior) -> Spread:
    """What the true values of some units (with a value each) may be."""
    kind, numerator, n = samples.figure.type, samples.numerator[own], samples.n[own]
    if kind == "proportion":
        a, b = (prior.a, prior.b) if isinstance(prior, Beta) else (0.5, 0.5)
        return Betas(a + numerator, b + n - numerator)
    if kind in ("weighted mean", "composite"):
        means = Means(samples.given, samples.counts[own])
        return means if _drawable(means) else means.smooth
    if kind == "quantile":
        return Medians(samples.hours, samples.first[own], n.astype(np.int64))
    if isinstance(prior, Gamma):
        return Gammas(prior.shape + numerator, prior.rate + n, PER)
    exposure = n if kind == "rate" else np.ones(len(n))
    return Gammas(numerator + 0.5, exposure, PER if kind == "rate" else 1.0)


def interval(samples: Samples) -> Pair:
    """Low and high of every unit's value by the figure's type; NaN where there is no value."""
    kind = samples.figure.type
    if kind == "proportion":
        return intervals.wilson(samples.numerator, samples.n)
    if kind == "rate":
        low, high = intervals.poisson(samples.numerator, samples.n)
        return PER * low, PER * high
    if kind == "count":
        return intervals.poisson(samples.numerator, np.ones(len(samples.n)))
    some = np.flatnonzero((samples.n > 0) & ~np.isnan(samples.value))
    found = np.full((2, len(samples.n)), np.nan)
    if len(some):
        found[:, some] = _of_medians(samples, some) if kind == "quantile" else _of_means(samples, some)
    return found[0], found[1]


def steps(samples: Samples, own: Some, prior: Prior) -> Column:
    """By how much one case more on the other side changes what a unit is ranked by. Not for medians."""
    top = float(samples.given[-1]) if samples.figure.type in ("weighted mean", "composite") else 1.0
    if samples.figure.type == "count":
        return np.ones(int(np.sum(own)) if own.dtype == bool else len(own))
    per = PER if samples.figure.type == "rate" else top
    return per / (samples.n[own] + (prior.weight if prior else 0.0))


def _of_medians(samples: Samples, some: NDArray[np.int64]) -> Sequence[Column]:
    low, high = intervals.median_ranks(samples.n[some])
    first = samples.first[some]
    said = low > 0
    return [np.where(said, samples.hours[first + np.maximum(rank, 1) - 1], np.nan) for rank in (low, high)]


def _of_means(samples: Samples, some: NDArray[np.int64]) -> Sequence[Column]:
    means = Means(samples.given, samples.counts[some])
    if _drawable(means):
        return intervals.of_draws(means.draw(DRAWS, np.random.default_rng(SEED)))
    ends = means.smooth.quantiles(np.array(intervals.TAILS))
    return [ends[:, 0], ends[:, 1]]


def _drawable(means: Means) -> bool:
    return DRAWS * int((means.counts > 0).sum()) <= MOST_RESAMPLED
