"""The desk's other pages on the server: an area and its order, the order's progress, boards, opening any kind of case."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from data.actors import PROGRAM
from data.admission import Admitted, put_admissions
from data.areas import encoded
from tests.dashboard.conftest import own_town
from tests.dashboard.posts import session
from tests.dashboard.town import SIDE, SOUTH, WEST

KEYS = count()
OVER_G1 = encoded([(WEST - 0.001, SOUTH + SIDE), (WEST + SIDE + 0.0001, SOUTH + SIDE), (WEST + SIDE + 0.0001, SOUTH + 3 * SIDE),
                   (WEST - 0.001, SOUTH + 3 * SIDE)])  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A town of its own, because here cases are opened."""
    with own_town(tmp_path_factory.mktemp("dispatch")) as client:
        yield client


@pytest.fixture
def operator(desk: TestClient) -> dict[str, str]:
    return session(desk, "operator")


def area(desk: TestClient, who: dict[str, str], **says: Any) -> Any:
    return desk.post("/console/dispatch/area", headers=who, json={"kind": "task", **says})


def opened(desk: TestClient, who: dict[str, str], kind: str, **says: Any) -> Any:
    return desk.post("/console/openings", headers=who, json={"kind": kind, "key": f"open-{next(KEYS)}", **says})


def order(desk: TestClient, who: dict[str, str], **says: Any) -> Any:
    grids = [one["id"] for one in area(desk, who, places=["community=C1"]).json()["grids"]]
    said = {"note": "查看低洼处，电话 13800001111", "due_at": "2099-01-01T18:00", "places": grids, **says}
    return opened(desk, who, "task", **said)


def test_an_area_tells_its_grids_and_whom_it_only_brushes(desk: TestClient, operator: dict[str, str]) -> None:
    said = area(desk, operator, outlines=[OVER_G1]).json()
    assert [(one["code"], one["brushed"], one["households"]) for one in said["grids"]] == [
        ("G1", False, 100), ("G2", True, 300)
    ]  # fmt: skip
    assert said["level"] == "网格"
    assert area(desk, operator, kind="", outlines=[OVER_G1]).json() == said
    circle = {"lon": WEST + 2.5 * SIDE, "lat": SOUTH + SIDE, "metres": 300}
    around = area(desk, operator, circle=circle).json()
    assert [one["code"] for one in around["grids"]] == ["G4"]
    assert len(around["outlines"]) == 1


def test_what_is_no_area_is_refused_in_words(desk: TestClient, operator: dict[str, str]) -> None:
    for wrong in (
        {"outlines": "x"},
        {"circle": {"lon": "a"}},
        {"places": ["G1"]},
        {"kind": "whistle"},
        {"outlines": ["~~"]},
    ):
        assert area(desk, operator, **wrong).status_code == 422
    assert area(desk, operator, places=["grid=nowhere"]).status_code == 404


def test_an_order_goes_to_the_grids_of_an_area_and_its_map_tells_their_state(
    desk: TestClient, operator: dict[str, str]
) -> None:
    made = order(desk, operator, pictures="1").json()
    assert made["parts"] == 2
    said = desk.get(f"/console/cases/{made['case_id']}/parts", headers=operator).json()
    assert [(part["code"], part["state"]) for part in said["parts"]] == [("G1", "waiting"), ("G2", "waiting")]
    assert (said["counts"]["all"], said["counts"]["late"]) == (2, 0)
    again = desk.get(f"/console/cases/{made['case_id']}/parts", headers=operator, params={"mark": said["mark"]}).json()
    assert again == {"mark": said["mark"]}
    case = desk.get(f"/console/cases/{made['case_id']}", headers=operator).json()
    assert (case["text"], case["parts_all"], case["parts_done"]) == ("查看低洼处，电话 [电话]", 2, 0)


def test_a_street_s_operator_sees_which_grids_are_not_theirs_and_cannot_order_there(desk: TestClient) -> None:
    south = session(desk, "south", "operator@S2")
    said = area(desk, south, places=["grid=G1", "grid=G4"]).json()
    assert [(one["code"], one["closed"]) for one in said["grids"]] == [("G1", True), ("G4", False)]
    assert order(desk, south).status_code == 403
    worker = session(desk, "grid_worker")
    assert order(desk, worker).status_code == 403


