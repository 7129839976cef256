"""Whole histories: cases that come with every line of their ledger, call-backs and places, written as sets.

A simulation knows how each case went; an export of another system's ledger would. Lines become hashed transitions, past
states and rows by the same catalogue of rules as a single move (`data/fold.py`), in rounds: the first line of every case of
a batch, then the second of those that have two. `write` streams batches into a store beside whatever else it does, under
hidden ids until all are there, like an import; `add` takes a small set inside a job of the writer.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.cases import archivable
from data.database import Connection
from data.errors import Cancelled, InputError, Refused
from data.fold import ACTIONS, IDENTITY, PAST, STAGE_OF, START, STATE, next_state
from data.hiding import next_case_id, reserve, reveal
from data.intake import COMMIT_ROWS, undo
from data.ledger import line_hash
from data.lookups import source_of
from data.progress import Progress, Quiet
from data.staging import ADDRESSED, INSTANT, PLACED

if TYPE_CHECKING:
    from data.store import Store

_TYPES = {
    "number": pa.int64(), "seq": pa.int16(), "flags": pa.int32(), "contacted": pa.bool_(), "resolved": pa.bool_(),
    **dict.fromkeys(("occurred_at", "recorded_at", "due_at", "handle_due_at", "completed_at"), INSTANT),
    **{name: pa.int32() for name in ("unit_id", "by_unit", "category_id")},
    **{name: pa.float64() for name in ("lon", "lat", "x", "y")},
}  # fmt: skip


def _schema(names: str) -> pa.Schema:
    return pa.schema([(name, _TYPES.get(name, pa.string())) for name in names.split()])


# `number`: the case's place in the whole set, from 0; its id is the set's first id plus that. kind, flags: null is event, none.
CASES = _schema("number external_id kind track channel category_id lon lat x y named_place on_time_source flags")
# seq: 1, 2, 3 … of each case, never earlier than the line before. recorded_at, stage: null takes occurred_at, the action's own.
LINES = _schema("number seq occurred_at recorded_at action stage due_at handle_due_at unit_id by_role by_unit")
CALL_BACKS = _schema("number completed_at contacted resolved satisfaction by_role")
PLACES = pa.schema([pa.field("number", pa.int64()), *(field for field in PLACED if field.name != "row_number")])
ADDRESSES = pa.schema([pa.field("number", pa.int64()), *(field for field in ADDRESSED if field.name != "row_number")])
SCHEMAS = {"cases": CASES, "lines": LINES, "call_backs": CALL_BACKS, "places": PLACES, "addresses": ADDRESSES}

AT_A_TIME = 2  # batches that are worked out at once
_STAGES = " ".join(f"WHEN '{action}' THEN '{stage}'" for action, stage in STAGE_OF.items())
_LINE = """case_id, seq, occurred_at, recorded_at, action, stage, due_at, handle_due_at, unit_id, by_role, by_unit, payload,
    payload_version, key, note_id, note_hash, hash"""


@dataclass(frozen=True)
class History:
    """Some cases with all that happened to them; columns as in SCHEMAS."""

    cases: pa.Table
    lines: pa.Table
    call_backs: pa.Table
    places: pa.Table
    addresses: pa.Table = field(default_factory=ADDRESSES.empty_table)  # what became of the addresses cases came with

    def checked(self) -> History:
        """The same with exactly the columns and types of SCHEMAS."""
        return History(*(getattr(self, name).select(schema.names).cast(schema) for name, schema in SCHEMAS.items()))


@dataclass(frozen=True)
class Written:
    """What was written."""

    import_id: int
    first_case_id: int
    cases: int
    lines: int


def write(
    store: Store, source: str, batches: Iterable[History], *, count: int, file: str, progress: Progress | None = None
) -> Written:
    """Write `count` cases of a source that has none yet, batch by batch; they show all at once. An error leaves nothing.

    file: what the list of imports calls it. Raises Refused when days these lines were recorded on are sealed already.
    """
    progress = progress or Quiet()
    import_id, source_id = store.writer.run(partial(_begin, source=source, file=file, at=store.now())).result()
    try:
        first = store.writer.run(lambda con: reserve(con, import_id, count), label="history ids").result()
        outbox = _Outbox(store)
        cases = lines = 0
        for made in _worked_out(store, batches, first, source_id, import_id):
            outbox.put(made)
            pa.default_memory_pool().release_unused()
            cases, lines = cases + made["cases"].num_rows, lines + made["transition"].num_rows
            progress.step("write", cases, count)
        outbox.flush()
        if cases != count:
            raise InputError(f"{count} cases were announced and {cases} came.", where=file)
        store.writer.run(lambda con: _end(con, import_id, cases, store.now()), label="import done").result()
    except BaseException as error:
        status = "cancelled" if isinstance(error, (Cancelled, KeyboardInterrupt)) else "failed"
        at = store.now()
        store.writer.run(lambda con: undo(con, import_id, status, at), label="history undone").result()
        raise
    return Written(import_id, first, cases, lines)


def add(con: Connection, source: str, history: History, recorded_at: datetime) -> dict[str, int]:
    """Write a small set, all recorded now, inside a job of the writer; the case id of each external id."""
    history = history.checked()
    now = pa.array([recorded_at] * history.lines.num_rows, INSTANT)
    lines = history.lines.set_column(history.lines.schema.get_field_index("recorded_at"), "recorded_at", now)
    history = replace(history, lines=lines)
    first = next_case_id(con)
    made = _tables(con, history, first, source_of(con, source), None)
    for name, table in made.items():
        _put(con, name, table, "false")
    numbers, names = (history.cases[column].to_pylist() for column in ("number", "external_id"))
    return {name: first + number for name, number in zip(names, numbers, strict=True)}


def add_call_backs(con: Connection, rows: pa.Table) -> None:
    """Write call-backs of cases that are there (columns of CALL_BACKS, `number` their case ids), inside a job."""
    con.register("given_call_backs", rows.select(CALL_BACKS.names).cast(CALL_BACKS))
    _put(con, "call_back", con.execute(_call_backs(0)).to_arrow_table(), "false")
    con.unregister("given_call_backs")


def _begin(con: Connection, *, source: str, file: str, at: datetime) -> tuple[int, int]:
    running = con.execute("SELECT file FROM import WHERE status = 'running'").fetchone()
    if running:
        raise Refused(f"{running[0]} is still being imported.", where=file, todo="Wait for it.")
    source_id = source_of(con, source)
    row = con.execute(
        """INSERT INTO import BY NAME SELECT nextval('import_ids') AS import_id, 'tickets' AS kind, ? AS file,
           ?::SMALLINT AS source_id, ?::TIMESTAMPTZ AS started_at, 'running' AS status RETURNING import_id""",
        [file, source_id, at],
    ).fetchone()
    return int(row[0]) if row else 0, source_id


def _end(con: Connection, import_id: int, cases: int, at: datetime) -> None:
    """Show them and close the import's line."""
    sealed = con.execute(
        """SELECT max(day) FROM ledger_head WHERE day >= (SELECT min(recorded_at)::DATE FROM transition
           JOIN import i ON i.import_id = ? AND case_id BETWEEN i.first_case_id AND i.last_case_id)""",
        [import_id],
    ).fetchone()
    if sealed and sealed[0]:
        raise Refused(f"the ledger is sealed up to {sealed[0]}; nothing can be recorded before.")
    reveal(con)
    con.execute(
        """UPDATE import SET status = 'done', finished_at = $at, rows_read = $n, new = $n, updated = 0, unchanged = 0,
           exact_duplicates = 0, quarantined = 0, report = $report WHERE import_id = $import_id""",
        {"at": at, "n": cases, "report": json.dumps({"new": cases, "rows_read": cases}), "import_id": import_id},
    )


