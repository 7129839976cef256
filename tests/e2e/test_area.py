"""Measuring and the lasso, done by a browser; the drawer's number is the store's."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
import shapely
from playwright.sync_api import Page, expect

from data.areas import decoded
from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

SHOWN = "dash_ag_grid.getApi('cases').getDisplayedRowCount()"
RING = ".leaflet-drawn-pane path.drawn"


def middle(page: Page) -> tuple[float, float]:
    """The middle of the map."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def stroke(page: Page, radius: float = 120) -> None:
    """Once around the middle of the map with the lasso."""
    x, y = middle(page)
    page.get_by_role("button", name="圈选").click()
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for step in range(1, 41):
        turn = 2 * math.pi * step / 40
        page.mouse.move(x + radius * math.cos(turn), y + radius * math.sin(turn))
    page.mouse.up()


def rows_of(content: bytes) -> list[str]:
    """An export's heading and rows, without what was asked above them."""
    return content.decode("utf-8-sig").partition("\r\n\r\n")[2].strip().splitlines()


def test_a_lasso_opens_the_figures_and_the_cases_of_what_it_goes_around(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=grid&period=month")
    stroke(page)
    here.settle()
    expect(page.locator(".drawer-title strong")).to_have_text("所画区域")
    expect(page.locator(RING)).to_have_count(1)
    reported = page.locator("#drawer-cards .card[data-figure=reported]")
    n = int(reported.locator(".card-value").inner_text().replace(",", ""))
    assert n > 0
    reported.click()
    here.settle()
    assert page.evaluate(SHOWN) == n
    address = page.locator("#cases-export").get_attribute("href")
    lines = rows_of(httpx.get(here.server + str(address)).content)
    assert len(lines) - 1 == n
    outline = decoded(parse_qs(urlsplit(page.url).query)["area"][0])
    assert 10 < len(outline) < 200
    everything = httpx.get(here.server + "/export/cases.csv?period=month&place=&cases=reported:numerator").content
    rows = [row for row in csv.DictReader(rows_of(everything)) if row["lon"]]
    points = shapely.points([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    usable = ["default_point" not in row["flags"] for row in rows]
    assert n == (shapely.intersects(shapely.Polygon(outline), points) & usable).sum() < len(rows)


def test_a_link_holds_the_area_and_back_and_forward_go_through_it(visit: Callable[..., Visit]) -> None:
    here = visit(1920, 1080)
    page = here.open("/?level=grid&period=month")
    before = page.url
    stroke(page)
    here.settle()
    address, drawn = page.url, page.locator(".drawer-title").inner_text()
    again = visit(1920, 1080)
    again.open(address.removeprefix(here.server))
    assert again.page.locator(".drawer-title").inner_text() == drawn
    expect(again.page.locator(RING)).to_have_count(1)
    page.go_back()
    here.settle()
    assert page.url == before
    expect(page.locator(RING)).to_have_count(0)
    page.go_forward()
    here.settle()
    assert page.url == address
    expect(page.locator(RING)).to_have_count(1)
    page.locator("#close-drawer").click()
    here.settle()
    assert "area=" not in page.url
    expect(page.locator(RING)).to_have_count(0)


def test_corners_by_clicks_and_by_keys_make_an_area(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open("/?level=grid&period=month")
    x, y = middle(page)
    page.get_by_role("button", name="圈选").click()
    for dx, dy in ((-100, -80), (100, -80), (100, 80), (-100, -80)):
        page.mouse.click(x + dx, y + dy)
    here.settle()
    expect(page.locator(".drawer-title strong")).to_have_text("所画区域")
    assert len(decoded(parse_qs(urlsplit(page.url).query)["area"][0])) == 3
    page.locator("#close-drawer").click()
    page.get_by_role("button", name="圈选").focus()
    page.keyboard.press("Enter")
    for arrow, times in (("ArrowLeft", 4), ("ArrowRight", 8), ("ArrowDown", 6)):
        for _ in range(times):
            page.keyboard.press(arrow)
        page.keyboard.press("Enter")
    page.keyboard.press("c")
    here.settle()
    assert len(decoded(parse_qs(urlsplit(page.url).query)["area"][0])) == 3


def test_measuring_shows_the_length_then_the_area_and_is_cleared(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open("/?level=grid")
    x, y = middle(page)
    page.get_by_role("button", name="测量").click()
    page.mouse.click(x - 100, y)
    page.mouse.click(x, y)
    map_says = """([x, y]) => { const map = jingwei.maps.map.map, box = map.getContainer().getBoundingClientRect();
        return [x - 100, x].map(at => map.containerPointToLatLng([at - box.x, y - box.y])).map(p => [p.lng, p.lat]); }"""
    length = page.evaluate("line => jingwei.geodesy.length(line)", page.evaluate(map_says, [x, y]))
    said = page.locator(".map-panel-value").first
    assert f"{length / 1000:.2f} 公里" in said.inner_text() or f"{length:.0f} 米" in said.inner_text()
    page.mouse.click(x, y + 100)
    page.mouse.click(x - 100, y)
    expect(said).to_contain_text("面积")
    assert "place=" not in page.url
    page.get_by_role("button", name="清除", exact=True).and_(page.locator(".map-panel button")).click()
    expect(page.locator(RING)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".map-glass")).to_have_count(0)
    expect(page.locator(".map-panel")).to_be_empty()


def test_a_bad_area_in_a_link_is_told_in_words(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open("/?level=grid&area=AAAA")
    expect(page.locator("#drawer-cards .message")).to_contain_text("区域至少要有三个顶点")
