"""Several maps on one page: each has its own picture, its own workers, and takes them along when it goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.bench.map_pages import Pages, serving
from tests.e2e.conftest import Visit
from tests.e2e.test_layer import WORKERS

pytestmark = pytest.mark.e2e

N = 48
PAINT = """async ([id, colour]) => {
  const base = (await (await fetch('/several/_dash-layout')).json()).props.children[1].props.data;
  jingwei.tellMap(id, 'paint', { ...base, values: btoa(String.fromCharCode(...Array(base.n).fill(colour))) });
}"""
# The colour in the middle of each map's picture.
COLOURS = """() => {
  const hex = (pixel) => [...new Uint8Array(Int32Array.of(pixel).buffer)].slice(0, 3).map(v => v.toString(16).padStart(2, '0')).join('');
  const middle = ({ pixels, picture }) => pixels[(picture.height >> 1) * picture.width + (picture.width >> 1)];
  return Object.fromEntries(Object.entries(jingwei.maps).map(([id, view]) => [id, '#' + hex(middle(view.cells)).toUpperCase()]));
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with serving(N, tmp_path_factory.mktemp("pages"), with_maplibre=False) as found:
        yield found


def paint(page: Page, name: str, colour: int) -> None:
    page.wait_for_function("id => Boolean(jingwei.maps[id])", arg=name)
    page.evaluate(PAINT, [name, colour])
    page.wait_for_selector(f"#{name}[data-picture=there]")


def test_two_maps_are_drawn_apart_and_leave_nothing_behind(browser: Browser, pages: Pages) -> None:
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    here = Visit(context.new_page(), pages.address)
    here.watch()
    page = here.page
    page.add_init_script(WORKERS)
    page.goto(pages.address + "/several/")
    paint(page, "map", 1)
    paint(page, "beside", 3)
    assert page.evaluate(COLOURS) == {"map": "#1F4B73", "beside": "#5AA9DE"}
    assert page.evaluate("alive") == 4  # polygons and names, twice
    page.evaluate("jingwei.maps.beside.map.setZoom(14, { animate: false })")
    page.wait_for_selector("#beside[data-picture=there]")
    assert "at=" not in page.url  # of the page's own map alone
    for _ in range(2):
        page.evaluate("dash_clientside.set_props('there', { data: false })")
        page.locator("#beside").wait_for(state="detached")
        assert page.evaluate("[alive, Object.keys(jingwei.maps).join()]") == [2, "map"]
        page.evaluate("dash_clientside.set_props('there', { data: true })")
        paint(page, "beside", 4)
        assert page.evaluate(COLOURS)["beside"] == "#B7E0FA"
    context.close()
    assert [fault for fault in here.faults if fault.startswith("script")] == []  # this page has no fonts
