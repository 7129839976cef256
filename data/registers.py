"""Registers: dated facts about a place or a company, each with its evidence and, where it has one, the day it ends.

A party branch, an owners' committee, an entry of the credit ledger (信用台账) are all the same thing: whose, what, since when, until
when, on what evidence, entered by which post. Nothing is changed or deleted; an entry that was wrong is withdrawn with a reason,
so that a score of years ago can be worked out from what was known then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data import audit
from data.actors import ADMINISTRATOR, LEADER, OPERATOR, PROGRAM, Actor
from data.database import Connection
from data.errors import InputError, NotFound, Refused
from data.levels import END

if TYPE_CHECKING:
    from data.store import Store

REGISTERS = ("party_branch", "owners_committee", "property_credit")
LEVELS = ("estate", "company", "community", "street")
ROLES = (OPERATOR, LEADER, ADMINISTRATOR)
LONGEST = 1000
FACTS = pa.schema(
    {
        "register": pa.string(), "level": pa.string(), "subject_id": pa.int32(), "value": pa.float64(), "reason": pa.string(),
        "evidence": pa.string(), "effective_from": pa.date32(), "effective_to": pa.date32(),
        "entered_at": pa.timestamp("us", "UTC"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """What is to be entered. value: points of the credit ledger, 1 for a thing that is there. until: null is without end."""

    register: str
    level: str
    subject_id: int
    value: float
    reason: str
    evidence: str
    since: date
    until: date | None = None


def enter(store: Store, fact: Fact, actor: Actor, key: str) -> int:
    """Enter a fact; its id. Raises InputError, Refused."""
    _check(fact)
    at = store.now()

    def job(con: Connection) -> int:
        role = actor.require(ROLES)
        row = con.execute(
            """INSERT INTO register_entry BY NAME SELECT nextval('register_ids')::INTEGER AS entry_id, ? AS register, ? AS level,
                   ?::INTEGER AS subject_id, ?::DOUBLE AS value, ? AS reason, ? AS evidence, ?::DATE AS effective_from,
                   ?::DATE AS effective_to, ? AS by_role, ? AS actor, ?::TIMESTAMPTZ AS entered_at RETURNING entry_id""",
            [fact.register, fact.level, fact.subject_id, fact.value, fact.reason, fact.evidence, fact.since, fact.until or END,
             role, actor.label, at],
        ).fetchone()  # fmt: skip
        entry = int(row[0]) if row else 0
        said = {"register": fact.register, "subject": f"{fact.level} {fact.subject_id}", "value": fact.value}
        audit.put(con, at, audit.Entry("register_entered", actor, role, detail={"entry": entry, **said}))
        return entry

    return store.writer.run(job, label="register", key=f"register {key}", quiet=True).result()


def withdraw(store: Store, entry_id: int, reason: str, actor: Actor) -> None:
    """Take an entry back, with the reason. Raises InputError, NotFound, Refused."""
    if not reason.strip():
        raise InputError("taking an entry back needs its reason.", where="reason")
    at = store.now()

    def job(con: Connection) -> None:
        role = actor.require(ROLES)
        row = con.execute("SELECT withdrawn_at FROM register_entry WHERE entry_id = ?", [entry_id]).fetchone()
        if row is None:
            raise NotFound("there is no such entry.", where=f"entry {entry_id}")
        if row[0] is not None:
            raise Refused("somebody has withdrawn it already.", where=f"entry {entry_id}")
        con.execute(
            "UPDATE register_entry SET withdrawn_at = ?, withdrawn_role = ?, withdrawn_reason = ? WHERE entry_id = ?",
            [at, role, reason[:LONGEST], entry_id],
        )
        audit.put(con, at, audit.Entry("register_withdrawn", actor, role, detail={"entry": entry_id, "reason": reason}))

    store.writer.run(job, label="register", quiet=True).result()


def enter_many(store: Store, facts: pa.Table) -> int:
    """Facts of a whole town at once, by the program; how many."""

    def job(con: Connection) -> int:
        con.register("facts", facts.cast(FACTS))
        con.execute(
            """INSERT INTO register_entry BY NAME SELECT nextval('register_ids')::INTEGER AS entry_id, *, 'program' AS by_role,
                   ? AS actor FROM facts""",
            [PROGRAM.label],
        )
        con.unregister("facts")
        return int(facts.num_rows)

    return store.writer.run(job, label="registers", quiet=True).result()


def entries(store: Store, register: str, level: str, subject_id: int) -> list[dict[str, Any]]:
    """All entries of a subject, the latest first; withdrawn ones too."""
    return store.rows(
        """SELECT entry_id, value, reason, evidence, effective_from, effective_to, by_role, actor, entered_at, withdrawn_at,
               withdrawn_role, withdrawn_reason
           FROM register_entry WHERE register = ? AND level = ? AND subject_id = ? ORDER BY effective_from DESC, entry_id DESC""",
        [register, level, subject_id],
    )


def standing(store: Store, register: str, level: str, day: date, known_at: datetime) -> dict[int, float] | None:
    """What was in force on a day, as it was known at an instant: subject → sum of its entries. Null: nobody had kept it by then."""
    rows = store.rows(
        """SELECT subject_id, sum(value) FILTER (effective_from <= $day AND $day < effective_to
                   AND (withdrawn_at IS NULL OR withdrawn_at > $known)) AS value
           FROM register_entry WHERE register = $register AND level = $level AND entered_at <= $known GROUP BY 1""",
        {"register": register, "level": level, "day": day, "known": known_at},
    )
    return {row["subject_id"]: row["value"] for row in rows if row["value"] is not None} if rows else None


def covered(found: Mapping[int, float], estates: Collection[int]) -> int:
    """How many of some estates have one."""
    return sum(found.get(one, 0) > 0 for one in estates)


def added(found: Mapping[int, float], ids: Sequence[int]) -> float:
    """The sum over some subjects."""
    return sum(found.get(one, 0.0) for one in ids)


def _check(fact: Fact) -> None:
    if fact.register not in REGISTERS:
        raise InputError(
            f"there is no register {fact.register}.", where="register", todo=f"One of {', '.join(REGISTERS)}."
        )
    if fact.level not in LEVELS:
        raise InputError(f"there is no level {fact.level}.", where="level", todo=f"One of {', '.join(LEVELS)}.")
    if not fact.reason.strip() or not fact.evidence.strip():
        raise InputError("an entry has a reason and its evidence.", where="evidence")
    if fact.until is not None and fact.until <= fact.since:
        raise InputError("an entry ends after it began.", where="until")
