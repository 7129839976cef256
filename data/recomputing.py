"""Deadlines made anew by an administrator: what the service levels and the calendar of today give, from when each clock began.

A deadline that was given stands (that is the rule); this is the one act that moves it, for one case or for all of a filter, and each
case it moves gets a ledger line that says so and why. A case whose deadline somebody promised otherwise (an extension) keeps it, and
so does one whose deadline came with it from another system, unless that is asked for: it is theirs, and the next file would bring it
back. Pauses that have ended move the new deadline as they moved the old one; a case that stands still is left until it goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from data import audit, lives, moves
from data.actors import ADMINISTRATOR, Actor
from data.database import Connection
from data.emergency_levels import allowed_here
from data.errors import InputError, JingweiError
from data.fold import ENDS
from data.kinds import Clock
from data.lives import Ticking, said_clocks
from data.moves import Move, Receipt
from data.queues import Wish, case_ids_of
from data.rules import FIELDS, Timing, adopted_clocks, length_end
from data.service_levels import later, worked_between
from data.sights import Sight, look
from data.working_days import working_calendar

if TYPE_CHECKING:
    from data.store import Store

STEP = 500  # cases of one commit
MOVE = "recompute"  # what the payload calls it: no definition has it, it is the administrator's
KEPT = ("extended", "suspended", "foreign", "same", "other")  # why a case is left as it is


@dataclass(frozen=True)
class Change:
    """A case whose deadlines would be others: the old and the new of each field that changes."""

    case_id: int
    seq: int
    before: dict[str, datetime]
    after: dict[str, datetime]
    clocks: dict[str, Ticking]


@dataclass(frozen=True)
class Outcome:
    """What became of some cases: those that change, and of the others how many are left for which reason (of KEPT).

    earlier, late: of the changed, how many get an earlier time, and how many would be late with their closing at once.
    """

    changes: tuple[Change, ...]
    kept: dict[str, int]
    earlier: int
    late: int
    last: int  # the highest id that was looked at, 0 for none

    @property
    def looked_at(self) -> int:
        """How many cases."""
        return len(self.changes) + sum(self.kept.values())


def preview(store: Store, case_ids: Sequence[int], actor: Actor, *, foreign: bool = False) -> Outcome:
    """What recomputing would change; nothing is written. foreign: deadlines that came from another system too.
    Raises Refused where the actor is no administrator there."""
    with store.read() as con:
        return _outcome(store, con, case_ids, actor, store.now(), foreign)


def recompute(store: Store, case_ids: Sequence[int], reason: str, actor: Actor, *, foreign: bool = False) -> Outcome:
    """Recompute some cases (at most STEP) in one commit; `foreign` as in `preview`. Raises InputError, Refused."""
    if not reason.strip():
        raise InputError("a deadline is recomputed only for a reason.", where="reason")
    if len(case_ids) > STEP:
        raise InputError(f"at most {STEP} cases at once.", where="cases")
    touched: set[int] = set()

    def job(con: Connection) -> Outcome:
        at = store.writer.recorded_at()
        found = _outcome(store, con, case_ids, actor, at, foreign)
        sights = look(con, [change.case_id for change in found.changes])
        written = moves.write(
            con, [_line(change, sights[change.case_id], reason, actor, at) for change in found.changes], at
        )
        done = [one for one in written if isinstance(one, Receipt)]
        if failed := [one for one in written if isinstance(one, JingweiError)]:
            raise failed[0]
        _keep_lives(con, found.changes, sights)
        touched.update(one.case_id for one in done)
        if done:
            audit.put_moves(con, at, [(one.case_id, one.seq, ADMINISTRATOR, actor) for one in done])
            said = {"what": "deadlines recomputed", "cases": len(done), "reason": reason}
            audit.put(con, at, audit.Entry("setting", actor, ADMINISTRATOR, detail=said))
        return found

    return store.writer.run(job, label="recompute deadlines", touches=touched).result()


def cases_of(store: Store, wish: Wish, after: int = 0) -> list[int]:
    """The next cases of a filter, by their ids; at most STEP."""
    return case_ids_of(store, wish, after, STEP)


def _outcome(
    store: Store, con: Connection, case_ids: Sequence[int], actor: Actor, now: datetime, foreign: bool
) -> Outcome:
    theirs = set[int]() if foreign else _theirs(con, case_ids)
    timing = Timing(working_calendar(con), allowed_here(con, store.engine.levels))
    sights, pauses = look(con, case_ids), _pauses(con, case_ids)
    kept = dict.fromkeys(KEPT, 0)
    changes = []
    for case_id, sight in sights.items():
        actor.require((ADMINISTRATOR,), sight.chain, to="recompute deadlines")
        found = _judged(store, con, sight, pauses.get(case_id, ()), timing, theirs)
        if isinstance(found, Change):
            changes.append(found)
        else:
            kept[found] += 1
    closing = [(one.before.get("due_at"), one.after["due_at"]) for one in changes if "due_at" in one.after]
    earlier = sum(any(one.after[name] < one.before.get(name, one.after[name]) for name in one.after) for one in changes)
    late = sum(after <= now and (before is None or before > now) for before, after in closing)
    return Outcome(tuple(changes), kept, earlier, late, max(case_ids, default=0))


def _judged(
    store: Store, con: Connection, sight: Sight, pauses: Sequence[tuple[datetime, datetime]], timing: Timing,
    theirs: Collection[int],
) -> Change | str:  # fmt: skip
    if sight.stage in ENDS:
        return "other"
    if sight.row["suspended"]:
        return "suspended"
    if sight.extended:
        return "extended"
    if sight.case_id in theirs:
        return "foreign"
    kind = store.engine.version_of(con, sight).kind
    running = dict(sight.life.clocks) if sight.life else adopted_clocks(sight, kind)
    clocks: dict[str, Ticking] = {}
    after: dict[str, datetime] = {}
    for name, ticking in running.items():
        clock = kind.clocks.get(name)
        if clock is None or clock.limit != "service_level":
            continue
        end = _end(clock, ticking, sight, pauses, timing)
        if end != ticking.due_at:
            clocks[name] = Ticking(ticking.started_at, end)
            if clock.field is not None:
                after[clock.field] = end
    if not clocks:
        return "same"
    before = {name: sight.row[name] for name in FIELDS if sight.row[name] is not None}
    return Change(sight.case_id, sight.seq, before, after, clocks)


def _end(
    clock: Clock, ticking: Ticking, sight: Sight, pauses: Sequence[tuple[datetime, datetime]], timing: Timing
) -> datetime:
    """When the clock runs out by today's rules, moved by the pauses since it began."""
    urgency = sight.life.urgency if sight.life else lives.NORMAL
    end = length_end(clock, ticking.started_at, timing, sight.category_id, urgency, sight.chain)
    if end is None:
        return ticking.due_at
    for start, stop in pauses:
        if start >= ticking.started_at:
            end = later(timing.calendar, end, worked_between(timing.calendar, start, stop), worked=True)
    return end


