"""A wall as the server gives it: who may see which place, what its panels show, what its layouts may say."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.server import create_app
from dashboard.wall import channels
from dashboard.wall import layout as layouts
from dashboard.wall.layout import faults, layout_for, read
from dashboard.wall.protocol import Ask, Options
from dashboard.wall.rotation import route
from dashboard.wall.spots import may_see, spot_of
from data.actors import PROGRAM, Actor, Place
from data.definitions import Definition
from data.emergency import declare, stand_down
from data.errors import InputError, NotFound
from data.settings import Settings
from data.store import Store
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import access_of, session, wall

SMALL = """
name = { zh = "小", en = "Small" }
columns = ["1fr", "2fr"]
rows = ["auto", "1fr"]
areas = ["figures figures", "queue map"]
[panels.figures]
figures = [{ figure = "open" }, { figure = "reported", period = "today" }]
[panels.queue]
[panels.map]
"""


def made(body: str) -> Any:
    return read("small", Definition("wall/small", body, "small.toml"))


@pytest.fixture(scope="module")
def strict(town: Settings) -> Iterator[TestClient]:
    """The application without a demo's visitor."""
    with TestClient(create_app(town.model_copy(update={"demo_user": False})), base_url=HERE) as client:
        yield client


@pytest.fixture
def town_store(strict: TestClient) -> Store:
    """The store behind it."""
    store: Store = strict.app.state.desk.store  # type: ignore[attr-defined]
    return store


# Layouts.


@pytest.mark.parametrize(
    ("was", "is_now", "where"),
    [
        ('columns = ["1fr", "2fr"]', 'columns = ["1fr", "2px"]', "columns.1"),
        ('rows = ["auto", "1fr"]', 'rows = ["auto"]', "areas"),
        ('"queue map"', '"queue map map"', "areas.1"),
        ('"queue map"', '"queue clock"', "areas"),
        ('"figures figures", "queue map"', '"figures map", "map queue"', "areas"),
        ("[panels.map]", "[panels.map]\n[panels.feed]", "panels.feed"),
        ("[panels.map]", '[panels.map]\npanel = "globe"', "panels.map.panel"),
        ("[panels.map]", '[panels.map]\nfigure = "happiness"', "panels.map.figure"),
        ("[panels.map]", '[panels.map]\nfilters = { colour = ["red"] }', "panels.map.filters.colour.[key]"),
        ('period = "today"', 'period = "yesterday"', "panels.figures.figures.1.period"),
        ("[panels.queue]", "[panels.queue]\nrows = 0", "panels.queue.rows"),
        ("[panels.queue]", "[panels.queue]\nblink = true", "panels.queue.blink"),
        ("[panels.queue]", "[panels.queue", "small.toml"),
        ('name = { zh = "小", en = "Small" }', 'rotate = { over = "villages" }', "name"),
    ],
)
def test_a_wrong_layout_is_told_with_its_file_and_key_path(was: str, is_now: str, where: str) -> None:
    assert was in SMALL
    with pytest.raises(InputError) as raised:
        made(SMALL.replace(was, is_now))
    assert raised.value.where == (where if where == "small.toml" else f"small.toml: {where}")


def test_the_shipped_layouts_stand_and_each_level_has_its_own(town_store: Store) -> None:
    known = layouts.layouts(town_store.home)
    assert list(known) == ["district", "emergency", "street"]
    assert [list(faults(one.text)) for one in known.values()] == [[], [], []]
    assert [layout_for(town_store.home, level).id for level in layouts.LEVELS] == ["district", "street", "street"]


def test_a_city_s_own_layout_comes_first_and_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "definitions" / "walls"
    own.mkdir(parents=True)
    (own / "hall.toml").write_text('levels = ["street"]\n' + SMALL, "utf-8")
    (own / "district.toml").write_text(SMALL, "utf-8")
    known = layouts.layouts(tmp_path)
    assert list(known) == ["district", "hall", "emergency", "street"]
    assert layout_for(tmp_path, "street").id == "hall"
    assert list(known["district"].boxes) == ["figures", "queue", "map"]


