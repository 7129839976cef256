"""Known cases whose content changed since the last import: what the difference says happened, as ledger lines.

First the lines a difference plainly means (reopened, registered, dispatched, extended, reworked, handled, suspended or
resumed, closed, voided, a named stage), each at the source's own time for it, else when the source last touched the row,
else when we recorded it. Then, for whatever still differs from the source, one line `corrected` that says so field by
field. So the row ends as the source has it, whatever the difference was.
"""

from __future__ import annotations

from datetime import datetime

from data import arrivals
from data.database import Connection
from data.fold import CORRECTABLE, IDENTITY
from data.moves import append

# State the source is asked for; the other columns are history of our own.
_COMPARED = (
    "reported_at", "registered_at", "handled_at", "closed_at", "due_at", "handle_due_at", "stage", "unit_id", "on_time",
    "suspended", "voided",
)  # fmt: skip

_SAID = ("unit_id", "closed_unit_id")  # a source without a unit says nothing about it

_WAS_CLOSED = "c.stage = 'closed'"
_REOPENED = f"""(({_WAS_CLOSED} AND NOT t.is_closed AND NOT t.is_voided) OR (c.voided AND NOT t.is_voided))"""
_MORE_REWORK = f"coalesce(t.reworked - c.reworked - ({_REOPENED})::INTEGER, 0)"
_AGAIN = f"({_REOPENED} OR {_MORE_REWORK} > 0)"
_LINE_STAGE = "CASE WHEN t.is_closed OR t.is_voided THEN 'dispatched' ELSE t.stage_now END"
_NEW_UNIT = (
    f"""(t.unit_id IS NOT NULL AND t.unit_id IS DISTINCT FROM c.unit_id AND NOT ({_WAS_CLOSED} AND t.is_closed))"""
)
_TIMELESS = "t.named_stage IN ('handled', 'registered')"

# (when, action, occurred_at, stage, due_at, unit_id, payload) over target t and row c; `u` is when the source touched it.
_EVENTS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (_REOPENED, "'reopened'", "u", _LINE_STAGE, "NULL", "NULL", "NULL"),
    (
        "c.registered_at IS NULL AND t.registered_at IS NOT NULL",
        "'registered'",
        "t.registered_at",
        "CASE WHEN c.stage = 'reported' THEN 'registered' END",
        "NULL",
        "NULL",
        "NULL",
    ),
    (
        _NEW_UNIT,
        "CASE WHEN c.unit_id IS NULL THEN 'dispatched' ELSE 'redispatched' END",
        "u",
        "CASE WHEN t.named_stage = 'dispatched' THEN 'dispatched' END",
        "NULL",
        "t.unit_id",
        "NULL",
    ),
    ("t.due_at > c.due_at", "'extended'", "u", "NULL", "t.due_at", "NULL", "NULL"),
    (
        f"{_MORE_REWORK} > 0",
        "'reworked'",
        "u",
        _LINE_STAGE,
        "NULL",
        "NULL",
        f"""CASE WHEN {_MORE_REWORK} > 1 THEN '{{"times":' || ({_MORE_REWORK}) || '}}' END""",
    ),
    (
        f"t.handled_at IS NOT NULL AND (c.handled_at IS NULL OR {_AGAIN})",
        "'handled'",
        "t.handled_at",
        "CASE WHEN NOT t.is_closed OR t.handled_at <= t.closed_at THEN 'handled' END",
        "NULL",
        "NULL",
        "NULL",
    ),
    (
        f"t.named_stage IS NOT NULL AND (t.named_stage <> c.stage OR {_AGAIN}) "
        f"AND NOT ({_NEW_UNIT} AND t.named_stage = 'dispatched')",
        "t.named_stage",
        "u",
        "t.named_stage",
        "NULL",
        "NULL",
        f"""CASE WHEN {_TIMELESS} THEN '{{"time_unknown":true}}' END""",
    ),
    (f"t.is_suspended AND (NOT c.suspended OR {_REOPENED})", "'suspended'", "u", "NULL", "NULL", "NULL", "NULL"),
    (
        f"c.suspended AND NOT t.is_suspended AND NOT t.is_closed AND NOT t.is_voided AND NOT {_REOPENED}",
        "'resumed'",
        "u",
        "NULL",
        "NULL",
        "NULL",
        "NULL",
    ),
    (
        f"t.is_closed AND (NOT ({_WAS_CLOSED}) OR {_AGAIN}) AND NOT (c.voided AND t.is_voided)",
        "'closed'",
        "coalesce(t.closed_at, u)",
        "'closed'",
        "NULL",
        "t.unit_id",
        """CASE WHEN t.closed_at IS NULL AND t.on_time IS NOT NULL THEN '{"on_time":' || t.on_time || ',"time_unknown":true}'
           WHEN t.closed_at IS NULL THEN '{"time_unknown":true}'
           WHEN t.on_time IS NOT NULL THEN '{"on_time":' || t.on_time || '}' END""",
    ),
    ("t.is_voided AND NOT c.voided", "'voided'", "u", "'voided'", "NULL", "NULL", "NULL"),
)


