"""Tables that leave the store whole: cases and places with their codes and names instead of ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.atlas import atlas_on, tree
from data.quality import flags_of

if TYPE_CHECKING:
    from data.store import Store

BATCH_ROWS = 50_000
_LEVELS = ("street", "community", "grid", "micro_grid", "estate", "building", "block")

_CASES = f"""SELECT s.name AS source, c.external_id AS id, c.kind, c.reported_at, c.registered_at, c.handled_at, c.closed_at,
        c.due_at, c.handle_due_at, c.stage, c.suspended, c.voided, c.excluded, c.on_time_source, c.on_time, c.channel, c.track,
        k.code AS category_code, k.name AS category, u.code AS unit_code, u.name AS unit, c.reworked, c.extended,
        c.lon, c.lat, coalesce(l.located, 'none') AS located,
        {", ".join(f"{level}.code AS {level}" for level in _LEVELS)}, c.named_place, c.flags
    FROM cases c JOIN source s USING (source_id)
    LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
    LEFT JOIN case_place l ON l.case_id = c.case_id AND l.atlas_id = $atlas
    {" ".join(f"LEFT JOIN place {level} ON {level}.place_id = l.{level}_id" for level in _LEVELS)}
    ORDER BY c.case_id"""


def case_count(store: Store) -> int:
    """How many cases there are."""
    return int(store.rows("SELECT count(*) AS n FROM cases")[0]["n"])


def case_batches(store: Store, day: date | None = None) -> Iterator[pa.Table]:
    """All cases in batches, in the places of the plan in force on a day (default: the latest). flags are labels."""
    atlas = atlas_on(store, day)
    with store.read() as con:
        for batch in con.execute(_CASES, {"atlas": atlas.atlas_id}).to_arrow_reader(BATCH_ROWS):
            table = pa.Table.from_batches([batch])
            labels = pa.array([" ".join(flags_of(bits)) for bits in table["flags"].to_pylist()], pa.string())
            yield table.set_column(table.column_names.index("flags"), "flags", labels)


def place_table(store: Store, level: str | None = None, day: date | None = None) -> pa.Table:
    """Places on a day: level, code, name, parent (code), kind, old, households, company, area_m2, geometry (WKB)."""
    places = tree(store, atlas_on(store, day).atlas_id)
    return store.arrow(
        """SELECT t.level, t.code, t.name, array_to_string(t.aliases, ';') AS aliases, up.code AS parent, t.kind, t.old,
               t.households, c.name AS company, t.area_m2, t.geometry
           FROM places t LEFT JOIN places up ON up.place_id = t.parent_id LEFT JOIN company c ON c.company_id = t.company_id
           WHERE $level IS NULL OR t.level = $level ORDER BY t.level, t.code""",
        {"level": level},
        places=places,
    )


def status(store: Store) -> dict[str, Any]:
    """What the store holds, in numbers."""
    deployment = store.deployment
    counted = store.rows(
        """SELECT (SELECT count(*) FROM cases) AS cases, (SELECT count(*) FROM transition) AS ledger_lines,
               (SELECT min(reported_at) FROM cases) AS first_report, (SELECT max(reported_at) FROM cases) AS last_report,
               (SELECT count(*) FROM import WHERE status = 'done') AS imports,
               (SELECT count(*) FROM quarantine WHERE status = 'open') AS quarantined"""
    )[0]
    levels = store.rows(
        """SELECT level, count(*) AS n FROM place_version JOIN place USING (place_id)
           WHERE $today >= effective_from AND $today < effective_to AND (plan_id IS NULL OR plan_id IN
               (SELECT plan_id FROM grid_plan WHERE status <> 'draft')) GROUP BY level""",
        {"today": store.now().astimezone(store.zone).date()},
    )
    return {
        "name": deployment.name,
        "code": deployment.code,
        "zone": deployment.zone,
        "crs": deployment.crs,
        "calendar": deployment.calendar,
        "simulated": deployment.simulated,
        "store": str(store.path),
        "bytes": store.path.stat().st_size,
        **counted,
        "places": {row["level"]: row["n"] for row in levels},
    }
