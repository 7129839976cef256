"""What is coming (未诉先办), in the store: the counts a forecast is made from, what was made of them last night, each grid's share.

    series_of(store, at)             counts by day of every community and category, for `forecast_of` to work on, in any process
    forecast_of(series)                     the forecast as a table
    keep_forecast(store, table, series)       put it in place of the one before
    coming(store, ...)               what is expected, of communities or of the grids of one

A grid has its share of its community's recent tickets of the category. If the community's number is negative binomial, and each ticket
falls into a grid with that share, the grid's is negative binomial with the same dispersion: so its interval is exact, not a share of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from data.database import Connection
from data.forecasting import HORIZONS, INTERVAL, Expected, History, Numbers, foretell, quantiles
from data.working_days import working_calendar

if TYPE_CHECKING:
    from data.store import Store

DAYS = 3 * 366  # of history
SHORTEST = 56  # days of history without which nothing is foretold
SHARES = 91  # days whose tickets say how a community's are shared among its grids
SUMS = ("community", "category", "all")
TABLE = pa.schema(
    {
        "community_id": pa.int32(), "category_id": pa.int32(), "horizon": pa.int16(), "expected": pa.float64(), "low": pa.float64(),
        "high": pa.float64(), "dispersion": pa.float64(), "came": pa.int32(), "awaited": pa.float64(), "chance": pa.float64(),
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Series:
    """Counts of communities and categories by day. first: the first day that is foretold."""

    history: History
    community: Numbers
    category: Numbers
    first: date


@dataclass(frozen=True)
class Run:
    """The forecast that is kept."""

    day: date
    made_at: datetime
    series: int
    fade: float
    drawn: float


@dataclass(frozen=True)
class Coming:
    """What is expected of a place and category (none: of all), with the 90 % interval. came, awaited, chance: of the last 7 days."""

    place_id: int | None
    code: str
    place: str
    category: str | None
    expected: float
    low: int
    high: int
    came: int | None
    awaited: float | None
    chance: float | None


def series_of(store: Store, at: datetime) -> Series:
    """The events of every community and category up to the last midnight before an instant."""
    first = at.astimezone(store.zone).date()
    rows = store.arrow(
        """SELECT p.community_id AS community, c.category_id AS category, (c.reported_at AT TIME ZONE $zone)::DATE AS day, count(*) AS n
           FROM cases c JOIN case_place p USING (case_id)
           WHERE p.atlas_id = (SELECT arg_max(atlas_id, effective_from) FROM atlas WHERE current) AND c.kind = 'event' AND NOT c.voided
               AND NOT c.excluded AND p.community_id IS NOT NULL AND c.category_id IS NOT NULL
               AND (c.reported_at AT TIME ZONE $zone)::DATE BETWEEN $from AND $to AND c.parent_case_id IS NULL
           GROUP BY ALL ORDER BY 1, 2""",
        {"zone": store.deployment.zone, "from": first - timedelta(days=DAYS), "to": first - timedelta(days=1)},
    )
    day = rows["day"].to_numpy().astype("datetime64[D]")
    begins = day.min().astype(date) if len(day) else first
    community, category = (rows[name].to_numpy().astype(np.int64) for name in ("community", "category"))
    n = (first - begins).days
    pairs, which = np.unique(np.column_stack([community, category]), axis=0, return_inverse=True)
    counts = np.zeros((len(pairs), n))
    counts[which.ravel(), (day - np.datetime64(begins)).astype(int)] = rows["n"].to_numpy()
    days = [begins + timedelta(days=i) for i in range(n)]
    _names, group = np.unique(pairs[:, 1], return_inverse=True)
    history = History(
        counts, group, days, _worked(store, [*days, *(first + timedelta(days=i) for i in range(max(HORIZONS)))])
    )
    return Series(history, pairs[:, 0], pairs[:, 1], first)


def _worked(store: Store, days: list[date]) -> np.ndarray:
    with store.read() as con:
        calendar = working_calendar(con)
    return np.array([calendar.is_working_day(day) for day in days], dtype=bool)


def forecast_of(series: Series) -> tuple[pa.Table, float, float] | None:
    """The forecast of the days to come and, beside what came in the last seven, what had been expected of them: the table, and what
    the model chose. None where the history is too short."""
    history = series.history
    if history.n < SHORTEST or not len(history.counts):
        return None
    labels = {name: _labels(series, name)[0] for name in SUMS}
    now = foretell(history, HORIZONS, labels)
    before = History(history.counts[:, :-7], history.group, history.days[:-7], history.worked[: history.n])
    then = foretell(before, (7,), labels)
    came = history.counts[:, -7:].sum(axis=1)
    tables = [_rows(series.community, series.category, now.series, then.series[7], came)]
    for name in SUMS:
        label, community, category = _labels(series, name)
        sums = np.bincount(label, came)
        tables.append(_rows(community, category, now.sums[name], then.sums[name][7], sums))
    return pa.concat_tables(tables), now.fade, now.drawn


def _labels(series: Series, name: str) -> tuple[Numbers, Numbers | None, Numbers | None]:
    """Which sum each series belongs to; and the community and category of each sum, none for all."""
    if name == "all":
        return np.zeros(len(series.community), dtype=np.int64), None, None
    found, label = np.unique(series.community if name == "community" else series.category, return_inverse=True)
    return label.astype(np.int64), found if name == "community" else None, found if name == "category" else None


def _rows(community: Numbers | None, category: Numbers | None, now: Any, then: Expected, came: np.ndarray) -> pa.Table:
    n = len(came)
    none = pa.nulls(n, pa.int32())
    parts = []
    for horizon in HORIZONS:
        told: Expected = now[horizon]
        ends = told.quantiles(INTERVAL)
        columns = {
            "community_id": none if community is None else pa.array(community, pa.int32()),
            "category_id": none if category is None else pa.array(category, pa.int32()),
            "horizon": np.full(n, horizon), "expected": told.expected, "low": ends[:, 0], "high": ends[:, 1], "dispersion": told.dispersion,
            "came": came.astype(np.int64), "awaited": then.expected, "chance": then.chance(came),
        }  # fmt: skip
        parts.append(pa.table(columns).cast(TABLE))
    return pa.concat_tables(parts)


def keep_forecast(store: Store, table: pa.Table, series: Series, fade: float, drawn: float) -> None:
    """Put a forecast in place of the one before."""
    at = store.now()

    def job(con: Connection) -> None:
        con.execute("DELETE FROM forecast")
        con.execute("DELETE FROM forecast_run")
        con.register("foretold", table)
        con.execute("INSERT INTO forecast BY NAME SELECT * FROM foretold")
        con.unregister("foretold")
        con.execute(
            "INSERT INTO forecast_run VALUES (?, ?, ?, ?, ?)", [series.first, at, len(series.community), fade, drawn]
        )

    store.writer.run(job, label="forecast", quiet=True).result()


def kept_run(store: Store) -> Run | None:
    """The forecast there is."""
    rows = store.rows("SELECT day, made_at, series, fade, drawn FROM forecast_run")
    return Run(**rows[0]) if rows else None


def forecast_due(store: Store) -> bool:
    """Whether the day has turned since the forecast was made."""
    run = kept_run(store)
    return run is None or run.day < store.now().astimezone(store.zone).date()


def coming(store: Store, horizon: int, *, by: str = "community", community_id: int | None = None) -> list[Coming]:
    """What is expected, most first. by: "community" (all categories together), "category" (of one community, or of the district),
    "both" (every community and category)."""
    rows = store.rows(
        f"""SELECT f.community_id AS place_id, coalesce(p.code, '') AS code, coalesce(v.name, '') AS place, k.name AS category,
                f.expected, f.low::INTEGER AS low, f.high::INTEGER AS high, f.came, f.awaited, f.chance
            FROM forecast f LEFT JOIN place p ON p.place_id = f.community_id LEFT JOIN category k USING (category_id)
            LEFT JOIN (SELECT place_id, arg_max(name, effective_from) AS name FROM place_version GROUP BY 1) v
                ON v.place_id = f.community_id
            WHERE f.horizon = $horizon AND {_WHICH[by]} ORDER BY f.expected DESC, code, category""",
        {"horizon": horizon} | ({"community": community_id} if by == "category" else {}),
    )
    return [Coming(**row) for row in rows]


_WHICH = {
    "community": "f.community_id IS NOT NULL AND f.category_id IS NULL",
    "category": "f.community_id IS NOT DISTINCT FROM $community AND f.category_id IS NOT NULL",
    "both": "f.community_id IS NOT NULL AND f.category_id IS NOT NULL",
    "all": "f.community_id IS NULL AND f.category_id IS NULL",
}


def coming_in_street(store: Store, horizon: int, street_id: int, *, by: str = "all") -> list[Coming]:
    """What is expected of a street, most first: of all its communities together, or by category. Its variance is the sum of theirs, and at
    least what the whole district's would be at its size: what drives all at once, a storm, does not cancel out."""
    split = "NOT NULL" if by == "category" else "NULL"
    rows = store.rows(
        f"""SELECT k.name AS category, sum(f.expected) AS expected, sum(f.awaited) AS awaited, sum(f.came)::INTEGER AS came,
                greatest(sum(f.dispersion * f.expected ** 2) / sum(f.expected) ** 2, any_value(d.dispersion)) AS dispersion
            FROM forecast f JOIN place_version v ON v.place_id = f.community_id AND v.parent_id = $street
                AND v.effective_from <= $day AND $day < v.effective_to
            LEFT JOIN category k USING (category_id)
            JOIN forecast d ON d.community_id IS NULL AND d.category_id IS NOT DISTINCT FROM f.category_id AND d.horizon = f.horizon
            WHERE f.horizon = $horizon AND f.category_id IS {split} AND f.expected > 0 GROUP BY 1 ORDER BY 2 DESC, 1""",
        {"horizon": horizon, "street": street_id, "day": store.now().astimezone(store.zone).date()},
    )
    return [_summed(row) for row in rows]


