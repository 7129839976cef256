"""The case engine: who may move what, what a move carries and writes, and what the clock does by itself.

The district is the builder's; local time 2024, weekdays 09:00 to 17:00.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pyarrow as pa
import pytest

from data import audit, lives
from data.actors import PROGRAM, Actor, Grant, Place
from data.admission import Admitted, put_admissions, refusals
from data.cases import rebuild
from data.errors import InputError, NotFound, Refused, StaleMove
from data.ledger import verify
from data.moves import Receipt
from data.orders import Answer, Located, Opening, Order
from data.responsibilities import CATEGORIES, UNITS, put_categories, put_units
from data.sights import look
from data.store import Store
from tests.data.builder import draw, local, take

KEYS = count()
MONDAY = local("2024-03-04 10:00")


class Desk:
    """A store with the people of one street, and a clock that stands where a test puts it."""

    def __init__(self, store: Store) -> None:
        draw(store)
        self.store, self.clock = store, _Standing(MONDAY)
        store.clock = store.writer.clock = self.clock
        store.writer._last_time = MONDAY - timedelta(days=1)
        unit = {"kind": "department", "level": "street", "place_id": None}
        self.units = put_units(store, pa.Table.from_pylist(
            [{"code": c, "name": f"单位{c}", **unit} for c in ("A", "B", "C")], schema=UNITS))  # fmt: skip
        rows = [
            {"code": "leak", "name": "漏水", "track": "livelihood", "sla_hours": 16.0, "sla_clock": "working"},
            {"code": "fire", "name": "火情", "track": "safety_law", "sla_hours": 6.0, "sla_clock": "natural"},
            {"code": "else", "name": "其他", "track": "livelihood", "sla_hours": None, "sla_clock": None},
        ]
        self.categories = put_categories(store, pa.Table.from_pylist(rows, schema=CATEGORIES))
        self.places = {
            row["code"]: (row["level"], row["place_id"])
            for row in store.rows("SELECT code, level, place_id FROM place")
        }
        self.places["M1"] = ("micro_grid", 901)  # where cases lie, not drawn
        self.atlas = store.rows("SELECT atlas_id FROM atlas WHERE current")[0]["atlas_id"]

    def actor(self, role: str, place: str | None = "S1", unit: str | None = None) -> Actor:
        where = frozenset({Place(*self.places[place])}) if place else frozenset[Place]()
        return Actor("person", f"{role}-{place}", role, (Grant(role, where),), self.units[unit] if unit else None)

    def located(self, *codes: str) -> tuple[Located, ...]:
        return (Located(self.atlas, self.places[codes[-1]][0], {self.places[c][0]: self.places[c][1] for c in codes}),)

    def open(self, kind: str = "event", **says: Any) -> Receipt:
        usual: dict[str, Any] = {"category_id": self.categories["leak"], "located": self.located("S1", "C1", "G1")}
        says = {"actor": self.actor("operator"), "key": f"k{next(KEYS)}", **(usual if kind == "event" else {}), **says}
        return self.store.writer.submit(Opening(kind, **says)).result()

    def move(self, case_id: int, name: str, actor: Actor, **says: Any) -> Receipt:
        says = {"key": f"k{next(KEYS)}", **says}
        return self.store.writer.submit(Order(case_id, name, actor=actor, **says)).result()

    def case(self, case_id: int) -> dict[str, Any]:
        return self.store.rows("SELECT * FROM cases WHERE case_id = ?", [case_id])[0]

    def life(self, case_id: int) -> lives.Life:
        with self.store.read() as con:
            return lives.read(con, [case_id])[case_id]

    def tick(self, at: datetime) -> int:
        """Put the clock there and let the program do what is due."""
        self.clock.at = at
        engine = self.store.engine
        return self.store.writer.run(lambda con: len(engine.by_the_clock(con, at))).result()

    def actions(self, case_id: int) -> list[str]:
        rows = self.store.rows("SELECT action FROM transition WHERE case_id = ? ORDER BY seq", [case_id])
        return [row["action"] for row in rows]


class _Standing:
    """A clock that stands still."""

    speed = 1.0

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return 3600.0


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    desk = Desk(store)
    yield desk
    with store.read() as con:
        assert lives.differing(con) == {}
    assert verify(store) == []
    assert (changed := rebuild(store)).rows == changed.pasts == 0


def test_an_event_lives_from_the_report_to_the_call_back(desk: Desk) -> None:
    operator, dispatcher = desk.actor("operator"), desk.actor("dispatcher")
    handler = desk.actor("unit_handler", None, "A")
    case = desk.open(note="三楼漏水").case_id
    desk.move(case, "register", operator)
    desk.move(case, "dispatch", dispatcher, unit_id=desk.units["A"], co_units=(desk.units["B"],))
    desk.move(case, "accept", handler)
    desk.move(case, "contribute", desk.actor("unit_handler", None, "B"), note="已到场")
    desk.move(case, "handle", handler, note="已修好", evidence=("a.jpg", "b.jpg"))
    desk.move(case, "verify", operator)
    desk.move(case, "close", operator)
    desk.move(case, "rate", operator, answer=Answer(True, True, "satisfied"))
    assert desk.actions(case) == [
        "reported", "registered", "dispatched", "accepted", "noted", "handled", "verified", "closed", "rated"
    ]  # fmt: skip
    row, life = desk.case(case), desk.life(case)
    assert (row["stage"], row["unit_id"], row["track"]) == ("closed", desk.units["A"], "livelihood")
    assert (life.evidence, life.co_units, life.clocks) == (2, (desk.units["B"],), {})
    found = desk.store.rows("SELECT contacted, resolved, satisfaction, by_role FROM call_back")
    assert found == [{"contacted": True, "resolved": True, "satisfaction": "satisfied", "by_role": "operator"}]
    assert row["external_id"] == f"20240304-{case}"


def test_registering_sets_the_deadlines_of_the_service_level_in_working_hours(desk: Desk) -> None:
    case = desk.open().case_id
    desk.move(case, "register", desk.actor("operator"))
    # 16 working hours from Monday 10:00: 7 on Monday, 8 on Tuesday, 1 on Wednesday; handling has 80 % of them.
    assert desk.case(case)["due_at"] == local("2024-03-06 10:00")
    assert desk.case(case)["handle_due_at"] == local("2024-03-05 14:48")


def test_an_emergency_runs_in_natural_hours_and_urgency_shortens(desk: Desk) -> None:
    operator = desk.actor("operator")
    fire = desk.open(category_id=desk.categories["fire"]).case_id
    urgent = desk.open().case_id
    usual = desk.open(category_id=desk.categories["else"]).case_id
    desk.move(fire, "register", operator, urgency="emergency")
    desk.move(urgent, "register", operator, urgency="urgent")
    desk.move(usual, "register", operator)
    assert desk.case(fire)["due_at"] == local("2024-03-04 14:00")
    assert desk.case(urgent)["due_at"] == local("2024-03-05 10:00")
    assert desk.case(usual)["due_at"] == local("2024-03-11 10:00")
    assert desk.life(urgent).urgency == "urgent"


def test_a_move_is_refused_from_the_wrong_stage_role_place_or_unit(desk: Desk) -> None:
    case = desk.open().case_id
    operator = desk.actor("operator")
    with pytest.raises(Refused, match="stands at reported, and accept starts at dispatched"):
        desk.move(case, "accept", desk.actor("unit_handler", None, "A"))
    with pytest.raises(Refused, match="may not do register here"):
        desk.move(case, "register", desk.actor("operator", "S2"))
    with pytest.raises(Refused, match="may not do register here"):
        desk.move(case, "register", desk.actor("leader", None))
    with pytest.raises(InputError, match="no move fly"):
        desk.move(case, "fly", operator)
    with pytest.raises(NotFound):
        desk.move(case + 1, "register", operator)
    desk.move(case, "register", operator)
    desk.move(case, "dispatch", operator, unit_id=desk.units["A"])
    with pytest.raises(Refused, match="the unit's in charge"):
        desk.move(case, "accept", desk.actor("unit_handler", None, "B"))
    assert desk.actions(case) == ["reported", "registered", "dispatched"]


def test_a_move_needs_what_its_definition_says_and_carries_nothing_else(desk: Desk) -> None:
    case = desk.open().case_id
    operator = desk.actor("operator")
    desk.move(case, "register", operator)
    with pytest.raises(InputError, match="dispatch needs unit"):
        desk.move(case, "dispatch", operator)
    with pytest.raises(InputError, match="cannot carry level"):
        desk.move(case, "dispatch", operator, unit_id=desk.units["A"], level="street")
    with pytest.raises(InputError, match="ahead of now"):
        desk.move(case, "urge", operator, occurred_at=MONDAY + timedelta(minutes=1))
    with pytest.raises(InputError, match="needs place, category"):
        desk.open(category_id=None, located=())


def test_the_second_of_two_on_one_case_learns_who_was_first(desk: Desk) -> None:
    case = desk.open().case_id
    operator = desk.actor("operator")
    first, second = (
        desk.store.writer.submit_all(
            [Order(case, "register", f"two-{i}", operator, expected_seq=1) for i in (1, 2)]
        )
    )  # fmt: skip
    assert first.result().seq == 2
    with pytest.raises(
        StaleMove, match=r"somebody moved it first: registered at .* by operator \(line 2, expected 1\)"
    ):
        second.result()


def test_the_same_key_moves_once(desk: Desk) -> None:
    case = desk.open(key="phone-1").case_id
    assert desk.open(key="phone-1").case_id == case
    operator = desk.actor("operator")
    receipts = [desk.move(case, "register", operator, key="once") for _ in range(3)]
    assert receipts[0] == receipts[1] == receipts[2]
    assert desk.actions(case) == ["reported", "registered"]


def test_a_chain_of_moves_in_one_set_sees_each_other(desk: Desk) -> None:
    case = desk.open().case_id
    operator, handler = desk.actor("operator"), desk.actor("unit_handler", None, "A")
    futures = desk.store.writer.submit_all(
        [
            Order(case, "register", "c1", operator),
            Order(case, "dispatch", "c2", operator, unit_id=desk.units["A"]),
            Order(case, "accept", "c3", handler),
            Order(case, "close", "c4", operator),
        ]
    )
    assert [future.result().seq for future in futures[:3]] == [2, 3, 4]
    with pytest.raises(Refused, match="stands at accepted"):
        futures[3].result()


def test_an_extension_is_asked_for_and_granted_by_somebody_else(desk: Desk) -> None:
    case = desk.open().case_id
    operator, handler = desk.actor("operator"), desk.actor("unit_handler", None, "A")
    dispatcher, later = desk.actor("dispatcher"), local("2024-03-20 17:00")
    desk.move(case, "register", operator)
    desk.move(case, "dispatch", operator, unit_id=desk.units["A"])
    with pytest.raises(Refused, match="needs that it is extension_asked"):
        desk.move(case, "grant_extension", dispatcher, due_at=later)
    desk.move(case, "ask_extension", handler, reason="等配件", due_at=later)
    assert desk.case(case)["due_at"] == local("2024-03-06 10:00")
    assert desk.life(case).asked_due_at == later
    with pytest.raises(Refused, match="it is extension_asked already"):
        desk.move(case, "ask_extension", handler, reason="等配件", due_at=later)
    with pytest.raises(Refused, match="may not do grant_extension"):
        desk.move(case, "grant_extension", handler, due_at=later)
    desk.move(case, "grant_extension", dispatcher, due_at=later)
    assert (desk.case(case)["due_at"], desk.case(case)["extended"]) == (later, 1)
    assert desk.life(case).clocks["close"].due_at == later
    assert "extension_asked" not in desk.life(case).marks


def test_suspending_stops_the_clocks_and_resuming_moves_them_by_working_time(desk: Desk) -> None:
    case = desk.open().case_id
    dispatcher = desk.actor("dispatcher")
    desk.move(case, "register", dispatcher)
    desk.move(case, "dispatch", dispatcher, unit_id=desk.units["A"])
    assert desk.life(case).clocks["accept"].due_at == local("2024-03-04 12:00")
    desk.clock.at = local("2024-03-04 11:00")
    desk.move(case, "suspend", dispatcher, reason="等供水公司")
    assert desk.tick(local("2024-03-08 11:00")) == 0
    desk.move(case, "resume", dispatcher)
    # Four working days of pause: every deadline is four working days later.
    assert desk.case(case)["due_at"] == local("2024-03-12 10:00")
    assert desk.life(case).clocks["accept"].due_at == local("2024-03-08 12:00")
    assert desk.life(case).clocks["close"].due_at == local("2024-03-12 10:00")


def test_a_case_another_system_suspended_stands_still_and_goes_on_later_by_the_whole_pause(desk: Desk) -> None:
    said = {
        "reported": "03-01",
        "due": "03-05 10:00",
        "updated": "03-04 09:00",
        "stage": "dispatched",
        "suspended": True,
    }
    take(desk.store, {"id": "old", "at": "G1", **said})
    case = desk.store.rows("SELECT case_id FROM cases WHERE external_id = 'old'")[0]["case_id"]
    desk.clock.at = local("2024-03-06 09:00")
    desk.move(case, "urge", desk.actor("operator"))  # a line after the suspension, which is no suspension
    assert desk.tick(local("2024-03-07 09:00")) == 0
    desk.move(case, "resume", desk.actor("dispatcher"))
    # Suspended from Monday 09:00 to Thursday 09:00: three working days.
    assert desk.case(case)["due_at"] == desk.life(case).clocks["close"].due_at == local("2024-03-08 10:00")


def escalations(desk: Desk, case: int) -> list[str]:
    """The levels the program took a case to, in the ledger's order."""
    lines = desk.store.rows(
        """SELECT payload ->> '$.level' AS level, by_role FROM transition
           WHERE action = 'escalated' AND case_id = ? ORDER BY seq""",
        [case],
    )
    assert {row["by_role"] for row in lines} <= {"program"}
    return [row["level"] for row in lines]


