"""What makes one day busier than another: weekday, holidays and made-up working days, season.

The daily total of a group of series (all tickets of one category) is a Poisson regression on the calendar (`statsmodels`), with the
year's course as two harmonics where the history is long enough to know it. Days far beyond what the calendar explains (a rainstorm)
are cut to the edge of the likely before the regression is made again, so that they do not look like a season.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

YEARLY = 400  # days of history from which on the year's course is known
LEAST = 300  # tickets a group needs for a pattern of its own
ACTIVE = 3  # days of history on which a mark of the calendar must have been, or nothing is known of it
LONG = 5  # days off in a row that make a long holiday
FAR = 5.0  # robust spreads from which on a day is cut
MOST = 3.0  # times the usual a calendar may make a day


def calendar_columns(days: Sequence[date], worked: NDArray[np.bool_], *, yearly: bool) -> Column:
    """A row a day: constant, six weekdays, a weekday off, a weekend worked, a long holiday; sine and cosine of the year.
    worked: whether each day is."""
    weekday = np.array([day.weekday() for day in days])
    columns = [np.ones(len(days)), *((weekday == i).astype(float) for i in range(1, 7))]
    columns += [((weekday < 5) & ~worked).astype(float), ((weekday >= 5) & worked).astype(float), _long(worked)]
    if yearly:
        angle = 2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / 365.25
        columns += [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]
    return np.column_stack(columns)


def _long(worked: NDArray[np.bool_]) -> Column:
    """Days within a run of at least `LONG` days off."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~worked).astype(np.int8), [0]])))
    found = np.zeros(len(worked))
    for first, last in edges.reshape(-1, 2).tolist():
        if last - first >= LONG:
            found[first:last] = 1.0
    return found


def patterns(totals: Column, columns: Column) -> tuple[Column, Column]:
    """What the calendar makes of each group's days, history and future (groups, all days); and of the history the share of each
    day's tickets that is likely (groups, days): 1 on all but the far days. totals: (groups, days); columns: of all days."""
    n = totals.shape[1]
    pooled, _ = _fitted(totals.sum(axis=0), columns)
    pooled = pooled / max(pooled[:n].mean(), 1e-12)
    shapes, likely = np.empty((len(totals), len(columns))), np.ones_like(totals)
    for i, total in enumerate(totals):
        if total.sum() >= LEAST:
            shapes[i], likely[i] = _fitted(total, columns)
        else:
            shapes[i] = np.maximum(pooled * total.mean(), 1e-9)
            likely[i] = _likely(total, shapes[i, :n])
    return shapes, likely


def _fitted(total: Column, columns: Column) -> tuple[Column, Column]:
    """The regression's days, and the likely share of each day of the history."""
    n = len(total)
    if total.sum() < ACTIVE:
        return np.full(len(columns), max(float(total.mean()), 1e-9)), np.ones(n)
    known = (columns[:n] != 0).sum(axis=0) >= ACTIVE
    first = _poisson(total, columns[:, known], n)
    likely = _likely(total, first[:n])
    again = first if (likely == 1).all() else _poisson(total * likely, columns[:, known], n)
    return again, _likely(total, again[:n])


def _poisson(total: Column, columns: Column, n: int) -> Column:
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", PerfectSeparationWarning
        )  # counts that never vary are told exactly; that is no fault here
        fit = GLM(total, columns[:n], family=Poisson()).fit(maxiter=50)
    usual = max(float(total.mean()), 1e-9)
    return np.asarray(np.clip(fit.predict(columns), usual / 100, usual * MOST), dtype=np.float64)


def _likely(total: Column, expected: Column) -> Column:
    """1 where a day lies within `FAR` robust spreads above what is expected, else the share of it that does."""
    residual = (total - expected) / np.sqrt(expected)
    spread = max(1.0, 1.4826 * float(np.median(np.abs(residual))))
    edge = expected + FAR * spread * np.sqrt(expected)
    return np.where(total > edge, edge / np.maximum(total, 1), 1.0)
