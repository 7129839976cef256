"""The studio in a browser: a planner makes a draft of the plan in force, merges two grids, and takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data.settings import Settings
from tests.dashboard.town import build
from tests.e2e.conftest import Visit, served

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def town_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the small town."""
    folder: Path = tmp_path_factory.mktemp("studio-town")
    build(Settings(home=folder / "var", memory_share=0.1, threads=2))
    with served(folder / "var", folder / "server.log") as address:
        yield address


def test_a_planner_makes_a_draft_merges_two_grids_and_takes_it_back(town_server: str, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
    here = Visit(page, town_server)
    here.watch()
    page.goto(f"{town_server}/studio")
    page.get_by_label("名称").fill("第二版")
    page.get_by_role("button", name="新建").click()
    page.wait_for_url(re.compile(r"/studio/\d+$"), timeout=60_000)
    grids = page.locator(".studio-card strong").first
    expect(grids).to_have_text(re.compile(r"^\d+$"), timeout=60_000)
    before = int(grids.inner_text())
    page.get_by_role("button", name="全部", exact=True).click()
    page.locator(".studio-grids .studio-name").nth(0).click()
    page.locator(".studio-grids .studio-name").nth(1).click(modifiers=["Shift"])
    page.get_by_role("button", name="合并").click()
    expect(grids).to_have_text(str(before - 1))
    page.get_by_role("button", name="撤销").click()
    expect(grids).to_have_text(str(before))
    page.get_by_role("button", name="重做").click()
    expect(grids).to_have_text(str(before - 1))
    page.goto(f"{town_server}/studio")
    expect(page.locator("table.studio-drafts")).to_contain_text("第二版")
    page.context.close()
    assert here.faults == []
