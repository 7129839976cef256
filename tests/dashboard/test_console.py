"""The console's server side: what a queue, a case and a call give the browser, and that nothing is done that may not be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.console.fields import letters_of, order_of
from dashboard.console.tabs import scope
from data.actors import PROGRAM, Actor, Grant, Place
from data.definitions import KindVersion, kind_definitions, read_kind
from data.errors import InputError
from tests.dashboard.conftest import own_town
from tests.dashboard.posts import session
from tests.dashboard.town import square

KEYS = count()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A town of its own, because here cases move."""
    with own_town(tmp_path_factory.mktemp("console")) as client:
        yield client


@pytest.fixture
def operator(desk: TestClient) -> dict[str, str]:
    return session(desk, "operator")


def lists(desk: TestClient, who: dict[str, str]) -> dict[str, dict[str, int]]:
    said = desk.get("/console/lists", headers=who).json()
    return {name: {one[1]: one[0] for one in said[name]} for name in ("units", "categories")}


def call(desk: TestClient, who: dict[str, str], grid: str = "G1", **says: Any) -> Any:
    x, y = square(grid).centroid.coords[0]
    category = lists(desk, who)["categories"]["占道经营"]
    said = {"key": f"call-{next(KEYS)}", "text": "路口占道，电话 13800001111", "category": category, "lon": x, "lat": y}
    return desk.post("/console/cases", headers=who, json={**said, **says})


def send(desk: TestClient, who: dict[str, str], *orders: dict[str, Any]) -> list[dict[str, Any]]:
    keyed = [{"key": f"order-{next(KEYS)}", **order} for order in orders]
    answer = desk.post("/console/orders", headers=who, json={"orders": keyed})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_a_call_is_located_masked_and_registered_at_once(desk: TestClient, operator: dict[str, str]) -> None:
    opened = call(desk, operator).json()
    assert (opened["ok"], opened["registered"], opened["seq"]) == (True, True, 2)
    case = desk.get(f"/console/cases/{opened['case_id']}", headers=operator).json()
    assert case["text"] == "路口占道，电话 [电话]"
    assert [place["name"] for place in case["path"]] == ["青禾区", "北门街道", "青松社区", "第1网格"]
    assert (case["stage"], case["seq"]) == ("立案", 2)
    assert [line["what"] for line in case["ledger"]] == ["立案", "上报"]
    assert {clock["name"] for clock in case["clocks"]} == {"处置", "办结"}


def test_the_same_call_sent_twice_is_one_case(desk: TestClient, operator: dict[str, str]) -> None:
    first, second = (call(desk, operator, key="once").json() for _ in range(2))
    assert first["case_id"] == second["case_id"]
    assert second["registered"]


def test_a_call_without_a_place_or_text_is_refused_in_words(desk: TestClient, operator: dict[str, str]) -> None:
    assert call(desk, operator, lon=None, lat=None).json()["what"] == "请指明地点：地址或地图上的点。"
    assert call(desk, operator, text=" ").status_code == 422


def test_a_named_place_is_offered_its_path_and_a_point_its_duplicates(
    desk: TestClient, operator: dict[str, str]
) -> None:
    number = call(desk, operator, "G3").json()["number"]
    x, y = square("G3").centroid.coords[0]
    category = lists(desk, operator)["categories"]["占道经营"]
    named = desk.get("/console/offer", headers=operator, params={"category": category, "place": "community=C2"}).json()
    assert [place["name"] for place in named["path"]] == ["青禾区", "北门街道", "南埠社区"]
    assert named["duplicates"] == []
    point = desk.get("/console/offer", headers=operator, params={"category": category, "lon": x, "lat": y}).json()
    assert [(one["number"], one["metres"]) for one in point["duplicates"]] == [(number, 0)]
    outside = desk.get("/console/offer", headers=operator, params={"category": category, "lon": 10, "lat": 10}).json()
    assert outside["outside"]


