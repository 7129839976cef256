"""A wall left alone while a district lives six hundred times as fast, through several midnights: what it keeps in memory.

An hour, or what JINGWEI_SOAK_MINUTES says.
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser, CDPSession

from tests.e2e.test_live import Living, living  # noqa: F401  the fixture

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

MINUTES = float(os.environ.get("JINGWEI_SOAK_MINUTES", "60"))
WARM = 90.0  # seconds until everything has been shown once
MOST = 2.0  # megabytes more at the end, after the garbage is gone: what two measurements differ by anyway


def measured(session: CDPSession) -> dict[str, float]:
    """JavaScript in use (megabytes), elements and listeners, once the garbage is gone."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return {"heap": found["JSHeapUsedSize"] / 1e6, "nodes": found["Nodes"], "listeners": found["JSEventListeners"]}


def test_a_wall_keeps_nothing_while_cases_come_and_places_change(
    living: Living,  # noqa: F811
    browser: Browser,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    page.goto(f"{living.address}/wall/990101?rotate=streets&every=10")
    page.wait_for_selector("html.is-ready", timeout=60_000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    living.time(speed=600)
    page.wait_for_timeout(WARM * 1000)
    before = measured(session)
    said = [before]
    for _ in range(max(1, round(MINUTES))):
        page.wait_for_timeout(60_000)
        said.append(measured(session))
    living.time(pause=True)
    after, news = said[-1], page.evaluate("Number(document.getElementById('map').dataset.pulses || 0)")
    with capsys.disabled():
        print(f"\na wall over {MINUTES:g} minutes, {news} new cases shown:")
        for minute, one in enumerate(said):
            print(
                f"  {minute:3d} min  {one['heap']:6.2f} MB  {one['nodes']:6.0f} nodes  {one['listeners']:5.0f} listeners"
            )
    page.context.close()
    assert news > 0
    assert after["heap"] - before["heap"] < MOST
    assert after["nodes"] - before["nodes"] < 200
    assert after["listeners"] - before["listeners"] < 20
