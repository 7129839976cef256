"""Service levels while a place is in emergency: of a deadline given now, there, in a listed category, the earlier one counts.

A deadline is given when its clock starts (of an event: when it is registered); what was given before the emergency, or is
given after it, is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial

from data.below import category_ids
from data.database import Connection
from data.definitions import version_of
from data.emergency_plans import Plan
from data.service_levels import Hours, ServiceLevels, allowed, later
from data.working_days import working_calendar

# (category, urgency, the places it lies in, when the clock starts) → how long it may take: the earliest of these ends.
Allowed = Callable[[int | None, str, Sequence[int], datetime], tuple[Hours, ...]]


@dataclass(frozen=True)
class Shorter:
    """What an emergency makes of service levels: since when, where, and the hours of each category it lists."""

    since: datetime
    place_id: int
    hours: dict[int, Hours]


def allowed_here(con: Connection, levels: ServiceLevels) -> Allowed:
    """What deadlines are made with just now; each category and urgency is looked up once."""
    usual = cache(partial(allowed, con, levels))
    shorter = shorter_here(con)

    def hours(category: int | None, urgency: str, chain: Sequence[int], at: datetime) -> tuple[Hours, ...]:
        return (usual(category, urgency), *shorter(category, chain, at))

    return hours


def shorter_here(con: Connection) -> Callable[[int | None, Sequence[int], datetime], tuple[Hours, ...]]:
    """What the emergencies in force say of a category in these places, of a clock that starts then; mostly nothing."""
    in_force = _in_force(con)

    def hours(category: int | None, chain: Sequence[int], at: datetime) -> tuple[Hours, ...]:
        return tuple(
            one.hours[category]
            for one in in_force
            if category is not None and category in one.hours and one.place_id in chain and one.since <= at
        )

    return hours


@dataclass(frozen=True)
class Given:
    """A deadline that somebody gives by the usual service levels: of what, where, from when, until when."""

    category_id: int | None
    chain: tuple[int, ...]
    at: datetime
    due_at: datetime
    handle_due_at: datetime | None


def hurried(con: Connection, given: Sequence[Given], handled: float) -> list[Given]:
    """The same with the earlier ends that emergencies ask for. handled: the share of the time after which work has to be done."""
    shorter, calendar = shorter_here(con), working_calendar(con)

    def sooner(one: Given) -> Given:
        ends = shorter(one.category_id, one.chain, one.at)
        due = min([one.due_at, *(later(calendar, one.at, e.hours, worked=e.worked) for e in ends)])
        work = [later(calendar, one.at, e.hours * handled, worked=e.worked) for e in ends]
        handle = min([one.handle_due_at, *work]) if one.handle_due_at is not None else None
        return replace(one, due_at=due, handle_due_at=handle)

    return [sooner(one) for one in given]


def _in_force(con: Connection) -> list[Shorter]:
    rows = con.execute("SELECT digest, place_id, declared_at FROM emergency WHERE ended_at IS NULL").fetchall()
    return [
        Shorter(
            since,
            place_id,
            {
                category: Hours(level.hours, level.clock == "working")
                for level in version_of(con, digest, Plan).levels
                for category in category_ids(con, level.categories)
            },
        )
        for digest, place_id, since in rows
    ]
