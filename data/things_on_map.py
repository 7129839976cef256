"""What stands at a point besides cases: facilities, posts, repeat points in a piece of the map, as of a day or an instant.

Every query counts what is in view and lists the first MOST of it; who draws it says when there is more.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from data.on_map import Wanted, Window, where_in_view
from data.store import Store

MOST = 1500
CELL = 50 / 2**0.5  # metres: cases of one repeat point lie within 50 m (data/repeats.py)

_BOX = "BETWEEN $west AND $east AND {y} BETWEEN $south AND $north"


def _box(window: Window) -> dict[str, float]:
    return {"west": window.west, "south": window.south, "east": window.east, "north": window.north}


def facilities_in_view(store: Store, window: Window, day: date) -> list[dict[str, Any]]:
    """lon, lat, kind, code, name, of (the place's name), total (how many there are in view)."""
    return store.rows(
        f"""WITH here AS (
                SELECT code, name, kind, place_id, ST_Centroid(geometry) AS point FROM facility
                WHERE effective_from <= $day AND $day < effective_to AND geometry IS NOT NULL)
            SELECT ST_X(point) AS lon, ST_Y(point) AS lat, kind, code, here.name, of.name AS of, count(*) OVER () AS total
            FROM here LEFT JOIN (SELECT place_id, name FROM place_version WHERE effective_from <= $day AND $day < effective_to) of
                USING (place_id)
            WHERE ST_X(point) {_BOX.format(y="ST_Y(point)")} ORDER BY code LIMIT {MOST}""",
        {"day": day, **_box(window)},
    )


def posts_in_view(store: Store, window: Window, day: date) -> list[dict[str, Any]]:
    """One row a place that has posts: lon, lat (a point on the place), code, name, kinds, required, actual, on_duty (lists in
    one order; counts, never names), total."""
    return store.rows(
        f"""WITH staffed AS (
                SELECT place_id, list(kind ORDER BY kind) AS kinds, list(required ORDER BY kind) AS required,
                    list(actual ORDER BY kind) AS actual, list(on_duty ORDER BY kind) AS on_duty
                FROM post WHERE effective_from <= $day AND $day < effective_to GROUP BY place_id),
            here AS (
                SELECT s.*, p.code, v.name, ST_PointOnSurface(v.geometry) AS point
                FROM staffed s JOIN place p USING (place_id) JOIN place_version v USING (place_id)
                WHERE v.effective_from <= $day AND $day < v.effective_to AND v.geometry IS NOT NULL
                    AND (v.plan_id IS NULL OR v.plan_id = (SELECT max(plan_id) FROM grid_plan
                         WHERE status <> 'draft' AND effective_from <= $day AND $day < effective_to)))
            SELECT ST_X(point) AS lon, ST_Y(point) AS lat, code, name, kinds, required, actual, on_duty, count(*) OVER () AS total
            FROM here WHERE ST_X(point) {_BOX.format(y="ST_Y(point)")} ORDER BY code LIMIT {MOST}""",
        {"day": day, **_box(window)},
    )


def repeat_points_in_view(store: Store, wanted: Wanted, window: Window) -> list[dict[str, Any]]:
    """Cases of the choice that stand at repeat points, put together by category in cells of a repeat point's width: lon, lat
    (their middle), category, n, first, last (times of report), total."""
    where, params = where_in_view(wanted, window)
    return store.rows(
        f"""SELECT avg(c.lon) AS lon, avg(c.lat) AS lat, k.name AS category, count(*) AS n, min(c.reported_at) AS first,
                max(c.reported_at) AS last, count(*) OVER () AS total
            FROM cases c JOIN repeat_point r USING (case_id) LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
            WHERE {where} AND r.since < $as_of AND c.x IS NOT NULL
            GROUP BY k.name, floor(c.x / {CELL}), floor(c.y / {CELL}) HAVING count(*) >= 3 ORDER BY n DESC, lon LIMIT {MOST}""",
        params,
    )
