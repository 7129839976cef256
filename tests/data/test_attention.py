"""What a leader is told: rules are checked at the start, lines stand in the stated order, promises and orders are found."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data.attention import Line, attention, lines_of, ordered, rules, whole_periods
from data.attention_rules import AttentionRule
from data.definitions import definitions_of, read_as
from data.errors import InputError, NotFound
from data.judgements import Event, enter_veto
from data.measures import measures, units_to_ask
from data.promises import Count, promises
from data.score_runs import publish
from data.store import Store
from data.targets import Leader, Target, leader
from tests.data.builder import local, take
from tests.data.test_engine import MONDAY, Desk
from tests.data.test_score_runs import APRIL, Quarter


def rule(weight: float, name: str) -> AttentionRule:
    said = {"id": name, "name": {"zh": name, "en": name}, "weight": weight}
    return AttentionRule.model_validate(said | {"when": {"subject": "overdue_case", "kinds": ["listing"]}})


def line(weight: float, name: str, code: str, size: float) -> Line:
    return Line(rule(weight, name), "community", code, code, size)


def test_the_worst_of_every_rule_comes_before_the_second_of_any() -> None:
    lines = [line(80, "tenth", "A", 9), line(80, "tenth", "B", 5), line(100, "late", "C", 1), line(70, "spot", "D", 99)]
    assert [one.code for one in ordered(lines)] == ["C", "A", "D", "B"]


def test_the_shipped_rules_are_read_the_heaviest_first(store: Store) -> None:
    assert [(one.id, one.weight) for one in rules(store)] == [
        ("listing_late", 100), ("black_listed", 90), ("bottom_tenth", 80), ("hot_spot", 70),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (
            'subject = "bottom_tenth"\nlevels = ["street"]\nfigure = "happiness"',
            "there is no figure 'happiness' to rank by",
        ),
        ('subject = "listed"\nlevels = ["company"]', "listed needs card, list"),
        ('subject = "hot_spot"\nlevels = ["company"]\nstates = ["new"]', "a hot spot is of"),
    ],
)
def test_a_wrong_rule_names_file_and_key(wrong: str, where: str) -> None:
    text = definitions_of(None, "attention")["listing_late"].body.split("[when]")[0] + "[when]\n" + wrong
    with pytest.raises(InputError, match=where) as refused:
        read_as(AttentionRule, text, "attention/own.toml")
    assert refused.value.where == "attention/own.toml: when"


def test_a_city_turns_a_rule_off(store: Store) -> None:
    folder = store.home / "definitions" / "attention"
    folder.mkdir(parents=True)
    own = definitions_of(None, "attention")["hot_spot"].body.replace("weight = 70", "weight = 70\noff = true")
    (folder / "hot_spot.toml").write_text(own, "utf-8")
    assert "hot_spot" not in {one.id for one in rules(store)}


def test_the_whole_months_before_are_looked_at(store: Store) -> None:
    tenth = next(one for one in rules(store) if one.id == "bottom_tenth")
    found = [period.start.date().isoformat() for period in whole_periods(store, tenth, local("03-10 09:00"))]
    assert found == ["2024-02-01", "2024-01-01"]


def test_a_bottom_tenth_twice_running_is_told_with_its_rank(store: Store) -> None:
    """Ten units with thirty cases a month each; the last of them is late with half of them in both months."""
    cases = []
    for month in ("01", "02"):
        for unit in range(10):
            for i in range(30):
                closed = "25" if unit == 9 and i < 15 else "10"
                case = {
                    "id": f"{month}-{unit}-{i}",
                    "reported": f"{month}-02 09:00",
                    "due": f"{month}-20",
                    "stage": "closed",
                }
                cases.append(case | {"unit_name": f"单位{unit}", "closed": f"{month}-{closed} 12:00"})
    take(store, *cases)
    tenth = next(one for one in rules(store) if one.id == "bottom_tenth")
    own = tenth.model_copy(update={"when": tenth.when.model_copy(update={"levels": ("unit",)})})
    (found,) = lines_of(store, own, local("03-10 09:00"))
    assert (found.name, found.facts["rank"], found.facts["ranked"], found.facts["n"]) == ("单位9", 10, 10, 30)
    assert found.facts["values"] == [0.5, 0.5]


def test_an_order_past_its_date_is_a_line_and_a_promise(store: Store) -> None:
    desk = Desk(store)
    boss = desk.actor("leader", None)
    first = desk.open(
        "supervision", actor=boss, unit_id=desk.units["A"], note="限期整改", due_at=MONDAY + timedelta(days=2)
    )
    second = desk.open("interview", actor=boss, unit_id=desk.units["B"], note="约谈", due_at=MONDAY + timedelta(days=9))
    assert promises(store, MONDAY).counts == (Count("supervision", 0, 1),)
    later = MONDAY + timedelta(days=5)
    found = promises(store, later)
    assert found.counts == (Count("supervision", 1, 0), Count("interview", 0, 1))
    assert [one.case_id for _sort, one in found.listed] == [first.case_id, second.case_id]
    late = next(one for one in rules(store) if one.id == "listing_late")
    (told,) = lines_of(store, late, later)
    assert (told.code, told.facts["days"], told.facts["unit"]) == (str(first.case_id), 3, "单位A")
    assert attention(store, later)[0] == told


def test_an_order_stands_beside_the_unit_and_the_place_it_is_about(store: Store) -> None:
    desk = Desk(store)
    boss, due = desk.actor("leader", None), MONDAY + timedelta(days=5)
    desk.open(
        "supervision", actor=boss, unit_id=desk.units["A"], note="x", due_at=due, located=desk.located("S1", "C1")
    )
    assert [one.kind for one in measures(store, "unit", MONDAY)["A"]] == ["supervision"]
    assert [one.due_at for one in measures(store, "community", MONDAY)["C1"]] == [due]
    assert measures(store, "grid", MONDAY) == {}
    assert measures(store, "company", MONDAY) == {}


def test_a_unit_answers_for_itself_and_an_unknown_one_for_nothing(store: Store) -> None:
    desk = Desk(store)
    assert units_to_ask(store, "unit", "A") == [(desk.units["A"], "单位A")]
    with pytest.raises(NotFound):
        units_to_ask(store, "company", "nobody")


def test_a_target_is_met_by_what_is_at_least_as_good(store: Store) -> None:
    assert len(leader(store).figure) == 5
    on_time, rework = Target(figure="on_time_rate", target=0.9), Target(figure="rework_rate", target=0.05)
    assert [on_time.met(one) for one in (0.9, 0.899, None)] == [True, False, None]
    assert [rework.met(one) for one in (0.05, 0.051)] == [True, False]
    with pytest.raises(InputError, match="has no target"):
        read_as(Leader, '[[figure]]\nfigure = "reported"\ntarget = 5', "leader.toml")


def test_a_black_listed_company_with_new_tickets_is_told(store: Store) -> None:
    """A veto puts 物业丁 on the black list; in the week before it has twelve new tickets, 物业丙, which is on no list, has twelve too."""
    quarter, now = Quarter(store), APRIL + timedelta(days=3)
    code = quarter.companies["物业丁"]
    event = Event("property_red_black", "funds", "company", code, date(2024, 3, 3), "调查报告〔2024〕1号")
    enter_veto(store, event, quarter.leader, "veto")
    run = quarter.draft("company")
    listed = next(one for one in rules(store) if one.id == "black_listed")
    new = [
        {"id": f"new-{estate}-{i}", "estate": estate, "at": "G1", "reported": "2024-04-04 09:00"}
        for estate in ("E01", "E12")
        for i in range(12)
    ]
    take(store, *new)
    assert lines_of(store, listed, now) == []  # a draft says nothing yet
    publish(store, run, quarter.leader)
    (found,) = lines_of(store, listed, now)
    assert (found.code, found.name, found.size) == (code, "物业丁", 12.0)
    assert (found.facts["n"], found.facts["days"], found.facts["period"], found.facts["list"]) == (
        12,
        7,
        "2024-Q1",
        "black",
    )
    assert found.place_id is None
    assert lines_of(store, listed, now + timedelta(days=9)) == []  # old tickets are no news
