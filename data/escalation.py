"""What happens because nothing did: clocks that have run out let a case lapse, or take it one level up.

Only cases with a life of ours are looked at; what another system leads is not escalated here. Each minute makes one move a
case at most, so a ladder that was missed while nobody ran the program is climbed rung by rung, in the ledger's order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from data.actors import PROGRAM
from data.calendars import WorkingCalendar
from data.database import Connection
from data.definitions import KindVersion
from data.kinds import Kind
from data.lives import Ticking
from data.orders import Order
from data.service_levels import later
from data.sights import Sight, look
from data.working_days import working_calendar

AT_ONCE = 500  # cases the clock moves in one go
VersionOf = Callable[[Connection, Sight], KindVersion]


def due_orders(con: Connection, version_of: VersionOf, now: datetime) -> list[Order]:
    """The moves the clock makes now, at most `AT_ONCE`: those that have waited longest first."""
    found = con.execute(
        """SELECT k.case_id FROM case_clock k JOIN case_hot c USING (case_id)
           WHERE k.due_at <= $now AND NOT c.suspended AND c.stage NOT IN ('closed', 'voided')
           GROUP BY k.case_id ORDER BY min(k.due_at)""",
        {"now": now},
    ).fetchall()
    if not found:
        return []
    calendar = working_calendar(con)
    orders: list[Order] = []
    for start in range(0, len(found), AT_ONCE):
        for sight in look(con, [case_id for (case_id,) in found[start : start + AT_ONCE]]).values():
            orders += next_order(sight, version_of(con, sight).kind, calendar, now)
        if len(orders) >= AT_ONCE:
            break
    return orders[:AT_ONCE]


def next_order(sight: Sight, kind: Kind, calendar: WorkingCalendar, now: datetime) -> list[Order]:
    """The move the clock makes of a case now, if any."""
    clocks = sight.life.clocks if sight.life else {}
    run_out = {name: c for name, c in clocks.items() if c.due_at <= now and name in kind.clocks}
    for name in run_out:
        rule = kind.move(kind.clocks[name].then or "")
        if rule is not None and sight.stage in rule.from_:
            return [Order(sight.case_id, rule.id, f"clock:{sight.case_id}:{sight.seq}", PROGRAM, sight.seq)]
    return _next_rung(sight, kind, run_out, calendar, now)


def _next_rung(
    sight: Sight, kind: Kind, run_out: Mapping[str, Ticking], calendar: WorkingCalendar, now: datetime
) -> list[Order]:
    escalate = next((m for m in kind.from_stage(sight.stage, part=sight.is_part) if m.action == "escalated"), None)
    if escalate is None:
        return []
    for i, rung in enumerate(kind.escalation):
        ticking, mark = run_out.get(rung.clock), f"rung_{i}"
        if ticking is None or mark in sight.marks:
            continue
        if later(calendar, ticking.due_at, rung.after, worked=True) <= now:
            key = f"clock:{sight.case_id}:{sight.seq}"
            return [Order(sight.case_id, escalate.id, key, PROGRAM, sight.seq, level=rung.to, marks=(mark,))]
    return []
