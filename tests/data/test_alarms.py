"""Alarms: hit exactly at their limit, acknowledged by a post, taken up by the clock, ended with what raised them.

The desk of the engine's tests: S1 (C1: G1, G2; C2: G3), S2 (C3: G4); Monday 4 March 2024, 10:00.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data import alarms, audit
from data.actors import Actor
from data.alarm_rules import AlarmRule
from data.definitions import SHIPPED, definitions_of, read_as
from data.errors import InputError, NotFound, Refused
from data.settings import Settings
from data.store import Store
from tests.data.test_engine import MONDAY, Desk

SURGE = (SHIPPED / "alarms" / "surge.toml").read_text("utf-8")
RULE = """
id = "{name}"
name = {{ zh = "名", en = "Name" }}
colour = "orange"
roles = ["operator", "leader"]
{more}
[when]
{when}
"""


class Guard:
    """A desk whose only rule of alarms is the test's."""

    def __init__(self, store: Store) -> None:
        self.desk, self.store = Desk(store), store

    def rule(self, when: str, more: str = "", name: str = "one") -> None:
        body = RULE.format(name=name, when=when, more=more)
        folder = self.store.home / "definitions" / "alarms"
        folder.mkdir(parents=True, exist_ok=True)
        for shipped in definitions_of(None, "alarm"):
            (folder / f"{shipped}.toml").write_text(
                definitions_of(None, "alarm")[shipped]
                .body.replace("[when]", "[when]", 1)
                .replace('id = "', 'off = true\nid = "', 1)
            )
        (folder / f"{name}.toml").write_text(body)
        self.store.activate_definitions(self.desk.actor("administrator", None))

    def look(self, minutes: float = 0) -> list[tuple[str, str, float | None]]:
        """Let so many minutes pass, look; the alarms that stand: (place, level, value)."""
        self.desk.clock.at += timedelta(minutes=minutes)
        self.store.watch.look()
        return [(one.place_code, one.level, one.value) for one in alarms.standing_alarms(self.store)]

    def steps(self, alarm_id: int) -> list[tuple[str, str | None]]:
        return [(one["action"], one["level"]) for one in alarms.history(self.store, alarm_id)]


@pytest.fixture
def guard(store: Store) -> Guard:
    return Guard(store)


@pytest.mark.parametrize(("operator", "cases", "raised"), [(">", 3, 0), (">", 4, 1), (">=", 2, 0), (">=", 3, 1)])
def test_new_cases_raise_exactly_at_the_limit(guard: Guard, operator: str, cases: int, raised: int) -> None:
    guard.rule(f'subject = "new_cases"\nplace = "community"\nminutes = 60\noperator = "{operator}"\nvalue = 3')
    for _ in range(cases):
        guard.desk.open()
    assert guard.look() == [("C1", "community", float(cases))] * raised


def test_new_cases_count_by_place_category_and_minutes(guard: Guard) -> None:
    guard.rule('subject = "new_cases"\nplace = "grid"\ncategories = ["漏水"]\nminutes = 30\nvalue = 2')
    guard.desk.open(category_id=guard.desk.categories["fire"])
    guard.desk.open()
    guard.desk.open(located=guard.desk.located("S1", "C1", "G2"))
    assert guard.look() == []
    guard.desk.clock.at += timedelta(minutes=29)
    guard.desk.open()
    assert guard.look() == [("G1", "grid", 2.0)]
    assert guard.look(1) == []  # the first is thirty minutes old: reported_at > now - minutes no longer holds


def test_a_category_is_named_by_code_or_name_and_an_unknown_one_means_none(guard: Guard) -> None:
    guard.rule('subject = "new_cases"\ncategories = ["fire", "没有这一类"]\nminutes = 30\nvalue = 1')
    guard.desk.open()
    assert guard.look() == []
    guard.desk.open(category_id=guard.desk.categories["fire"])
    assert guard.look() == [("G1", "grid", 1.0)]