def test_a_wrong_layout_of_a_city_stops_the_start_and_names_its_file(tmp_path: Path) -> None:
    own = tmp_path / "definitions" / "walls"
    own.mkdir(parents=True)
    (own / "hall.toml").write_text(SMALL.replace('"queue map"', '"queue"'), "utf-8")
    with pytest.raises(InputError) as raised:
        layouts.layouts(tmp_path)
    assert raised.value.where == f"{own / 'hall.toml'}: areas.1"


# Who may see which place.


def test_a_wall_s_token_leaves_the_address_and_opens_its_own_place_alone(strict: TestClient) -> None:
    strict.cookies.clear()
    _token, secret = access_of(strict).tokens.add_device(PROGRAM, "大厅", "S1")
    entered = strict.get(f"/wall/S1?every=30&token={secret}", follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (302, "/wall/S1?every=30")
    assert [strict.get(f"/wall/{place}").status_code for place in ("S1", "C1", "S2", "C3", "990101")] == [
        200, 200, 403, 403, 403,
    ]  # fmt: skip
    assert "北门街道" in strict.get("/wall/S1").text
    assert 'http-equiv="refresh"' in strict.get("/wall/S2").text


def test_a_wall_follows_its_own_place_alone(strict: TestClient) -> None:
    strict.cookies.clear()
    own = wall(strict, "S1")

    def parts(search: str) -> list[str]:
        _beat, *said = strict.get("/live/now", params={"search": search}, headers=own).json()
        return [one["part"].split("?")[0] for one in said]

    assert parts("?wall=S1&layout=emergency") == [
        "wall.head", "wall.figures", "wall.map", "wall.newest", "wall.queue", "wall.queue", "wall.categories",
    ]  # fmt: skip
    assert parts("?wall=S2") == parts("?wall=990101") == parts("?level=street") == parts("") == []


def test_a_person_may_open_any_wall_and_is_led_to_sign_in_first(strict: TestClient) -> None:
    strict.cookies.clear()
    asked = strict.get("/wall/S1?rotate=off", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fwall%2FS1%3Frotate%3Doff")
    assert strict.get("/wall/S2", headers=session(strict, "north", "operator@S1")).status_code == 200
    assert strict.get("/wall/G1", headers=session(strict, "leader")).status_code == 404


def test_a_district_s_wall_may_see_everything_below(town_store: Store) -> None:
    district, street = spot_of(town_store, "990101"), spot_of(town_store, "S1")
    device = Actor("device", "wall", "大厅", places=frozenset({Place(district.level, district.place_id)}))
    assert (may_see(device, district), may_see(device, street)) == (True, True)
    assert street.chain == (street.place_id, district.place_id)
    with pytest.raises(NotFound):
        spot_of(town_store, "nowhere")


# What a wall goes through.


def test_a_rotation_goes_through_the_streets_after_the_place_itself(town_store: Store) -> None:
    district = spot_of(town_store, "990101")
    found = route(town_store, district, {"rotate": "streets", "every": "20"})
    assert [(stop.spot.code, stop.layout.id) for stop in found.stops] == [
        ("990101", "district"), ("S1", "street"), ("S2", "street"),
    ]  # fmt: skip
    assert (found.every, found.pause) == (20, 120)
    over = route(town_store, spot_of(town_store, "S1"), {"rotate": "communities", "layout": "emergency"})
    assert [(stop.spot.code, stop.layout.id) for stop in over.stops] == [
        ("S1", "emergency"), ("C1", "emergency"), ("C2", "emergency"),
    ]  # fmt: skip
    both = route(town_store, district, {"rotate": "layouts", "layouts": "district,emergency"})
    assert [stop.layout.id for stop in both.stops] == ["district", "emergency"]


@pytest.mark.parametrize("asked", [{"rotate": "villages"}, {"every": "1"}, {"pause": "x"}, {"layout": "none"}])
def test_an_address_that_makes_no_sense_is_told(town_store: Store, asked: dict[str, str]) -> None:
    with pytest.raises(InputError):
        route(town_store, spot_of(town_store, "S1"), asked)


# What its panels show.


def texts(tree: Any) -> list[str]:
    """Every text of components, in order."""
    if isinstance(tree, list):
        return [text for one in tree for text in texts(one)]
    if isinstance(tree, dict):
        return texts(tree.get("props", {}).get("children"))
    return [] if tree in (None, "") else [str(tree)]


def pieces(strict: TestClient, place: str, layout: str) -> dict[str, Any]:
    """Box → what it shows, over plain requests."""
    strict.cookies.clear()
    asked = {"search": f"?wall={place}&layout={layout}"}
    _beat, *said = strict.get("/live/now", params=asked, headers=session(strict, "leader")).json()
    return {one["part"].partition("&box=")[2]: one["pieces"] for one in said}


def test_the_panels_count_what_lies_in_the_place(strict: TestClient) -> None:
    street = pieces(strict, "S1", "street")
    cards = [texts(card) for card in street["figures"]["body"]]
    assert [card[:2] for card in cards] == [
        ["在办", "8"], ["今日新增", "0"], ["今日办结", "0"], ["即将超期", "0"], ["超期未结", "5"], ["按期办结率", "无数据"],
    ]  # fmt: skip
    rows = [texts(line) for line in street["places"]["body"][1]["props"]["children"]]
    assert rows == [["青松社区", "5", "5", "无数据"], ["南埠社区", "0", "3", "无数据"]]
    assert texts(street["queue"]["body"]) == ["没有将要到期的案件"]
    assert len(street["trend"]["chart"]["points"]) == 30
    other = pieces(strict, "S2", "street")
    assert [texts(card)[1] for card in other["figures"]["body"]][:2] == ["0", "0"]


def test_the_map_colours_the_place_s_own_polygons_and_no_others(strict: TestClient) -> None:
    shown = pieces(strict, "S1", "street")["map"]
    values = list(b64decode(shown["values"]))
    assert (len(values), values[3]) == (4, 253)  # G4 lies in the other street
    assert max(values[:3]) < 8
    assert shown["frame"]["bounds"] == [118.3, 35.0, 118.32, 35.02]


def test_an_emergency_of_a_place_brings_its_layout_to_its_walls_and_peace_their_own(
    strict: TestClient, town_store: Store
) -> None:
    def heads() -> list[list[Any]]:
        found = [pieces(strict, place, layout)[""] for place, layout in (("C1", "street"), ("S2", "street"))]
        return [[head["state"]["word"], head["layout"]] for head in found]

    assert heads() == [["平时", "street"], ["平时", "street"]]
    held = declare(town_store, "flood", "S1", PROGRAM, "大雨")
    word = held.plan.name.zh
    assert heads() == [[word, "emergency"], ["平时", "street"]]
    assert "late" in pieces(strict, "C1", "street")
    stand_down(town_store, held.emergency_id, PROGRAM, "雨停")
    assert heads() == [["平时", "street"], ["平时", "street"]]


def test_a_panel_that_cannot_be_counted_says_why(town_store: Store) -> None:
    shown = channels.shown(town_store, "wall=S9&layout=street&box=figures")
    assert json.loads(shown.pieces["failure"])["what"] == "没有这个地方的大屏"


def test_a_layout_s_filters_hold_in_every_panel(town_store: Store, chinese: None) -> None:
    box = made(SMALL + '[panels.queue.filters]\ncategory = ["=路灯"]\n').boxes["queue"]
    late = read(
        "late", Definition("wall/late", SMALL.replace("[panels.queue]", '[panels.queue]\nwhich = "late"'), "late.toml")
    )
    assert [len(texts(channels.of_box(one, town_store, "S1")["body"])) for one in (box, late.boxes["queue"])] == [1, 10]


def test_today_is_the_day_of_the_deployment(town_store: Store) -> None:
    before, after = (
        Ask(town_store, spot_of(town_store, "S1"), Options(panel="x"), at=datetime(2024, 3, 1, hour, tzinfo=UTC))
        for hour in (15, 16)
    )  # 23:00 and midnight in Shanghai
    assert [ask.period("today").start.date().day for ask in (before, after)] == [1, 2]
    assert before.period("7d").end == before.period("today").end == after.period("today").start
