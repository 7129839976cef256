"""Expected counts of many short series (community × category) over the next days, with how sure that is.

The days of a category follow one pattern (`day_patterns.py`); a series is its share of it. The share is a gamma-Poisson estimate:
what the series had of late, older weeks counting less, drawn towards its share in the long run, the more the fewer tickets there
are. How fast the past fades and how strongly it is drawn is whatever told the last twelve weeks best, the same for all series.

How far counts spread around what was expected is learnt from those weeks too: they are foretold as they would have been, and the
negative binomial whose dispersion makes what came most likely gives the intervals: one dispersion a category, drawn to that of all.
Sums of series (a community, a category of the district) are foretold as sums, with a dispersion of their own.

No store, no clock: arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from data.day_patterns import YEARLY, calendar_columns, patterns

Column = NDArray[np.float64]
Numbers = NDArray[np.int64]

HORIZONS = (7, 28)
FADES = (14.0, 28.0, 56.0, 112.0)  # days after which a day counts half
DRAWS = (2.0, 8.0, 32.0)  # tickets the long run weighs
WINDOWS = 12  # weeks foretold again
REACH = 365  # days looked back for a share
START = 42  # days of history before the first week that is foretold again
DISPERSIONS = np.concatenate([[1e-4], np.geomspace(2e-3, 4.0, 24)])
TOGETHER = 300.0  # windows that the dispersion of all weighs beside a category's own
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class History:
    """counts: (series, days); group: number of each series' category; days: of the history; worked: whether each of them and of
    the days to come is."""

    counts: Column
    group: Numbers
    days: Sequence[date]
    worked: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Days of the history."""
        return int(self.counts.shape[1])


