"""The intake of a ticket file: staged rows become cases, all at once and without stopping anybody else.

Rows come in batches to a staging table of the store's own file. `finish` compares the whole set with what is known,
writes the new cases in chunks through the writer's queue, so that live moves get their turn in between, under ids that stay
hidden (`data/hiding.py`), and ends with one short commit that shows them (`data/switching.py`).
Whatever ends earlier (a cancel, an error, a crash) leaves the store's tables as they were; only the import's own
line says what happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data import arrivals
from data.cases import archivable
from data.database import Connection
from data.errors import Cancelled, InputError, Refused, StoreError
from data.hiding import remove_hidden, reserve
from data.import_report import ImportReport
from data.lookups import Lookups, look_up, take_ids
from data.matching import Matched, match
from data.memory import give_back
from data.progress import Progress, Quiet
from data.staging import ADDRESSED, PLACED, QUARANTINED, STAGED
from data.switching import Ending, drop_staging, show

if TYPE_CHECKING:
    from data.store import Store

# The database packs rows by 122,880 (a row group). A commit of at least one is packed and written to the file at once; a
# smaller one stays in memory and in the log until the next checkpoint. Two hold the writer for under half a second.
ROW_GROUP = 122_880
COMMIT_ROWS = 2 * ROW_GROUP
_STAGING = {"ticket": STAGED, "placed": PLACED, "address": ADDRESSED}
CHUNK = 163_840  # new cases computed at a time


class Intake:
    """One running import. Use it in a `with`: leaving by an error cancels it."""

    def __init__(self, store: Store, import_id: int, source: str, source_id: int, file: str) -> None:
        self.store, self.import_id, self.source, self.source_id, self.file = store, import_id, source, source_id, file
        self._started = time.monotonic()
        self._last: Future[Any] | None = None
        self._staged = self._quarantined = 0
        self._waiting = {name: schema.empty_table() for name, schema in _STAGING.items()}
        self._open = True

    @classmethod
    def begin(
        cls,
        store: Store,
        *,
        kind: str = "tickets",
        file: str,
        digest: str | None,
        mapping_text: str | None,
        source: str,
    ) -> Intake:
        """Open an import. Raises Refused while another one runs: two could take the same ticket for new."""

        def job(con: Connection) -> tuple[int, int]:
            running = con.execute(
                "SELECT import_id, file FROM import WHERE status IN ('running', 'changing')"
            ).fetchone()
            if running:
                raise Refused(
                    f"import {running[0]} ({running[1]}) is still running.",
                    where=file,
                    todo="Wait for it, or cancel it.",
                )
            known = con.execute("SELECT source_id FROM source WHERE name = ?", [source]).fetchone()
            ids = con.execute("SELECT nextval('import_ids'), nextval('source_ids')").fetchone() or (0, 0)
            source_id = int(known[0] if known else ids[1])
            con.execute(
                """INSERT INTO import BY NAME SELECT ?::INTEGER AS import_id, ? AS kind, ? AS file, ? AS digest,
                   ? AS mapping, ?::SMALLINT AS source_id, ?::TIMESTAMPTZ AS started_at, 'running' AS status""",
                [ids[0], kind, file, digest, mapping_text, source_id, store.now()],
            )
            con.execute("CREATE SCHEMA IF NOT EXISTS staging")
            for name, schema in _STAGING.items():
                con.register("empty", schema.empty_table())
                con.execute(f"CREATE TABLE staging.{name}_{ids[0]} AS FROM empty")
            return int(ids[0]), source_id

        begun = store.writer.run(job, label="import begins")
        try:
            import_id, source_id = begun.result()
        except KeyboardInterrupt:
            if not begun.cancel():
                back = partial(undo, import_id=begun.result()[0], status="cancelled", at=store.now())
                store.writer.run(back, label="import undone").result()
            raise
        return cls(store, import_id, source, source_id, file)

    def __enter__(self) -> Intake:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open:
            self.cancel("cancelled" if kind is None or issubclass(kind, (Cancelled, KeyboardInterrupt)) else "failed")

    def stage(self, staged: pa.Table, placed: pa.Table, addressed: pa.Table | None = None) -> None:
        """Take a batch of rows, where they lie and what became of their addresses; they are written once they fill a
        row group."""
        self._staged += staged.num_rows
        given = {"ticket": staged, "placed": placed, "address": addressed}
        for name, schema in _STAGING.items():
            table = given[name]
            if table is None:
                continue
            waiting = pa.concat_tables([self._waiting[name], table.select(schema.names).cast(schema)])
            full = waiting.num_rows - waiting.num_rows % ROW_GROUP
            self._write_staged(name, waiting.slice(0, full))
            self._waiting[name] = waiting.slice(full)

    def _write_staged(self, name: str, table: pa.Table) -> None:
        def job(con: Connection) -> None:
            con.register("waiting", table)
            con.execute(f"INSERT INTO staging.{name}_{self.import_id} FROM waiting")

        if table.num_rows:
            self._run(job, "import stages")

    def quarantine(self, table: pa.Table) -> None:
        """Take a batch of rows that cannot be imported; each row of the file appears once."""
        table = table.select(QUARANTINED.names).cast(QUARANTINED)
        self._quarantined += table.num_rows

        def job(con: Connection) -> None:
            con.register("bad", table)
            con.execute(
                f"""INSERT INTO quarantine BY NAME SELECT nextval('quarantine_ids') AS quarantine_id,
                    {self.import_id} AS import_id, ? AS file, *, 'open' AS status FROM bad""",
                [self.file],
            )

        if table.num_rows:
            self._run(job, "import quarantines")

    def finish(self, report: Mapping[str, Any] | None = None, progress: Progress | None = None) -> ImportReport:
        """Make the staged rows cases and show them. On any error nothing is left of the import but its line.

        report: rows_read, dropped_columns, warnings as the reading of the file found them. Raises InputError when the rows
        do not add up.
        """
        try:
            return self._finish(report or {}, progress or Quiet())
        except BaseException as error:
            self.cancel("cancelled" if isinstance(error, (Cancelled, KeyboardInterrupt)) else "failed")
            raise

    def cancel(self, status: str = "cancelled") -> None:
        """Undo everything; the import's line stays, with its status (cancelled, refused or failed). Twice does no harm."""
        if self._open:
            self._open = False
            now = self.store.now()
            self.store.writer.run(lambda con: undo(con, self.import_id, status, now), label="import undone").result()

    def _run(self, job: Callable[[Connection], None], label: str) -> None:
        """Queue a job and wait for the one before: one is written while the next is made."""
        if not self._open:
            raise StoreError("the import has ended.", where=self.file)
        previous, self._last = self._last, self.store.writer.run(job, label=label)
        if previous is not None:
            previous.result()

    def _settle(self) -> None:
        if self._last is not None:
            self._last.result()
            self._last = None

    def _finish(self, report: Mapping[str, Any], progress: Progress) -> ImportReport:
        for name, table in self._waiting.items():
            self._write_staged(name, table)
        self._waiting.clear()
        self._settle()
        progress.step("compare", 0, None)
        matched = match(self.store, self.import_id, self.source_id)
        if matched.conflicts.num_rows:
            self.quarantine(matched.conflicts)
            self._settle()
        result = self._report(report, matched)
        progress.check()
        lookups = look_up(self.store, self.import_id)
        recorded_at = self.store.now()
        if matched.new:
            self._arrive(matched, lookups, recorded_at, progress)
        progress.step("switch", 0, None)
        ending = Ending(self.import_id, self.source, self.source_id, lookups, matched.known())
        result = show(self.store, ending, lambda: replace(result, seconds=round(time.monotonic() - self._started, 3)))
        self._open = False
        return result

    def _arrive(self, matched: Matched, lookups: Lookups, recorded_at: datetime, progress: Progress) -> None:
        """Write the new cases under hidden ids: one chunk is computed while the one before is written."""
        first = self.store.writer.run(
            lambda con: reserve(con, self.import_id, matched.new), label="import ids"
        ).result()
        with_notes = take_ids(self.store, "note_ids", matched.new if matched.has_notes else 0)
        with_calls = take_ids(self.store, "call_back_ids", matched.new if matched.has_call_backs else 0)
        arriving = matched.arriving(self.store, self.import_id, first, with_notes, with_calls)
        resting = archivable(recorded_at, self.store.settings.hot_days)
        with self.store.read() as con:
            lookups.register(con)
            con.register("chosen", arriving)
            slots = arrivals.used_slots(con, self.import_id)
        for start in range(0, matched.new, CHUNK):
            tables = self._chunk(arriving.slice(start, CHUNK), lookups, recorded_at, slots)

            for name, table in tables.items():
                for at in range(0, table.num_rows, COMMIT_ROWS):
                    self._run(_writing(name, table.slice(at, COMMIT_ROWS), resting), f"import writes {name}")
            give_back()
            progress.step("write", min(start + CHUNK, matched.new), matched.new)
        self._settle()

    def _chunk(
        self, chosen: pa.Table, lookups: Lookups, recorded_at: datetime, slots: tuple[arrivals.Slot, ...]
    ) -> dict[str, pa.Table]:
        """The rows of every table for some new cases, computed beside the writer."""
        with self.store.read() as con:
            lookups.register(con)
            con.register("chosen", chosen)
            con.execute(f"CREATE TEMP TABLE wide AS {arrivals.wide(self.import_id, self.source, recorded_at, slots)}")
            queries = {
                "cases": arrivals.rows(self.import_id, self.source_id, slots),
                "transition": arrivals.transitions(slots),
                "case_past": arrivals.past_states(slots),
                "case_place": arrivals.places(self.import_id),
                "call_back": arrivals.call_backs(),
                "note": arrivals.notes(),
                "address_match": arrivals.addresses(self.import_id),
            }
            return {name: con.execute(sql).to_arrow_table() for name, sql in queries.items() if sql}

    def _report(self, report: Mapping[str, Any], matched: Matched) -> ImportReport:
        warnings = list(report.get("warnings", ()))
        if matched.elsewhere:
            other, ids = matched.elsewhere
            warnings.append(
                f'{ids:,} of {matched.ids:,} ids are known from source "{other}" already and came in once more as '
                f'"{self.source}"; if both are one system, go back to a backup and import with source = "{other}"'
            )
        result = ImportReport(
            import_id=self.import_id,
            rows_read=int(report.get("rows_read", self._staged + self._quarantined - matched.conflicts.num_rows)),
            new=matched.new,
            updated=matched.updated,
            unchanged=matched.unchanged,
            exact_duplicates=matched.exact_duplicates,
            quarantined=self._quarantined,
            dropped_columns=tuple(report.get("dropped_columns", ())),
            flags=matched.flags,
            located=matched.located,
            warnings=tuple(warnings),
            default_points=tuple(report.get("default_points", ())),
            addresses=report.get("addresses", {}),
        )
        total = result.new + result.updated + result.unchanged + result.exact_duplicates + result.quarantined
        if total != result.rows_read:
            raise InputError(
                f"the rows do not add up: {result}", where=self.file, todo="This is a fault of the program: report it."
            )
        return result


