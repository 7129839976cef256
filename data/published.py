"""What other programs may read as maps: places of every level, plans, facilities and events, as sources of features.

A source says in SQL where its features come from. Two whole numbers, `a` and `b`, name a feature and order its source, so that
a page begins behind the last feature of the one before (keyset): pages neither skip nor repeat what changes meanwhile, and
the thousandth costs what the first did. Places and facilities have versions; `b` is the day a version began, as 20260701,
or 0 from the beginning. Without a moment asked, places and facilities are those in force today.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from data.levels import LEVELS, PLANNED
from data.quality import NO_POINT
from data.sights import ATLAS_NOW

Times = Literal["days", "instants"]

_DAY = """CASE WHEN {0}.effective_from = DATE '0001-01-01' THEN 0
    ELSE year({0}.effective_from) * 10000 + month({0}.effective_from) * 100 + day({0}.effective_from) END"""
_DATES = {
    "effective_from": "CASE WHEN {0}.effective_from > DATE '0001-01-01' THEN {0}.effective_from END",
    "effective_to": "CASE WHEN {0}.effective_to < DATE '9999-12-31' THEN {0}.effective_to END",
}
_HELD = "{0}.effective_from <= $until AND $since < {0}.effective_to"


@dataclass(frozen=True)
class Source:
    """Features in SQL. a, b: their key; geometry: EPSG:4326; columns: property → expression; texts, numbers: the
    properties one may ask to be equal; times: what a moment is compared with, by `during`; always: in force today unless
    a moment is asked; points: single places of cases."""

    origin: str
    a: str
    b: str
    geometry: str
    columns: dict[str, str]
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    during: str = "true"
    times: Times = "days"
    today: bool = False
    where: str = "true"
    joined: str = ""  # for the rows of a page only
    later: dict[str, str] = field(default_factory=dict)  # columns of `joined`
    kind: str = "Geometry"


def _dates(table: str) -> dict[str, str]:
    return {name: text.format(table) for name, text in _DATES.items()}


def _places(level: str) -> Source:
    planned = level in PLANNED
    return Source(
        origin="place_version v JOIN place p USING (place_id)",
        a="v.place_id", b=_DAY.format("v"), geometry="v.geometry",
        columns={
            "code": "p.code", "name": "v.name", "kind": "v.kind", "households": "v.households",
            "area_m2": "round(v.area_m2, 1)", "parent_id": "v.parent_id", **_dates("v"),
        },
        texts=("code", "name", "kind"), numbers=("households",), during=_HELD.format("v"), today=True,
        where=f"p.level = '{level}'" + (" AND v.plan_id IN (FROM lasting)" if planned else ""),
        joined="LEFT JOIN place above ON above.place_id = page.parent_id", later={"parent": "above.code"},
        kind="Polygon",
    )  # fmt: skip


def _drawn() -> Source:
    return Source(
        origin="place_version v JOIN place p USING (place_id) JOIN grid_plan g USING (plan_id)",
        a="v.place_id", b=_DAY.format("v"), geometry="v.geometry",
        columns={
            "plan_id": "v.plan_id", "plan": "g.name", "status": "g.status", "level": "p.level", "code": "p.code",
            "name": "v.name", "kind": "v.kind", "households": "v.households", "area_m2": "round(v.area_m2, 1)",
            "parent_id": "v.parent_id", **_dates("v"),
        },
        texts=("plan", "status", "level", "code", "name", "kind"), numbers=("plan_id", "households"),
        during=_HELD.format("v"), where="g.status <> 'draft'",
        joined="LEFT JOIN place above ON above.place_id = page.parent_id", later={"parent": "above.code"},
        kind="Polygon",
    )  # fmt: skip


# The outline of a plan is that of the streets (else of the district) on its first day.
_OUTLINE = """(SELECT ST_Union_Agg(v.geometry) FROM place_version v JOIN place p USING (place_id)
    WHERE p.level = (SELECT coalesce(min(level) FILTER (level = 'street'), 'district') FROM place) AND v.geometry IS NOT NULL
        AND v.effective_from <= g.effective_from AND g.effective_from < v.effective_to)"""


def _counted(level: str) -> str:
    return f"""(SELECT count(DISTINCT v.place_id) FROM place_version v JOIN place p USING (place_id)
        WHERE v.plan_id = g.plan_id AND p.level = '{level}')"""


def _plans() -> Source:
    return Source(
        origin="grid_plan g", a="g.plan_id", b="0", geometry=_OUTLINE,
        columns={
            "plan_id": "g.plan_id", "name": "g.name", "status": "g.status", "grids": _counted("grid"),
            "micro_grids": _counted("micro_grid"), **_dates("g"),
        },
        texts=("name", "status"), numbers=("plan_id",), during=_HELD.format("g"), where="g.status <> 'draft'",
        kind="MultiPolygon",
    )  # fmt: skip


def _facilities() -> Source:
    return Source(
        origin="facility f", a="f.facility_id", b=_DAY.format("f"), geometry="f.geometry",
        columns={"code": "f.code", "name": "f.name", "kind": "f.kind", "place_id": "f.place_id", **_dates("f")},
        texts=("code", "name", "kind"), during=_HELD.format("f"), today=True,
        joined="LEFT JOIN place above ON above.place_id = page.place_id", later={"place": "above.code"}, kind="Point",
    )  # fmt: skip


_COUNTED_EVENTS = "c.kind = 'event' AND NOT c.voided AND NOT c.excluded AND c.reported_at <= $now"
_REPORTED = "c.reported_at >= $since AND c.reported_at <= $until"


def _events() -> Source:
    return Source(
        origin="cases c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)",
        a="c.case_id", b="0",
        geometry=f"CASE WHEN c.flags & {NO_POINT} = 0 AND c.lon IS NOT NULL THEN ST_Point(c.lon, c.lat) END",
        columns={
            "number": "c.external_id", "category_code": "k.code", "category": "k.name", "channel": "c.channel",
            "track": "c.track", "stage": "c.stage", "unit": "u.name", "reported_at": "c.reported_at",
            "registered_at": "c.registered_at", "due_at": "c.due_at", "closed_at": "c.closed_at",
        },
        texts=("number", "category_code", "category", "channel", "track", "stage", "unit"),
        during=_REPORTED, times="instants", where=_COUNTED_EVENTS,
        joined=f"""LEFT JOIN case_place l ON l.case_id = page.a AND l.atlas_id = ({ATLAS_NOW})
            LEFT JOIN place grid ON grid.place_id = l.grid_id""",
        later={"located": "coalesce(l.located, 'none')", "grid": "grid.code"}, kind="Point",
    )  # fmt: skip


# One row a grid of the latest plan, and one (a = 0) for what is located in no grid, so that the rows add up to all.
_BY_GRID = f"""(
    WITH here AS (SELECT plan_id, effective_from AS day FROM atlas WHERE atlas_id = ({ATLAS_NOW})),
        counts AS (
            SELECT coalesce(l.grid_id, 0) AS place_id, count(*) AS reported,
                count(*) FILTER (c.stage = 'closed') AS closed,
                count(*) FILTER (c.stage <> 'closed' AND NOT c.suspended AND c.due_at <= $now) AS overdue
            FROM cases c LEFT JOIN case_place l ON l.case_id = c.case_id AND l.atlas_id = ({ATLAS_NOW})
            WHERE {_COUNTED_EVENTS} AND {_REPORTED} GROUP BY 1),
        grids AS (
            SELECT v.place_id, p.code, v.name, v.geometry FROM place_version v JOIN place p USING (place_id), here
            WHERE p.level = 'grid' AND v.plan_id = here.plan_id AND v.effective_from <= day AND day < v.effective_to
            UNION ALL SELECT 0, NULL, NULL, NULL WHERE EXISTS (FROM counts WHERE place_id = 0))
    SELECT grids.*, coalesce(reported, 0) AS reported, coalesce(closed, 0) AS closed, coalesce(overdue, 0) AS overdue
    FROM grids LEFT JOIN counts USING (place_id)) e"""


def _events_by_grid() -> Source:
    return Source(
        origin=_BY_GRID, a="e.place_id", b="0", geometry="e.geometry",
        columns={name: f"e.{name}" for name in ("code", "name", "reported", "closed", "overdue")},
        texts=("code", "name"), numbers=("reported", "closed", "overdue"), times="instants", kind="Polygon",
    )  # fmt: skip


LASTING = "WITH lasting AS (SELECT plan_id FROM grid_plan WHERE status <> 'draft')"
EVENTS, EVENTS_BY_GRID = "events", "events_by_grid"
SOURCES: dict[str, Source] = {
    **{"communities" if level == "community" else f"{level}s": _places(level) for level in LEVELS},
    "plans": _plans(),
    "plan_grids": _drawn(),
    "facilities": _facilities(),
    EVENTS: _events(),
    EVENTS_BY_GRID: _events_by_grid(),
}