class _Outbox:
    """Rows on their way to the writer: handed over in commits large enough to be packed at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._resting = archivable(store.now(), store.settings.hot_days)
        self._waiting: dict[str, pa.Table] = {}
        self._last: Future[Any] | None = None

    def put(self, made: dict[str, pa.Table]) -> None:
        """Take tables and write what fills a commit."""
        for name, table in made.items():
            waiting = pa.concat_tables([self._waiting[name], table]) if name in self._waiting else table
            full = waiting.num_rows - waiting.num_rows % COMMIT_ROWS
            for at in range(0, full, COMMIT_ROWS):
                self._send(name, waiting.slice(at, COMMIT_ROWS))
            self._waiting[name] = waiting.slice(full)

    def flush(self) -> None:
        """Write the rest and wait."""
        for name, table in self._waiting.items():
            if table.num_rows:
                self._send(name, table)
        self._waiting.clear()
        if self._last is not None:
            self._last.result()

    def _send(self, name: str, table: pa.Table) -> None:
        job = partial(_put, name=name, table=table, resting=self._resting)
        previous, self._last = self._last, self._store.writer.run(job, label=f"history writes {name}")
        if previous is not None:
            previous.result()


def _put(con: Connection, name: str, table: pa.Table, resting: str) -> None:
    """Write rows of one table; cases that rest go to the archive."""
    con.register("arriving", table)
    if name == "cases":
        con.execute(f"INSERT INTO case_archive BY NAME FROM arriving WHERE {resting}")
        con.execute(f"INSERT INTO case_hot BY NAME FROM arriving WHERE NOT ({resting})")
    elif name == "call_back":
        con.execute("INSERT INTO call_back BY NAME SELECT nextval('call_back_ids') AS call_back_id, * FROM arriving")
    else:
        con.execute(f"INSERT INTO {name} BY NAME FROM arriving")
    con.unregister("arriving")


def _worked_out(
    store: Store, batches: Iterable[History], first: int, source_id: int, import_id: int
) -> Iterator[dict[str, pa.Table]]:
    """The rows of every table, batch by batch in their order; a few batches are worked out at a time."""

    def work(history: History) -> dict[str, pa.Table]:
        with store.read() as con:
            return _tables(con, history, first, source_id, import_id)

    waiting: deque[Future[dict[str, pa.Table]]] = deque()
    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="histories") as pool:
        for batch in batches:
            waiting.append(pool.submit(work, batch.checked()))
            if len(waiting) >= AT_A_TIME:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _tables(
    con: Connection, history: History, first: int, source_id: int, import_id: int | None
) -> dict[str, pa.Table]:
    """The rows of every table of a batch. Makes temporary tables in the connection and removes them."""
    for name in SCHEMAS:
        con.register(f"given_{name}", getattr(history, name))
    con.execute(f"CREATE OR REPLACE TEMP TABLE line AS {_lines(first)}")
    _refuse_disorder(con)
    rounds = int((con.execute("SELECT coalesce(max(seq), 0) FROM line").fetchone() or (0,))[0])
    made: dict[str, list[pa.Table]] = {"transition": [], "case_past": [], "cases": []}
    for number in range(1, rounds + 1):
        con.execute(f"CREATE OR REPLACE TEMP TABLE step_{number} AS {_step(number)}")
        for name, sql in _outcomes(f"step_{number}", first, source_id, import_id).items():
            made[name].append(con.execute(sql).to_arrow_table())
        con.execute(f"DROP TABLE IF EXISTS step_{number - 1}")
    result = {name: pa.concat_tables(tables) for name, tables in made.items() if tables}
    result["call_back"] = con.execute(_call_backs(first)).to_arrow_table()
    for name, given in (("case_place", "given_places"), ("address_match", "given_addresses")):
        result[name] = con.execute(
            f"SELECT (number + {first})::BIGINT AS case_id, * EXCLUDE (number) FROM {given}"
        ).to_arrow_table()
    for name in ("line", f"step_{rounds}"):
        con.execute(f"DROP TABLE IF EXISTS {name}")
    for name in SCHEMAS:
        con.unregister(f"given_{name}")
    return result


def _lines(first: int) -> str:
    """SQL of the lines with their case ids, keys and what they leave open filled in."""
    return f"""SELECT (l.number + {first})::BIGINT AS case_id, l.seq, l.occurred_at,
            coalesce(l.recorded_at, l.occurred_at) AS recorded_at, l.action,
            coalesce(l.stage, CASE l.action {_STAGES} END) AS stage, l.due_at, l.handle_due_at, l.unit_id, l.by_role, l.by_unit,
            NULL::VARCHAR AS payload, 1::SMALLINT AS payload_version, c.external_id || ':' || l.seq AS key,
            NULL::BIGINT AS note_id, NULL::BLOB AS note_hash, l.seq = max(l.seq) OVER (PARTITION BY l.number) AS is_last
        FROM given_lines l JOIN given_cases c USING (number)"""


def _refuse_disorder(con: Connection) -> None:
    """Lines must be numbered 1, 2, 3 …, begin with the report, name known actions and never go back in time."""
    actions = ", ".join(f"'{name}'" for name in ACTIONS)
    row = con.execute(
        f"""SELECT key FROM (SELECT *, lag(seq) OVER w AS before, lag(occurred_at) OVER w AS earlier FROM line
                WINDOW w AS (PARTITION BY case_id ORDER BY seq))
            WHERE seq <> coalesce(before, 0) + 1 OR (seq = 1) <> (action = 'reported') OR action NOT IN ({actions})
                OR occurred_at < earlier LIMIT 1"""
    ).fetchone()
    if row:
        raise InputError("a history is out of order.", where=str(row[0]), todo="Number its lines as they happened.")
    lone = con.execute(
        "SELECT count(*) FROM given_cases WHERE number NOT IN (SELECT number FROM given_lines)"
    ).fetchone()
    if lone and lone[0]:
        raise InputError(f"{lone[0]} cases have no lines.")


def _step(number: int) -> str:
    """SQL of the n-th lines with their hash and the case's state before (old_…) and after (next_…)."""
    if number == 1:
        before = ", ".join(f"{sql} AS old_{name}" for name, sql in START.items())
        source = f"SELECT l.*, {before}, NULL::TIMESTAMPTZ AS old_since, ''::BLOB AS old_hash FROM line l WHERE seq = 1"
    else:
        before = ", ".join(f"p.next_{name} AS old_{name}" for name in STATE)
        unit = "CASE WHEN l.action = 'closed' THEN coalesce(l.unit_id, p.next_unit_id) ELSE l.unit_id END AS unit_id"
        source = f"""SELECT l.* REPLACE ({unit}), {before}, p.since AS old_since, p.hash AS old_hash
            FROM line l JOIN step_{number - 1} p USING (case_id) WHERE l.seq = {number}"""
    after = ", ".join(f"{sql} AS next_{name}" for name, sql in next_state("l.old_", "u", payloads=False).items())
    return f"""SELECT l.*, greatest(l.old_since, l.occurred_at) AS since, {line_hash("l.old_hash")} AS hash, {after}
        FROM ({source}) l LEFT JOIN unit u ON u.unit_id = l.unit_id"""


