"""Episodes: the hours in which far more was reported than usual, found in the data itself.

A city's rainstorm, a burst main or a power cut shows as hours with many more reports than the same hours of the four weeks
around them. Usual is the median of those, so that neither the episode itself nor another one nearby makes it look usual; hours
that lie above it by more than twice the spread of a Poisson count (its square root) are strung together, and a string is told
when its excess is far beyond chance and it is no mere lively day. What it was about are the categories that grew most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from data.store import Store

DAYS = 366  # looked back
AROUND = 14  # days before and after that say what is usual
ABOVE = 2.0  # spreads an hour must lie above what is usual
BEYOND, TIMES = 6.0, 1.6  # spreads all of an episode must, and how many times the usual it must be
LEAST, SHORTEST = 20, 2  # cases beyond the usual, hours
MOST, LEADING = 8, 3  # episodes told, categories named
HOUR = timedelta(hours=1)

Column = NDArray[np.float64]


@dataclass(frozen=True)
class Episode:
    """Hours [start, end) in which much more was reported than usual. leading: the categories that grew most, with how many."""

    start: datetime
    end: datetime
    reported: int
    usual: float
    leading: tuple[tuple[str, int], ...]


def episodes(store: Store, *, kind: str = "event") -> list[Episode]:
    """The year's episodes, those with most cases beyond the usual first."""
    until = store.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    since = until - timedelta(days=DAYS)
    hours = _hours(store, kind, since)
    usual = usual_hours(hours)
    found = strings(hours, usual)
    spans = [(since + int(a) * HOUR, since + int(b) * HOUR) for a, b in found]
    leading = _leading(store, kind, since, spans)
    told = zip(found, spans, leading, strict=True)
    return [Episode(*span, round(hours[a:b].sum()), float(usual[a:b].sum()), names) for (a, b), span, names in told]


def usual_hours(hours: Column) -> Column:
    """What is usual in each hour: the median of the same hour of the days around. hours: counts of whole days, hour by hour."""
    days = hours.reshape(-1, 24)
    usual = [np.median(days[max(0, i - AROUND) : i + AROUND + 1], axis=0) for i in range(len(days))]
    return np.array(usual).ravel()


def strings(hours: Column, usual: Column) -> list[tuple[int, int]]:
    """The episodes as [first hour, hour after the last), the largest excess first. A single ordinary hour does not end one."""
    high = hours > usual + ABOVE * np.sqrt(usual + 1)
    bridged = high | (np.append(high[1:], False) & np.insert(high[:-1], 0, False))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bridged.astype(np.int8), [0]])))
    found = []
    for a, b in edges.reshape(-1, 2).tolist():
        ordinary = float(usual[a:b].sum())
        excess = float(hours[a:b].sum()) - ordinary
        if b - a >= SHORTEST and excess >= max(LEAST, BEYOND * np.sqrt(ordinary + 1), (TIMES - 1) * ordinary):
            found.append((excess, a, b))
    return [(a, b) for _, a, b in sorted(found, reverse=True)[:MOST]]


def _hours(store: Store, kind: str, since: datetime) -> Column:
    counted = store.arrow(
        """SELECT ((epoch_us(reported_at) - epoch_us($since)) // 3600000000)::INTEGER AS hour, count(*) AS n FROM cases
           WHERE kind = $kind AND NOT voided AND reported_at >= $since AND reported_at < $until GROUP BY 1""",
        {"kind": kind, "since": since, "until": since + timedelta(days=DAYS)},
    )
    hours = np.zeros(DAYS * 24)
    hours[counted.column("hour").to_numpy()] = counted.column("n").to_numpy()
    return hours


def _leading(
    store: Store, kind: str, since: datetime, spans: list[tuple[datetime, datetime]]
) -> list[tuple[tuple[str, int], ...]]:
    """Of each span the categories whose cases exceed most what so many hours of the year bring."""
    if not spans:
        return []
    rows = store.rows(
        """WITH span AS (SELECT unnest($starts) AS a, unnest($ends) AS b, unnest(range(len($starts))) AS number),
           usual AS (SELECT category_id, count(*) / $hours AS n FROM cases
                     WHERE kind = $kind AND reported_at >= $since AND reported_at < $until GROUP BY 1)
           SELECT number, k.name, count(*) AS n FROM cases c JOIN span ON c.reported_at >= a AND c.reported_at < b
           JOIN category k USING (category_id) LEFT JOIN usual u USING (category_id)
           WHERE c.kind = $kind AND NOT c.voided
           GROUP BY number, k.name, u.n, a, b
           HAVING count(*) > u.n * date_diff('hour', a, b)
           ORDER BY number, count(*) - u.n * date_diff('hour', a, b) DESC, k.name""",
        {
            "starts": [a for a, _ in spans], "ends": [b for _, b in spans], "kind": kind, "since": since,
            "until": since + timedelta(days=DAYS), "hours": float(DAYS * 24),
        },
    )  # fmt: skip
    named: list[list[tuple[str, int]]] = [[] for _ in spans]
    for row in rows:
        named[int(row["number"])].append((row["name"], int(row["n"])))
    return [tuple(names[:LEADING]) for names in named]
