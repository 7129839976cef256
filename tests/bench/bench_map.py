"""The map layer in headless Chromium without a GPU, 20,000 polygons at 1920 × 1080 and 160,000 at 3840 × 2160 (redraw at both), beside
dash-leaflet's GeoJSON layer and MapLibre's feature-state on the same polygons in the same run.

Restyle to paint: from handing over new values for every polygon to the frame that shows them. Times are p95. Heap: after
collecting garbage, buffers included, at two ticks a second. MapLibre comes from npm at bench time; without it, it is not present.
Sizes: JINGWEI_BENCH_HEAP_SECONDS, JINGWEI_BENCH_MAP_TICKS, JINGWEI_BENCH_MAP_PLAIN (most polygons dash-leaflet is asked to draw).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.map_pages import Pages, maplibre, serving
from tests.bench.report import Row

HEAP_SECONDS = int(os.environ.get("JINGWEI_BENCH_HEAP_SECONDS", "120"))
TICKS = int(os.environ.get("JINGWEI_BENCH_MAP_TICKS", "25"))
PLAIN = int(os.environ.get("JINGWEI_BENCH_MAP_PLAIN", "20000"))
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--js-flags=--expose-gc"]
GL_FLAGS = [*FLAGS[:2], "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking"]
MAPLIBRE = {True: "MapLibre, feature-state", False: "MapLibre: not present"}
HD, UHD = {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}

TOOLS = (Path(__file__).parent / "pages" / "tools.js").read_text("utf-8")


@contextmanager
def opened(browser: Browser, size: dict[str, int], address: str) -> Iterator[Page]:
    """A page at an address, the tools in it."""
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(TOOLS)
    page.goto(address)
    yield page
    context.close()


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return float(np.percentile(values, 95))


def our_page(page: Page) -> float:
    """Make our page ready and return how long its first picture took, in milliseconds."""
    page.wait_for_function(
        "Boolean(window.jingwei && jingwei.maps && jingwei.maps.map && window.dash_clientside && dash_clientside.set_props)"
    )
    base = page.evaluate("fetch('/ours/_dash-layout').then(r => r.json()).then(l => l.props.children[1].props.data)")
    return float(page.evaluate("base => first(base)", base))


def dragged(page: Page, size: dict[str, int]) -> tuple[float, float]:
    """p95 of a frame and the longest task while the map is dragged to and fro, in milliseconds."""
    page.evaluate("watch()")
    x, y = size["width"] / 2, size["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(90):
        page.mouse.move(x + 500 * np.sin(step / 9), y + 250 * np.cos(step / 7))
        page.wait_for_timeout(12)
    page.mouse.up()
    frames = page.evaluate("(() => { watching = false; return frames_; })()")
    page.wait_for_timeout(400)
    return p95(frames[2:]), max(page.evaluate("long_"), default=0)


def hovering(page: Page, size: dict[str, int]) -> float:
    """p95 from the pointer's move to the frame with the outline, in milliseconds."""
    page.evaluate("hovered()")
    for step in range(60):
        page.mouse.move(size["width"] * (0.3 + step / 150), size["height"] * (0.3 + step % 13 / 30))
        page.wait_for_timeout(90)
    return p95(page.evaluate("hovers"))


def heap(page: Page, seconds: int) -> float:
    """How many megabytes the page grows at two ticks a second, in ten minutes' measure."""
    session = page.context.new_cdp_session(page)

    def used() -> float:
        page.evaluate("tick(3)")
        page.wait_for_timeout(500)
        for _ in range(2):
            session.send("HeapProfiler.collectGarbage")
        found = session.send("Runtime.getHeapUsage")
        return float(found["usedSize"] + found.get("embedderHeapUsedSize", 0) + found.get("backingStorageSize", 0))

    page.evaluate("window.clock = setInterval(() => tick(Math.floor(performance.now())), 500)")
    page.wait_for_timeout(10_000)  # what a page takes once
    before = used()
    page.wait_for_timeout(seconds * 1000)
    grown = used() - before
    page.evaluate("clearInterval(clock)")
    return grown / 1e6


