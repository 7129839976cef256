"""A real server over the sample district, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from data.definitions import FOLDER, definitions_of
from data.progress import Quiet
from data.settings import Settings
from tests.sample import make_sample

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]


def run(*words: str, home: Path, log: Path, **settings: str) -> subprocess.Popen[bytes]:
    """The program with a home and settings of its own, its words going to a file."""
    surroundings = {**os.environ, "JINGWEI_HOME": str(home), "JINGWEI_PORT": "0", "JINGWEI_THREADS": "2"}
    surroundings |= {f"JINGWEI_{name.upper()}": value for name, value in settings.items()}
    if words[0] == "serve":
        hush(home)
    with log.open("wb") as out:
        return subprocess.Popen([sys.executable, "app.py", *words], cwd=ROOT, env=surroundings, stdout=out, stderr=out)


def hush(home: Path) -> None:
    """Turn off the alarms that made-up and old cases would raise in the middle of a test; a warning's stays on."""
    folder = home / FOLDER / "alarms"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in definitions_of(None, "alarm").items():
        if name != "hazard":
            (folder / f"{name}.toml").write_text(f"off = true\n{text.body}", "utf-8")


def address_of(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address the server prints, waited for at most a minute."""
    for _ in range(600):
        found = [word for word in log.read_text("utf-8").split() if word.startswith("http://")]
        if found:
            return found[0]
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


@contextmanager
def served(home: Path, log: Path, **settings: str) -> Iterator[str]:
    """The address of a server over this home, which ends with the block."""
    process = run("serve", home=home, log=log, **settings)
    try:
        yield address_of(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the sample district."""
    home = tmp_path_factory.mktemp("sample") / "var"
    make_sample(Settings(home=home), Quiet())
    return home


@pytest.fixture(scope="session")
def server(sample_home: Path) -> Iterator[str]:
    """The address of a server that runs for all tests and has ended cleanly after them."""
    log = sample_home.parent / "server.log"
    process = run("serve", home=sample_home, log=log)
    try:
        yield address_of(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        ended = process.wait(timeout=30)
    assert ended in (0, 130, -signal.SIGINT), log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


@pytest.fixture(scope="module")
def own_server(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a copy of the sample, for tests that move cases or import: they change no other test's numbers."""
    folder = tmp_path_factory.mktemp("own")
    made = run("backup", str(folder / "copy.duckdb"), home=sample_home, log=folder / "backup.log")
    assert made.wait(timeout=120) == 0, (folder / "backup.log").read_text("utf-8")
    made = run("restore", str(folder / "copy.duckdb"), home=folder / "var", log=folder / "restore.log")
    assert made.wait(timeout=120) == 0, (folder / "restore.log").read_text("utf-8")
    with served(folder / "var", folder / "server.log") as address:
        yield address
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a GPU, with a fresh profile."""
    program = shutil.which(os.environ.get("JINGWEI_CHROMIUM", "chromium"))
    if program is None:
        pytest.skip("no Chromium here; `make browser` installs one")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield made
        made.close()


# Of each polygon in view the pixel in the middle of its pixels, if it is its own, as a point of the window.
SPOTS = """() => {
  const { map, cells } = jingwei.maps.map;
  const box = map.getContainer().getBoundingClientRect();
  const found = {};
  for (let y = 40; y < box.height - 40; y += 3) for (let x = 60; x < box.width - 60; x += 3) {
    const polygon = cells.at(L.point(x, y));
    if (polygon >= 0
      && document.elementFromPoint(box.x + x, box.y + y) === map.getContainer())
      (found[polygon] ||= []).push([box.x + x, box.y + y]);
  }
  return Object.values(found).map(points => points[points.length >> 1]);
}"""


@dataclass
class Visit:
    """A page with what went wrong on it: faults on the console, requests to other hosts, failed answers."""

    page: Page
    server: str
    faults: list[str] = field(default_factory=list)
    waiting: set[Request] = field(default_factory=set)

    def watch(self) -> None:
        """Write down every fault from now on."""
        self.page.on(
            "console", lambda m: self.faults.append(f"console: {m.text}") if m.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._answered)
        self.page.on("requestfailed", self._answered)
        self.page.on("response", lambda r: self.faults.append(f"{r.status} {r.url}") if r.status >= 400 else None)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"}:
            if "-worker." not in parts.path:  # the browser never says that a shared worker's script has come
                self.waiting.add(request)
            if parts.netloc != urlsplit(self.server).netloc:
                self.faults.append(f"another host: {request.url}")

    def _answered(self, request: Request) -> None:
        self.waiting.discard(request)

    def open(self, path: str = "/") -> Page:
        """Go to a path and wait until its page is drawn and nothing is asked any more."""
        self.page.goto(self.server + path)
        self.page.wait_for_selector("#page > *:not(.message)")
        self.settle()
        return self.page

    def drawing(self) -> bool:
        """Whether a map is there whose picture is still to come."""
        return self.page.locator("#map[data-picture=coming]").count() > 0

    def spots(self) -> list[tuple[float, float]]:
        """A point of the window on each polygon in view, in the polygons' order."""
        return [tuple(spot) for spot in self.page.evaluate(SPOTS)]

    def settle(self) -> None:
        """Wait until nothing has been asked for a while; at most half a minute."""
        quiet = 0
        for _ in range(300):
            self.page.wait_for_timeout(100)
            quiet = 0 if self.waiting or self.drawing() else quiet + 1
            if quiet == 4:
                return
        raise AssertionError(f"still waiting for {[request.url for request in self.waiting]}")


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Makes visits: `visit(width, height, theme, language, ratio)`. Any fault on any of them fails the test."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def make(
        width: int = 1366, height: int = 768, theme: str = "light", language: str = "zh", ratio: float = 1
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=ratio,
            color_scheme="dark" if theme == "dark" else "light",
            locale="zh-CN",
        )
        context.add_cookies([{"name": "language", "value": language, "url": server}])
        made = Visit(context.new_page(), server)
        made.watch()
        contexts.append(context)
        visits.append(made)
        return made

    yield make
    for context in contexts:
        context.close()
    assert [fault for one in visits for fault in one.faults] == []
