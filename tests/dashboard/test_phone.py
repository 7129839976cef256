"""The phone's server side: whose cases are whose, what a move and a report give back, and that nothing is done twice or for another."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard import cookies
from dashboard.phone.buttons import rules_said
from dashboard.phone.choices import pictogram
from dashboard.phone.mine import wishes
from dashboard.server import create_app
from data.actors import PROGRAM, Actor, Grant, Place
from data.definitions import KindVersion, kind_definitions, read_kind
from data.orders import Opening
from data.settings import Settings
from etl.placing import Spot, placer_of
from tests.dashboard.conftest import HERE
from tests.dashboard.posts import access_of, session
from tests.dashboard.town import build, square

KEYS = count()
DAY = 86_400_000
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A town of its own, because here cases move."""
    made = Settings(home=tmp_path_factory.mktemp("phone") / "var", memory_share=0.1, threads=2, demo_user=False)
    build(made)
    with TestClient(create_app(made), base_url=HERE) as client:
        yield client


@pytest.fixture(scope="module")
def operator(desk: TestClient) -> dict[str, str]:
    return session(desk, "operator", "operator", "dispatcher")


@pytest.fixture(scope="module")
def units(desk: TestClient, operator: dict[str, str]) -> dict[str, int]:
    said = desk.get("/console/lists", headers=operator).json()
    return {name: number for number, name in said["units"]} | {name: number for number, name, _ in said["categories"]}


@pytest.fixture(scope="module")
def handler(desk: TestClient) -> dict[str, str]:
    """A post of the unit 城管中队."""
    account = access_of(desk).accounts.add(
        PROGRAM, name="team", roles=("unit_handler",), unit="城管中队", outside="team@city"
    )
    return {"cookie": f"{cookies.PLAIN}={access_of(desk).sessions.begin(account)}"}


@pytest.fixture(scope="module")
def worker(desk: TestClient) -> dict[str, str]:
    """A post of the grid G1."""
    return session(desk, "worker", "grid_worker@G1")


def dispatched(desk: TestClient, operator: dict[str, str], units: dict[str, int], grid: str = "G2") -> int:
    """A case that waits for 城管中队 to accept it; its third line."""
    x, y = square(grid).centroid.coords[0]
    call = {"key": f"call-{next(KEYS)}", "text": "路口占道", "category": units["占道经营"], "lon": x, "lat": y}
    case: int = desk.post("/console/cases", headers=operator, json=call).json()["case_id"]
    order = {"case_id": case, "move": "dispatch", "key": f"out-{case}", "expected_seq": 2, "unit": units["城管中队"]}
    assert desk.post("/console/orders", headers=operator, json={"orders": [order]}).json()["results"][0]["ok"]
    return case


def move(desk: TestClient, who: dict[str, str], case: int, **says: Any) -> dict[str, Any]:
    said = {"post": "team", "key": f"tap-{next(KEYS)}", "case_id": case, "move": "accept", "expected_seq": 3, **says}
    answer = desk.post("/my/orders", headers=who, json=said)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def report(desk: TestClient, who: dict[str, str], units: dict[str, int], grid: str = "G1", **says: Any) -> Any:
    x, y = square(grid).centroid.coords[0]
    said = {"post": "worker", "key": f"seen-{next(KEYS)}", "category": units["=路灯"], "lon": x, "lat": y, **says}
    return desk.post("/my/reports", headers=who, json=said).json()


def mine(desk: TestClient, who: dict[str, str]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in desk.get("/my/cases", headers=who).json()["cases"]}


def test_a_handler_sees_the_unit_s_cases_with_what_may_be_done_and_what_comes_after(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    said = desk.get("/my/cases", headers=handler).json()
    assert (said["post"], said["unit"]) == ("team", "城管中队")
    row = next(row for row in said["cases"] if row["id"] == case)
    assert (row["category"], row["stage"], row["group"], row["seq"]) == ("占道经营", "派遣", "waiting", 3)
    assert row["moves"][:3] == ["accept", "return", "hand_on"]
    assert row["then"]["accept"]["stage"] == "签收"
    assert row["then"]["accept"]["group"] == "working"
    assert "handle" in row["then"]["accept"]["moves"]
    rule = said["rules"][row["digest"]]
    assert (rule["accept"]["tone"], rule["return"]["tone"], rule["ask_extension"]["tone"]) == ("on", "back", "more")
    assert [(one["name"], one["needed"]) for one in rule["handle"]["fields"]] == [("note", True)]
    assert (rule["handle"]["camera"], rule["accept"]["camera"]) == (True, False)
    again = desk.get("/my/cases", headers=handler, params={"mark": said["mark"]}).json()
    assert sorted(again) == ["beat", "build", "mark", "post"]


def test_a_post_sees_no_other_unit_s_and_no_other_grid_s_cases(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], worker: dict[str, str], units: dict[str, int]
) -> None:
    theirs = dispatched(desk, operator, units, "G2")
    here = report(desk, worker, units)["case_id"]
    assert here in mine(desk, worker)
    assert theirs not in mine(desk, worker)
    assert here not in mine(desk, handler)
    assert desk.get(f"/my/cases/{theirs}", headers=handler).status_code == 200
    refused = desk.get(f"/my/cases/{theirs}", headers=worker)
    assert (refused.status_code, refused.json()["what"]) == (403, "这件案件不属于您的单位，也不在您的网格内。")
    assert desk.get("/my/cases", headers=operator).status_code == 403  # no post that works outside


