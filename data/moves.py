"""Moves: what people and machines do to cases. A set of them becomes ledger lines, past states and new rows in one commit.

The writer hands over what waits (`apply`); an import hands over the changes it found in cases known already
(`append`). Both go through the same SQL, in rounds: the first move of every case, then the second of those that have two.
Nothing is done row by row, because a statement costs about as much for one row as for five hundred. The usual moves of the
writer go a shorter way (`usual_moves.py`); what they leave goes this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import pyarrow as pa

from data import usual_moves
from data.case_rows import CaseRows
from data.database import Connection
from data.errors import InputError, JingweiError, NotFound, StaleMove
from data.fold import ACTIONS, CORRECTABLE, IDENTITY, PAST, STAGE_OF, STATE, next_state
from data.hiding import hidden_range
from data.ledger import PAYLOAD_VERSION, line_hash, note_hash
from data.pauses import SHIFTED, shifted
from data.staging import INSTANT, STAGES

REMEMBERED = timedelta(days=7)


@dataclass(frozen=True)
class Move:
    """One thing that happened to a case. Instants carry a zone; `key` names the move, so that sending it twice does it once.

    stage: null takes the action's own (`STAGE_OF`). payload: for `corrected` the fields and their new values.
    expected_seq: the last line its sender had seen; null moves the case whatever happened since.
    """

    case_id: int
    action: str
    occurred_at: datetime
    key: str
    stage: str | None = None
    due_at: datetime | None = None
    unit_id: int | None = None
    by_role: str | None = None
    by_unit: int | None = None
    payload: Mapping[str, Any] | None = None
    note: str | None = None
    expected_seq: int | None = None
    handle_due_at: datetime | None = None


@dataclass(frozen=True)
class Receipt:
    """That a move is in the ledger: its line. parts: the cases an opening brought along.

    beside: other cases of which something changed with it (since when they stand at a repeat point).
    """

    case_id: int
    seq: int
    action: str
    occurred_at: datetime
    recorded_at: datetime
    key: str
    hash: bytes
    parts: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


# What `append` takes: one row a line. `round`: 1 for a case's first line of the set, 2 for its second …
INCOMING = pa.schema(
    [
        ("line", pa.int32()),
        ("round", pa.int32()),
        ("case_id", pa.int64()),
        ("action", pa.string()),
        ("occurred_at", INSTANT),
        ("key", pa.string()),
        ("stage", pa.string()),
        ("due_at", INSTANT),
        ("handle_due_at", INSTANT),
        ("unit_id", pa.int32()),
        ("by_role", pa.string()),
        ("by_unit", pa.int32()),
        ("payload", pa.string()),
        ("note", pa.string()),
        ("expected_seq", pa.int32()),
    ]
)

_ASKED = [name for name in INCOMING.names if name not in ("line", "round", "stage", "payload")]


def apply(con: Connection, moves: Sequence[Move], recorded_at: datetime) -> list[Receipt | JingweiError]:
    """Write moves in the caller's transaction; the answer to each, in order: its receipt, or why it was refused.

    A refused move leaves the others alone. The same key twice in the set gives the first one's receipt twice; keys of
    earlier sets are remembered by the writer (`recall`).
    """
    return write(con, moves, recorded_at, [_fault(move) for move in moves])


def write(
    con: Connection, moves: Sequence[Move], recorded_at: datetime, faults: Sequence[JingweiError | None] = (),
    kept: CaseRows | None = None,
) -> list[Receipt | JingweiError]:  # fmt: skip
    """The same for moves that have been judged already; `faults`: what is wrong with each, if anything.

    kept: the rows of their cases, where they have been read in this transaction.
    """
    answers: list[Receipt | JingweiError | None] = list(faults) or [None] * len(moves)
    hidden = hidden_range(con) if kept is None else None  # of a hidden case there is no row
    first: dict[str, int] = {}
    for i, move in enumerate(moves):
        if answers[i] is None:
            first.setdefault(move.key, i)
    wanted = sorted(first.values())
    seen = [i for i in wanted if not (hidden and hidden[0] <= moves[i].case_id <= hidden[1])]
    if seen:
        for line, case_id, seq, digest in _written(con, [_row(moves[i], i) for i in seen], recorded_at, kept):
            m = moves[line]
            answers[line] = Receipt(case_id, seq, m.action, m.occurred_at, recorded_at, m.key, digest)
    unwritten = [i for i in wanted if answers[i] is None]
    for i, why in zip(unwritten, explain(con, [moves[i] for i in unwritten]), strict=True):
        answers[i] = why
    result: list[Receipt | JingweiError] = []
    for i, move in enumerate(moves):
        answer = answers[i] or answers[first[move.key]]
        if answer is None:
            raise AssertionError("a move was left without an answer")
        result.append(answer)
    return result


def _written(
    con: Connection, rows: list[dict[str, Any]], recorded_at: datetime, kept: CaseRows | None
) -> list[tuple[int, int, int, bytes]]:
    """What of some lines was written, the usual ones first."""
    written, left = usual_moves.append(con, rows, recorded_at, kept)
    if left:
        con.register("incoming", _in_rounds(left))
        written += append(con, "incoming", recorded_at, shifting=True)
        con.unregister("incoming")
    return written


def append(
    con: Connection, table: str, recorded_at: datetime, *, shifting: bool = False
) -> list[tuple[int, int, int, bytes]]:
    """Append the lines of a table with the columns `INCOMING`; (line, case_id, seq, hash) of those that were written.

    Lines whose case is unknown or has moved past `expected_seq` are left out. Archived cases become hot.
    shifting: resuming moves the deadlines (the source of an import has moved them itself).
    """
    _bring_back(con, table)
    rounds, notes, corrects, resumes, payloads = con.execute(
        f"""SELECT coalesce(max("round"), 0), coalesce(bool_or(note IS NOT NULL), false),
            coalesce(bool_or(action = 'corrected'), false), coalesce(bool_or(action = 'resumed'), false),
            coalesce(bool_or(payload IS NOT NULL), false) FROM {table}"""
    ).fetchone() or (0, False, False, False, False)
    written: list[tuple[int, int, int, bytes]] = []
    for number in range(1, rounds + 1):
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE moving AS SELECT * FROM case_hot
                WHERE case_id IN (SELECT case_id FROM {table} WHERE "round" = {number})"""
        )
        con.register("shifted", shifted(con, table, number) if resumes and shifting else SHIFTED.empty_table())
        con.execute(_step(table, notes=notes, payloads=payloads), {"recorded_at": recorded_at, "number": number})
        con.execute(
            "INSERT INTO transition BY NAME SELECT case_id, seq, occurred_at, recorded_at, action, stage, due_at, "
            "handle_due_at, unit_id, by_role, by_unit, payload, payload_version, key, note_id, note_hash, hash FROM step"
        )
        con.execute(
            f"INSERT INTO case_past BY NAME SELECT case_id, old_since AS valid_from, since AS valid_to, "
            f"{', '.join(f'old_{name} AS {name}' for name in PAST)} FROM step WHERE old_since < since"
        )
        _tell_late(con, payloads=payloads)
        # The row is replaced, not updated: updating twenty columns in place costs five times as much.
        con.execute("DELETE FROM case_hot WHERE case_id IN (SELECT case_id FROM step)")
        con.execute(
            f"INSERT INTO case_hot SELECT c.* REPLACE ({', '.join(f's.next_{name} AS {name}' for name in STATE)}, "
            "s.seq AS seq, s.since AS since, s.hash AS last_hash) FROM moving c JOIN step s USING (case_id)"
        )
        if corrects:
            con.execute(_CORRECT_IDENTITY)
        if notes:
            con.execute("INSERT INTO note SELECT note_id, case_id, note, NULL FROM step WHERE note IS NOT NULL")
        written += con.execute("SELECT line, case_id, seq, hash FROM step ORDER BY line").fetchall()
    con.unregister("shifted")
    return written


