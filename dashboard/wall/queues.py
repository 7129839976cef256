"""The open cases of a wall's place, as its lists and counts ask for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dashboard.console.tabs import kinds_of, warns_of
from dashboard.wall.protocol import Ask
from data.queues import Waiting, Wish, how_many, waiting

AHEAD = timedelta(days=3660)


def own(asked: Ask) -> Wish:
    """The open cases of the place: whole ones and their parts alike, as the console shows them."""
    within = () if asked.spot.is_district else (asked.spot.place_id,)
    return Wish(within=within, fields=asked.choice.filters)


def how_many_soon(asked: Ask) -> int:
    """How many have used as much of their time as their clock's definition warns at."""
    return how_many(asked.store, [replace(own(asked), warned=asked.now, warns=warns_of(kinds_of(asked.store)))])[0]


def running_out(asked: Ask, limit: int) -> list[Waiting]:
    """Those whose clock runs out next, the nearest first."""
    return waiting(asked.store, replace(own(asked), soon=(asked.now, asked.now + AHEAD), limit=limit))


def run_out(asked: Ask, limit: int) -> list[Waiting]:
    """Those whose clock has run out, the longest first."""
    return waiting(asked.store, replace(own(asked), late=asked.now, limit=limit))


def newest(asked: Ask, limit: int) -> list[Waiting]:
    """The newest that are open."""
    return waiting(asked.store, replace(own(asked), order="newest", limit=limit, parts=False))
