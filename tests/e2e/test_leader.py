"""The leader's page in a browser: nothing runs over on a tablet, a figure colours the map, and paper gets one A4 page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

OVERFLOWS = """() => [document.documentElement, ...document.querySelectorAll('.leader, .leader-card, .leader-panel, .leader-line-head')]
    .filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.className)"""


def test_a_tablet_shows_everything_and_paper_takes_one_page(visit: Callable[..., Visit]) -> None:
    visited = visit(820, 1180, language="en")
    page = visited.open("/leader")
    page.wait_for_selector(".leader-spark svg")
    page.wait_for_selector("#leader-map[data-picture=there]")
    page.wait_for_selector("#leader-attention > :not(.message):first-child, #leader-attention .message .icon")
    assert page.locator(".leader-card").count() == 5
    assert page.evaluate(OVERFLOWS) == []
    page.locator(".leader-pick[data-figure=repeat_rate]").click()
    page.wait_for_selector(".leader-pick[data-figure=repeat_rate][aria-pressed=true]")
    assert "Repeat" in page.locator("#leader-legend").inner_text()
    page.set_viewport_size({"width": 1180, "height": 820})
    assert page.evaluate(OVERFLOWS) == []
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1
    assert visited.faults == []
