"""Repeat points: where the same trouble is reported at least three times within 50 m and 90 days.

A case stands at a repeat point when there are two more cases of its kind and category no farther than 50 m from it, all
three reported within 90 days (default rule, editable); `since` is when the third of them was reported, so a past moment
counts only what was known then. Cases without a usable point, with a default point, voided or excluded take no part.

Method: square cells whose diagonal is 50 m. The two cases before it in its own cell settle most cases at once, however
many share one point; only the first two of a cell within any 90 days look into the 20 cells around, so a point with
thousands of cases costs no square of thousands.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from data.database import Connection
from data.quality import Quality

if TYPE_CHECKING:
    from data.store import Store

METRES, DAYS = 50.0, 90
CELL = METRES / sqrt(2)
_WINDOW = DAYS * 86_400_000_000  # microseconds
_SAME = "kind, category_id, cx, cy"
MANY = 20_000  # changed points from which looking at all is less work than looking around each
_REACH = 2  # cells a circle of 50 m reaches beyond its own

_POINTS = f"""SELECT case_id, kind, category_id, x, y, reported_at, epoch_us(reported_at) AS t, import_id,
        floor(x / {CELL!r})::INTEGER AS cx, floor(y / {CELL!r})::INTEGER AS cy
    FROM cases WHERE x IS NOT NULL AND category_id IS NOT NULL AND NOT voided AND NOT excluded
        AND flags & {int(Quality.DEFAULT_POINT)} = 0"""


def rebuild(store: Store, import_id: int | None = None) -> int:
    """Compute repeat points anew: all, or only around the cases an import brought or changed. Returns how many there are.

    The search runs beside the writer; only its result is written, in one commit.
    """
    with store.read() as con:
        found, looked_at = _search(con, import_id)
    return store.writer.run(lambda con: _write(con, found, looked_at, import_id), label="repeat points").result()


def catch_up(store: Store) -> list[int]:
    """Compute the repeat points of imports that ended without (a crash came between); returns their ids."""
    missing = [
        row["import_id"]
        for row in store.rows(
            f"SELECT import_id FROM import WHERE {_TAKEN} AND new + updated > 0 AND {_UNTOLD} ORDER BY import_id"
        )
    ]
    if missing:
        rebuild(store, missing[0] if len(missing) == 1 else None)
    return missing


# An import's report tells how many repeat points there were after it; one that does not tell has not been looked at.
_TAKEN = "kind = 'tickets' AND status = 'done'"
_UNTOLD = "NOT coalesce(json_exists(report, '$.repeat_points'), false)"


def _search(con: Connection, import_id: int | None) -> tuple[pa.Table, pa.Table | None]:
    """(case_id, since) of the cases at repeat points, and the cases looked at (None: every one)."""
    con.execute(f"CREATE TEMP TABLE place_of AS {_POINTS}")
    looked_at: pa.Table | None = None
    if import_id is not None and _changed_points(con, import_id) <= MANY:
        # What changes lies within 50 m of a changed case; to judge it takes what lies within 50 m of that.
        con.execute(f"CREATE TEMP TABLE changed AS SELECT DISTINCT {_SAME} FROM place_of WHERE import_id = {import_id}")
        con.execute(f"CREATE TEMP TABLE judged AS {_near('changed', _REACH)}")
        con.execute(f"CREATE TEMP TABLE seen AS {_near('judged', _REACH)}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE place_of AS SELECT * FROM place_of SEMI JOIN seen USING ({_SAME})")
        looked_at = con.execute(
            f"""SELECT case_id FROM place_of SEMI JOIN judged USING ({_SAME})
                UNION SELECT case_id FROM cases WHERE import_id = {import_id}"""
        ).to_arrow_table()
    con.execute(
        f"""CREATE TEMP TABLE point AS SELECT * EXCLUDE (import_id),
                lag(t, 2) OVER (PARTITION BY {_SAME} ORDER BY t, case_id) AS second_before FROM place_of"""
    )
    con.register("company_ids", _in_company(con))
    return con.execute(f"{_SETTLED} UNION ALL {_LOOKED_UP}").to_arrow_table(), looked_at


def _changed_points(con: Connection, import_id: int) -> int:
    row = con.execute(f"SELECT count(*) FROM place_of WHERE import_id = {import_id}").fetchone()
    return int(row[0]) if row else 0


def _in_company(con: Connection) -> pa.Table:
    """case_id of the unsettled cases with at least two others of their kind and category in the nine 50 m squares around.

    Most cases of a large district stand alone; leaving them out here keeps the join below small.
    """
    found = con.execute(
        f"""SELECT dense_rank() OVER (ORDER BY kind, category_id) AS what, floor(x / {METRES})::BIGINT AS cx,
                floor(y / {METRES})::BIGINT AS cy, case_id, coalesce(t - second_before > {_WINDOW}, true) AS unsettled
            FROM point"""
    ).to_arrow_table()
    all_points = {name: found[name].to_numpy() for name in found.column_names}
    cx, cy = (all_points[name] - all_points[name].min(initial=0) + 1 for name in ("cx", "cy"))
    rows = int(cy.max(initial=0)) + 2
    key = (all_points["what"] * (int(cx.max(initial=0)) + 2) + cx) * rows + cy
    ordered = np.sort(key)
    wanted = all_points["unsettled"]
    asked = key[wanted]
    order = np.argsort(asked)  # looking up in order is several times faster
    asked, company = asked[order], np.zeros(len(asked), np.int64)
    for dx in (-rows, 0, rows):  # three squares above one another have consecutive keys
        company += np.searchsorted(ordered, asked + dx + 1, "right") - np.searchsorted(ordered, asked + dx - 1, "left")
    return pa.table({"case_id": all_points["case_id"][wanted][order][company >= 3]})


_SETTLED = f"SELECT case_id, reported_at AS since FROM point WHERE t - second_before <= {_WINDOW}"

# The others: the nearest two before and the nearest two after them in time, of those within 50 m and 90 days.
_LOOKED_UP = f"""SELECT case_id, make_timestamptz(since) AS since FROM (
    SELECT case_id, CASE WHEN len(before) = 2 THEN t
        WHEN len(before) = 1 AND len(after) >= 1 AND after[1] - before[1] <= {_WINDOW} THEN after[1]
        WHEN len(after) = 2 THEN after[2] END AS since
    FROM (
        SELECT p.case_id, p.t,
            coalesce(max(o.t, 2) FILTER ((o.t, o.case_id) < (p.t, p.case_id)), []) AS before,
            coalesce(min(o.t, 2) FILTER ((o.t, o.case_id) > (p.t, p.case_id)), []) AS after
        FROM (
            SELECT case_id, kind, category_id, x, y, t, cx + dx AS cx, cy + dy AS cy
            FROM point, (SELECT unnest(range(-{_REACH}, {_REACH + 1})) AS dx),
                (SELECT unnest(range(-{_REACH}, {_REACH + 1})) AS dy)
            WHERE abs(dx) + abs(dy) < {2 * _REACH} AND case_id IN (SELECT case_id FROM company_ids)) p
        JOIN point o USING ({_SAME})
        WHERE o.case_id <> p.case_id AND o.t BETWEEN p.t - {_WINDOW} AND p.t + {_WINDOW}
            AND (o.x - p.x) * (o.x - p.x) + (o.y - p.y) * (o.y - p.y) <= {METRES * METRES}
        GROUP BY p.case_id, p.t))
    WHERE since IS NOT NULL"""


def _near(cells: str, reach: int) -> str:
    """SQL of the cells no farther than `reach` from those of a table."""
    steps = f"(SELECT unnest(range(-{reach}, {reach + 1})) AS {{}})"
    return f"""SELECT DISTINCT kind, category_id, (cx + dx)::INTEGER AS cx, (cy + dy)::INTEGER AS cy
        FROM {cells}, {steps.format("dx")}, {steps.format("dy")}"""


def _write(con: Connection, found: pa.Table, looked_at: pa.Table | None, import_id: int | None) -> int:
    con.register("found", found)
    if looked_at is None:
        con.execute("DELETE FROM repeat_point")
        con.execute("INSERT INTO repeat_point SELECT case_id, since FROM found")
    else:
        con.register("looked_at", looked_at)
        con.execute("DELETE FROM repeat_point WHERE case_id IN (SELECT case_id FROM looked_at)")
        con.execute("INSERT INTO repeat_point SELECT case_id, since FROM found SEMI JOIN looked_at USING (case_id)")
    row = con.execute("SELECT count(*) FROM repeat_point").fetchone()
    count = int(row[0]) if row else 0
    con.execute(
        f"""UPDATE import SET report = json_merge_patch(coalesce(report, '{{}}'), json_object('repeat_points', $count))
            WHERE {_TAKEN} AND {_UNTOLD} AND coalesce(import_id = $import_id, true)""",
        {"count": count, "import_id": import_id},
    )
    return count
