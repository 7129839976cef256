"""The shortest period in which a unit has enough cases to be ranked, looking back from the end of the one asked about."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from data.figure_question import ask
from data.rankings import Ranking
from data.samples import samples

if TYPE_CHECKING:
    from data.store import Store

MONTHS = (2, 3, 6, 12, 24)  # how far back is looked, the shortest first
NEVER = 0


def shortest(store: Store, table: Ranking) -> dict[str, int]:
    """Unit's code → months back from the period's end that reach the minimum; NEVER where two years do not. Of the units
    that are listed and not ranked."""
    few = np.isnan(table.rank)
    found = {str(code): NEVER for code, short in zip(table.units.codes, few, strict=True) if short}
    question, left = table.question, set(found)
    for months in MONTHS:
        start = back(question.end, months)
        if not left:
            break
        if start >= question.start:
            continue
        asked = ask(store, replace(question, start=start, figures=(table.figure,)))
        longer = samples(store, asked, table.figure)
        for code, n in zip(longer.units.codes, longer.n.tolist(), strict=True):
            if code in left and n >= table.minimum:
                found[str(code)] = months
                left.discard(str(code))
    return found


def back(moment: datetime, months: int) -> datetime:
    """The same day and hour so many months earlier; the last of the month where there is no such day."""
    number = moment.year * 12 + moment.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