def test_an_emergency_nobody_accepts_raises_at_its_minute_and_ends_when_accepted(guard: Guard) -> None:
    guard.rule('subject = "unaccepted"\nurgency = ["emergency"]\nminutes = 15')
    desk = guard.desk
    desk.open()
    case = desk.open(urgency="emergency").case_id
    assert guard.look(14) == []
    assert guard.look(1) == [("G1", "grid", 15.0)]
    desk.move(case, "register", desk.actor("operator"))
    desk.move(case, "dispatch", desk.actor("dispatcher"), unit_id=desk.units["A"])
    assert guard.look() == [("G1", "grid", 15.0)]
    desk.move(case, "accept", desk.actor("unit_handler", None, "A"))
    assert guard.look() == []
    found = alarms.past_alarms(guard.store, MONDAY, desk.clock.at + timedelta(minutes=1))
    assert [(one.case_id, one.ended_at is not None) for one in found] == [(case, True)]


def test_the_overdue_share_is_of_open_cases_of_a_place_that_has_enough(guard: Guard) -> None:
    guard.rule('subject = "overdue_share"\nplace = "street"\noperator = ">"\nvalue = 0.5\nleast = 4')
    desk = guard.desk
    for urgency in ("emergency", "emergency", "normal", "normal"):
        case = desk.open(urgency=urgency).case_id
        desk.move(case, "register", desk.actor("operator"))
    assert guard.look(4 * 60) == []  # two of four: not above a half
    case = desk.open(urgency="emergency").case_id
    desk.move(case, "register", desk.actor("operator"))
    assert guard.look(4 * 60) == [("S1", "street", 0.6)]


def test_a_new_case_at_a_repeat_point_counts_itself_and_what_lies_within_fifty_metres(guard: Guard) -> None:
    guard.rule('subject = "repeat_case"\nminutes = 60\nvalue = 3')
    at: dict[str, Any] = {"lon": 118.3, "lat": 35.0, "y": 0.0}
    for x in (0.0, 50.0, 101.0):
        guard.desk.open(x=x, **at)
    assert guard.look() == []
    case = guard.desk.open(x=51.0, **at).case_id  # 51 is within 50 m of 50 and 101, not of 0
    assert guard.look() == [("G1", "grid", 3.0)]
    assert alarms.standing_alarms(guard.store)[0].case_id == case
    assert guard.look(60) == []


def test_an_alarm_goes_up_the_ladder_until_somebody_acknowledges_it(guard: Guard) -> None:
    ladder = 'ladder = [{ after = 10, to = "street" }, { after = 30, to = "district" }]'
    guard.rule('subject = "unaccepted"\nminutes = 5', ladder)
    guard.desk.open()
    assert guard.look(5) == [("G1", "grid", 5.0)]
    number = alarms.standing_alarms(guard.store)[0].alarm_id
    assert guard.look(9) == [("G1", "grid", 5.0)]
    assert guard.look(1) == [("G1", "street", 5.0)]
    assert guard.look(5) == [("G1", "street", 5.0)]
    seen = alarms.acknowledge(guard.store, number, guard.desk.actor("operator"), "已派人去看")
    assert (seen.acknowledged_by, seen.waits) == (("operator", "operator"), False)
    assert guard.look(60) == [("G1", "street", 5.0)]
    assert guard.steps(number) == [("raised", "grid"), ("escalated", "street"), ("acknowledged", None)]


def test_steps_missed_while_nobody_ran_the_program_are_taken_at_once(guard: Guard) -> None:
    guard.rule('subject = "unaccepted"\nminutes = 5',
               'ladder = [{ after = 10, to = "street" }, { after = 30, to = "district" }]')  # fmt: skip
    guard.desk.open()
    guard.look(5)
    assert guard.look(45) == [("G1", "district", 5.0)]


