"""An open screen over a demo district that lives: what changes by itself, and what happens when the server goes and comes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from data.control import ControlClient
from tests.e2e.conftest import ROOT, Visit, address_of, hush, run

pytestmark = pytest.mark.e2e

# While the server is away the browser itself writes that it could not connect; nothing else may be written.
AWAY = re.compile(
    r"/live/(socket|now)|net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)|WebSocket connection to"
)
NUMBERS = """() => Object.fromEntries([...document.querySelectorAll('#headlines .card')].map(card =>
    [card.dataset.figure, card.querySelector('.card-value').textContent]))"""
WHERE = """() => { const map = jingwei.maps.map.map; return [map.getCenter().lat, map.getCenter().lng, map.getZoom(),
    document.querySelector('#places .ag-body-viewport').scrollTop, document.activeElement.dataset.figure, location.search]; }"""
ROWS = "() => { const rows = {}; dash_ag_grid.getApi('places').forEachNode(n => rows[n.data.place] = n.data.open); return rows; }"
ON_MAP = "() => Object.fromEntries(jingwei.maps.map.names.codes.map((code, i) => [code, jingwei.maps.map.numbers[i]]))"
TREND = "() => ({ open: document.querySelector('#trend-chart .js-plotly-plot').data.at(-1).y.at(-1) })"
CARDS = """() => Object.fromEntries([...document.querySelectorAll('.wall-card')].map(card =>
    [card.querySelector('.wall-card-name span').textContent, card.querySelector('.wall-value').textContent]))"""
# As browsers have it where something on the way lets no socket through.
NO_SOCKET = """window.WebSocket = class {
    static CONNECTING = 0; static OPEN = 1; static CLOSING = 2; static CLOSED = 3;
    readyState = 0;
    constructor() { setTimeout(() => { this.readyState = 3; if (this.onclose) this.onclose(); }, 10); }
    send() { throw new DOMException("still connecting", "InvalidStateError"); }
    close() { this.readyState = 3; } };"""


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
        hush(self.home)
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

    def time(self, **args: Any) -> Any:
        """What `python app.py demo-time` does and says."""
        return ControlClient(self.home).call("demo_time", args)

    def lived(self) -> None:
        """Wait until the demo has lived up to where its clock was sent."""
        for _ in range(600):
            state = self.time()
            if state["worked_until"] >= state["goal"]:
                return
            sleep(0.1)
        raise AssertionError(f"still at {state}")

    def today(self, zone: str) -> date:
        """The day it is there."""
        return datetime.fromisoformat(str(self.time()["now"])).astimezone(ZoneInfo(zone)).date()

    def figures(self, level: str, period: str = "") -> list[dict[str, Any]]:
        """What `python app.py figures` counts for the month the screen shows, or another period."""
        asked = {
            "level": level,
            "period": period or str(self.time()["now"])[:7],
            "figures": None,
            "kind": "event",
            "plan": "period_end",
        }
        rows: list[dict[str, Any]] = ControlClient(self.home).call("figures", asked)
        return rows


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """The tiny demo with its time paused, so that what is counted twice is the same."""
    folder = tmp_path_factory.mktemp("living")
    made = run("demo", "--preset", "tiny", home=folder / "var", log=folder / "log")
    assert made.wait(timeout=300) == 0, (folder / "log").read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Living(folder / "var", port)
    try:
        found.start()
        found.time(pause=True)
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
    until(page, "window.jingwei && jingwei.live && Object.keys(jingwei.live.state().marks).length >= 3")


def said(living: Living) -> dict[str, str]:
    """The cards' counts as the program counts them."""
    counted = living.figures("district")[0]["figures"]
    return {name: f"{counted[name]['value']:,}" for name in ("open", "overdue_open", "registered", "closed")}


def shows(page: Page, wanted: dict[str, Any], expression: str = NUMBERS) -> None:
    """Wait until the screen shows these of its numbers."""
    for _ in range(300):
        shown = page.evaluate(expression)
        found = {name: shown.get(name) for name in wanted}
        if found == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError({name: (found[name], wanted[name]) for name in wanted if found[name] != wanted[name]})


