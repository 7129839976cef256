"""Two hundred connected screens while fifty moves a second come in by the API, in five batches: when each screen was told, when two
real browsers had painted it, what the server's processor did for it, and how all of them came back after a restart.

198 screens are sockets without a picture (tests/bench/screens.py) in a process of their own: maps of grids, communities and
streets, and walls. Two are headless Chromium. Two moves of five open a closed case again, so the sum of a map's numbers says which
moves a message has in it. Times are from the API's answer; everything runs on this one machine, the browsers' pictures too.
Sizes: JINGWEI_BENCH_SCREENS, JINGWEI_BENCH_SECONDS; JINGWEI_BENCH_DEMO is a folder with a standard demo to copy instead of building one.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from dashboard.coming.nightly import foretell_now
from data.actors import PROGRAM
from data.progress import Quiet
from data.settings import Settings
from data.store import FILE, Store
from etl import demo, demo_time
from tests.bench.bench_live import FLAGS
from tests.bench.report import Row
from tests.bench.screens import Screen, follow

APP = Path(__file__).parents[2] / "app.py"
SCREENS, BROWSERS = int(os.environ.get("JINGWEI_BENCH_SCREENS", "200")), 2
SECONDS = float(os.environ.get("JINGWEI_BENCH_SECONDS", "60"))
ALONE, SETTLE, PATIENCE = 15.0, 25.0, 60.0
RATE, EVERY = 50, 0.2  # moves a second, and seconds between two batches
# As the page itself writes its address, so that browsers and sockets follow the same channels.
SHOWN = "figure=open&period=month&basis=own&method=quantile&value=own&classes=5&events=off"
GRIDS, COMMUNITIES, STREETS = (f"?level={level}&{SHOWN}" for level in ("grid", "community", "street"))
SHARES = ((GRIDS, 12), (COMMUNITIES, 4), (STREETS, 2), ("?wall={district}", 2))
WATCH = """() => { window.painted = []; const view = jingwei.maps.map, tick = view.tick.bind(view);
    view.tick = pieces => { tick(pieces); requestAnimationFrame(() => { const c = new MessageChannel();
        c.port1.onmessage = () => painted.push([jingwei.live.state().marks.map, Date.now() / 1000]);
        c.port2.postMessage(0); }); }; }"""
Told = Sequence[tuple[str, float]]


@dataclass
class Prepared:
    """A demo whose time stands, a program's key, and cases to move."""

    home: Path
    key: str
    district: str
    closed: Iterator[int]
    urging: Iterator[int]


def prepared(folder: Path) -> Prepared:
    """Copy or build the standard demo, stop its clock, and make what the driver needs."""
    home = folder / "standard"
    if found := os.environ.get("JINGWEI_BENCH_DEMO"):
        home.mkdir()
        shutil.copy(Path(found) / FILE, home / FILE)
    else:
        demo.build(home, "standard", progress=Quiet())
    with Store.open(home, Settings(home=home)) as store:
        demo_time.pause(store)
        foretell_now(store, Quiet())  # as every night; else the server would begin to, a minute after its start
        return made_ready(store)


def made_ready(store: Store, which: str = "true") -> Prepared:
    """What the driver needs of a store: a key, and cases that lie in a grid; which: SQL that narrows them."""
    account = store.access.accounts.add(PROGRAM, name="bench", roles=["dispatcher"], outside="bench")
    _token, key = store.access.tokens.add_key(PROGRAM, "bench", account)
    rows = store.rows(
        f"""SELECT case_id, stage = 'closed' AS closed FROM cases
            WHERE kind = 'event' AND parent_case_id IS NULL AND NOT suspended AND NOT excluded AND {which}
                AND stage IN ('closed', 'registered', 'dispatched', 'accepted', 'handled')
                AND case_id IN (SELECT case_id FROM case_place WHERE grid_id IS NOT NULL
                    AND atlas_id = (SELECT arg_max(atlas_id, effective_from) FROM atlas WHERE current))
            ORDER BY hash(case_id)"""
    )
    found = [[row["case_id"] for row in rows if row["closed"] is closed] for closed in (True, False)]
    return Prepared(store.home, key, store.deployment.code, iter(found[0]), itertools.cycle(found[1]))


