"""Playback in a browser: it stands where one points, runs by keyboard, and its address opens it again; a wall needs nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

LONG = 30_000  # milliseconds
ROOT = "#playback[data-loaded=yes]"
AT = "Number(document.getElementById('playback').dataset.at)"


def stands(page: Page, share: float) -> None:
    """Wait until playback stands there, as a share of its interval."""
    page.wait_for_function(
        f"""share => {{ const {{ start, end }} = jingwei.player.outline;
            return Math.abs(({AT} - start) / (end - start) - share) < 0.01; }}""",
        arg=share,
        timeout=LONG,
    )


def test_a_past_day_is_played_by_scrubber_and_keyboard_and_its_address_opens_it_again(
    visit: Callable[..., Visit],
) -> None:
    made = visit(1366, 768)
    page = made.open("/playback")
    page.wait_for_selector(ROOT)
    expect(page.locator(".pb-mark")).to_contain_text("回放")
    expect(page.locator(".pb-feed h2")).to_have_text("高峰时段")
    track = page.locator(".pb-track")
    box = track.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    stands(page, 0.5)
    # What the card counts, the list behind it has; so has the map.
    card = page.locator(".pb-cards .card[data-count=open]")
    n = int(card.locator(".card-value").inner_text().replace(",", ""))
    assert n == page.evaluate("jingwei.player.tape.all[0]")
    card.click()
    expect(page.locator(".pb-lines.is-cases li")).to_have_count(min(n, 300), timeout=LONG)
    page.locator(".pb-feed h2 button").click()
    page.wait_for_selector(".pb-canvas[data-picture=there][data-points]", timeout=LONG)
    track.focus()
    page.keyboard.press("Home")
    stands(page, 0)
    page.keyboard.press("ArrowUp")  # 60× → 600×
    page.keyboard.press("Space")
    page.wait_for_function(f"() => {AT} > jingwei.player.outline.start + 600000", timeout=LONG)
    page.keyboard.press("Space")
    expect(page.locator("#playback[data-state=paused]")).to_have_count(1)
    page.wait_for_function(
        "() => location.search.includes('at=') && location.search.includes('speed=600')", timeout=LONG
    )
    here = page.evaluate(AT)
    made.open(page.evaluate("location.pathname + location.search"))
    page.wait_for_selector(ROOT)
    page.wait_for_function(f"() => {AT} === {here // 1000 * 1000}", timeout=LONG)
    expect(page.locator("#playback[data-state=paused]")).to_have_count(1)


def test_a_wall_plays_by_itself_without_anything_to_press(visit: Callable[..., Visit]) -> None:
    made = visit(1920, 1080, theme="dark")
    page = made.page
    code = page.request.get(made.server + "/playback/outline").json()["place"]["code"]
    page.goto(f"{made.server}/wall/{code}/playback?speed=3600")
    page.wait_for_selector("#playback[data-state=playing]", timeout=LONG)
    page.wait_for_function(f"() => {AT} > jingwei.player.outline.start + 3600000", timeout=LONG)
    assert page.locator(".pb-controls").is_hidden()
    expect(page.locator(".pb-mark")).to_contain_text("回放")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
