"""The ledger's proof: what a line's hash is made of, and how a changed, missing or cut line is noticed.

Each line's hash is sha256(hash of the case's line before, canonical form of this line), so the lines of a case form a
chain. The canonical form, version 1, is a JSON array: fields cannot run together, and anybody can compute it again.
Instants are microseconds since 1970, null is null, the hash of the note stands for the note. The SQL below spells it for
imports and the check, `chained` for moves; a test compares them.

A note is hashed with the deployment's salt, so that a short note cannot be guessed from the ledger, and lives in a table
of its own: it can be erased without breaking the chain. A daily head over all lines recorded on a day goes to the audit log:
a chain whose end was cut off is whole in itself, but no longer matches the head.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from data.database import Connection
from data.errors import NotFound
from data.hiding import hidden_range

if TYPE_CHECKING:
    from data.store import Store

FORM = 1
PAYLOAD_VERSION = 1
FIELDS = (
    "case_id",
    "seq",
    "occurred_at",
    "recorded_at",
    "action",
    "stage",
    "due_at",
    "handle_due_at",
    "unit_id",
    "by_role",
    "by_unit",
    "payload",
    "payload_version",
    "key",
    "note_hash",
)
_AS_TEXT = {
    **dict.fromkeys(("occurred_at", "recorded_at", "due_at", "handle_due_at"), "epoch_us({})"),
    "note_hash": "hex({})",
}
BUCKET_BITS = 12  # 4,096 cases a bucket of a day's head
CHAIN_CASES = 500_000  # cases checked at a time, so that memory stays small


def canonical(field: Mapping[str, str] | None = None, line: str = "l") -> str:
    """SQL text of a line's canonical form; `field` gives the expression of a field where it is not `line.field`."""
    field = field or {}
    parts = [_AS_TEXT.get(name, "{}").format(field.get(name, f"{line}.{name}")) for name in FIELDS]
    return f"json_array({FORM}, {', '.join(parts)})::VARCHAR"


def line_hash(previous: str, field: Mapping[str, str] | None = None, line: str = "l") -> str:
    """SQL of a line's hash (BLOB) from the SQL of the hash before it (''::BLOB for the first line)."""
    return f"unhex(sha256({previous} || encode({canonical(field, line)})))"


def note_hash(body: str) -> str:
    """SQL of a note's salted hash (BLOB)."""
    return f"unhex(sha256((SELECT salt FROM deployment) || encode({body})))"


def chained(previous: bytes, line: Mapping[str, Any]) -> bytes:
    """`line_hash` in Python: a line's hash from the hash before it. Instants are microseconds since 1970."""
    told = [FORM, *(line[name] for name in FIELDS)]
    if line["note_hash"] is not None:
        told[-1] = line["note_hash"].hex().upper()
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    if "\\u" in text:
        text = _ESCAPED.sub(_as_the_database, text)
    return sha256(previous + text.encode()).digest()


_ESCAPED = re.compile(r"\\(?:u[0-9a-f]{4}|.)")


def _as_the_database(escaped: re.Match[str]) -> str:
    """A control character's escape: Python writes \\u001f, the database \\u001F."""
    return escaped[0] if len(escaped[0]) == 2 else f"\\u{escaped[0][2:].upper()}"


def salted(salt: bytes, body: str) -> bytes:
    """`note_hash` in Python."""
    return sha256(salt + body.encode()).digest()


@dataclass(frozen=True)
class Broken:
    """A case whose ledger does not hold: the first line at fault and what is wrong with it."""

    case_id: int
    seq: int
    what: str  # "line changed", "line missing", "end cut off", "no ledger", "no case"


def verify(store: Store) -> list[Broken]:
    """Check every chain and that each case's row stands on its last line; returns the cases that do not hold."""
    broken: list[Broken] = []
    with store.read() as con:
        top = con.execute(
            "SELECT greatest((SELECT max(case_id) FROM transition), (SELECT max(case_id) FROM cases))"
        ).fetchone()
        for first in range(0, (top[0] if top and top[0] is not None else -1) + 1, CHAIN_CASES):
            broken += _broken_between(con, first, first + CHAIN_CASES)
    return broken


