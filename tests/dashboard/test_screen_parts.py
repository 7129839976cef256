"""The parts of the one-map page beside the map: trend, spread, search, place and case, over the small town."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.choice import Choice, of_search, year_before
from dashboard.languages import use
from dashboard.one_map import casecard, distribution, placecard, trends
from dashboard.one_map.drawer import drawn, place_panels
from dashboard.one_map.headlines import comparison, covered
from dashboard.one_map.picked import Picked, opened_by, page_of_cases
from dashboard.questions import ask, resolve
from data.errors import NotFound, QuestionError
from data.periods import Period
from data.profiles import profile
from data.store import Store
from tests.dashboard.test_one_map import texts

MONTH = Choice(level="grid", period="month", figure="registered")


def line(chart: dict[str, Any], number: int = -1) -> dict[str, Any]:
    """One line of a trend, the place's own by default."""
    found: dict[str, Any] = chart["light"]["data"][number]
    return found


def test_a_month_is_shown_by_thirty_days_up_to_the_newest_report(town_store: Store) -> None:
    title, chart = trends.drawn(town_store, MONTH)
    assert texts(title) == ["趋势", "青禾区", " · ", "立案数", "近 30 天"]
    shown = line(chart)
    assert (shown["x"][0], shown["x"][-1], len(shown["x"])) == ("02-21", "03-21", 30)
    assert sum(shown["y"]) == 24
    assert set(chart) == {"light", "dark"}


def test_a_year_is_shown_by_twelve_months(town_store: Store) -> None:
    title, chart = trends.drawn(town_store, Choice(level="grid", period="year", figure="registered"), "C1")
    assert texts(title)[1:5] == ["青松社区", " · ", "立案数", "近 12 个月"]
    assert (line(chart)["x"][-1], line(chart)["y"][-1]) == ("2024-03", 20)
    assert len(chart["light"]["data"]) == 1  # a count has no district beside it


def test_a_rate_has_its_district_beside_it_and_every_point_opens_its_days(town_store: Store) -> None:
    title, chart = trends.drawn(town_store, Choice(level="grid", figure="on_time_rate"), "G1")
    assert texts(title)[-1] == "全区"
    assert len(chart["light"]["data"]) == 2
    said, place, figure, days = line(chart)["customdata"][-1]
    assert (place, figure) == ("G1", "on_time_rate")
    assert said.startswith(line(chart)["x"][-1])
    at = next(i for i, value in enumerate(line(chart)["y"]) if value is not None)
    days = line(chart)["customdata"][at][3]
    found = page_of_cases(town_store, MONTH, Picked("G1", "on_time_rate", "denominator", days), {"endRow": 100})
    assert line(chart)["customdata"][at][0].endswith(f"n {found['rowCount']}")


def test_a_figure_without_data_says_so_instead_of_drawing(town_store: Store) -> None:
    _title, chart = trends.drawn(town_store, Choice(level="grid", figure="satisfaction_rate"))
    assert chart["dark"]["layout"]["annotations"][0]["text"] == "这段时间没有数据"


def test_few_places_are_dots_with_the_district_and_the_place_marked(town_store: Store) -> None:
    title, chart = distribution.drawn(town_store, Choice(level="grid"), "G1")
    assert texts(title) == ["分布", "2 个网格", "另有 2 个无数据或样本不足"]
    dots = chart["light"]["data"][0]
    assert dots["x"] == [50.0, 80.0]
    assert [note["text"].strip() for note in chart["light"]["layout"]["annotations"]] == ["全区 65.0", "第1网格 80.0"]


def test_many_places_are_a_histogram(town_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "DOTS", 1)
    _title, chart = distribution.drawn(town_store, Choice(level="grid", figure="registered"))
    bars = chart["light"]["data"][0]
    assert (bars["type"], sum(bars["y"])) == ("bar", 4)


def test_a_comparison_names_direction_amount_and_what_with(town_store: Store) -> None:
    asked = resolve(town_store, of_search("?level=grid&period=custom&range=2024-03-16&range=2024-03-20"))
    now = ask(town_store, asked.question("district"))[0]
    before = ask(town_store, asked.earlier().question("district"))[0]
    name = "on_time_rate"
    change = (now.figures[name].value or 0) - (before.figures[name].value or 0)
    said = texts(comparison(name, now.figures[name], before, "环比"))
    assert said[-1] == "环比"
    assert said[0] == f"{abs(change) * 100:.1f}"
    assert comparison("satisfaction_rate", now.figures["satisfaction_rate"], before, "同比") == []