def dispatched(desk: Desk, *codes: str) -> int:
    """A case in some places, sent to a unit on Monday at ten: two hours to accept, sixteen to close."""
    case, operator = desk.open(located=desk.located(*codes)).case_id, desk.actor("operator")
    desk.move(case, "register", operator)
    desk.move(case, "dispatch", operator, unit_id=desk.units["A"])
    return case


def test_nobody_accepting_takes_a_case_from_its_micro_grid_to_the_street(desk: Desk) -> None:
    case = dispatched(desk, "S1", "C1", "G1", "M1")
    assert desk.tick(local("2024-03-04 11:59")) == 0
    for time in ("12:00", "13:00", "14:00", "16:00"):  # two hours to accept, then at once, one, two, four hours
        assert desk.tick(local(f"2024-03-04 {time}")) == 1
        assert desk.tick(local(f"2024-03-04 {time}") + timedelta(minutes=1)) == 0
    assert escalations(desk, case) == ["micro_grid", "grid", "community", "street"]
    assert desk.life(case).level == "street"
    assert desk.tick(local("2024-03-06 10:00")) == 0  # the deadline: the street knows already, and all below it
    assert desk.tick(local("2024-03-08 17:01")) == 0
    assert desk.tick(local("2024-03-11 10:00")) == 1  # three working days later
    assert desk.tick(local("2024-04-11 10:00")) == 0
    assert escalations(desk, case)[4:] == ["district"]


