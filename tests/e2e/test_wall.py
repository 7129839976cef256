"""A wall in a browser: what fits where, what it goes through, who stops it, a wall's own token."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from data.control import ControlClient
from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

# Whatever sticks out of the window or of its panel, and texts smaller than a 72th of the window's height.
WRONG = """() => {
  const wrong = [], least = window.innerHeight / 72;
  for (const box of document.querySelectorAll('.wall-head > *, .wall-panel, .wall-line:not([hidden]), .wall-card, svg text')) {
    const at = box.getBoundingClientRect(), home = (box.closest('.wall-panel') || document.body).getBoundingClientRect();
    if (at.bottom > home.bottom + 1 || at.right > home.right + 1 || at.left < home.left - 1) wrong.push(['out', box.textContent]);
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (walk.currentNode.data.trim() && parent.checkVisibility() && !parent.closest('script, .leaflet-container')
      && parseFloat(getComputedStyle(parent).fontSize) < least) wrong.push(['small', walk.currentNode.data]);
  }
  const page = document.scrollingElement;
  if (page.scrollHeight > window.innerHeight || page.scrollWidth > window.innerWidth) wrong.push(['scrolls']);
  return wrong;
}"""


def hang(visit: Visit, address: str) -> Page:
    """Open a wall and wait until it shows its place."""
    visit.page.goto(visit.server + address)
    visit.page.wait_for_selector("html.is-ready", timeout=60_000)
    visit.page.wait_for_selector("#map[data-picture=there]", timeout=60_000)
    return visit.page


def shown(page: Page) -> list[str]:
    """The place and the layout on the screen."""
    found: list[str] = page.evaluate(
        "[wall.dataset.place, wall.dataset.layout, document.querySelector('.wall-place').textContent]"
    )
    return found


def until(page: Page, wanted: list[str]) -> None:
    """Wait until the wall shows this."""
    for _ in range(300):
        if shown(page)[: len(wanted)] == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(shown(page))


@pytest.mark.parametrize(
    ("width", "height", "language", "layout"),
    [(1920, 1080, "zh", "district"), (3840, 2160, "en", "emergency"), (1366, 768, "en", "district")],
)
def test_a_wall_fits_its_screen_and_can_be_read(
    visit: Callable[..., Visit], width: int, height: int, language: str, layout: str
) -> None:
    page = hang(visit(width, height, "light", language), f"/wall/990101?layout={layout}")
    assert page.evaluate(WRONG) == []
    assert (
        page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 15, 20)"
    )  # dark whatever the system says
    assert page.locator(".mark").inner_text().startswith({"zh": "模拟数据", "en": "Simulated data"}[language])


def test_a_wall_goes_through_its_streets_and_is_stopped_by_a_key_and_held_by_an_alarm(
    visit: Callable[..., Visit],
) -> None:
    page = hang(visit(1920, 1080), "/wall/990101?rotate=streets&every=5&pause=5")
    page.evaluate("window.untouched = true")
    stops = page.evaluate("jingwei.wall.said.stops.map(stop => stop.place)")
    assert stops[0] == "990101"
    assert len(stops) > 2
    until(page, [stops[1], "street"])
    page.keyboard.press("ArrowRight")
    until(page, [stops[2], "street"])
    assert "轮播暂停" in page.locator(".wall-rotation").inner_text()
    page.evaluate(f"document.dispatchEvent(new CustomEvent('jingwei:alarm', {{ detail: {{ place: '{stops[1]}' }} }}))")
    until(page, [stops[1], "street"])
    page.wait_for_timeout(6000)
    assert shown(page)[0] == stops[1]
    page.evaluate("document.dispatchEvent(new Event('jingwei:calm'))")
    until(page, [stops[2], "street"])
    assert page.evaluate("[window.untouched, document.querySelectorAll('.leaflet-container').length]") == [True, 1]


def test_a_wall_enters_by_its_token_and_shows_nothing_else(visit: Callable[..., Visit], sample_home: object) -> None:
    made = ControlClient(sample_home).call("wall_add", {"label": "hall", "place": "990101"})  # type: ignore[arg-type]
    here = visit(1366, 768)
    page = hang(here, f"/wall/990101?token={made['secret']}")
    assert page.url == f"{here.server}/wall/990101"
    assert page.evaluate("fetch('/_dash-layout').then(answer => answer.status)") == 403
    here.faults.clear()
