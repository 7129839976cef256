"""The case engine: one function moves a case.

`apply` is what the writer does with a set of what waits: openings, orders (moves named by a kind's definition, checked here
against role, place, stage and the expected line) and plain ledger moves (of an import, of a simulation). All of it happens
on the writer's thread in one transaction, so nothing can change between a check and what it allows; a refused one leaves
the others alone. `by_the_clock` climbs the ladder and lets what has run out lapse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from data import audit, case_rows, lives, moves, openings, repeat_changes
from data.database import Connection
from data.definitions import KindVersion, kind_version, kinds_in_force
from data.emergency_levels import allowed_here
from data.errors import InputError, JingweiError, Refused
from data.escalation import due_orders
from data.moves import Move, Receipt
from data.orders import Opening, Order
from data.rules import Timing, after_move, judge, unknown_case
from data.service_levels import ServiceLevels, service_levels
from data.sights import Ground, Sight, ground, ids_of, sights_of
from data.working_days import working_calendar

T = TypeVar("T")
Asked = Move | Order | Opening
Answer = Receipt | JingweiError
Apply = Callable[[Connection, Sequence[Asked], datetime], list[Answer]]
EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class _Standing:
    """What only jobs and chores change, as one connection saw it: working days, service levels, the ground."""

    con: Connection
    timing: Timing
    ground: Ground


class Engine:
    """The engine of one store: its service levels, and the kinds in force as the store has them."""

    def __init__(self, home: Path) -> None:
        self.levels: ServiceLevels = service_levels(home)
        self._standing: _Standing | None = None
        self._kinds: dict[str, KindVersion] | None = None
        self._versions: dict[str, KindVersion] = {}

    def reread(self, home: Path) -> None:
        """Definitions were activated anew."""
        self.levels, self._kinds = service_levels(home), None
        self.forget()

    def forget(self) -> None:
        """Something other than a set of moves is written, or may have been: what was kept from set to set is read again."""
        self._standing = None

    def kinds(self, con: Connection) -> dict[str, KindVersion]:
        """The kinds in force."""
        if self._kinds is None:
            self._kinds = kinds_in_force(con)
        return self._kinds

    def version_of(self, con: Connection, sight: Sight) -> KindVersion:
        """The kind a case was opened under; for one that came from elsewhere, the one in force. Raises InputError."""
        if sight.life is not None:
            if sight.life.digest not in self._versions:
                self._versions[sight.life.digest] = kind_version(con, sight.life.digest)
            return self._versions[sight.life.digest]
        return self._in_force(con, sight.kind, f"case {sight.case_id}")

    def apply(self, con: Connection, asked: Sequence[Asked], recorded_at: datetime) -> list[Answer]:
        """Write what was asked in the caller's transaction; the answer to each, in order."""
        answers: dict[int, Answer] = {}
        plain = [i for i, one in enumerate(asked) if isinstance(one, Move)]
        if plain:
            answers |= dict(zip(plain, self._plain(con, [asked[i] for i in plain], recorded_at), strict=True))
        if len(plain) == len(asked):
            return [answers[i] for i in range(len(asked))]
        standing = self._stands(con)
        for kind, work in ((Opening, self._open), (Order, self._move)):
            which = [i for i, one in enumerate(asked) if isinstance(one, kind)]
            if which:
                answers |= dict(zip(which, work(con, [asked[i] for i in which], standing, recorded_at), strict=True))
        return [answers[i] for i in range(len(asked))]

    def by_the_clock(self, con: Connection, now: datetime, apply: Apply | None = None) -> list[Receipt]:
        """Make the moves that are due because time has passed. Inside a transaction. apply: what writes them, if not this."""
        due = due_orders(con, self.version_of, now)
        done = (apply or self.apply)(con, due, now) if due else []
        return [answer for answer in done if isinstance(answer, Receipt)]

    def _stands(self, con: Connection) -> _Standing:
        kept = self._standing
        if kept is None or kept.con is not con:
            timing = Timing(working_calendar(con), allowed_here(con, self.levels))
            kept = self._standing = _Standing(con, timing, ground(con))
        return kept

    def _in_force(self, con: Connection, kind: str, where: str) -> KindVersion:
        found = self.kinds(con).get(kind)
        if found is None:
            known = ", ".join(self.kinds(con))
            raise InputError(f"there is no kind of case {kind}.", where=where, todo=f"Known: {known}.")
        return found

    def _plain(self, con: Connection, asked: Sequence[Asked], at: datetime) -> list[Answer]:
        plain = [one for one in asked if isinstance(one, Move)]
        turning = [one.case_id for one in plain if one.action in repeat_changes.CHANGING]
        before = {one: repeat_changes.spots_of(con, [one]) for one in set(turning)}
        return _moved_points(con, moves.apply(con, plain, at), before)

    def _open(self, con: Connection, asked: Sequence[Asked], standing: _Standing, at: datetime) -> list[Answer]:
        answers: dict[int, Answer] = {}
        ready: dict[int, openings.Prepared] = {}
        for i, one in enumerate(asked):
            if isinstance(one, Opening):
                found = _tried(partial(self._prepared, con, one, at))
                if isinstance(found, openings.Prepared):
                    ready[i] = found
                else:
                    answers[i] = found
        if ready:
            receipts = openings.write(con, list(ready.values()), standing.timing, at)
            receipts = _beside(con, receipts, [])
            answers |= dict(zip(ready, receipts, strict=True))
            made = zip(receipts, ready.values(), strict=True)
            audit.put_moves(con, at, [(r.case_id, r.seq, p.role, p.opening.actor) for r, p in made])
        return [answers[i] for i in range(len(asked))]

    def _prepared(self, con: Connection, opening: Opening, at: datetime) -> openings.Prepared:
        return openings.prepare(con, opening, self._in_force(con, opening.kind, opening.key), at)

    def _move(self, con: Connection, asked: Sequence[Asked], standing: _Standing, at: datetime) -> list[Answer]:
        orders = [one for one in asked if isinstance(one, Order)]
        kept = case_rows.read(con, ids_of([order.case_id for order in orders]))
        sights = sights_of(con, kept, standing.ground)
        taken = _taken(con, orders)
        answers: dict[int, Answer] = {}
        ready: dict[int, Move] = {}
        before, had = dict(sights), {case_id for case_id, sight in sights.items() if sight.life is not None}
        for i, order in enumerate(orders):
            found = _tried(partial(self._judged, con, order, sights, standing.timing, taken, at))
            if isinstance(found, Move):
                ready[i] = found
                life = lives.after(sights[order.case_id].life, found.action, found.payload or {})
                sights[order.case_id] = after_move(sights[order.case_id], found, life)
            else:
                answers[i] = found
        if ready:
            written = moves.write(con, list(ready.values()), at, kept=kept)
            answers |= dict(zip(ready, _moved_points(con, written, _spots(before), _standing(before)), strict=True))
            made = [(orders[i], ready[i], one) for i in ready if isinstance(one := answers[i], Receipt)]
            self._follow(con, made, sights, had, at)
        stale = [i for i, answer in answers.items() if isinstance(answer, _Stale)]
        if stale:
            answers |= dict(zip(stale, moves.explain(con, [orders[i] for i in stale]), strict=True))
        return [answers[i] for i in range(len(orders))]

    def _judged(
        self, con: Connection, order: Order, sights: dict[int, Sight], timing: Timing,
        taken: dict[int, int], at: datetime,
    ) -> Move:  # fmt: skip
        sight = sights.get(order.case_id)
        if sight is None:
            raise unknown_case(order)
        if order.expected_seq is not None and order.expected_seq != sight.seq:
            raise _Stale("somebody moved it first.")
        openings.refuse_unknown(con, order.other)
        version = self.version_of(con, sight)
        move = judge(order, sight, version, timing, at)
        _refuse_over_limit(order, version, taken)
        return move

    def _follow(
        self, con: Connection, made: Sequence[tuple[Order, Move, Receipt]], sights: dict[int, Sight], had: set[int],
        at: datetime,
    ) -> None:  # fmt: skip
        """What stands beside the ledger: lives, which post it was, call-backs, links. had: the cases that had a life before."""
        if not made:
            return
        lives.put(con, {order.case_id: sights[order.case_id].life for order, _, _ in made}, had)
        audit.put_moves(con, at, [(r.case_id, r.seq, move.by_role, order.actor) for order, move, r in made])
        for order, move, _ in made:
            if order.answer is not None:
                con.execute(
                    """INSERT INTO call_back SELECT nextval('call_back_ids'), ?, ?, ?, ?, ?, ?, false, ?, NULL""",
                    [order.case_id, move.occurred_at, at, order.answer.contacted, order.answer.resolved,
                     order.answer.satisfaction, move.by_role],
                )  # fmt: skip
            if order.other is not None:
                openings.link(con, order.case_id, order.other, at, move.by_role or "")


