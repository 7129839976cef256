"""What a unit's true value may be, as a distribution a unit: ranks and intervals are made from it.

A shrunk share is a beta, a shrunk rate a gamma (the posterior); without shrinkage the same with Jeffreys' prior, which adds half
a case. Means of what each case was given, and medians, have no prior: their distribution is what drawing the unit's own cases
anew would give (the bootstrap). Of a median that is known in closed form: the bootstrap's median is one of the values in order,
its place a beta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from data.intervals import Column

Draws = NDArray[np.float32]


class Spread(Protocol):
    """A distribution a unit."""

    def __len__(self) -> int:
        """How many units."""
        ...

    def draw(self, n: int, luck: np.random.Generator) -> Draws:
        """n draws of every unit: (n, units)."""
        ...

    def quantiles(self, at: Column) -> Column:
        """The values below which each unit lies with these probabilities: (units, probabilities)."""
        ...


@dataclass(frozen=True)
class Betas:
    """Shares, stretched over low … high."""

    a: Column
    b: Column
    low: float = 0.0
    high: float = 1.0

    def __len__(self) -> int:
        return len(self.a)

    def draw(self, n: int, luck: np.random.Generator) -> Draws:
        """Seeded draws."""
        drawn = self.low + (self.high - self.low) * luck.beta(self.a, self.b, (n, len(self.a)))
        return drawn.astype(np.float32)

    def quantiles(self, at: Column) -> Column:
        """Exact; units with the same counts are looked up once."""
        (a, b), back = _once(self.a, self.b)
        found = np.asarray(special.betaincinv(a[:, None], b[:, None], at[None, :]), dtype=np.float64)
        return self.low + (self.high - self.low) * found[back]


@dataclass(frozen=True)
class Gammas:
    """Rates: events per unit of exposure, times `per`."""

    shape: Column
    rate: Column
    per: float = 1.0

    def __len__(self) -> int:
        return len(self.shape)

    def draw(self, n: int, luck: np.random.Generator) -> Draws:
        """Seeded draws."""
        return (luck.standard_gamma(self.shape, (n, len(self.shape))) * (self.per / self.rate)).astype(np.float32)

    def quantiles(self, at: Column) -> Column:
        """Exact; units with the same counts are looked up once."""
        (shape, rate), back = _once(self.shape, self.rate)
        found: Column = (special.gammaincinv(shape[:, None], at[None, :]) * (self.per / rate)[:, None])[back]
        return found


@dataclass(frozen=True)
class Medians:
    """Medians of values in order. values: all units' one after another; first, n: where each unit's stand (n > 0)."""

    values: Column
    first: NDArray[np.int64]
    n: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.n)

    def draw(self, n: int, luck: np.random.Generator) -> Draws:
        """The medians of n bootstraps of each unit."""
        half = (self.n + 1) / 2
        return self._at(luck.beta(half, half, (n, len(self.n)))).astype(np.float32)

    def quantiles(self, at: Column) -> Column:
        """Quantiles of the bootstrap's median."""
        sizes, back = np.unique(self.n, return_inverse=True)
        half = ((sizes + 1) / 2)[:, None]
        places = np.asarray(special.betaincinv(half, half, at[None, :]), dtype=np.float64)[back]
        return self._at(places.T).T

    def _at(self, places: Column) -> Column:
        """The values at relative places 0 … 1, a row of units each time."""
        index = np.minimum((places * self.n).astype(np.int64), self.n - 1)
        return self.values[self.first + index]


@dataclass(frozen=True)
class Means:
    """Means of what each case was given. values: what a case can be given, in order; counts: (units, values), n > 0 each."""

    values: Column
    counts: Column

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def smooth(self) -> Betas:
        """Betas with the bootstrap's mean and variance; where all cases say the same, and drawing them anew could tell nothing,
        half a case to the contrary."""
        low, high = float(self.values[0]), float(self.values[-1])
        n = self.counts.sum(axis=1)
        given = (self.values - low) / (high - low)
        mean = self.counts @ given / n
        variance = np.maximum(self.counts @ (given * given) / n - mean * mean, 0.0) / n
        same = variance < 1e-15
        weight = np.where(same, n + 1, mean * (1 - mean) / np.where(same, 1.0, variance) - 1)
        mean = np.where(same, (mean * n + 0.5) / (n + 1), mean)
        return Betas(np.maximum(mean * weight, 0.05), np.maximum((1 - mean) * weight, 0.05), low, high)

    def draw(self, n: int, luck: np.random.Generator) -> Draws:
        """The means of n bootstraps of each unit; draws of `smooth` where all its cases say the same."""
        drawn = np.empty((n, len(self.counts)), dtype=np.float32)
        smooth = self.smooth
        for unit, counts in enumerate(self.counts):
            there = np.flatnonzero(counts)
            size = int(counts.sum())
            if len(there) == 1:
                share = luck.beta(smooth.a[unit], smooth.b[unit], n)
                drawn[:, unit] = smooth.low + (smooth.high - smooth.low) * share
            else:
                cases = luck.multinomial(size, counts[there] / size, n)
                drawn[:, unit] = cases @ self.values[there] / size
        return drawn

    def quantiles(self, at: Column) -> Column:
        """Of `smooth`: within a point of ten thousand bootstraps from thirty cases on."""
        return self.smooth.quantiles(at)


def _once(first: Column, second: Column) -> tuple[tuple[Column, Column], NDArray[np.int64]]:
    """Each different pair once, and where each unit's is found."""
    pairs, back = np.unique(first + 1j * second, return_inverse=True)
    return (pairs.real, pairs.imag), back