@dataclass(frozen=True, eq=False)
class Expected:
    """Over a horizon: expected count and dispersion of each series; variance = expected + dispersion × expected²."""

    expected: Column
    dispersion: Column

    def quantiles(self, levels: Sequence[float]) -> Column:
        """(series, levels)."""
        return quantiles(self.expected, self.dispersion, levels)

    def chance(self, counts: Column) -> Column:
        """How likely so many or more are."""
        r, p = _parameters(self.expected, self.dispersion)
        return np.asarray(stats.nbinom.sf(counts - 1, r, p), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Foretold:
    """The series' horizons, and those of each kind of sum. fade, drawn: the choice that told the last weeks best."""

    fade: float
    drawn: float
    series: Mapping[int, Expected]
    sums: Mapping[str, Mapping[int, Expected]] = field(default_factory=dict)


def quantiles(expected: Column, dispersion: Column, levels: Sequence[float]) -> Column:
    """Of negative binomials: (series, levels)."""
    r, p = _parameters(expected, dispersion)
    return np.asarray(stats.nbinom.ppf(np.asarray(levels)[None, :], r[:, None], p[:, None]), dtype=np.float64)


def _parameters(expected: Column, dispersion: Column) -> tuple[Column, Column]:
    r = 1 / np.maximum(dispersion, 1e-9)
    return r, r / (r + np.maximum(expected, 1e-12))


def foretell(
    history: History, horizons: Sequence[int] = HORIZONS, sums: Mapping[str, Numbers] | None = None
) -> Foretold:
    """The days after the history. sums: name → which sum each series belongs to."""
    past = _Past.of(history, history.n - 7 * WINDOWS if history.n >= YEARLY else history.n)
    fade, drawn = _best(past)
    now = _Past.of(history, history.n)
    series: dict[int, Expected] = {}
    summed: dict[str, dict[int, Expected]] = {name: {} for name in sums or {}}
    for horizon in horizons:
        origins = past.origins(horizon)
        told = [past.expected(origin, horizon, fade, drawn) for origin in origins]
        came = [past.came(origin, horizon) for origin in origins]
        expected = now.expected(history.n, horizon, fade, drawn)
        series[horizon] = Expected(expected, _dispersions(told, came, history.group))
        for name, labels in (sums or {}).items():
            added, all_told, all_came = (_added(labels, columns) for columns in ([expected], told, came))
            one = np.zeros(len(added[0]), dtype=np.int64)
            summed[name][horizon] = Expected(added[0], _dispersions(all_told, all_came, one))
    return Foretold(fade, drawn, series, summed)


@dataclass(frozen=True, eq=False)
class _Past:
    """A history with the pattern of its days as it could be known after `known` of them."""

    history: History
    shapes: Column  # (groups, all days)
    likely: Column  # counts without what lies far beyond the likely
    seen: Column = field(repr=False)  # running sums of `likely`, and of the shapes
    made: Column = field(repr=False)

    @classmethod
    def of(cls, history: History, known: int) -> _Past:
        groups = int(history.group.max()) + 1 if len(history.group) else 0
        totals = np.zeros((groups, history.n))
        np.add.at(totals, history.group, history.counts)
        days = [*history.days, *_after(history.days[-1], len(history.worked) - history.n)]
        columns = calendar_columns(days, history.worked, yearly=known >= YEARLY)
        shapes, _ = patterns(totals[:, :known], columns)
        _, likely = patterns(totals, columns) if known < history.n else (shapes, _)
        counts = history.counts * likely[history.group]
        running = [np.concatenate([np.zeros((len(a), 1)), np.cumsum(a, axis=1)], axis=1) for a in (counts, shapes)]
        return cls(history, shapes, counts, *running)

    def origins(self, horizon: int) -> list[int]:
        """The days from which the last weeks are foretold again, the latest first."""
        last = self.history.n - horizon
        return [at for at in range(last, last - 7 * WINDOWS, -7) if at >= START]

    def came(self, origin: int, horizon: int) -> Column:
        """What came in the days after."""
        return np.asarray(self.history.counts[:, origin : origin + horizon].sum(axis=1), dtype=np.float64)

    def expected(self, origin: int, horizon: int, fade: float, drawn: float) -> Column:
        """What would have been expected then: the share of late, drawn to that of the long run, times the days to come."""
        share, (late, of) = self.share(origin), self.late(origin, fade)
        level = (drawn + late) / (drawn / np.maximum(share, 1e-12) + of)
        coming = self.made[:, origin + horizon] - self.made[:, origin]
        return np.asarray(level * coming[self.history.group], dtype=np.float64)

    def share(self, origin: int) -> Column:
        """Each series' share of its group in the long run, with half a ticket for everybody, at the group's pace of late."""
        group, first = self.history.group, max(0, origin - REACH)
        own = self.seen[:, origin] - self.seen[:, first] + 0.5
        whole = np.bincount(group, own, minlength=len(self.shapes))
        late, recently = np.zeros(len(self.shapes)), max(0, origin - 28)
        np.add.at(late, group, self.seen[:, origin] - self.seen[:, recently])
        made = self.made[:, origin] - self.made[:, recently]
        return np.asarray(own / whole[group] * ((late + 20) / (made + 20))[group], dtype=np.float64)

    def late(self, origin: int, fade: float) -> tuple[Column, Column]:
        """What the series had of late, and what the pattern made of those days; a day counts half after `fade` days."""
        first = max(0, origin - REACH)
        weights = 0.5 ** ((origin - 1 - np.arange(first, origin)) / fade)
        made = self.shapes[:, first:origin] @ weights
        return self.likely[:, first:origin] @ weights, made[self.history.group]


def _best(past: _Past) -> tuple[float, float]:
    """The fade and the draw under which the last weeks were least surprising (Poisson deviance)."""
    origins = past.origins(HORIZONS[0])
    if not origins:
        return FADES[-1], DRAWS[-1]

    def surprise(fade: float, drawn: float) -> float:
        lost = 0.0
        for origin in origins:
            told, came = past.expected(origin, HORIZONS[0], fade, drawn), past.came(origin, HORIZONS[0])
            lost += float((told - special.xlogy(came, told)).sum())
        return lost

    return min(((fade, drawn) for fade in FADES for drawn in DRAWS), key=lambda pair: surprise(*pair))


def _dispersions(told: Sequence[Column], came: Sequence[Column], group: Numbers) -> Column:
    """Of each series that of its group: the most likely one, beside `TOGETHER` windows of all."""
    if not told:
        return np.full(len(group), 0.1)
    groups = int(group.max()) + 1 if len(group) else 0
    likely = np.zeros((groups, len(DISPERSIONS)))
    for expected, counts in zip(told, came, strict=True):
        for i, dispersion in enumerate(DISPERSIONS):
            r, p = _parameters(expected, np.full(len(expected), dispersion))
            likely[:, i] += np.bincount(group, stats.nbinom.logpmf(counts, r, p), minlength=groups)
    windows = len(told) * len(group)
    pooled = likely.sum(axis=0) * (TOGETHER / max(windows, 1))
    chosen: Column = DISPERSIONS[np.argmax(likely + pooled, axis=1)]
    return chosen[group]


def _added(labels: Numbers, columns: Sequence[Column]) -> list[Column]:
    n = int(labels.max()) + 1 if len(labels) else 0
    return [np.bincount(labels, column, minlength=n).astype(np.float64) for column in columns]


def _after(last: date, n: int) -> list[date]:
    return [date.fromordinal(last.toordinal() + i) for i in range(1, n + 1)]
