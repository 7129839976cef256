"""Cases located anew after places or plans have changed, while the old atlases keep serving figures.

Points are streamed out in batches and come back as rows of `case_place`; the last commit makes the new atlases current and
removes the old ones' rows. What came in meanwhile is located before that commit, so no case is ever in no atlas.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from data.atlas import pending, switch, tree
from data.progress import Progress, Quiet
from data.quality import Quality

if TYPE_CHECKING:
    from data.store import Store

BATCH_ROWS = 100_000
ROUNDS = 5

# Flags that say a point lies nowhere on the map are judged anew; those that say it is no usable point are not.
_JUDGED = int(Quality.OUTSIDE | Quality.UNKNOWN_PLACE)
_USELESS = int(Quality.DEFAULT_POINT | Quality.ZERO_POINT | Quality.BAD_POINT)

# case_id, lon, lat, named_place → case_id, flags to set (of _JUDGED), located, the ids by level.
Locate = Callable[[pa.Table], pa.Table]


def relocate_cases(store: Store, locator: Callable[[pa.Table], Locate], *, progress: Progress | None = None) -> int:
    """Locate all cases in the atlases that are not current, then make those current; how many cases were.

    locator(tree) makes the function that locates a batch in that tree. A stop leaves the old atlases in force.
    """
    progress = progress or Quiet()
    with store.read() as con:
        waiting = pending(con)
        total = int((con.execute("SELECT count(*) FROM cases").fetchone() or (0,))[0]) * len(waiting)
    if waiting:
        store.writer.run(lambda con: _forget(con, waiting), label="relocate").result()
    done = 0
    for atlas_id in waiting:
        locate = locator(tree(store, atlas_id))
        for _ in range(ROUNDS):
            placed = 0
            with store.read() as con:
                batches = con.execute(_POINTS, [_USELESS, atlas_id]).to_arrow_reader(BATCH_ROWS)
                for batch in batches:
                    progress.step("locate cases", done, total)
                    found = locate(pa.Table.from_batches([batch]))
                    store.writer.run(partial(_put, found=found, atlas_id=atlas_id), label="relocate").result()
                    placed += found.num_rows
                    done += found.num_rows
            if not placed:
                break
    progress.step("locate cases", done, max(total, done))
    if _changed(store):
        store.writer.run(switch, label="new atlas").result()
    return done


_POINTS = """SELECT case_id, CASE WHEN flags & $1 = 0 THEN lon END AS lon, CASE WHEN flags & $1 = 0 THEN lat END AS lat,
        named_place FROM cases ANTI JOIN (SELECT case_id FROM case_place WHERE atlas_id = $2) USING (case_id)"""


def _changed(store: Store) -> bool:
    return bool(store.rows("SELECT 1 FROM atlas WHERE NOT current LIMIT 1"))


def _forget(con: duckdb.DuckDBPyConnection, atlas_ids: list[int]) -> None:
    """Remove what a stopped relocation left."""
    con.execute("DELETE FROM case_place WHERE list_contains($1, atlas_id)", [atlas_ids])


def _put(con: duckdb.DuckDBPyConnection, *, found: pa.Table, atlas_id: int) -> None:
    con.register("found", found)
    con.execute("INSERT INTO case_place BY NAME SELECT $1 AS atlas_id, * EXCLUDE (judged) FROM found", [atlas_id])
    for table in ("case_hot", "case_archive"):
        con.execute(
            f"""UPDATE {table} c SET flags = (c.flags & ~$1) | f.judged FROM found f
                WHERE c.case_id = f.case_id AND c.flags & $1 <> f.judged""",
            [_JUDGED],
        )
    con.unregister("found")