class Server:
    """The program in a process of its own, always at the same address."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address, self._home = f"http://127.0.0.1:{self.port}", home
        self.start()

    def start(self) -> float:
        """Start, and wait until it listens; when it did (seconds since 1970)."""
        given = {"JINGWEI_HOME": str(self._home), "JINGWEI_PORT": str(self.port), "JINGWEI_LOG_LEVEL": "error"}
        self.process = subprocess.Popen(
            [sys.executable, str(APP), "serve"], cwd=APP.parent, env=os.environ | given, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise SystemExit("the server did not start")
        return time.time()

    def stop(self) -> None:
        """End it as an administrator would."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def cpu(self) -> float:
        """Seconds of processor it has used."""
        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)


@dataclass
class Driver:
    """Moves by the API: when each reopening was accepted, and how long each batch took."""

    address: str
    ready: Prepared
    accepted: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    moves: int = 0
    wrong: list[str] = field(default_factory=list)
    ending_now: threading.Event = field(default_factory=threading.Event)

    def drive(self, seconds: float) -> float:
        """Move for so long; moves a second."""
        began, sent = time.monotonic(), 0
        with httpx.Client(headers={"authorization": f"Bearer {self.ready.key}"}, timeout=60) as client:
            while (passed := time.monotonic() - began) < seconds and not self.ending_now.is_set():
                due = min(int(passed * RATE) + 1 - sent, 500)
                if due > 0:
                    self._send(client, due)
                    sent += due
                time.sleep(max(0.0, EVERY - (time.monotonic() - began - passed)))
        return sent / (time.monotonic() - began)

    def _send(self, client: httpx.Client, count: int) -> None:
        lines = [self._line(self.moves + i) for i in range(count)]
        self.moves += count
        began = time.time()
        answer = client.post(
            f"{self.address}/api/v1/cases:batch",
            content="\n".join(map(json.dumps, lines)),
            headers={"content-type": "application/x-ndjson"},
        )
        now = time.time()
        self.took.append(now - began)
        told = [json.loads(text) for text in answer.text.splitlines()]
        self.wrong += [json.dumps(one) for one in told if one["status"] != 200]
        self.accepted += [
            now for line, one in zip(lines, told, strict=True) if "reason" in line and one["status"] == 200
        ]

    def _line(self, number: int) -> dict[str, Any]:
        key = f"bench {number} {id(self)}"
        if number % 5 < 2:
            return {"move": "reopen", "case": next(self.ready.closed), "key": key, "reason": "bench"}
        return {"move": "urge", "case": next(self.ready.urging), "key": key}


def waited(accepted: Sequence[float], told: Told, totals: Mapping[str, float], before: float) -> list[float]:
    """Seconds from each reopening's answer to the first message, or picture, that has it: whose total is that much higher."""
    heard = [(totals[mark] - before, at) for mark, at in told if mark in totals]
    found, i = [], 0
    for number, moment in enumerate(accepted, 1):
        while i < len(heard) and heard[i][0] < number:
            i += 1
        if i == len(heard):
            break
        found.append(max(0.0, heard[i][1] - moment))
    return found