def _tell_late(con: Connection, *, payloads: bool) -> None:
    """Bring lines of `step` that happened before the state they found into the past states since then.

    Such a line is the last of its case's ledger, so it changes every state from its time on as it changed the row.
    """
    late = con.execute("SELECT count(*) FROM step WHERE occurred_at < old_since").fetchone()
    if not late or not late[0]:
        return
    con.execute(
        """CREATE OR REPLACE TEMP TABLE retold AS SELECT p.* FROM case_past p JOIN step l USING (case_id)
           WHERE l.occurred_at < l.old_since AND p.valid_to > l.occurred_at"""
    )
    con.execute("DELETE FROM case_past p USING retold r WHERE p.case_id = r.case_id AND p.valid_from = r.valid_from")
    con.execute(
        """INSERT INTO case_past SELECT p.* REPLACE (l.occurred_at AS valid_to) FROM retold p JOIN step l USING (case_id)
           WHERE p.valid_from < l.occurred_at"""
    )
    state = next_state("p.", "u", payloads=payloads)
    con.execute(
        f"""INSERT INTO case_past BY NAME SELECT p.case_id, greatest(p.valid_from, l.occurred_at) AS valid_from, p.valid_to,
                {", ".join(f"{state[name]} AS {name}" for name in PAST)}
            FROM retold p JOIN step l ON l.case_id = p.case_id LEFT JOIN unit u ON u.unit_id = l.unit_id"""
    )


