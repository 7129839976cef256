"""Tickets of the next 7 and 28 days by area and category, foretold from eight days of the last third of the data by what was known then.

Beside it as many days just before, and the same days a year (364 days) before where the data go back so far, each with a Poisson
interval around the count. Pinball loss: mean over the quantiles 5, 25, 50, 75, 95 %, a series; less is better. Coverage: how often what
came lay in the 90 % interval (whole numbers cannot hit 90 exactly, so rather more).
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from data.calendars import calendar
from data.forecasting import HORIZONS, Column, History, Numbers, foretell
from data.settings import Settings
from data.store import Store
from tests.bench.report import Row

SHARED = Path("../shared/data")
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST = 12  # tickets of a series in the first two thirds
ORIGINS = 8  # weeks of the test from which is foretold, spread evenly


@dataclass(frozen=True)
class Data:
    """A data set as series of days."""

    name: str
    history: History


def run() -> list[Row]:
    """Every data set there is."""
    rows: list[Row] = []
    for make in (demo, boston, sao_paulo):
        found = make()
        if found is not None:
            rows += measured(found)
    return rows


def demo() -> Data:
    """A year of the standard demo, communities by categories."""
    from data.forecasts import series_of
    from data.progress import Quiet
    from etl.demo import build

    with tempfile.TemporaryDirectory(prefix="forecast-") as folder:
        home = Path(os.environ.get("JINGWEI_BENCH_FORECAST_HOME") or folder)
        if home == Path(folder):
            build(home, "standard", progress=Quiet())
        with Store.open(home, Settings(home=home)) as store:
            found = series_of(store, store.now())
    return Data("standard demo", found.history)


def boston() -> Data | None:
    """Half a year of Boston, neighbourhoods by types."""
    file = SHARED / "boston-311" / "boston311_2011H2.csv.gz"
    if not file.exists():
        return None
    table = pd.read_csv(file, usecols=["open_dt", "neighborhood", "type"]).dropna()
    return from_rows("Boston", pd.to_datetime(table["open_dt"]), table["neighborhood"], table["type"], "US-MA")


def sao_paulo() -> Data | None:
    """Two years of São Paulo, districts by services; its times are local ones marked as UTC."""
    file = SHARED / "saopaulo-156" / "sp156_2018_2019.parquet"
    if not file.exists():
        return None
    names = ["Data de abertura", "Distrito", "Serviço"]
    table = pd.read_parquet(file, columns=names).dropna()
    return from_rows("São Paulo", table[names[0]].dt.tz_localize(None), table[names[1]], table[names[2]], "BR-SP")


def from_rows(name: str, opened: pd.Series, area: pd.Series, kind: pd.Series, country: str) -> Data:
    """Counts of every area and category by day."""
    day = opened.dt.normalize()
    first, n = day.min(), (day.max() - day.min()).days + 1
    groups, _ = pd.factorize(kind)
    keys, found = pd.factorize(area.astype(str) + "|" + kind.astype(str))
    counts = np.zeros((len(found), n))
    np.add.at(counts, (keys, (day - first).dt.days.to_numpy()), 1)
    group = np.zeros(len(found), dtype=np.int64)
    group[keys] = groups
    days = [first.date() + timedelta(days=i) for i in range(n)]
    days_off = calendar(country, "UTC")
    worked = np.array([days_off.is_working_day(one) for one in days])
    return Data(name, History(counts, group, days, worked))


def until(history: History, origin: int, last: int, keep: Numbers) -> History:
    """The history up to a day, with the calendar up to a later one."""
    _, group = np.unique(history.group[keep], return_inverse=True)
    return History(history.counts[keep, :origin], group, history.days[:origin], history.worked[:last])


def measured(data: Data) -> list[Row]:
    """Both horizons of a data set."""
    history, n = data.history, data.history.counts.shape[1]
    begins = n * 2 // 3
    keep = np.flatnonzero(history.counts[:, :begins].sum(axis=1) >= LEAST)
    rows: list[Row] = []
    for horizon in HORIZONS:
        origins = np.unique(np.linspace(begins, n - horizon, ORIGINS).astype(int))
        began = time.perf_counter()
        ours, others = Scores(), {"the days before": Scores(), "a year before": Scores()}
        for origin in origins:
            told = foretell(until(history, int(origin), int(origin) + max(HORIZONS), keep), (horizon,)).series[horizon]
            came = history.counts[keep, origin : origin + horizon].sum(axis=1)
            ours.add(told.quantiles(LEVELS), came)
            for name, back in (("the days before", horizon), ("a year before", 364)):
                if origin >= back:
                    before = history.counts[keep, origin - back : origin - back + horizon].sum(axis=1)
                    others[name].add(stats.poisson.ppf(LEVELS, np.maximum(before, 0.5)[:, None]), came)
        rows += told_rows(f"{data.name}, {len(keep):,} series, {horizon} days", ours, others)
        print(f"{data.name} {horizon}: {(time.perf_counter() - began) / len(origins):.1f} s a forecast", flush=True)
    return rows


class Scores:
    """Pinball loss and coverage over series and weeks."""

    def __init__(self) -> None:
        self.lost, self.within, self.n = 0.0, 0, 0

    def add(self, found: Column, came: Column) -> None:
        """One week of all series."""
        over = came[:, None] - found
        levels = np.asarray(LEVELS)[None, :]
        self.lost += float(np.maximum(levels * over, (levels - 1) * over).mean(axis=1).sum())
        self.within += int(((found[:, 0] <= came) & (came <= found[:, -1])).sum())
        self.n += len(came)

    @property
    def pinball(self) -> float:
        """A series and week."""
        return self.lost / self.n

    @property
    def coverage(self) -> float:
        """Share in the interval."""
        return self.within / self.n


def told_rows(what: str, ours: Scores, others: dict[str, Scores]) -> list[Row]:
    """Both numbers beside each alternative."""
    rows = []
    for name, one in others.items():
        if one.n:
            weeks = f"{name}" if one.n == ours.n else f"{name} ({one.n / ours.n:.0%} of the weeks)"
            rows.append(Row(f"{what}: pinball loss", ours.pinball, "tickets", "", weeks, one.pinball))
            rows.append(
                Row(f"{what}: within the 90 % interval", ours.coverage * 100, "%", "90", weeks, one.coverage * 100)
            )
    return rows
