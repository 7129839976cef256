"""The page of rankings over the small town: its choice, its table, its funnel, its files and the cases behind each n."""

from __future__ import annotations

import csv
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from dashboard.choice import Choice as MapChoice
from dashboard.languages import use
from dashboard.one_map.canvas import legend, painted
from dashboard.rankings import cases, said, table
from dashboard.rankings.choice import (
    CUSTOM,
    LARGEST,
    PERIODS,
    TOGETHER,
    Choice,
    of_search,
    of_values,
    period_of,
    resolve,
    text_of,
)
from dashboard.rankings.controls import PERIOD_NAMES
from dashboard.rankings.league import groups, league, rows
from dashboard.rankings.screen import answer, enough, query
from data.errors import QuestionError
from data.periods import MonthStart
from data.store import Store
from etl.sheets import Sheet, as_csv, as_xlsx
from layers.codec import NO_DATA, TOO_FEW
from tests.dashboard.test_one_map import texts
from tests.data.builder import ZONE

GRIDS = Choice(subject="grid", figure="registered")
LATE = datetime(2024, 3, 21, 9, tzinfo=ZONE)


def test_an_address_holds_the_choice_and_gives_it_back() -> None:
    text = "?subject=estate&figure=three_rate_score&period=custom&range=2024-03-01&range=2024-03-20&peers=mixed"
    text += "&weights=30%2C35%2C35&cases=E1%3Aexcluded"
    choice = of_search(text)
    assert (choice.subject, choice.peers, choice.weights, choice.cases) == (
        "estate",
        "mixed",
        (30, 35, 35),
        "E1:excluded",
    )
    assert of_search("?" + query(choice)) == of_search(text.replace("&cases=E1%3Aexcluded", ""))
    assert of_search("") == Choice()


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "district"},
        {"figure": "visit_coverage"},
        {"weights": "10,50,41"},
        {"weights": "x"},
        {"period": "custom"},
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(QuestionError):
        of_values(wrong)


@pytest.mark.parametrize(
    ("period", "begins", "text"),
    [("month", MonthStart(), "2024-03-01 – 2024-03-31"), ("last_month", MonthStart(), "2024-02-01 – 2024-02-29"),
     ("last_quarter", MonthStart(), "2023-10-01 – 2023-12-31"), ("last_year", MonthStart(), "2023-01-01 – 2023-12-31"),
     ("month", MonthStart(26, 8), "2024-02-26 08:00 – 2024-03-26 08:00"),
     ("last_month", MonthStart(26, 0), "2024-01-26 – 2024-02-25")],
)  # fmt: skip
def test_a_period_follows_the_reporting_month(period: str, begins: MonthStart, text: str) -> None:
    assert text_of(period_of(Choice(period=period), LATE, ZONE, begins)) == text


def test_every_period_has_a_name() -> None:
    assert {*PERIODS, CUSTOM} == set(PERIOD_NAMES)


def test_the_table_lists_every_unit_the_ranked_first(town_store: Store) -> None:
    found = league(town_store, resolve(town_store, GRIDS))
    assert [(row["code"], row["rank"], row["n"]) for row in rows(found)] == [
        ("G1", 1, 10), ("G2", 1, 10), ("G3", 3, 3), ("G4", 4, 0),
    ]  # fmt: skip
    few = league(town_store, resolve(town_store, Choice(subject="grid")))
    assert [(row["code"], row["rank"], row["value"]) for row in rows(few)] == [
        ("G1", None, 0.8), ("G2", None, 0.5), ("G3", None, None), ("G4", None, None),
    ]  # fmt: skip
    assert said.not_ranked(few) == (2, 2)


def test_what_stands_above_says_who_how_many_and_how(town_store: Store) -> None:
    asked = resolve(town_store, Choice(subject="grid"))
    found = league(town_store, asked)
    assert texts(said.title(asked, found)) == [
        "按期办结率", "网格", "2024-03-01 – 2024-03-31", "合计 65.0 %", "排名 0 个", "样本不足 2 个（少于 30）", "无数据 2 个", "剔除 0 件",
    ]  # fmt: skip
    assert texts(said.method(asked, found))[:3] == [
        "口径：到期时间",
        "可比单位不足 10 个，不收缩，按原值排名",
        "区间：威尔逊法 95%",
    ]


def test_columns_come_and_go_with_what_there_is_to_say(town_store: Store) -> None:
    def fields(choice: Choice) -> list[str]:
        asked = resolve(town_store, choice)
        return [column["field"] for column in table.columns(asked, league(town_store, asked))]

    assert fields(GRIDS) == ["rank", "name", "rank_low", "moved", "value", "low", "n", "measures"]
    assert fields(Choice(subject="grid")) == [
        "rank",
        "name",
        "rank_low",
        "moved",
        "value",
        "low",
        "n",
        "shortest",
        "measures",
    ]