def test_a_jump_changes_an_open_screen_to_what_the_program_counts_and_moves_nothing(
    living: Living, watched: Callable[..., Visit]
) -> None:
    page = watched().open("/?level=grid&figure=open&period=month&at=29.60,123.00,15")
    followed(page)
    page.locator("#headlines .card").nth(2).focus()
    page.evaluate("document.querySelector('#places .ag-body-viewport').scrollTop = 120")
    page.evaluate("window.untouched = true")
    before, where = said(living), page.evaluate(WHERE)
    assert where[3:5] == [120, "overdue_open"]
    living.time(jump="2d")
    living.lived()
    assert said(living) != before
    shows(page, said(living))
    rows = {row["place"]: row["figures"]["open"]["value"] for row in living.figures("grid") if not row["not_located"]}
    shows(page, rows, ROWS)
    shows(page, rows, ON_MAP)
    shows(page, {"open": living.figures("district")[0]["figures"]["open"]["value"]}, TREND)
    assert page.evaluate("window.untouched") is True  # the page was not loaded anew
    assert page.evaluate(WHERE) == where


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_new_tickets_pulse_once_and_are_gone(living: Living, watched: Callable[..., Visit], motion: str) -> None:
    here = watched(reduced_motion=motion)
    page = here.open("/?level=grid&period=month")
    followed(page)
    living.time(jump="6h")
    until(page, "Number(document.getElementById('map').dataset.pulses || 0) > 0")
    until(page, "jingwei.maps.map.pulses.running === false")
    assert page.evaluate("jingwei.maps.map.pulses.paper.canvas.width") == 0


def test_an_ended_server_is_said_and_its_return_brings_everything_back(
    living: Living, watched: Callable[..., Visit]
) -> None:
    page = watched().open("/?level=grid&figure=open&period=month")
    followed(page)
    page.evaluate("window.untouched = true")
    living.stop(signal.SIGKILL)
    expect(page.locator(".age-state")).to_have_text("正在重连", timeout=30_000)
    living.start()
    expect(page.locator(".age-state")).to_have_text("", timeout=30_000)
    until(page, "jingwei.live.state().socket === 1")
    before = said(living)
    living.time(jump="1d")
    living.lived()
    assert said(living) != before
    shows(page, said(living))
    assert page.evaluate("window.untouched") is True


def test_without_a_socket_a_page_asks_by_plain_requests(living: Living, watched: Callable[..., Visit]) -> None:
    here = watched()
    here.page.add_init_script(NO_SOCKET)
    page = here.open("/?level=grid&figure=open&period=month")
    followed(page)
    before = said(living)
    living.time(jump="1d")
    living.lived()
    assert said(living) != before
    shows(page, said(living))
    expect(page.locator(".age-state")).to_have_text("")


def test_a_page_of_another_program_loads_itself_anew_once(living: Living, watched: Callable[..., Visit]) -> None:
    page = watched().open("/?level=grid&period=month")
    followed(page)
    with page.expect_event("load"):
        page.evaluate("document.querySelector('meta[name=build]').content = 'older'")
        living.time(pause=True)  # whatever is written brings a beat, and with it the program's name
    followed(page)
    page.evaluate("window.untouched = true")
    page.evaluate("document.querySelector('meta[name=build]').content = 'older'")
    living.time(pause=True)
    page.wait_for_timeout(2000)
    assert page.evaluate("window.untouched") is True  # once a program


def test_the_demo_s_clock_is_set_from_the_header(living: Living, watched: Callable[..., Visit]) -> None:
    here = watched()
    page = here.open("/?level=grid&period=month")
    followed(page)
    expect(page.locator("span.mark")).to_have_text("模拟数据")
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


def today_shown(living: Living, zone: str) -> dict[str, Any]:
    """What a wall's cards of today say, as the program counts it."""
    counted = living.figures("district", str(living.today(zone)))[0]["figures"]
    return {"今日新增": f"{counted['reported']['value']:,}", "今日办结": f"{counted['closed']['value']:,}"}


def test_a_wall_turns_the_day_at_midnight_and_is_back_by_itself_after_a_restart(
    living: Living, watched: Callable[..., Visit]
) -> None:
    page = watched().page
    page.goto(f"{living.address}/wall/990101")
    page.wait_for_selector("html.is-ready", timeout=60_000)
    page.evaluate("window.untouched = true")
    zone = page.evaluate("jingwei.wall.said.zone")
    day, before = living.today(zone), page.locator(".wall-day").inner_text()
    shows(page, today_shown(living, zone), CARDS)
    while living.today(zone) == day:
        living.time(jump="6h")
        living.lived()
    assert living.today(zone) == day + timedelta(days=1)
    shows(page, today_shown(living, zone), CARDS)
    assert page.locator(".wall-day").inner_text() != before
    page.evaluate(
        "const now = Date.now.bind(Date); Date.now = () => now() - 864e5;"
    )  # the machine's clock is set back a day
    living.stop(signal.SIGKILL)
    expect(page.locator("html")).to_have_attribute("data-link", "silent", timeout=30_000)
    living.start()
    expect(page.locator("html")).to_have_attribute("data-link", "", timeout=30_000)
    living.time(jump="2h")
    living.lived()
    shows(page, today_shown(living, zone), CARDS)
    assert page.evaluate("window.untouched") is True