def test_a_late_case_goes_up_level_by_level_to_the_district(desk: Desk) -> None:
    case = dispatched(desk, "S1", "C1", "G1", "M1")
    desk.move(case, "accept", desk.actor("unit_handler", None, "A"))
    assert desk.tick(local("2024-03-06 09:59")) == 0
    for time in ("06 10:00", "06 12:00", "06 14:00", "07 10:00", "11 10:00"):
        assert desk.tick(local(f"2024-03-{time}")) == 1
        assert desk.tick(local(f"2024-03-{time}") + timedelta(minutes=1)) == 0
    assert escalations(desk, case) == ["micro_grid", "grid", "community", "street", "district"]


def test_a_level_a_case_does_not_lie_in_means_the_next_above_and_is_told_once(desk: Desk) -> None:
    grid, nowhere = dispatched(desk, "S1", "C1", "G1"), dispatched(desk, "S1")
    for time in ("12:00", "13:00", "14:00", "16:00"):
        desk.tick(local(f"2024-03-04 {time}"))
    assert escalations(desk, grid) == ["grid", "community", "street"]
    assert escalations(desk, nowhere) == ["street"]


def test_a_case_taken_up_by_hand_is_not_told_to_the_levels_below(desk: Desk) -> None:
    case = dispatched(desk, "S1", "C1", "G1", "M1")
    desk.move(case, "escalate", desk.actor("operator"), level="community")
    assert desk.tick(local("2024-03-04 14:00")) == 0
    assert desk.tick(local("2024-03-04 16:00")) == 1
    assert desk.life(case).level == "street"


