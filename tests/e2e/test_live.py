"""An open screen over a demo district that lives: what changes by itself, and what happens when the server goes and comes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ROOT, Visit, address_of, run

pytestmark = pytest.mark.e2e

# While the server is away the browser itself writes that it could not connect; nothing else may be written.
AWAY = re.compile(
    r"/live/(socket|now)|net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)|WebSocket connection to"
)
NUMBERS = """() => Object.fromEntries([...document.querySelectorAll('#headlines .card')].map(card =>
    [card.dataset.figure, card.querySelector('.card-value').textContent]))"""
NO_SOCKET = """window.WebSocket = class {
    constructor() { setTimeout(() => this.onclose && this.onclose(), 10); } close() {} };"""
COLOURS = "() => Array.from(jingwei.maps.map.values).join()"


@dataclass
class Living:
    """A demo's server that can be ended and started again at the same address."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    logs: list[Path] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = self.home.parent / f"serve-{len(self.logs)}.log"
        self.logs.append(log)
        surroundings = {
            **os.environ,
            "JINGWEI_HOME": str(self.home),
            "JINGWEI_PORT": str(self.port),
            "JINGWEI_THREADS": "2",
        }
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", "serve"], cwd=ROOT, env=surroundings, stdout=out, stderr=out
            )
        assert address_of(self.process, log) == self.address

    def stop(self, how: int = signal.SIGINT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def command(self, *words: str) -> Any:
        surroundings = {**os.environ, "JINGWEI_HOME": str(self.home)}
        done = subprocess.run(
            [sys.executable, "app.py", *words, "--json"],
            cwd=ROOT,
            env=surroundings,
            capture_output=True,
            check=True,
            timeout=120,
        )
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """The tiny demo with its time paused, so that what is counted twice is the same."""
    folder = tmp_path_factory.mktemp("living")
    made = run("demo", "--preset", "tiny", home=folder / "var", log=folder / "log")
    assert made.wait(timeout=300) == 0, (folder / "log").read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Living(folder / "var", port)
    found.start()
    found.command("demo-time", "--pause")
    try:
        yield found
    finally:
        found.stop()
        assert all("Traceback" not in log.read_text("utf-8") for log in found.logs)


@pytest.fixture
def watched(living: Living, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Makes visits to the living demo; any fault that is not the server's absence fails the test."""
    contexts, visits = [], []

    def make(**options: Any) -> Visit:
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", **options)
        made = Visit(context.new_page(), living.address)
        made.watch()
        contexts.append(context)
        visits.append(made)
        return made

    yield make
    for context in contexts:
        context.close()
    assert [fault for one in visits for fault in one.faults if not AWAY.search(fault)] == []


def until(page: Page, expression: str, seconds: int = 90) -> None:
    """Wait for an expression to hold. Playwright's own waiting evaluates text in the page, which our policy forbids."""
    for _ in range(seconds * 5):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"still not so: {expression}")


def followed(page: Page) -> None:
    """Wait until the page follows its channels."""
    until(page, "Object.keys(jingwei.live.state().marks).length >= 3")


def ticked(page: Page) -> None:
    """Wait until the map has changed since it was first followed."""
    until(page, "Number(document.getElementById('map').dataset.ticks || 0) >= 2")


def changed(page: Page, before: dict[str, str]) -> None:
    """Wait until the cards show other numbers."""
    for _ in range(450):
        if page.evaluate(NUMBERS) != before:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"still {before}")


def settled(living: Living, page: Page) -> None:
    """Wait until the demo has lived up to its goal and the screen has said nothing new for some seconds."""
    for _ in range(120):
        state = living.command("demo-time")
        if state["worked_until"] >= state["goal"]:
            break
        page.wait_for_timeout(500)
    before, quiet = None, 0
    while quiet < 10:
        marks = page.evaluate("JSON.stringify(jingwei.live.state().marks)")
        quiet = quiet + 1 if marks == before else 0
        before = marks
        page.wait_for_timeout(1000)


def figures(living: Living, level: str) -> list[dict[str, Any]]:
    """What the command line counts for the month the screen shows."""
    month = living.command("demo-time")["now"][:7]
    rows: list[dict[str, Any]] = living.command("figures", "--level", level, "--period", month)
    return rows


def test_a_jump_changes_an_open_screen_to_what_the_program_counts(
    living: Living, watched: Callable[..., Visit]
) -> None:
    here = watched()
    page = here.open("/?level=grid&figure=open&period=month")
    followed(page)
    page.evaluate("window.untouched = true")
    before = (page.evaluate(NUMBERS), page.evaluate(COLOURS))
    living.command("demo-time", "--jump", "2d")
    ticked(page)
    settled(living, page)
    after = (page.evaluate(NUMBERS), page.evaluate(COLOURS))
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert page.evaluate("window.untouched") is True  # the page was not loaded anew
    counted = figures(living, "district")[0]["figures"]
    shown = {name: after[0][name].replace(",", "") for name in ("open", "overdue_open", "registered", "closed")}
    assert shown == {name: str(counted[name]["value"]) for name in shown}
    rows = {row["place"]: row["figures"]["open"]["value"] for row in figures(living, "grid") if not row["not_located"]}
    table = "() => { const rows = {}; dash_ag_grid.getApi('places').forEachNode(n => rows[n.data.place] = n.data.open); return rows; }"
    assert {place: n for place, n in page.evaluate(table).items() if place in rows} == rows
    numbers = (
        "() => Object.fromEntries(jingwei.maps.map.names.codes.map((code, i) => [code, jingwei.maps.map.numbers[i]]))"
    )
    assert page.evaluate(numbers) == rows