def _outcomes(step: str, first: int, source_id: int, import_id: int | None) -> dict[str, str]:
    """SQL of what a round adds to each table, from its table of lines."""
    past = ", ".join(f"old_{name} AS {name}" for name in PAST)
    state = ", ".join(f"s.next_{name} AS {name}" for name in STATE)
    identity = ", ".join(
        "coalesce(c.kind, 'event') AS kind" if name == "kind"
        else "NULL::BIGINT AS parent_case_id" if name == "parent_case_id"
        else "coalesce(c.on_time_source, 'dates') AS on_time_source" if name == "on_time_source"
        else f"c.{name}"
        for name in IDENTITY
    )  # fmt: skip
    return {
        "transition": f"SELECT {_LINE} FROM {step}",
        "case_past": f"""SELECT case_id, old_since AS valid_from, since AS valid_to, {past} FROM {step}
            WHERE old_since < since""",
        "cases": f"""SELECT s.case_id, {source_id}::SMALLINT AS source_id, c.external_id, {identity},
                coalesce(c.flags, 0) AS flags, {"NULL" if import_id is None else import_id}::INTEGER AS import_id, {state},
                s.seq, s.since, s.hash AS last_hash
            FROM {step} s JOIN given_cases c ON c.number + {first} = s.case_id WHERE s.is_last""",
    }


def _call_backs(first: int) -> str:
    return f"""SELECT (number + {first})::BIGINT AS case_id, completed_at, completed_at AS recorded_at, contacted, resolved,
        satisfaction, false AS excluded, by_role FROM given_call_backs"""
