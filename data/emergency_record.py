"""The record of an emergency: what happened between its declaration and its end. Counts and times, no texts of cases.

Kept as JSON when the emergency is stood down, so a page printed a year later says what was known then; before that it is
counted anew each time somebody looks.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.below import category_ids, ground_below
from data.database import Connection
from data.sights import ATLAS_NOW

if TYPE_CHECKING:
    from data.emergency import Emergency
    from data.store import Store

MOST_CATEGORIES = 12
Said = dict[str, Any]


def record_now(store: Store, one: Emergency) -> Said:
    """The record as it stands: the one that was written, or the count until now."""
    if one.record is not None:
        return dict(one.record)
    with store.read() as con:
        return record_of(con, one, store.now())


def record_of(con: Connection, one: Emergency, until: datetime) -> Said:
    """The record of [declared, until): minutes, cases, tasks, alarms, warnings, and a line for each thing worth telling."""
    span = {"since": one.declared_at, "until": until}
    places = [row["place_id"] for row in ground_below(con, one.place_id)]
    return {
        "minutes": round((until - one.declared_at).total_seconds() / 60),
        "cases": _cases(con, one, span),
        "tasks": _tasks(con, one, span),
        "alarms": _alarms(con, places, span),
        "warnings": _warnings(con, span),
    }


def _within(one: Emergency) -> str:
    """SQL: case_place p lies in its place."""
    return "true" if one.place_level == "district" else f"p.{one.place_level}_id = {one.place_id:d}"


def _cases(con: Connection, one: Emergency, span: Said) -> Said:
    listed = [number for level in one.plan.levels for number in category_ids(con, level.categories)]
    rows = con.execute(
        f"""WITH here AS (
                SELECT c.case_id, c.category_id, c.stage, c.closed_at, c.due_at FROM cases c
                LEFT JOIN (FROM case_place WHERE atlas_id = ({ATLAS_NOW})) p USING (case_id)
                WHERE c.kind = 'event' AND NOT c.voided AND c.reported_at >= $since AND c.reported_at < $until AND {_within(one)})
            SELECT k.name, list_contains($listed::INTEGER[], category_id) AS listed, count(*) AS n,
                count(*) FILTER (closed_at <= $until) AS closed,
                count(*) FILTER (due_at <= least(coalesce(closed_at, $until::TIMESTAMPTZ), $until::TIMESTAMPTZ)
                    AND (closed_at IS NULL OR closed_at > due_at)) AS late
            FROM here LEFT JOIN category k USING (category_id) GROUP BY ALL ORDER BY n DESC, k.name""",
        {**span, "listed": listed},
    ).fetchall()
    return {
        "reported": sum(n for _, _, n, _, _ in rows),
        "listed": sum(n for _, is_listed, n, _, _ in rows if is_listed),
        "closed": sum(closed for *_, closed, _ in rows),
        "late": sum(late for *_, late in rows),
        "categories": [
            {"name": name or "", "n": n, "closed": closed} for name, _, n, closed, _ in rows[:MOST_CATEGORIES]
        ],
    }


def _tasks(con: Connection, one: Emergency, span: Said) -> Said:
    row = con.execute(
        f"""WITH parts AS (
                SELECT t.parent_case_id, t.stage FROM cases t JOIN (FROM case_place WHERE atlas_id = ({ATLAS_NOW})) p USING (case_id)
                WHERE t.kind = 'task' AND t.parent_case_id IS NOT NULL AND t.reported_at >= $since AND t.reported_at < $until
                    AND {_within(one)})
            SELECT count(DISTINCT parent_case_id), count(*), count(*) FILTER (stage = 'closed') FROM parts""",
        span,
    ).fetchone()
    orders, parts, done = row or (0, 0, 0)
    return {"orders": orders, "parts": parts, "done": done}


def _alarms(con: Connection, places: list[int], span: Said) -> Said:
    row = con.execute(
        """WITH mine AS (
               FROM alarm WHERE raised_at >= $since AND raised_at < $until AND list_contains($places::INTEGER[], place_id))
           SELECT count(*), count(*) FILTER (acknowledged_at IS NOT NULL),
               count(*) FILTER (alarm_id IN (SELECT alarm_id FROM alarm_step WHERE action = 'escalated')),
               max(date_diff('second', raised_at, acknowledged_at)) / 60.0 FROM mine""",
        {**span, "places": places},
    ).fetchone()
    raised, seen, up, longest = row or (0, 0, 0, None)
    return {
        "raised": raised,
        "acknowledged": seen,
        "escalated": up,
        "longest": None if longest is None else round(longest),
    }


def _warnings(con: Connection, span: Said) -> list[Said]:
    rows = con.execute(
        """SELECT coalesce(headline, event), colour, received_at, coalesce(ended_at, expires_at), ended_by FROM hazard_warning
           WHERE received_at < $until AND coalesce(ended_at, expires_at) > $since AND place_id IS NOT NULL
           ORDER BY received_at, warning_id""",
        span,
    ).fetchall()
    return [
        {"title": title, "colour": colour, "from": since.isoformat(), "to": until.isoformat(), "ended_by": how}
        for title, colour, since, until, how in rows
    ]