def test_a_ladder_missed_while_nobody_ran_the_program_is_climbed_rung_by_rung(desk: Desk) -> None:
    case = dispatched(desk, "S1", "C1", "G1", "M1")
    assert [desk.tick(local("2024-03-05 09:00") + timedelta(minutes=n)) for n in range(5)] == [1, 1, 1, 1, 0]
    assert escalations(desk, case) == ["micro_grid", "grid", "community", "street"]


def test_between_the_rungs_of_its_ladder_and_at_its_top_a_case_is_not_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr("data.escalation.look", lambda con, ids: looked.extend(ids) or look(con, ids))
    case = dispatched(desk, "S1", "C1", "G1", "M1")
    assert desk.tick(local("2024-03-04 11:59")) == 0
    for time in ("12:00", "13:00", "14:00", "16:00"):
        assert desk.tick(local(f"2024-03-04 {time}")) == 1
        assert desk.tick(local(f"2024-03-04 {time}") + timedelta(minutes=1)) == 0
    assert looked == [case] * 4
    assert desk.tick(local("2024-03-11 10:00")) == 1
    assert desk.tick(local("2024-03-11 10:01")) == 0
    assert looked == [case] * 5


def test_a_case_another_system_leads_is_not_escalated_until_somebody_moves_it_here(desk: Desk) -> None:
    take(desk.store, {"id": "old", "reported": "02-01", "due": "02-10", "at": "G1", "stage": "dispatched"})
    case = desk.store.rows("SELECT case_id FROM cases WHERE external_id = 'old'")[0]["case_id"]
    assert desk.tick(local("2024-03-04 12:00")) == 0
    desk.move(case, "urge", desk.actor("operator"))
    assert desk.life(case).clocks["close"].due_at == desk.case(case)["due_at"]
    assert desk.tick(local("2024-03-04 12:01")) == 1