def test_some_of_many_may_be_refused_and_each_says_why(desk: TestClient, operator: dict[str, str]) -> None:
    first, second = (call(desk, operator, "G4").json()["case_id"] for _ in range(2))
    orders = [{"case_id": case, "move": "urge", "expected_seq": seq} for case, seq in ((first, 2), (second, 1))]
    done, stale = send(desk, operator, *orders, {"case_id": first, "move": "close", "expected_seq": 3})[:2]
    assert (done["ok"], done["seq"]) == (True, 3)
    assert (stale["ok"], stale["stale"]) == (False, True)
    assert "立案" in stale["text"] or "registered" in stale["text"]


def test_a_hidden_button_is_no_protection(desk: TestClient, operator: dict[str, str]) -> None:
    case = call(desk, operator, "G4").json()["case_id"]
    planner = session(desk, "planner")
    assert desk.get(f"/console/cases/{case}", headers=planner).json()["moves"] == []
    (refused,) = send(desk, planner, {"case_id": case, "move": "urge", "expected_seq": 2})
    assert not refused["ok"]
    assert call(desk, planner, "G4").status_code == 403


def test_a_queue_has_counts_rows_and_the_moves_of_each(desk: TestClient, operator: dict[str, str]) -> None:
    case = call(desk, operator, "G2").json()["case_id"]
    said = desk.get("/console/queue", headers=operator, params={"tab": "new"}).json()
    row = next(row for row in said["rows"] if row["id"] == case)
    assert said["counts"]["new"] == len(said["rows"])
    assert (row["category"], row["place"], row["stage"], row["seq"]) == ("占道经营", "第2网格", "立案", 2)
    assert "dispatch" in row["moves"]
    rule = said["moves"][row["digest"]]["dispatch"]
    assert (rule["name"], rule["key"]) == ("派遣", "d")
    assert [(one["name"], one["needed"]) for one in rule["fields"]][:2] == [("unit", True), ("co_units", False)]
    again = desk.get("/console/queue", headers=operator, params={"tab": "new", "mark": said["mark"]}).json()
    assert again == {"mark": said["mark"]}


def test_a_dispatched_case_leaves_the_queue(desk: TestClient, operator: dict[str, str]) -> None:
    case = call(desk, operator, "G2").json()["case_id"]
    unit = lists(desk, operator)["units"]["城管中队"]
    (done,) = send(desk, operator, {"case_id": case, "move": "dispatch", "expected_seq": 2, "unit": unit})
    assert done["ok"]
    rows = desk.get("/console/queue", headers=operator, params={"tab": "new"}).json()["rows"]
    assert case not in [row["id"] for row in rows]


def test_orders_that_are_none_are_refused(desk: TestClient, operator: dict[str, str]) -> None:
    for body in ({}, {"orders": []}, {"orders": "x"}, [1]):
        assert desk.post("/console/orders", headers=operator, json=body).status_code == 422
    (nothing,) = send(desk, operator, {"move": "urge"})
    assert not nothing["ok"]


def test_a_post_sees_its_places_and_a_handler_its_unit() -> None:
    street = Place("street", 7)
    assert scope(Actor("person", "a", "a", (Grant("operator", frozenset({street})),))).within == (7,)
    assert scope(Actor("person", "a", "a", (Grant("operator"),))).within == ()
    assert scope(Actor("person", "a", "a", (Grant("unit_handler"),), unit_id=3)).unit_id == 3
    assert scope(Actor("person", "a", "a")).within == (0,)


def test_letters_are_single_and_none_is_the_console_s_own() -> None:
    for text in kind_definitions(None).values():
        version = KindVersion(read_kind(text.body, text.where), text.digest)
        letters = list(letters_of(version).values())
        assert len(set(letters)) == len(letters)
        assert not set(letters) & set("jknx")


def test_what_is_no_number_or_time_is_said(desk: TestClient, operator: dict[str, str]) -> None:
    store = desk.app.state.desk.store  # type: ignore[attr-defined]
    for wrong in ({"case_id": "x"}, {"case_id": 1, "due_at": "soon"}, {"case_id": 1, "co_units": 3}, {"case_id": True}):
        with pytest.raises(InputError):
            order_of(store, wrong, PROGRAM)
    local = order_of(store, {"case_id": 1, "due_at": "2024-03-05T10:00"}, PROGRAM).due_at
    assert local is not None
    assert local.isoformat() == "2024-03-05T10:00:00+08:00"
