"""The lists' pages: who may do what, a run from its draft to its numbers' cases, marks from a spreadsheet, weights on trial.

The community assessment of the first half of 2024 in the town: C1 has twenty cases with a deadline, 13 of them on time; those of C2
have none.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook
from starlette.testclient import TestClient

from dashboard.scorecards.words import flags_of, pair_of, reasons_of, value_of
from data.definitions import definitions_of, read_card
from data.scoring import PartScore, Scored, Subject, Value
from tests.dashboard.posts import session

RUNS = "/scorecards/runs"
CARD = read_card(definitions_of(None, "scorecard")["community_assessment"].body, "shipped")


def drafted(client: TestClient, leader: dict[str, str]) -> int:
    made = client.post(
        RUNS, json={"card": "community_assessment", "level": "community", "period": "2024-H1"}, headers=leader
    )
    assert made.status_code == 200, made.text
    return int(made.json()["id"])


def rows_of(client: TestClient, run: int, who: dict[str, str]) -> dict[str, Any]:
    return {row["code"]: row for row in client.get(f"{RUNS}/{run}", headers=who).json()["items"]}


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in (("编号", "得分", "说明"), *rows):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def send_file(client: TestClient, run: int, mark: str, content: bytes, who: dict[str, str], key: str) -> Any:
    address = f"{RUNS}/{run}/marks-file?mark={mark}&key={key}"
    return client.post(address, content=content, headers={**who, "x-file-name": "marks.xlsx"})


def test_a_run_from_marks_in_a_spreadsheet_to_the_cases_of_a_figure(client: TestClient) -> None:
    leader = session(client, "leader")
    run = drafted(client, leader)
    assert rows_of(client, run, leader)["C1"]["score"] is None
    for mark in ("party_building", "departments", "street"):
        sent = send_file(
            client, run, mark, workbook(("C1", 80), ("C2", 90, "迎检"), ("C3", 70)), leader, f"file {mark}"
        )
        assert sent.json() == {"n": 3}, sent.text
    assert client.post(f"{RUNS}/{run}/turn", json={"what": "recount"}, headers=leader).status_code == 200
    one = rows_of(client, run, leader)["C1"]
    # No call-backs: 15 missing. (16 + 24 + 15 × 13 ÷ 20 + 16) × 100 ÷ 85 = 77.35
    assert (one["score"], one["flags"]) == (77.35, ["缺满意率"])
    told = client.get(f"{RUNS}/{run}/subjects/{one['id']}", headers=leader).json()
    part = next(part for part in told["parts"] if part["id"] == "on_time")
    assert (part["value"], part["pair"], part["group"]) == ("65.0 %", "13 ÷ 20", "街道")
    for which, n in (("numerator", 13), ("denominator", 20)):
        asked = {"subject": one["id"], "part": "on_time", "which": which}
        assert client.get(f"{RUNS}/{run}/cases", params=asked, headers=leader).json()["total"] == n


def test_a_spreadsheet_with_one_wrong_row_enters_nothing_and_names_the_row(client: TestClient) -> None:
    leader = session(client, "leader")
    run = drafted(client, leader)
    wrong = send_file(client, run, "street", workbook(("C1", 80), ("C2", 180)), leader, "wrong file")
    assert wrong.status_code == 422
    assert "180 不在 0 至 100 之间" in wrong.json()["what"]
    assert "3" in wrong.json()["where"]


def test_what_if_moves_ranks_and_saves_nothing(client: TestClient) -> None:
    """With the street's mark alone C2 (90) leads C1 (80); nothing of it stays."""
    leader = session(client, "leader")
    run = drafted(client, leader)
    for code, value in (("C1", 80), ("C2", 60), ("C3", 70)):
        for mark in ("party_building", "departments"):
            body = {"mark": mark, "code": code, "value": value, "key": f"{code} {mark} typed"}
            assert client.post(f"{RUNS}/{run}/mark", json=body, headers=leader).json() == {"n": 1}
        body = {"mark": "street", "code": code, "value": 150 - value, "key": f"{code} street typed"}
        client.post(f"{RUNS}/{run}/mark", json=body, headers=leader)
    client.post(f"{RUNS}/{run}/turn", json={"what": "recount"}, headers=leader)
    before = rows_of(client, run, leader)
    tried = client.post(
        f"{RUNS}/{run}/what-if", json={"weights": {p.id: 0 for p in CARD.parts} | {"street": 5}}, headers=leader
    ).json()
    now = {one["name"]: (one["was"], one["now"], one["score"]) for one in tried["moved"]}
    assert {name: score for name, (_was, _now, score) in now.items()}["南埠社区"] == 90
    assert now["南埠社区"][1] == 1
    assert rows_of(client, run, leader) == before


@pytest.mark.parametrize("role", ["operator", "administrator"])
def test_publishing_is_the_leaders(client: TestClient, role: str) -> None:
    who = session(client, role)
    run = drafted(client, who)
    assert client.get(f"{RUNS}/{run}", headers=who).json()["may"]["publish"] is False
    refused = client.post(f"{RUNS}/{run}/turn", json={"what": "publish"}, headers=who)
    assert refused.status_code == 403
    assert client.get(f"{RUNS}/{run}", headers=session(client, "leader")).json()["may"]["publish"] is True


@pytest.mark.parametrize("role", ["unit_handler", "grid_worker", "dispatcher", "planner"])
def test_other_posts_do_not_see_the_lists(client: TestClient, role: str) -> None:
    who = session(client, role)
    assert client.get(RUNS, headers=who).status_code == 403
    assert client.get("/scorecards", headers=who).status_code == 403


def test_a_flag_a_reason_and_a_value_read_as_words() -> None:
    card = read_card(definitions_of(None, "scorecard")["three_colours"].body, "shipped")
    reasons = ("overdue_open >= 20 = 23", "reported against previous >= 1.5 = 1.75", "three_rate_score < 75 = 71.25")
    one = Scored(Subject(1, "C1", "青松社区"), (), 12, None, 0, ("small", "missing:street"), reasons=reasons)
    assert reasons_of(one) == ["超期未结 23 件（≥ 20）", "上报数 上期的 1.75 倍（≥ 1.5）", "三率综合 71.2 分（< 75.0）"]
    assert flags_of(CARD, one) == ["样本不足（12）", "缺街道评分"]
    own = PartScore("overdue", Value(1234, None, 1234), None, None, None, 0, None)
    assert (value_of(card, card.parts[0], own), pair_of(card.parts[0], own)) == ("1,234 件", "")
