"""What an operator does at the console with the keyboard alone: take a call, work through the queue, several at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

LONG = 30_000  # milliseconds


@pytest.fixture(scope="module")
def page(own_server: str, browser: Browser) -> Iterator[Page]:
    """The console, loaded once for all tests here; no fault on it."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    made = Visit(context.new_page(), own_server)
    made.watch()
    made.page.goto(own_server + "/console")
    made.page.wait_for_selector(".queue-row, .queue-empty")
    yield made.page
    assert made.faults == []
    context.close()


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def take_call(page: Page, text: str) -> str:
    """Take a call by keyboard; the number of the new case."""
    keys(page, "n")
    expect(page.locator(".intake textarea")).to_be_focused()
    page.keyboard.type(text)
    keys(page, "Enter")
    category = page.evaluate("jingwei.desk.lists().then(lists => lists.categories[0][1])")
    page.keyboard.type(category)
    keys(page, "Enter")
    place = page.evaluate(
        "fetch('/search?q=' + encodeURIComponent('社区')).then(a => a.json()).then(s => s.groups[0].items[0].label)"
    )
    page.keyboard.type(place)
    expect(page.locator(".intake .search-item").first).to_be_visible(timeout=LONG)
    keys(page, "Enter")
    expect(page.locator(".intake-offer dl")).to_be_visible(timeout=LONG)
    keys(page, "Control+Enter")
    expect(page.locator(".work-said")).to_contain_text("已登记并立案", timeout=LONG)
    number = page.locator(".case-number").inner_text()
    # Opened and registered are two lines; the queue may have been looked at between them.
    expect(page.locator(".queue-row", has_text=number)).to_contain_text("立案", timeout=LONG)
    return number


def test_a_call_is_taken_by_keyboard_and_appears_in_the_queue_by_itself(page: Page) -> None:
    number = take_call(page, "路面塌陷")
    expect(page.locator(".case-head h2")).to_be_visible()
    expect(page.locator(".case-text")).to_have_text("路面塌陷")
    expect(page.locator(".queue-row", has_text=number)).to_be_visible(timeout=LONG)
    expect(page.locator(".queue-rows")).to_be_focused()


def test_a_case_is_opened_moved_and_left_without_a_mouse(page: Page) -> None:
    keys(page, "Escape", "Home")
    keys(page, "Enter")
    expect(page.locator(".case-actions button").first).to_be_visible(timeout=LONG)
    seq = len(page.locator(".case-ledger li").all())
    keys(page, "m")
    page.keyboard.type("已电话核实")
    keys(page, "Enter")
    expect(page.locator(".work-said")).to_contain_text("已完成", timeout=LONG)
    expect(page.locator(".case-ledger li")).to_have_count(seq + 1)
    expect(page.locator(".case-ledger li").first).to_contain_text("已电话核实")
    keys(page, "?")
    expect(page.locator(".keys")).to_be_visible()
    keys(page, "Escape", "Escape")
    expect(page.locator(".case-head")).to_have_count(0)


def test_several_are_moved_at_once_and_who_was_slower_is_told(page: Page) -> None:
    take_call(page, "垃圾堆放")
    keys(page, "Escape", "End")
    keys(page, "x", "k", "x")
    expect(page.locator(".queue-row[aria-selected=true]")).to_have_count(2)
    keys(page, "u")
    first = page.evaluate("jingwei.desk.form.cases[0]")
    order = {"case_id": first["id"], "move": "urge", "key": "somebody-else", "expected_seq": first["seq"]}
    page.evaluate(f"jingwei.desk.ask('/console/orders', {{ orders: [{json.dumps(order)}] }})")
    keys(page, "Tab")
    page.locator(".move-form button[type=submit]").focus()
    keys(page, "Enter")
    expect(page.locator(".work-said")).to_contain_text("1 件已完成，1 件未完成", timeout=LONG)
    expect(page.locator(".work-said")).to_contain_text(first["number"])
    expect(page.locator(".queue-row[aria-selected=true]")).to_have_count(1)
    keys(page, "Escape", "Escape")


