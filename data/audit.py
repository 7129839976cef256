"""Who did what, when: every sign-in, refusal, move, export, setting and change of an account, a line each.

A line names a post and its role, never a person. Most lines are written by `record`, apart from the work they tell of and
without stirring the screens; whoever writes in a job of his own puts the line into the same transaction with `put`. A move
is in the ledger already: `put` with its case and number only adds which post it was, and `lines` shows each move once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import structlog

from data.actors import Actor
from data.database import Connection

if TYPE_CHECKING:
    from data.store import Store

log = structlog.get_logger(__name__)

# What is logged, in the groups a reader asks for.
GROUPS: dict[str, tuple[str, ...]] = {
    "sign_in": ("signed_in", "signed_out", "sign_in_refused", "demo_role", "device_entered"),
    "refusal": ("refused", "sign_in_refused", "admission_refused"),
    "account": ("account_added", "account_changed", "password_changed", "token_made", "token_revoked"),
    "move": ("move",),
    "export": ("export",),
    "import": ("import",),
    "alarm": ("alarm_acknowledged", "emergency_declared", "emergency_ended", "warning"),
    "scorecard": ("scorecard", "judgement", "veto", "veto_withdrawn", "register_entered", "register_withdrawn"),
    "setting": (
        "setting",
        "definition",
        "calendar",
        "admission_list",
        "ledger_head",
        "clock",
        "handover_left",
        "handover_taken",
        "bulletin_issued",
        "draft",
    ),
}
BUT_MOVES = "but_moves"  # everything else: on a busy day moves would bury it
MOST = 500
_MOVES = """SELECT NULL AS audit_id, recorded_at AS happened_at, 'move' AS action, t.by_role, NULL AS actor_kind,
    u.name AS actor, t.case_id, t.seq, json_object('move', t.action)::VARCHAR AS detail
  FROM transition t JOIN cases c USING (case_id) LEFT JOIN unit u ON u.unit_id = t.by_unit
  WHERE t.recorded_at >= $since AND t.recorded_at < $until AND t.by_role IS DISTINCT FROM 'import'
    AND (t.case_id, t.seq) NOT IN (SELECT (case_id, seq) FROM audit
      WHERE case_id IS NOT NULL AND happened_at >= $since AND happened_at < $until)"""


@dataclass(frozen=True)
class Line:
    """One line of the log. detail: what else is known of it, by name."""

    happened_at: datetime
    action: str
    by_role: str | None
    actor_kind: str | None
    actor: str | None
    case_id: int | None
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """What is to be written down. by_role: the role it was done by; empty: all the actor has."""

    action: str
    actor: Actor | None = None
    by_role: str = ""
    case_id: int | None = None
    seq: int | None = None
    detail: Mapping[str, Any] | None = None


def put(con: Connection, at: datetime, *entries: Entry) -> None:
    """Write lines in the caller's transaction."""
    con.executemany(
        """INSERT INTO audit (audit_id, happened_at, action, by_role, detail, actor_kind, actor, case_id, seq)
           VALUES (nextval('audit_ids'), ?, ?, ?, ?, ?, ?, ?, ?)""",
        [_row(at, entry) for entry in entries],
    )


def put_moves(con: Connection, at: datetime, moves: Sequence[tuple[int, int, str | None, Actor]]) -> None:
    """Add which post made some moves, in the transaction that writes them: (case_id, seq, role, actor) of each."""
    columns = zip(*((case, seq, role, actor.kind, actor.name) for case, seq, role, actor in moves), strict=True)
    names = ("case_id", "seq", "by_role", "actor_kind", "actor")
    con.register("made_moves", pa.table(dict(zip(names, map(pa.array, columns), strict=True))))
    con.execute(
        """INSERT INTO audit BY NAME SELECT nextval('audit_ids') AS audit_id, ?::TIMESTAMPTZ AS happened_at,
               'move' AS action, case_id, seq::SMALLINT AS seq, by_role::VARCHAR AS by_role, actor_kind, actor
           FROM made_moves""",
        [at],
    )
    con.unregister("made_moves")


def record(store: Store, action: str, actor: Actor | None, **detail: Any) -> Future[None]:
    """Write one line soon. Nobody has to wait for it; that it could not be written is in the log."""
    at = store.now()
    entry = Entry(action, actor, detail={name: value for name, value in detail.items() if value is not None})
    future = store.writer.run(lambda con: put(con, at, entry), label="audit", quiet=True)
    future.add_done_callback(_complain)
    return future


def lines(
    store: Store,
    *,
    since: datetime,
    until: datetime,
    group: str = "",
    who: str = "",
    limit: int = 100,
    offset: int = 0,
) -> list[Line]:
    """The lines of [since, until), the newest first. group: of GROUPS, or BUT_MOVES; who: a part of the actor's name or a role."""
    given: dict[str, Any] = {"since": since, "until": until, "who": who.strip()}
    actions = GROUPS.get(group, ())
    where = ["(list_contains($actions, action))"] if actions else []
    where += ["action <> 'move'"] if group == BUT_MOVES else []
    given |= {"actions": list(actions)} if actions else {}
    if given["who"]:
        where.append("(contains(lower(coalesce(actor, '')), lower($who)) OR by_role = $who)")
    else:
        del given["who"]
    parts = [
        """SELECT audit_id, happened_at, action, by_role, actor_kind, actor, case_id, seq, detail FROM audit
           WHERE happened_at >= $since AND happened_at < $until"""
    ] + ([_MOVES] if group in ("", "move") else [])
    rows = store.rows(
        f"""SELECT * FROM ({" UNION ALL ".join(parts)}) {"WHERE " + " AND ".join(where) if where else ""}
            ORDER BY happened_at DESC, audit_id DESC, case_id DESC, seq DESC
            LIMIT {min(limit, MOST):d} OFFSET {max(offset, 0):d}""",
        given,
    )
    return [_line(row) for row in rows]


def _row(at: datetime, entry: Entry) -> Sequence[Any]:
    actor = entry.actor
    role = entry.by_role or (",".join(actor.roles) if actor and actor.kind != "program" else None)
    said = json.dumps(dict(entry.detail), ensure_ascii=False, default=str) if entry.detail else None
    who = (actor.kind, actor.name) if actor else (None, None)
    return [at, entry.action, role, said, *who, entry.case_id, entry.seq]


def _line(row: Mapping[str, Any]) -> Line:
    text = row["detail"] or ""
    said = json.loads(text) if text.startswith("{") else {"text": text} if text else {}
    known = {name: row[name] for name in ("happened_at", "action", "by_role", "actor_kind", "actor", "case_id")}
    return Line(**known, detail=said)


def _complain(future: Future[None]) -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None:
        log.error("the audit log was not written", error=str(error))
