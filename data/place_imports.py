"""The line an import of places leaves behind, and the rows it could not take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from data.errors import Cancelled, InputError, Refused
from data.staging import QUARANTINED

if TYPE_CHECKING:
    from data.store import Store


class PlaceImport:
    """One running import of places or of a plan. Use it in a `with`: leaving it unfinished marks it as failed."""

    def __init__(self, store: Store, import_id: int, file: str) -> None:
        self._store, self.import_id, self._file = store, import_id, file
        self._open = True

    @classmethod
    def begin(cls, store: Store, *, kind: str, file: str, digest: str, mapping_text: str) -> PlaceImport:
        """Open an import. Raises Refused while another one runs."""

        def job(con: duckdb.DuckDBPyConnection) -> int:
            running = con.execute(
                "SELECT import_id, file FROM import WHERE status IN ('running', 'changing')"
            ).fetchone()
            if running:
                raise Refused(f"import {running[0]} ({running[1]}) is still running.", where=file, todo="Wait for it.")
            row = con.execute(
                """INSERT INTO import BY NAME SELECT nextval('import_ids') AS import_id, $1 AS kind, $2 AS file, $3 AS digest,
                   $4 AS mapping, $5::TIMESTAMPTZ AS started_at, 'running' AS status RETURNING import_id""",
                [kind, file, digest, mapping_text, store.now()],
            ).fetchone()
            return int(row[0]) if row else 0

        return cls(store, store.writer.run(job, label="import begins").result(), file)

    def finish(
        self, counts: Mapping[str, int], left_out: Sequence[Mapping[str, Any]], report: Mapping[str, Any]
    ) -> None:
        """Close it. counts: rows_read, new, updated, unchanged; left_out: rows as {"row", "what", "code"}."""
        rows = pa.Table.from_pylist(
            [
                {
                    "row_number": row["row"],
                    "column_name": None,
                    "value": row.get("code"),
                    "rule": row["what"],
                    "record": json.dumps(dict(row), ensure_ascii=False),
                }
                for row in left_out
            ],
            schema=QUARANTINED,
        )

        def job(con: duckdb.DuckDBPyConnection) -> None:
            con.register("bad", rows)
            con.execute(
                """INSERT INTO quarantine BY NAME SELECT nextval('quarantine_ids') AS quarantine_id, $1 AS import_id,
                   $2 AS file, *, 'open' AS status FROM bad""",
                [self.import_id, self._file],
            )
            con.execute(
                """UPDATE import SET status = 'done', finished_at = $2, rows_read = $3, new = $4, updated = $5,
                   unchanged = $6, exact_duplicates = 0, quarantined = $7, report = $8 WHERE import_id = $1""",
                [
                    self.import_id,
                    self._store.now(),
                    *(counts[name] for name in ("rows_read", "new", "updated", "unchanged")),
                    len(left_out),
                    json.dumps(dict(report), ensure_ascii=False, default=str),
                ],
            )

        self._store.writer.run(job, label="import done").result()
        self._open = False

    def __enter__(self) -> PlaceImport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._open:
            return
        ending = "failed"
        if kind is not None and issubclass(kind, (Cancelled, KeyboardInterrupt)):
            ending = "cancelled"
        elif kind is not None and issubclass(kind, InputError):
            ending = "refused"
        self._store.writer.run(
            lambda con: con.execute(
                "UPDATE import SET status = $1, finished_at = $2 WHERE import_id = $3",
                [ending, self._store.now(), self.import_id],
            ),
            label="import undone",
        ).result()
