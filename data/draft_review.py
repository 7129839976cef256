"""From draft to force: review, comments pinned on the map, approval by another role, the day it takes effect.

A planner puts a draft into review while no hard rule is broken; a leader approves it with its first day or sends it back; a
planner may withdraw it until it is in force. A draft in review is not drawn on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from data.actors import ADMINISTRATOR, LEADER, PLANNER, Actor
from data.database import Connection
from data.drafts import APPROVED, DRAWING, REVIEW, WITHDRAWN, must_be, put_step
from data.errors import InputError, NotFound, Refused

if TYPE_CHECKING:
    from data.store import Store

LONGEST = 1000
APPROVERS = (LEADER, ADMINISTRATOR)
COMMENTERS = (PLANNER, LEADER, ADMINISTRATOR)


@dataclass(frozen=True)
class Step:
    """What became of a draft."""

    happened_at: datetime
    step: str
    author: str
    by_role: str
    note: str | None


@dataclass(frozen=True)
class Comment:
    """A remark pinned to a point."""

    comment_id: int
    lon: float
    lat: float
    body: str
    written_at: datetime
    author: str
    by_role: str
    settled_at: datetime | None
    settled_by: str | None


def steps(store: Store, draft_id: int) -> list[Step]:
    """What became of it, in order."""
    rows = store.rows(
        """SELECT happened_at, step, author, by_role, note FROM draft_step WHERE draft_id = $1 AND step <> 'rules'
           ORDER BY happened_at, rowid""",
        [draft_id],
    )
    return [Step(**row) for row in rows]


def comments(store: Store, draft_id: int) -> list[Comment]:
    """The remarks, open ones first, then by time."""
    rows = store.rows(
        """SELECT * EXCLUDE (draft_id) FROM draft_comment WHERE draft_id = $1
           ORDER BY settled_at IS NOT NULL, comment_id""",
        [draft_id],
    )
    return [Comment(**row) for row in rows]


def comment(store: Store, draft_id: int, lon: float, lat: float, body: str, actor: Actor) -> int:
    """Pin a remark; its id. Raises InputError, NotFound, Refused."""
    role = actor.require(COMMENTERS, to="remark on a plan")
    body = body.strip()
    if not 0 < len(body) <= LONGEST:
        raise InputError(f"a remark has up to {LONGEST} characters.", where="body")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError("this point is not on the map.", where="lon, lat")
    now = store.now()

    def job(con: Connection) -> int:
        must_be(con, draft_id, DRAWING, REVIEW, APPROVED)
        row = con.execute(
            """INSERT INTO draft_comment VALUES (nextval('draft_comment_ids'), $1, $2, $3, $4, $5, $6, $7, NULL, NULL)
               RETURNING comment_id""",
            [draft_id, lon, lat, body, now, actor.label, role],
        ).fetchone()
        return int(row[0]) if row else 0

    return store.writer.run(job, label="draft", touches=()).result()


def settle(store: Store, draft_id: int, comment_id: int, actor: Actor) -> None:
    """A remark has been dealt with. Raises NotFound, Refused."""
    actor.require(COMMENTERS, to="remark on a plan")

    def job(con: Connection) -> None:
        changed = con.execute(
            """UPDATE draft_comment SET settled_at = $3, settled_by = $4
               WHERE draft_id = $1 AND comment_id = $2 AND settled_at IS NULL RETURNING comment_id""",
            [draft_id, comment_id, store.now(), actor.label],
        ).fetchone()
        if changed is None:
            raise NotFound("there is no such open remark.", where=f"remark {comment_id}")

    store.writer.run(job, label="draft", touches=()).result()


def submit(store: Store, draft_id: int, seen: int, broken: int, actor: Actor) -> None:
    """Put a draft into review. broken: hard rules it breaks. Raises Refused."""
    if broken:
        raise Refused(
            f"{broken} hard rules are broken.", where=f"draft {draft_id}", todo="Mend them, or make the rule soft."
        )
    _turn(store, draft_id, (PLANNER,), (DRAWING,), REVIEW, "review", actor, seen=seen)


def send_back(store: Store, draft_id: int, note: str, actor: Actor) -> None:
    """Back to drawing, with what is to be done. Raises InputError, Refused."""
    if not note.strip():
        raise InputError("say what is to be changed.", where="note")
    _turn(
        store, draft_id, (*APPROVERS, PLANNER), (REVIEW, APPROVED), DRAWING, "back", actor, note=note.strip()[:LONGEST]
    )


def withdraw(store: Store, draft_id: int, actor: Actor) -> None:
    """Give a draft up; it stays readable. Raises Refused."""
    _turn(store, draft_id, (PLANNER,), (DRAWING, REVIEW, APPROVED), WITHDRAWN, "withdrawn", actor)


def approve(store: Store, draft_id: int, effective_from: date, note: str, actor: Actor) -> None:
    """Approve a draft for a day to come. Raises InputError, and Refused where the plan it was copied from is not in force, where
    another approved draft waits, or where the same post put it into review."""
    today = store.now().astimezone(store.zone).date()
    if effective_from <= today:
        raise InputError(
            "a plan takes effect on a day to come.", where=str(effective_from), todo=f"A day after {today}."
        )
    _turn(
        store,
        draft_id,
        APPROVERS,
        (REVIEW,),
        APPROVED,
        "approved",
        actor,
        note=note.strip()[:LONGEST],
        day=effective_from,
    )


def _turn(
    store: Store,
    draft_id: int,
    roles: tuple[str, ...],
    states: tuple[str, ...],
    to: str,
    step: str,
    actor: Actor,
    *,
    note: str | None = None,
    day: date | None = None,
    seen: int | None = None,
) -> None:
    role = actor.require(roles, to="turn a plan")

    def job(con: Connection) -> None:
        must_be(con, draft_id, *states)
        if seen is not None:
            _refuse_stale(con, draft_id, seen)
        if to == APPROVED:
            _check_approval(con, draft_id, actor)
        con.execute("UPDATE draft SET state = $2, effective_from = $3 WHERE draft_id = $1", [draft_id, to, day])
        put_step(con, draft_id, store.now(), step, actor, role, note or (None if day is None else str(day)))

    store.writer.run(job, label="draft", touches=()).result()


def _refuse_stale(con: Connection, draft_id: int, seen: int) -> None:
    row = con.execute("SELECT coalesce(max(seq), 0) FROM draft_line WHERE draft_id = $1", [draft_id]).fetchone()
    if row is not None and row[0] != seen:
        raise Refused("the draft has changed since it was looked at.", where=f"draft {draft_id}", todo="Look again.")


def _check_approval(con: Connection, draft_id: int, actor: Actor) -> None:
    by = con.execute(
        """SELECT author, by_role FROM draft_step WHERE draft_id = $1 AND step = 'review'
           ORDER BY happened_at DESC, rowid DESC LIMIT 1""",
        [draft_id],
    ).fetchone()
    if by is not None and by[0] == actor.label and actor.has(PLANNER):
        raise Refused("whoever put a plan into review does not approve it.", where=f"draft {draft_id}")
    waiting = con.execute("SELECT name FROM draft WHERE state = 'approved'").fetchone()
    if waiting is not None:
        raise Refused(f'the plan "{waiting[0]}" waits to take effect.', todo="Let it take effect, or send it back.")
    ours = con.execute(
        """SELECT s.plan_id, (SELECT max_by(plan_id, effective_from) FROM grid_plan WHERE status = 'active')
           FROM draft d JOIN cell_set s USING (cell_set_id) WHERE draft_id = $1""",
        [draft_id],
    ).fetchone()
    if ours is not None and ours[0] != ours[1]:
        raise Refused("the plan this draft was copied from is no longer in force.", where=f"draft {draft_id}",
                      todo="Draw it again on the plan in force.")  # fmt: skip
