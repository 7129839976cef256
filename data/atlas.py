"""The atlas: the tree of places and the grid plan as they stood between two dates.

Cases are located in atlases, so one row here is one interval in which nothing changed. When places or plans change,
`chart` writes the intervals anew as not current; the old ones keep serving figures until the cases have been located
in the new (`etl/locate.py`), then `switch` exchanges them in one commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from data.errors import NotFound
from data.levels import BEGINNING, END
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

# Versions in force on a day of a plan; parameters: day, day, plan.
_IN_FORCE = """place_version v JOIN place p USING (place_id)
    WHERE v.effective_from <= $day AND $day < v.effective_to AND (v.plan_id IS NULL OR v.plan_id = $plan)"""

_TREE = f"""SELECT place_id, level, code, name, aliases, parent_id, kind, old, households, company_id, area_m2,
    ST_AsWKB(geometry) AS geometry FROM {_IN_FORCE} ORDER BY level, code"""


@dataclass(frozen=True)
class Atlas:
    """One interval, half-open, in which neither places nor plan change."""

    atlas_id: int
    plan_id: int | None
    effective_from: date
    effective_to: date
    digest: str
    current: bool


def atlases(store: Store, *, current: bool | None = None) -> list[Atlas]:
    """All atlases in order of time; current=False: those in which cases are still to be located."""
    rows = settled(store, "atlases", lambda: store.rows("SELECT * FROM atlas ORDER BY effective_from, atlas_id"))
    return [Atlas(**row) for row in rows if current is None or row["current"] == current]


def atlas_on(store: Store, day: date | None = None) -> Atlas:
    """The current atlas in force on a day (default: the latest)."""
    found = [a for a in atlases(store, current=True) if day is None or a.effective_from <= day < a.effective_to]
    if not found:
        raise NotFound(f"no plan of places is in force on {day}.", todo="Import places first.")
    return found[-1]


def tree(store: Store, atlas_id: int) -> pa.Table:
    """The places of an atlas: place_id, level, code, name, aliases, parent_id, kind, old, households, company_id,
    area_m2, geometry (WKB, EPSG:4326; null where only the name is known), ordered by level and code."""
    found = [a for a in atlases(store) if a.atlas_id == atlas_id]
    if not found:
        raise NotFound(f"there is no atlas {atlas_id}.")
    return store.arrow(_TREE, {"day": found[0].effective_from, "plan": found[0].plan_id})


def chart(con: duckdb.DuckDBPyConnection) -> None:
    """Write the intervals of the places and plans as they are now, inside the transaction that changed them.

    An interval that is there already, with the same content, is left alone. Without any case there is nothing to
    locate and the new ones are current at once.
    """
    con.execute("DELETE FROM case_place WHERE atlas_id IN (SELECT atlas_id FROM atlas WHERE NOT current)")
    con.execute("DELETE FROM atlas WHERE NOT current")
    edges = con.execute(
        """WITH dates AS (
               SELECT effective_from AS day FROM place_version UNION SELECT effective_to FROM place_version
               UNION SELECT effective_from FROM grid_plan WHERE status <> 'draft'
               UNION SELECT effective_to FROM grid_plan WHERE status <> 'draft')
           SELECT day FROM dates WHERE day > $1 AND day < $2 ORDER BY day""",
        [BEGINNING, END],
    ).fetchall()
    days = [BEGINNING, *(row[0] for row in edges), END]
    wanted: list[tuple[int | None, date, date, str]] = []
    for start, stop in pairwise(days):
        plan, digest = _state(con, start)
        if wanted and wanted[-1][0] == plan and wanted[-1][3] == digest:
            wanted[-1] = (plan, wanted[-1][1], stop, digest)
        else:
            wanted.append((plan, start, stop, digest))
    # With its first day in it a digest names one interval: if only the end moves, the cases stay located.
    dated = [(*row[:3], sha256(f"{row[1]} {row[3]}".encode()).hexdigest()) for row in wanted]
    if set(dated) == set(con.execute("SELECT plan_id, effective_from, effective_to, digest FROM atlas").fetchall()):
        return
    con.executemany(
        "INSERT INTO atlas SELECT nextval('atlas_ids'), $1, $2, $3, $4, false", [list(row) for row in dated]
    )
    if con.execute("SELECT NOT EXISTS (FROM cases)").fetchone() == (True,):
        switch(con)


def pending(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Atlases in which cases have to be located; one that only got other dates keeps its cases."""
    rows = con.execute(
        "SELECT atlas_id FROM atlas WHERE NOT current AND digest NOT IN (SELECT digest FROM atlas WHERE current) ORDER BY 1"
    ).fetchall()
    return [int(row[0]) for row in rows]


def switch(con: duckdb.DuckDBPyConnection) -> None:
    """Make the new atlases current and remove those they replace, with the cases located in them."""
    if con.execute("SELECT EXISTS (FROM atlas WHERE NOT current)").fetchone() != (True,):
        return
    con.execute(
        """UPDATE atlas SET effective_from = n.effective_from, effective_to = n.effective_to, plan_id = n.plan_id
           FROM (SELECT * FROM atlas WHERE NOT current) n WHERE atlas.current AND atlas.digest = n.digest"""
    )
    con.execute("DELETE FROM atlas WHERE NOT current AND digest IN (SELECT digest FROM atlas WHERE current)")
    gone = """SELECT o.atlas_id FROM atlas o WHERE o.current
              AND EXISTS (FROM atlas n WHERE NOT n.current
                          AND n.effective_from < o.effective_to AND o.effective_from < n.effective_to)"""
    con.execute(f"DELETE FROM case_place WHERE atlas_id IN ({gone})")
    con.execute(f"DELETE FROM atlas WHERE atlas_id IN ({gone})")
    con.execute("UPDATE atlas SET current = true WHERE NOT current")


def _state(con: duckdb.DuckDBPyConnection, day: date) -> tuple[int | None, str]:
    """(plan in force, digest of the tree) on a day. The digest covers every column a screen or a figure reads."""
    row = con.execute(
        """SELECT plan_id FROM grid_plan WHERE status <> 'draft' AND effective_from <= $1 AND $1 < effective_to
           ORDER BY effective_from DESC, plan_id DESC LIMIT 1""",
        [day],
    ).fetchone()
    plan = None if row is None else int(row[0])
    digest = con.execute(
        f"""SELECT coalesce(sha256(string_agg(line, chr(10) ORDER BY place_id)), '') FROM (
            SELECT place_id, concat_ws(chr(9), place_id, level, code, name, coalesce(aliases::VARCHAR, '-'),
                coalesce(parent_id::VARCHAR, '-'), coalesce(kind, '-'), coalesce(old::VARCHAR, '-'),
                coalesce(households::VARCHAR, '-'), coalesce(company_id::VARCHAR, '-'), coalesce(plan_id::VARCHAR, '-'),
                coalesce(md5(ST_AsWKB(geometry)::BLOB), '-')) AS line
            FROM {_IN_FORCE})""",
        {"day": day, "plan": plan},
    ).fetchone()
    return plan, "" if digest is None else str(digest[0])