def test_a_task_ends_with_the_last_of_its_grids(desk: Desk) -> None:
    leader, worker = desk.actor("leader", None), desk.actor("grid_worker", "G1")
    grids = tuple(desk.places[code][1] for code in ("G1", "G2", "G4"))
    task = desk.open("task", actor=leader, places=grids, note="排查", due_at=local("2024-03-08 17:00")).case_id
    parts = desk.store.rows("SELECT * FROM cases WHERE parent_case_id = ? ORDER BY case_id", [task])
    assert [row["stage"] for row in parts] == ["working"] * 3
    assert {row["due_at"] for row in parts} == {local("2024-03-08 17:00")}
    where = desk.store.rows("SELECT case_id, grid_id FROM case_place WHERE case_id > ? ORDER BY case_id", [task])
    assert [row["grid_id"] for row in where] == list(grids)
    first = parts[0]["case_id"]
    desk.move(first, "report", worker, note="已排查")
    with pytest.raises(Refused, match="may not do report"):
        desk.move(parts[2]["case_id"], "report", worker, note="别的网格")
    with pytest.raises(Refused, match=r"parts_open = 0 \(is 3\)"):
        desk.move(task, "finish", leader)
    desk.move(first, "confirm", leader)
    for part in parts[1:]:
        desk.move(part["case_id"], "withdraw", leader, reason="不再需要")
    desk.move(task, "finish", leader)
    assert desk.case(task)["stage"] == "closed"


