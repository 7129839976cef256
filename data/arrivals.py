"""New cases of an import, built wide: every line a case can have has its own slot, so a hundred thousand cases with their
lines, hashes, past states and rows are a handful of statements and no row is touched twice.

What comes out is exactly what the fold of the lines gives (`data/fold.py`; a test rebuilds and compares). The slots, in
order of the ledger:

- reported, registered: at their times; the deadlines and the unit stand on the last of the two.
- reworked: one line for all times the source counts, at an unknown time before the handling or closing.
- handled: at its time. A handling told as later than the closing stands after it and leaves the stage alone.
- a stage the source names without a time (dispatched, accepted, verified …), and suspended: when the source last
  touched the row.
- closed: at its time, or at an unknown one. voided: when the source last touched the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from data import fold
from data.database import Connection
from data.fold import IDENTITY, PAST, START, rank_of
from data.ledger import FIELDS, line_hash, note_hash

_UNKNOWN = """'"time_unknown":true'"""
# Columns nobody needs once ids are looked up.
_DONE_WITH = "row_number, parent_external_id, closed, voided, category_code, category_name, unit_code, unit_name"
_NAMED_STAGES = "'dispatched', 'accepted', 'verified', 'returned'"


@dataclass(frozen=True)
class Slot:
    """A line a case may have. at: null when it has none; changes: state columns it sets; all SQL over `staged`."""

    name: str
    at: str
    action: str
    changes: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)  # stage, due_at, handle_due_at, unit_id, note_hash of the line
    payload: str = "NULL::VARCHAR"


def _object(*members: str) -> str:
    """SQL of a JSON object from the SQL of its members (null: left out), or null when it has none; keys in order."""
    body = f"concat_ws(',', {', '.join(members)})"
    return f"CASE WHEN {body} <> '' THEN '{{' || {body} || '}}' END"


def _carrying(when: str) -> tuple[dict[str, str], dict[str, str]]:
    """Fields and state changes of the line that carries deadlines and unit, if `when`."""
    names = ("due_at", "handle_due_at", "unit_id")
    fields = {name: f"CASE WHEN {when} THEN {name} END" for name in names}
    reach = {"reach": f"CASE WHEN {when} THEN {rank_of('unit_level')} END"}
    return fields, {**fields, **reach, "on_time": f"CASE WHEN {when} AND NOT is_closed THEN on_time END"}


def _flag(when: str) -> str:
    return f"""CASE WHEN {when} AND on_time IS NOT NULL THEN '"on_time":' || on_time::VARCHAR END"""


_REPORTED, _REPORTED_STATE = _carrying("registered_at IS NULL")
_REGISTERED, _REGISTERED_STATE = _carrying("true")

SLOTS: tuple[Slot, ...] = (
    Slot(
        "reported",
        "reported_at",
        "'reported'",
        {"reported_at": "reported_at", "stage": "'reported'", **_REPORTED_STATE},
        {"stage": "'reported'", "note_hash": "note_hash", **_REPORTED},
        _object(_flag("registered_at IS NULL AND NOT is_closed")),
    ),
    Slot(
        "registered",
        "registered_at",
        "'registered'",
        {"registered_at": "registered_at", "stage": "'registered'", **_REGISTERED_STATE},
        {"stage": "'registered'", **_REGISTERED},
        _object(_flag("NOT is_closed")),
    ),
    Slot(
        "reworked",
        "CASE WHEN reworked > 0 THEN coalesce(handled_at, closed_at, known_at) END",
        "'reworked'",
        {"reworked": "reworked", "stage": "'dispatched'"},
        {"stage": "'dispatched'"},
        _object(_UNKNOWN, """CASE WHEN reworked > 1 THEN '"times":' || reworked END"""),
    ),
    Slot(
        "handled",
        "CASE WHEN NOT handled_late THEN handled_at END",
        "'handled'",
        {"handled_at": "handled_at", "stage": "'handled'"},
        {"stage": "'handled'"},
    ),
    Slot(
        "named_stage",
        "CASE WHEN named_stage IS NOT NULL THEN known_at END",
        "named_stage",
        {"stage": "named_stage"},
        {"stage": "named_stage"},
        _object(f"CASE WHEN updated_at IS NULL OR named_stage IN ('handled', 'registered') THEN {_UNKNOWN} END"),
    ),
    Slot(
        "suspended",
        "CASE WHEN is_suspended THEN known_at END",
        "'suspended'",
        {"suspended": "true"},
        payload=_object(f"CASE WHEN updated_at IS NULL THEN {_UNKNOWN} END"),
    ),
    Slot(
        "closed",
        "CASE WHEN is_closed THEN coalesce(closed_at, known_at) END",
        "'closed'",
        {"closed_at": "closed_at", "stage": "'closed'", "closed_unit_id": "unit_id", "on_time": "on_time"},
        {"stage": "'closed'", "unit_id": "unit_id"},
        _object(_flag("is_closed"), f"CASE WHEN closed_at IS NULL THEN {_UNKNOWN} END"),
    ),
    Slot("handled_late", "CASE WHEN handled_late THEN handled_at END", "'handled'", {"handled_at": "handled_at"}),
    Slot(
        "voided",
        "CASE WHEN is_voided THEN coalesce(updated_at, closed_at, registered_at, reported_at) END",
        "'voided'",
        {"voided": "true", "suspended": "false", "stage": "'voided'"},
        {"stage": "'voided'"},
        _object(f"CASE WHEN updated_at IS NULL THEN {_UNKNOWN} END"),
    ),
)


def _states(slots: Sequence[Slot]) -> list[dict[str, str]]:
    """SQL of the state columns after each slot."""
    states, now = [], dict(START)
    for slot in slots:
        now = now | {
            name: f"CASE WHEN at_{slot.name} IS NOT NULL THEN {value} ELSE {now[name]} END"
            for name, value in slot.changes.items()
        }
        states.append(now)
    return states


def staged(import_id: int) -> str:
    """SQL of chosen staged rows with ids looked up and the source's words settled.

    Needs the tables chosen (row_number, case_id, parent_case_id, note_id, call_back_id), unit_ids (key, unit_id,
    level) and category_ids (key, category_id, track).
    """
    return f"""SELECT *, coalesce(updated_at, registered_at, reported_at) AS known_at,
            coalesce(handled_at > closed_at, false) AS handled_late,
            CASE WHEN is_closed OR is_voided THEN NULL WHEN stage IN ({_NAMED_STAGES}) THEN stage
                 WHEN stage = 'handled' AND handled_at IS NULL THEN stage
                 WHEN stage = 'registered' AND registered_at IS NULL THEN stage END AS named_stage
        FROM (SELECT * REPLACE (CASE WHEN is_closed THEN closed_at END AS closed_at),
            coalesce(suspended, false) AND NOT is_closed AND NOT is_voided AS is_suspended
        FROM (SELECT s.* REPLACE (coalesce(s.kind, 'event') AS kind, coalesce(s.track, k.track) AS track,
                coalesce(s.flags, 0) AS flags, coalesce(s.on_time_source, 'dates') AS on_time_source),
            c.case_id, c.parent_case_id, c.note_id, c.call_back_id, u.unit_id, u.level AS unit_level, k.category_id,
            coalesce(s.closed, false) OR coalesce(s.stage = 'closed', false) AS is_closed,
            coalesce(s.voided, false) OR coalesce(s.stage = 'voided', false) AS is_voided,
            CASE WHEN s.note IS NOT NULL THEN {note_hash("s.note")} END AS note_hash
        FROM staging.ticket_{import_id} s JOIN chosen c USING (row_number)
        LEFT JOIN unit_ids u ON u.key = coalesce(s.unit_code, s.unit_name)
        LEFT JOIN category_ids k ON k.key = coalesce(s.category_code, s.category_name)))"""


def target(import_id: int) -> str:
    """SQL of what the source now says of chosen cases: identity, state, and the words behind it."""
    ats = ", ".join(f"{slot.at} AS at_{slot.name}" for slot in SLOTS)
    state = ", ".join(f"{sql} AS {name}_now" for name, sql in _states(SLOTS)[-1].items())
    return f"SELECT *, {state} FROM (SELECT *, {ats} FROM ({staged(import_id)}))"


def used_slots(con: Connection, import_id: int) -> tuple[Slot, ...]:
    """The slots that any chosen row fills; most cities use three. Needs the tables `staged` names."""
    used = ", ".join(f"bool_or({slot.at} IS NOT NULL)" for slot in SLOTS)
    found = con.execute(f"SELECT {used} FROM ({staged(import_id)})").fetchone() or ()
    return tuple(slot for slot, there in zip(SLOTS, found, strict=True) if there)


def wide(import_id: int, source: str, recorded_at: datetime, slots: Sequence[Slot]) -> str:
    """SQL of new cases, one row each: for slot s its time at_s, number n_s, when it takes effect e_s and its hash h_s."""
    key = f"""'import:{source.replace("'", "''")}:' || external_id || ':' || content_hash || ':'"""
    payloads = ", ".join(f"{slot.payload} AS p_{slot.name}" for slot in slots)
    ats = ", ".join(f"{slot.at} AS at_{slot.name}" for slot in slots)
    sql = f"""SELECT * EXCLUDE ({_DONE_WITH}), {ats}, {payloads}, {key} AS stem,
        TIMESTAMPTZ '{recorded_at.isoformat()}' AS recorded_at,
        0::SMALLINT AS n_, NULL::TIMESTAMPTZ AS e_, ''::BLOB AS h_ FROM ({staged(import_id)})"""
    before = ""
    for slot in slots:
        sql = f"""SELECT *, greatest(e_{before}, at_{slot.name}) AS e_{slot.name},
            (n_{before} + (at_{slot.name} IS NOT NULL)::SMALLINT)::SMALLINT AS n_{slot.name} FROM ({sql})"""
        sql = f"""SELECT *, CASE WHEN at_{slot.name} IS NULL THEN h_{before}
            ELSE {line_hash(f"h_{before}", _line(slot))} END AS h_{slot.name} FROM ({sql})"""
        before = slot.name
    return sql


