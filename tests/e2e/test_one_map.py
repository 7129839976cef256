"""The one-map page beside its map: search, breadcrumb, case, trend, filters; with the mouse and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e


def search(visit: Visit, text: str) -> Page:
    """Type into the search field by keyboard and wait for what is found."""
    page = visit.page
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type(text)
    page.wait_for_selector("#search-results > *")
    visit.settle()
    return page


def crumbs(page: Page) -> list[str]:
    return [crumb.inner_text() for crumb in page.locator(".drawer-title .crumb").all()]


def test_the_search_opens_a_place_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    here = visit()
    here.open()
    page = search(here, "石桥")
    assert page.locator(".search-group").all_inner_texts() == ["社区", "小区", "网格", "微网格"]
    expect(page.locator(".search-item[aria-selected=true]")).to_contain_text("石桥社区")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    here.settle()
    assert crumbs(page) == ["青禾区", "望江街道", "石桥社区", "石桥苑"]
    expect(page.locator(".drawer-title .chip")).to_have_text("小区")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).not_to_be_visible()


def test_the_search_finds_a_case_by_its_number_from_another_page(visit: Callable[..., Visit]) -> None:
    here = visit()
    here.open("/imports")
    page = search(here, "qh2025000150")
    page.keyboard.press("Enter")
    page.wait_for_selector("#case .ledger li")
    here.settle()
    assert "case=" in page.url
    expect(page.locator(".drawer-title strong")).to_have_text("QH2025000150")
    expect(page.locator("#case .ledger strong").first).to_have_text("上报")


def test_what_is_not_found_is_said(visit: Callable[..., Visit]) -> None:
    here = visit()
    here.open()
    page = search(here, "没有这样的地方")
    expect(page.locator(".search-none")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search-results")).to_be_empty()


def test_the_breadcrumb_leads_up_to_the_district(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/?level=grid&place=990101002001001")
    assert crumbs(page) == ["青禾区", "望江街道", "石桥社区", "石桥第1网格"]
    page.locator(".crumb", has_text="望江街道").click()
    here.settle()
    assert crumbs(page) == ["青禾区", "望江街道"]
    assert "place=990101002&" in page.url + "&"
    page.go_back()
    here.settle()
    assert crumbs(page)[-1] == "石桥第1网格"


def test_a_place_tells_its_estates_company_and_history(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/?level=grid&place=990101002001001")
    page.get_by_role("tab", name="小区").click()
    estate = page.locator("#place-estates .link").first
    name = estate.inner_text()
    page.get_by_role("tab", name="物业与力量").click()
    expect(page.locator("#place-care h3")).to_have_text(["物业公司", "岗位", "部件"])
    page.get_by_role("tab", name="沿革").click()
    expect(page.locator("#place-history tbody tr")).to_have_count(1)
    page.get_by_role("tab", name="小区").click()
    estate.click()
    here.settle()
    assert crumbs(page)[-1] == name


def test_a_row_of_the_list_opens_its_case_and_back_returns_to_the_list(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=community&place=990101002001&cases=registered:numerator")
    cell = page.locator("#cases .ag-row[row-index='0'] [col-id=external_id]")
    number = cell.inner_text()
    cell.click()
    here.settle()
    expect(page.locator(".drawer-title strong")).to_have_text(number)
    address = page.url
    page.locator("button[data-back]").click()
    here.settle()
    expect(cell).to_have_text(number)
    cell.focus()
    page.keyboard.press("Enter")
    here.settle()
    assert page.url == address
    page.go_back()
    here.settle()
    expect(cell).to_be_visible()


def test_a_point_of_the_trend_opens_its_own_day_s_cases(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?figure=registered&period=month")
    chart = page.locator(".trend .chart")
    chart.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    here.settle()
    values = page.evaluate("document.querySelector('#trend-chart .js-plotly-plot').data[0].y")
    assert page.evaluate("dash_ag_grid.getApi('cases').getDisplayedRowCount()") == values[-1]
    assert "cases=registered" in page.url
    again = visit(1920, 1080)
    again.open(page.url.removeprefix(here.server))
    assert again.page.locator("#cases-title").inner_text() == page.locator("#cases-title").inner_text()


def test_the_trend_follows_the_place_and_the_theme(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=community&period=year")
    expect(page.locator("#trend-title")).to_contain_text("近 12 个月")
    page.locator("#places .ag-row[row-index='0'] [col-id=name]").click()
    here.settle()
    name = page.locator("#places .ag-row[row-index='0'] [col-id=name]").inner_text()
    expect(page.locator("#trend-title")).to_contain_text(name)
    colour = "document.querySelector('#trend-chart .js-plotly-plot').data[1].line.color"
    assert page.evaluate(colour) == "#0072B2"
    page.locator("#switch-theme").click()
    page.wait_for_function(f"{colour} === '#56B4E9'")


def test_active_filters_are_named_dropped_one_by_one_and_cleared(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/?level=grid&track=livelihood&channel=12345&basis=closed")
    chips = page.locator(".filter-chip")
    assert [chip.inner_text().split() for chip in chips.all()] == [
        ["跑道", "民生服务", "×"], ["来源", "12345", "×"], ["口径", "结案时间", "×"],
    ]  # fmt: skip
    chips.first.click()
    here.settle()
    expect(chips).to_have_count(2)
    assert "track=" not in page.url
    page.get_by_role("button", name="全部清除").click()
    here.settle()
    expect(chips).to_have_count(0)
    assert "channel=" not in page.url
    assert "level=grid" in page.url
    page.go_back()
    here.settle()
    expect(chips).to_have_count(2)


def test_a_retired_or_unknown_code_is_said_in_words(visit: Callable[..., Visit]) -> None:
    page = visit().open("/?level=grid&place=990101009009009")
    expect(page.locator("#drawer .message.is-failure").first).to_contain_text("没有这个地方")
    page = visit().open("/?case=999999999")
    expect(page.locator("#case .message.is-failure")).to_be_visible()
