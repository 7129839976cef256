"""The map layer in a browser: what is drawn, hovered, reached by keys, kept while moving, and given back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

GRIDS = "/?level=grid&figure=reported"
# The polygons of the id buffer, how many pixels are nobody's though all around are somebody's, and the size of both.
BUFFER = """() => { const { picture, ids } = jingwei.maps.map.cells; const w = picture.width; let gaps = 0; const seen = new Set();
  for (let i = w + 1; i < ids.length - w - 1; i++) {
    if (ids[i]) seen.add(ids[i] - 1);
    else if (ids[i - 1] && ids[i + 1] && ids[i - w] && ids[i + w]) gaps++; }
  return { seen: seen.size, gaps: gaps }; }"""
WORKERS = """(() => { window.alive = 0; const Old = Worker; window.Worker = class extends Old {
  constructor(...a) { super(...a); window.alive++; } terminate() { window.alive--; super.terminate(); } }; })()"""


def drawn(page: Page) -> dict[str, int]:
    """What the id buffer holds."""
    page.wait_for_selector("#map[data-picture=there]")
    found: dict[str, int] = page.evaluate(BUFFER)
    return found


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_every_grid_is_drawn_without_a_gap_at_any_ratio(visit: Callable[..., Visit], ratio: float) -> None:
    page = visit(1366, 768, ratio=ratio).open(GRIDS)
    grids = page.evaluate("jingwei.maps.map.names.codes.length")
    assert grids == 36
    assert drawn(page) == {"seen": 36, "gaps": 0}
    width, css = page.evaluate("(c => [c.width, parseFloat(c.style.width)])(jingwei.maps.map.cells.fills)")
    assert width == pytest.approx(css * ratio, abs=0.5)


def test_hovering_outlines_a_place_and_names_it(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open(GRIDS)
    page.mouse.move(*here.spots()[5])
    expect(page.locator(".map-tip")).to_be_visible()
    expect(page.locator(".map-tip-name")).to_have_text(page.evaluate("jingwei.maps.map.names.names[5]"))
    expect(page.locator("#map path.hovered")).to_have_count(1)
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + box["height"] - 4)
    expect(page.locator("#map path.hovered")).to_have_count(0)


def test_the_map_is_used_by_keys_alone(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open(GRIDS)
    page.locator("#map").focus()
    said = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
        said.append(page.locator("#map [aria-live]").inner_text())
    assert len(set(said)) == 4
    name = said[-1].split(",")[0]
    page.keyboard.press("Enter")
    here.settle()
    expect(page.locator(".drawer-title")).to_contain_text(name)
    page.locator("#map").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#map [aria-live]")).to_be_empty()
    zoom = page.evaluate("jingwei.maps.map.map.getZoom()")
    page.keyboard.press("+")
    here.settle()
    assert page.evaluate("jingwei.maps.map.map.getZoom()") > zoom


def test_a_drag_and_a_zoom_never_show_an_empty_map(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open(GRIDS)
    # In every frame the canvas is there, has a picture, and covers the middle of the map.
    page.evaluate("""() => { window.empty = 0; window.frames_ = 0; const { map, cells } = jingwei.maps.map;
      const look = () => { frames_++; const b = cells.fills.getBoundingClientRect(), m = map.getContainer().getBoundingClientRect();
        const covers =
        b.left < m.x + m.width / 2 && b.right > m.x + m.width / 2 && b.top < m.y + m.height / 2 && b.bottom > m.y + m.height / 2;
        if (!covers || cells.fills.style.visibility === 'hidden' || !cells.picture) empty++; requestAnimationFrame(look); }; look(); }""")
    x, y = here.spots()[20]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(x + 12 * step, y + 6 * step)
        page.wait_for_timeout(10)
    page.mouse.up()
    for _ in range(3):
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(150)
    here.settle()
    assert page.evaluate("frames_") > 20
    assert page.evaluate("empty") == 0


def test_new_values_change_colours_and_ask_for_no_new_polygons(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open(GRIDS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/layers/cells/" in request.url else None)
    before = page.evaluate("jingwei.maps.map.cells.pixels.join().length")
    page.locator("#choose-figure").click()
    page.get_by_role("option", name="办结率", exact=True).click()
    here.settle()
    assert page.evaluate("jingwei.maps.map.cells.pixels.join().length") != before
    assert asked == []


def test_leaving_the_page_ends_the_workers(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    here.page.add_init_script(WORKERS)
    page = here.open(GRIDS)
    alive = page.evaluate("alive")
    assert alive == 2  # polygons and names; no base map in the sample
    for _ in range(3):
        page.locator(".nav-head summary", has_text="管理").click()
        page.get_by_role("link", name="导入").click()
        page.locator("#map").wait_for(state="detached")
        assert page.evaluate("alive") == 0
        page.get_by_role("link", name="一张图").click()
        page.wait_for_selector("#map[data-picture=there]")
        here.settle()
    assert page.evaluate("alive") == alive
    assert page.evaluate("Object.keys(jingwei.maps)") == ["map"]


@pytest.mark.parametrize("missing", ["OffscreenCanvas", "Worker", "ImageBitmapRenderingContext"])
def test_a_browser_without_a_feature_draws_the_same_in_the_page_and_says_so(
    visit: Callable[..., Visit], missing: str
) -> None:
    here = visit(1366, 768)
    here.page.add_init_script(f"delete window.{missing};")
    page = here.open(GRIDS)
    expect(page.locator(".map-notice")).to_contain_text("OffscreenCanvas")
    assert drawn(page) == {"seen": 36, "gaps": 0}
    page.mouse.click(*here.spots()[3])
    here.settle()
    expect(page.locator(".drawer-title .chip")).to_have_text("网格")


def test_polygons_that_cannot_be_fetched_are_said(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    here.page.route("**/layers/cells/**/cells.bin", lambda route: route.fulfill(status=503))
    page = here.page
    page.goto(here.server + GRIDS)
    expect(page.locator(".map-notice")).to_contain_text("请重新载入页面")
    here.faults.clear()


def test_layers_are_chosen_in_the_address_and_those_too_far_out_are_named(visit: Callable[..., Visit]) -> None:
    here = visit(1366, 768)
    page = here.open("/?level=grid&period=year&layers=repeat_points&layers=buildings")
    page.evaluate("jingwei.maps.map.map.setZoom(13, { animate: false })")
    here.settle()
    expect(page.locator("#map")).to_have_attribute("data-things", "repeat_points")
    expect(page.locator(".map-notice")).to_have_text("放大后显示：楼栋")
    page.locator("#switch-language").click()
    page.wait_for_selector("html[lang=en]")
    here.settle()
    assert "layers=repeat_points&layers=buildings" in page.url
    expect(page.locator(".map-notice")).to_have_text("Shown when zoomed in: Building")
