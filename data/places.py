"""Places come in as a table of one level and are kept with the dates between which they held.

A place is known by its level and code. When its content changes, the version in force ends on the day the change
holds from and a new one begins; a change from the very day a version began corrects that version. What a table does
not mention (a column, a place) stays as it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import shapely

from data.atlas import chart
from data.codes import code_rows, own_rows
from data.errors import InputError
from data.levels import BEGINNING, END, LEVELS, PLANNED
from data.nesting import Geometries, area
from data.parents import Parent, adopt, adoptions, find_parents
from data.plans import Plan, begin, find_plan, retire_codes

if TYPE_CHECKING:
    from data.store import Store

PLACE_ROWS: pa.Schema = pa.schema(
    [
        ("row_number", pa.int64()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("parent_code", pa.string()),
        ("kind", pa.string()),
        ("old", pa.bool_()),
        ("households", pa.int32()),
        ("aliases", pa.list_(pa.string())),
        ("company", pa.string()),
        ("geometry", pa.binary()),  # WKB, EPSG:4326, valid
    ]
)

# What a version says; company stands here by name and is resolved when it is written.
CONTENT = ("name", "aliases", "parent_id", "kind", "old", "households", "company")

VERSIONS: pa.Schema = pa.schema(
    [
        ("code", pa.string()),
        ("effective_from", pa.date32()),
        ("effective_to", pa.date32()),
        ("parent_id", pa.int32()),
        ("name", pa.string()),
        ("aliases", pa.list_(pa.string())),
        ("kind", pa.string()),
        ("old", pa.bool_()),
        ("households", pa.int32()),
        ("company", pa.string()),
        ("geometry", pa.binary()),
        ("area_m2", pa.float64()),
    ]
)


@dataclass
class PlacesReport:
    """What became of the rows: new + updated + unchanged + other_district = rows."""

    level: str
    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    other_district: int = 0  # rows of a larger table that lie in other districts
    adopted: int = 0  # places of lower levels that now lie under one of these
    retired: int = 0
    codes_made: int = 0
    plan: str | None = None
    straddling: list[dict[str, Any]] = field(default_factory=list)  # code, parent, share inside (< 0.99)
    unknown_parents: list[dict[str, Any]] = field(default_factory=list)  # code, parent_code
    without_parent: list[str] = field(default_factory=list)  # codes in no place of a level above but the district

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def put_places(
    store: Store,
    rows: pa.Table,
    *,
    level: str,
    effective_from: date | None = None,
    plan: Plan | None = None,
    import_id: int | None = None,
) -> PlacesReport:
    """Take a table of places of one level (columns of PLACE_ROWS; the missing ones stay as they are).

    effective_from: the first day the table holds; None: from the beginning. plan: of grids and micro-grids, from
    `find_plan`; None: the one in force, else a first one is made. A parent is found by its code if one is given, else
    by where most of the place's area lies, else it is the district. Raises InputError for a code twice or a retired one.
    """
    if level not in LEVELS:
        raise InputError(f'there is no level "{level}".', todo=f"Levels are {', '.join(LEVELS)}.")
    day = effective_from or BEGINNING
    if level in PLANNED:
        plan = plan or find_plan(store)
        day = max(day, plan.effective_from)
    report = PlacesReport(level=level, rows=rows.num_rows, plan=plan.name if plan else None)
    given = set(rows.column_names)
    table = own_rows(rows.to_pylist(), store.deployment.code)
    report.other_district = rows.num_rows - len(table)
    shapes = shapely.from_wkb(np.array([row.get("geometry") for row in table], dtype=object))
    plan_id = plan.plan_id if plan else None
    known = _in_force(store, level, day, plan_id)
    parents = find_parents(store, level, table, shapes, day=day, plan_id=plan_id)
    parent_codes = [parent.code for parent in parents]
    report.codes_made = code_rows(
        store, level, table, shapes, parents=parent_codes, known=known, plan_start=plan.effective_from if plan else None
    )
    _report_parents(report, table, parents)
    versions = _versions(store, table, shapes, parents, known=known, given=given, day=day, plan=plan, report=report)
    adopted = adoptions(store, level, versions, day)
    report.adopted = len(adopted)
    if versions or adopted or plan_id == 0:
        job = partial(_write, level=level, versions=versions, adopted=adopted, plan=plan, import_id=import_id)
        report.retired = store.writer.run(job, label=f"places: {level}").result()
    return report


def _in_force(store: Store, level: str, day: date, plan_id: int | None) -> dict[str, dict[str, Any]]:
    """The versions of a level in force on a day, by code, with the day the next version of the place begins."""
    rows = store.rows(
        """SELECT p.code, v.* REPLACE (ST_AsWKB(v.geometry) AS geometry), c.name AS company,
               (SELECT min(n.effective_from) FROM place_version n WHERE n.place_id = v.place_id AND n.effective_from > $day
                AND n.plan_id IS NOT DISTINCT FROM v.plan_id) AS next_from
           FROM place p JOIN place_version v USING (place_id) LEFT JOIN company c USING (company_id)
           WHERE p.level = $level AND v.effective_from <= $day AND $day < v.effective_to
               AND v.plan_id IS NOT DISTINCT FROM $plan""",
        {"level": level, "day": day, "plan": plan_id},
    )
    return {row["code"]: row for row in rows}


def _report_parents(report: PlacesReport, rows: list[dict[str, Any]], parents: list[Parent]) -> None:
    for row, parent in zip(rows, parents, strict=True):
        if parent.unknown_code:
            report.unknown_parents.append({"code": row["code"], "parent_code": parent.unknown_code})
        if parent.share is not None and parent.share < 0.99:
            report.straddling.append({"code": row["code"], "parent": parent.code, "share": round(parent.share, 4)})
        if parent.skipped and parent.code:
            report.without_parent.append(row["code"])


def _versions(
    store: Store,
    rows: list[dict[str, Any]],
    shapes: Geometries,
    parents: list[Parent],
    *,
    known: dict[str, dict[str, Any]],
    given: set[str],
    day: date,
    plan: Plan | None,
    report: PlacesReport,
) -> list[dict[str, Any]]:
    """The versions to write: of places that are new or say something else than before."""
    later = {
        row["code"]: row["day"]
        for row in store.rows(
            """SELECT code, min(effective_from) AS day FROM place JOIN place_version USING (place_id)
               WHERE level = $level AND effective_from > $day AND plan_id IS NOT DISTINCT FROM $plan GROUP BY code""",
            {"level": report.level, "day": day, "plan": plan.plan_id if plan else None},
        )
    }
    square = area(shapes, store.deployment.crs)
    before = {code: shapely.from_wkb(row["geometry"]) for code, row in known.items() if row["geometry"] is not None}
    written: list[dict[str, Any]] = []
    for i, (row, parent) in enumerate(zip(rows, parents, strict=True)):
        code = row["code"]
        old = known.get(code)
        keep_parent = old is not None and parent.code is None
        version = {key: row.get(key) if key in given or old is None else old[key] for key in CONTENT}
        version["parent_id"] = old["parent_id"] if old is not None and keep_parent else parent.place_id
        version["name"] = version["name"] or (old["name"] if old else code)
        shape = shapes[i]
        if shape is None and old is not None:
            version["geometry"], version["area_m2"] = old["geometry"], old["area_m2"]
        else:
            version["geometry"] = row.get("geometry")
            version["area_m2"] = None if shape is None else float(square[i])
        same_shape = shape is None or (code in before and shapely.equals_exact(shape, before[code]))
        if old is not None and same_shape and all(version[key] == old[key] for key in CONTENT):
            report.unchanged += 1
            continue
        report.updated += old is not None
        report.new += old is None
        end = later.get(code) or (plan.effective_to if plan else END)
        written.append({"code": code, "effective_from": day, "effective_to": end, **version})
    return written


def _write(
    con: duckdb.DuckDBPyConnection,
    *,
    level: str,
    versions: list[dict[str, Any]],
    adopted: list[dict[str, Any]],
    plan: Plan | None,
    import_id: int | None,
) -> int:
    """One transaction: plan, places, versions, adopted children, retired codes (how many), the atlas."""
    plan_id = begin(con, plan) if plan else None
    con.register("put_versions", pa.Table.from_pylist(versions, schema=VERSIONS))
    con.execute(
        """INSERT INTO company SELECT nextval('company_ids'), company, company
           FROM (SELECT DISTINCT company FROM put_versions WHERE company IS NOT NULL ORDER BY company)
           WHERE company NOT IN (SELECT name FROM company)"""
    )
    con.execute(
        """INSERT INTO place SELECT nextval('place_ids'), $level, code, false FROM put_versions
           WHERE code NOT IN (SELECT code FROM place WHERE level = $level)""",
        {"level": level},
    )
    _close(
        con,
        "SELECT place_id, effective_from FROM put_versions JOIN place USING (code) WHERE level = $level",
        {"level": level, "plan": plan_id},
    )
    con.execute(
        """INSERT INTO place_version SELECT p.place_id, $plan, n.effective_from, n.effective_to, n.parent_id, n.name,
               n.aliases, n.kind, n.old, n.households, c.company_id, ST_GeomFromWKB(n.geometry), n.area_m2, $import
           FROM put_versions n JOIN place p ON p.code = n.code AND p.level = $level
           LEFT JOIN company c ON c.name = n.company""",
        {"plan": plan_id, "import": import_id, "level": level},
    )
    con.unregister("put_versions")
    adopt(con, level, adopted)
    retired = retire_codes(con, plan_id, level) if plan_id and plan and plan.status != "draft" else 0
    chart(con)
    return retired


def _close(con: duckdb.DuckDBPyConnection, changed: str, params: dict[str, Any]) -> None:
    """End the versions in force of the places in `changed` (place_id, effective_from) on that day."""
    same_plan = "v.plan_id IS NOT DISTINCT FROM $plan AND v.place_id = c.place_id"
    con.execute(
        f"DELETE FROM place_version v USING ({changed}) c WHERE {same_plan} AND v.effective_from = c.effective_from",
        params,
    )
    con.execute(
        f"""UPDATE place_version v SET effective_to = c.effective_from FROM ({changed}) c
            WHERE {same_plan} AND v.effective_from < c.effective_from AND c.effective_from < v.effective_to""",
        params,
    )
