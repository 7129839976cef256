"""A whole town written into a fresh store at once: tree, first plan, companies, facilities, posts, base map.

`put_places` compares every row with what the store had, as an import must; where there is nothing to compare with, sets of
Arrow tables go in directly, one transaction for all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from data.atlas import chart
from data.base_map import FEATURE_ROWS, write_features
from data.errors import StoreBusy
from data.levels import BEGINNING, END, LEVELS, PARENTS, PLANNED
from data.places import VERSIONS
from data.plans import Plan, begin, find_plan
from data.progress import Progress

if TYPE_CHECKING:
    from data.store import Store

PLACES: pa.Schema = pa.schema(
    [
        *(field for field in VERSIONS if field.name not in ("effective_from", "effective_to", "parent_id")),
        ("parent_code", pa.string()),  # of the level above; null under the district
    ]
)
COMPANIES: pa.Schema = pa.schema([("code", pa.string()), ("name", pa.string())])
FACILITIES: pa.Schema = pa.schema(
    [
        ("code", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("community_code", pa.string()),
        ("geometry", pa.binary()),
    ]
)
POSTS: pa.Schema = pa.schema(
    [
        ("level", pa.string()),
        ("place_code", pa.string()),
        ("kind", pa.string()),
        ("required", pa.int32()),
        ("actual", pa.int32()),
        ("on_duty", pa.int32()),
    ]
)


@dataclass(frozen=True)
class Founding:
    """What is written. places: a table of PLACES by level; the district's has one row."""

    plan: str
    places: Mapping[str, pa.Table]
    companies: pa.Table
    facilities: pa.Table
    posts: pa.Table
    base: pa.Table


def found_town(store: Store, founding: Founding, progress: Progress) -> int:
    """Write it all; how many places there are then. Raises StoreBusy for a store that holds places already."""
    if store.rows("SELECT count(*) AS n FROM place")[0]["n"] > 1:
        raise StoreBusy("the store holds places already.", where=str(store.path), todo="Begin with a fresh one.")
    plan = find_plan(store, founding.plan)
    job = partial(_write, founding=founding, plan=plan, progress=progress)
    return store.writer.run(job, label="found a town").result()


def _write(con: duckdb.DuckDBPyConnection, *, founding: Founding, plan: Plan, progress: Progress) -> int:
    plan_id = begin(con, plan)
    _insert(
        con,
        founding.companies.cast(COMPANIES),
        "INSERT INTO company SELECT nextval('company_ids'), code, name FROM put",
    )
    for n, level in enumerate(LEVELS):
        progress.step("write places", n, len(LEVELS))
        if level in founding.places:
            _write_level(con, level, founding.places[level].cast(PLACES), plan_id if level in PLANNED else None)
    _insert(
        con,
        founding.facilities.cast(FACILITIES),
        """INSERT INTO facility SELECT nextval('facility_ids'), n.code, n.name, n.kind, p.place_id, ST_GeomFromWKB(n.geometry),
               $begin, $end FROM put n LEFT JOIN place p ON p.level = 'community' AND p.code = n.community_code""",
        {"begin": BEGINNING, "end": END},
    )
    _insert(
        con,
        founding.posts.cast(POSTS),
        """INSERT INTO post SELECT nextval('post_ids'), p.place_id, n.kind, required, actual, on_duty, $begin, $end
           FROM put n JOIN place p ON p.level = n.level AND p.code = n.place_code""",
        {"begin": BEGINNING, "end": END},
    )
    write_features(
        con,
        founding.base.select(FEATURE_ROWS.names).cast(FEATURE_ROWS),
        sorted(set(founding.base["theme"].to_pylist())),
    )
    progress.step("write the atlas", 0, None)
    chart(con)
    return sum(table.num_rows for table in founding.places.values())


def _insert(con: duckdb.DuckDBPyConnection, rows: pa.Table, sql: str, params: dict[str, object] | None = None) -> None:
    con.register("put", rows)
    con.execute(sql, params)
    con.unregister("put")


def _write_level(con: duckdb.DuckDBPyConnection, level: str, rows: pa.Table, plan_id: int | None) -> None:
    """The places of a level with their versions; the district itself is there and only gets its content."""
    if level == "district":
        _insert(
            con,
            rows,
            """UPDATE place_version SET name = n.name, households = n.households, geometry = ST_GeomFromWKB(n.geometry),
                   area_m2 = n.area_m2 FROM put n""",
        )
        return
    above = PARENTS[level][0]
    _insert(con, rows, "INSERT INTO place SELECT nextval('place_ids'), $level, code, false FROM put", {"level": level})
    _insert(
        con,
        rows,
        """INSERT INTO place_version SELECT p.place_id, $plan, $begin, $end, coalesce(u.place_id, root.place_id), n.name, n.aliases,
               n.kind, n.old, n.households, c.company_id, ST_GeomFromWKB(n.geometry), n.area_m2, NULL
           FROM put n JOIN place p ON p.level = $level AND p.code = n.code
           LEFT JOIN place u ON u.level = $above AND u.code = n.parent_code
           LEFT JOIN company c ON c.name = n.company
           CROSS JOIN (SELECT place_id FROM place WHERE level = 'district') root
           ORDER BY p.place_id""",
        {"plan": plan_id, "begin": BEGINNING, "end": END, "level": level, "above": above},
    )