def _writing(name: str, table: pa.Table, resting: str) -> Callable[[Connection], None]:
    """A job that writes rows of one table; cases that rest go to the archive."""

    def job(con: Connection) -> None:
        con.register("arriving", table)
        if name == "cases":
            con.execute(f"INSERT INTO case_archive BY NAME FROM arriving WHERE {resting}")
            con.execute(f"INSERT INTO case_hot BY NAME FROM arriving WHERE NOT ({resting})")
        else:
            con.execute(f"INSERT INTO {name} BY NAME FROM arriving")

    return job


def purge_unfinished(store: Store) -> list[int]:
    """Remove what imports left that a crash ended; returns their ids. Called when the store is opened."""
    running = [row["import_id"] for row in store.rows("SELECT import_id FROM import WHERE status = 'running'")]
    for import_id in running:
        back = partial(undo, import_id=import_id, status="failed", at=store.now())
        store.writer.run(back, label="import purged").result()
    return running


def undo(con: Connection, import_id: int, status: str, at: datetime) -> None:
    """Take back a running import. One that is done stays: whoever stopped it was too late."""
    running = con.execute("SELECT 1 FROM import WHERE import_id = ? AND status = 'running'", [import_id]).fetchone()
    if running is None:
        return
    remove_hidden(con, import_id)
    con.execute("DELETE FROM quarantine WHERE import_id = ?", [import_id])
    con.execute("UPDATE import SET status = ?, finished_at = ? WHERE import_id = ?", [status, at, import_id])
    drop_staging(con, import_id)
