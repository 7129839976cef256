"""The shorter way of the moves that come every second: read the rows of a set's cases, fold its lines here, write them.

In SQL the same costs some forty milliseconds a set however few its moves are, most of it for planning. So Python works
out the lines, the past states and the new rows with the rules of `fold.py`, and the database gets a few plain statements.
Cases that are not there, lines told late and lines that are not usual (`fold.is_usual`) are left to `moves.append`, a whole
case at a time, so that each case's lines keep their order; a test compares the two ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from data import case_rows
from data.case_rows import CaseRows, Row
from data.database import Connection
from data.fold import LAST, PAST, STATE, is_usual, stepped
from data.ledger import PAYLOAD_VERSION, chained, salted
from data.staging import INSTANT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TIMES = ("occurred_at", "due_at", "handle_due_at")
ROW = (*STATE, "seq", "since", "last_hash")  # what a move changes of a case's row
Written = tuple[int, int, int, bytes]

_ARROW = {
    "TIMESTAMPTZ": INSTANT, "VARCHAR": pa.string(), "INTEGER": pa.int32(), "BOOLEAN": pa.bool_(),
}  # fmt: skip
_STATE_TYPES = {
    **{name: _ARROW[rule.type] for name, rule in LAST.items()},
    **dict.fromkeys(("reworked", "extended", "seq"), pa.int16()),
    "reach": pa.int8(),
    "since": INSTANT,
    "last_hash": pa.binary(),
}
_ROWS = pa.schema([("case_id", pa.int64()), *((name, _STATE_TYPES[name]) for name in ROW)])
_PAST = pa.schema(
    [("case_id", pa.int64()), ("valid_from", INSTANT), ("valid_to", INSTANT), *((n, _STATE_TYPES[n]) for n in PAST)]
)
_LINES = pa.schema(
    [
        ("case_id", pa.int64()), ("seq", pa.int16()), ("occurred_at", INSTANT), ("recorded_at", INSTANT),
        ("action", pa.string()), ("stage", pa.string()), ("due_at", INSTANT), ("handle_due_at", INSTANT),
        ("unit_id", pa.int32()), ("by_role", pa.string()), ("by_unit", pa.int32()), ("payload", pa.string()),
        ("payload_version", pa.int16()), ("key", pa.string()), ("note_id", pa.int64()), ("note_hash", pa.binary()),
        ("hash", pa.binary()),
    ]
)  # fmt: skip


@dataclass
class _Set:
    """What a set comes to: its lines, the states that ended, the rows of the cases as they stand now."""

    lines: list[Row] = field(default_factory=list)
    pasts: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class _Beside:
    """What lines refer to: the level of each unit, the salt and numbers of notes."""

    levels: Mapping[int, str | None]
    salt: bytes
    note_ids: Iterable[int]


def append(
    con: Connection, lines: Sequence[Row], recorded_at: datetime, kept: CaseRows | None = None
) -> tuple[list[Written], list[Row]]:
    """Append what is usual of some rows of `moves.INCOMING`: what was written, and the rows left to the longer way.

    kept: the rows of their cases, where they have been read in this transaction. A line of a case that has moved past its
    `expected_seq` is neither.
    """
    cases: dict[int, list[Row]] = {}
    for line in lines:
        cases.setdefault(line["case_id"], []).append(line)
    usual = [case_id for case_id, its in cases.items() if all(map(is_usual, its))]
    if not usual:
        return [], list(lines)
    kept = case_rows.read(con, usual) if kept is None else kept.only(usual)
    found = {row["case_id"]: row for row in kept.plain(("case_id", *ROW))}
    beside = _beside(con, [line for case_id in found for line in cases[case_id]], found)
    done, folded = _Set(), set[int]()
    for case_id, row in found.items():
        if _fold_case(done, row, [_instants(line) for line in cases[case_id]], _micro(recorded_at), beside):
            folded.add(case_id)
    if done.lines:
        _write(con, done, kept)
    written = [(line["line"], line["case_id"], line["seq"], line["hash"]) for line in done.lines]
    return written, [line for line in lines if line["case_id"] not in folded]


def _beside(con: Connection, lines: Sequence[Row], rows: Mapping[int, Row]) -> _Beside:
    units = {line["unit_id"] for line in lines} | {
        rows[line["case_id"]]["unit_id"] for line in lines if line["action"] == "closed"
    }
    which = ", ".join(str(unit) for unit in units if unit is not None)
    levels = con.execute(f"SELECT unit_id, level FROM unit WHERE unit_id IN ({which})").fetchall() if which else []
    notes = sum(line["note"] is not None for line in lines)
    if not notes:
        return _Beside(dict(levels), b"", iter(()))
    salt = con.execute("SELECT salt FROM deployment").fetchone()
    ids = con.execute("SELECT nextval('note_ids') FROM range(?)", [notes]).fetchall()
    return _Beside(dict(levels), salt[0] if salt else b"", iter([number for (number,) in ids]))


def _fold_case(done: _Set, row: Row, lines: Sequence[Row], recorded_at: int, beside: _Beside) -> bool:
    """Put what the lines of one case come to into the set; False, and nothing, where one is told late."""
    if any(line["occurred_at"] < before for line, before in zip(lines, _latest(row["since"], lines), strict=True)):
        return False
    now = row
    for asked in lines:
        if asked["expected_seq"] not in (None, now["seq"]):
            continue
        line = _line(asked, now, recorded_at, beside)
        if now["since"] < line["occurred_at"]:
            done.pasts.append({**now, "valid_from": now["since"], "valid_to": line["occurred_at"]})
        now = now | stepped(now, line, beside.levels.get(line["unit_id"]))
        now |= {"seq": line["seq"], "since": line["occurred_at"], "last_hash": line["hash"]}
        done.lines.append(line)
    if now is not row:
        done.rows.append(now)
    return True


def _latest(since: int, lines: Sequence[Row]) -> list[int]:
    """When the state before each line began, if all of them are written."""
    began = [since]
    for line in lines[:-1]:
        began.append(max(began[-1], line["occurred_at"]))
    return began


def _line(asked: Row, row: Row, recorded_at: int, beside: _Beside) -> Row:
    """The ledger line of what was asked of a case that stands at `row`."""
    note = asked["note"]
    line = {
        **asked,
        "seq": row["seq"] + 1,
        "recorded_at": recorded_at,
        "payload_version": PAYLOAD_VERSION,
        "note_id": None if note is None else next(iter(beside.note_ids)),
        "note_hash": None if note is None else salted(beside.salt, note),
    }
    if asked["action"] == "closed" and asked["unit_id"] is None:
        line["unit_id"] = row["unit_id"]
    line["hash"] = chained(row["last_hash"], line)
    return line


def _instants(asked: Row) -> Row:
    return asked | {name: None if asked[name] is None else _micro(asked[name]) for name in TIMES}


def _micro(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _write(con: Connection, done: _Set, kept: CaseRows) -> None:
    """A row is replaced, not updated: updating it in place costs more. A case that was archived is hot from now on."""
    _insert(con, "transition", _table(done.lines, _LINES))
    if done.pasts:
        _insert(con, "case_past", _table(done.pasts, _PAST))
    for table, resting in (("case_hot", False), ("case_archive", True)):
        if which := ", ".join(str(row["case_id"]) for row in done.rows if (row["case_id"] in kept.resting) is resting):
            con.execute(f"DELETE FROM {table} WHERE case_id IN ({which})")
    _insert(con, "case_hot", _replaced(kept.table, done.rows))
    if any(line["note"] is not None for line in done.lines):
        notes = [line for line in done.lines if line["note"] is not None]
        told = {"note_id": [n["note_id"] for n in notes], "case_id": [n["case_id"] for n in notes]}
        _insert(con, "note", pa.table({**told, "body": [n["note"] for n in notes]}))


def _replaced(kept: pa.Table, rows: Sequence[Row]) -> pa.Table:
    """The rows as they came with what the moves changed."""
    place = {case_id: i for i, case_id in enumerate(kept.column("case_id").to_pylist())}
    table = kept.take([place[row["case_id"]] for row in rows])
    changed = _table(rows, _ROWS)
    for name in ROW:
        table = table.set_column(table.schema.get_field_index(name), name, changed.column(name))
    return table


def _table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    columns = [_column([row[one.name] for row in rows], one.type) for one in schema]
    return pa.table(columns, schema=schema)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.int64()).cast(kind) if pa.types.is_timestamp(kind) else pa.array(values, kind)


def _insert(con: Connection, table: str, rows: pa.Table) -> None:
    con.register("usual_rows", rows)
    con.execute(f"INSERT INTO {table} BY NAME FROM usual_rows")
    con.unregister("usual_rows")
