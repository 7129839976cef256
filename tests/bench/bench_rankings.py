"""League tables of 20,000 grids over 73 days with a million cases, two and a half in the store: every unit's interval, the prior
by maximum likelihood, rank intervals, the bottom tenth and the movement against the 73 days before. Warm: the slices of both
lie in memory, as they do while anybody looks; the table itself is made anew each time. The alternatives: for the table of a share
pandas, statsmodels' Wilson intervals and SciPy's betabinom.logpmf made largest, of the same cases of both periods, without rank
intervals; for the rank intervals ten thousand draws of like posteriors. Size: JINGWEI_BENCH_RANKING_CASES.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint

from data.figure_catalogue import CATALOGUE
from data.figure_question import Question, ask
from data.figure_rows import REPORTED, Rows, parts_of
from data.figure_sql import PERIOD
from data.figures import table
from data.funnels import funnel
from data.rankings import ranking
from data.ranks import DRAWS, rank_intervals
from data.settings import Settings
from data.spreads import Betas
from data.store import Store
from tests.bench import bench_figures
from tests.bench.bench_figures import DAYS, END, START, best
from tests.bench.report import Row, print_rows

CASES = int(os.environ.get("JINGWEI_BENCH_RANKING_CASES", "2500000"))
SPAN = timedelta(days=73)
PART = 20  # of the draws only the twentieth part is made
SHARE = "on_time_rate"
FIGURES = ("on_time_rate", "demand_per_100", "satisfaction_rate", "three_rate_score", "handling_hours", "overdue_open")


def drawn(spread: Betas, draws: int, block: int = 20) -> np.ndarray:
    """Ranks drawn so many times; only their sums are kept, so that it is not the memory that is measured."""
    luck, found = np.random.default_rng(1), np.zeros(len(spread))
    for _ in range(draws // block):
        for line in np.argsort(spread.draw(block, luck), axis=1):
            found[line] += np.arange(len(spread))
    return found


def cases_of(store: Store, question: Question) -> pd.DataFrame:
    """The cases of a share: the grid of each, and whether it counts and is good."""
    asked = ask(store, replace(question, figures=(SHARE,)))
    parts, marked = parts_of(asked, CATALOGUE[SHARE]), Rows(store, asked).marked(PERIOD)
    marks = marked.column("marks").to_numpy()
    fits = [
        (marks & int(part.has | part.lacks)) == int(part.has)
        for part in (parts.denominator or REPORTED, parts.numerator[0][1])
    ]
    return pd.DataFrame({"grid": marked.column("place_id").to_numpy(), "counts": fits[0], "good": fits[1]})


def usual(cases: pd.DataFrame) -> pd.DataFrame:
    """The league table as a notebook makes it."""
    found = cases[["grid", "counts", "good"]].groupby("grid").sum()
    found = found[found["counts"] > 0]
    found["low"], found["high"] = proportion_confint(found["good"], found["counts"], method="wilson")

    def worse(at: np.ndarray) -> float:
        return -float(stats.betabinom.logpmf(found["good"], found["counts"], *np.exp(at)).sum())

    a, b = np.exp(optimize.minimize(worse, np.log([9.0, 1.0]), method="L-BFGS-B").x)
    found["score"] = (found["good"] + a) / (found["counts"] + a + b)
    return found.assign(rank=found["score"].rank(ascending=False, method="min"))


def run() -> list[Row]:
    """Measure."""
    folder = Path(tempfile.mkdtemp(prefix="rankings-"))
    store = Store.create(
        folder,
        name="bench",
        code="990100",
        zone="Asia/Shanghai",
        crs="EPSG:4547",
        settings=Settings(home=folder, memory_share=0.4),
    )
    try:
        bench_figures.fill(store, CASES)
        return measure(store)
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)


def measure(store: Store) -> list[Row]:
    """The rows of the table."""
    last = START + timedelta(days=DAYS) * (
        CASES / bench_figures.CASES
    )  # the cases come as thick as in the bench of the figures
    now = Question("grid", last - SPAN, last, as_of=END)
    earlier = replace(now, start=now.start - SPAN, end=now.start)
    rows = []
    for name in FIGURES:
        for question in (now, earlier):
            table(store, replace(question, figures=(name,)))
        before = process_time()
        took = best(lambda figure=name: ranking(store, now, figure, before=earlier), times=3)
        used = (process_time() - before) / 3
        theirs = (
            best(lambda: [usual(cases_of(store, one)) for one in (now, earlier)], times=1) if name == SHARE else None
        )
        other = "pandas, statsmodels, SciPy" if theirs else ""
        rows.append(Row(f"league table of 20,000 grids, {name}", took, "s", "< 0.5 s", other, theirs))
        rows.append(Row("of the processors", used, "s"))
    found = ranking(store, now, "on_time_rate", before=earlier)
    ranked = int((~np.isnan(found.rank)).sum())
    everybody = Betas(found.samples.numerator + 50, found.samples.n - found.samples.numerator + 5)
    computed = best(lambda: rank_intervals(everybody))
    rows.append(
        Row(
            "of them rank intervals",
            computed,
            "s",
            "",
            "10,000 draws",
            PART * best(lambda: drawn(everybody, DRAWS // PART), times=1),
        )
    )
    rows.append(Row(f"funnel of {ranked:,} ranked grids", best(lambda: funnel(found, 0)), "s", ""))
    return rows


if __name__ == "__main__":
    print_rows(run())
