"""The page of rankings in a browser: it fits the smallest screen, and each n opens as many cases, from the address too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

OVERFLOWS = """() => [document.documentElement, ...document.querySelectorAll('.header, .rank-bar, .rank-head, .rank-funnel')]
    .filter(part => part.scrollWidth > part.clientWidth + 1).map(part => part.className)"""
LISTED = "() => dash_ag_grid.getApi('rank-cases').getDisplayedRowCount()"


def test_each_n_opens_as_many_cases_and_the_address_opens_them_again(visit: Callable[..., Visit]) -> None:
    visited = visit(1366, 768, language="en")
    page = visited.open("/rankings?subject=community&period=year")
    cell = page.locator('.rank-table [col-id="n"].opens').first
    n = int(cell.inner_text().replace(",", ""))
    assert page.evaluate(OVERFLOWS) == []
    assert page.locator(".interval-bar").count() > 0
    assert page.locator(".rank-funnel .js-plotly-plot .points path").count() > 0
    cell.click()
    page.wait_for_function(f"n => ({LISTED})() === n", arg=n)
    page.goto(page.url)
    page.wait_for_function(
        f"n => window.dash_ag_grid && document.querySelector('#rank-cases .ag-row') && ({LISTED})() === n", arg=n
    )
    page.keyboard.press("Escape")
    page.wait_for_selector(".rank-cases.is-open", state="detached")
    assert "cases=" not in page.url
    assert visited.faults == []
