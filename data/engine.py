"""The case engine: one function moves a case.

`apply` is what the writer does with a set of what waits: openings, orders (moves named by a kind's definition, checked here
against role, place, stage and the expected line) and plain ledger moves (of an import, of a simulation). All of it happens
on the writer's thread in one transaction, so nothing can change between a check and what it allows; a refused one leaves
the others alone. `by_the_clock` climbs the ladder and lets what has run out lapse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from data import audit, lives, moves, openings
from data.database import Connection
from data.definitions import KindVersion, kind_version, kinds_in_force
from data.emergency_levels import allowed_here
from data.errors import InputError, JingweiError, Refused
from data.escalation import due_orders
from data.moves import Move, Receipt
from data.orders import Opening, Order
from data.rules import Timing, after_move, judge, unknown_case
from data.service_levels import ServiceLevels, service_levels
from data.sights import Sight, look
from data.working_days import working_calendar

T = TypeVar("T")
Asked = Move | Order | Opening
Answer = Receipt | JingweiError
EVERY = timedelta(minutes=1)


class Engine:
    """The engine of one store: its service levels, and the kinds in force as the store has them."""

    def __init__(self, home: Path) -> None:
        self.levels: ServiceLevels = service_levels(home)
        self._kinds: dict[str, KindVersion] | None = None
        self._versions: dict[str, KindVersion] = {}

    def reread(self, home: Path) -> None:
        """Definitions were activated anew."""
        self.levels, self._kinds = service_levels(home), None

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
        timing = Timing(working_calendar(con), allowed_here(con, self.levels))
        answers: dict[int, Answer] = {}
        for kind, work in ((Move, self._plain), (Opening, self._open), (Order, self._move)):
            which = [i for i, one in enumerate(asked) if isinstance(one, kind)]
            if which:
                answers |= dict(zip(which, work(con, [asked[i] for i in which], timing, recorded_at), strict=True))
        return [answers[i] for i in range(len(asked))]

    def by_the_clock(self, con: Connection, now: datetime) -> list[Receipt]:
        """Make the moves that are due because time has passed. Inside a transaction."""
        due = due_orders(con, self.version_of, now)
        done = self.apply(con, due, now) if due else []
        return [answer for answer in done if isinstance(answer, Receipt)]

    def _in_force(self, con: Connection, kind: str, where: str) -> KindVersion:
        found = self.kinds(con).get(kind)
        if found is None:
            known = ", ".join(self.kinds(con))
            raise InputError(f"there is no kind of case {kind}.", where=where, todo=f"Known: {known}.")
        return found

    def _plain(self, con: Connection, asked: Sequence[Asked], _: Timing, at: datetime) -> list[Answer]:
        return moves.apply(con, [one for one in asked if isinstance(one, Move)], at)

    def _open(self, con: Connection, asked: Sequence[Asked], timing: Timing, at: datetime) -> list[Answer]:
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
            receipts = openings.write(con, list(ready.values()), timing, at)
            answers |= dict(zip(ready, receipts, strict=True))
            made = zip(receipts, ready.values(), strict=True)
            audit.put_moves(con, at, [(r.case_id, r.seq, p.role, p.opening.actor) for r, p in made])
        return [answers[i] for i in range(len(asked))]

    def _prepared(self, con: Connection, opening: Opening, at: datetime) -> openings.Prepared:
        return openings.prepare(con, opening, self._in_force(con, opening.kind, opening.key), at)

    def _move(self, con: Connection, asked: Sequence[Asked], timing: Timing, at: datetime) -> list[Answer]:
        orders = [one for one in asked if isinstance(one, Order)]
        sights = look(con, [order.case_id for order in orders])
        taken = _taken(con, orders)
        answers: dict[int, Answer] = {}
        ready: dict[int, Move] = {}
        for i, order in enumerate(orders):
            found = _tried(partial(self._judged, con, order, sights, timing, taken, at))
            if isinstance(found, Move):
                ready[i] = found
                life = lives.after(sights[order.case_id].life, found.action, found.payload or {})
                sights[order.case_id] = after_move(sights[order.case_id], found, life)
            else:
                answers[i] = found
        if ready:
            written = moves.write(con, list(ready.values()), at)
            answers |= dict(zip(ready, written, strict=True))
            made = [(orders[i], ready[i], one) for i in ready if isinstance(one := answers[i], Receipt)]
            self._follow(con, made, sights, at)
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
        version = self.version_of(con, sight)
        move = judge(order, sight, version, timing, at)
        _refuse_over_limit(order, version, taken)
        return move

    def _follow(
        self, con: Connection, made: Sequence[tuple[Order, Move, Receipt]], sights: dict[int, Sight], at: datetime
    ) -> None:
        """What stands beside the ledger: lives, which post it was, call-backs, links."""
        if not made:
            return
        lives.put(con, {order.case_id: sights[order.case_id].life for order, _, _ in made})
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