def test_the_queue_is_refreshed_around_selection_focus_and_scroll(page: Page) -> None:
    keys(page, "x")
    here = page.locator(".queue-row.is-here").get_attribute("data-id")
    page.evaluate("document.querySelectorAll('.queue-row').forEach(row => { row.isMine = true })")
    case = page.evaluate("jingwei.desk.queue.row(jingwei.desk.queue.at)")
    order = {"case_id": case["id"], "move": "annotate", "key": "beside", "note": "旁注"}
    page.evaluate(f"jingwei.desk.ask('/console/orders', {{ orders: [{json.dumps(order)}] }})")
    for _ in range(100):  # the content policy forbids Playwright's own waiting for a script
        if page.evaluate(f"jingwei.desk.queue.row({case['id']}).seq") > case["seq"]:
            break
        page.wait_for_timeout(100)
    assert page.evaluate(f"jingwei.desk.queue.row({case['id']}).seq") == case["seq"] + 1
    # Cases that nothing happened to keep their element.
    kept = (
        "[...document.querySelectorAll('.queue-row')].some(row => row.isMine) || jingwei.desk.queue.rows.length === 1"
    )
    assert page.evaluate(kept)
    expect(page.locator(".queue-row.is-here")).to_have_attribute("data-id", here or "")
    expect(page.locator(".queue-row[aria-selected=true]")).to_have_count(1)
    expect(page.locator(".queue-rows")).to_be_focused()
    keys(page, "Escape")


def test_a_case_has_a_page_of_its_own(page: Page) -> None:
    number = page.locator(".queue-row.is-here .cell-number").inner_text()
    case = page.locator(".queue-row.is-here").get_attribute("data-id")
    page.goto(re.sub(r"/console.*", f"/case/{case}", page.url))
    expect(page.locator(".case-number")).to_have_text(number, timeout=LONG)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    keys(page, "Escape")
    page.wait_for_url("**/console")


def test_an_area_is_ordered_at_once_and_its_map_follows_what_happens(page: Page) -> None:
    page.goto(re.sub(r"/(console|case).*", "/console/dispatch", page.url))
    field = page.locator("[name=place]")
    field.fill("社区")
    expect(page.locator(".order .search-item").first).to_be_visible(timeout=LONG)
    keys(page, "Enter")
    expect(page.locator(".order-grids li").first).to_be_visible(timeout=LONG)
    grids = page.locator(".order-grids li").count()
    expect(page.locator(".order-form .is-first")).to_contain_text(f"下达到 {grids} 个网格")
    page.locator("[name=due_at]").fill("2099-01-01T18:00")
    page.locator("[name=note]").fill("查看低洼处")
    keys(page, "Control+Enter")
    page.wait_for_url("**/task/*", timeout=LONG)
    counts = page.locator(".state-count strong")
    expect(counts.first).to_have_text(str(grids), timeout=LONG)
    expect(page.locator("#order-map")).to_be_visible(timeout=LONG)
    task = page.url.rpartition("/")[2]
    part = page.evaluate(f"jingwei.desk.ask('/console/cases/{task}/parts').then(said => said.parts[0].id)")
    order = {"case_id": part, "move": "start", "key": "start-one"}
    page.evaluate(f"jingwei.desk.ask('/console/orders', {{ orders: [{json.dumps(order)}] }})")
    expect(counts.nth(3)).to_have_text("1", timeout=LONG)


def test_a_board_is_worked_without_a_mouse(page: Page) -> None:
    page.goto(re.sub(r"/task.*", "/console/board/request", page.url))
    expect(page.locator(".board-column")).to_have_count(5, timeout=LONG)
    keys(page, "n")
    expect(page.locator(".opening [name=where]")).to_be_focused(timeout=LONG)
    page.keyboard.type("社区")
    expect(page.locator(".opening .search-item").first).to_be_visible(timeout=LONG)
    keys(page, "Enter")
    page.locator(".opening [name=note]").fill("想加装座椅")
    keys(page, "Control+Enter")
    expect(page.locator(".work-said")).to_contain_text("已开立", timeout=LONG)
    card = page.locator(".board-card", has_text="想加装座椅")
    expect(page.locator("[data-stage=ordered] .board-card")).to_have_count(1, timeout=LONG)
    keys(page, "Escape", "ArrowDown", "o")
    expect(page.locator(".move-form")).to_be_visible(timeout=LONG)
    page.locator(".move-form .is-first").focus()
    keys(page, "Enter")
    expect(page.locator("[data-stage=offered] .board-card")).to_have_count(1, timeout=LONG)
    expect(card).to_have_count(1)
