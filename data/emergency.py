"""平急转换: a place goes from peace to emergency by one act of the right role, and back by another that writes the record.

A place is in emergency while it, or a place above it, is. Cases get the plan's shorter service levels from then on
(`data/emergency_levels.py`); a deadline already given stands, in both directions. Everything is by the deployment's clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import audit
from data.actors import Actor
from data.below import NAMED, chain_of
from data.database import Connection, records
from data.definitions import definitions_of, read_as, version_of
from data.emergency_plans import Plan
from data.errors import InputError, NotFound, Refused
from data.grants import place_of

if TYPE_CHECKING:
    from pathlib import Path

    from data.store import Store

LONGEST_REASON = 500
MOST_PAST = 100


@dataclass(frozen=True)
class Emergency:
    """A place in emergency. declared_by, ended_by: the post; record: what happened, once it is over."""

    emergency_id: int
    plan: Plan
    place_id: int
    place_level: str
    place_code: str
    place: str
    declared_at: datetime
    declared_role: str
    declared_by: str
    reason: str
    ended_at: datetime | None
    ended_role: str | None
    ended_by: str | None
    end_reason: str | None
    record: Mapping[str, Any] | None
    chain: tuple[int, ...]

    def covers(self, chain: tuple[int, ...]) -> bool:
        """Whether a place with all above it is in this emergency."""
        return self.place_id in chain


def plans(home: Path | None) -> dict[str, tuple[Plan, str]]:
    """The plans that are not turned off, by name, with the digest of their text."""
    texts = definitions_of(home, "emergency").values()
    read = [(read_as(Plan, text.body, text.where), text.digest) for text in texts]
    return {plan.id: (plan, digest) for plan, digest in read if not plan.off}


def declare(store: Store, plan_name: str, place_code: str, actor: Actor, reason: str) -> Emergency:
    """Put a place into emergency by a plan. Raises NotFound, InputError, or Refused without the role there, or where it is already."""
    plan, digest = _plan(store, plan_name)
    place = place_of(store, place_code)
    why = _reason(reason)

    def job(con: Connection) -> int:
        chain = [one.place_id for one in chain_of(con, place.place_id)]
        role = _required(actor, plan.declare, chain, "declare an emergency")
        held = con.execute(
            "SELECT 1 FROM emergency WHERE ended_at IS NULL AND plan = ? AND list_contains(?::INTEGER[], place_id)",
            [plan.id, chain],
        ).fetchone()
        if held:
            raise Refused("the place is in this emergency already.", where=f"{plan.id} {place_code}")
        at = store.now()
        row = con.execute(
            """INSERT INTO emergency BY NAME SELECT nextval('emergency_ids')::INTEGER AS emergency_id, $plan AS plan,
                   $digest AS digest, $place::INTEGER AS place_id, $at::TIMESTAMPTZ AS declared_at,
                   $role AS declared_role, $by AS declared_by, $why AS reason RETURNING emergency_id""",
            {"plan": plan.id, "digest": digest, "place": place.place_id, "at": at, "role": role, "by": actor.label, "why": why},
        ).fetchone()  # fmt: skip
        number = int(row[0]) if row else 0
        said = {"emergency": number, "plan": plan.id, "place": place_code, "reason": why}
        audit.put(con, at, audit.Entry("emergency_declared", actor, role, detail=said))
        return number

    number = store.writer.run(job, label="emergency", quiet=True).result()
    store.watch.changed()
    return emergency(store, number)


def stand_down(store: Store, emergency_id: int, actor: Actor, reason: str) -> Emergency:
    """Back to peace; the record is written in the same commit. Raises NotFound, InputError or Refused."""
    from data.emergency_record import record_of

    why = _reason(reason)

    def job(con: Connection) -> None:
        found = _selected(con, "e.emergency_id = $id", {"id": emergency_id})
        if not found:
            raise NotFound("there is no such emergency.", where=f"emergency {emergency_id}")
        one = found[0]
        role = _required(actor, one.plan.stand_down, list(one.chain), "stand down an emergency")
        if one.ended_at is not None:
            raise Refused("it has been stood down already.", where=f"emergency {emergency_id}")
        at = store.now()
        record = record_of(con, one, at)
        con.execute(
            """UPDATE emergency SET ended_at = $at, ended_role = $role, ended_by = $by, end_reason = $why, record = $record
               WHERE emergency_id = $id""",
            {"at": at, "role": role, "by": actor.label, "why": why, "id": emergency_id,
             "record": json.dumps(record, ensure_ascii=False)},
        )  # fmt: skip
        said = {"emergency": emergency_id, "plan": one.plan.id, "place": one.place_code, "reason": why}
        audit.put(con, at, audit.Entry("emergency_ended", actor, role, detail=said))

    store.writer.run(job, label="emergency", quiet=True).result()
    store.watch.changed()
    return emergency(store, emergency_id)


def emergency(store: Store, emergency_id: int) -> Emergency:
    """One emergency. Raises NotFound."""
    with store.read() as con:
        found = _selected(con, "e.emergency_id = $id", {"id": emergency_id})
    if not found:
        raise NotFound("there is no such emergency.", where=f"emergency {emergency_id}")
    return found[0]


def emergencies_now(store: Store) -> list[Emergency]:
    """The places in emergency now, the earliest first."""
    with store.read() as con:
        return _selected(con, "e.ended_at IS NULL", {})[::-1]


def past_emergencies(store: Store) -> list[Emergency]:
    """Those that are over, the latest first."""
    with store.read() as con:
        return _selected(con, "e.ended_at IS NOT NULL", {})


def _plan(store: Store, name: str) -> tuple[Plan, str]:
    known = store.watch.plans
    if name not in known:
        raise NotFound("there is no such emergency plan.", where=name, todo=f"Known: {', '.join(known)}.")
    return known[name]


def _required(actor: Actor, roles: tuple[str, ...], chain: list[int], to: str) -> str:
    if actor.kind == "device":
        raise Refused("a wall only looks.", where=actor.name, todo="Do it at a post's own screen.")
    return actor.require(roles, chain, to=to)


def _reason(text: str) -> str:
    why = text.strip()[:LONGEST_REASON]
    if not why:
        raise InputError("say why: it goes into the record.", where="reason")
    return why


def _selected(con: Connection, which: str, given: Mapping[str, Any]) -> list[Emergency]:
    found = con.execute(
        f"""SELECT e.emergency_id, e.digest, e.place_id, p.level AS place_level, p.code AS place_code, coalesce(n.name, p.code) AS place,
                e.declared_at, e.declared_role, e.declared_by, e.reason, e.ended_at, e.ended_role, e.ended_by, e.end_reason, e.record
            FROM emergency e JOIN place p USING (place_id)
            LEFT JOIN {NAMED} n USING (place_id)
            WHERE {which} ORDER BY e.declared_at DESC, e.emergency_id DESC LIMIT {MOST_PAST}""",
        dict(given),
    )
    made = []
    for row in records(found):
        plan = version_of(con, row.pop("digest"), Plan)
        chain = tuple(place.place_id for place in chain_of(con, row["place_id"]))
        record = json.loads(row.pop("record")) if row["record"] else row.pop("record")
        made.append(Emergency(**row, plan=plan, chain=chain, record=record))
    return made