def _summed(row: dict[str, Any]) -> Coming:
    dispersion = np.array([row["dispersion"]])
    low, high = quantiles(np.array([row["expected"]]), dispersion, INTERVAL)[0].tolist()
    chance = Expected(np.array([row["awaited"]]), dispersion).chance(np.array([float(row["came"])]))
    return Coming(
        None,
        "",
        "",
        row["category"],
        row["expected"],
        int(low),
        int(high),
        row["came"],
        row["awaited"],
        float(chance[0]),
    )


def coming_in_grids(store: Store, horizon: int, community_id: int, category: str | None = None) -> list[Coming]:
    """The same of the grids of a community, of one category or of all: each by its share of the last weeks' tickets, where grids that
    had none count half a ticket."""
    rows = store.rows(
        """WITH here AS (SELECT atlas_id, plan_id, effective_from AS day FROM atlas WHERE current
                ORDER BY effective_from DESC LIMIT 1),
            grids AS (SELECT v.place_id, code, v.name FROM place_version v JOIN place USING (place_id), here
                WHERE level = 'grid' AND v.parent_id = $community AND v.plan_id = here.plan_id
                    AND v.effective_from <= day AND day < v.effective_to),
            counted AS (SELECT l.grid_id AS place_id, count(*) AS n, count(*) FILTER (c.reported_at >= $week) AS came
                FROM cases c JOIN case_place l USING (case_id) JOIN here USING (atlas_id) LEFT JOIN category k USING (category_id)
                WHERE c.kind = 'event' AND NOT c.voided AND NOT c.excluded AND l.community_id = $community
                    AND c.reported_at >= $since AND c.reported_at < $until AND ($category IS NULL OR k.name = $category) GROUP BY 1)
           SELECT place_id, code, name, coalesce(n, 0) AS n, coalesce(came, 0) AS came
           FROM grids LEFT JOIN counted USING (place_id) ORDER BY code""",
        _window(store) | {"community": community_id, "category": category},
    )
    whole = _of_community(store, horizon, community_id, category)
    if whole is None or not rows:
        return []
    return sorted(_shared(rows, whole, category), key=lambda one: (-one.expected, one.code))


