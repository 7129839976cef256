"""The day an approved draft becomes the plan in force.

The first moment of that day (and at start, for the nights nobody was running) the writer writes the plan: grids and micro-grids the
draft left alone keep place, code and geometry; what it made gets codes from west to east, row by row from the north; codes it has
no place for are retired (作废) and never given again. Communities that were split or merged change with it (`data/communities.py`),
and what belonged to a place that is given up passes to its successor (`data/successors.py`). The plan before ends that day, so
figures of earlier periods stay on it.
Going back to an older plan is another draft and another plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data import audit
from data.actors import PROGRAM
from data.atlas import chart
from data.codes import new_codes
from data.communities import put_communities
from data.database import Connection
from data.drafts import APPROVED, EFFECTIVE, Drawing, drawing
from data.levels import END
from data.nesting import area, joined
from data.place_names import latest_names
from data.plans import Plan, begin, retire_codes
from data.successors import heirs, pass_on

if TYPE_CHECKING:
    from data.store import Store

LABEL = "plan in force"  # of the writer's chore: whoever locates cases anew listens for it

VERSIONS: pa.Schema = pa.schema(
    [
        ("level", pa.string()),
        ("label", pa.int32()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("parent_label", pa.int32()),  # of a micro-grid: its grid; of a grid: its community's place id
        ("households", pa.int32()),
        ("geometry", pa.binary()),
        ("area_m2", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Made:
    """A grid or micro-grid of the new plan. kept: it is a place already, and stays it."""

    level: str
    label: int
    kept: bool
    parent: int
    cells: NDArray[np.int64]


def enact(store: Store, con: Connection) -> int:
    """Bring the approved drafts whose day has come into force; how many. On the writer's thread, in its transaction."""
    today = store.now().astimezone(store.zone).date()
    due = con.execute(
        """SELECT draft_id, name, effective_from FROM draft WHERE state = $1 AND effective_from <= $2
           ORDER BY effective_from, draft_id""",
        [APPROVED, today],
    ).fetchall()
    for draft_id, name, day in due:
        plan_id = put_plan(store, con, drawing(store, draft_id), name, day)
        con.execute("UPDATE draft SET state = $2, plan_id = $3 WHERE draft_id = $1", [draft_id, EFFECTIVE, plan_id])
        con.execute(
            "INSERT INTO draft_step VALUES ($1, $2, 'effective', $3, 'program', NULL)",
            [draft_id, store.now(), PROGRAM.label],
        )
        said = {"draft": draft_id, "step": "effective", "plan": plan_id}
        audit.put(con, store.now(), audit.Entry("draft", PROGRAM, detail=said))
    return len(due)


def put_plan(store: Store, con: Connection, now: Drawing, name: str, day: date) -> int:
    """Write the plan a drawing shows, in force from `day`; its id."""
    community_of = put_communities(store, con, now, day)
    rows = versions(store, con, now, community_of)
    plan_id = begin(con, Plan(0, name, "active", day, END))
    con.register("made_versions", pa.Table.from_pylist(rows, schema=VERSIONS))
    con.execute(
        """INSERT INTO place SELECT nextval('place_ids'), level, code, false FROM made_versions
           WHERE (level, code) NOT IN (SELECT (level, code) FROM place)"""
    )
    con.execute(_PUT, {"plan": plan_id, "day": day, "end": END})
    made = con.execute(
        "SELECT m.level, label, place_id FROM made_versions m JOIN place p USING (level, code)"
    ).fetchall()
    con.unregister("made_versions")
    place_of = {(level, label): place for level, label, place in made}
    place_of |= {("community", label): place for label, place in community_of.items()}
    pass_on(con, now.draft_id, heirs(now), place_of, day)
    for level in ("grid", "micro_grid"):
        retire_codes(con, plan_id, level)
    chart(con)
    return plan_id


_PUT = """WITH made AS (SELECT m.*, p.place_id FROM made_versions m JOIN place p USING (level, code))
    INSERT INTO place_version SELECT m.place_id, $plan, $day, $end,
        CASE WHEN m.level = 'grid' THEN m.parent_label ELSE g.place_id END, m.name, NULL, m.kind, NULL, m.households, NULL,
        ST_GeomFromWKB(m.geometry), m.area_m2, NULL
    FROM made m LEFT JOIN made g ON m.level = 'micro_grid' AND g.level = 'grid' AND g.label = m.parent_label"""


