"""An open screen over the standard demo while single moves are made: how long until the map has been painted anew, and what a wall
keeps in memory at two ticks a second. Beside it the same page without a socket, which asks by plain requests."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from data.moves import Move
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl import demo, demo_time
from tests.bench.report import Row
from tests.bench.served import served

FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--enable-precise-memory-info"]
MOVES, MOVES_BESIDE, APART = 40, 8, 3.0
SOAK_SECONDS = float(os.environ.get("JINGWEI_BENCH_SOAK", "600"))
OPEN = "/?level=grid&figure=open&period=month"
REPORTED = "/?level=grid&figure=reported&period=year"  # every voided case changes it
# The moment (milliseconds since 1970) of the first frame after each change of the map.
WATCH = """() => { window.painted = []; const view = jingwei.maps.map, tick = view.tick.bind(view);
    view.tick = pieces => { tick(pieces); requestAnimationFrame(() => { const c = new MessageChannel();
        c.port1.onmessage = () => painted.push(Date.now()); c.port2.postMessage(0); }); }; }"""
NO_SOCKET = """window.WebSocket = class {
    constructor() { setTimeout(() => this.onclose && this.onclose(), 10); } close() {} };"""


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, Store]]:
    """The program over a demo whose time stands, in this process, so that moves can be made."""
    with served(Settings(home=home)) as (address, app):
        demo_time.pause(app.state.desk.store)
        yield address, app.state.desk.store


def open_cases(store: Store) -> Iterator[int]:
    """Cases that can be moved, the open ones first, the newest of them before the others."""
    rows = store.rows(
        "SELECT case_id FROM case_hot WHERE stage <> 'voided' AND lon IS NOT NULL ORDER BY stage = 'closed', case_id DESC LIMIT 2000"
    )
    return iter([row["case_id"] for row in rows])


def make(store: Store, case: int) -> float:
    """Void a case, so that its grid has one less; when the move was on disk (milliseconds since 1970)."""
    store.writer.submit(Move(case, "voided", store.now(), f"bench {case}")).result()
    return time.time() * 1000


def followed(page: Page, address: str, shown: str = OPEN) -> None:
    """Open the page and wait until it follows its channels."""
    page.goto(address + shown)
    page.wait_for_selector("#map[data-picture=there]", timeout=120_000)
    while page.evaluate("Object.keys(jingwei.live.state().marks).length") < 3:
        page.wait_for_timeout(200)
    page.wait_for_timeout(8000)  # the first look's rest
    page.evaluate(WATCH)


def latencies(page: Page, store: Store, cases: Iterator[int], moves: int) -> list[float]:
    """Milliseconds from a move on disk to the map painted."""
    found = []
    for _ in range(moves):
        seen = page.evaluate("painted.length")
        accepted = make(store, next(cases))
        while page.evaluate("painted.length") == seen:
            page.wait_for_timeout(20)
        found.append(page.evaluate("painted.at(-1)") - accepted)
        page.wait_for_timeout(int(APART * 1000))
    return found


def heap(page: Page) -> float:
    """Megabytes of JavaScript in use after the garbage is gone."""
    session = page.context.new_cdp_session(page)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    session.detach()
    return used


def growth(page: Page, store: Store, cases: Iterator[int]) -> tuple[float, float]:
    """(megabytes in ten minutes, ticks a second) with a move every half second."""
    page.wait_for_timeout(5000)
    before, ticks, began = heap(page), page.evaluate("painted.length"), time.monotonic()
    while (passed := time.monotonic() - began) < SOAK_SECONDS:
        make(store, next(cases))
        page.wait_for_timeout(500)
    return (heap(page) - before) * 600 / passed, (page.evaluate("painted.length") - ticks) / passed


def measured(home: Path, small: Path) -> list[Row]:
    """All rows: the latencies over a demo, the memory over a small one, whose ticks cost little."""
    program = shutil.which(os.environ.get("JINGWEI_CHROMIUM", "chromium"))
    wall: Any = {"viewport": {"width": 1920, "height": 1080}}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        with serving(home) as (address, store):
            cases = open_cases(store)
            page = browser.new_context(**wall).new_page()
            followed(page, address)
            ours: Any = np.array(latencies(page, store, cases, MOVES))
            page.context.close()
            asking = browser.new_context(**wall).new_page()
            asking.add_init_script(NO_SOCKET)
            followed(asking, address)
            theirs: Any = np.array(latencies(asking, store, cases, MOVES_BESIDE))
            asking.context.close()
        with serving(small) as (address, store):
            page = browser.new_context(**wall).new_page()
            followed(page, address, REPORTED)
            grown, rate = growth(page, store, open_cases(store))
        browser.close()
    beside = "plain requests"
    return [
        Row("move accepted → map painted, p50", float(np.median(ours)), "ms", "", beside, float(np.median(theirs))),
        Row(
            "move accepted → map painted, p95",
            float(np.quantile(ours, 0.95)),
            "ms",
            "< 500 ms",
            beside,
            float(np.quantile(theirs, 0.95)),
        ),
        Row("move accepted → map painted, p99", float(np.quantile(ours, 0.99)), "ms", "< 1,000 ms"),
        Row(f"heap growth in 10 minutes, {rate:.1f} ticks a second", grown, "MB", "< 5 MB"),
    ]


def run() -> list[Row]:
    """Build the demo, then measure."""
    with TemporaryDirectory() as folder:
        for preset in ("standard", "tiny"):
            demo.build(Path(folder) / preset, preset, progress=Quiet())
        return measured(Path(folder) / "standard", Path(folder) / "tiny")
