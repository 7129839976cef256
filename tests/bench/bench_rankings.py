"""League tables of 20,000 grids over half a year with a million cases, four million in the store: every unit's interval, the prior
by maximum likelihood, rank intervals, the bottom tenth and the movement against the half-year before. Warm: the slices of both
lie in memory, as they do while anybody looks; the table itself is made anew each time. The alternative draws the ranks of
like posteriors ten thousand times. Size: JINGWEI_BENCH_RANKING_CASES.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from data.figure_question import Question
from data.figures import table
from data.funnels import funnel
from data.rankings import ranking
from data.ranks import DRAWS, rank_intervals
from data.settings import Settings
from data.spreads import Betas
from data.store import Store
from tests.bench import bench_figures
from tests.bench.bench_figures import END, MONTH, best, fill
from tests.bench.report import Row, print_rows

CASES = int(os.environ.get("JINGWEI_BENCH_RANKING_CASES", "4000000"))
FIGURES = ("on_time_rate", "demand_per_100", "satisfaction_rate", "three_rate_score", "handling_hours", "overdue_open")


def drawn(spread: Betas, block: int = 20) -> np.ndarray:
    """Ranks drawn ten thousand times; only their sums are kept, so that it is not the memory that is measured."""
    luck, found = np.random.default_rng(1), np.zeros(len(spread))
    for _ in range(DRAWS // block):
        order = np.argsort(spread.draw(block, luck), axis=1)
        for line in order:
            found[line] += np.arange(len(spread))
    return found


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
        bench_figures.CASES = CASES
        fill(store)
        return measure(store)
    finally:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)


def measure(store: Store) -> list[Row]:
    """The rows of the table."""
    half = timedelta(days=182)
    now = Question("grid", MONTH[1] - half, MONTH[1], as_of=END)
    earlier = replace(now, start=now.start - half, end=now.start)
    rows = []
    for name in FIGURES:
        for question in (now, earlier):
            table(store, replace(question, figures=(name,)))
        took = best(lambda figure=name: ranking(store, now, figure, before=earlier), times=3)
        rows.append(Row(f"league table of 20,000 grids, {name}", took, "s", "< 0.5 s"))
    found = ranking(store, now, "on_time_rate", before=earlier)
    ranked = int((~np.isnan(found.rank)).sum())
    everybody = Betas(found.samples.numerator + 50, found.samples.n - found.samples.numerator + 5)
    computed = best(lambda: rank_intervals(everybody))
    rows.append(
        Row("of them rank intervals", computed, "s", "", "10,000 draws", best(lambda: drawn(everybody), times=1))
    )
    rows.append(Row(f"funnel of {ranked:,} ranked grids", best(lambda: funnel(found, 0)), "s", ""))
    return rows


if __name__ == "__main__":
    print_rows(run())
