"""From peace to emergency and back: who may, what deadlines become, what the record says. The engine's desk, 4 March 2024."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from data import audit
from data.definitions import SHIPPED, definitions_of, read_as
from data.emergency import declare, emergencies_now, past_emergencies, stand_down
from data.emergency_plans import Plan
from data.emergency_record import record_now
from data.errors import InputError, NotFound, Refused
from data.muster import muster, totals
from data.store import Store
from tests.data.builder import local
from tests.data.test_engine import MONDAY, Desk

PLAN = """
id = "flood"
name = { zh = "防汛", en = "Flood" }
declare = ["leader", "dispatcher"]
stand_down = ["leader"]
events = ["暴雨"]
muster = ["grid_head", "full_time"]
[task]
note = { zh = "排查", en = "Check" }
hours = 3
item = "flood_check"
[[levels]]
categories = ["漏水"]
hours = 2
clock = "natural"
[[levels]]
categories = ["fire"]
hours = 100
"""


@pytest.fixture
def desk(store: Store) -> Desk:
    folder = store.home / "definitions" / "emergencies"
    folder.mkdir(parents=True)
    (folder / "flood.toml").write_text(PLAN)
    made = Desk(store)
    store.activate_definitions(made.actor("administrator", None))
    return made


def due(desk: Desk, street: str = "S1", **says: Any) -> str:
    """When a case that is opened and registered now is due, in local time."""
    case = desk.open(actor=desk.actor("operator", street), **says).case_id
    desk.move(case, "register", desk.actor("operator", street))
    at = desk.case(case)["due_at"]
    return str(at.astimezone(desk.store.zone).strftime("%m-%d %H:%M"))


def test_new_cases_of_listed_categories_get_the_shorter_level_there_and_then(desk: Desk) -> None:
    assert due(desk) == "03-06 10:00"  # 16 working hours
    before = desk.open().case_id
    desk.move(before, "register", desk.actor("operator"))
    desk.clock.at += timedelta(minutes=10)
    flood = declare(desk.store, "flood", "C1", desk.actor("leader"), "暴雨橙色预警")
    assert due(desk) == "03-04 12:10"  # 2 natural hours
    assert due(desk, located=desk.located("S1", "C2", "G3")) == "03-06 10:10"  # beside it
    assert due(desk, category_id=desk.categories["else"]) == "03-11 10:10"  # not listed: 40 working hours
    assert due(desk, category_id=desk.categories["fire"]) == "03-04 16:10"  # 6 hours are shorter than the plan's 100
    assert due(desk, occurred_at=MONDAY) == "03-04 12:10"  # reported before, its deadline is given now
    stands = desk.case(before)["due_at"]
    assert stands == local("2024-03-06 10:00")  # a deadline already given stands
    stand_down(desk.store, flood.emergency_id, desk.actor("leader"), "雨停")
    assert due(desk) == "03-06 10:10"
    assert desk.case(before)["due_at"] == stands


def test_a_district_s_emergency_covers_its_streets(desk: Desk) -> None:
    declare(desk.store, "flood", "990100", desk.actor("leader", None), "全区暴雨")
    assert due(desk, "S2", located=desk.located("S2", "C3", "G4")) == "03-04 12:00"
    one = emergencies_now(desk.store)[0]
    assert one.covers((desk.places["S2"][1], one.place_id))


def test_it_takes_the_role_at_the_place_and_a_reason_and_only_once(desk: Desk) -> None:
    for actor in (desk.actor("operator"), desk.actor("leader", "S2")):
        with pytest.raises(Refused):
            declare(desk.store, "flood", "S1", actor, "暴雨")
    with pytest.raises(InputError, match="say why"):
        declare(desk.store, "flood", "S1", desk.actor("leader"), "  ")
    with pytest.raises(NotFound, match="no such emergency plan"):
        declare(desk.store, "plague", "S1", desk.actor("leader"), "疫情")
    flood = declare(desk.store, "flood", "S1", desk.actor("dispatcher"), "暴雨")
    with pytest.raises(Refused, match="in this emergency already"):
        declare(desk.store, "flood", "C1", desk.actor("leader"), "暴雨")  # its street is
    with pytest.raises(Refused):
        stand_down(desk.store, flood.emergency_id, desk.actor("dispatcher"), "雨停")  # may declare, not end
    stand_down(desk.store, flood.emergency_id, desk.actor("leader"), "雨停")
    with pytest.raises(Refused, match="stood down already"):
        stand_down(desk.store, flood.emergency_id, desk.actor("leader"), "雨停")
    lines = audit.lines(desk.store, since=MONDAY, until=MONDAY + timedelta(minutes=1), group="alarm")
    told = [(one.action, one.by_role, one.detail["reason"]) for one in reversed(lines)]
    assert told == [("emergency_declared", "dispatcher", "暴雨"), ("emergency_ended", "leader", "雨停")]


def test_the_record_says_what_happened_in_between(desk: Desk) -> None:
    leader, operator = desk.actor("leader"), desk.actor("operator")
    desk.open()
    desk.clock.at += timedelta(minutes=1)
    flood = declare(desk.store, "flood", "S1", leader, "暴雨")
    leaks = [desk.open().case_id for _ in range(3)]
    for case in leaks:
        desk.move(case, "register", operator)
    desk.open(category_id=desk.categories["else"])
    desk.open(located=desk.located("S2", "C3", "G4"), actor=desk.actor("operator", "S2"))
    grids = tuple(desk.places[g][1] for g in ("G1", "G3"))
    order = desk.open("task", places=grids, note="排查", due_at=desk.clock.at + timedelta(hours=3), actor=leader)
    desk.move(order.parts[0], "report", desk.actor("grid_worker"), note="无积水")
    desk.move(order.parts[0], "confirm", operator)
    desk.move(leaks[0], "dispatch", desk.actor("dispatcher"), unit_id=desk.units["A"])
    handler = desk.actor("unit_handler", None, "A")
    desk.move(leaks[0], "accept", handler)
    desk.move(leaks[0], "handle", handler, note="好了", evidence=("a.jpg", "b.jpg"))
    desk.move(leaks[0], "verify", operator)
    desk.move(leaks[0], "close", operator)
    desk.clock.at += timedelta(minutes=150)
    assert record_now(desk.store, flood)["cases"]["reported"] == 4
    over = stand_down(desk.store, flood.emergency_id, leader, "雨停")
    assert over.record == {
        "minutes": 150,
        "cases": {
            "reported": 4, "listed": 3, "closed": 1, "late": 2,
            "categories": [{"name": "漏水", "n": 3, "closed": 1}, {"name": "其他", "n": 1, "closed": 0}],
        },
        "tasks": {"orders": 1, "parts": 2, "done": 1},
        "alarms": {"raised": 0, "acknowledged": 0, "escalated": 0, "longest": None},
        "warnings": [],
    }  # fmt: skip
    assert (over.end_reason, over.ended_role, over.ended_at) == ("雨停", "leader", desk.clock.at)
    desk.open()
    assert record_now(desk.store, over) == over.record  # what was written stays
    assert (emergencies_now(desk.store), [one.emergency_id for one in past_emergencies(desk.store)]) == (
        [],
        [over.emergency_id],
    )


def test_the_muster_list_is_by_grid_and_of_the_plan_s_posts(desk: Desk) -> None:
    rows = [("G1", "grid_head", 1, 1, 1), ("G1", "full_time", 2, 2, 1), ("G3", "grid_head", 1, 0, 0), ("C1", "guide", 3, 3, 2),
            ("G4", "grid_head", 1, 1, 1)]  # fmt: skip
    posts = pa.table(
        {"place_id": [desk.places[code][1] for code, *_ in rows], "kind": [row[1] for row in rows],
         **{name: [row[i] for row in rows] for i, name in ((2, "required"), (3, "actual"), (4, "on_duty"))}}
    )  # fmt: skip

    def put(con: Any) -> None:
        con.register("posts", posts)
        con.execute("""INSERT INTO post BY NAME SELECT nextval('post_ids') AS post_id, *, DATE '0001-01-01' AS effective_from,
            DATE '9999-12-31' AS effective_to FROM posts""")

    desk.store.writer.run(put).result()
    listed = muster(desk.store, desk.places["S1"][1], ("grid_head", "full_time"))
    assert [(one.code, one.above, one.posts) for one in listed] == [
        ("G1", ("社区C1",), {"full_time": (2, 2, 1), "grid_head": (1, 1, 1)}),
        ("G3", ("社区C2",), {"grid_head": (1, 0, 0)}),
    ]
    assert totals(listed) == {"full_time": (2, 2, 1), "grid_head": (2, 1, 1)}


@pytest.mark.parametrize("name", sorted(definitions_of(None, "emergency")))
def test_every_shipped_plan_is_whole(name: str) -> None:
    text = definitions_of(None, "emergency")[name]
    assert read_as(Plan, text.body, text.where).id == name


def test_a_wrong_plan_is_named_by_file_and_key_path() -> None:
    body = (SHIPPED / "emergencies" / "flood.toml").read_text("utf-8")
    with pytest.raises(InputError) as caught:
        read_as(Plan, body.replace("hours = 1\n", "hours = 0\n"), "flood.toml")
    assert caught.value.where == "flood.toml: levels.0.hours"
    with pytest.raises(InputError, match="防汛内涝 stands in two levels"):
        read_as(Plan, body.replace('"污水外溢", ', '"防汛内涝", '), "flood.toml")