def _theirs(con: Connection, case_ids: Sequence[int]) -> set[int]:
    """Those of some cases whose deadline in force came with an import: the last line that gave one, not only moved it, is the
    import's."""
    rows = con.execute(
        """SELECT case_id FROM transition WHERE case_id IN (SELECT unnest(?::BIGINT[]))
               AND (due_at IS NOT NULL OR handle_due_at IS NOT NULL) AND action <> 'resumed'
           GROUP BY case_id HAVING arg_max(by_role, seq) = 'import'""",
        [list(case_ids)],
    ).fetchall()
    return {case_id for (case_id,) in rows}


def _pauses(con: Connection, case_ids: Sequence[int]) -> dict[int, list[tuple[datetime, datetime]]]:
    """When each of some cases stood still and went on again."""
    rows = con.execute(
        """SELECT case_id, action, occurred_at FROM transition
           WHERE action IN ('suspended', 'resumed') AND case_id IN (SELECT unnest(?::BIGINT[])) ORDER BY case_id, seq""",
        [list(case_ids)],
    ).fetchall()
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    since: dict[int, datetime] = {}
    for case_id, action, at in rows:
        if action == "suspended":
            since[case_id] = at
        elif case_id in since:
            found.setdefault(case_id, []).append((since.pop(case_id), at))
    return found


def _line(change: Change, sight: Sight, reason: str, actor: Actor, at: datetime) -> Move:
    # A line that tells something without a time or count of its own carries the deadlines: it is no extension.
    payload = {"move": MOVE, "clocks": said_clocks(change.clocks)} if sight.life else {"move": MOVE}
    return Move(
        change.case_id, "noted", at, f"{MOVE}:{change.case_id}:{change.seq}", stage=sight.stage,
        due_at=change.after.get("due_at"), handle_due_at=change.after.get("handle_due_at"), by_role=ADMINISTRATOR,
        by_unit=actor.unit_id, payload=payload, note=reason, expected_seq=change.seq,
    )  # fmt: skip


def _keep_lives(con: Connection, changes: Sequence[Change], sights: dict[int, Sight]) -> None:
    kept: dict[int, lives.Life | None] = {}
    for change in changes:
        life = sights[change.case_id].life
        if life is not None:
            kept[change.case_id] = replace(life, clocks={**life.clocks, **change.clocks})
    lives.put(con, kept)
