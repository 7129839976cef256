"""Repeat points as cases come and go one by one, in the writer's transaction: what a rebuild would give, at the cost of a look around.

A rebuild (data/repeats.py) looks at everything, or at all an import brought. A case that is opened, voided, left out or put
under another category here can only change what lies within 50 m and 90 days of it: those cases are judged anew, each by all
that lies as near to them. Of a case that stands at a repeat point since before the change nothing changes, because every three
that hold the changed case are complete no earlier than it was reported; so a point with thousands of cases costs little.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.database import Connection
from data.quality import Quality
from data.repeats import DAYS, METRES

WINDOW = DAYS * 86_400_000_000  # microseconds
CHANGING = (
    "voided",
    "reopened",
    "excluded",
    "included",
    "corrected",
)  # moves after which a case may count, or no longer
_CELL = 2 * METRES  # whatever lies within 100 m is in the nine cells around
_USABLE = f"""x IS NOT NULL AND category_id IS NOT NULL AND NOT voided AND NOT excluded
    AND flags & {int(Quality.DEFAULT_POINT)} = 0"""
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Spot:
    """Where and when something changed: of a kind and category, at a point of the metric CRS."""

    kind: str
    category_id: int
    x: float
    y: float
    reported_at: datetime


def spots_of(con: Connection, case_ids: Collection[int]) -> list[Spot]:
    """The spots of those of some cases that have a usable point, voided or not."""
    rows = con.execute(
        f"""SELECT kind, category_id, x, y, reported_at FROM cases
            WHERE case_id IN (SELECT unnest($ids::BIGINT[])) AND x IS NOT NULL AND category_id IS NOT NULL
                AND flags & {int(Quality.DEFAULT_POINT)} = 0""",
        {"ids": list(case_ids)},
    ).fetchall()
    return [Spot(*row) for row in rows]


def follow(con: Connection, changed: Sequence[Spot], case_ids: Collection[int]) -> set[int]:
    """Judge anew what lies around the spots, and the changed cases themselves; the cases whose row changed.

    changed: where the cases stood before and stand now.
    """
    if not changed:
        return set()
    near = _around(con, changed)
    judged = np.isin(near["case_id"], list(case_ids)) | _touched(near, changed)
    known = _standing(con, [*near["case_id"][judged].tolist(), *case_ids])
    found = _since(near, np.flatnonzero(judged))
    different = {case for case in {*known, *found} if known.get(case) != found.get(case)}
    if different:
        con.execute("DELETE FROM repeat_point WHERE case_id IN (SELECT unnest(?::BIGINT[]))", [sorted(different)])
        rows = [{"case_id": case, "since": found[case]} for case in sorted(different) if case in found]
        schema = pa.schema([("case_id", pa.int64()), ("since", pa.timestamp("us", "UTC"))])
        con.register("found_repeats", pa.Table.from_pylist(rows, schema=schema))
        con.execute("INSERT INTO repeat_point BY NAME SELECT * FROM found_repeats")
        con.unregister("found_repeats")
    return different


def _around(con: Connection, changed: Sequence[Spot]) -> dict[str, NDArray[np.generic]]:
    """Columns of the usable cases within about 100 m and 180 days of the spots, with since when each is a repeat point's."""
    spots = pa.Table.from_pylist([vars(spot) for spot in changed])
    con.register("changed_spots", spots)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE spot_cell AS SELECT DISTINCT kind, category_id,
                (floor(x / {_CELL}) + dx)::INTEGER AS cx, (floor(y / {_CELL}) + dy)::INTEGER AS cy
            FROM changed_spots, (SELECT unnest([-1, 0, 1]) AS dx), (SELECT unnest([-1, 0, 1]) AS dy)"""
    )
    con.unregister("changed_spots")
    times = [spot.reported_at for spot in changed]
    categories = ", ".join(map(str, sorted({spot.category_id for spot in changed})))
    found = con.execute(
        f"""SELECT c.case_id, hash(c.kind, c.category_id) AS what, c.x, c.y, epoch_us(c.reported_at) AS t,
                coalesce(epoch_us(r.since), {2**62}) AS since
            FROM (SELECT * FROM cases WHERE {_USABLE} AND category_id IN ({categories})
                AND reported_at BETWEEN $first::TIMESTAMPTZ - INTERVAL {2 * DAYS} DAY
                    AND $last::TIMESTAMPTZ + INTERVAL {2 * DAYS} DAY) c
            SEMI JOIN spot_cell s ON s.kind = c.kind AND s.category_id = c.category_id
                AND s.cx = floor(c.x / {_CELL})::INTEGER AND s.cy = floor(c.y / {_CELL})::INTEGER
            LEFT JOIN repeat_point r ON r.case_id = c.case_id""",
        {"first": min(times), "last": max(times)},
    ).fetchnumpy()
    con.execute("DROP TABLE spot_cell")
    return {name: np.asarray(values) for name, values in found.items()}


def _touched(near: dict[str, NDArray[np.generic]], changed: Sequence[Spot]) -> NDArray[np.bool_]:
    """Which of the cases near may be others now: within 50 m and 90 days of a spot, and no repeat point's since before it."""
    touched = np.zeros(len(near["case_id"]), np.bool_)
    for spot in changed:
        t = round(spot.reported_at.timestamp() * 1_000_000)
        far = (near["x"] - spot.x) ** 2 + (near["y"] - spot.y) ** 2  # type: ignore[operator]
        touched |= (far <= METRES**2) & (np.abs(near["t"] - t) <= WINDOW) & (near["since"] >= t)  # type: ignore[operator]
    return touched


def _standing(con: Connection, case_ids: Collection[int]) -> dict[int, datetime]:
    rows = con.execute(
        "SELECT case_id, since FROM repeat_point WHERE case_id IN (SELECT unnest(?::BIGINT[]))", [list(case_ids)]
    ).fetchall()
    return dict(rows)


def _since(near: dict[str, NDArray[np.generic]], judged: Integers) -> dict[int, datetime]:
    """Since when those of the cases stand at a repeat point that do: the earliest end of three within 90 days that hold it."""
    x, y = (near[name].astype(np.float64) for name in ("x", "y"))
    t, what, ids = near["t"].astype(np.int64), near["what"], near["case_id"]
    found: dict[int, datetime] = {}
    for row in judged.tolist():
        close = (x - x[row]) ** 2 + (y - y[row]) ** 2 <= METRES**2
        times = np.sort(t[close & (np.abs(t - t[row]) <= WINDOW) & (what == what[row])])
        first, last = times[:-2], times[2:]
        good = (last - first <= WINDOW) & (first <= t[row]) & (t[row] <= last)
        if good.any():
            found[int(ids[row])] = _instant(int(last[good].min()))
    return found


def _instant(micros: int) -> datetime:
    moment: datetime = pa.scalar(micros, pa.timestamp("us", "UTC")).as_py()
    return moment
