"""What an actor may do with cases as they stand now: the moves offered on a screen.

A screen that hides a button protects nothing: the engine asks the same rules again when the move is sent. Here they are
asked beforehand, for many cases in one look, so that nobody is offered what will be refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from data.actors import Actor
from data.definitions import KindVersion
from data.errors import JingweiError, NotFound
from data.kinds import MoveRule
from data.lives import after
from data.moves import Move
from data.rules import after_move, allowed_moves
from data.sights import Sight, look

if TYPE_CHECKING:
    from data.store import Store

MOST_SEEN = 5000
_seen: WeakKeyDictionary[Store, dict[tuple[int, int], tuple[Sight, KindVersion]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Allowance:
    """A case, the version of its kind it lives by, and the moves an actor may make of it now."""

    sight: Sight
    version: KindVersion
    moves: tuple[MoveRule, ...]


def allowances(store: Store, cases: Mapping[int, int], actor: Actor) -> dict[int, Allowance]:
    """The allowance of each of these cases (id → its last line's number); one whose kind is no longer known has none.

    A case is another only after another line, so what was seen of it is kept by both numbers: a queue that is asked for
    every second looks at what moved since.
    """
    seen = _seen.setdefault(store, {})
    missing = [case_id for case_id, seq in cases.items() if (case_id, seq) not in seen]
    if missing:
        if len(seen) > MOST_SEEN:
            seen.clear()
        seen |= {(sight.case_id, sight.seq): (sight, version) for sight, version in _look(store, missing)}
    known = {key[0]: seen[key] for key in cases.items() if key in seen}
    return {
        case_id: Allowance(sight, version, tuple(allowed_moves(sight, version, actor)))
        for case_id, (sight, version) in known.items()
    }


def allowance(store: Store, case_id: int, actor: Actor) -> Allowance:
    """That of one case as it stands now. Raises NotFound."""
    for sight, version in _look(store, [case_id]):
        return Allowance(sight, version, tuple(allowed_moves(sight, version, actor)))
    raise NotFound("there is no such case.", where=f"case {case_id}")


def afterwards(one: Allowance, rule: MoveRule, actor: Actor) -> tuple[str, tuple[MoveRule, ...]]:
    """The stage a case comes to by a move, and the moves the actor could make of it then: what a phone without a
    connection goes by when several are made in a row."""
    sight = one.sight
    digest = {} if sight.life else {"digest": one.version.digest}
    payload = {"marks": list(rule.marks), "unmarks": list(rule.unmarks), **digest}
    unit = actor.unit_id if rule.unit == "becomes" else None
    stage = rule.to or str(sight.row["stage"])
    move = Move(sight.case_id, rule.action, sight.row["since"], "", stage=stage, unit_id=unit, payload=payload)
    then = after_move(sight, move, after(sight.life, rule.action, payload))
    return stage, tuple(allowed_moves(then, one.version, actor))


def _look(store: Store, case_ids: Sequence[int]) -> list[tuple[Sight, KindVersion]]:
    found = []
    with store.read() as con:
        for sight in look(con, case_ids).values():
            with contextlib.suppress(JingweiError):
                found.append((sight, store.engine.version_of(con, sight)))
    return found