def test_acknowledging_takes_the_role_at_the_place_and_is_in_the_log_once(guard: Guard) -> None:
    guard.rule('subject = "unaccepted"\nminutes = 5')
    guard.desk.open()
    guard.look(5)
    number = alarms.standing_alarms(guard.store)[0].alarm_id
    wall = Actor("device", "wall 1", "大厅")
    for actor in (guard.desk.actor("operator", "S2"), guard.desk.actor("dispatcher"), wall):
        with pytest.raises(Refused):
            alarms.acknowledge(guard.store, number, actor)
    assert alarms.alarm(guard.store, number).waits
    alarms.acknowledge(guard.store, number, guard.desk.actor("leader", None))
    alarms.acknowledge(guard.store, number, guard.desk.actor("operator"))
    assert alarms.alarm(guard.store, number).acknowledged_by == ("leader", "leader")
    until = guard.desk.clock.at + timedelta(minutes=1)
    lines = audit.lines(guard.store, since=MONDAY, until=until, group="alarm")
    assert [(one.action, one.by_role, one.detail["rule"]) for one in lines] == [("alarm_acknowledged", "leader", "one")]
    with pytest.raises(NotFound, match="no such alarm"):
        alarms.acknowledge(guard.store, 99, guard.desk.actor("operator"))


def test_the_same_alarm_rests_before_it_is_raised_again(guard: Guard) -> None:
    guard.rule('subject = "new_cases"\nminutes = 10\nvalue = 1', "rest = 30")
    guard.desk.open()
    assert len(guard.look()) == 1
    assert guard.look(10) == []
    guard.desk.open()
    assert guard.look(5) == []
    guard.desk.clock.at += timedelta(minutes=25)
    guard.desk.open()
    assert len(guard.look()) == 1


def test_screens_are_told_only_when_something_changed(guard: Guard) -> None:
    guard.rule('subject = "unaccepted"\nminutes = 5')
    guard.desk.open()
    told: list[str] = []
    guard.store.watch.on_change(lambda: told.append(guard.store.watch.mark))
    version = guard.store.version
    guard.look(4)
    assert told == []
    guard.look(1)
    guard.look(1)
    assert len(told) == 1
    assert guard.store.version == version  # no figure is made from alarms


def test_a_running_server_looks_by_itself_until_it_ends(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    guard.rule('subject = "unaccepted"\nminutes = 5')
    monkeypatch.setattr("data.watch.EVERY", 0.01)
    guard.desk.open()
    guard.desk.clock.at += timedelta(minutes=5)
    seen = threading.Event()
    guard.store.watch.on_change(seen.set)
    guard.store.watch.start()
    assert seen.wait(30)
    guard.store.watch.stop()
    assert [one.place_code for one in alarms.standing_alarms(guard.store)] == ["G1"]


@pytest.mark.parametrize("name", sorted(definitions_of(None, "alarm")))
def test_every_shipped_rule_is_whole(name: str) -> None:
    text = definitions_of(None, "alarm")[name]
    assert read_as(AlarmRule, text.body, text.where).id == name


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ('roles = ["operator"', 'roles = ["boss"', "roles.0", "no role boss"),
        ("minutes = 60\n", "", "when", "new_cases needs minutes"),
        ("minutes = 60", "minutes = 0", "when.minutes", "greater than 0"),
        ('operator = ">"', 'operator = "~"', "when.operator", "Input should be"),
        ('to = "street"', 'to = "town"', "ladder.0.to", "no level town"),
        ("after = 30", "after = 5", "the whole", "each step of the ladder comes later"),
        ('colour = "orange"', 'colour = "pink"', "colour", "Input should be"),
    ],
)
def test_a_wrong_rule_is_named_by_file_and_key_path(old: str, new: str, where: str, what: str) -> None:
    assert old in SURGE
    with pytest.raises(InputError) as caught:
        read_as(AlarmRule, SURGE.replace(old, new, 1), "surge.toml")
    assert where in caught.value.where
    assert what in caught.value.what


def test_a_city_s_wrong_rule_stops_the_start(settings: Settings, tmp_path: Path) -> None:
    new = {"name": "样例区", "code": "990100", "zone": "Asia/Shanghai", "crs": "EPSG:4547"}
    Store.create(settings.home, settings=settings, **new).close()
    folder = settings.home / "definitions" / "alarms"
    folder.mkdir(parents=True)
    (folder / "surge.toml").write_text(SURGE.replace('id = "surge"', 'id = "rush"'))
    with pytest.raises(InputError) as caught:
        Store.open(settings.home, settings)
    assert caught.value.where == f"{folder / 'surge.toml'}: id"
    assert caught.value.what == "the alarm is called rush."
