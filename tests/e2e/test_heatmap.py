"""The heatmap in a browser: one visit goes down by keys and back, changes the figure, draws the curtain and makes small maps of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

OVERFLOWS = """() => [document.documentElement, ...document.querySelectorAll('.header, .heat-bar, .heat-head, .heat-side')]
    .filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.className)"""


def test_a_leader_goes_down_by_keys_compares_and_comes_back(visit: Callable[..., Visit]) -> None:
    visited = visit(1366, 768, language="en")
    page = visited.open("/heatmap?level=community&figure=reported&period=year")
    page.wait_for_selector(".heat-canvas[data-picture=there]")
    page.wait_for_selector(".heat-table tbody tr")
    assert page.evaluate(OVERFLOWS) == []
    name = page.locator(".heat-table tbody button").first.inner_text()
    page.locator(".heat-table tbody button").first.press("Enter")
    page.wait_for_selector(f".crumb[aria-current]:text-is('{name}')")
    assert "level=grid" in page.url
    assert "within=" in page.url
    page.go_back()
    page.wait_for_selector(f".crumb:text-is('{name}')", state="detached")
    page.select_option(".is-view select", "swipe")
    handle = page.locator(".heat-handle")
    handle.press("ArrowLeft")
    assert handle.get_attribute("aria-valuenow") == "48"
    page.evaluate("() => { delete document.querySelector('.heat-stage').dataset.drawn }")
    page.select_option(".is-view select", "months")
    page.wait_for_selector(".heat-stage[data-drawn=yes] .heat-small")
    assert page.locator(".heat-small").count() == 12
    page.locator(".heat-small").last.click()
    page.wait_for_selector(".heat-canvas[data-picture=there]")
    assert "period=custom" in page.url
    page.select_option(".is-lens select", "hexagons")
    page.wait_for_selector(".heat-canvas[data-hexagons]")
    page.locator("[data-tab=topics]").click()
    page.wait_for_selector(".topics")
    assert visited.faults == []
