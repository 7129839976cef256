"""What is said against a place on a list while it is open to appeals, and what was decided.

Upheld means that the list has to be counted again: a mark is entered anew, a veto withdrawn, a case excluded with its reason, each by
its own way; the appeal itself changes no number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.actors import Actor
from data.database import Connection
from data.errors import InputError, NotFound, Refused
from data.score_rows import PUBLICITY, card_of, items, run_of
from data.score_runs import refuse_unless, write_step

if TYPE_CHECKING:
    from data.store import Store

LONGEST = 1000


def lodge(store: Store, run_id: int, subject_id: int, reason: str, actor: Actor, key: str) -> int:
    """Take an appeal down; its id. Raises InputError, NotFound, Refused."""
    run, at = run_of(store, run_id), store.now()
    role = actor.require(card_of(store, run.digest).roles.appeal)
    if not reason.strip():
        raise InputError("an appeal has its reason.", where="reason")
    if run.state == PUBLICITY and run.publicity_until is not None and at >= run.publicity_until:
        raise Refused("the time for appeals is over.", where=f"run {run_id}")
    named = items(store, run_id, subject_id)
    if not named:
        raise NotFound("it is not on this list.", where=f"run {run_id}")

    def job(con: Connection) -> int:
        refuse_unless(con, run_id, (PUBLICITY,))
        row = con.execute(
            """INSERT INTO score_appeal BY NAME SELECT nextval('appeal_ids')::INTEGER AS appeal_id, ?::INTEGER AS run_id,
                   ?::INTEGER AS subject_id, ? AS reason, ? AS by_role, ? AS actor, ?::TIMESTAMPTZ AS lodged_at RETURNING appeal_id""",
            [run_id, subject_id, reason[:LONGEST], role, actor.label, at],
        ).fetchone()
        write_step(con, run_id, at, "appealed", role, actor, named[0].subject.name)
        return int(row[0]) if row else 0

    return store.writer.run(job, label="appeal", key=f"appeal {key}", quiet=True).result()


def decide(store: Store, appeal_id: int, decision: str, actor: Actor, *, upheld: bool) -> None:
    """Uphold or reject an appeal, with the reason. Raises InputError, NotFound, Refused."""
    if not decision.strip():
        raise InputError("a decision has its reason.", where="decision")
    rows = store.rows("SELECT run_id, decided_at FROM score_appeal WHERE appeal_id = ?", [appeal_id])
    if not rows:
        raise NotFound("there is no such appeal.", where=f"appeal {appeal_id}")
    run_id, at = int(rows[0]["run_id"]), store.now()
    role = actor.require(card_of(store, run_of(store, run_id).digest).roles.decide)

    def job(con: Connection) -> None:
        refuse_unless(con, run_id, (PUBLICITY,))
        row = con.execute("SELECT decided_at FROM score_appeal WHERE appeal_id = ?", [appeal_id]).fetchone()
        if row is None or row[0] is not None:
            raise Refused("it has been decided already.", where=f"appeal {appeal_id}")
        con.execute(
            """UPDATE score_appeal SET decided_at = ?, upheld = ?, decision = ?, decided_role = ?, decided_by = ?
               WHERE appeal_id = ?""",
            [at, upheld, decision[:LONGEST], role, actor.label, appeal_id],
        )
        write_step(con, run_id, at, "appeal upheld" if upheld else "appeal rejected", role, actor, decision[:LONGEST])

    store.writer.run(job, label="appeal", quiet=True).result()


def appeals(store: Store, run_id: int) -> list[dict[str, Any]]:
    """The appeals of a run, the latest first, with the name of whom each is about."""
    return store.rows(
        """SELECT a.*, i.name, i.code FROM score_appeal a JOIN score_item i USING (run_id, subject_id) WHERE run_id = ?
           ORDER BY a.lodged_at DESC, a.appeal_id DESC""",
        [run_id],
    )