def test_a_task_outside_the_admission_list_is_refused_logged_and_counted(desk: Desk) -> None:
    leader, grids = desk.actor("leader", None), tuple(desk.places[code][1] for code in ("G1", "G4"))
    order = {"actor": leader, "places": grids, "note": "填表", "due_at": local("2024-03-08 17:00"), "item": "forms"}
    put_admissions(desk.store, [Admitted("forms", "填表", desk.places["S1"][1]), Admitted("flood", "防汛")], PROGRAM)
    with pytest.raises(Refused, match="forms is not on the admission list of 1 of 2 grids"):
        desk.open("task", **order)
    assert [(r.item, r.place_id, r.refused) for r in refusals(desk.store)] == [("forms", grids[1], 1)]
    log = desk.store.rows("SELECT by_role, actor, detail FROM audit WHERE action = 'refused'")
    assert [(row["by_role"], row["actor"]) for row in log] == [("leader", "leader-None")]
    assert json.loads(log[0]["detail"]) == {"what": "admission list", "item": "forms", "places": 1, "asked": 2}
    assert desk.store.rows("SELECT count(*) AS n FROM cases")[0]["n"] == 0
    assert desk.open("task", **order | {"item": "flood"}).seq == 1


def test_a_whistle_calls_units_that_each_arrive_and_the_grid_confirms(desk: Desk) -> None:
    worker = desk.actor("grid_worker", "G1")
    units = (desk.units["A"], desk.units["B"])
    whistle = desk.open(
        "whistle", actor=worker, located=desk.located("S1", "C1", "G1"), units=units, note="路面塌陷"
    ).case_id
    a, b = (
        row["case_id"]
        for row in desk.store.rows("SELECT case_id FROM cases WHERE parent_case_id = ? ORDER BY 1", [whistle])
    )
    assert desk.case(a)["handle_due_at"] == local("2024-03-04 10:30")
    assert desk.tick(local("2024-03-04 10:30")) == 3  # the whistle and both parts: nobody has come
    handler = desk.actor("unit_handler", None, "A")
    with pytest.raises(Refused, match="the unit's in charge"):
        desk.move(b, "arrive", handler)
    desk.move(a, "arrive", handler)
    desk.move(a, "settle", handler, note="已围挡")
    desk.move(a, "confirm", worker)
    with pytest.raises(Refused, match=r"parts_open = 0 \(is 1\)"):
        desk.move(whistle, "finish", worker)
    desk.move(b, "release", desk.actor("dispatcher"), reason="不需要")
    desk.move(whistle, "finish", worker)
    assert desk.case(whistle)["stage"] == "closed"