def _window(store: Store) -> dict[str, Any]:
    run = kept_run(store)
    day = run.day if run else store.now().astimezone(store.zone).date()
    until = datetime(day.year, day.month, day.day, tzinfo=store.zone)
    return {"since": until - timedelta(days=SHARES), "until": until, "week": until - timedelta(days=7)}


def _of_community(store: Store, horizon: int, community_id: int, category: str | None) -> dict[str, Any] | None:
    rows = store.rows(
        """SELECT f.expected, f.dispersion, f.awaited FROM forecast f LEFT JOIN category k USING (category_id)
           WHERE horizon = $horizon AND community_id = $community AND k.name IS NOT DISTINCT FROM $category""",
        {"horizon": horizon, "community": community_id, "category": category},
    )
    return rows[0] if rows else None


def _shared(rows: list[dict[str, Any]], whole: dict[str, Any], category: str | None) -> Iterator[Coming]:
    counts = np.array([row["n"] for row in rows], dtype=float) + 0.5
    share = counts / counts.sum()
    dispersion = np.full(len(rows), whole["dispersion"])
    ends = quantiles(whole["expected"] * share, dispersion, INTERVAL)
    awaited = Expected(whole["awaited"] * share, dispersion)
    chance = awaited.chance(np.array([row["came"] for row in rows], dtype=float))
    for i, row in enumerate(rows):
        yield Coming(
            row["place_id"], row["code"], row["name"], category, float(whole["expected"] * share[i]), int(ends[i, 0]), int(ends[i, 1]),
            int(row["came"]), float(awaited.expected[i]), float(chance[i]),
        )  # fmt: skip
