"""Whether a move may be made, and what it writes: the rules of a kind applied to one case.

Pure: a case as the writer sees it and an order go in; a ledger line or the reason why not comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.actors import GRID_WORKER, UNIT_HANDLER, Actor
from data.calendars import WorkingCalendar
from data.definitions import KindVersion
from data.errors import InputError, NotFound, Refused
from data.kinds import PROGRAM_ROLE, Clock, Kind, MoveRule
from data.lives import NORMAL, Life, Ticking, said_clocks
from data.moves import Move
from data.orders import Order, out_of_time
from data.service_levels import Hours, later, worked_between
from data.sights import Sight

FIELDS = ("due_at", "handle_due_at")
_MEANS = {
    "unit": "unit_id", "category": "category_id", "co_units": "co_units", "answer": "answer", "level": "level",
    "other": "other", "note": "note", "reason": "reason", "due_at": "due_at", "handle_due_at": "handle_due_at",
    "urgency": "urgency", "evidence": "evidence",
}  # fmt: skip


@dataclass(frozen=True)
class Timing:
    """What deadlines are made with. allowed(category_id, urgency, places, at): service levels, of which the earliest end counts."""

    calendar: WorkingCalendar
    allowed: Callable[[int | None, str, Sequence[int], datetime], tuple[Hours, ...]]


def judge(order: Order, sight: Sight, version: KindVersion, timing: Timing, now: datetime) -> Move:
    """The ledger line of an order. Raises what forbids it: InputError, NotFound or Refused."""
    rule = find_rule(order.move, sight, version.kind)
    role = allowed_role(order, sight, rule)
    _refuse_wrong_state(sight, rule)
    _refuse_incomplete(order, sight, rule)
    _refuse_failed_test(order, sight, rule)
    at = order.occurred_at or now
    if at > now:
        raise InputError("it lies ahead of now.", where=f"case {order.case_id}: occurred_at")
    deadlines, clocks = _clocks(order, sight, rule, version.kind, timing, at)
    return Move(
        case_id=order.case_id,
        action=rule.action,
        occurred_at=at,
        key=order.key,
        stage=rule.to or sight.stage,
        due_at=deadlines.get("due_at"),
        handle_due_at=deadlines.get("handle_due_at"),
        unit_id=order.actor.unit_id if rule.unit == "becomes" else order.unit_id,
        by_role=role,
        by_unit=order.actor.unit_id,
        payload=_payload(order, sight, rule, version, clocks),
        note=_said(order),
        expected_seq=sight.seq,
    )


def find_rule(name: str, sight: Sight, kind: Kind) -> MoveRule:
    """The rule of a move where it may start at the case's stage. Raises InputError or Refused."""
    rule = kind.move(name)
    if rule is None:
        known = ", ".join(move.id for move in kind.moves)
        raise InputError(
            f"a case of the kind {kind.id} has no move {name}.", where=_where(sight), todo=f"Known: {known}."
        )
    if sight.stage not in rule.from_:
        raise Refused(
            f"it stands at {sight.stage}, and {name} starts at {', '.join(rule.from_)}.",
            where=_where(sight),
            todo="Look at the case again, then decide.",
        )
    if rule.on != "any" and (rule.on == "part") != sight.is_part:
        whose = "the parts of a case" if rule.on == "part" else "the whole case"
        raise Refused(f"{name} is a move of {whose}.", where=_where(sight))
    return rule


def allowed_moves(sight: Sight, version: KindVersion, actor: Actor) -> list[MoveRule]:
    """The moves an actor may make of a case as it stands, in the definition's order; what each must carry is asked when it
    is made. The same rules as `judge`, so what is offered is what is taken."""
    rules = version.kind.from_stage(sight.stage, part=sight.is_part)
    return [rule for rule in rules if _offered(sight, rule, actor)]


def _offered(sight: Sight, rule: MoveRule, actor: Actor) -> bool:
    try:
        allowed_role(Order(sight.case_id, rule.id, "", actor), sight, rule)
        _refuse_wrong_state(sight, rule)
    except Refused:
        return False
    return True


def allowed_role(order: Order, sight: Sight, rule: MoveRule) -> str:
    """The role in which the actor may make the move; Refused when it may not. What the ledger writes as by_role."""
    actor = order.actor
    if actor.kind == "program" and PROGRAM_ROLE in rule.roles:
        return PROGRAM_ROLE
    roles = [role for role in rule.roles if _belongs(order, sight, rule, role)]
    found = actor.role_for(roles, sight.chain)
    if found is not None:
        return found
    if actor.role_for(rule.roles, sight.chain) is not None:
        whose = "a helping unit's" if rule.unit == "help" else "the unit's in charge"
        raise Refused(f"this move is {whose}.", where=_where(sight), todo="Ask the dispatcher.")
    return actor.require(rule.roles, sight.chain, to=rule.id)