def test_a_tick_leaves_scroll_focus_and_the_map_where_they_are(living: Living, watched: Callable[..., Visit]) -> None:
    here = watched()
    page = here.open("/?level=grid&figure=open&period=month&at=29.60,123.00,15")
    followed(page)
    page.locator("#headlines .card").nth(2).focus()
    page.evaluate("document.querySelector('#places .ag-body-viewport').scrollTop = 120")
    where = """() => { const map = jingwei.maps.map.map; return [map.getCenter().lat, map.getCenter().lng, map.getZoom(),
        document.querySelector('#places .ag-body-viewport').scrollTop, document.activeElement.dataset.figure, location.search]; }"""
    before = page.evaluate(where)
    assert before[3:5] == [120, "overdue_open"]
    living.command("demo-time", "--jump", "12h")
    ticked(page)
    settled(living, page)
    assert page.evaluate(where) == before


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_new_tickets_pulse_once_and_are_gone(living: Living, watched: Callable[..., Visit], motion: str) -> None:
    here = watched(reduced_motion=motion)
    page = here.open("/?level=grid&period=month")
    followed(page)
    living.command("demo-time", "--jump", "6h")
    until(page, "Number(document.getElementById('map').dataset.pulses || 0) > 0")
    until(page, "jingwei.maps.map.pulses.running === false")
    assert page.evaluate("jingwei.maps.map.pulses.canvas.width") == 0


def test_an_ended_server_is_said_and_its_return_brings_everything_back(
    living: Living, watched: Callable[..., Visit]
) -> None:
    here = watched()
    page = here.open("/?level=grid&figure=open&period=month")
    followed(page)
    page.evaluate("window.untouched = true")
    before = page.evaluate(NUMBERS)
    living.stop(signal.SIGKILL)
    expect(page.locator(".age-state")).to_have_text("正在重连", timeout=60_000)
    living.start()
    expect(page.locator(".age-state")).to_have_text("", timeout=60_000)
    until(page, "jingwei.live.state().socket === 1")
    living.command("demo-time", "--jump", "1d")
    changed(page, before)
    settled(living, page)
    counted = figures(living, "district")[0]["figures"]
    assert page.evaluate(NUMBERS)["open"] == str(counted["open"]["value"])
    assert page.evaluate("window.untouched") is True


def test_without_a_socket_a_page_asks_by_plain_requests(living: Living, watched: Callable[..., Visit]) -> None:
    here = watched()
    here.page.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose && this.onclose(), 10); } close() {} };"
    )
    page = here.open("/?level=grid&figure=open&period=month")
    followed(page)
    before = page.evaluate(NUMBERS)
    living.command("demo-time", "--jump", "1d")
    changed(page, before)
    settled(living, page)
    counted = figures(living, "district")[0]["figures"]
    assert page.evaluate(NUMBERS)["open"] == str(counted["open"]["value"])
    expect(page.locator(".age-state")).to_have_text("")


def test_a_page_of_another_program_loads_itself_anew_once(watched: Callable[..., Visit]) -> None:
    here = watched()
    page = here.open("/?level=grid&period=month")
    followed(page)
    page.evaluate("() => { window.untouched = true; document.querySelector('meta[name=build]').content = 'older'; }")
    until(page, "!window.untouched && window.jingwei && jingwei.live")
    followed(page)


def test_the_demo_s_clock_is_set_from_the_header(living: Living, watched: Callable[..., Visit]) -> None:
    here = watched()
    page = here.open("/?level=grid&period=month")
    followed(page)
    expect(page.locator(".mark")).to_have_text("模拟数据")
    shown = page.locator(".clock time").inner_text()
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", shown)
    expect(page.locator(".clock-speed")).to_have_text("已暂停")
    page.locator(".clock").focus()
    page.keyboard.press("Enter")
    page.locator("#demo-speed-600").click()
    expect(page.locator(".clock-speed")).to_have_text("×600", timeout=20_000)
    expect(page.locator("#demo-speed-600")).to_have_attribute("aria-pressed", "true")
    page.locator("#demo-speed-0").click()
    expect(page.locator(".clock-speed")).to_have_text("已暂停", timeout=20_000)
    assert page.locator(".clock time").inner_text() != shown
    page.keyboard.press("Escape")
    expect(page.locator("#demo-speed-0")).not_to_be_visible()
    here.settle()
