"""What a person does on the map, done by a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

VIEW = """() => { const map = jingwei.maps.map.map, at = map.getCenter();
    return [at.lat, at.lng, map.getZoom()]; }"""


def choose(visit: Visit, control: str, option: str) -> None:
    """Pick an option of a select."""
    visit.page.locator(control).click()
    visit.page.get_by_role("option", name=option, exact=True).click()
    visit.settle()


def rows(page: Page) -> list[str]:
    """The names in the table of places, from the top."""
    cells = page.locator("#places .ag-row [col-id=name]")
    found = [(box["y"], cell.inner_text()) for cell in cells.all() if (box := cell.bounding_box())]
    return [name for _y, name in sorted(found)]


def test_a_click_on_a_place_opens_its_figures_and_its_cases(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=grid")
    expect(page.locator(".drawer")).not_to_be_visible()
    page.mouse.click(*here.spots()[20])
    here.settle()
    expect(page.locator(".drawer-title .chip")).to_have_text("网格")
    assert page.locator("#cases .ag-row").count() > 3
    assert "place=" in page.url
    page.locator("#close-drawer").click()
    expect(page.locator(".drawer")).not_to_be_visible()
    here.settle()
    assert "place=" not in page.url


def test_every_headline_opens_as_many_cases_as_it_counts(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?period=month")
    for card in page.locator("#headlines .card:visible").all():
        name, value = card.locator(".card-name").inner_text(), card.locator(".card-value").inner_text()
        foot = card.locator(".card-foot").inner_text()
        n = int((foot.rpartition("n ")[2] if "n " in foot else value).replace(",", ""))
        card.click()
        here.settle()
        expect(page.locator("#cases-title strong")).to_have_text(name)
        assert page.evaluate("dash_ag_grid.getApi('cases').getDisplayedRowCount()") == n, name


def test_the_table_sorts_and_keeps_what_has_no_data_at_the_end(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=community&figure=registered")
    first = rows(page)
    page.locator("#places .ag-header-cell[col-id=registered]").click()
    page.locator("#places .ag-header-cell[col-id=registered]").click()
    here.settle()
    values = [cell.inner_text() for cell in page.locator("#places .ag-row [col-id=registered]").all()]
    assert len(values) == len(first)
    assert rows(page) == first[::-1] or sorted(rows(page)) == sorted(first)


def test_cases_are_sorted_and_filtered_by_the_server(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=community&cases=registered:numerator&period=month")
    before = page.evaluate("dash_ag_grid.getApi('cases').getDisplayedRowCount()")
    page.locator("#cases .ag-header-cell[col-id=external_id] .ag-header-cell-label").click()
    here.settle()
    top = page.locator("#cases .ag-row[row-index='0'] [col-id=external_id]").inner_text()
    page.evaluate(
        "dash_ag_grid.getApi('cases').setFilterModel({external_id: {filterType: 'text', type: 'equals', filter: arguments[0]}})".replace(
            "arguments[0]", repr(top)
        )
    )
    here.settle()
    assert before > 1
    assert page.evaluate("dash_ag_grid.getApi('cases').getDisplayedRowCount()") == 1


def test_a_link_reopens_the_view(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open()
    choose(here, "#choose-figure", "满意率")
    choose(here, "#choose-level", "网格")
    page.get_by_text("自然断点").click()
    page.locator("#places .ag-row [col-id=satisfaction_rate]").first.click()
    here.settle()
    title, legend, address = page.locator(".drawer-title").inner_text(), page.locator("#legend").inner_text(), page.url
    again = visit(1920, 1080)
    again.open(address.removeprefix(here.server))
    assert again.page.locator(".drawer-title").inner_text() == title
    assert again.page.locator("#legend").inner_text() == legend
    assert again.page.locator("#choose-figure").input_value() == "满意率"
    assert again.page.url == address


def test_a_link_shows_the_part_of_the_map_it_was_taken_from(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=grid")
    assert "at=" not in page.url
    page.mouse.move(900, 500)
    page.mouse.down()
    page.mouse.move(760, 420, steps=5)
    page.mouse.up()
    page.locator(".leaflet-control-zoom-in").click()
    here.settle()
    seen = page.evaluate(VIEW)
    choose(here, "#choose-figure", "办结率")
    again = visit(1920, 1080)
    again.open(page.url.removeprefix(here.server))
    assert again.page.evaluate(VIEW) == pytest.approx(seen, abs=2e-5)
    again.page.locator(".map-home").click()
    again.settle()
    assert "at=" not in again.page.url


def test_the_zoom_chooses_the_level_until_a_person_does(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open()
    level = page.locator("#choose-level")
    assert (level.input_value(), page.locator("#places .ag-header-cell-text").first.inner_text()) == (
        "随缩放 · 社区",
        "社区",
    )
    page.evaluate("(map => map.setZoom(map.getZoom() + 1, { animate: false }))(jingwei.maps.map.map)")
    here.settle()
    assert (level.input_value(), page.locator("#places .ag-header-cell-text").first.inner_text()) == (
        "随缩放 · 微网格",
        "微网格",
    )
    assert "level=micro_grid" in page.url
    assert "auto=on" in page.url
    choose(here, "#choose-level", "街道")
    page.evaluate("(map => map.setZoom(map.getZoom() - 1, { animate: false }))(jingwei.maps.map.map)")
    here.settle()
    assert (level.input_value(), "auto" in page.url) == ("街道", False)


def test_back_and_forward_go_through_what_was_chosen(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open()
    choose(here, "#choose-figure", "办结率")
    choose(here, "#choose-figure", "返工率")
    page.go_back()
    here.settle()
    assert page.locator("#choose-figure").input_value() == "办结率"
    expect(page.locator("#legend strong").first).to_have_text("办结率")
    page.go_back()
    here.settle()
    assert page.locator("#choose-figure").input_value() == "按期办结率"
    page.go_forward()
    here.settle()
    assert page.locator("#choose-figure").input_value() == "办结率"


def test_the_theme_is_remembered_without_a_flash(visit: Callable[..., Visit]) -> None:
    here = visit(theme="light")
    page = here.open()
    page.locator("#switch-theme").click()
    page.add_init_script("""new MutationObserver(() => { const theme = document.documentElement.dataset.mantineColorScheme;
        (window.themes = window.themes || new Set()).add(theme); }).observe(document, { attributes: true, subtree: true,
        attributeFilter: ['data-mantine-color-scheme'] })""")
    here.open()
    assert page.evaluate("[...window.themes]") == ["dark"]


def test_the_language_switch_keeps_the_view(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open("/?level=grid&figure=open")
    page.locator("#switch-language").click()
    page.wait_for_selector("html[lang=en]")
    here.settle()
    assert "level=grid" in page.url
    assert page.locator("#choose-figure").input_value() == "Open"


def test_pages_change_without_loading_anew_and_the_map_comes_back(visit: Callable[..., Visit]) -> None:
    here = visit()
    page = here.open()
    page.evaluate("window.same = true")
    for _ in range(3):
        page.locator(".nav-head summary", has_text="管理").click()
        page.get_by_role("link", name="导入").click()
        here.settle()
        page.get_by_role("link", name="一张图").click()
        page.wait_for_selector("#map[data-picture=there]")
        here.settle()
    assert page.evaluate("window.same") is True
    assert page.evaluate("Object.keys(jingwei.maps)") == ["map"]


def test_cases_are_points_when_few_and_a_lattice_when_many(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?period=month&events=on")
    assert page.locator("#map").get_attribute("data-cases") == "points"
    choose(here, "#choose-period", "最近半年")
    assert page.locator("#map").get_attribute("data-cases") == "lattice"
    page.get_by_text("不显示").click()
    here.settle()
    assert page.locator("#map").get_attribute("data-cases") is None


def test_places_without_data_are_hatched(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?figure=visit_coverage")
    assert page.evaluate("[...new Set(jingwei.maps.map.values)]") == [255]
    assert (
        page.evaluate("new Set(jingwei.maps.map.cells.pixels).size") > 3
    )  # nothing, ground, line, and what lies between
    assert "无数据" in page.locator("#legend").inner_text()


def test_a_wrong_address_says_what_is_wrong(visit: Callable[..., Visit]) -> None:
    here = visit()
    here.page.goto(f"{here.server}/?period=decade")
    expect(here.page.locator(".message.is-failure").first).to_contain_text("decade")
