"""The one map of the standard demo as a person meets it, at 1920 × 1080: the first screen in a browser that has never been here, and
the time from a changed filter to the map painted with it. Beside each change the page loaded anew at the address it leads to."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from data.progress import Quiet
from etl import demo
from tests.bench.bench_live import FLAGS, serving
from tests.bench.report import Row

ROUNDS = 3
STARTED = 5.0  # seconds between the server's start and its first visitor
REST = 1200  # milliseconds between two changes, for the rest of the screen to follow
OPEN = "/?level=grid&figure=on_time_rate&period=month"
# A filter, the control's component, and its values in turn; the last one is where it began.
CHANGES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "track": ("choose-track", (["livelihood"], [])),
    "channel": ("choose-channel", (["12345热线"], [])),
    "period": ("choose-period", ("quarter", "month")),
    "figure": ("choose-figure", ("overdue_open", "on_time_rate")),
    "classes": ("choose-classes", ("7", "5")),
}
THERE, CARDS = "#map[data-picture=there]", "#headlines button:nth-of-type(6)"
# From the control's new value to the frame after the map has been painted with other data.
CHANGE = """([control, value]) => new Promise((done, failed) => {
    const view = jingwei.maps.map, was = view.data, began = performance.now();
    dash_clientside.set_props(control, { value });
    (function look() {
        const there = document.getElementById("map").dataset.picture === "there";
        if (performance.now() - began > 10000) return failed(new Error("the map stayed as it was: " + control));
        if (view.data.mark === was.mark || !there) return setTimeout(look, 2);
        requestAnimationFrame(() => { const after = new MessageChannel();
            after.port1.onmessage = () => done(performance.now() - began); after.port2.postMessage(0); });
    })(); })"""


def fresh(browser: Browser) -> Page:
    """A page of a browser that keeps nothing from before."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.set_default_timeout(120_000)
    return page


def first_screen(browser: Browser, address: str) -> tuple[float, float]:
    """Seconds until the map is painted, and until the cards stand beside it."""
    page, began = fresh(browser), time.monotonic()
    page.goto(address + OPEN, wait_until="commit")
    page.wait_for_selector(THERE)
    painted = time.monotonic() - began
    page.wait_for_selector(CARDS)
    told = time.monotonic() - began
    page.context.close()
    return painted, told


def changes(page: Page) -> dict[str, list[float]]:
    """Milliseconds of every filter's changes; the first round warms the server and is left out."""
    found: dict[str, list[float]] = {name: [] for name in CHANGES}
    for turn in range(ROUNDS + 1):
        for name, (control, values) in CHANGES.items():
            for value in values:
                took = page.evaluate(CHANGE, [control, value])
                if turn:
                    found[name].append(took)
                page.wait_for_timeout(REST)
    return found


def loaded_anew(page: Page, address: str) -> float:
    """Milliseconds for the whole page, its files kept by the browser."""
    began = time.monotonic()
    page.goto(address + OPEN + "&classes=7", wait_until="commit")
    page.wait_for_selector(THERE)
    return (time.monotonic() - began) * 1000


def measured(home: Path) -> list[Row]:
    """All rows over the demo."""
    program = shutil.which(os.environ.get("JINGWEI_CHROMIUM", "chromium"))
    with sync_playwright() as playwright, serving(home) as (address, _store):
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        time.sleep(STARTED)
        cold = first_screen(browser, address)
        warm: Any = np.array([first_screen(browser, address) for _ in range(ROUNDS)])
        page = fresh(browser)
        page.goto(address + OPEN)
        page.wait_for_selector(THERE)
        page.wait_for_timeout(8000)
        found = changes(page)
        anew = float(np.median([loaded_anew(page, address) for _ in range(ROUNDS)]))
        browser.close()
    rows = [
        Row(f"first screen, the first visitor, {STARTED:.0f} s after the start: map painted", cold[0], "s", "< 3 s"),
        Row("the same: cards beside it", cold[1], "s", "< 3 s"),
        Row("first screen, a fresh browser, median: map painted", float(np.median(warm[:, 0])), "s", "< 3 s"),
        Row("the same: cards beside it", float(np.median(warm[:, 1])), "s", "< 3 s"),
    ]
    for name, took in found.items():
        row = Row(f"{name} changed → map painted, median", float(np.median(took)), "ms", "< 300 ms", "page anew", anew)
        rows += [row, Row("the same, slowest", max(took), "ms", "< 300 ms")]
    return rows


def run() -> list[Row]:
    """Build the demo, then measure."""
    with TemporaryDirectory() as folder:
        home = Path(folder) / "standard"
        demo.build(home, "standard", progress=Quiet())
        return measured(home)
