"""Rows of a few cases as the store keeps them, for whoever looks at a case and then changes it: read once, put back whole.

The view `cases` is for questions; planning it for a handful of rows takes longer than reading them from the two tables.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from data.database import Connection
from data.hiding import hidden_range

Row = dict[str, Any]


@dataclass(frozen=True)
class CaseRows:
    """All columns of some cases, the hot ones first. resting: those of them that stand in the archive."""

    table: pa.Table
    resting: frozenset[int]

    def rows(self, names: Sequence[str]) -> list[Row]:
        """Some columns as dictionaries, instants as datetimes with a zone."""
        found: list[Row] = self.table.select(list(names)).to_pylist()
        return found

    def plain(self, names: Sequence[str]) -> list[Row]:
        """The same with instants as microseconds since 1970."""
        columns = [_plain(self.table.column(name)) for name in names]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]

    def only(self, case_ids: Collection[int]) -> CaseRows:
        """Those of some ids."""
        wanted = [case_id in case_ids for case_id in self.table.column("case_id").to_pylist()]
        return CaseRows(self.table.filter(pa.array(wanted, pa.bool_())), self.resting & set(case_ids))


def read(con: Connection, case_ids: Collection[int]) -> CaseRows:
    """The rows of those of some cases that there are; what an import is still switching in is not there yet."""
    hidden = hidden_range(con)
    ids = [one for one in case_ids if not (hidden and hidden[0] <= one <= hidden[1])]
    table = _kept(con, "case_hot", ids)
    hot = set(table.column("case_id").to_pylist())
    resting = [case_id for case_id in ids if case_id not in hot]
    if resting:
        table = pa.concat_tables([table, _kept(con, "case_archive", resting)])
    return CaseRows(table, frozenset(resting))


def rows_sql(table: str, which: str) -> str:
    """SQL of the rows of a few cases (ids between commas), found by the one column first: DuckDB would unpack all of them
    around every row it finds."""
    return f"SELECT * FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE case_id IN ({which}))"


def _kept(con: Connection, table: str, case_ids: Collection[int]) -> pa.Table:
    return con.execute(rows_sql(table, ", ".join(map(str, case_ids)) or "NULL")).to_arrow_table()


def _plain(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
    return values