_TYPES = {
    **dict.fromkeys(("due_at", "handle_due_at"), "TIMESTAMPTZ"),
    **dict.fromkeys(("unit_id", "by_unit"), "INTEGER"),
    "note_hash": "BLOB",
}


def _line(slot: Slot) -> dict[str, str]:
    """SQL of a slot's ledger line over `wide`, field by field."""
    fields = {name: f"({slot.fields.get(name, 'NULL')})::{_TYPES.get(name, 'VARCHAR')}" for name in FIELDS}
    return fields | {
        "case_id": "case_id",
        "seq": f"n_{slot.name}",
        "occurred_at": f"at_{slot.name}",
        "recorded_at": "recorded_at",
        "action": slot.action,
        "by_role": "'import'",
        "payload": f"p_{slot.name}",
        "payload_version": "1::SMALLINT",
        "key": f"stem || n_{slot.name}",
    }


def transitions(slots: Sequence[Slot], table: str = "wide") -> str:
    """SQL of the lines, from table wide or some of its rows."""
    selects = []
    for slot in slots:
        columns = ", ".join(f"{sql} AS {name}" for name, sql in _line(slot).items())
        note = "CASE WHEN note IS NOT NULL THEN note_id END" if slot.name == "reported" else "NULL::BIGINT"
        selects.append(
            f"SELECT {columns}, {note} AS note_id, h_{slot.name} AS hash FROM {table} WHERE at_{slot.name} IS NOT NULL"
        )
    return " UNION ALL ".join(selects)


