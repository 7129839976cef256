"""Everything known about one place: what it lies in and holds, who looks after it, and what its code has been.

Counts of posts and facilities are summed over everything inside. Estates stand beside the grids in the tree, so those of a
grid are found by their ground: an estate belongs to it with at least a twentieth of its area.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.errors import NotFound
from data.figure_places import Places, ground
from data.levels import BEGINNING, END, LEVELS, PLANNED
from data.on_map import place_by_code

if TYPE_CHECKING:
    from data.store import Store

MOST_ESTATES = 300
SHARE = 0.05  # of an estate's area that lies in a grid, to be called one of the grid's


@dataclass(frozen=True)
class Named:
    """A place by its code, name and level."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class Profile:
    """A place on a day. in_force: whether it is in that day's plan; else everything is as it stood when it last was."""

    place_id: int
    level: str
    code: str
    name: str
    in_force: bool
    retired: bool
    kind: str | None
    old: bool | None
    households: float | None
    area_m2: float | None
    company: str | None
    chain: tuple[Named, ...]  # from the district down to the place itself
    holds: dict[str, int]  # how many places of each level lie inside
    estates: list[dict[str, Any]]  # code, name, kind, old, households, company; at most MOST_ESTATES
    estates_n: int
    companies: list[dict[str, Any]]  # name, estates, households
    posts: list[dict[str, Any]]  # kind, required, actual, on_duty
    facilities: list[dict[str, Any]]  # kind, n
    history: list[dict[str, Any]]  # plan, status, name, parent, households, effective_from, effective_to; null: open


def profile(store: Store, code: str, day: date) -> Profile:
    """The place with this code on a day ('' is the district). Raises NotFound."""
    found = place_by_code(store, code or store.deployment.code)
    if found is None:
        raise NotFound("there is no such place.", where=code)
    place, level = int(found["place_id"]), str(found["level"])
    history = _history(store, place)
    last = _last_day(history, day)
    tree = ground(store, "period_end", last).places
    if place not in tree.row_of:
        raise NotFound("there is no such place in that plan.", where=code)
    ids = tree.inside(place)
    inside = pa.table({"place_id": ids})
    own = store.rows(_OWN, {"id": place, "day": last})[0]
    households = tree.households_of(tree.ids[[tree.row_of[place]]])[0]
    estates = _estates(store, level, place, last, inside)
    return Profile(
        place_id=place,
        level=level,
        code=code or store.deployment.code,
        name=own["name"],
        in_force=last == day,
        retired=bool(own["retired"]),
        kind=own["kind"],
        old=own["old"],
        households=None if isnan(households) else float(households),
        area_m2=own["area_m2"],
        company=own["company"],
        chain=_chain(tree, place),
        holds=_holds(tree, ids, place),
        estates=estates[:MOST_ESTATES],
        estates_n=len(estates),
        companies=_companies(estates),
        posts=store.rows(_POSTS, {"day": last}, inside=inside),
        facilities=store.rows(_FACILITIES, {"day": last}, inside=inside),
        history=history,
    )


_OWN = """SELECT v.name, v.kind, v.old, v.area_m2, c.name AS company, p.retired
    FROM place_version v JOIN place p USING (place_id) LEFT JOIN company c USING (company_id)
    WHERE place_id = $id AND effective_from <= $day AND $day < effective_to ORDER BY effective_from DESC LIMIT 1"""
_POSTS = """SELECT kind, sum(required)::BIGINT AS required, sum(actual)::BIGINT AS actual, sum(on_duty)::BIGINT AS on_duty
    FROM post SEMI JOIN inside USING (place_id) WHERE effective_from <= $day AND $day < effective_to GROUP BY kind ORDER BY kind"""
_FACILITIES = """SELECT kind, count(*) AS n FROM facility SEMI JOIN inside USING (place_id)
    WHERE effective_from <= $day AND $day < effective_to GROUP BY kind ORDER BY n DESC, kind"""
_ESTATE = """SELECT p.code, v.name, v.kind, v.old, v.households, c.name AS company
    FROM place_version v JOIN place p USING (place_id) LEFT JOIN company c USING (company_id)
    WHERE p.level = 'estate' AND v.effective_from <= $day AND $day < v.effective_to"""


