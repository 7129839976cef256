"""A plan as a table: the one meant, its places with their shapes, and the homes it divides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from data.errors import NotFound
from data.levels import BEGINNING
from data.plans import Plan, plan_on, plans

if TYPE_CHECKING:
    from data.store import Store

_HELD = "v.effective_from <= $day AND $day < v.effective_to"


def plan_meant(store: Store, word: str | None = None) -> Plan:
    """The plan of a number, a name or a day (2025-01-01); without a word the one in force today. Raises NotFound."""
    there = plans(store)
    if word is None or word in ("", "now"):
        found = plan_on(store, store.now().astimezone(store.zone).date())
    else:
        named = [one for one in there if word in (one.name, str(one.plan_id))]
        found = named[-1] if named else _on_day(store, word)
    if found is None:
        told = "; ".join(f"{one.plan_id} {one.name} ({one.status})" for one in there) or "none"
        raise NotFound("there is no such plan.", where=word or "in force today", todo=f"There are: {told}.")
    return found


def _on_day(store: Store, word: str) -> Plan | None:
    try:
        return plan_on(store, date.fromisoformat(word))
    except ValueError:
        return None


def day_of(store: Store, plan: Plan) -> date:
    """The day a plan is read on: today while it is in force, else its last day, or its first where that is to come."""
    today = store.now().astimezone(store.zone).date()
    last = plan.effective_to - timedelta(days=1)
    return max(plan.effective_from, min(today, last), BEGINNING)


def planned_places(store: Store, plan: Plan, level: str) -> pa.Table:
    """code, name, parent (code), kind, households, geometry (WKB, EPSG:4326) of a plan's grids or micro-grids, by code."""
    return store.arrow(
        f"""SELECT p.code, v.name, above.code AS parent, v.kind, v.households, ST_AsWKB(v.geometry)::BLOB AS geometry
            FROM place_version v JOIN place p USING (place_id) LEFT JOIN place above ON above.place_id = v.parent_id
            WHERE p.level = $level AND v.plan_id = $plan AND {_HELD} ORDER BY p.code""",
        {"level": level, "plan": plan.plan_id, "day": day_of(store, plan)},
    )


def outlines(store: Store, level: str, day: date) -> pa.Table:
    """code, name, geometry (WKB, EPSG:4326) of the places of an unplanned level in force on a day, by code."""
    return store.arrow(
        f"""SELECT p.code, v.name, ST_AsWKB(v.geometry)::BLOB AS geometry FROM place_version v JOIN place p USING (place_id)
            WHERE p.level = $level AND v.plan_id IS NULL AND v.geometry IS NOT NULL AND {_HELD} ORDER BY p.code""",
        {"level": level, "day": day},
    )


def homes(store: Store, day: date) -> pa.Table:
    """code, building, estate, community (codes, null where unknown), households, geometry of every block on a day, and of every
    building without blocks, by code."""
    return store.arrow(
        f"""WITH RECURSIVE held AS (
                SELECT v.place_id, p.level, p.code, v.parent_id, v.households, v.geometry
                FROM place_version v JOIN place p USING (place_id) WHERE v.plan_id IS NULL AND {_HELD}),
            atom AS (
                SELECT * FROM held WHERE geometry IS NOT NULL AND (level = 'block' OR (level = 'building'
                    AND place_id NOT IN (SELECT parent_id FROM held WHERE level = 'block' AND geometry IS NOT NULL)))),
            up AS (
                SELECT place_id AS atom, parent_id, 0 AS steps FROM atom
                UNION ALL SELECT up.atom, held.parent_id, steps + 1 FROM up JOIN held ON held.place_id = up.parent_id WHERE steps < 6),
            above AS (
                SELECT up.atom, any_value(h.code) FILTER (h.level = 'building') AS building,
                    any_value(h.code) FILTER (h.level = 'estate') AS estate,
                    any_value(h.code) FILTER (h.level = 'community') AS community
                FROM up JOIN held h ON h.place_id = up.parent_id GROUP BY 1)
            SELECT a.code, CASE WHEN a.level = 'building' THEN a.code ELSE building END AS building, estate, community,
                coalesce(a.households, 0)::INTEGER AS households, ST_AsWKB(a.geometry)::BLOB AS geometry
            FROM atom a LEFT JOIN above ON above.atom = a.place_id ORDER BY a.code""",
        {"day": day},
    )
