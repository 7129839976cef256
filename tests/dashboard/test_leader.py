"""The leader's page over the small town: its parts, who lands on it, what is coming, and a supervision opened from a ranking."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.coming.choice import Choice, above_expected, of_search
from dashboard.coming.page import chance_text, coming_file, expected_text, shown
from dashboard.languages import use
from dashboard.leader import attention, canvas, coming, figures, promises
from dashboard.leader.figures import goal, spark
from dashboard.leader.screen import filled_part
from dashboard.leader.spot import own_spot
from dashboard.rankings.measures import rows_with_measures
from data.actors import PROGRAM
from data.forecasts import Coming
from data.periods import Period
from data.store import Store
from data.targets import Target
from data.trends import Point
from tests.dashboard.conftest import own_town
from tests.dashboard.posts import PASSWORD, access_of, session
from tests.dashboard.test_one_map import texts
from tests.data.builder import local


def test_five_figures_stand_with_target_and_trend(town_store: Store) -> None:
    cards = figures.cards(town_store, own_spot(town_store))
    assert len(cards) == 5
    first = texts(cards[0])
    assert first[:2] == ["按期办结率", "65.0"]
    assert "目标 ≥ 95.0 %" in first
    assert "未达到" in first
    said = json.loads(cards[0].children[2].to_plotly_json()["props"]["data-spark"])
    assert (len(said["values"]), said["values"][-1], said["target"]) == (12, 0.65, 0.95)


def test_the_map_is_the_one_maps_with_the_district_around_it(town_store: Store) -> None:
    data, legend = canvas.painted_or_words(town_store, None)
    assert (data["key"], data["level"], data["layers"]) == ("on_time_rate", "community", {})
    assert data["outline"] == []  # nobody drew the district
    assert "按期办结率" in texts(legend)


def test_a_town_without_orders_has_words_in_every_part(town_store: Store) -> None:
    for part in (attention.listed, promises.listed, coming.listed):
        assert "message" in str(filled_part(town_store, part)[0])


def test_a_target_is_said_with_a_shape(town_store: Store) -> None:
    assert goal(Target(figure="reported"), None) == ["未设目标"]
    assert texts(goal(Target(figure="rework_rate", target=0.05), True))[-1] == "达到"
    month = Period(local("03-01"), local("04-01"))
    said = json.loads(spark([Point(month, None, None, None)], Target(figure="rework_rate"), "share"))
    assert said == {"values": [None], "target": None, "said": ["2024-02-29 · 无数据"]}


def test_an_address_says_what_is_coming() -> None:
    choice = of_search("?horizon=28&by=both&community=C1&category=漏水")
    assert choice == Choice(28, "both", "C1", "漏水")
    assert of_search(choice.address.split("?")[1]) == choice
    assert of_search("?horizon=3&by=street") == Choice()


def test_only_what_chance_hardly_makes_is_marked() -> None:
    def row(code: str, came: int, chance: float) -> Coming:
        return Coming(1, code, code, "漏水", 2.0, 0, 5, came, 2.0, chance)

    rows = [row("A", 12, 0.0001), row("B", 4, 0.04), row("C", 2, 0.6), row("D", 0, 1.0)]
    assert above_expected(rows) == {("A", "漏水")}
    assert [chance_text(one) for one in (0.00004, 0.043, None)] == ["< 0.1%", "4.3%", ""]
    assert [expected_text(one) for one in (2.34, 1234.5)] == ["2.3", "1,234"]


def test_without_a_forecast_the_page_says_when_there_will_be_one(town_store: Store) -> None:
    assert "还没有预测" in str(shown(town_store, Choice()))
    use("en")
    assert "No forecast yet" in str(shown(town_store, Choice()))
    assert coming_file(town_store, Choice(), "csv").decode("utf-8-sig").splitlines()[0] == "Place,青禾区"


def test_a_leader_lands_on_the_page(tmp_path: Path) -> None:
    with own_town(tmp_path) as client:
        access_of(client).accounts.add(PROGRAM, name="boss", roles=("leader",), password=PASSWORD)
        sent = client.post(
            "/sign-in", data={"name": "boss", "password": PASSWORD, "next": "/"}, headers={"origin": "http://127.0.0.1:8050"},
            follow_redirects=False,
        )  # fmt: skip
        assert (sent.status_code, sent.headers["location"]) == (303, "/leader")


@pytest.fixture
def order(client: TestClient) -> dict[str, Any]:
    """A supervision of C1, as the dialog sends it; the town's unit answers for the whole district."""
    leader = session(client, "leader")
    said = client.get(
        "/rankings/measures", params={"subject": "unit", "code": unit_code(client), "name": "城管中队"}, headers=leader
    )
    assert said.status_code == 200, said.text
    form = said.json()
    assert [kind for kind, _name in form["kinds"]] == ["interview", "supervision"]
    due = (store_of(client).now() + timedelta(days=3)).strftime("%Y-%m-%d 17:00")
    asked = {"kind": "supervision", "unit": form["units"][0][0], "due_at": due, "note": "限期整改"}
    return {"subject": "unit", "code": unit_code(client), **asked}


def store_of(client: TestClient) -> Store:
    store: Store = client.app.state.desk.store  # type: ignore[attr-defined]
    return store


def unit_code(client: TestClient) -> str:
    return str(store_of(client).rows("SELECT code FROM unit WHERE name = '城管中队'")[0]["code"])


def test_a_supervision_from_a_ranking_stands_beside_the_unit(client: TestClient, order: dict[str, Any]) -> None:
    leader = session(client, "leader")
    made = client.post("/rankings/measures", json={**order, "key": "first"}, headers=leader)
    assert made.status_code == 200, made.text
    (beside,) = [one for one in made.json()["measures"] if one["id"] == made.json()["case_id"]]
    assert beside["text"].startswith("督办 · ")
    assert beside["text"].startswith("督办 · 督办下达 · ")
    again = client.post("/rankings/measures", json={**order, "key": "first"}, headers=leader)
    assert again.json()["case_id"] == made.json()["case_id"]
    row = rows_with_measures(store_of(client), "unit", [{"code": order["code"]}])[0]
    assert made.json()["case_id"] in {one["id"] for one in row["measures"]}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "listing"}, 422),
        ({"unit": 999}, 422),
        ({"subject": "district"}, 422),
        ({"note": ""}, 422),
        ({"code": "nobody"}, 404),
    ],
)
def test_what_makes_no_sense_opens_nothing(
    client: TestClient, order: dict[str, Any], change: dict[str, Any], status: int
) -> None:
    before = store_of(client).rows("SELECT count(*) AS n FROM cases")
    sent = client.post(
        "/rankings/measures", json={**order, "key": f"odd {change}", **change}, headers=session(client, "leader")
    )
    assert sent.status_code == status, sent.text
    assert store_of(client).rows("SELECT count(*) AS n FROM cases") == before


def test_the_engine_asks_for_the_role_once_more(client: TestClient, order: dict[str, Any]) -> None:
    assert (
        client.post("/rankings/measures", json={**order, "key": "x"}, headers=session(client, "planner")).status_code
        == 403
    )
    here = session(client, "street_leader", "operator")
    account = access_of(client).accounts.by_name("street_leader")
    assert account is not None
    assert client.get("/rankings/measures", params={"subject": "district"}, headers=here).status_code == 422