def _broken_between(con: Connection, first: int, stop: int) -> list[Broken]:
    hidden = hidden_range(con)
    seen = f"AND case_id NOT BETWEEN {hidden[0]} AND {hidden[1]}" if hidden else ""
    rows = con.execute(
        f"""WITH chained AS (
                SELECT l.*, lag(hash) OVER of_case AS previous, row_number() OVER of_case AS place
                FROM (FROM transition WHERE case_id >= {first} AND case_id < {stop} {seen}) l
                WINDOW of_case AS (PARTITION BY case_id ORDER BY seq)),
            faults AS (
                SELECT case_id, seq, CASE WHEN seq <> place THEN 'line missing' ELSE 'line changed' END AS what
                FROM chained l
                WHERE seq <> place OR hash IS DISTINCT FROM {line_hash("coalesce(previous, ''::BLOB)")}),
            ends AS (SELECT case_id, max(seq) AS seq, arg_max(hash, seq) AS hash FROM chained GROUP BY case_id),
            rows AS (SELECT case_id, seq, last_hash FROM cases WHERE case_id >= {first} AND case_id < {stop}),
            tails AS (
                SELECT coalesce(e.case_id, c.case_id) AS case_id, coalesce(e.seq, 0) AS seq,
                    CASE WHEN c.case_id IS NULL THEN 'no case' WHEN e.case_id IS NULL THEN 'no ledger'
                         WHEN e.seq < c.seq THEN 'end cut off' ELSE 'line changed' END AS what
                FROM ends e FULL JOIN rows c USING (case_id)
                WHERE e.seq IS DISTINCT FROM c.seq OR e.hash IS DISTINCT FROM c.last_hash)
            SELECT case_id, arg_min(seq, (seq, what)), arg_min(what, (seq, what))
            FROM (FROM faults UNION ALL FROM tails) GROUP BY case_id ORDER BY case_id"""
    ).fetchall()
    return [Broken(*row) for row in rows]


def altered_notes(store: Store) -> list[int]:
    """Ids of notes whose text no longer fits the hash in the ledger; erased ones are in order."""
    rows = store.rows(
        f"""SELECT n.note_id FROM note n JOIN transition l USING (case_id, note_id) JOIN cases USING (case_id)
            WHERE n.erased_at IS NULL AND l.note_hash IS DISTINCT FROM {note_hash("n.body")} ORDER BY 1"""
    )
    return [row["note_id"] for row in rows]


def erase_note(con: Connection, note_id: int, erased_at: datetime) -> None:
    """Erase a note's text; its hash stays in the ledger and the chain whole. Raises NotFound."""
    found = con.execute("SELECT count(*) FROM note WHERE note_id = ?", [note_id]).fetchone()
    if not found or not found[0]:
        raise NotFound(f"there is no note {note_id}.")
    con.execute("UPDATE note SET body = NULL, erased_at = ? WHERE note_id = ?", [erased_at, note_id])


def head(con: Connection, day: date, previous: bytes) -> tuple[int, bytes]:
    """(lines, head) of a day (UTC, by time of recording): sha256(head before, day, hashes of the day's buckets).

    Two levels keep memory small: lines are hashed within buckets of cases, then the buckets' hashes together.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    row = con.execute(
        f"""WITH buckets AS (
                SELECT case_id >> {BUCKET_BITS} AS bucket, count(*) AS lines,
                    sha256(string_agg(hex(hash), '' ORDER BY case_id, seq)) AS digest
                FROM transition WHERE recorded_at >= ? AND recorded_at < ? GROUP BY bucket)
            SELECT coalesce(sum(lines), 0)::BIGINT, coalesce(string_agg(digest, '' ORDER BY bucket), '') FROM buckets""",
        [start, start + timedelta(days=1)],
    ).fetchone()
    lines, digests = row or (0, "")
    return lines, sha256(previous + f"{day.isoformat()}|{lines}|{digests}".encode()).digest()


def seal(con: Connection, now: datetime) -> list[date]:
    """Write the heads of all days that have ended and have none yet; returns them. Waits while an import is switched in."""
    if hidden_range(con):
        return []
    last = con.execute("SELECT day, head FROM ledger_head ORDER BY day DESC LIMIT 1").fetchone()
    after = last[0] + timedelta(days=1) if last else date(1, 1, 1)
    days = con.execute(
        """SELECT DISTINCT recorded_at::DATE FROM transition WHERE recorded_at >= ? AND recorded_at < ? ORDER BY 1""",
        [datetime(after.year, after.month, after.day, tzinfo=UTC), _midnight(now)],
    ).fetchall()
    previous: bytes = last[1] if last else b""
    for (day,) in days:
        lines, digest = head(con, day, previous)
        con.execute("INSERT INTO ledger_head VALUES (?, ?, ?, ?)", [day, lines, digest, previous])
        con.execute(
            """INSERT INTO audit (audit_id, happened_at, action, detail)
               SELECT nextval('audit_ids'), ?, 'ledger_head', ?""",
            [now, f"{day.isoformat()} {lines} {digest.hex()}"],
        )
        previous = digest
    return [day for (day,) in days]


def verify_heads(store: Store) -> list[date]:
    """The sealed days whose lines no longer give the head that was written, or whose head is not chained to the last."""
    wrong: list[date] = []
    with store.read() as con:
        heads = con.execute("SELECT day, lines, head, previous FROM ledger_head ORDER BY day").fetchall()
        before = b""
        for day, lines, digest, previous in heads:
            if previous != before or head(con, day, previous) != (lines, digest):
                wrong.append(day)
            before = digest
    return wrong


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