def test_a_request_lapses_back_into_the_pool_and_a_unit_takes_no_more_than_its_limit(desk: Desk) -> None:
    operator, handler = desk.actor("operator"), desk.actor("unit_handler", None, "A")
    cases = [desk.open("request", located=desk.located("S1", "C1"), note="换灯泡").case_id for _ in range(6)]
    for case in cases:
        desk.move(case, "offer", operator)
    for case in cases[:5]:
        desk.move(case, "take", handler)
    assert desk.case(cases[0])["unit_id"] == desk.units["A"]
    with pytest.raises(Refused, match="has taken 5 that are not done, and 5 is the limit"):
        desk.move(cases[5], "take", handler)
    desk.move(cases[1], "complete", handler, note="已换")
    assert desk.tick(MONDAY + timedelta(hours=24)) == 5  # four lapse, and the one nobody took goes up
    assert [desk.case(case)["stage"] for case in cases] == [
        "offered",
        "done",
        "offered",
        "offered",
        "offered",
        "offered",
    ]
    desk.move(cases[5], "take", handler)


def test_a_listing_is_left_only_when_its_test_has_passed(desk: Desk) -> None:
    leader, handler = desk.actor("leader", None), desk.actor("unit_handler", None, "A")
    case = desk.open(
        "listing", actor=leader, located=desk.located("S1", "C1"), unit_id=desk.units["A"], note="挂牌"
    ).case_id
    desk.move(case, "start", handler, note="进驻")
    desk.move(case, "report", handler, note="已整治")
    with pytest.raises(Refused, match=r"reported over 30 days against opening <= 0.7 \(is 0.9\)"):
        desk.move(case, "close", leader, note="验收", values=(0.9, 0.0))
    with pytest.raises(Refused, match="is unknown"):
        desk.move(case, "close", leader, note="验收")
    desk.move(case, "close", leader, note="验收", values=(0.5, 0.0))
    assert desk.case(case)["stage"] == "closed"


def test_a_case_goes_on_under_the_version_it_was_opened_under(desk: Desk) -> None:
    case = desk.open().case_id
    digest = desk.life(case).digest
    body = desk.store.rows("SELECT body FROM definition WHERE digest = ?", [digest])[0]["body"]
    own = desk.store.home / "definitions" / "kinds"
    own.mkdir(parents=True)
    (own / "event.toml").write_text(body.replace('id = "urge"', 'id = "hurry"'), "utf-8")
    desk.store.activate_definitions(PROGRAM)
    operator = desk.actor("operator")
    desk.move(case, "register", operator)
    desk.move(case, "urge", operator)
    new = desk.open().case_id
    desk.move(new, "register", operator)
    with pytest.raises(InputError, match="no move urge"):
        desk.move(new, "urge", operator)
    assert desk.life(new).digest != digest


def test_linking_a_duplicate_joins_two_cases_and_merges_nothing(desk: Desk) -> None:
    first, second = desk.open().case_id, desk.open().case_id
    desk.move(second, "link", desk.actor("operator"), other=first)
    assert desk.store.rows("SELECT case_id, other_case_id FROM case_link") == [
        {"case_id": second, "other_case_id": first}
    ]
    assert desk.case(first)["stage"] == desk.case(second)["stage"] == "reported"
    with pytest.raises(NotFound):
        desk.move(second, "link", desk.actor("operator"), other=999)


def test_the_audit_log_names_the_post_of_every_move_once(desk: Desk) -> None:
    case = desk.open().case_id
    desk.move(case, "register", desk.actor("dispatcher"))
    start = MONDAY - timedelta(days=1)
    found = audit.lines(desk.store, since=start, until=start + timedelta(days=9), group="move")
    assert [(line.case_id, line.by_role, line.actor) for line in found] == [
        (case, "dispatcher", "dispatcher-S1"), (case, "operator", "operator-S1")
    ]  # fmt: skip


def test_the_command_line_may_do_everything(desk: Desk) -> None:
    case = desk.open(actor=PROGRAM).case_id
    desk.move(case, "register", PROGRAM)
    desk.move(case, "dispatch", PROGRAM, unit_id=desk.units["A"])
    assert desk.move(case, "accept", PROGRAM).seq == 4