def past_states(slots: Sequence[Slot]) -> str:
    """SQL of the ended states, from table wide; none (not even columns) when every case has one line only.

    Where a line happened before the one it stands after (closed before opened), the slots are not in order of time and
    the states are folded from the lines.
    """
    if len(slots) < 2:
        return ""
    mixed = " OR ".join(f"coalesce(at_{b.name} < e_{a.name}, false)" for a, b in pairwise(slots))
    selects = []
    for slot, after, state in zip(slots, slots[1:], _states(slots), strict=False):
        columns = ", ".join(f"{state[name]} AS {name}" for name in PAST)
        selects.append(
            f"SELECT case_id, e_{slot.name} AS valid_from, e_{after.name} AS valid_to, {columns} "
            f"FROM wide WHERE e_{slot.name} < e_{after.name} AND NOT ({mixed})"
        )
    folded = f"WITH mixed AS (SELECT * FROM wide WHERE {mixed}) {fold.past_states(transitions(slots, 'mixed'))}"
    return f"{' UNION ALL '.join(selects)} UNION ALL BY NAME ({folded})"


def rows(import_id: int, source_id: int, slots: Sequence[Slot]) -> str:
    """SQL of the cases' rows, from table wide, in order of case_id."""
    last = slots[-1].name
    state = ", ".join(f"{sql} AS {name}" for name, sql in _states(slots)[-1].items())
    return f"""SELECT case_id, {source_id}::SMALLINT AS source_id, external_id, {", ".join(IDENTITY)}, flags,
        {import_id} AS import_id, content_hash, {state}, n_{last} AS seq, e_{last} AS since, h_{last} AS last_hash
        FROM wide ORDER BY case_id"""


CALLED_BACK = "coalesce(called_back_at, closed_at, updated_at, reported_at)"
HAS_CALL_BACK = """(called_back_at IS NOT NULL OR contacted IS NOT NULL OR resolved IS NOT NULL
    OR satisfaction IS NOT NULL)"""


def call_backs(table: str = "wide") -> str:
    """SQL of the call-backs of the cases in a table; one whose time the source does not tell counts at the closing."""
    return f"""SELECT call_back_id, case_id, {CALLED_BACK} AS completed_at, recorded_at, contacted, resolved, satisfaction,
        false AS excluded, 'import' AS by_role FROM {table} WHERE {HAS_CALL_BACK}"""


def notes(table: str = "wide") -> str:
    """SQL of the notes of the cases in a table."""
    return f"SELECT note_id, case_id, note AS body FROM {table} WHERE note IS NOT NULL"


def places(import_id: int) -> str:
    """SQL of where the chosen cases lie."""
    return f"""SELECT p.* EXCLUDE (row_number), c.case_id FROM staging.placed_{import_id} p
        JOIN chosen c USING (row_number)"""


def addresses(import_id: int) -> str:
    """SQL of what became of the addresses of the chosen cases."""
    return f"""SELECT a.* EXCLUDE (row_number), c.case_id FROM staging.address_{import_id} a
        JOIN chosen c USING (row_number)"""