def recall(con: Connection, now: datetime, limit: int) -> Iterable[tuple[str, Receipt]]:
    """Key and receipt of the moves of the last days, oldest first, at most `limit`: the writer's memory at its start."""
    rows = con.execute(
        """SELECT case_id, seq, action, occurred_at, recorded_at, key, hash FROM (
               SELECT * FROM transition WHERE recorded_at >= ? AND by_role IS DISTINCT FROM 'import'
               ORDER BY recorded_at DESC LIMIT ?) ORDER BY recorded_at, case_id, seq""",
        [now - REMEMBERED, limit],
    ).fetchall()
    return [(row[5], Receipt(*row)) for row in rows]


_CORRECT_IDENTITY = f"""UPDATE case_hot SET {
    ", ".join(
        f"{name} = CASE WHEN json_exists(s.payload, '$.{name}') THEN TRY_CAST(s.payload ->> '$.{name}' AS {kind}) "
        f"ELSE case_hot.{name} END"
        for name, kind in IDENTITY.items()
    )
} FROM step s WHERE case_hot.case_id = s.case_id AND s.action = 'corrected'"""


def _step(table: str, *, notes: bool, payloads: bool) -> str:
    """SQL that makes the temporary table `step`: this round's lines, hashed, with the case's state before and after."""
    with_note = f"CASE WHEN b.note IS NOT NULL THEN {note_hash('b.note')} END" if notes else "NULL::BLOB"
    note_id = "CASE WHEN b.note IS NOT NULL THEN nextval('note_ids') END" if notes else "NULL::BIGINT"
    before = ", ".join(f"c.{name} AS old_{name}" for name in (*STATE, "since", "last_hash"))
    after = ", ".join(f"{sql} AS next_{name}" for name, sql in next_state("l.old_", "u", payloads=payloads).items())
    return f"""CREATE OR REPLACE TEMP TABLE step AS
        WITH line AS (
            SELECT b.line, b.case_id, (c.seq + 1)::SMALLINT AS seq, b.occurred_at, $recorded_at AS recorded_at, b.action,
                b.stage, coalesce(b.due_at, p.due_at) AS due_at, coalesce(b.handle_due_at, p.handle_due_at) AS handle_due_at,
                CASE WHEN b.action = 'closed' THEN coalesce(b.unit_id, c.unit_id) ELSE b.unit_id END AS unit_id,
                b.by_role, b.by_unit, b.payload, {PAYLOAD_VERSION}::SMALLINT AS payload_version, b.key,
                b.note, {note_id} AS note_id, {with_note} AS note_hash, {before}
            FROM {table} b JOIN moving c ON c.case_id = b.case_id LEFT JOIN shifted p ON p.line = b.line
            WHERE b."round" = $number AND (b.expected_seq IS NULL OR b.expected_seq = c.seq))
        SELECT l.*, greatest(l.old_since, l.occurred_at) AS since, {line_hash("l.old_last_hash")} AS hash,
            {after}
        FROM line l LEFT JOIN unit u ON u.unit_id = l.unit_id"""


