"""The end of an import: one short commit shows its new cases; known cases that changed follow in steps.

A step brings so many known cases up to date as hold the writer for a few tenths of a second, and live moves get their
turn between two of them. From the first commit on the import is no longer undone: its status is `changing`, and if the
program ends before the last step, the next opening does the rest. A step done twice does nothing the second time, because a
case that is up to date has the content hash of its row.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import structlog

from data.changes import change
from data.database import Connection
from data.hiding import reveal
from data.import_report import COUNTS, ImportReport
from data.lookups import Lookups, look_up
from data.matching import match

if TYPE_CHECKING:
    from data.store import Store

log = structlog.get_logger(__name__)

STEP = 10_000  # changed cases a commit


@dataclass(frozen=True)
class Ending:
    """An import that is about to be shown, or was shown when the program ended. known: its changed rows (`chosen`)."""

    import_id: int
    source: str
    source_id: int
    lookups: Lookups
    known: pa.Table

    def steps(self) -> list[pa.Table]:
        """The changed rows by commits."""
        return [self.known.slice(at, STEP) for at in range(0, self.known.num_rows, STEP)]

    def change(self, con: Connection, chosen: pa.Table, now: datetime) -> None:
        """Bring some known cases up to date."""
        self.lookups.register(con)
        con.register("chosen", chosen)
        change(con, self.import_id, self.source, now)


def show(store: Store, ending: Ending, result: Callable[[], ImportReport]) -> ImportReport:
    """Show the import and bring the known cases up to date. An interrupt before the first commit leaves nothing of it,
    one after it comes too late.

    result: the report, asked for when the import is shown.
    """
    first, *later = ending.steps() or [ending.known]

    def switch(con: Connection) -> ImportReport:
        ending.lookups.register(con)
        ending.lookups.insert(con)
        con.execute(
            "INSERT INTO source SELECT ?, ? WHERE NOT EXISTS (FROM source WHERE source_id = ?)",
            [ending.source_id, ending.source, ending.source_id],
        )
        if first.num_rows:
            ending.change(con, first, store.now())
        reveal(con)
        shown = result()
        _report(con, shown)
        _close(con, ending.import_id, store.now(), left=bool(later))
        return shown

    switching = store.writer.run(switch, label="import done")
    following = _follow(store, ending, later)
    try:
        shown = switching.result()
    except KeyboardInterrupt:
        if switching.cancel():
            _cancel(following)
            raise
        shown = switching.result()  # too late: it is being written
    except Exception:
        _cancel(following)
        raise
    for step in following:
        _insist(step)
    return shown


def catch_up(store: Store) -> list[int]:
    """Do the steps that imports still owe because the program ended; returns the imports. Called when the store is opened."""
    owing = store.rows(
        "SELECT import_id, source_id, name AS source FROM import JOIN source USING (source_id) WHERE status = 'changing'"
    )
    for row in owing:
        import_id = int(row["import_id"])
        known = match(store, import_id, row["source_id"]).known()
        ending = Ending(import_id, row["source"], row["source_id"], look_up(store, import_id), known)
        for step in _follow(store, ending, ending.steps() or [known]):
            if error := step.exception():
                log.error("an import could not be carried to its end", import_id=import_id, error=str(error))
    return [row["import_id"] for row in owing]


def drop_staging(con: Connection, import_id: int) -> None:
    """Drop the tables an import was staged in."""
    for name in ("ticket", "placed", "address"):
        con.execute(f"DROP TABLE IF EXISTS staging.{name}_{import_id}")


def _follow(store: Store, ending: Ending, steps: list[pa.Table]) -> list[Future[Any]]:
    """Queue the steps; the last one ends the import."""

    def work(con: Connection, chosen: pa.Table, last: bool) -> None:
        if _status(con, ending.import_id) != "changing":
            return  # it was never shown
        if chosen.num_rows:
            ending.change(con, chosen, store.now())
        if last:
            _close(con, ending.import_id, store.now(), left=_owed(con, ending))

    return [
        store.writer.run(partial(work, chosen=chosen, last=chosen is steps[-1]), label="import changes")
        for chosen in steps
    ]


def _owed(con: Connection, ending: Ending) -> bool:
    """Whether a step failed, so that cases are left to the next opening."""
    con.register("chosen", ending.known)
    row = con.execute(
        f"""SELECT count(*) FROM chosen JOIN staging.ticket_{ending.import_id} s USING (row_number) JOIN cases c USING (case_id)
            WHERE c.content_hash <> s.content_hash"""
    ).fetchone()
    return bool(row and row[0])


def _status(con: Connection, import_id: int) -> str:
    row = con.execute("SELECT status FROM import WHERE import_id = ?", [import_id]).fetchone()
    return str(row[0]) if row else ""


def _report(con: Connection, result: ImportReport) -> None:
    con.execute(
        f"UPDATE import SET report = ?, {', '.join(f'{name} = ?' for name in COUNTS)} WHERE import_id = ?",
        [result.as_json(), *(getattr(result, name) for name in COUNTS), result.import_id],
    )


def _close(con: Connection, import_id: int, at: datetime, *, left: bool) -> None:
    """End the import, or say that changes are left to be made."""
    status = "changing" if left else "done"
    con.execute("UPDATE import SET status = ?, finished_at = ? WHERE import_id = ?", [status, at, import_id])
    if not left:
        drop_staging(con, import_id)


def _cancel(steps: list[Future[Any]]) -> None:
    for step in steps:
        step.cancel()


def _insist(step: Future[Any]) -> None:
    """Wait for a step; an interrupt comes too late."""
    while True:
        try:
            step.result()
        except KeyboardInterrupt:
            continue
        return
