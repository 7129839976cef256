"""Communities split and merged by a plan, from its first day on.

A community is made of whole grids. One that lost or won grids gets a version with its new ground; a new one gets a code after all
codes its street ever had; one that is no more keeps its name without ground and its code is retired (作废). Cases that were located
only to a community that was redrawn stay on it and are flagged, for nobody knows in which part they lie. Estates and facilities go
with their ground.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data.codes import new_codes
from data.database import Connection
from data.drafts import Drawing
from data.levels import END
from data.nesting import area, joined
from data.parents import adopt
from data.quality import Quality

if TYPE_CHECKING:
    from data.store import Store

Shapes = NDArray[Any]
SUFFIX = "社区"

VERSIONS: pa.Schema = pa.schema(
    [
        ("label", pa.int32()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("parent_id", pa.int32()),
        ("households", pa.int32()),
        ("geometry", pa.binary()),
        ("area_m2", pa.float64()),
    ]
)


def put_communities(store: Store, con: Connection, now: Drawing, day: date) -> dict[int, int]:
    """Write the communities of a drawing that are other than before; label → place id of all it has. Part of a transaction."""
    known = {int(label): int(label) for label in np.unique(now.cells.community)}
    old = touched(con, now, day)
    if not old:
        return known
    rows = versions(store, con, now, old)
    flag_cases(con, list(old), day)
    con.register("made_communities", pa.Table.from_pylist(rows, schema=VERSIONS))
    con.execute(
        """INSERT INTO place SELECT nextval('place_ids'), 'community', code, false FROM made_communities
           WHERE code NOT IN (SELECT code FROM place WHERE level = 'community')"""
    )
    _end(con, list(old), day)
    con.execute(_PUT, {"day": day, "end": END})
    place_of = dict(
        con.execute(
            "SELECT label, place_id FROM made_communities m JOIN place p ON p.level = 'community' AND p.code = m.code"
        ).fetchall()
    )
    con.unregister("made_communities")
    gone = sorted(set(old) - set(now.community.tolist()))
    con.execute("UPDATE place SET retired = true WHERE list_contains($1::INTEGER[], place_id)", [gone])
    rehang(con, rows, place_of, list(old), day)
    return known | {int(label): int(place) for label, place in place_of.items()}


_PUT = """INSERT INTO place_version SELECT p.place_id, NULL, $day, $end, parent_id, name, NULL, kind, NULL, households, NULL,
        ST_GeomFromWKB(geometry), area_m2, NULL
    FROM made_communities m JOIN place p ON p.level = 'community' AND p.code = m.code"""


def touched(con: Connection, now: Drawing, day: date) -> dict[int, dict[str, Any]]:
    """The communities before that lost or won cells: code, name, kind, parent_id, geometry (shapely or None), by place id."""
    cell = now.community != now.cells.community
    labels = {*now.community[cell].tolist(), *now.cells.community[cell].tolist()} & set(now.cells.community.tolist())
    rows = con.execute(
        """SELECT v.place_id, p.code, v.name, v.kind, v.parent_id, ST_AsWKB(v.geometry)::BLOB AS geometry
           FROM place_version v JOIN place p USING (place_id)
           WHERE list_contains($1::INTEGER[], v.place_id) AND v.effective_from <= $2 AND $2 < v.effective_to""",
        [sorted(labels), day],
    ).fetchall()
    names = ("code", "name", "kind", "parent_id", "geometry")
    found = {int(row[0]): dict(zip(names, row[1:], strict=True)) for row in rows}
    for row in found.values():
        row["geometry"] = None if row["geometry"] is None else shapely.from_wkb(bytes(row["geometry"]))
    return found


def versions(store: Store, con: Connection, now: Drawing, old: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """What is written of each community from the day on: rows of VERSIONS; one that is no more has neither ground nor households."""
    inside = np.isin(now.cells.community, list(old))
    labels = sorted(set(now.community[inside].tolist()))
    shapes = grounds(now, labels, old)
    origin = {label: _origin(now, label) for label in labels}
    fresh = [i for i, label in enumerate(labels) if label not in old]
    streets = dict(con.execute("SELECT place_id, code FROM place WHERE level = 'street'").fetchall())
    parents = [streets.get(old[origin[labels[i]]]["parent_id"]) for i in fresh]
    taken = [row[0] for row in con.execute("SELECT code FROM place WHERE level = 'community'").fetchall()]
    codes = dict(zip(fresh, new_codes("community", parents, shapes[fresh], taken), strict=True)) if fresh else {}
    called = {row[0] for row in con.execute("SELECT DISTINCT name FROM place_version").fetchall()}
    square = area(shapes, store.deployment.crs)
    rows = []
    for i, label in enumerate(labels):
        was = old[origin[label]]
        rows.append(
            {
                "label": label,
                "code": codes.get(i) or was["code"],
                "name": was["name"] if label in old else _name(was["name"], called),
                "kind": was["kind"],
                "parent_id": was["parent_id"],
                "households": int(now.cells.households[now.community == label].sum()),
                "geometry": shapely.to_wkb(shapes[i]),
                "area_m2": float(square[i]),
            }
        )
    ended = [{"label": label, **old[label], "geometry": None} for label in sorted(set(old) - set(labels))]
    return rows + ended


def grounds(now: Drawing, labels: list[int], old: dict[int, dict[str, Any]]) -> Shapes:
    """The ground of each community: its cells, and what no cell covers of the old communities with the nearest of them."""
    cells = shapely.from_wkb(now.cells.geometry)
    made = np.array([joined(cells[now.community == label]) for label in labels], dtype=object)
    for place, was in old.items():
        if was["geometry"] is None:
            continue
        rest = shapely.get_parts(was["geometry"] - shapely.union_all(cells[now.cells.community == place]))
        rest = rest[shapely.get_type_id(rest) == 3]  # polygons
        takers = [i for i, label in enumerate(labels) if np.any(now.community[now.cells.community == place] == label)]
        for part in rest:
            i = min(takers, key=lambda i: (shapely.distance(made[i], part), i))
            made[i] = shapely.union(made[i], part)
    return made


def _origin(now: Drawing, label: int) -> int:
    """The community before with most of the cells of one."""
    own = now.cells.community[now.community == label]
    if np.any(own == label):
        return label
    places, count = np.unique(own, return_counts=True)
    return int(places[np.argmax(count)])


def _name(name: str, called: set[str]) -> str:
    """A name of its own for what was split off: 青松社区 → 青松第2社区."""
    stem, suffix = name.removesuffix(SUFFIX), SUFFIX if name.endswith(SUFFIX) else ""
    number = 2
    while (made := f"{stem}第{number}{suffix}") in called:
        number += 1
    called.add(made)
    return made


def _end(con: Connection, places: list[int], day: date) -> None:
    """The versions of some places end that day; what was to come later is no more."""
    own = "plan_id IS NULL AND list_contains($places::INTEGER[], place_id)"
    con.execute(f"DELETE FROM place_version WHERE {own} AND effective_from >= $day", {"places": places, "day": day})
    con.execute(
        f"UPDATE place_version SET effective_to = $day WHERE {own} AND effective_to > $day",
        {"places": places, "day": day},
    )


def rehang(con: Connection, rows: list[dict[str, Any]], place_of: dict[int, int], old: list[int], day: date) -> None:
    """Estates, buildings and facilities of the communities before, under the one their ground lies in from the day on."""
    ground = [row for row in rows if row["geometry"] is not None]
    tree = shapely.STRtree(shapely.from_wkb([row["geometry"] for row in ground]))
    held = con.execute(
        """SELECT v.place_id, v.effective_from, v.plan_id, ST_AsWKB(ST_PointOnSurface(v.geometry))::BLOB FROM place_version v
           WHERE v.plan_id IS NULL AND v.effective_to > $2 AND v.geometry IS NOT NULL
               AND list_contains($1::INTEGER[], v.parent_id)""",
        [old, day],
    ).fetchall()
    if held:
        at = _nearest(tree, [row[3] for row in held])
        adopt(
            con,
            "community",
            [
                {
                    "place_id": row[0],
                    "effective_from": row[1],
                    "plan_id": row[2],
                    "parent_code": ground[i]["code"],
                    "day": day,
                }
                for row, i in zip(held, at, strict=True)
            ],
        )
    things = con.execute(
        """SELECT facility_id, ST_AsWKB(ST_Centroid(geometry))::BLOB FROM facility
           WHERE list_contains($1::INTEGER[], place_id) AND effective_to > $2 AND effective_from < $2 AND geometry IS NOT NULL""",
        [old, day],
    ).fetchall()
    if things:
        homes = [place_of[ground[i]["label"]] for i in _nearest(tree, [row[1] for row in things])]
        _move_facilities(con, dict(zip([row[0] for row in things], homes, strict=True)), day)


def _nearest(tree: shapely.STRtree, points: list[bytes]) -> list[int]:
    _, at = tree.query_nearest(shapely.from_wkb([bytes(point) for point in points]), all_matches=False)
    return [int(i) for i in at]


def _move_facilities(con: Connection, homes: dict[int, int], day: date) -> None:
    con.register("facility_homes", pa.table({"facility_id": list(homes), "home": list(homes.values())}))
    spanning = """f.facility_id = h.facility_id AND f.effective_from < $day AND $day < f.effective_to AND f.place_id <> h.home"""
    con.execute(
        f"""INSERT INTO facility SELECT f.* REPLACE (h.home AS place_id, $day AS effective_from)
            FROM facility f JOIN facility_homes h ON {spanning}""",
        {"day": day},
    )
    con.execute(f"UPDATE facility f SET effective_to = $day FROM facility_homes h WHERE {spanning}", {"day": day})
    con.unregister("facility_homes")


def flag_cases(con: Connection, communities: list[int], day: date) -> None:
    """Mark the cases that are located only to these communities, as of the day before."""
    for table in ("case_hot", "case_archive"):
        con.execute(
            f"""UPDATE {table} c SET flags = c.flags | {int(Quality.REDRAWN_PLACE)} FROM case_place l JOIN atlas a USING (atlas_id)
                WHERE l.case_id = c.case_id AND l.grid_id IS NULL AND list_contains($1::INTEGER[], l.community_id)
                    AND a.current AND a.effective_from < $2 AND $2 <= a.effective_to
                    AND l.located = 'community'""",
            [communities, day],
        )
