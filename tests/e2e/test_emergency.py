"""The alarm strip in a browser: an alarm comes in by itself, other scripts are told, a post acknowledges it, mute is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

SAMPLE = (Path(__file__).parents[1] / "warnings" / "geocode.xml").read_text("utf-8")
SEND = """async (sample) => {
    const at = (minutes) => new Date(jingwei.now() + minutes * 60000).toISOString().slice(0, 19) + "+00:00";
    const body = sample.replace(/2024-07-12T16:40:00.08:00/, at(-1)).replaceAll(/2024-07-12T22:40:00.08:00/g, at(60))
        .replaceAll(/2024-07-12T17:00:00.08:00/g, at(5)).replaceAll("990100", "990000").replace("_geocode", "_" + Date.now());
    return (await fetch("/api/v1/warnings", { method: "POST", body })).status; }"""
LISTEN = """() => { window.told = []; for (const name of ["jingwei:alarm", "jingwei:calm"])
    document.addEventListener(name, (event) => window.told.push([name, event.detail ? event.detail.colour : null])); }"""


def test_an_alarm_comes_in_is_told_and_acknowledged(visit: Callable[..., Visit]) -> None:
    page = visit().open("/emergency")
    strip = page.locator(".alarm-strip")
    expect(page.locator(".emergency-state h2")).to_be_visible()
    expect(strip).to_be_hidden()
    page.wait_for_function("() => jingwei.alarms.said && jingwei.now()")
    page.evaluate(LISTEN)
    assert page.evaluate(SEND, SAMPLE) == 201
    expect(strip).to_contain_text("青禾区气象台发布暴雨橙色预警")
    expect(page.locator(".alarm-list li")).to_have_count(1)
    strip.locator(
        ".alarm-sound"
    ).click()  # a touch: whatever the browser refused before, the choice is the person's now
    page.wait_for_function("() => ['muted', 'on'].includes(jingwei.alarms.sound)")
    if page.evaluate("() => jingwei.alarms.sound") == "on":
        strip.locator(".alarm-sound").click()
    expect(strip.locator(".alarm-sound")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("() => localStorage.getItem('jingwei-alarm-muted')") == "1"
    strip.get_by_role("button", name="确认").click()
    expect(strip).to_be_hidden()
    assert page.evaluate("() => window.told") == [["jingwei:alarm", "orange"], ["jingwei:calm", None]]
