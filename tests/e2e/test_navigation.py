"""The header's heads with keys alone and by touch; on a phone the pages stand below one another and nothing runs over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e


def test_keys_alone_open_a_head_walk_it_and_leave_it(visit: Callable[..., Visit]) -> None:
    page = visit(1366, 768, language="en").open()
    heads = page.locator("#pages > .nav-head")
    heads.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(heads.first).to_have_attribute("open", "")
    page.keyboard.press("ArrowDown")
    expect(heads.first.locator("a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(heads.first.locator("a").last).to_be_focused()
    page.keyboard.press("Escape")
    expect(heads.first.locator("summary")).to_be_focused()
    expect(heads.first).not_to_have_attribute("open", "")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console")
    expect(heads.first).to_have_class("nav-head is-here")
    expect(heads.first).not_to_have_attribute("open", "")
    expect(page.locator("#pages [aria-current=page]")).to_have_attribute("href", "/console")
    heads.nth(1).locator("summary").click()
    heads.last.locator("summary").click()
    expect(page.locator("#pages > .nav-head[open]")).to_have_count(1)
    page.mouse.click(700, 400)
    expect(page.locator("#pages > .nav-head[open]")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_the_map_is_drawn_above_its_legend_figures_and_choices(
    visit: Callable[..., Visit], language: str
) -> None:
    visited = visit(390, 844, language=language)
    page = visited.open()
    boxes = [page.locator(part).bounding_box() for part in ("#map", ".legends", ".side", ".rail")]
    tops = [box["y"] for box in boxes if box is not None]
    assert tops == sorted(tops)
    assert len(tops) == 4
    assert boxes[0] is not None
    assert boxes[0]["width"] == 390
    assert boxes[0]["height"] > 250
    for path in ("/", "/playback", "/console/handover", "/console", "/emergency"):
        if path != "/":
            visited.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.locator("#pages > .nav-head summary").last.click()
    box = page.locator(".nav-head[open] .nav-pages").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