def _spots(sights: Mapping[int, Sight]) -> dict[int, list[repeat_changes.Spot]]:
    """Where the cases stand before they move."""
    return {
        case_id: [repeat_changes.Spot(sight.kind, sight.category_id, sight.x, sight.y, sight.reported_at)]
        for case_id, sight in sights.items()
        if sight.x is not None and sight.category_id is not None
    }


def _standing(sights: Mapping[int, Sight]) -> set[int]:
    """Those of some cases that are not void: to reopen them does not change whether they count."""
    return {case_id for case_id, sight in sights.items() if not sight.voided}


def _moved_points(
    con: Connection, written: Sequence[Answer], before: Mapping[int, Sequence[repeat_changes.Spot]],
    standing: Collection[int] = (),
) -> list[Answer]:  # fmt: skip
    """The answers, once the repeat points have followed the moves that change who counts."""
    turning = [
        one for one in written
        if isinstance(one, Receipt) and one.action in repeat_changes.CHANGING
        and not (one.action == "reopened" and one.case_id in standing)
    ]  # fmt: skip
    if not turning:
        return list(written)
    stood = [spot for one in turning for spot in before.get(one.case_id, ())]
    followed = {id(old): new for old, new in zip(turning, _beside(con, turning, stood), strict=True)}
    return [followed.get(id(one), one) for one in written]