def ours(browser: Browser, pages: Pages, size: dict[str, int], budgets: dict[str, str]) -> dict[str, float]:
    """Every figure of our layer."""
    found: dict[str, float] = {}
    with opened(browser, size, pages.address + "/ours/") as page:
        found["first paint"] = our_page(page)
        found["restyle to paint"] = p95(page.evaluate(f"restyle({TICKS})"))
        found["redraw after pan or zoom"] = p95(page.evaluate("redraw(12)"))
        page.evaluate("jingwei.maps.map.fit(); until(() => state() === 'there')")
        found["frame while dragging"], found["longest task while dragging"] = dragged(page, size)
        page.evaluate("jingwei.maps.map.fit(); until(() => state() === 'there')")
        found["hover"] = hovering(page, size)
        if "heap growth" in budgets:
            found["heap growth"] = heap(page, HEAP_SECONDS)
    return found


def theirs_plain(browser: Browser, pages: Pages, size: dict[str, int]) -> dict[str, float]:
    """First paint and restyle of dash-leaflet's GeoJSON layer; its canvas is painted in the frame after the style."""
    with opened(browser, size, pages.address + "/plain/") as page:
        page.wait_for_selector("#map canvas", timeout=120_000)
        first, took = page.evaluate("plainFirst()"), page.evaluate("plainRestyle(3)")
    return {"first paint": first, "restyle to paint": p95(took)}


def theirs_gl(playwright: Any, program: str, pages: Pages, size: dict[str, int]) -> dict[str, float]:
    """First paint, restyle and redraw of MapLibre: feature-state set on every polygon, until the map is idle."""
    browser = playwright.chromium.launch(executable_path=program, args=GL_FLAGS)
    try:
        with opened(browser, size, pages.address + "/gl") as page:
            first = page.evaluate("glFirst()")
            restyle = page.evaluate(f"glRestyle(8, {pages.n})")
            redraw = page.evaluate("glRedraw(6)")
    finally:
        browser.close()
    return {"first paint": first, "restyle to paint": p95(restyle), "redraw after pan or zoom": p95(redraw)}


ALWAYS = {
    "restyle to paint": "< 100",
    "frame while dragging": "< 35",
    "longest task while dragging": "< 100",
    "hover": "< 50",
}
HEAP = {"heap growth": "< 5 in 10 minutes"}
CASES = (
    (20_000, HD, "20,000 at 1080p", {"first paint": "< 1500", "redraw after pan or zoom": "< 400", **ALWAYS}),
    (160_000, HD, "160,000 at 1080p", {"redraw after pan or zoom": "< 400", **ALWAYS}),
    (160_000, UHD, "160,000 at 4K", {"first paint": "< 3000", "redraw after pan or zoom": "< 1000", **ALWAYS, **HEAP}),
)


def _rows(
    name: str, budgets: dict[str, str], mine: dict[str, float], other: str, theirs: dict[str, float]
) -> list[Row]:
    """Our figures beside another's; those it has no like of stand alone, once."""
    found = []
    for what, value in mine.items():
        if other == "dl.GeoJSON" and what not in theirs:
            continue
        unit = f"MB in {HEAP_SECONDS} s" if what == "heap growth" else "ms"
        beside = other if what in theirs or "present" in other else ""
        found.append(Row(f"{name}: {what}", value, unit, budgets.get(what, ""), beside, theirs.get(what)))
    return found


def run() -> list[Row]:
    """All cases, ours beside the others."""
    program = shutil.which(os.environ.get("JINGWEI_CHROMIUM", "chromium"))
    if program is None:
        raise SystemExit("no Chromium here; `make browser` installs one")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        gl_there = maplibre(Path(folder))
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for n, size, name, budgets in CASES:
            with serving(n, Path(folder), with_maplibre=gl_there) as pages:
                rows.append(Row(f"{name}: geometry, gzipped", pages.size / 1e6, "MB", "0.8" if n == 20_000 else "5"))
                mine = ours(browser, pages, size, budgets)
                plain = theirs_plain(browser, pages, size) if n <= PLAIN else {}
                beside = theirs_gl(playwright, program, pages, size) if gl_there else {}
                rows += _rows(name, budgets, mine, "dl.GeoJSON", plain)
                rows += _rows(name, budgets, mine, MAPLIBRE[gl_there], beside)
        browser.close()
    return rows
