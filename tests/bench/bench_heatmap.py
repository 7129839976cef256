"""The heatmap over 20,000 grids with a million cases in 73 days, at 1920 × 1080 in Chromium without a GPU: from a changed control to
the map painted. Warm: every choice has been looked at once. Beside it the page loaded anew at the same address. Then the statistics
alone: Gi* of 20,000 places against esda on the same neighbours, and twelve weeks of it. Size: JINGWEI_BENCH_HEATMAP_CASES.
"""

from __future__ import annotations

import os
import shutil
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import shapely
from playwright.sync_api import Page, sync_playwright

from data.neighbours import queen_pairs
from data.settings import Settings
from data.spots import course, spots
from data.store import Store
from tests.bench import bench_figures
from tests.bench.bench_figures import GRIDS, best
from tests.bench.bench_live import FLAGS
from tests.bench.generate import cells
from tests.bench.report import Row
from tests.bench.served import served

CASES = int(os.environ.get("JINGWEI_BENCH_HEATMAP_CASES", "1000000"))
ROUNDS = 3
OPEN = "/heatmap?level=grid"
CHANGES: dict[str, tuple[str, ...]] = {
    "figure": ("reported", "handling_hours", "demand_per_100", "on_time_rate"),
    "against": ("before", "peers", "none"),
    "value": ("shrunk", "own"),
    "classes": ("7", "5"),
    "lens": ("spots", "places"),
}
# From the control's change to the frame after the map was coloured anew; the page notes it.
CHANGE = """([name, value]) => new Promise((done, failed) => {
    const root = document.getElementById("heatmap"), input = root.querySelector(`.is-${name} select`), began = performance.now();
    const was = root.dataset.loaded; delete root.dataset.took;
    input.value = value; input.dispatchEvent(new Event("change", { bubbles: true }));
    (function look() {
        if (performance.now() - began > 20000) return failed(new Error("the map stayed as it was: " + name + " " + value));
        if (root.dataset.loaded === was || root.dataset.took === undefined) return setTimeout(look, 2);
        done(Number(root.dataset.took));
    })(); })"""


def build(home: Path, shapes: np.ndarray) -> None:
    """The bench of the figures' store with shapes for its grids."""
    settings = Settings(home=home, memory_share=0.4)
    with Store.create(
        home, name="bench", code="990100", zone="Asia/Shanghai", crs="EPSG:32650", simulated=True, settings=settings
    ) as store:
        bench_figures.fill(store, CASES)
        table = pa.table({"place_id": np.arange(len(shapes)) + 100_000, "wkb": shapely.to_wkb(shapes)})

        def shape(con: duckdb.DuckDBPyConnection) -> None:
            con.register("shapes", table)
            con.execute(
                """UPDATE place_version SET geometry = ST_GeomFromWKB(shapes.wkb::WKB_BLOB) FROM shapes
                   WHERE place_version.place_id = shapes.place_id"""
            )

        store.writer.run(shape).result()


def changes(page: Page) -> dict[str, list[float]]:
    """Milliseconds of every control's changes; the first round warms the server and is left out."""
    found: dict[str, list[float]] = {name: [] for name in CHANGES}
    for turn in range(ROUNDS + 1):
        for name, values in CHANGES.items():
            for value in values:
                took = page.evaluate(CHANGE, [name, value])
                if turn:
                    found[name].append(took)
                page.wait_for_timeout(300)
    return found


def measured(home: Path) -> list[Row]:
    """What a person waits for."""
    program = shutil.which(os.environ.get("JINGWEI_CHROMIUM", "chromium"))
    with sync_playwright() as playwright, served(Settings(home=home, memory_share=0.4)) as (address, _app):
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
        page.set_default_timeout(120_000)
        page.goto(address + OPEN)
        page.wait_for_selector(".heat-canvas[data-picture=there]")
        found = changes(page)
        began = time.monotonic()
        page.reload(wait_until="commit")
        page.wait_for_selector(".heat-canvas[data-picture=there]")
        anew = (time.monotonic() - began) * 1000
        browser.close()
    rows: list[Row] = []
    for name, took in found.items():
        median = Row(
            f"{name} changed → map painted, median", float(np.median(took)), "ms", "< 300 ms", "page anew", anew
        )
        rows += [median, Row("the same, slowest", max(took), "ms", "< 300 ms")]
    return rows


def statistics(shapes: np.ndarray) -> list[Row]:
    """Gi* without a store."""
    luck = np.random.default_rng(1)
    values, weeks = luck.poisson(20, len(shapes)).astype(float), luck.poisson(5, (len(shapes), 12)).astype(float)
    began = time.perf_counter()
    pairs = queen_pairs(shapes)
    touched = time.perf_counter() - began
    theirs, name = _esda(values, pairs)
    return [
        Row(f"neighbours of {len(shapes):,} grids, once a plan", touched, "s", ""),
        Row("Gi* of them with false discoveries controlled", best(lambda: spots(values, pairs)), "s", "", name, theirs),
        Row("twelve weeks of it with trends and kinds", best(lambda: course(weeks, pairs), times=3), "s", ""),
    ]


def _esda(values: np.ndarray, pairs: np.ndarray) -> tuple[float | None, str]:
    """Seconds esda takes for the same z, where it is installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from esda.getisord import G_Local
            from libpysal.weights import W

            near: dict[int, list[int]] = {i: [] for i in range(len(values))}
            for first, second in pairs.tolist():
                near[first].append(second)
            weights: Any = W(near, silence_warnings=True)
            return best(lambda: G_Local(values, weights, transform="B", star=True, permutations=0), times=2), "esda"
    except ImportError:
        return None, ""


def run() -> list[Row]:
    """Build the store, then measure."""
    shapes = cells(GRIDS)
    with TemporaryDirectory() as folder:
        build(Path(folder) / "var", shapes)
        return [*measured(Path(folder) / "var"), *statistics(shapes)]
