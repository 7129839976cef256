"""Service levels while a place is in emergency: of a deadline given now, there, in a listed category, the earlier one counts.

A deadline is given when its clock starts (of an event: when it is registered); what was given before the emergency, or is
given after it, is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from data.below import category_ids
from data.database import Connection
from data.definitions import version_of
from data.emergency_plans import Plan
from data.service_levels import Hours, ServiceLevels, allowed

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
    shorter = _in_force(con)

    def hours(category: int | None, urgency: str, chain: Sequence[int], at: datetime) -> tuple[Hours, ...]:
        own = [
            one.hours[category]
            for one in shorter
            if category is not None and category in one.hours and one.place_id in chain and one.since <= at
        ]
        return (usual(category, urgency), *own)

    return hours


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
