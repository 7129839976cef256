"""Imports as a person looks at them afterwards: what each did, and the rows it could not take.

A quarantined row is `open` until it was `retried` (corrected and imported again) or `dropped` (somebody decided that it
stays out).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.database import Connection
from data.errors import NotFound, QuestionError

if TYPE_CHECKING:
    from data.store import Store

_COLUMNS = ("quarantine_id", "file", "row_number", "column_name", "value", "rule", "record", "status")
_SUMMARY = f"""import_id, kind, file, digest, s.name AS source, started_at, finished_at, status,
    {", ".join(("rows_read", "new", "updated", "unchanged", "exact_duplicates", "quarantined"))}"""


@dataclass(frozen=True)
class Page:
    """Some rows of a list and how many there are in all."""

    total: int
    rows: list[dict[str, Any]]


def list_imports(store: Store, limit: int = 200) -> list[dict[str, Any]]:
    """The imports, latest first, each with its counts; `open_rows` is how much of its quarantine is still open."""
    return store.rows(
        f"""SELECT {_SUMMARY}, (SELECT count(*) FROM quarantine q WHERE q.import_id = i.import_id AND q.status = 'open')
                AS open_rows
            FROM import i LEFT JOIN source s USING (source_id) ORDER BY import_id DESC LIMIT {int(limit)}"""
    )


def import_report(store: Store, import_id: int) -> dict[str, Any]:
    """One import in full: its line, its mapping, and the report (dropped columns, flags, located, warnings). NotFound."""
    rows = store.rows(
        f"SELECT {_SUMMARY}, mapping, report FROM import LEFT JOIN source s USING (source_id) WHERE import_id = ?",
        [import_id],
    )
    if not rows:
        raise NotFound(f"there is no import {import_id}.")
    return {**rows[0], "report": json.loads(rows[0]["report"] or "{}")}


def source_mappings(store: Store) -> list[tuple[str, str]]:
    """(source, text of its latest mapping) of every source of tickets, the latest first."""
    rows = store.rows(
        """SELECT s.name, arg_max(i.mapping, import_id) AS mapping FROM import i JOIN source s USING (source_id)
           WHERE i.status = 'done' AND i.mapping IS NOT NULL GROUP BY s.name ORDER BY max(import_id) DESC"""
    )
    return [(row["name"], row["mapping"]) for row in rows]


def default_points(store: Store, source: str) -> tuple[tuple[float, float], ...]:
    """(longitude, latitude) of the default points that earlier files of a source had."""
    rows = store.rows(
        """SELECT DISTINCT lon, lat FROM (
               SELECT unnest(json_extract(i.report, '$.default_points[*].lon'))::DOUBLE AS lon,
                      unnest(json_extract(i.report, '$.default_points[*].lat'))::DOUBLE AS lat
               FROM import i JOIN source s USING (source_id) WHERE s.name = ? AND i.status = 'done') ORDER BY lon, lat""",
        [source],
    )
    return tuple((row["lon"], row["lat"]) for row in rows)


def rules(store: Store, import_id: int) -> list[dict[str, Any]]:
    """What the quarantined rows of an import break, most frequent first: rule, column_name, rows."""
    return store.rows(
        """SELECT rule, column_name, count(*) AS rows FROM quarantine WHERE import_id = ?
           GROUP BY ALL ORDER BY rows DESC, rule, column_name""",
        [import_id],
    )


def quarantined(
    store: Store,
    import_id: int,
    *,
    offset: int = 0,
    limit: int = 100,
    sort: str = "row_number",
    descending: bool = False,
    filters: dict[str, str] | None = None,
) -> Page:
    """A page of an import's quarantine. filters: column -> text it must contain, for `status` the status itself."""
    where, values = _where(import_id, filters or {})
    if sort not in _COLUMNS:
        raise QuestionError(f"cannot sort by {sort}.", where="sort", todo=f"Choose among {', '.join(_COLUMNS)}.")
    total = store.rows(f"SELECT count(*) AS n FROM quarantine WHERE {where}", values)[0]["n"]
    rows = store.rows(
        f"""SELECT {", ".join(_COLUMNS)} FROM quarantine WHERE {where}
            ORDER BY {sort} {"DESC" if descending else "ASC"} NULLS LAST, quarantine_id LIMIT ? OFFSET ?""",
        [*values, limit, offset],
    )
    return Page(total, [{**row, "record": json.loads(row["record"])} for row in rows])


def export_quarantine(store: Store, import_id: int, filters: dict[str, str] | None = None) -> pa.Table:
    """The quarantine of an import as a table, to be corrected and imported again; `record` as JSON text."""
    where, values = _where(import_id, filters or {})
    return store.arrow(f"SELECT {', '.join(_COLUMNS)} FROM quarantine WHERE {where} ORDER BY row_number", values)


def mark_dropped(store: Store, quarantine_ids: Sequence[int]) -> int:
    """Say that open rows stay out for good; how many were open."""
    return _mark(store, quarantine_ids, "dropped")


def mark_retried(store: Store, quarantine_ids: Sequence[int]) -> int:
    """Say that open rows were corrected and imported again; how many were open."""
    return _mark(store, quarantine_ids, "retried")


def _mark(store: Store, quarantine_ids: Sequence[int], status: str) -> int:
    def job(con: Connection) -> int:
        row = con.execute(
            "UPDATE quarantine SET status = ? WHERE status = 'open' AND list_contains(?::BIGINT[], quarantine_id)",
            [status, list(quarantine_ids)],
        ).fetchone()
        return int(row[0]) if row else 0

    return store.writer.run(job, label=f"quarantine {status}").result()


def _where(import_id: int, filters: dict[str, str]) -> tuple[str, list[Any]]:
    unknown = sorted(set(filters) - set(_COLUMNS))
    if unknown:
        raise QuestionError(f"cannot filter by {', '.join(unknown)}.", where="filter")
    parts = ["import_id = ?"]
    values: list[Any] = [import_id]
    for column, text in filters.items():
        parts.append("status = ?" if column == "status" else f"contains(lower({column}::VARCHAR), lower(?))")
        values.append(text)
    return " AND ".join(parts), values
