"""What a unit handler does on a phone: accept and handle in a basement without a connection, report something in three taps."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, Page, expect

from data.actors import PROGRAM
from data.settings import Settings
from data.store import Store
from tests.dashboard.posts import PASSWORD
from tests.dashboard.town import build, square
from tests.e2e.conftest import Visit, served

pytestmark = pytest.mark.e2e

LONG = 30_000  # milliseconds
KEYS = count()
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WIDTHS = """[...document.querySelectorAll('.view *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.chips')).length"""
SMALL = """[...document.querySelectorAll('.view button, .view a, .strip')].filter(e => e.offsetHeight && e.offsetHeight < 44)
    .map(e => e.className + ' ' + e.textContent)"""
KEPT = """() => new Promise(done => { indexedDB.open('jingwei-phone').onsuccess = event => {
    const all = event.target.result.transaction('kept').objectStore('kept').count(); all.onsuccess = () => done(all.result); } })"""


@pytest.fixture(scope="module")
def town_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the small town of the dashboard's tests, with a post of 城管中队 and one at the desk."""
    folder = tmp_path_factory.mktemp("phone")
    settings = Settings(home=folder / "var", memory_share=0.1, threads=2)
    build(settings)
    with Store.open(settings.home, settings) as store:
        accounts = store.access.accounts
        accounts.add(PROGRAM, name="team", roles=("unit_handler",), unit="城管中队", password=PASSWORD)
        accounts.add(PROGRAM, name="desk", roles=("operator", "dispatcher"), password=PASSWORD)
    with served(folder / "var", folder / "server.log", demo_user="false") as address:
        yield address


@pytest.fixture(scope="module")
def desk(town_server: str, browser: Browser) -> Iterator[APIRequestContext]:
    """The operator, elsewhere."""
    context = browser.new_context(base_url=town_server)
    context.request.post("/sign-in", form={"name": "desk", "password": PASSWORD}, max_redirects=0)
    yield context.request
    context.close()


@pytest.fixture(scope="module")
def page(town_server: str, browser: Browser) -> Iterator[Page]:
    """The phone of 城管中队, standing in the middle of G1; no fault on it but that it had no connection, or no session."""
    x, y = square("G1").centroid.coords[0]
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        user_agent="Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537.36",
        geolocation={"longitude": x, "latitude": y},
        permissions=["geolocation"],
    )
    made = Visit(context.new_page(), town_server)
    made.watch()
    made.page.goto(town_server + "/sign-in")
    sign_in(made.page)
    made.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    yield made.page
    assert [fault for fault in made.faults if "ERR_INTERNET_DISCONNECTED" not in fault and "401" not in fault] == []
    context.close()


def sign_in(page: Page) -> None:
    page.locator("[name=name]").fill("team")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").tap()
    page.wait_for_url("**/my")


def asked(desk: APIRequestContext, path: str, body: dict[str, Any] | None = None) -> Any:
    return (desk.get(path) if body is None else desk.post(path, data=body)).json()


def dispatched(desk: APIRequestContext) -> int:
    """A case of G2 that waits for 城管中队."""
    lists = asked(desk, "/console/lists")
    x, y = square("G2").centroid.coords[0]
    call = {"key": f"call-{next(KEYS)}", "text": "占道", "category": lists["categories"][0][0], "lon": x, "lat": y}
    case: int = asked(desk, "/console/cases", call)["case_id"]
    unit = next(number for number, name in lists["units"] if name == "城管中队")
    order = {"case_id": case, "move": "dispatch", "key": f"out-{case}", "expected_seq": 2, "unit": unit}
    assert asked(desk, "/console/orders", {"orders": [order]})["results"][0]["ok"]
    return case