def test_every_kind_is_opened_by_the_form_its_definition_makes(desk: TestClient, operator: dict[str, str]) -> None:
    units = [one[0] for one in desk.get("/console/lists", headers=operator).json()["units"]]
    whistle = opened(desk, operator, "whistle", place="grid=G2", units=units[:1], note="占道")
    assert whistle.json()["parts"] == 1
    about = opened(desk, operator, "supervision", unit=units[0], note="限期办结", due_at="2099-01-01T18:00",
                   other=whistle.json()["number"])  # fmt: skip
    case = desk.get(f"/console/cases/{about.json()['case_id']}", headers=operator).json()
    assert [place["name"] for place in case["path"]][-1] == "第2网格"
    assert [one["number"] for one in case["links"]] == [whistle.json()["number"]]
    lacking = opened(desk, operator, "request", note="路灯")
    assert (lacking.status_code, lacking.json()["what"]) == (422, "request 类案件需要填写 place。")
    assert opened(desk, operator, "dream", note="路灯").status_code == 422


def test_a_board_has_the_stages_of_its_definition_and_the_moves_that_are_allowed(
    desk: TestClient, operator: dict[str, str]
) -> None:
    number = opened(desk, operator, "request", place="grid=G3", note="想要一个晾衣架").json()["number"]
    said = desk.get("/console/boards", headers=operator, params={"kind": "request"}).json()
    assert [column["name"] for column in said["columns"]] == ["点单", "派单", "接单", "完成", "确认办结"]
    (card,) = said["columns"][0]["rows"]
    assert (card["number"], card["title"], card["moves"]) == (number, "想要一个晾衣架", ["offer", "cancel", "escalate"])
    assert (said["opens"], said["parts"]) == ("request", None)
    again = desk.get("/console/boards", headers=operator, params={"kind": "request", "mark": said["mark"]}).json()
    assert again == {"mark": said["mark"]}
    assert desk.get("/console/boards", headers=operator, params={"kind": "dream"}).status_code == 404


def test_a_board_of_a_kind_with_parts_shows_whole_cases_or_parts(desk: TestClient, operator: dict[str, str]) -> None:
    units = [one[0] for one in desk.get("/console/lists", headers=operator).json()["units"]]
    number = opened(desk, operator, "whistle", place="grid=G4", units=units[:1], note="油烟").json()["number"]
    whole = desk.get("/console/boards", headers=operator, params={"kind": "whistle"}).json()
    card = next(row for row in whole["columns"][0]["rows"] if row["number"] == number)
    assert [(part["name"], part["state"]) for part in card["held"]] == [("城管中队", "waiting")]
    parts = desk.get("/console/boards", headers=operator, params={"kind": "whistle", "parts": "1"}).json()
    assert f"{number}-1" in [row["number"] for row in parts["columns"][0]["rows"]]
    assert parts["parts"] is True


def test_refusals_of_the_admission_list_are_shown_before_anything_is_sent(
    desk: TestClient, operator: dict[str, str]
) -> None:
    store = desk.app.state.desk.store  # type: ignore[attr-defined]
    place = store.rows("SELECT place_id FROM place WHERE code = 'G1'")[0]["place_id"]
    put_admissions(store, [Admitted("drains", "清理雨水口", place)], PROGRAM)
    said = area(desk, operator, places=["community=C1"], item="drains").json()
    assert [(one["code"], one["refused"]) for one in said["grids"]] == [("G1", False), ("G2", True)]
    assert store.rows("SELECT count(*) AS n FROM admission_refusal")[0]["n"] == 0
    put_admissions(store, [], PROGRAM)


