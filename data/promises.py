"""What was promised with a date: supervisions (督办), interviews (约谈), listings (挂牌), and cases that were given more time (延期).

    promises(store, at)      those due within a week or past it, what a leader ordered first

A case's date is that of its clock that runs out next. What stands still (缓办) has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from data.queues import Waiting, Wish, how_many, waiting

if TYPE_CHECKING:
    from data.store import Store

ORDERED = ("supervision", "interview", "listing")
EXTENDED = "extended"
DAYS = 7
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Count:
    """Of one sort: how many are past their date, and how many have theirs within the days."""

    sort: str
    late: int
    soon: int


@dataclass(frozen=True)
class Promises:
    """counts: of each sort there is any of; listed: the first of them, those ordered before those extended, by date."""

    counts: tuple[Count, ...]
    listed: tuple[tuple[str, Waiting], ...]


def promises(store: Store, at: datetime, *, days: int = DAYS, within: tuple[int, ...] = (), most: int = 8) -> Promises:
    """The promises of a place (none: everywhere) that are due within some days, or past."""
    until = at + timedelta(days=days)
    wishes = {kind: Wish(kinds=(kind,), within=within, limit=most) for kind in ORDERED}
    wishes[EXTENDED] = Wish(kinds=("event", "task", "whistle", "request"), promised=True, within=within, limit=most)
    counts: list[Count] = []
    ordered: list[tuple[str, Waiting]] = []
    extended: list[tuple[str, Waiting]] = []
    for sort, wish in wishes.items():
        late, soon = how_many(store, [_between(wish, LONG_AGO, at), _between(wish, at, until)])
        if late or soon:
            counts.append(Count(sort, late, soon))
            found = waiting(store, _between(wish, LONG_AGO, until))
            (extended if sort == EXTENDED else ordered).extend((sort, one) for one in found)
    ordered.sort(key=lambda one: (one[1].due_at or until, one[1].case_id))
    return Promises(tuple(counts), tuple([*ordered, *extended][:most]))


def _between(wish: Wish, first: datetime, last: datetime) -> Wish:
    return replace(wish, soon=(first, last))