def fits(page: Page) -> None:
    """Nothing sticks out sideways at three widths, and everything to tap is large enough."""
    for width in (360, 430, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
        assert page.evaluate(WIDTHS) == 0
    assert page.evaluate(SMALL) == []


def test_two_moves_made_without_a_connection_are_sent_when_it_is_back(page: Page, desk: APIRequestContext) -> None:
    case = dispatched(desk)
    page.evaluate("jingwei.phone.refresh()")
    card = page.locator(f'.card[data-id="{case}"]')
    expect(card).to_be_visible(timeout=LONG)
    page.context.set_offline(True)
    page.reload()  # the page itself lies on the phone
    expect(card.locator(".tag").first).to_have_text("待签收", timeout=LONG)
    card.locator(".card-quick").tap()
    expect(card).to_contain_text("待发送")
    fits(page)
    card.locator("a").tap()
    page.locator(".actions .is-first").tap()
    page.locator(".slip textarea").fill("已劝离")
    page.locator(".slip-end .is-first").tap()
    expect(page.locator(".strips")).to_contain_text("2 条等待发送")
    assert asked(desk, f"/console/cases/{case}")["seq"] == 3
    page.context.set_offline(False)
    expect(page.locator(".strips")).to_be_empty(timeout=LONG)
    said = asked(desk, f"/console/cases/{case}")
    assert (said["stage"], said["seq"], said["ledger"][0]["note"]) == ("处置", 5, "已劝离")


def test_who_was_slower_is_told_keeps_what_was_written_and_decides_anew(page: Page, desk: APIRequestContext) -> None:
    case = dispatched(desk)
    page.evaluate("jingwei.phone.refresh()")
    page.locator(f'.card[data-id="{case}"] a').tap()
    expect(page.locator(".case .lines")).to_be_visible(timeout=LONG)
    fits(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="退单").tap()
    page.locator(".slip textarea").fill("不在辖区")
    page.locator(".slip-end .is-first").tap()
    urge = {"case_id": case, "move": "urge", "key": f"urge-{case}", "expected_seq": 3}
    asked(desk, "/console/orders", {"orders": [urge]})
    page.context.set_offline(False)
    expect(page.locator(".strips")).to_contain_text("1 条没有成功", timeout=LONG)
    page.locator(".strip").tap()
    expect(page.locator(".is-entry .problem")).to_contain_text("催办")
    expect(page.locator(".entry-text")).to_have_text("不在辖区")
    fits(page)
    page.get_by_role("button", name="看案件，再决定").tap()
    expect(page.locator(".slip textarea")).to_have_value("不在辖区", timeout=LONG)
    page.locator(".slip-end .is-first").tap()
    expect(page.locator(".strips")).to_be_empty(timeout=LONG)
    assert asked(desk, f"/console/cases/{case}")["stage"] == "退单"


def test_something_is_reported_with_picture_and_position_in_three_taps(page: Page, desk: APIRequestContext) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator(".is-report").tap()
    chooser.value.set_files({"name": "IMG_1.png", "mimeType": "image/png", "buffer": PICTURE})
    expect(page.locator(".picture img")).to_be_visible()
    page.locator(".kind").first.tap()
    expect(page.locator(".place-line")).to_contain_text("第1网格", timeout=LONG)
    fits(page)
    page.locator(".actions .is-first").tap()
    expect(page.locator(".ended h2")).to_contain_text("已上报", timeout=LONG)
    number = page.locator(".ended h2").inner_text().split()[-1]
    found = asked(desk, f"/search?q={number}")["groups"][0]["items"][0]
    said = asked(desk, f"/console/cases/{found['case']}")
    assert (said["stage"], said["path"][-1]["name"], said["ledger"][-1]["pictures"]) == ("上报", "第1网格", 1)


def test_a_report_that_is_refused_is_corrected_and_sent_again(page: Page, desk: APIRequestContext) -> None:
    page.get_by_role("button", name="完成").tap()
    page.context.set_offline(True)
    page.context.set_geolocation({"longitude": 0, "latitude": 0})  # a phone that knows no better
    with page.expect_file_chooser() as chooser:
        page.locator(".is-report").tap()
    chooser.value.set_files({"name": "IMG_2.png", "mimeType": "image/png", "buffer": PICTURE})
    page.locator(".kind").first.tap()
    page.locator(".report textarea").fill("井盖缺失")
    page.locator(".actions .is-first").tap()
    expect(page.locator(".ended h2")).to_contain_text("已存在手机里", timeout=LONG)
    page.context.set_offline(False)
    expect(page.locator(".ended")).to_contain_text("请指明地点", timeout=LONG)
    page.locator(".strip").tap()
    x, y = square("G1").centroid.coords[0]
    page.context.set_geolocation({"longitude": x, "latitude": y})
    page.get_by_role("button", name="改好再报").tap()
    expect(page.locator(".picture img")).to_be_visible()
    expect(page.locator(".report textarea")).to_have_value("井盖缺失")
    page.get_by_role("button", name="当前位置").tap()
    expect(page.locator(".place-line")).to_contain_text("第1网格", timeout=LONG)
    page.locator(".actions .is-first").tap()
    expect(page.locator(".ended h2")).to_contain_text("已上报", timeout=LONG)
    expect(page.locator(".strips")).to_be_empty()


def test_where_the_session_has_ended_signing_in_sends_what_waits(page: Page, desk: APIRequestContext) -> None:
    page.get_by_role("button", name="完成").tap()
    case = dispatched(desk)
    page.evaluate("jingwei.phone.refresh()")
    page.context.set_offline(True)
    page.locator(f'.card[data-id="{case}"] .card-quick').tap(timeout=LONG)
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.locator(".strips")).to_contain_text("登录已过期", timeout=LONG)
    expect(page.locator(".card")).to_have_count(0)
    page.locator(".strip", has_text="登录已过期").tap()
    sign_in(page)
    expect(page.locator(f'.card[data-id="{case}"] .tag').first).to_have_text("在办", timeout=LONG)
    expect(page.locator(".strips")).to_be_empty(timeout=LONG)
    assert asked(desk, f"/console/cases/{case}")["seq"] == 4


def test_signing_out_leaves_no_list_on_the_phone(page: Page) -> None:
    assert page.evaluate(KEPT) > 0
    page.get_by_role("button", name="菜单").tap()
    page.get_by_role("button", name="退出登录").tap()
    page.wait_for_url("**/sign-in")
    assert page.evaluate(KEPT) == 0
