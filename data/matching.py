"""Which staged row is new, changed, unchanged, an exact duplicate, or in conflict with another of the same file.

The same id twice with the same content is an exact duplicate: one is kept. Twice with different content, nobody can
say which holds: all of them are quarantined. A known id with the content of the last import is unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.arrivals import HAS_CALL_BACK
from data.quality import Quality
from data.staging import QUARANTINED, STAGED

if TYPE_CHECKING:
    from data.store import Store

CONFLICT_RULE = "same id, different content"
ELSEWHERE = 0.5  # of a file's ids known under another source: then it is likely the same source
NEW, UPDATED, UNCHANGED, DUPLICATE, CONFLICT = range(5)


@dataclass(frozen=True)
class Matched:
    """The verdict on every staged row. rows: row_number, verdict, case_id (of known ones), new ones in order of report."""

    rows: pa.Table
    conflicts: pa.Table  # QUARANTINED
    flags: Mapping[str, int]
    located: Mapping[str, int]
    has_notes: bool
    has_call_backs: bool
    has_parents: bool
    ids: int  # different ones in the file
    elsewhere: tuple[str, int] | None  # another source that knows half of them or more, and how many new ones it knows

    def _count(self, verdict: int) -> int:
        return int(pc.sum(pc.equal(self.rows["verdict"], verdict)).as_py() or 0)

    @property
    def new(self) -> int:
        """Rows that become cases."""
        return self._count(NEW)

    @property
    def updated(self) -> int:
        """Known ids with other content."""
        return self._count(UPDATED)

    @property
    def unchanged(self) -> int:
        """Known ids with the same content."""
        return self._count(UNCHANGED)

    @property
    def exact_duplicates(self) -> int:
        """Rows that say what another of the file says."""
        return self._count(DUPLICATE)

    def known(self) -> pa.Table:
        """The changed rows as a table `chosen` (data/arrivals.py)."""
        rows = self.rows.filter(pc.equal(self.rows["verdict"], UPDATED))
        return _chosen(rows["row_number"], rows["case_id"], rows["parent_case_id"], range(0), range(0))

    def arriving(self, store: Store, import_id: int, first: int, notes: range, calls: range) -> pa.Table:
        """The new rows as a table `chosen`, numbered from `first` on in order of report."""
        rows = self.rows.filter(pc.equal(self.rows["verdict"], NEW))
        case_ids = pa.array(np.arange(first, first + rows.num_rows, dtype=np.int64))
        parents = rows["parent_case_id"]
        if self.has_parents:
            numbered = pa.table({"row_number": rows["row_number"], "case_id": case_ids})
            parents = store.arrow(
                f"""SELECT coalesce(p.case_id, k.parent_case_id) AS parent_case_id
                    FROM rows k JOIN staging.ticket_{import_id} s USING (row_number) LEFT JOIN (
                        SELECT t.external_id, n.case_id FROM numbered n JOIN staging.ticket_{import_id} t USING (row_number)
                    ) p ON p.external_id = s.parent_external_id ORDER BY s.reported_at, k.row_number""",
                rows=rows,
                numbered=numbered,
            )["parent_case_id"]
        return _chosen(rows["row_number"], case_ids, parents, notes, calls)


def _chosen(
    row_numbers: pa.ChunkedArray, case_ids: pa.Array, parents: pa.ChunkedArray, notes: range, calls: range
) -> pa.Table:
    def ids(numbers: range) -> pa.Array:
        return pa.array(np.asarray(numbers, dtype=np.int64)) if numbers else pa.nulls(len(row_numbers), pa.int64())

    return pa.table(
        {
            "row_number": row_numbers,
            "case_id": case_ids,
            "parent_case_id": parents,
            "note_id": ids(notes),
            "call_back_id": ids(calls),
        }
    )


def match(store: Store, import_id: int, source_id: int) -> Matched:
    """Compare the staged rows of an import with one another and with the cases of their source."""
    table = f"staging.ticket_{import_id}"
    flags = ", ".join(f"count(*) FILTER (s.flags & {int(flag)} <> 0)" for flag in Quality)
    record = ", ".join(f"'{name}', {name}" for name in STAGED.names if name not in ("row_number", "content_hash"))
    with store.read() as con:
        con.execute(
            f"""CREATE TEMP TABLE verdict AS
                WITH repeated AS (
                    SELECT external_id, min(row_number) AS keep, min(content_hash) <> max(content_hash) AS differ
                    FROM {table} GROUP BY external_id HAVING count(*) > 1),
                known AS (SELECT external_id, case_id, content_hash FROM cases WHERE source_id = {source_id})
                SELECT s.row_number, (CASE WHEN r.differ THEN {CONFLICT} WHEN s.row_number <> r.keep THEN {DUPLICATE}
                        WHEN k.case_id IS NULL THEN {NEW} WHEN k.content_hash = s.content_hash THEN {UNCHANGED}
                        ELSE {UPDATED} END)::TINYINT AS verdict, k.case_id, p.case_id AS parent_case_id
                FROM {table} s LEFT JOIN repeated r USING (external_id) LEFT JOIN known k USING (external_id)
                LEFT JOIN known p ON p.external_id = s.parent_external_id"""
        )
        rows = con.execute(
            f"SELECT v.* FROM verdict v JOIN {table} s USING (row_number) ORDER BY s.reported_at, s.row_number"
        ).to_arrow_table()
        conflicts = con.execute(
            f"""SELECT row_number, NULL::VARCHAR AS column_name, external_id AS value, '{CONFLICT_RULE}' AS rule,
                    json_object({record})::VARCHAR AS record
                FROM {table} JOIN verdict USING (row_number) WHERE verdict = {CONFLICT} ORDER BY row_number"""
        ).to_arrow_table()
        taken = f"FROM {table} s JOIN verdict v USING (row_number) WHERE v.verdict < {DUPLICATE}"
        counts = con.execute(
            f"""SELECT coalesce(bool_or(note IS NOT NULL), false), coalesce(bool_or({HAS_CALL_BACK}), false),
                coalesce(bool_or(parent_external_id IS NOT NULL), false), {flags} {taken}"""
        ).fetchone() or (False, False, False, *(0 for _ in Quality))
        ids = con.execute(f"SELECT count(DISTINCT external_id) FROM {table}").fetchone() or (0,)
        elsewhere = con.execute(
            f"""SELECT name, count(DISTINCT external_id) AS known FROM cases JOIN source USING (source_id)
                WHERE source_id <> {source_id} AND external_id IN (
                    SELECT external_id FROM {table} JOIN verdict USING (row_number) WHERE verdict = {NEW})
                GROUP BY name HAVING known >= {ids[0] * ELSEWHERE} ORDER BY known DESC, name LIMIT 1"""
        ).fetchone()
        located = con.execute(
            f"""SELECT located, count(*) FROM staging.placed_{import_id} JOIN verdict USING (row_number)
                WHERE verdict < {DUPLICATE} AND atlas_id = (SELECT max(atlas_id) FROM staging.placed_{import_id})
                GROUP BY located ORDER BY count(*) DESC, located"""
        ).fetchall()
    return Matched(
        rows,
        conflicts.cast(QUARANTINED),
        {flag.label: n for flag, n in zip(Quality, counts[3:], strict=True) if n},
        dict(located),
        has_notes=counts[0],
        has_call_backs=counts[1],
        has_parents=counts[2],
        ids=ids[0],
        elsewhere=elsewhere,
    )
