"""Who answers for what: units, the tree of categories, and the responsibility list (权责清单) that joins them.

A line of the list says which unit has the lead (or helps) for a category in a place and all that lies in it; the lowest
place with a line decides, so a property company's estate comes before the street, and the street before the district.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from data.database import Connection
from data.levels import BEGINNING, END

if TYPE_CHECKING:
    from data.store import Store

_TEXT = dict.fromkeys(("code", "name", "kind", "level"), pa.string())
UNITS = pa.schema({**_TEXT, "place_id": pa.int32()})
CATEGORIES = pa.schema(
    {
        **dict.fromkeys(("code", "name", "parent_code", "track"), pa.string()),
        "sla_hours": pa.float64(),
        "sla_clock": pa.string(),
    }
)
RESPONSIBILITIES = pa.schema(
    [("category_id", pa.int32()), ("place_id", pa.int32()), ("unit_id", pa.int32()), ("part", pa.string())]
)


def put_units(store: Store, rows: pa.Table) -> dict[str, int]:
    """Take units (columns of UNITS); those known by their code are replaced. The id of every unit by its code."""
    return store.writer.run(lambda con: _put(con, "unit", rows.cast(UNITS)), label="units").result()


def put_categories(store: Store, rows: pa.Table) -> dict[str, int]:
    """The same for categories (columns of CATEGORIES), parents before their children."""
    return store.writer.run(lambda con: _put(con, "category", rows.cast(CATEGORIES)), label="categories").result()


def put_responsibilities(store: Store, rows: pa.Table, effective_from: date = BEGINNING) -> int:
    """Make the list anew from a day on (columns of RESPONSIBILITIES); how many lines it has."""

    def job(con: Connection) -> int:
        con.execute("DELETE FROM responsibility WHERE effective_from >= ?", [effective_from])
        con.execute("UPDATE responsibility SET effective_to = $1 WHERE effective_to > $1", [effective_from])
        con.register("given", rows.cast(RESPONSIBILITIES))
        con.execute("INSERT INTO responsibility SELECT *, $1, $2 FROM given", [effective_from, END])
        return int(rows.num_rows)

    return store.writer.run(job, label="responsibilities").result()


def ids_by_code(store: Store, table: str) -> dict[str, int]:
    """The id of every unit or category by its code."""
    return {row["code"]: row["id"] for row in store.rows(f"SELECT code, {table}_id AS id FROM {table} ORDER BY 2 DESC")}


def responsible(store: Store, category_id: int, places: Sequence[int], day: date | None = None) -> int | None:
    """The unit in the lead for a category in the lowest of some places (given lowest first); null where nobody is."""
    day = day or store.now().astimezone(store.zone).date()
    rows = store.rows(
        """SELECT place_id, min(unit_id) AS unit_id FROM responsibility
           WHERE category_id = $category AND part = 'lead' AND list_contains($places, place_id)
               AND effective_from <= $day AND $day < effective_to GROUP BY place_id""",
        {"category": category_id, "places": list(places), "day": day},
    )
    found = {row["place_id"]: row["unit_id"] for row in rows}
    return next((found[place] for place in places if place in found), None)


def _put(con: Connection, table: str, rows: pa.Table) -> dict[str, int]:
    con.register("given", rows)
    plain = [name for name in rows.column_names if name not in ("code", "parent_code")]
    con.execute(
        f"""UPDATE {table} SET {", ".join(f"{name} = g.{name}" for name in plain)} FROM given g
            WHERE {table}.code = g.code"""
    )
    con.execute(
        f"""INSERT INTO {table} BY NAME SELECT nextval('{table}_ids') AS {table}_id, code, {", ".join(plain)} FROM given
            WHERE code NOT IN (SELECT code FROM {table})"""
    )
    if table == "category":
        con.execute(
            """UPDATE category SET parent_id = p.category_id FROM given g JOIN category p ON p.code = g.parent_code
               WHERE category.code = g.code"""
        )
    return dict(con.execute(f"SELECT code, {table}_id FROM {table} ORDER BY code").fetchall())
