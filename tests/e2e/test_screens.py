"""Every page at every size, in both themes and languages: nothing overflows, overlaps, or speaks the wrong language."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visit

pytestmark = pytest.mark.e2e

SIZES = [(1366, 768), (1920, 1080), (3840, 2160)]
PAGES = {
    "map": "/",
    "drawer": "/?level=grid&figure=on_time_rate&period=month&events=on&place=&cases=registered:numerator",
    "lattice": "/?level=community&figure=reported&period=year&events=on",
    "place": "/?level=grid&place=990101002001001&period=year&track=livelihood",
    "case": "/?level=grid&case=5874",
    "imports": "/imports",
    "accounts": "/accounts",
}

# Boxes of text that nothing may cover, and what scrolls inside itself.
OVERLAPS = """() => {
  const boxes = [];
  const panels = '.header, .rail, .headlines, .trend, .distribution, .drawer-title, .drawer-cards, .cases-bar, .case, .legend, ' +
    '.plain-page, .map-note, .admin';
  for (const panel of document.querySelectorAll(panels)) {
    for (const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT); walker.nextNode();) {
      const node = walker.currentNode;
      if (!node.textContent.trim() || !node.parentElement.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) boxes.push([panel, node.textContent.trim(), box]);
    }
  }
  const found = [];
  boxes.forEach(([panel, text, a], i) => boxes.slice(i + 1).forEach(([other, second, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (panel === other && across > 2 && down > 0.35 * Math.min(a.height, b.height)) found.push(text + ' | ' + second);
  }));
  return found;
}"""
OVERFLOWS = """() => {
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? ['page'] : [];
  const parts = '.header, .header-name, .header-facts, .rail, .filter-chips, .headlines, .card, .trend, .distribution, .legend, ' +
    '.cases-bar, .drawer-bar, .drawer-title, .case, .panel-title, .admin-form';
  for (const part of document.querySelectorAll(parts)) {
    if (part.scrollWidth > part.clientWidth + 1) found.push(part.className + ': ' + part.textContent.slice(0, 40));
  }
  return found;
}"""
TEXT = (
    "() => document.body.innerText + [...document.querySelectorAll('[title],[placeholder],[aria-label]')].map("
    "e => [e.title, e.placeholder, e.ariaLabel].join(' ')).join(' ')"
)
# Words of any screen that are the same in Chinese: the other language's name, names of things and of formats.
SAME = {
    "English",
    "n",
    "QH",
    "sample",
    "CSV",
    "PDF",
    "PNG",
    "XLSX",
    "Excel",
    "JSON",
    "GeoJSON",
    "GeoPackage",
    "Shapefile",
    "zip",
    "app",
    "csv",
    "geojson",
    "gpkg",
    "km",
    "m",
    "TOML",
    "YYYY",
    "MM",
    "DD",
    "xlsx",
    "gz",
    "json",
    "ndjson",
    "shp",
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_is_quiet(
    visit: Callable[..., Visit], name: str, width: int, height: int, theme: str, language: str
) -> None:
    page = visit(width, height, theme, language).open(PAGES[name])
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == theme
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_screen_has_no_english(visit: Callable[..., Visit], name: str) -> None:
    page = visit(1920, 1080).open(PAGES[name])
    if page.locator("#choose-as-of").count():
        page.locator("#choose-as-of").click()  # the calendar too
    words = set(re.findall(r"[A-Za-z]+", page.evaluate(TEXT)))
    assert sorted(words - SAME) == []


@pytest.mark.parametrize("name", PAGES)
def test_an_english_screen_has_no_chinese_but_names(visit: Callable[..., Visit], name: str) -> None:
    page = visit(1920, 1080, language="en").open(PAGES[name])
    data = "#places, #cases, #case, .district, .switch, .drawer-title, .panel-title, .chart, .plain-page td, .ag-root-wrapper"
    page.evaluate(f"document.querySelectorAll('{data}').forEach(e => e.remove())")
    assert re.findall(r"[\u4e00-\u9fff]+", page.inner_text("body")) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_against_its_ground(visit: Callable[..., Visit], theme: str) -> None:
    page = visit(theme=theme).open()
    ratio = """names => {
      const style = getComputedStyle(document.documentElement);
      const light = name => { const hex = style.getPropertyValue(name).trim();
        const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16) / 255)
          .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const [a, b] = names.map(light);
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }"""
    for text in ("--text", "--quiet", "--late-text", "--soon-text", "--good-text", "--accent"):
        for ground in ("--page", "--panel", "--raised"):
            assert page.evaluate(ratio, [text, ground]) >= 4.5, (theme, text, ground)
