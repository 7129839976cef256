"""Alarms, emergencies and warnings as screens and other programs get them: scope, rights, the proposed task, the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dashboard.emergency import strip
from dashboard.languages import use
from dashboard.server import create_app
from data import alarms
from data.actors import PROGRAM
from data.settings import Settings
from data.store import Store
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import access_of, post, session, wall

GOOD = (Path(__file__).parents[1] / "warnings" / "rainstorm.xml").read_text("utf-8")
HEADLINE = "青禾区气象台发布暴雨橙色预警"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, town: Settings) -> Iterator[TestClient]:
    """The application over a copy of the town, without a demo's visitor: what happens here is nobody else's."""
    import shutil

    home = tmp_path_factory.mktemp("emergency") / "var"
    shutil.copytree(town.home, home, ignore=shutil.ignore_patterns("*.sock", "tmp"))
    with TestClient(create_app(town.model_copy(update={"demo_user": False, "home": home})), base_url=HERE) as client:
        yield client


@pytest.fixture(autouse=True)
def cleared(strict: TestClient) -> None:
    """Each test in peace, without warnings and alarms."""
    strict.cookies.clear()

    def clear(con: Any) -> None:
        for table in ("alarm", "alarm_step", "emergency", "hazard_warning"):
            con.execute(f"DELETE FROM {table}")

    store_of(strict).writer.run(clear, quiet=True).result()
    store_of(strict).watch.changed()


def store_of(client: TestClient) -> Store:
    app = client.app
    assert isinstance(app, FastAPI)
    store: Store = app.state.desk.store
    return store


def message(store: Store, identifier: str = "one") -> str:
    """The sample, sent a minute ago and good for six hours."""
    now = store.now().astimezone(store.zone)
    times = {"T16:40:00": -1, "T17:00:00": 20, "T22:40:00": 360}
    text = GOOD.replace("37130241600000_20240712164000", f"{identifier}-{now.timestamp():.0f}")
    for written, minutes in times.items():
        text = text.replace(f"2024-07-12{written}", f"{now + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}")
    return text


def send(client: TestClient, text: str, role: str = "operator") -> Any:
    _token, secret = access_of(client).tokens.add_key(PROGRAM, "气象台", post(client, role))
    return client.post("/api/v1/warnings", content=text.encode(), headers={"authorization": f"Bearer {secret}"})


def asks(client: TestClient, path: str, who: dict[str, str], **body: Any) -> Any:
    headers = {**who, "origin": HERE}
    return (
        client.post(path, json=body, headers=headers)
        if body or path.endswith(("1", "task"))
        else client.get(path, headers=headers)
    )


def test_a_program_sends_a_warning_and_is_told_what_it_touches(strict: TestClient) -> None:
    text = message(store_of(strict))
    answer = send(strict, text)
    assert answer.status_code == 201
    told = answer.json()
    assert [(one["title"], one["colour"], one["places"], one["households"]) for one in told["warnings"]] == [
        (HEADLINE, "orange", 3, 580)
    ]
    again = send(strict, text)
    assert (again.status_code, again.json()["known"]) == (200, True)


def test_a_bad_warning_a_large_one_and_a_key_without_the_right_are_refused(strict: TestClient) -> None:
    text = message(store_of(strict), "bad")
    bad = send(strict, text.replace("<severity>Severe", "<severity>Bad"))
    assert (bad.status_code, bad.json()["where"]) == (422, "alert.info[2].severity")
    assert bad.json()["what"] == "severity 不能是 Bad。"
    assert send(strict, text + " " * 600_000).status_code == 413
    assert send(strict, text, "grid_worker").status_code == 403
    assert strict.post("/api/v1/warnings", content=text.encode()).status_code == 401


def test_everybody_sees_the_alarms_of_their_places_and_of_what_covers_them(strict: TestClient) -> None:
    send(strict, message(store_of(strict)))
    seen = {
        who: [one["rule"] for one in asks(strict, "/emergency/now", headers).json()["alarms"]]
        for who, headers in {
            "district": session(strict, "operator"), "S1": wall(strict, "S1"), "C1": wall(strict, "C1"), "S2": wall(strict, "S2"),
        }.items()
    }  # fmt: skip
    assert seen == {"district": ["hazard"], "S1": ["hazard"], "C1": ["hazard"], "S2": []}
    one = asks(strict, "/emergency/now", session(strict, "operator")).json()["alarms"][0]
    assert (one["title"], one["text"], one["place"], one["code"], one["may"]) == (
        "灾害预警",
        HEADLINE,
        "北门街道",
        "S1",
        True,
    )


def test_an_alarm_is_acknowledged_by_the_right_role_and_never_by_a_wall(strict: TestClient) -> None:
    store = store_of(strict)
    send(strict, message(store))
    number = alarms.standing_alarms(store)[0].alarm_id
    address = f"/emergency/alarms/{number}"
    assert strict.post(address, json={}, headers={**wall(strict), "origin": HERE}).status_code == 403
    assert strict.post(address, json={}, headers={**session(strict, "planner"), "origin": HERE}).status_code == 403
    assert asks(strict, "/emergency/now", wall(strict)).json()["alarms"][0]["may"] is False
    answer = strict.post(
        address, json={"note": "电话 13800138000"}, headers={**session(strict, "leader"), "origin": HERE}
    )
    assert answer.status_code == 200
    assert [(one["waits"], one["by"]) for one in answer.json()["alarms"]] == [(False, "leader")]
    assert "13800138000" not in str(alarms.history(store, number))


def test_a_place_goes_into_emergency_and_its_screens_say_so(strict: TestClient) -> None:
    leader = session(strict, "leader")
    refused = asks(strict, "/emergency/declare", session(strict, "operator"), plan="flood", place="S1", reason="暴雨")
    assert refused.status_code == 403
    page = asks(strict, "/emergency/declare", leader, plan="flood", place="S1", reason="暴雨橙色预警").json()
    assert [(one["name"], one["place"], one["may"]) for one in page["emergencies"]] == [("防汛", "北门街道", True)]
    state = {who: asks(strict, "/emergency/now", wall(strict, who)).json()["state"] for who in ("S1", "C1", "S2")}
    shown = {
        "word": "防汛应急",
        "short": "防汛",
        "emergency": True,
        "layout": "emergency",
        "layers": ["facilities", "warnings"],
    }
    assert state == {
        "S1": shown,
        "C1": shown,
        "S2": {"word": "平时", "short": "平时", "emergency": False, "layout": "", "layers": []},
    }
    district = asks(strict, "/emergency/now", leader).json()["state"]
    assert (district["word"], district["emergency"]) == ("防汛应急", True)
    number = page["emergencies"][0]["id"]
    over = asks(strict, f"/emergency/{number}/stand-down", leader, reason="雨停").json()
    assert (over["emergencies"], [one["id"] for one in over["past"]]) == ([], [number])


def test_only_those_who_may_declare_are_offered_their_places(strict: TestClient) -> None:
    offered = {
        role: [one["code"] for one in asks(strict, "/emergency/page", session(strict, role)).json()["places"]]
        for role in ("leader", "operator")
    }
    assert offered == {"leader": ["990101", "S1", "S2", "C1", "C2", "C3"], "operator": []}


def test_a_warning_proposes_one_task_to_its_grids_and_two_dispatchers_order_it_once(strict: TestClient) -> None:
    store = store_of(strict)
    number = send(strict, message(store, "task")).json()["warnings"][0]["warning"]
    page = asks(strict, "/emergency/page", session(strict, "dispatcher")).json()
    proposed = page["warnings"][0]
    assert proposed["task"]["note"].startswith(f"{HEADLINE}：排查低洼路段")
    assert (proposed["task"]["hours"], proposed["ordered"], proposed["plan"]) == (3.0, None, "flood")
    assert proposed["where"] == [["青松社区", 2, 400], ["南埠社区", 1, 180]]
    address = f"/emergency/warnings/{number}/task"
    assert asks(strict, address, session(strict, "planner"), note="排查", hours=3).status_code == 403
    first = asks(strict, address, session(strict, "dispatcher"), note="排查", hours=3).json()["warnings"][0]["ordered"]
    second = asks(strict, address, session(strict, "leader"), note="排查", hours=5).json()["warnings"][0]["ordered"]
    assert first == second
    parts = store.rows("SELECT count(*) AS n FROM cases WHERE parent_case_id = ?", [first["case"]])
    assert parts == [{"n": 3}]


def test_the_record_is_a_page_that_says_why_and_how_long(strict: TestClient) -> None:
    leader = session(strict, "leader")
    page = asks(strict, "/emergency/declare", leader, plan="flood", place="S1", reason="<b>暴雨</b>").json()
    number = page["emergencies"][0]["id"]
    text = asks(strict, f"/emergency/{number}", leader).text
    assert "北门街道 防汛应急记录" in text
    assert "&lt;b&gt;暴雨&lt;/b&gt;" in text
    assert "应急中，以下为截至" in text
    assert strict.get("/emergency/999", headers=leader).status_code == 404
    english = strict.get(f"/emergency/{number}", headers={"cookie": leader["cookie"] + "; language=en"}).text
    assert "record of the Flood emergency" in english


def test_the_map_draws_warnings_in_their_colour(strict: TestClient) -> None:
    send(strict, message(store_of(strict)))
    areas = asks(strict, "/layers/areas/warnings", wall(strict)).json()["areas"]
    assert [(one["title"], one["colour"], one["geometry"]["type"]) for one in areas] == [
        (HEADLINE, "orange", "Polygon")
    ]
    assert strict.get("/layers/areas/estates", headers=wall(strict)).status_code == 404


def test_the_sign_of_life_bears_another_mark_once_something_changed(strict: TestClient) -> None:
    def mark() -> str:
        beat = strict.get("/live/now", params={"search": "none"}, headers=wall(strict)).json()[0]
        return str(beat["beat"]["watch"])

    before = mark()
    assert mark() == before
    send(strict, message(store_of(strict)))
    assert mark() != before


def test_the_strip_for_a_plain_page_escapes_its_place() -> None:
    use("zh")
    assert 'data-place="&quot;&gt;"' in strip.markup('">')