def _estates(store: Store, level: str, place: int, day: date, inside: pa.Table) -> list[dict[str, Any]]:
    if level not in PLANNED:
        if level in ("estate", "building", "block"):
            return []
        return store.rows(f"{_ESTATE} AND place_id IN (SELECT place_id FROM inside) ORDER BY v.households DESC NULLS LAST, p.code",
                          {"day": day}, inside=inside)  # fmt: skip
    return store.rows(
        f"""WITH own AS (SELECT geometry AS ground FROM place_version
                WHERE place_id = $id AND effective_from <= $day AND $day < effective_to AND geometry IS NOT NULL LIMIT 1)
            {_ESTATE} AND EXISTS (FROM own WHERE ST_Intersects(v.geometry, ground)
                AND ST_Area(ST_Intersection(v.geometry, ground)) >= {SHARE} * ST_Area(v.geometry))
            ORDER BY v.households DESC NULLS LAST, p.code""",
        {"id": place, "day": day},
    )


def _companies(estates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who looks after the estates, most estates first; households null where none of theirs is known."""
    names = dict.fromkeys(one["company"] for one in estates if one["company"])
    found = []
    for name in names:
        theirs = [one for one in estates if one["company"] == name]
        known = [one["households"] for one in theirs if one["households"] is not None]
        found.append({"name": name, "estates": len(theirs), "households": sum(known) if known else None})
    return sorted(found, key=lambda one: (-int(one["estates"] or 0), str(one["name"])))


def _chain(tree: Places, place: int) -> tuple[Named, ...]:
    rows: list[int] = []
    at = tree.row_of[place]
    while at >= 0 and len(rows) < len(LEVELS):
        rows.append(at)
        at = int(tree.parent[at])
    return tuple(Named(str(tree.code[row]), str(tree.name[row]), str(tree.level[row])) for row in reversed(rows))


def _holds(tree: Places, inside: NDArray[np.int64], place: int) -> dict[str, int]:
    rows = np.flatnonzero(np.isin(tree.ids, inside) & (tree.ids != place))
    found, n = np.unique(tree.level[rows].astype(str), return_counts=True)
    counts = dict(zip(found.tolist(), n.tolist(), strict=True))
    return {level: int(counts[level]) for level in LEVELS if level in counts}


def _history(store: Store, place: int) -> list[dict[str, Any]]:
    """The versions of a place, newest first; drafts too."""
    rows = store.rows(
        """SELECT g.name AS plan, g.status, v.name, (
                SELECT arg_max(u.name, u.effective_from) FROM place_version u WHERE u.place_id = v.parent_id) AS parent,
               v.kind, v.households, v.effective_from, v.effective_to
           FROM place_version v LEFT JOIN grid_plan g USING (plan_id)
           WHERE v.place_id = $id ORDER BY v.effective_from DESC, g.plan_id DESC""",
        {"id": place},
    )
    for row in rows:
        row["effective_from"] = None if row["effective_from"] == BEGINNING else row["effective_from"]
        row["effective_to"] = None if row["effective_to"] == END else row["effective_to"]
    return rows


def _last_day(history: list[dict[str, Any]], day: date) -> date:
    """The day asked for, or the last before it, or the first after, on which the place was in force."""
    real = [row for row in history if row["status"] != "draft"] or history
    spans = [(row["effective_from"] or BEGINNING, row["effective_to"] or END) for row in real]
    if not spans or any(start <= day < end for start, end in spans):
        return day
    before = [end - timedelta(days=1) for _, end in spans if end <= day]
    return max(before) if before else min(start for start, _ in spans)


def whereabouts(store: Store, case_id: int) -> tuple[str, tuple[Named, ...]]:
    """How precisely a case is located, and what it lies in, from the district down; in the plan of the day of its report."""
    rows = store.rows(
        """SELECT p.*, c.reported_at FROM cases c JOIN case_place p USING (case_id) JOIN atlas a USING (atlas_id)
           WHERE case_id = $id AND a.current AND a.effective_from <= timezone($zone, c.reported_at)::DATE
               AND timezone($zone, c.reported_at)::DATE < a.effective_to""",
        {"id": case_id, "zone": store.deployment.zone},
    )
    if not rows:
        return "none", ()
    row = rows[0]
    tree = ground(store, "period_end", row["reported_at"].astimezone(store.zone).date()).places
    ids = [row[f"{level}_id"] for level in LEVELS if level != "district"]
    at = [tree.row_of[int(place)] for place in ids if place is not None and int(place) in tree.row_of]
    district = [int(i) for i in (tree.level == "district").nonzero()[0]]
    return str(row["located"]), tuple(
        Named(str(tree.code[i]), str(tree.name[i]), str(tree.level[i])) for i in [*district, *at]
    )
