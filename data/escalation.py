"""What happens because nothing did: clocks that have run out let a case lapse, or take it up: micro-grid → grid → community →
street → district.

Only cases with a life of ours are looked at; what another system leads is not escalated here. Each minute makes one move a
case at most, so a ladder that was missed while nobody ran the program is climbed rung by rung, in the ledger's order. A rung
of a level the case does not lie in (no grids there, a grid without micro-grids) means the next one above; a rung that leads no
higher than the case has come is passed over. So each level is told once, and a case that stands at the top of its ladder, or
has time until the next rung, is not looked at.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from data.actors import PROGRAM
from data.calendars import WorkingCalendar
from data.database import Connection
from data.definitions import KindVersion, kind_version
from data.fold import ENDS, LEVEL_RANK, rank_of
from data.kinds import Kind
from data.lives import Ticking
from data.orders import Order
from data.service_levels import later
from data.sights import ATLAS_NOW, Sight, look
from data.working_days import working_calendar

AT_ONCE = 500  # cases the clock moves in one go
STEPS = pa.schema(
    [
        ("digest", pa.string()), ("stage", pa.string()), ("part", pa.bool_()), ("clock", pa.string()), ("mark", pa.string()),
        ("after_us", pa.int64()), ("rank", pa.int8()),
    ]
)  # fmt: skip
# The ranks of the levels a case lies in, lowest first; the district always.
_LIES = f"""list_filter([{
    ", ".join(
        f"CASE WHEN p.{level}_id IS NOT NULL THEN {rank} END"
        for level, rank in LEVEL_RANK.items()
        if level != "district"
    )
}, {LEVEL_RANK["district"]}], lambda r: r IS NOT NULL)"""
VersionOf = Callable[[Connection, Sight], KindVersion]


def due_orders(con: Connection, version_of: VersionOf, now: datetime) -> list[Order]:
    """The moves the clock makes now, at most `AT_ONCE`: those that have waited longest first."""
    found = _reached(con, now)
    if not found:
        return []
    calendar = working_calendar(con)
    orders: list[Order] = []
    for start in range(0, len(found), AT_ONCE):
        lies = dict(found[start : start + AT_ONCE])
        for sight in look(con, list(lies)).values():
            orders += next_order(sight, version_of(con, sight).kind, lies[sight.case_id], calendar, now)
        if len(orders) >= AT_ONCE:
            break
    return orders[:AT_ONCE]


def _reached(con: Connection, now: datetime) -> list[tuple[int, list[int]]]:
    """Cases with a step that may be due, and the ranks of the levels each lies in. A step may be due that was not made, can be made
    at their stage, leads higher than they have come, and whose hours are over even by the wall clock (working hours, which are
    looked at one by one, take longer). Those that have waited longest first."""
    digests = con.execute(
        "SELECT DISTINCT digest FROM case_clock JOIN case_life USING (case_id) WHERE due_at <= $now", {"now": now}
    ).fetchall()
    steps = [step for (digest,) in digests for step in _steps(digest, kind_version(con, digest).kind)]
    if not steps:
        return []
    con.register("steps", pa.Table.from_pylist(steps, schema=STEPS))
    found = con.execute(
        f"""SELECT k.case_id, any_value({_LIES}) FROM case_clock k
           JOIN case_hot c USING (case_id) JOIN case_life l USING (case_id)
           LEFT JOIN case_place p ON p.case_id = k.case_id AND p.atlas_id = ({ATLAS_NOW})
           JOIN steps s ON s.digest = l.digest AND s.clock = k.clock AND s.stage = c.stage
               AND s.part = (c.parent_case_id IS NOT NULL) AND (s.mark IS NULL OR NOT list_contains(l.marks, s.mark))
           WHERE k.due_at <= $now AND epoch_us(k.due_at) + s.after_us <= epoch_us($now::TIMESTAMPTZ) AND NOT c.suspended
               AND (s.mark IS NULL OR coalesce(list_min(list_filter({_LIES}, lambda r: r >= s.rank)) > {rank_of("l.level")}, true))
           GROUP BY k.case_id ORDER BY min(k.due_at)""",
        {"now": now},
    ).fetchall()
    con.unregister("steps")
    return found


def _steps(digest: str, kind: Kind) -> list[dict[str, Any]]:
    """What the clock may do by a definition: a row a stage, clock and rung; without a mark what a clock does when it runs out."""
    found: list[dict[str, Any]] = []
    for stage, part in itertools.product(set(kind.stages) - set(ENDS), (False, True)):
        here = {"digest": digest, "stage": stage, "part": part}
        for name, clock in kind.clocks.items():
            rule = kind.move(clock.then or "")
            if rule is not None and stage in rule.from_:
                found.append({**here, "clock": name, "mark": None, "after_us": 0, "rank": None})
        if any(move.action == "escalated" for move in kind.from_stage(stage, part=part)):
            for i, rung in enumerate(kind.escalation):
                step = {"clock": rung.clock, "mark": f"rung_{i}", "after_us": int(rung.after * 3_600e6)}
                found.append({**here, **step, "rank": LEVEL_RANK[rung.to]})
    return found


def next_order(sight: Sight, kind: Kind, lies: Sequence[int], calendar: WorkingCalendar, now: datetime) -> list[Order]:
    """The move the clock makes of a case now, if any. lies: the ranks of the levels it lies in, lowest first."""
    clocks = sight.life.clocks if sight.life else {}
    run_out = {name: c for name, c in clocks.items() if c.due_at <= now and name in kind.clocks}
    for name in run_out:
        rule = kind.move(kind.clocks[name].then or "")
        if rule is not None and sight.stage in rule.from_:
            return [Order(sight.case_id, rule.id, f"clock:{sight.case_id}:{sight.seq}", PROGRAM, sight.seq)]
    return _next_rung(sight, kind, run_out, lies, calendar, now)


def _next_rung(
    sight: Sight,
    kind: Kind,
    run_out: Mapping[str, Ticking],
    lies: Sequence[int],
    calendar: WorkingCalendar,
    now: datetime,
) -> list[Order]:
    escalate = next((m for m in kind.from_stage(sight.stage, part=sight.is_part) if m.action == "escalated"), None)
    if escalate is None:
        return []
    levels = {rank: level for level, rank in LEVEL_RANK.items()}
    come = LEVEL_RANK.get((sight.life.level if sight.life else None) or "", -1)
    for i, rung in enumerate(kind.escalation):
        ticking, mark = run_out.get(rung.clock), f"rung_{i}"
        to = next(rank for rank in lies if rank >= LEVEL_RANK[rung.to])
        if ticking is None or mark in sight.marks or to <= come:
            continue
        if later(calendar, ticking.due_at, rung.after, worked=True) <= now:
            key = f"clock:{sight.case_id}:{sight.seq}"
            return [Order(sight.case_id, escalate.id, key, PROGRAM, sight.seq, level=levels[to], marks=(mark,))]
    return []
