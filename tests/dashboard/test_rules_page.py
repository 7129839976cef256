"""The administrator's list, calendar and deadlines, on the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from starlette.testclient import TestClient

from dashboard.administration import admissions, calendar
from data.admission import Admitted, admitted
from data.errors import InputError
from data.store import Store
from data.working_days import calendar_of, entered
from tests.dashboard.conftest import own_town
from tests.dashboard.posts import session
from tests.dashboard.town import SIDE, SOUTH, WEST


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A town of its own, because here its rules change."""
    with own_town(tmp_path_factory.mktemp("rules")) as client:
        yield client


@pytest.fixture
def store(desk: TestClient) -> Store:
    found: Store = desk.app.state.desk.store  # type: ignore[attr-defined]
    return found


def test_a_list_is_written_as_lines_and_shown_as_it_was_written(store: Store) -> None:
    text = "drains,清理雨水口,grid=G1\npatrol,夜间巡查,\n"
    assert admissions.save(store, text, "2024-03-01") == "已保存 2 行，自 2024-03-01 起生效。"
    assert admissions.as_lines(store) == text
    place = store.rows("SELECT place_id FROM place WHERE code = 'G1'")[0]["place_id"]
    assert [line for line, _place in admitted(store)] == [
        Admitted("drains", "清理雨水口", place),
        Admitted("patrol", "夜间巡查"),
    ]
    for wrong in ("drains", "a,b,grid=none", "a,b,,c", "a,b,\na,b,"):
        with pytest.raises(InputError):
            admissions.read_lines(store, wrong)
    assert admissions.uploaded("data:text/csv;base64,YSznlLI=") == "a,甲"
    admissions.save(store, "", "2024-03-01")


def test_a_year_is_provisional_until_its_notice_is_entered(store: Store) -> None:
    assert "暂定" in str(calendar.year_view(store, 2031)[0])
    calendar.save(store, 2031, "国办发明电〔2030〕9号", "2031-01-25", "2031-01-22~2031-01-24, 2031-05-01")
    year = entered(store, 2031)
    assert year is not None
    assert year.off == (date(2031, 1, 22), date(2031, 1, 23), date(2031, 1, 24), date(2031, 5, 1))
    assert calendar.fields_of(year)[:2] == ("国办发明电〔2030〕9号", "2031-01-25")
    assert calendar_of(store).is_working_day(date(2031, 1, 25))
    shown = str(calendar.year_view(store, 2031)[0])
    assert "暂定" not in shown
    assert "国办发明电〔2030〕9号" in shown
    with pytest.raises(InputError):
        calendar.save(store, 2031, "文", "昨天", "")


def test_deadlines_are_looked_at_and_recomputed_in_steps_by_an_administrator_alone(
    desk: TestClient, store: Store
) -> None:
    operator, boss = session(desk, "operator"), session(desk, "administrator")
    category = desk.get("/console/lists", headers=operator).json()["categories"][0][0]
    x, y = WEST + SIDE / 2, SOUTH + SIDE * 1.5
    said = {"key": "call", "text": "路灯不亮", "category": category, "lon": x, "lat": y}
    number = desk.post("/console/cases", headers=operator, json=said).json()["number"]
    assert desk.post("/console/deadlines/preview", headers=operator, json={"number": number}).status_code == 403
    found = desk.post("/console/deadlines/preview", headers=boss, json={"number": number}).json()
    assert (found["changed"], found["kept"]["same"], found["total"]) == (0, 1, 1)
    walked = desk.post("/console/deadlines/preview", headers=boss, json={"kind": "event", "place": "street=S1"}).json()
    assert walked["looked_at"] == walked["total"]
    rest = {"kind": "event", "place": "street=S1", "after": walked["last"]}
    assert desk.post("/console/deadlines/preview", headers=boss, json=rest).json()["looked_at"] == 0
    due = store.rows("SELECT due_at FROM cases WHERE external_id = ?", [number])[0]["due_at"]
    day = due.astimezone(store.zone).date()
    calendar.save(store, day.year, "临时通知", "", day.isoformat())
    again = {"number": number, "reason": "临时放假"}
    assert desk.post("/console/deadlines/apply", headers=boss, json={"number": number}).status_code == 422
    done = desk.post("/console/deadlines/apply", headers=boss, json=again).json()
    assert (done["changed"], done["rows"][0]["number"]) == (1, number)
    assert store.rows("SELECT due_at FROM cases WHERE external_id = ?", [number])[0]["due_at"] > due
    case = desk.get(f"/console/cases/{done['rows'][0]['id']}", headers=boss).json()
    assert (case["ledger"][0]["what"], case["ledger"][0]["note"]) == ("重算时限", "临时放假")
