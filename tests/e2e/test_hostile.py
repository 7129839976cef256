"""A city whose every text is an attack: names, codes, categories, units, ids, file names and quarantined values. On every
screen they are text: nothing runs, no element comes of them, the console stays empty."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard import cookies
from data.actors import PROGRAM
from data.store import Store
from tests.e2e.conftest import Visit, run, served

pytestmark = pytest.mark.e2e

IMAGE, SCRIPT, FORMULA = "<img src=x onerror=alert(1)>", '"><script>alert(2)</script>', "=cmd|'/c calc'!A1"
TEMPLATE = "{{constructor.constructor('alert(3)')()}}[x](javascript:alert(4))"
TEXTS = (IMAGE, SCRIPT, FORMULA, TEMPLATE)
HEADER = ["id", "opened", "due", "closed", "category", "unit", "channel", "satisfaction", "lon", "lat", IMAGE]
LONG = 60_000  # milliseconds
PLACES = 'name = "p"\nkind = "places"\nlevel = "community"\n[fields]\ncode = "code"\nname = "name"\n'
PLAN = f'name = "g"\nkind = "plan"\nlevel = "grid"\n[fields]\ncode = "code"\nname = "name"\n[plan]\nname = \'\'\'{IMAGE}\'\'\'\n'
TICKETS = f"""
name = '''{IMAGE}'''
kind = "tickets"
source = "hostile"
[fields]
id = "id"
reported_at = {{ column = "opened", format = "iso" }}
due_at = {{ column = "due", format = "iso" }}
closed_at = {{ column = "closed", format = "iso" }}
category = "category"
unit = "unit"
channel = "channel"
satisfaction = "satisfaction"
[location]
lon = "lon"
lat = "lat"
"""
# What came of a text instead of staying text; what a page of ours never has.
MADE = """() => [...document.querySelectorAll('img[src="x"], [onerror], script:not([src]):not([type]), a[href^="javascript"]')]
  .map(e => e.outerHTML)"""


def boxes(path: Path, across: int, level: str) -> Path:
    """Places side by side, named by attacks."""
    features = []
    for i in range(across):
        west, east = 118.30 + i * 0.04 / across, 118.30 + (i + 1) * 0.04 / across
        ring = [[west, 35.0], [east, 35.0], [east, 35.02], [west, 35.02], [west, 35.0]]
        named = {"code": f"{level}{i}{TEXTS[i % 4]}", "name": f"{TEXTS[i % 4]} {i}"}
        features.append(
            {"type": "Feature", "properties": named, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def tickets(path: Path, first: int) -> Path:
    """80 tickets of June 2025, two of them with a time that is an attack."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for i in range(first, first + 80):
            text, day = TEXTS[i % 4], i % 20 + 1
            opened = text if i - first < 2 else f"2025-06-{day:02}T09:00:00"
            closed = f"2025-06-{day + 3:02}T09:00:00" if i % 3 else ""
            at = (118.301 + (i % 38) * 0.001, 35.001 + (i % 18) * 0.001)
            writer.writerow([f"{i}{text}", opened, f"2025-06-{day + 5:02}T09:00:00", closed, *[text] * 4, *at, text])
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server over the hostile city, and the secret of a session there."""
    folder = tmp_path_factory.mktemp("hostile")
    home = folder / "var"

    def done(*words: str | Path) -> None:
        made = run(*map(str, words), home=home, log=folder / "log")
        assert made.wait(timeout=120) == 0, (folder / "log").read_text("utf-8")

    done("init", "--name", SCRIPT + IMAGE, "--code", "990109", "--zone", "Asia/Shanghai", "--crs", "EPSG:4548")
    for name, text in (("p", PLACES), ("g", PLAN), ("t", TICKETS)):
        (folder / f"{name}.toml").write_text(text, "utf-8")
    done("import", "places", boxes(folder / f"{IMAGE.replace('/', '')}.geojson", 4, "c"), "-m", folder / "p.toml")
    done("import", "plan", boxes(folder / "g.geojson", 8, "g"), "-m", folder / "g.toml")
    done("import", "tickets", tickets(folder / f"{IMAGE}.csv", 0), "-m", folder / "t.toml")
    with Store.open(home) as store:  # a district that is not simulated signs nobody in by itself
        post = store.access.accounts.add(PROGRAM, name="post", label=IMAGE, roles=["administrator"], outside=SCRIPT)
        secret = store.access.sessions.begin(post)
    with served(home, folder / "server.log") as address:
        yield address, secret
    assert "Traceback" not in (folder / "server.log").read_text("utf-8")


@pytest.fixture
def guarded(hostile: tuple[str, str], browser: Browser) -> Iterator[Visit]:
    """A visit on which no dialog opens, nothing is made of a text, and the console stays empty."""
    context: BrowserContext = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    address, secret = hostile
    context.add_cookies([{"name": cookies.PLAIN, "value": secret, "url": address}])
    here = Visit(context.new_page(), address)
    here.watch()
    here.page.on("dialog", lambda dialog: (here.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    yield here
    made = here.page.evaluate(MADE)
    context.close()
    assert here.faults == []
    assert made == []


def hover_everything(page: Page, selector: str) -> None:
    """Let every tip of these elements open."""
    for one in page.locator(selector).all()[:30]:
        if one.is_visible():
            one.hover(force=True)
            page.wait_for_timeout(350)
            assert page.evaluate(MADE) == []


@pytest.mark.parametrize("level", ["community", "grid"])
def test_the_map_shows_attacks_as_text(guarded: Visit, level: str) -> None:
    page = guarded.open(f"/?level={level}&figure=reported&period=year&events=on")
    expect(page.locator(".header")).to_contain_text(IMAGE)
    expect(page.locator("#places")).to_contain_text(IMAGE)
    for spot in guarded.spots():
        page.mouse.move(*spot)
        expect(page.locator(".map-tip")).to_be_visible()
        assert page.evaluate(MADE) == []
    hover_everything(page, "#places .ag-cell, #headlines .card, #legend *")
    page.mouse.click(*guarded.spots()[0])
    guarded.settle()
    assert any(text in page.locator(".drawer-title").inner_text() for text in TEXTS)
    expect(page.locator("#cases .ag-row").first).to_be_visible()
    hover_everything(page, "#cases .ag-cell")


def test_points_have_tips_of_text(guarded: Visit) -> None:
    page = guarded.open("/?level=community&figure=reported&period=year&events=on")
    expect(page.locator("#map")).to_have_attribute("data-cases", "points")
    box = page.locator("#map").bounding_box()
    assert box is not None
    for step in range(400):
        page.mouse.move(
            box["x"] + box["width"] * (step % 20 + 0.5) / 20, box["y"] + box["height"] * (step // 20 + 0.5) / 20
        )
    assert page.evaluate(MADE) == []


def test_the_filters_offer_attacks_as_text(guarded: Visit) -> None:
    page = guarded.open("/?level=community&figure=reported&period=year")
    for control in page.locator(".rail input:visible").all():
        control.click(force=True)
        page.wait_for_timeout(300)
        assert page.evaluate(MADE) == []
        page.keyboard.press("Escape")


def test_an_address_full_of_attacks_is_text(guarded: Visit) -> None:
    for name in ("level", "figure", "period", "category", "as_of", "place", "cases", "method", "events", "range"):
        guarded.page.goto(f"{guarded.server}/?{name}={IMAGE}&category={SCRIPT}")
        guarded.settle()
        assert guarded.page.evaluate(MADE) == []


def test_the_import_page_shows_attacks_as_text(guarded: Visit, tmp_path: Path) -> None:
    page = guarded.open("/imports")
    with page.expect_file_chooser() as chooser:
        page.locator("#import-drop").click()
    chooser.value.set_files(tickets(tmp_path / f"{IMAGE}{FORMULA.replace('/', '')}.csv", 1000))
    expect(page.locator(".import-table").first).to_be_visible(timeout=LONG)
    page.locator("#import-mapping").fill(TICKETS)
    guarded.settle()
    page.locator("#import-preview-button").click()
    expect(page.locator("#import-outcome h2")).to_be_visible(timeout=LONG)
    expect(page.locator("#import-outcome")).to_contain_text(IMAGE)
    hover_everything(page, "#import-outcome .ag-cell")
    page.locator("#import-take-button").click()
    expect(page.locator("#import-outcome h2")).to_contain_text("已导入", timeout=LONG)
    page.get_by_role("tab", name="导入记录").click()
    for row in page.locator("#import-earlier .ag-row").all():
        row.click()
        guarded.settle()
        assert page.evaluate(MADE) == []
    page.locator("#import-earlier .ag-row").first.click()  # the newest
    expect(page.locator("#quarantine .ag-row").first).to_contain_text(IMAGE, timeout=LONG)
    hover_everything(page, "#quarantine .ag-cell")
    with page.expect_download() as download:
        page.locator("#quarantine-export").click()
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert [cell for row in rows for cell in row if cell.startswith("=")] == []
