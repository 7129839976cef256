"""Units and categories an import names: those known already, and new ids for those that are not.

New ones are only numbered here; they become rows in the commit that shows the import, so a cancelled import leaves none.
A source gives a code, a name or both; where there is no code the name stands in for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.database import Connection

if TYPE_CHECKING:
    from data.store import Store

_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("id", pa.int32()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("level", pa.string()),
        ("track", pa.string()),
        ("new", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Lookups:
    """Tables unit_ids (key, unit_id, level) and category_ids (key, category_id, track), and which rows are new."""

    units: pa.Table
    categories: pa.Table

    def register(self, con: Connection) -> None:
        """Make both readable in SQL as unit_ids and category_ids."""
        con.register("unit_ids", self.units.rename_columns({"id": "unit_id"}))
        con.register("category_ids", self.categories.rename_columns({"id": "category_id"}))

    def insert(self, con: Connection) -> None:
        """Write the new ones; the tables must be registered."""
        con.execute("INSERT INTO unit BY NAME SELECT unit_id, code, name FROM unit_ids WHERE new")
        con.execute("INSERT INTO category BY NAME SELECT category_id, code, name, track FROM category_ids WHERE new")


def look_up(store: Store, import_id: int) -> Lookups:
    """The units and categories the staged rows of an import name."""
    return Lookups(_ids(store, import_id, "unit", "level"), _ids(store, import_id, "category", "track"))


def _ids(store: Store, import_id: int, table: str, extra: str) -> pa.Table:
    named = store.rows(
        f"""SELECT coalesce({table}_code, {table}_name) AS key, min({table}_name) AS name,
                bool_or({table}_code IS NOT NULL) AS coded, {"min(track)" if extra == "track" else "NULL"} AS extra
            FROM staging.ticket_{import_id} WHERE key IS NOT NULL GROUP BY key ORDER BY key"""
    )
    known = store.rows(f"SELECT {table}_id AS id, code, name, {extra} AS extra FROM {table} ORDER BY 1 DESC")
    by_code = {row["code"]: row for row in known}
    by_name = {row["name"]: row for row in known}
    rows: list[dict[str, Any]] = []
    for row in named:
        found = by_code.get(row["key"]) or (None if row["coded"] else by_name.get(row["key"]))
        rows.append(
            {
                "key": row["key"],
                "id": found["id"] if found else None,
                "code": row["key"],
                "name": row["name"] or row["key"],
                extra: found["extra"] if found else row["extra"],
                "new": found is None,
            }
        )
    fresh = [row for row in rows if row["new"]]
    for row, number in zip(fresh, take_ids(store, f"{table}_ids", len(fresh)), strict=True):
        row["id"] = number
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def take_ids(store: Store, sequence: str, count: int) -> range:
    """`count` consecutive ids of a sequence."""
    if not count:
        return range(0)

    def job(con: Connection) -> int:
        row = con.execute(f"SELECT min(n) FROM (SELECT nextval('{sequence}') AS n FROM range({count}))").fetchone()
        return int(row[0]) if row else 0

    first = store.writer.run(job, label=f"take {sequence}").result()
    return range(first, first + count)


def source_of(con: Connection, name: str) -> int:
    """The id of a source, made if there is none of this name. In the caller's transaction."""
    con.execute(
        "INSERT INTO source SELECT nextval('source_ids'), $1 WHERE NOT EXISTS (FROM source WHERE name = $1)", [name]
    )
    row = con.execute("SELECT source_id FROM source WHERE name = ?", [name]).fetchone()
    return int(row[0]) if row else 0
