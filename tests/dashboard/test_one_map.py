from __future__ import annotations

import gzip
import json
import math
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard.choice import Choice, of_search
from dashboard.languages import use
from dashboard.one_map.canvas import browser_data, class_words, legend, note, painted, period_words
from dashboard.one_map.drawer import contents, drawn
from dashboard.one_map.headlines import cards
from dashboard.one_map.picked import Picked, opened_by, page_of_cases
from dashboard.one_map.places import table
from dashboard.one_map.values import NOWHERE
from data.errors import NotFound, QuestionError
from data.store import Store
from layers import worker
from layers.classes import Classes
from layers.codec import NO_DATA, TOO_FEW, decode

GRIDS = Choice(level="grid", period="month")


def texts(component: Any) -> list[str]:
    """Every text of a tree of components."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, (list, tuple)):
        return [text for one in component for text in texts(one)]
    return texts(getattr(component, "children", None)) if hasattr(component, "to_plotly_json") else []


def numbers(text: str, kind: str) -> list[float]:
    """What a text of base64 holds."""
    return np.frombuffer(b64decode(text), kind).tolist()


def test_the_map_paints_every_place_of_the_level(town_store: Store) -> None:
    p = painted(town_store, GRIDS)
    data = browser_data(p)
    assert p.shapes.codes == ("G1", "G2", "G3", "G4")
    first, second, *rest = numbers(data["values"], "u1")
    assert first > second < TOO_FEW
    assert rest == [NO_DATA, NO_DATA]
    assert numbers(data["numbers"], "<f4")[:2] == pytest.approx([0.8, 0.5])
    assert all(math.isnan(value) for value in numbers(data["numbers"], "<f4")[2:])
    assert numbers(data["counts"], "<u4") == [10, 10, 0, 0]
    assert data["figure"] == {"name": "按期办结率", "unit": "share", "word": "%"}
    assert set(data["colours"]) == {"light", "dark"}


def test_the_zoom_has_levels_to_choose_from_with_the_side_of_their_places(town_store: Store) -> None:
    found = browser_data(painted(town_store, GRIDS))["steps"]
    assert [level for level, _side in found] == ["community", "grid"]
    assert found[0][1] / found[1][1] == pytest.approx(math.sqrt(4 / 3))  # three communities, four grids


def test_too_few_cases_are_told_from_none(town_store: Store) -> None:
    p = painted(town_store, of_search("?level=grid&period=month&figure=on_time_rate&category=%3D路灯"))
    assert p.found.tolist() == [TOO_FEW, TOO_FEW, NO_DATA, NO_DATA]
    assert texts(legend(p))[2:] == ["样本不足", "2", "无数据", "2"]


def test_the_geometry_stands_at_its_address_for_ever(town_store: Store, town: Any) -> None:
    data = browser_data(painted(town_store, GRIDS))
    town_store.close()
    from dashboard.server import create_app

    with TestClient(create_app(town), base_url="http://127.0.0.1:8050") as client:
        answer = client.get(data["address"])
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert len(decode(gzip.compress(answer.content)).ring_start) == 5
        assert client.get(data["address"], headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        plain = client.get(data["address"], headers={"accept-encoding": "identity"})
        assert (plain.content, "content-encoding" in plain.headers) == (answer.content, False)
        assert client.get(data["names"]).json()["codes"] == ["G1", "G2", "G3", "G4"]
        assert client.get(data["names"].replace("names", "nothing")).status_code == 404
        found = client.get("/layers/events?level=grid&box=118,34,119,36&zoom=12").json()
        assert (found["n"], len(found["points"])) == (23, 23)
        assert found["points"][0]["lines"][:2] == ["G1-00", "=路灯 · 按期"]


def test_the_worker_s_script_stands_at_an_address_of_its_content(client: TestClient) -> None:
    answer = client.get(worker.address())
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert "jingwei.Painter = Painter" in answer.text


def test_the_legend_says_the_breaks_the_whole_and_the_hatching(town_store: Store) -> None:
    shown = texts(legend(painted(town_store, GRIDS)))
    assert shown[:3] == ["按期办结率", "%", "以全区 65.0 % 为界"]
    assert "65.0 – 80.0" in shown
    assert "50.0 – 65.0" in shown
    assert shown[-2:] == ["无数据", "2"]


def test_class_words_of_counts_do_not_overlap() -> None:
    assert class_words(Classes((0, 1, 46, 120)), "cases") == ["0", "1 – 45", "46 – 120"]
    assert class_words(Classes((3, 5, 5)), "cases") == ["3 – 4", "5"]
    assert class_words(Classes((0.5, 0.75, 1.0)), "share") == ["50.0 – 75.0", "75.0 – 100.0"]


def test_what_is_not_on_the_map_is_said_and_opens_its_cases(town_store: Store) -> None:
    found = note(painted(town_store, GRIDS))
    assert texts(found) == ["不在图上：1 件"]
    assert found[0].to_plotly_json()["props"]["data-place"] == NOWHERE
    row = Picked(NOWHERE, "reported", "numerator")
    listed = page_of_cases(town_store, GRIDS, row, {"startRow": 0, "endRow": 100})
    assert (listed["rowCount"], listed["rowData"][0]["external_id"]) == (1, "nowhere")


def test_the_period_in_words(town_store: Store) -> None:
    assert texts(period_words(painted(town_store, GRIDS))) == ["2024-03-01 – 2024-03-31", "口径：到期时间"]


def test_the_table_has_a_row_a_place_and_one_for_what_is_nowhere(town_store: Store) -> None:
    columns, rows = table(town_store, GRIDS)
    assert [column["field"] for column in columns] == ["name", "on_time_rate", "n", "overdue_open"]
    assert columns[0]["headerName"] == "网格"
    assert [(row["place"], row["on_time_rate"], row["n"], row["overdue_open"]) for row in rows] == [
        ("G1", 0.8, 10, 0),
        ("G2", 0.5, 10, 5),
        ("G3", None, 0, 0),
        ("G4", None, 0, 0),
        (NOWHERE, None, 0, 0),
    ]
    assert rows[-1]["name"] == "未定位到本层级"


def test_headlines_are_the_district_s_and_open_its_cases(town_store: Store) -> None:
    shown = cards(town_store, GRIDS)
    assert texts(shown[0])[:3] == ["按期办结率", "65.0", "%"]
    assert "n 20" in texts(shown[0])
    props = shown[0].to_plotly_json()["props"]
    assert (props["data-place"], props["data-figure"], props["data-part"]) == ("990101", "on_time_rate", "denominator")
    satisfaction = next(card for card in shown if "满意率" in texts(card))
    assert texts(satisfaction)[:2] == ["满意率", "无数据"]


def test_the_drawer_shows_the_place_its_figures_and_what_was_left_out(town_store: Store) -> None:
    title, shown, cases, address, _case = drawn(
        town_store, {"level": "grid", "period": "month"}, Picked("C1", "on_time_rate", "denominator")
    )
    assert texts(title)[:7] == ["青禾区", "›", "北门街道", "›", "青松社区", "社区", "C1"]
    assert [texts(card)[:2] for card in shown if "按期办结率" in texts(card)] == [["按期办结率", "65.0"]]
    assert texts(cases)[:2] == ["按期办结率", "65.0 %"]
    assert address == "/export/cases.csv?level=grid&period=month&place=C1&cases=on_time_rate%3Adenominator"


def test_left_out_cases_open_too(town_store: Store) -> None:
    *_rest, cases, _address, _case = drawn(
        town_store, {"level": "grid"}, Picked("G3", "on_time_rate", "without_deadline")
    )
    assert texts(cases)[-2:] == ["未计入：", "无时限 3"]
    listed = page_of_cases(
        town_store, GRIDS, Picked("G3", "on_time_rate", "without_deadline"), {"startRow": 0, "endRow": 100}
    )
    assert [row["external_id"] for row in listed["rowData"]] == ["G3-02", "G3-01", "G3-00"]


@pytest.mark.parametrize(
    ("figure", "part", "total"),
    [
        ("on_time_rate", "denominator", 20),
        ("on_time_rate", "numerator", 13),
        ("overdue_open", "numerator", 5),
        ("registered", "numerator", 24),
        ("completion_rate", "numerator", 15),
    ],
)
def test_a_list_is_as_long_as_its_number(town_store: Store, figure: str, part: str, total: int) -> None:
    listed = page_of_cases(town_store, GRIDS, Picked("", figure, part), {"startRow": 0, "endRow": 7})
    assert (listed["rowCount"], len(listed["rowData"])) == (total, min(7, total))


def test_cases_come_in_blocks_sorted_and_filtered_as_the_grid_asks(town_store: Store) -> None:
    picked = Picked("G1", "registered", "numerator")
    asked = {
        "startRow": 2,
        "endRow": 4,
        "sortModel": [{"colId": "external_id", "sort": "asc"}],
        "filterModel": {"external_id": {"filterType": "text", "type": "startsWith", "filter": "G1"}},
    }
    listed = page_of_cases(town_store, GRIDS, picked, asked)
    assert ([row["external_id"] for row in listed["rowData"]], listed["rowCount"]) == (["G1-02", "G1-03"], 10)
    first = listed["rowData"][0]
    assert (first["stage"], first["judged"], first["reported_at"], first["located"]) == (
        "结案",
        "按期",
        "2024-03-03 09:00",
        "坐标点",
    )


def test_a_column_there_is_not_cannot_be_sorted_by(town_store: Store) -> None:
    with pytest.raises(QuestionError):
        page_of_cases(
            town_store,
            GRIDS,
            Picked("", "registered", "numerator"),
            {"sortModel": [{"colId": "1; DROP", "sort": "asc"}]},
        )


def test_a_place_of_another_plan_is_said_in_words(town_store: Store) -> None:
    with pytest.raises(NotFound, match="没有这个地方"):
        contents(town_store, GRIDS, Picked("X9", "on_time_rate", "denominator"))
    assert texts(drawn(town_store, {"level": "grid"}, Picked("X9", "on_time_rate", "denominator"))[1]) == [
        "没有这个地方",
        "X9",
        "它可能属于另一版网格方案。",
    ]


def test_a_figure_there_is_not_is_said_in_words(town_store: Store) -> None:
    unknown = Picked("G1", "no_such_figure", "numerator")
    assert texts(drawn(town_store, {"level": "grid"}, unknown)[1])[:2] == ["没有这个指标", "no_such_figure"]
    with pytest.raises(QuestionError):
        page_of_cases(town_store, GRIDS, unknown, {"startRow": 0, "endRow": 7})


def test_an_export_of_a_figure_there_is_not_is_refused(client: TestClient) -> None:
    answer = client.get("/export/cases.csv?level=grid&place=G1&cases=no_such_figure:numerator")
    assert (answer.status_code, answer.json()["what"]) == (422, "没有这个指标")


def test_a_level_without_shapes_is_refused_in_words(town_store: Store) -> None:
    with pytest.raises(QuestionError, match="这里没有这一层级的边界"):
        painted(town_store, Choice(level="estate"))


def test_an_address_opens_the_drawer() -> None:
    assert opened_by({"place": ["G1"], "cases": ["open:numerator"]}) == {
        "open": True,
        "place": "G1",
        "figure": "open",
        "part": "numerator",
        "days": None,
        "case": None,
    }
    days = opened_by({"cases": ["open:numerator:2024-03-01~2024-03-02"], "case": ["12"]})
    assert (days["open"], days["days"], days["case"]) == (True, "2024-03-01~2024-03-02", "12")
    assert opened_by({"place": [""]})["open"] is True  # the district
    assert opened_by({})["open"] is False


def test_as_of_a_past_day_nothing_later_is_seen(town_store: Store) -> None:
    p = painted(town_store, of_search("?level=grid&as_of=2024-03-06&figure=closed"), datetime(2026, 1, 1, tzinfo=UTC))
    assert p.places.value.tolist() == [3, 4, 0, 0]


def test_english_has_no_chinese_but_names(town_store: Store) -> None:
    use("en")
    shown = (
        texts(legend(painted(town_store, GRIDS)))
        + texts(cards(town_store, GRIDS))
        + texts(note(painted(town_store, GRIDS)))
    )
    assert [text for text in shown if any("\u4e00" <= c <= "\u9fff" for c in text)] == []


def test_the_export_is_safe_to_open_in_a_spreadsheet(client: TestClient) -> None:
    answer = client.get("/export/cases.csv?level=grid&place=G1&cases=registered:numerator")
    assert answer.headers["content-disposition"] == "attachment; filename=cases.csv"
    asked, _empty, rows = answer.content.decode("utf-8-sig").partition("\r\n\r\n")
    assert "区域,青禾区" in asked.splitlines()
    lines = rows.splitlines()
    assert len(lines) == 11
    category = lines[0].split(",").index('"category"' if '"category"' in lines[0] else "category")
    assert "'=路灯" in lines[-1].split(",")[category]


def test_an_export_of_nothing_in_particular_is_refused(client: TestClient) -> None:
    answer = client.get("/export/cases.csv?level=grid")
    assert (answer.status_code, json.loads(answer.text)["error"]) == (422, "QuestionError")
