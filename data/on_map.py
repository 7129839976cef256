"""What the map page asks the store besides figures: which cases lie in view, which filters there are, how new it all is.

A million points never leave the store: beyond `MOST_POINTS` in view the answer is counts in a lattice of 64 × 64 cells a
map tile (Web Mercator), made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from data.periods import Period
from data.quality import NO_POINT
from data.settled import settled
from data.store import Store

MOST_POINTS = 2000
LATTICE = 64  # cells along a tile's side
FIELDS = {
    "track": "c.track",
    "channel": "c.channel",
    "category": "k.name",
    "unit": "u.name",
}


@dataclass(frozen=True)
class Window:
    """A piece of the map: degrees, and the zoom its pixels are meant at."""

    west: float
    south: float
    east: float
    north: float
    zoom: int


@dataclass(frozen=True)
class Wanted:
    """Which cases: reported in the period, of a kind, with these values; their state at `as_of`."""

    period: Period
    as_of: datetime
    kind: str = "event"
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()


def newest_import(store: Store) -> datetime | None:
    """When data last came in: by an import, into a simulation that lives on, or as a case that is led here opened or moved."""
    found = store.rows(
        """SELECT greatest((SELECT max(finished_at) FROM import WHERE status = 'done'),
               (SELECT max(arrived_until) FROM simulation),
               (SELECT max(since) FROM case_hot WHERE import_id IS NULL AND since <= $now)) AS newest""",
        {"now": store.now()},
    )
    return found[0]["newest"] if found else None


def newest_report(store: Store, kind: str = "event") -> datetime | None:
    """The time of the newest report: where a first visit looks."""
    found = store.rows(
        "SELECT max(reported_at) AS newest FROM cases WHERE kind = ? AND reported_at <= ?", [kind, store.now()]
    )
    return found[0]["newest"] if found else None


def oldest_report(store: Store, kind: str = "event") -> datetime | None:
    """The time of the oldest report: what lies before it was not counted by anybody."""
    return store.rows("SELECT min(reported_at) AS oldest FROM cases WHERE kind = ?", [kind])[0]["oldest"]  # type: ignore[no-any-return]


def filter_values(store: Store, most: int = 400) -> dict[str, list[str]]:
    """What there is to filter by: field → its values, the most frequent first."""
    found: dict[str, list[str]] = {}
    for name, column in FIELDS.items():
        rows = store.rows(
            f"""SELECT {column} AS value FROM cases c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
                WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {most}"""
        )
        found[name] = [row["value"] for row in rows]
    return found


def levels_with_places(store: Store) -> dict[str, int]:
    """The levels that have places with a shape today → how many."""
    sql = """SELECT p.level, count(DISTINCT p.place_id) AS n FROM place p JOIN place_version v USING (place_id)
        WHERE v.geometry IS NOT NULL GROUP BY 1"""
    return settled(store, "levels", lambda: {row["level"]: row["n"] for row in store.rows(sql)})


def base_map_mark(store: Store) -> tuple[int, int]:
    """Two numbers that change whenever the base map does: its ids are never used twice."""
    sql = "SELECT count(*) AS n, coalesce(max(feature_id), 0) AS last FROM base_feature"
    row = settled(store, "base map", lambda: store.rows(sql)[0])
    return int(row["n"]), int(row["last"])


def where_in_view(wanted: Wanted, window: Window) -> tuple[str, dict[str, Any]]:
    """The condition of the cases wanted in a window, and its parameters; c, k, u: case, category, unit."""
    params: dict[str, Any] = {
        "kind": wanted.kind,
        "start": wanted.period.start,
        "end": wanted.period.end,
        "as_of": wanted.as_of,
        "west": window.west,
        "south": window.south,
        "east": window.east,
        "north": window.north,
    }
    parts = [
        f"c.flags & {NO_POINT} = 0",
        "c.kind = $kind",
        "NOT c.voided",
        "NOT c.excluded",
        "c.reported_at >= $start",
        "c.reported_at < least($end, $as_of)",
        "c.lon BETWEEN $west AND $east",
        "c.lat BETWEEN $south AND $north",
    ]
    for name, values in wanted.filters:
        parts.append(f"list_contains(${name}, {FIELDS[name]})")
        params[name] = list(values)
    return " AND ".join(parts), params


_FROM = "FROM cases c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)"


def count_in_view(store: Store, wanted: Wanted, window: Window) -> int:
    """How many cases with a point lie in the window."""
    where, params = where_in_view(wanted, window)
    return int(store.rows(f"SELECT count(*) AS n {_FROM} WHERE {where}", params)[0]["n"])


def points_in_view(store: Store, wanted: Wanted, window: Window) -> pa.Table:
    """lon, lat, external_id, category, reported_at, state (on_time late closed open overdue) of each case in the window."""
    where, params = where_in_view(wanted, window)
    return store.arrow(
        f"""SELECT c.lon, c.lat, c.external_id, k.name AS category, c.reported_at,
                CASE WHEN c.on_time_source = 'flag' AND c.on_time IS NOT NULL THEN CASE WHEN c.on_time THEN 'on_time' ELSE 'late' END
                     WHEN c.stage = 'closed' AND coalesce(c.closed_at, c.reported_at) <= $as_of THEN
                         CASE WHEN c.due_at IS NULL OR c.closed_at IS NULL THEN 'closed'
                              WHEN c.closed_at <= c.due_at THEN 'on_time' ELSE 'late' END
                     WHEN c.due_at <= $as_of AND NOT c.suspended THEN 'overdue' ELSE 'open' END AS state
            {_FROM} WHERE {where} ORDER BY c.case_id LIMIT {MOST_POINTS}""",
        params,
    )


def lattice_in_view(store: Store, wanted: Wanted, window: Window) -> pa.Table:
    """column, line, n: counts in cells of the world's lattice at the window's zoom."""
    where, params = where_in_view(wanted, window)
    cells = float(2**window.zoom * LATTICE)
    return store.arrow(
        f"""SELECT floor((c.lon + 180) / 360 * {cells})::BIGINT AS "column",
                floor((0.5 - ln(tan(pi() / 4 + radians(c.lat) / 2)) / (2 * pi())) * {cells})::BIGINT AS line, count(*) AS n
            {_FROM} WHERE {where} AND abs(c.lat) < 85 GROUP BY 1, 2 ORDER BY n""",
        params,
    )


def place_by_code(store: Store, code: str) -> dict[str, Any] | None:
    """place_id, level and newest name of the place with this code; the highest level where several have it."""
    rows = store.rows(
        """SELECT p.place_id, p.level, arg_max(v.name, v.effective_from) AS name
           FROM place p JOIN place_version v USING (place_id) WHERE p.code = ? GROUP BY ALL ORDER BY p.place_id LIMIT 1""",
        [code],
    )
    return rows[0] if rows else None


def past_imports(store: Store, most: int = 200) -> list[dict[str, Any]]:
    """The newest imports first, with their counts."""
    return store.rows(
        f"""SELECT import_id, kind, file, started_at, finished_at, status, rows_read, new, updated, unchanged,
                exact_duplicates, quarantined FROM import ORDER BY import_id DESC LIMIT {most}"""
    )
