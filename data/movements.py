"""How a figure stands against another period: risen, fallen, unchanged, or too few to say; every unit of a level at once.

A figure has risen or fallen where the 95 % interval of the difference leaves out zero, else it is unchanged. That interval comes from
the figure's own two (`estimates.interval`) by the method of variance estimates recovery (Zou and Donner, 2008), which for shares is
Newcombe's (1998, number 10). Too few: where either side rests on fewer cases than a unit needs to be ranked (`reporting.toml`); of a
count, where neither side comes to so many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from data import estimates
from data.figure_question import Question, ask
from data.figure_rows import Column
from data.periods import Period
from data.reporting import reporting
from data.samples import Samples, samples

if TYPE_CHECKING:
    from data.store import Store

Ends = tuple[float, float]
How = Literal["up", "down", "same", "few", "none"]


@dataclass(frozen=True, eq=False)
class Measured:
    """A figure of every unit in one period, how sure it is, and how many cases it must rest on to be compared."""

    samples: Samples
    low: Column
    high: Column
    fewest: int


@dataclass(frozen=True)
class Movement:
    """Of one unit. by: now less then, of a count as a share of then; None where there is nothing to compare with."""

    how: How
    by: float | None = None


def measured(store: Store, question: Question, figure: str) -> Measured:
    """A figure of every unit of the question's level. Raises QuestionError, NotFound."""
    found = samples(store, ask(store, replace(question, figures=(figure,))), figure)
    period = Period(question.start, question.end)
    fewest = reporting(store).minimum.of(figure, question.level, period)[0]
    return Measured(found, *estimates.interval(found), fewest)


def movements(now: Measured, then: Measured) -> dict[str | None, Movement]:
    """Each unit's movement by its code."""
    at = then.samples.units.positions(now.samples.units.ids)
    return {
        code: _movement(now, then, i, int(old)) if old >= 0 else Movement("none")
        for i, (code, old) in enumerate(zip(now.samples.units.codes, at, strict=True))
    }


def _movement(now: Measured, then: Measured, i: int, j: int) -> Movement:
    new, old = float(now.samples.value[i]), float(then.samples.value[j])
    counted = now.samples.figure.type == "count"
    if np.isnan(new) or np.isnan(old) or (counted and not old):
        return Movement("none")
    by = (new - old) / old if counted else new - old
    n = (max if counted else min)(now.samples.n[i], then.samples.n[j])
    ends = (float(now.low[i]), float(now.high[i])), (float(then.low[j]), float(then.high[j]))
    if n < now.fewest or np.isnan(ends).any():
        return Movement("few", by)
    low, high = difference(new, old, *ends)
    return Movement("same" if low <= 0 <= high else "up" if by > 0 else "down", by)


def difference(new: float, old: float, new_ends: Ends, old_ends: Ends) -> Ends:
    """From where to where new less old may lie, from the intervals of both."""
    low = new - old - np.hypot(new - new_ends[0], old_ends[1] - old)
    high = new - old + np.hypot(new_ends[1] - new, old - old_ends[0])
    return float(low), float(high)