def _beside(con: Connection, receipts: Sequence[Receipt], stood: Sequence[repeat_changes.Spot]) -> list[Receipt]:
    """The receipts, the first with the cases whose repeat point changed with them."""
    ids = [case for one in receipts for case in (one.case_id, *one.parts)]
    changed = repeat_changes.follow(con, [*stood, *repeat_changes.spots_of(con, ids)], ids) - set(ids)
    return [replace(receipts[0], beside=tuple(sorted(changed))), *receipts[1:]] if changed else list(receipts)


class _Stale(JingweiError):
    """The case has moved past what the sender saw; explained afterwards, for all of a set at once."""


def _tried(work: Callable[[], T]) -> T | JingweiError:
    try:
        return work()
    except JingweiError as error:
        return error


def _taken(con: Connection, orders: Sequence[Order]) -> dict[int, int]:
    """How many open requests each unit of the orders has taken."""
    units = sorted({order.actor.unit_id for order in orders if order.actor.unit_id is not None})
    if not any(order.move == "take" for order in orders) or not units:
        return {}
    rows = con.execute(
        """SELECT unit_id, count(*) FROM case_hot WHERE kind = 'request' AND stage = 'taken'
               AND list_contains(?, unit_id) GROUP BY unit_id""",
        [units],
    ).fetchall()
    return dict(rows)


def _refuse_over_limit(order: Order, version: KindVersion, taken: dict[int, int]) -> None:
    rule = version.kind.move(order.move)
    if rule is None or rule.limit is None or order.actor.unit_id is None:
        return
    limit, has = version.kind.limits[rule.limit], taken.get(order.actor.unit_id, 0)
    if has >= limit:
        raise Refused(
            f"the unit has taken {has} that are not done, and {limit} is the limit.",
            where=f"case {order.case_id}",
            todo="Finish one first.",
        )
    taken[order.actor.unit_id] = has + 1