def versions(store: Store, con: Connection, now: Drawing, community_of: dict[int, int]) -> list[dict[str, Any]]:
    """What the new plan says of each grid and micro-grid: columns of VERSIONS. community_of: label → place id."""
    old = {
        row[0]: row[1:]
        for row in con.execute(
            """SELECT v.place_id, p.code, v.name, v.kind, ST_AsWKB(v.geometry)::BLOB, p.retired FROM place_version v
               JOIN place p USING (place_id) WHERE v.plan_id = $1""",
            [now.cells.plan_id],
        ).fetchall()
    }
    taken = [row[0] for row in con.execute("SELECT code FROM place").fetchall()]
    community = dict(con.execute("SELECT place_id, code FROM place WHERE level = 'community'").fetchall())
    grids = made_grids(now, {label for label, one in old.items() if one[4]}, community_of)
    found = _said(store, now, grids, old, community, taken)
    code_of = {row["label"]: row["code"] for row in found}
    micro = made_micro_grids(now, {one.label: one for one in grids}, {label for label, one in old.items() if one[4]})
    found += _said(store, now, micro, old, code_of, [*taken, *code_of.values()])
    return found


def made_grids(now: Drawing, retired: set[int], community_of: dict[int, int]) -> list[Made]:
    """The grids of a drawing. A label of the plan before stays its place, unless its code was retired meanwhile."""
    found = []
    for label, cells in members(now.grid).items():
        owners, count = np.unique(now.community[cells], return_counts=True)
        kept = label in now.cells.labels and label not in retired
        found.append(Made("grid", label, kept, community_of[int(owners[np.argmax(count)])], cells))
    return found


def made_micro_grids(now: Drawing, grids: dict[int, Made], retired: set[int]) -> list[Made]:
    """The micro-grids of a drawing. One that went to another grid is another place: its code began with the old grid's."""
    was = dict(zip(now.cells.micro.tolist(), now.cells.grid.tolist(), strict=True))
    found = []
    for label, cells in members(now.micro).items():
        if label == 0:
            continue
        grid = int(now.grid[cells[0]])
        kept = was.get(label) == grid and grids[grid].kept and label not in retired
        found.append(Made("micro_grid", label, kept, grid, cells))
    return found


def members(labels: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Label → its cells."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return {int(labels[part[0]]): part for part in np.split(order, cuts)}


def _said(
    store: Store,
    now: Drawing,
    made: list[Made],
    old: dict[int, Any],
    parents: dict[int, str],
    taken: list[str],
) -> list[dict[str, Any]]:
    """Codes, names and shapes of the grids, or of the micro-grids."""
    shapes = np.array([_shape(now, one, old) for one in made], dtype=object)
    fresh = [i for i, one in enumerate(made) if not one.kept]
    codes = {i: old[one.label][0] for i, one in enumerate(made) if one.kept}
    if fresh:
        given = new_codes(made[0].level, [parents.get(made[i].parent) for i in fresh], shapes[fresh], taken)
        codes |= dict(zip(fresh, given, strict=True))
    square = area(shapes, store.deployment.crs)
    names = _names(store, made, codes, old)
    return [
        {
            "level": one.level,
            "label": one.label,
            "code": codes[i],
            "name": names[i],
            "kind": old[one.label][2] if one.label in old else None,
            "parent_label": one.parent,
            "households": int(now.cells.households[one.cells].sum()),
            "geometry": shapely.to_wkb(shapes[i]),
            "area_m2": float(square[i]),
        }
        for i, one in enumerate(made)
    ]


def _shape(now: Drawing, one: Made, old: dict[int, Any]) -> Any:
    """The ground of its cells; as it was where no cell came or went."""
    before = now.cells.grid if one.level == "grid" else now.cells.micro
    same = one.label in old and np.array_equal(np.flatnonzero(before == one.label), np.sort(one.cells))
    return shapely.from_wkb(old[one.label][3]) if same else joined(shapely.from_wkb(now.cells.geometry[one.cells]))


def _names(store: Store, made: list[Made], codes: dict[int, str], old: dict[int, Any]) -> list[str]:
    """Names: kept ones stay; a new one is called after its community and the number at the end of its code."""
    called = latest_names(store, {one.parent for one in made if one.level == "grid"})
    found = []
    for i, one in enumerate(made):
        if one.kept:
            found.append(str(old[one.label][1]))
        elif one.level == "grid":
            stem = called.get(one.parent, "").removesuffix("社区")
            found.append(f"{stem}第{int(codes[i][-3:])}网格" if codes[i][-3:].isdigit() else codes[i])
        else:
            found.append(codes[i])
    return found