def _belongs(order: Order, sight: Sight, rule: MoveRule, role: str) -> bool:
    """Whether the unit of the actor is one that may make the move. A grid worker without a unit goes by the place."""
    actor = order.actor
    if rule.unit is None or role not in (UNIT_HANDLER, GRID_WORKER):
        return True
    if rule.unit == "becomes":
        return actor.unit_id is not None or role == GRID_WORKER
    if role == GRID_WORKER and actor.unit_id is None:
        return True
    if rule.unit == "help":
        return actor.kind == "program" or (sight.life is not None and actor.unit_id in sight.life.co_units)
    return actor.acts_for(sight.unit_id)


def _refuse_wrong_state(sight: Sight, rule: MoveRule) -> None:
    missing = [mark for mark in rule.with_ if mark not in sight.marks]
    borne = [mark for mark in rule.without if mark in sight.marks]
    if missing:
        raise Refused(f"{rule.id} needs that it is {missing[0]}, and it is not.", where=_where(sight))
    if borne:
        raise Refused(f"it is {borne[0]} already.", where=_where(sight))


def _refuse_incomplete(order: Order, sight: Sight, rule: MoveRule) -> None:
    lacking = [
        name for name in rule.needs if not _given(order, name) and not (name == "category" and sight.category_id)
    ]
    if lacking:
        raise InputError(f"{rule.id} needs {', '.join(lacking)}.", where=_where(sight))
    if len(order.evidence) < (pictures := pictures_needed(sight, rule)):
        raise InputError(f"{rule.id} needs {pictures} pictures.", where=_where(sight))
    allowed = {*rule.needs, *rule.takes}
    extra = [name for name in _MEANS if name not in allowed and _given(order, name)]
    if pictures and "evidence" in extra:
        extra.remove("evidence")
    if extra:
        raise InputError(f"{rule.id} cannot carry {', '.join(extra)}.", where=_where(sight))
    if order.other == order.case_id:
        raise InputError("a case cannot be linked to itself.", where=_where(sight))
    if out_of_time(order.occurred_at, order.due_at, order.handle_due_at):
        raise InputError("its times lie outside the years that can be.", where=_where(sight))
    if any(at is not None and at.tzinfo is None for at in (order.occurred_at, order.due_at, order.handle_due_at)):
        raise InputError("its times carry no zone.", where=_where(sight), todo="Send instants with an offset.")


def pictures_needed(sight: Sight, rule: MoveRule) -> int:
    """How many pictures a move must carry: what its definition says; where it reports the work done, what the order asked for."""
    wanted = sight.life.wanted if sight.life and rule.action == "handled" else 0
    return max(rule.evidence, wanted)


def _given(order: Order, name: str) -> bool:
    return name in _MEANS and getattr(order, _MEANS[name]) not in (None, (), "")


def _refuse_failed_test(order: Order, sight: Sight, rule: MoveRule) -> None:
    if rule.test is None:
        return
    given = list(order.values) + [None] * (len(rule.test.parts) - len(order.values))
    values = [
        _own_count(sight, part.count) if part.count is not None else given[i] for i, part in enumerate(rule.test.parts)
    ]
    verdict = rule.test.verdict(values)
    if not verdict.passed:
        raise Refused(f"it has not passed the test: {'; '.join(verdict.failing)}.", where=_where(sight))


def _own_count(sight: Sight, name: str) -> float:
    life = sight.life
    known = {"parts": sight.parts.all, "parts_open": sight.parts.open, "parts_arrived": sight.parts.arrived}
    return float({**known, "evidence": life.evidence if life else 0, "reopened": sight.row.get("reworked", 0)}[name])


def _clocks(
    order: Order, sight: Sight, rule: MoveRule, kind: Kind, timing: Timing, at: datetime
) -> tuple[dict[str, datetime], dict[str, Ticking | None]]:
    """The deadlines a move gives the row, and what becomes of the kind's clocks (None: stopped)."""
    category = order.category_id or sight.category_id
    urgency = order.urgency or (sight.life.urgency if sight.life else NORMAL)
    fields = {name: value for name in FIELDS if rule.action != "asked" and (value := getattr(order, name)) is not None}
    running = dict(sight.life.clocks) if sight.life else adopted_clocks(sight, kind)
    changed: dict[str, Ticking | None] = {} if sight.life else dict(running)
    for name, clock in kind.clocks.items():
        given = fields.get(clock.field or "")
        if rule.id in clock.restarts or rule.id in clock.starts:
            kept = sight.row[clock.field] if clock.field and rule.id not in clock.restarts else None
            end = given or kept or length_end(clock, at, timing, category, urgency, sight.chain)
            changed[name] = None if end is None else Ticking(at, end)
        elif rule.id in clock.stops:
            changed[name] = None
        elif given is not None and name in running:
            changed[name] = Ticking(running[name].started_at, given)
        elif rule.action == "resumed" and name in running:
            changed[name] = _resumed(clock, running[name], sight.paused_at or at, at, timing)
        ticking = changed.get(name)
        if clock.field is not None and ticking is not None and ticking.due_at != sight.row[clock.field]:
            fields[clock.field] = ticking.due_at
    return fields, changed