def test_no_period_of_two_years_gives_the_town_thirty_cases_a_grid(town_store: Store) -> None:
    assert enough(town_store, Choice(subject="grid")) == {"G1": 0, "G2": 0, "G3": 0, "G4": 0}


def test_the_page_answers_in_one_piece_and_an_error_in_words(town_store: Store) -> None:
    shown = answer(town_store, Choice(subject="grid"))
    assert (len(shown), shown[-1]) == (9, "2024-04-01")
    assert shown[6] == "/export/ranking.csv?subject=grid&figure=on_time_rate&period=month&peers=largest"
    failed = answer(
        town_store, Choice(subject="grid", period=CUSTOM, range=(LATE.date(), LATE.date()), figure="unknown")
    )
    assert "is-failure" in failed[0].className


def test_each_n_opens_its_cases(town_store: Store) -> None:
    choice = Choice(subject="grid")
    found = cases.page_of_cases(
        town_store, choice, {"code": "G1", "part": "denominator"}, {"startRow": 0, "endRow": 100}
    )
    assert (found["rowCount"], len(found["rowData"])) == (10, 10)
    rate = Choice(subject="grid", figure="demand_per_100")
    assert cases.page_of_cases(town_store, rate, {"code": "G3"}, {})["rowCount"] == 3, (
        "a rate's n are households: its cases are listed"
    )


def test_the_groups_to_choose_from(town_store: Store) -> None:
    found = league(town_store, resolve(town_store, GRIDS))
    assert groups(found, LARGEST) == [{"value": LARGEST, "label": "全部"}]
    assert [one["value"] for one in groups(found, TOGETHER)] == [LARGEST, TOGETHER]


def test_a_file_holds_the_filter_and_the_table(client: TestClient) -> None:
    answer = client.get("/export/ranking.csv?subject=grid&figure=registered")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["指标", "立案数 = 期内立案的案件数"]
    at = lines.index([]) + 1
    assert lines[at][:4] == ["编码", "网格", "名次", "名次区间从"]
    assert lines[at][-1] == "督办约谈"
    assert [line[:3] for line in lines[at + 1 :]] == [
        ["G1", "第1网格", "1"],
        ["G2", "第2网格", "1"],
        ["G3", "第3网格", "3"],
        ["G4", "第4网格", "4"],
    ]
    book = openpyxl.load_workbook(BytesIO(client.get("/export/ranking.xlsx?subject=grid&figure=registered").content))
    values = [row[:3] for row in book.active.iter_rows(values_only=True)]
    assert values[-4:] == [("G1", "第1网格", 1), ("G2", "第2网格", 1), ("G3", "第3网格", 3), ("G4", "第4网格", 4)]
    assert client.get("/export/ranking.doc").status_code == 422


def test_no_cell_of_a_file_runs_as_a_formula() -> None:
    sheet = Sheet("x", [("名称", "=1+1")], ["a", "b"], [["=cmd|' /C calc'!A0", 1.5], ["@x", None]])
    book = openpyxl.load_workbook(BytesIO(as_xlsx([sheet])))
    cells = [cell for row in book.active.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    lines = list(csv.reader(StringIO(as_csv([sheet]).decode("utf-8-sig"))))
    assert lines == [["名称", "'=1+1"], [], ["a", "b"], ["'=cmd|' /C calc'!A0", "1.5"], ["'@x", ""]]


def test_in_english_nothing_is_chinese(town_store: Store) -> None:
    use("en")
    asked = resolve(town_store, Choice(subject="grid"))
    found = league(town_store, asked)
    shown: list[Any] = [*texts(said.title(asked, found)), *texts(said.method(asked, found))]
    assert not [text for text in shown if any("\u4e00" <= c <= "\u9fff" for c in text)]


def test_the_map_colours_by_the_shrunk_value_and_hatches_what_is_in_doubt(town_store: Store) -> None:
    """Of ten cases each, eight and five closed in time; the district's 65 % lie within both intervals."""
    own = painted(town_store, MapChoice(level="grid", figure="on_time_rate"))
    shrunk = painted(town_store, MapChoice(level="grid", figure="on_time_rate", value="shrunk"))
    sure = painted(town_store, MapChoice(level="grid", figure="on_time_rate", value="sure"))
    assert shrunk.places.score is not None
    assert shrunk.places.score[:2] == pytest.approx([0.8, 0.5]), "two grids are too few to shrink towards"
    assert shrunk.found.tolist() == own.found.tolist()
    assert sure.found.tolist() == [TOO_FEW, TOO_FEW, NO_DATA, NO_DATA]
    assert "样本不足，或与全区难分" in texts(legend(sure))
    counted = painted(town_store, MapChoice(level="grid", figure="open", value="sure"))
    assert counted.places.score is None, "a count is not shrunk"