def test_a_sheet_says_what_stands_is_left_with_a_note_and_taken_once(desk: TestClient) -> None:
    north = session(desk, "north", "operator@S1")
    said = desk.get("/console/handover/sheet", headers=north).json()
    assert (said["name"], said["may"]) == ("北门街道", True)
    open_part = next(part for part in said["parts"] if part["id"] == "open")
    assert open_part["n"] == len(open_part["rows"]) > 0
    note = {"key": "sheet-1", "from": "2024-03-01T08:00", "to": "2024-03-01T16:00", "note": "盯住 G2，电话 13800001111"}
    left = desk.post("/console/handover/sheet", headers=north, json=note).json()["id"]
    assert desk.post("/console/handover/sheet", headers=north, json=note).json()["id"] == left
    (sheet,) = desk.get("/console/handover/sheet", headers=north).json()["sheets"]
    assert (sheet["note"], sheet["by"], sheet["taken"]) == ("盯住 G2，电话 [电话]", "值班员 · north", "")
    south = session(desk, "south", "operator@S2")
    assert desk.post("/console/handover/taken", headers=south, json={"id": left}).status_code == 403
    assert desk.post("/console/handover/taken", headers=north, json={"id": left}).json() == {"ok": True}
    assert desk.post("/console/handover/taken", headers=north, json={"id": left}).status_code == 403
    empty = desk.post("/console/handover/sheet", headers=north, json={**note, "key": "sheet-2", "note": " "})
    assert empty.status_code == 422


def test_a_long_queue_is_told_in_windows_with_its_true_length(desk: TestClient, operator: dict[str, str]) -> None:
    x, y = WEST + SIDE / 2, SOUTH + SIDE / 2
    category = desk.get("/console/lists", headers=operator).json()["categories"][0][0]
    said = {"text": "路灯不亮", "category": category, "lon": x, "lat": y}
    calls = [desk.post("/console/cases", headers=operator, json={"key": f"q-{n}", **said}) for n in range(3)]
    cases = [call.json()["case_id"] for call in calls]
    first = desk.get("/console/queue", headers=operator, params={"tab": "new"}).json()
    assert (first["offset"], first["counts"]["new"]) == (0, len(first["rows"]))
    beside = desk.get(
        "/console/queue", headers=operator, params={"tab": "new", "offset": "50", "also": f"{cases[0]},{cases[2]}"}
    ).json()
    assert beside["offset"] == 0
    assert [row["id"] for row in beside["selected"]] == [cases[0], cases[2]]


def test_a_move_brings_pictures_and_the_case_shows_them(desk: TestClient, operator: dict[str, str]) -> None:
    sent = desk.post("/api/v1/attachments", headers=operator, content=png()).json()["name"]
    made = opened(desk, operator, "listing", place="grid=G1", note="楼道堆物", unit=1).json()["case_id"]
    start = {"case_id": made, "move": "start", "key": f"k{next(KEYS)}", "note": "进驻"}
    progress = {"case_id": made, "move": "progress", "key": f"k{next(KEYS)}", "note": "清了一半", "evidence": [sent]}
    unknown = {**progress, "key": f"k{next(KEYS)}", "evidence": ["0" * 32 + ".jpg"]}
    for said, ok in ((start, True), (progress, True), (unknown, False)):
        (result,) = desk.post("/console/orders", headers=operator, json={"orders": [said]}).json()["results"]
        assert result["ok"] is ok
    pictures = desk.get(f"/console/cases/{made}", headers=operator).json()["pictures"]
    assert [name for name, _when in pictures] == [sent]
    assert desk.get(f"/attachments/{sent}", headers=operator).headers["content-type"] == "image/jpeg"


def test_a_move_whose_test_asks_a_figure_is_judged_by_what_the_console_found(desk: TestClient) -> None:
    leader = session(desk, "leader")
    made = opened(desk, leader, "listing", place="grid=G2", note="占道", unit=1).json()["case_id"]
    everybody = session(desk, "all", "leader", "operator")
    for move in ("start", "report"):
        order = {"case_id": made, "move": move, "key": f"k{next(KEYS)}", "note": "好了"}
        desk.post("/console/orders", headers=everybody, json={"orders": [order]})
    seq = desk.get(f"/console/cases/{made}", headers=leader).json()["seq"]
    close = {"case_id": made, "move": "close", "key": f"k{next(KEYS)}", "note": "验收", "expected_seq": seq}
    (result,) = desk.post("/console/orders", headers=leader, json={"orders": [close]}).json()["results"]
    # Five of March are overdue and open in G2: the second of its two tests does not pass, and says what was found.
    assert not result["ok"]
    assert "overdue_open = 0 (is 5)" in result["text"] or "5" in result["text"]


def png() -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()
