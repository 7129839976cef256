"""Which rows of a slice may be others than they were: of cases that were written to, and of cases that time has reached.

Between two moments a row changes only where a commit touched the case (or its sub-case), or where one of the instants its
marks are held against, a deadline for example, lies in between. Those rows are made anew by the SQL that makes the whole
slice; the others stay. So a move costs what one case costs, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from data.figure_cache import SliceKey
    from data.store import Store

MOST = 20_000  # changed cases from which a slice is made anew
MOST_PIECES = 32

_TIMES = ("registered_at", "closed_at", "due_at", "handle_due_at")


def _passed(*columns: str) -> str:
    return "(" + " OR ".join(f"({column} > $before AND {column} <= $t)" for column in columns) + ")"


_CHANGED = f"""
    SELECT DISTINCT case_id FROM (
        SELECT case_id FROM moved
        UNION ALL SELECT parent_case_id FROM cases SEMI JOIN moved USING (case_id) WHERE parent_case_id IS NOT NULL
        UNION ALL SELECT case_id FROM cases WHERE {_passed("since", "reported_at", *_TIMES)}
        UNION ALL SELECT parent_case_id FROM cases WHERE parent_case_id IS NOT NULL AND {_passed("reported_at")}
        UNION ALL SELECT case_id FROM case_past
            WHERE valid_to > $before AND valid_from <= $t AND {_passed("valid_from", "valid_to", *_TIMES)}
        UNION ALL SELECT case_id FROM call_back WHERE {_passed("completed_at")}
        UNION ALL SELECT case_id FROM repeat_point WHERE {_passed("since")})
    LIMIT {MOST + 1}"""


@dataclass(eq=False)
class Changed:
    """The cases whose rows may differ (a table of case_id), and their states: read once for all slices that move on together."""

    ids: pa.Table
    states: dict[tuple[Any, ...], pa.Table] = field(default_factory=dict)


def changed(store: Store, before: SliceKey, now: SliceKey) -> Changed | None:
    """The rows of a slice that may differ between two of its keys; None when it is less work to make it anew."""
    if now.t < before.t:
        return None
    moved = store.writer.touched.between(before.version, max(before.version, now.version))  # a slice may know more
    if moved is None or len(moved) > MOST:
        return None
    ids = pa.table({"case_id": pa.array(sorted(moved), pa.int64())})
    if not moved and now.t == before.t:
        return Changed(ids)
    params: dict[str, Any] = {"before": before.t, "t": now.t}
    found = store.arrow(_CHANGED, params, moved=ids)
    return Changed(found) if len(found) <= MOST else None


def renewed(slice_before: pa.Table, ids: pa.Table, rows: pa.Table) -> pa.Table:
    """The slice with the rows of the cases `ids` replaced by `rows`."""
    gone = pc.is_in(slice_before.column("case_id"), value_set=ids.column("case_id").combine_chunks())
    kept = slice_before.filter(pc.invert(gone)) if pc.any(gone).as_py() else slice_before
    if not len(rows):
        return kept
    whole = pa.concat_tables([kept, rows.select(kept.column_names).cast(kept.schema)])
    return whole.combine_chunks() if whole.column(0).num_chunks > MOST_PIECES else whole