def adopted_clocks(sight: Sight, kind: Kind) -> dict[str, Ticking]:
    """The clocks of a case that comes from elsewhere, as its row has them."""
    started = sight.registered_at or sight.reported_at
    found = {}
    for name, clock in kind.clocks.items():
        due = sight.row[clock.field] if clock.field else None
        if due is not None and not (clock.field == "handle_due_at" and sight.handled_at is not None):
            found[name] = Ticking(started, due)
    return found


def length_end(
    clock: Clock, at: datetime, timing: Timing, category: int | None, urgency: str, chain: Sequence[int]
) -> datetime | None:
    """When a clock that starts now runs out, of a case in these places; None where somebody has to say."""
    if clock.limit == "given":
        return None
    if clock.hours is not None:
        return later(timing.calendar, at, clock.hours, worked=clock.worked)
    levels = timing.allowed(category, urgency, chain, at)
    return min(later(timing.calendar, at, one.hours * clock.share, worked=one.worked) for one in levels)


def _resumed(clock: Clock, ticking: Ticking, paused: datetime, at: datetime, timing: Timing) -> Ticking:
    """A paused clock once it goes on: its end is later by the time of the pause. A deadline moves by working time."""
    if clock.field is None and not clock.worked:
        return Ticking(ticking.started_at, ticking.due_at + (at - paused))
    pause = worked_between(timing.calendar, paused, at)
    return Ticking(ticking.started_at, later(timing.calendar, ticking.due_at, pause, worked=True))


def _payload(
    order: Order, sight: Sight, rule: MoveRule, version: KindVersion, clocks: Mapping[str, Ticking | None]
) -> dict[str, Any]:
    marks = (*rule.marks, *order.marks)
    said: dict[str, Any] = {
        "move": rule.id,
        "digest": None if sight.life else version.digest,
        "marks": sorted(marks) or None,
        "unmarks": sorted(_cleared(rule, sight, version.kind) - set(marks)) or None,
        "clocks": said_clocks(clocks) or None,
        "co_units": sorted(order.co_units) if order.co_units is not None else None,
        "urgency": order.urgency,
        "level": order.level,
        "evidence": list(order.evidence) or None,
        "other": order.other,
        "values": list(order.values) or None,
        "category_id": order.category_id if rule.action == "corrected" else None,
        "asked_due_at": order.due_at.isoformat() if rule.action == "asked" and order.due_at else None,
        "answer": _answer(order),
    }
    return {name: value for name, value in said.items() if value is not None}


def _cleared(rule: MoveRule, sight: Sight, kind: Kind) -> set[str]:
    """Marks a move takes away: its own, and the rungs already climbed of clocks it starts anew."""
    started = {name for name, clock in kind.clocks.items() if rule.id in (*clock.starts, *clock.restarts)}
    rungs = {f"rung_{i}" for i, rung in enumerate(kind.escalation) if rung.clock in started}
    return set(rule.unmarks) | (rungs & sight.marks)


def _answer(order: Order) -> dict[str, Any] | None:
    if order.answer is None:
        return None
    answer = order.answer
    return {"contacted": answer.contacted, "resolved": answer.resolved, "satisfaction": answer.satisfaction}


def _said(order: Order) -> str | None:
    """The free text of a move; a reason is a note too, because both can be erased."""
    return "\n".join(part for part in (order.reason, order.note) if part) or None


def after_move(sight: Sight, move: Move, life: Life | None) -> Sight:
    """The case as the next order of the same set finds it."""
    row = dict(sight.row)
    row |= {"stage": move.stage, "seq": sight.seq + 1, "since": max(sight.since, move.occurred_at)}
    row |= {name: value for name in (*FIELDS, "unit_id") if (value := getattr(move, name)) is not None}
    if move.action in ("suspended", "resumed", "closed", "reopened", "voided"):
        row["suspended"] = move.action == "suspended"
        row["paused_at"] = move.occurred_at if row["suspended"] else None
    if move.action in ("excluded", "included"):
        row["excluded"] = move.action == "excluded"
    if move.action == "corrected" and move.payload:
        row["category_id"] = move.payload.get("category_id", row["category_id"])
    return Sight(row, life, sight.chain, sight.parts)


def unknown_case(order: Order) -> NotFound:
    """There is no case of that id."""
    return NotFound("there is no such case.", where=f"case {order.case_id}")


def _where(sight: Sight) -> str:
    return f"case {sight.case_id}"