@contextmanager
def screens(address: str, searches: Sequence[str]) -> Iterator[Any]:
    """The process of the screens without a picture, one a search; ask it with "?"."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=follow, args=(address, searches, theirs), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.send("end")
        process.join(20)


def mixed(district: str) -> list[str]:
    """What the screens without a picture show."""
    searches = [search.format(district=district) for search, share in SHARES for _ in range(share)]
    return [searches[i % len(searches)] for i in range(SCREENS - BROWSERS)]


def noted(pipe: Any) -> tuple[list[Screen], dict[str, dict[str, float]]]:
    """What the screens have noted so far."""
    pipe.send("?")
    told: tuple[list[Screen], dict[str, dict[str, float]]] = pipe.recv()
    return told


def opened(browser: Any, address: str, search: str) -> Page:
    """A page that follows its channels and notes its pictures."""
    page: Page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.goto(f"{address}/{search}")
    page.wait_for_selector("#map[data-picture=there]", timeout=120_000)
    while page.evaluate("Object.keys(jingwei.live.state().marks).length") < 3:
        page.wait_for_timeout(200)
    page.evaluate(WATCH)
    return page


def quantiles(title: str, seconds: Sequence[float], budgets: Mapping[float, str]) -> list[Row]:
    """Rows of a distribution in milliseconds."""
    found: Any = 1000 * np.array(seconds)
    return [Row(f"{title}, p{q:g}", float(np.quantile(found, q / 100)), "ms", b) for q, b in budgets.items()]


LIMITS = {50: "", 95: "< 500 ms", 99: "< 1,000 ms"}


def live(server: Server, driver: Driver, pages: Mapping[str, Page], pipe: Any, alone: float) -> list[Row]:
    """Drive for `SECONDS`; how long everything took, and the server's processor beside `alone`, that of the moves without screens."""
    before = {search: list(one.values())[-1] for search, one in noted(pipe)[1].items() if one}
    driver.accepted.clear()
    driver.took.clear()
    ticked, cpu, began = len(noted(pipe)[0][0].maps), server.cpu(), time.monotonic()
    rates: list[float] = []
    driving = threading.Thread(target=lambda: rates.append(driver.drive(SECONDS)))
    driving.start()
    while driving.is_alive():
        next(iter(pages.values())).wait_for_timeout(200)
    used, passed = server.cpu() - cpu, time.monotonic() - began
    next(iter(pages.values())).wait_for_timeout(5000)
    told, totals = noted(pipe)
    ticks = sum(at < began + passed + time.time() - time.monotonic() for _, at in told[0].maps[ticked:])
    messages = [s for one in told if one.search in before for s in
                waited(driver.accepted, one.maps, totals[one.search], before[one.search])]  # fmt: skip
    pictures = [s for search, page in pages.items() for s in
                waited(driver.accepted, page.evaluate("painted"), totals[search], before[search])]  # fmt: skip
    return [
        Row(f"moves a second, {len(told) + len(pages)} screens", rates[0], "moves/s", "50"),
        *quantiles("move sent → accepted", driver.took, {50: "", 95: "", 99: ""}),
        *quantiles(f"move accepted → told to {len(told)} sockets", messages, LIMITS),
        *quantiles(f"move accepted → painted in {len(pages)} browsers", pictures, LIMITS),
        Row("server's processor, a second of moves without screens", alone, "s"),
        Row("server's processor, a second of moves with all screens", used / passed, "s"),
        Row(
            "server's processor for a tick of all screens, moves taken off",
            (used / passed - alone) * passed / ticks,
            "s",
        ),
        Row("ticks of the grids' map a second", ticks / passed, "1/s"),
        Row(
            "messages a second to all sockets",
            sum(one.messages for one in told) / (time.time() - told[0].connected[0]),
            "1/s",
        ),
    ]


def restarted(server: Server, pages: Mapping[str, Page], pipe: Any) -> list[Row]:
    """Stop and start the server; seconds from its first word to each screen's."""
    gone = time.time()
    server.stop()
    there = server.start()
    end, back = time.monotonic() + PATIENCE, {}
    while time.monotonic() < end:
        told, _ = noted(pipe)
        for name, page in pages.items():
            if name not in back and page.evaluate("jingwei.live.state().socket === 1 && jingwei.silence() < 1"):
                back[name] = time.time()
        if all(one.connected[-1] > gone for one in told) and len(back) == len(pages):
            break
        next(iter(pages.values())).wait_for_timeout(250)
    returned = sorted([one.connected[-1] for one in told if one.connected[-1] > gone] + list(back.values()))
    took: Any = np.array(returned) - there
    fullest = max(int(np.searchsorted(took, t + 0.1) - i) for i, t in enumerate(took))
    return [
        Row("the server away", there - gone, "s"),
        Row("screens back by themselves after it", float(len(returned)), "", f"{len(told) + len(pages)}"),
        *[Row(f"back after it listens, p{q}", float(np.quantile(took, q / 100)), "s") for q in (5, 50, 95, 100)],
        Row("most that came in one tenth of a second", float(fullest), ""),
    ]


def measured(ready: Prepared) -> list[Row]:
    """All rows."""
    server = Server(ready.home)
    program = shutil.which(os.environ.get("JINGWEI_CHROMIUM", "chromium"))
    try:
        driver = Driver(server.address, ready)
        driver.drive(5)
        cpu = server.cpu()
        driver.drive(ALONE)
        alone = (server.cpu() - cpu) / ALONE
        with sync_playwright() as playwright, screens(server.address, mixed(ready.district)) as pipe:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            pages = {search: opened(browser, server.address, search) for search in (GRIDS, COMMUNITIES)}
            next(iter(pages.values())).wait_for_timeout(1000 * SETTLE)
            rows = live(server, driver, pages, pipe, alone)
            rows += restarted(server, pages, pipe)
            browser.close()
        if driver.wrong:
            print(len(driver.wrong), "moves were refused, for example", driver.wrong[0])
        return rows
    finally:
        server.stop()


def run() -> list[Row]:
    """Prepare the demo, then measure."""
    with tempfile.TemporaryDirectory(prefix="jingwei-bench-") as folder:
        return measured(prepared(Path(folder)))