def test_what_lies_before_the_first_ticket_is_nothing_to_compare_with() -> None:
    june = Period(datetime(2024, 6, 1, tzinfo=UTC), datetime(2024, 7, 1, tzinfo=UTC))
    assert covered(june, datetime(2024, 1, 5, tzinfo=UTC))
    assert covered(june, datetime(2024, 6, 4, tzinfo=UTC))
    assert not covered(june, datetime(2024, 6, 4, 0, 0, 1, tzinfo=UTC))
    assert not covered(june, None)


def test_the_same_days_a_year_earlier() -> None:
    leap = Period(datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
    assert year_before(leap) == Period(datetime(2023, 2, 28, tzinfo=UTC), datetime(2023, 3, 1, tzinfo=UTC))


def test_the_search_groups_what_it_finds(client: TestClient) -> None:
    found = client.get("/search", params={"q": "第1网格"}).json()["groups"]
    assert [(group["name"], [item["place"] for item in group["items"]]) for group in found] == [("网格", ["G1"])]
    found = client.get("/search", params={"q": "G1-0"}).json()["groups"]
    assert (found[0]["name"], found[0]["items"][0]["label"]) == ("案件", "G1-09")
    assert client.get("/search", params={"q": "x" * 5000}).json() == {"groups": []}
    assert client.get("/search").json() == {"groups": []}


def test_a_case_shows_its_ledger_and_its_deadline(town_store: Store) -> None:
    case = town_store.rows("SELECT case_id FROM cases WHERE external_id = 'G1-00'")[0]["case_id"]
    title, body = casecard.drawn(town_store, case)
    assert texts(title)[1:3] == ["G1-00", "=路灯"]
    assert texts(title)[3::2] == ["青禾区", "北门街道", "青松社区", "第1网格"]
    shown = texts(body)
    assert shown[shown.index("时限") + 1] == "提前 7 天"
    ledger = [text for text in texts(body[1]) if text in {"上报", "立案", "结案"}]
    assert ledger[0] == "上报"
    assert ledger[-1] == "结案"
    with pytest.raises(NotFound):
        casecard.drawn(town_store, 10**9)


def test_a_case_takes_the_list_s_place_in_the_drawer(town_store: Store) -> None:
    picked = Picked.of(opened_by({"case": ["1"]}), "on_time_rate")
    assert picked is not None
    assert picked.case == 1
    *_rest, case = drawn(town_store, {"level": "grid"}, picked)
    assert "流转记录" in texts(case)
    gone = Picked("", "on_time_rate", "denominator", case=10**9)
    assert texts(drawn(town_store, {"level": "grid"}, gone)[-1])[:2] == ["没有这个案件", "案件 1000000000"]


@pytest.mark.parametrize("days", ["yesterday", "2024-03-02~2024-03-01", "2024-03-01", "9999-12-31~9999-12-31"])
def test_days_that_make_no_sense_are_refused_in_words(town_store: Store, days: str) -> None:
    with pytest.raises(QuestionError):
        page_of_cases(town_store, MONTH, Picked("", "registered", "numerator", days), {"endRow": 10})


def test_a_place_tells_what_it_holds(town_store: Store) -> None:
    day = datetime(2024, 3, 15, tzinfo=UTC).date()
    assert texts(placecard.facts(profile(town_store, "C1", day)))[:1] == ["400 户"]
    estates, care, history = place_panels(town_store, {"level": "grid"}, Picked("C1", "open", "numerator"))
    assert texts(estates)[0] == "这里没有小区"
    assert [text for text in texts(care) if text.startswith("没有登记")] == [
        "没有登记物业公司",
        "没有登记岗位",
        "没有登记部件",
    ]
    assert "青松社区" in texts(history)


def test_the_parts_speak_english(town_store: Store) -> None:
    use("en")
    title, _lines = trends.drawn(town_store, Choice(level="grid"))
    spread, _chart = distribution.drawn(town_store, Choice(level="grid"))
    _title, body = casecard.drawn(town_store, 1)
    shown = [text for text in texts(title) + texts(spread) + texts(body) if text not in {"青禾区", "城管中队"}]
    assert [text for text in shown if any("\u4e00" <= c <= "\u9fff" for c in text)] == []