def test_a_move_sent_twice_is_made_once(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    first, second = (move(desk, handler, case, key=f"once-{case}") for _ in range(2))
    assert (first["ok"], first["seq"]) == (True, 4)
    assert second == first
    assert mine(desk, handler)[case]["seq"] == 4


def test_who_was_slower_learns_who_was_first_and_nothing_is_changed(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    urge = {"case_id": case, "move": "urge", "key": f"urge-{case}", "expected_seq": 3}
    desk.post("/console/orders", headers=operator, json={"orders": [urge]})
    said = move(desk, handler, case)
    assert (said["ok"], said["stale"], said["status"]) == (False, True, 409)
    assert re.fullmatch(
        r"已有人先作处理：值班员于 \d{4}-\d\d-\d\d \d\d:\d\d 催办（现为第 4 条，预期第 3 条） 请重新查看案件后再决定。",
        said["text"],
    )
    assert mine(desk, handler)[case]["seq"] == 4


def test_two_moves_made_without_a_connection_are_sent_in_order_with_their_picture(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    kept = desk.post("/api/v1/attachments", headers=handler, content=PICTURE).json()["name"]
    assert move(desk, handler, case)["seq"] == 4
    done = move(desk, handler, case, move="handle", expected_seq=4, note="已清理，店主 13800001111", evidence=[kept])
    assert (done["ok"], done["seq"]) == (True, 5)
    said = desk.get(f"/my/cases/{case}", headers=handler).json()
    assert said["pictures"] == [f"/attachments/{kept}"]
    assert (said["ledger"][0]["what"], said["ledger"][0]["note"]) == ("处置完成", "已清理，店主 [电话]")
    assert mine(desk, handler)[case]["group"] == "others"


def test_what_may_not_be_done_or_is_incomplete_is_refused_in_words(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], worker: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    assert move(desk, handler, case, move="handle", note="x")["status"] == 403  # it is not accepted yet
    assert move(desk, handler, case, move="return")["status"] == 422  # without a reason
    assert move(desk, handler, case, evidence=["../etc/passwd"])["status"] == 422
    assert not move(desk, worker, case, post="worker")["ok"]  # another grid's
    assert mine(desk, handler)[case]["seq"] == 3


def test_what_one_post_tapped_is_not_sent_in_the_name_of_the_next(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    said = move(desk, handler, case, post="worker")
    assert (said["ok"], said["text"]) == (False, "这部手机后来换了岗位登录。 请用当时填写的岗位登录。")


def test_when_it_was_tapped_counts_but_not_before_the_case_stood_there(
    desk: TestClient, operator: dict[str, str], handler: dict[str, str], units: dict[str, int]
) -> None:
    case = dispatched(desk, operator, units)
    assert move(desk, handler, case, ago=DAY)["ok"]
    store = desk.app.state.desk.store  # type: ignore[attr-defined]
    lines = store.rows("SELECT occurred_at FROM transition WHERE case_id = ? AND seq IN (3, 4) ORDER BY seq", [case])
    assert lines[0] == lines[1]


def test_a_report_is_a_case_of_the_patrol_and_offers_what_may_be_the_same(
    desk: TestClient, worker: dict[str, str], units: dict[str, int]
) -> None:
    kept = desk.post("/api/v1/attachments", headers=worker, content=PICTURE).json()["name"]
    first = report(desk, worker, units, text="灯不亮", evidence=[kept], key="lamp")
    again = report(desk, worker, units, text="灯不亮", evidence=[kept], key="lamp")
    assert again["case_id"] == first["case_id"]
    second = report(desk, worker, units, ago=60_000)
    assert (second["ok"], second["path"]) == (True, ["北门街道", "青松社区", "第1网格"])
    assert [(one["number"], one["metres"]) for one in second["duplicates"] if one["id"] == first["case_id"]] == [
        (first["number"], 0)
    ]
    said = desk.get(f"/my/cases/{first['case_id']}", headers=worker).json()
    assert (said["text"], said["stage"], said["pictures"]) == ("灯不亮", "上报", [f"/attachments/{kept}"])
    store = desk.app.state.desk.store  # type: ignore[attr-defined]
    assert store.rows("SELECT channel, kind FROM cases WHERE case_id = ?", [first["case_id"]]) == [
        {"channel": "网格员上报", "kind": "event"}
    ]


def test_a_report_without_place_or_from_another_s_grid_is_refused_in_words(
    desk: TestClient, worker: dict[str, str], units: dict[str, int]
) -> None:
    assert report(desk, worker, units, lon=None, lat=None)["text"] == "请指明地点：地址或地图上的点。"
    assert report(desk, worker, units, "G4")["status"] == 403
    x, y = square("G4").centroid.coords[0]
    params = {"category": units["=路灯"], "lon": x, "lat": y}
    assert desk.get("/console/offer", headers=worker, params=params).json()["may"] is False


def test_choices_put_the_usual_first_and_have_a_picture_each(desk: TestClient, worker: dict[str, str]) -> None:
    said = desk.get("/my/choices", headers=worker).json()
    assert {one[0] for one in said["categories"]} >= set(said["usual"])
    assert {one[3] for one in said["categories"]} == set(said["icons"])
    assert [pictogram(name, "") for name in ("路灯不亮", "违停", "道路积水", "什么都不是")] == [
        "bulb", "car", "ripple", "tag",
    ]  # fmt: skip
    assert pictogram("满溢", "市容环卫") == "trash"


def test_the_page_holds_nothing_of_a_post_and_its_worker_keeps_only_the_program(
    desk: TestClient, handler: dict[str, str]
) -> None:
    page = desk.get("/my", headers=handler)
    assert page.status_code == 200
    assert "城管中队" not in page.text
    assert "team" not in page.text
    worker = desk.get("/my/worker.js")
    assert worker.headers["service-worker-allowed"] == "/my"
    for address in worker.text.split("\n")[0].split('"'):
        if address.startswith("/assets/"):
            assert desk.get(address).status_code == 200, address
    manifest = desk.get("/my/manifest.webmanifest").json()
    assert (manifest["start_url"], manifest["display"]) == ("/my", "standalone")
    assert [desk.get(icon["src"]).headers["content-type"] for icon in manifest["icons"]] == ["image/png"] * 3


def test_a_called_unit_reads_on_its_part_why_it_is_called(
    desk: TestClient, handler: dict[str, str], units: dict[str, int]
) -> None:
    store = desk.app.state.desk.store  # type: ignore[attr-defined]
    placed: Any = placer_of(store).place([Spot(*square("G2").centroid.coords[0])])[0]
    whistle = Opening(
        "whistle", "whistle", PROGRAM, note="井盖破损，请到场", units=(units["城管中队"],), **placed.as_opening()
    )
    (part,) = store.writer.submit(whistle).result().parts
    row = mine(desk, handler)[part]
    assert (row["group"], row["moves"][0], row["then"]["arrive"]["stage"]) == ("whistles", "arrive", "报到")
    assert desk.get(f"/my/cases/{part}", headers=handler).json()["text"] == "井盖破损，请到场"


def test_a_body_that_is_none_is_refused(desk: TestClient, handler: dict[str, str]) -> None:
    assert desk.post("/my/orders", headers=handler, content=b"[]").status_code == 422
    assert desk.post("/my/reports", headers=handler, content=b"no").status_code == 422
    assert desk.post("/my/orders", headers={**handler, "sec-fetch-site": "cross-site"}, json={}).status_code == 403


def test_wishes_follow_roles_unit_and_places() -> None:
    grid = Place("grid", 7)

    def asked(*grants: Grant, unit: int | None = None) -> list[tuple[int | None, tuple[int, ...]]]:
        return [(one.unit_id, one.within) for one in wishes(Actor("person", "a", "a", grants, unit), {})]

    assert asked(Grant("unit_handler"), unit=3) == [(3, ())]
    assert asked(Grant("unit_handler")) == []
    assert asked(Grant("grid_worker", frozenset({grid}))) == [(None, (7,))]
    assert asked(Grant("grid_worker", frozenset({grid})), Grant("unit_handler"), unit=3) == [(3, ()), (None, (7,))]
    assert asked(Grant("grid_worker"), Grant("unit_handler"), unit=3) == [(3, ())]
    assert asked(Grant("operator")) == []


def test_every_kind_s_moves_have_their_place_on_a_phone() -> None:
    tones = {}
    for text in kind_definitions(None).values():
        kind = read_kind(text.body, text.where)
        tones |= {(kind.id, name): one["tone"] for name, one in rules_said(KindVersion(kind, text.digest)).items()}
    on = {("event", "accept"), ("event", "handle"), ("whistle", "arrive"), ("request", "take"), ("task", "report")}
    assert {tones[one] for one in on} == {"on"}
    assert {tones[one] for one in (("event", "return"), ("event", "hand_on"), ("request", "give_back"))} == {"back"}
    assert ("event", "rate") not in tones  # it asks for an answer; that is the desk's


def test_a_post_that_works_outside_comes_to_its_cases_when_it_signs_in_on_a_phone(desk: TestClient) -> None:
    access_of(desk).accounts.add(
        PROGRAM, name="night", roles=("unit_handler",), unit="城管中队", password="correct horse battery"
    )
    given = {"name": "night", "password": "correct horse battery"}
    phone = {"user-agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"}
    for headers, following, target in ((phone, "/", "/my"), ({}, "/", "/"), (phone, "/?level=grid", "/?level=grid")):
        answer = desk.post("/sign-in", data={**given, "next": following}, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, target)
    desk.cookies.clear()
