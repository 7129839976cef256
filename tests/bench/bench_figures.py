"""Figures of one month with ten million cases of two years in the store (20,000 grids, 160,000 micro-grids), every figure of
the group "period" at once, beside polars counting reported, registered, closed, due and on time from Parquet files of the
same columns. Cold: no slice in memory; the file may lie in the system's cache, for both. Size:
JINGWEI_BENCH_FIGURE_CASES.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from data.figure_cache import slices
from data.figure_catalogue import CATALOGUE
from data.figure_rows import group_of
from data.figure_sql import PERIOD
from data.figures import Filter, Question, figures, table
from data.settings import Settings
from data.store import Store
from tests.bench.report import Row, print_rows

CASES = int(os.environ.get("JINGWEI_BENCH_FIGURE_CASES", "10000000"))
CHUNK = 1_000_000
GRIDS, MICRO_GRIDS, STREETS, COMMUNITIES = 20_000, 160_000, 10, 200
START, DAYS = datetime(2022, 12, 31, 16, tzinfo=UTC), 730
END = START + timedelta(days=DAYS)
MONTH = (datetime(2024, 10, 31, 16, tzinfo=UTC), datetime(2024, 11, 30, 16, tzinfo=UTC))
PAST = datetime(2024, 11, 20, tzinfo=UTC)
PERIOD_FIGURES = tuple(
    name for name, figure in CATALOGUE.items() if group_of(figure) is PERIOD and figure.type != "none"
)

# h: a hash of the case; what it decides: place, unit, category, whether and how late it closed.
_MADE = f"""SELECT i AS case_id, h, (h // 13 % {MICRO_GRIDS})::INTEGER AS micro, reported_at,
    reported_at + to_minutes((h % 30)::INTEGER) AS registered_at, reported_at + to_days((1 + h // 7 % 7)::INTEGER) AS due_at,
    CASE WHEN h // 17 % 100 >= 1 AND closing < $end THEN closing END AS closed_at
    FROM (SELECT i, h, reported_at, reported_at + to_minutes((30 - ln((1 + h // 1000 % 100000) / 100001) * 3600)::INTEGER)
              AS closing
          FROM (SELECT i, hash(i) AS h, $start + to_microseconds((i * ({DAYS} * 86400e6 / {CASES}))::BIGINT) AS reported_at
                FROM range($first, $stop) r(i)))"""
_UNIT = "(h // 29 % 50)::INTEGER"
_STATE = f"""false AS suspended, h // 37 % 500 = 0 AS voided, h // 41 % 500 = 0 AS excluded,
    (h // 43 % 25 = 0)::SMALLINT AS reworked, (h // 47 % 25 = 0)::SMALLINT AS extended, (h // 53 % 5)::TINYINT AS reach,
    due_at, {_UNIT} AS unit_id"""
_CASES = f"""SELECT case_id, 1::SMALLINT AS source_id, 'E' || case_id AS external_id, 'event' AS kind,
    ['livelihood', 'safety_law', 'economy'][1 + (h % 3)::INTEGER] AS track,
    ['12345', 'patrol', 'app', '12319'][1 + (h // 3 % 4)::INTEGER] AS channel, (h // 5 % 60)::INTEGER AS category_id,
    h // 19 % 100000 AS x, h // 23 % 100000 AS y, 0 AS flags, h AS content_hash, 'dates' AS on_time_source, reported_at,
    registered_at, closed_at AS handled_at, closed_at, CASE WHEN closed_at IS NULL THEN 'dispatched' ELSE 'closed' END AS stage,
    CASE WHEN closed_at IS NOT NULL THEN {_UNIT} END AS closed_unit_id, {_STATE}, 3::SMALLINT AS seq,
    coalesce(closed_at, registered_at + INTERVAL 1 HOUR) AS since, '\\x00'::BLOB AS last_hash FROM made"""
_RESTS = f"closed_at < $end - INTERVAL {90} DAY"


def _past(begins: str, ends: str, stage: str, registered: str) -> str:
    return f"""INSERT INTO case_past BY NAME SELECT case_id, {begins} AS valid_from, {ends} AS valid_to, '{stage}' AS stage,
        {registered} AS registered_at, {_STATE} FROM made WHERE {begins} < {ends}"""


def fill(store: Store, cases: int = CASES) -> None:
    """Places without geometry, and the cases with their past states, a million at a time."""

    def places(con: duckdb.DuckDBPyConnection) -> None:
        con.execute("INSERT INTO source VALUES (1, 'made')")
        con.execute("INSERT INTO grid_plan VALUES (1, 'made', 'active', '0001-01-01', '9999-12-31', now())")
        levels = (
            ("street", 1_000, STREETS, None), ("community", 2_000, COMMUNITIES, 1_000), ("grid", 100_000, GRIDS, 2_000),
            ("micro_grid", 200_000, MICRO_GRIDS, 100_000),
        )  # fmt: skip
        above = {"street": 1, "community": STREETS, "grid": COMMUNITIES, "micro_grid": GRIDS}
        for level, first, count, parents in levels:
            parent = f"{parents} + i * {above[level]} // {count}" if parents else "(SELECT place_id FROM place LIMIT 1)"
            plan = "1" if level in ("grid", "micro_grid") else "NULL"
            con.execute(
                f"INSERT INTO place SELECT {first} + i, '{level}', '{level[0]}' || i, false FROM range({count}) r(i)"
            )
            con.execute(
                f"""INSERT INTO place_version BY NAME SELECT {first} + i AS place_id, {plan} AS plan_id,
                    DATE '0001-01-01' AS effective_from, DATE '9999-12-31' AS effective_to, {parent} AS parent_id,
                    '{level} ' || i AS name, 50 AS households FROM range({count}) r(i)"""
            )
        con.execute("UPDATE atlas SET plan_id = 1")

    store.writer.run(places).result()
    atlas = store.rows("SELECT atlas_id FROM atlas")[0]["atlas_id"]
    for first in range(1, cases + 1, CHUNK):
        store.writer.run(lambda con, f=first: _chunk(con, f, min(f + CHUNK, cases + 1), atlas)).result()


def _chunk(con: duckdb.DuckDBPyConnection, first: int, stop: int, atlas: int) -> None:
    made = {"start": START, "end": END, "first": first, "stop": stop}
    con.execute(f"CREATE OR REPLACE TEMP TABLE made AS {_MADE}", made)
    for name, chosen in (("case_archive", _RESTS), ("case_hot", f"({_RESTS}) IS NOT TRUE")):
        con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM ({_CASES}) WHERE {chosen}", {"end": END})
    con.execute(_past("reported_at", "registered_at", "reported", "NULL::TIMESTAMPTZ"))
    con.execute(_past("registered_at", "registered_at + INTERVAL 1 HOUR", "registered", "registered_at"))
    con.execute(_past("registered_at + INTERVAL 1 HOUR", "closed_at", "dispatched", "registered_at"))
    located = "h // 61 % 20 > 0"
    con.execute(
        f"""INSERT INTO case_place BY NAME SELECT {atlas} AS atlas_id, case_id,
            CASE WHEN {located} THEN 'point' ELSE 'community' END AS located,
            1000 + micro // {MICRO_GRIDS // STREETS} AS street_id, 2000 + micro // {MICRO_GRIDS // COMMUNITIES} AS community_id,
            CASE WHEN {located} THEN 100000 + micro // {MICRO_GRIDS // GRIDS} END AS grid_id,
            CASE WHEN {located} THEN 200000 + micro END AS micro_grid_id FROM made"""
    )

    con.execute(
        """INSERT INTO call_back BY NAME SELECT case_id AS call_back_id, case_id, closed_at + INTERVAL 1 DAY AS completed_at,
               closed_at + INTERVAL 1 DAY AS recorded_at, h // 59 % 10 < 9 AS contacted, h // 61 % 10 < 8 AS resolved,
               ['satisfied', 'basic', 'unsatisfied'][1 + (h // 67 % 3)::INTEGER] AS satisfaction, false AS excluded
           FROM made WHERE closed_at IS NOT NULL AND h // 71 % 3 = 0"""
    )
    con.execute("INSERT INTO repeat_point SELECT case_id, reported_at FROM made WHERE h // 73 % 20 = 0")


def best(work: Callable[[], object], before: Callable[[], object] = lambda: None, times: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    took = []
    for _ in range(times):
        before()
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def polars_counts(folder: Path, level: str, t: datetime, channel: str | None = None) -> pl.DataFrame:
    """Reported, registered, closed, due and on time in the month by place, from the Parquet files."""
    start, end = (pl.lit(moment).cast(pl.Datetime("us", "UTC")) for moment in MONTH)
    now = pl.lit(t).cast(pl.Datetime("us", "UTC"))

    def within(name: str) -> pl.Expr:
        return (pl.col(name) >= start) & (pl.col(name) < end)

    kept = ~pl.col("voided") & ~pl.col("excluded")
    closed = pl.col("stage") == "closed"
    decided = within("due_at") & (closed | (pl.col("due_at") <= now)) & ~(pl.col("suspended") & ~closed)
    cases = pl.scan_parquet(folder / "cases.parquet").filter(
        (pl.col("since") <= now) & kept
        & (within("reported_at") | within("registered_at") | within("due_at") | within("closed_at"))
    )  # fmt: skip
    if channel:
        cases = cases.filter(pl.col("channel") == channel)
    place = pl.scan_parquet(folder / "case_place.parquet").select("case_id", f"{level}_id")
    return (
        cases.join(place, on="case_id", how="left")
        .group_by(f"{level}_id")
        .agg(
            within("reported_at").sum().alias("reported"),
            within("registered_at").sum().alias("registered"),
            (within("closed_at") & closed).sum().alias("closed"),
            decided.sum().alias("due"),
            (decided & closed & (pl.col("closed_at") <= pl.col("due_at"))).sum().alias("on_time"),
        )
        .collect()
    )


def run() -> list[Row]:
    """Measure; each polars figure is of the same month, level and instant."""
    folder = Path(tempfile.mkdtemp(prefix="figures-"))
    settings = Settings(home=folder, memory_share=0.4)
    store = Store.create(folder, name="bench", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings)
    try:
        fill(store)
        return measure(store, folder)
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)


def measure(store: Store, folder: Path) -> list[Row]:
    """The rows of the table."""
    needed = (
        "case_id, channel, reported_at, registered_at, closed_at, due_at, stage, suspended, voided, excluded, since"
    )
    for name, columns in (("cases", needed), ("case_place", "*")):
        to = folder / "exports" / f"{name}.parquet"
        with store.read() as con:
            con.execute(f"COPY (SELECT {columns} FROM {name} ORDER BY case_id) TO '{to}' (FORMAT parquet)")
    files = folder / "exports"
    now = Question("grid", *MONTH, as_of=END, figures=PERIOD_FIGURES)

    forget = slices(store).forget
    table(store, now)  # the tree of places is read once
    rows = []
    for level, t, budget, label in (
        ("street", END, "< 1 s", "street, state now"), ("grid", END, "< 1 s", "grid, state now"),
        ("micro_grid", END, "< 3 s", "micro-grid, state now"), ("grid", PAST, "< 5 s", "grid, a past instant"),
    ):  # fmt: skip
        asked = replace(now, level=level, as_of=t)
        ours = best(lambda q=asked: table(store, q), forget)
        other = best(lambda lv=level, at=t: polars_counts(files, lv, at))
        alternative = "polars, 5 counts" + ("" if t == END else " of the state now")
        rows.append(Row(f"a month of {CASES / 1e6:g} M cases, {label}, cold", ours, "s", budget, alternative, other))
    table(store, now)
    filtered = replace(now, filters=(Filter("channel", ("12345",)),))
    other = best(lambda: polars_counts(files, "grid", END, "12345"))
    rows.append(
        Row("grid, new filter, all figures", best(lambda: table(store, filtered)), "s", "< 0.1 s", "polars", other)
    )
    single = replace(filtered, figures=("on_time_rate",))
    rows.append(
        Row("grid, new filter, one figure", best(lambda: table(store, single)), "s", "< 0.1 s", "polars", other)
    )
    for label, names in (
        ("state counts", ("open", "overdue_open", "suspended_open")), ("call-back figures", ("three_rate_score",)),
        ("repeat rate", ("repeat_rate",)),
    ):  # fmt: skip
        asked = replace(now, figures=names)
        rows.append(Row(f"grid, {label}, cold", best(lambda q=asked: table(store, q), forget), "s", "< 1 s"))
    everything = replace(now, figures=None)
    rows.append(
        Row("grid, the whole catalogue as objects, cold", best(lambda: figures(store, everything), forget, 2), "s")
    )
    return rows


if __name__ == "__main__":
    print_rows(run())