def _bring_back(con: Connection, table: str) -> None:
    """Move archived cases among those of the set to the hot table."""
    here = f"SELECT case_id FROM case_hot WHERE case_id IN (SELECT case_id FROM {table})"
    absent = f"SELECT DISTINCT case_id FROM {table} WHERE case_id NOT IN ({here})"
    missing = con.execute(absent).fetchall()
    if missing:
        con.execute(f"CREATE OR REPLACE TEMP TABLE archived AS {absent}")
        con.execute("INSERT INTO case_hot SELECT * FROM case_archive WHERE case_id IN (SELECT case_id FROM archived)")
        con.execute("DELETE FROM case_archive WHERE case_id IN (SELECT case_id FROM archived)")


def _row(move: Move, line: int) -> dict[str, Any]:
    """A move as a row of `INCOMING`."""
    row = {name: getattr(move, name) for name in _ASKED}
    row["line"] = line
    row["stage"] = move.stage or STAGE_OF.get(move.action)
    row["payload"] = None if move.payload is None else payload_text(move.payload)
    return row


def _in_rounds(rows: Sequence[dict[str, Any]]) -> pa.Table:
    rounds: dict[int, int] = {}
    for row in rows:
        row["round"] = rounds[row["case_id"]] = rounds.get(row["case_id"], 0) + 1
    return pa.Table.from_pylist(list(rows), schema=INCOMING)


def payload_text(payload: Mapping[str, Any]) -> str:
    """A payload as it stands in the ledger: JSON, keys in order, instants in ISO form."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise InputError(f"{type(value).__name__} cannot stand in a payload.", where="payload")


def _fault(move: Move) -> JingweiError | None:
    """What is wrong with a move in itself."""
    where = f"case {move.case_id}"
    if move.action not in ACTIONS or move.action == "reported":
        return InputError(f"there is no move {move.action}.", where=where, todo=f"Known: {', '.join(ACTIONS[1:])}.")
    if move.stage is not None and move.stage not in STAGES:
        return InputError(f"there is no stage {move.stage}.", where=where, todo=f"Known: {', '.join(STAGES)}.")
    if any(at is not None and at.tzinfo is None for at in (move.occurred_at, move.due_at, move.handle_due_at)):
        return InputError("its times carry no zone.", where=where, todo="Send instants with an offset.")
    if move.action == "corrected":
        unknown = sorted(set(move.payload or {}) - set(CORRECTABLE))
        if unknown:
            return InputError(f"{', '.join(unknown)} cannot be corrected.", where=where)
    if move.action == "excluded" and not (move.by_role and (move.note or (move.payload or {}).get("reason"))):
        return InputError(
            "a case is left out of the figures only by somebody and for a reason.",
            where=where,
            todo="Name by_role, and the reason in a note or payload.reason.",
        )
    try:
        payload_text(move.payload or {})
    except (InputError, TypeError, ValueError) as error:
        return error if isinstance(error, InputError) else InputError(str(error), where=where)
    return None


class Expecting(Protocol):
    """What was to be done to a case by somebody who had seen some line of it."""

    @property
    def case_id(self) -> int: ...
    @property
    def expected_seq(self) -> int | None: ...


def explain(con: Connection, refused: Sequence[Expecting]) -> list[JingweiError]:
    """Say of each move that was not written why: there is no such case, or somebody moved it first."""
    if not refused:
        return []
    ids = ", ".join(str(move.case_id) for move in refused)
    last = {
        case_id: (action, seq, at, role)
        for case_id, action, seq, at, role in con.execute(
            f"""SELECT case_id, l.action, l.seq, l.occurred_at, l.by_role FROM cases c JOIN transition l USING (case_id, seq)
                WHERE case_id IN ({ids})"""
        ).fetchall()
    }
    return [_why(move, last.get(move.case_id)) for move in refused]


def _why(move: Expecting, last: tuple[str, int, datetime, str | None] | None) -> JingweiError:
    where = f"case {move.case_id}"
    if last is None:
        return NotFound("there is no such case.", where=where)
    action, seq, at, role = last
    return StaleMove(
        f"somebody moved it first: {action} at {at.isoformat(timespec='minutes')}{f' by {role}' if role else ''} "
        f"(line {seq}, expected {move.expected_seq}).",
        where=where,
        todo="Look at the case again, then decide.",
    )