def change(con: Connection, import_id: int, source: str, recorded_at: datetime) -> None:
    """Bring the chosen known cases to what the source now says, in the caller's transaction.

    Needs the tables `arrivals.staged` names; `chosen.case_id` are the known cases. Sets content hash, flags and import
    of every one of them, and takes their new places, notes and call-backs.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE target AS {arrivals.target(import_id)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {_events(source, recorded_at)}")
    append(con, "changed", recorded_at)
    con.execute(f"CREATE OR REPLACE TEMP TABLE changed AS {_corrections(source, recorded_at)}")
    append(con, "changed", recorded_at)
    con.execute(
        f"""UPDATE case_hot SET content_hash = t.content_hash, flags = t.flags, import_id = {import_id}
            FROM target t WHERE case_hot.case_id = t.case_id"""
    )
    con.execute(
        f"""UPDATE case_archive SET content_hash = t.content_hash, flags = t.flags, import_id = {import_id}
            FROM target t WHERE case_archive.case_id = t.case_id"""
    )
    called = arrivals.call_backs(f"(SELECT *, TIMESTAMPTZ '{recorded_at.isoformat()}' AS recorded_at FROM target)")
    con.execute(
        f"""INSERT INTO call_back BY NAME SELECT nextval('call_back_ids') AS call_back_id, b.* EXCLUDE (call_back_id)
            FROM ({called}) b WHERE NOT EXISTS (
                FROM call_back k WHERE k.case_id = b.case_id AND k.completed_at = b.completed_at
                AND k.contacted IS NOT DISTINCT FROM b.contacted AND k.resolved IS NOT DISTINCT FROM b.resolved
                AND k.satisfaction IS NOT DISTINCT FROM b.satisfaction)"""
    )
    con.execute(
        f"""DELETE FROM case_place WHERE case_id IN (
            SELECT case_id FROM chosen SEMI JOIN staging.placed_{import_id} USING (row_number))"""
    )
    con.execute(f"INSERT INTO case_place BY NAME {arrivals.places(import_id)}")
    con.execute(
        """DELETE FROM address_match WHERE status IN ('placed', 'open') AND case_id IN (SELECT case_id FROM chosen)"""
    )
    con.execute(
        f"""INSERT INTO address_match BY NAME SELECT * FROM ({arrivals.addresses(import_id)})
            WHERE case_id NOT IN (SELECT case_id FROM address_match)"""
    )


def _touched(recorded_at: datetime) -> str:
    return f"""(SELECT t.*, coalesce(t.updated_at, TIMESTAMPTZ '{recorded_at.isoformat()}') AS u FROM target t) t
        JOIN cases c ON c.case_id = t.case_id"""


def _incoming(lines: str, source: str) -> str:
    """SQL of lines as `append` takes them: numbered, in rounds, with their keys."""
    stem = f"""'import:{source.replace("'", "''")}:' || external_id || ':' || content_hash || ':'"""
    return f"""SELECT (row_number() OVER ())::INTEGER AS line, "round", case_id, action, occurred_at,
            {stem} || (seq + "round") AS key, stage, due_at, NULL::TIMESTAMPTZ AS handle_due_at, unit_id, 'import' AS by_role,
            NULL::INTEGER AS by_unit, payload, note, NULL::INTEGER AS expected_seq
        FROM (SELECT *, row_number() OVER (PARTITION BY case_id ORDER BY slot) AS "round" FROM ({lines}))"""


def _events(source: str, recorded_at: datetime) -> str:
    """SQL of the lines the differences plainly mean."""
    selects = [
        f"""SELECT t.case_id, t.external_id, t.content_hash, c.seq, {slot} AS slot, {action} AS action,
                ({occurred_at})::TIMESTAMPTZ AS occurred_at, ({stage})::VARCHAR AS stage, ({due})::TIMESTAMPTZ AS due_at,
                ({unit})::INTEGER AS unit_id, ({payload})::VARCHAR AS payload, NULL::VARCHAR AS note
            FROM {_touched(recorded_at)} WHERE {when}"""
        for slot, (when, action, occurred_at, stage, due, unit, payload) in enumerate(_EVENTS)
    ]
    return _incoming(" UNION ALL ".join(selects), source)


def _member(name: str, old: str, new: str) -> str:
    """SQL of a JSON member for a field that differs, else null."""
    kind = CORRECTABLE[name]
    value = f"strftime({new}, '%Y-%m-%dT%H:%M:%S.%fZ')" if kind == "TIMESTAMPTZ" else new
    said = f" AND {new} IS NOT NULL" if name in _SAID else ""
    return f"""CASE WHEN {old} IS DISTINCT FROM {new}{said} THEN '"{name}":' || coalesce(to_json({value})::VARCHAR, 'null') END"""


def _corrections(source: str, recorded_at: datetime) -> str:
    """SQL of one line `corrected` a case for all that still differs, or that brings a new note."""
    members = [
        *(_member(name, f"c.{name}", f"t.{name}_now") for name in _COMPARED),
        *(_member(name, f"c.{name}", f"t.{name}") for name in IDENTITY),
        f"CASE WHEN c.stage = 'closed' THEN {_member('closed_unit_id', 'c.closed_unit_id', 't.unit_id')} END",
    ]
    noted = """SELECT case_id, arg_max(note_hash, seq) AS last FROM transition
        WHERE note_hash IS NOT NULL AND by_role = 'import' AND case_id IN (SELECT case_id FROM target) GROUP BY case_id"""
    lines = f"""SELECT case_id, external_id, content_hash, seq, 0 AS slot, 'corrected' AS action, u AS occurred_at,
            NULL::VARCHAR AS stage, NULL::TIMESTAMPTZ AS due_at, NULL::INTEGER AS unit_id, fresh AS note,
            '{{' || members || '}}' AS payload
        FROM (SELECT t.case_id, t.external_id, t.content_hash, c.seq, u, concat_ws(',', {", ".join(members)}) AS members,
                CASE WHEN t.note_hash IS DISTINCT FROM n.last THEN t.note END AS fresh
            FROM {_touched(recorded_at)} LEFT JOIN ({noted}) n ON n.case_id = t.case_id)
        WHERE members <> '' OR fresh IS NOT NULL"""
    return _incoming(lines, source)
