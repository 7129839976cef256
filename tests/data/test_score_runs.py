"""A list from its draft to the day it is final, with exact values; and the same list from the ledger years later.

Twelve estates of one kind, 100 households each; 物业丙 looks after E01 to E06, 物业丁 after the others. In the first quarter of 2024
estate i has i + 1 cases, two of them with a deadline: of E01 to E06 both were kept, of E07 to E11 one, of E12 none. Nobody was called
back, so satisfaction (25) is missing everywhere and the rest counts for 100 ÷ 75. Reviews: 0.8 for each estate, 0.5 for E12, 0.9 for
物业丙. E01 to E03 have a party branch.

    E01  (30 + 15 + 15 × (1 − 0) + 8 + 5) × 100 ÷ 75 = 97.33        E12  (0 + 15 + 0 + 5 + 0) × 100 ÷ 75 = 26.67
    物业丙  (30 + 15 + 15 × (1 − 0) + 9 + 5 × 3 ÷ 6) × 100 ÷ 75 = 95.33
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from data import appeals, audit, judgements, registers, score_runs
from data.actors import PROGRAM
from data.definitions import definitions_of
from data.errors import InputError, Refused
from data.judgements import About, Event, Mark
from data.registers import Fact
from data.score_rows import card_of, cards, items, run_of, runs, steps
from data.score_values import Asked
from data.scoring import Past, Scored
from data.store import Store
from tests.data.builder import local, move, put, take
from tests.data.test_engine import Desk

CARD = "property_red_black"
APRIL = local("2024-04-02 10:00")


def _cases() -> list[dict[str, Any]]:
    made = []
    for i in range(1, 13):
        for n in range(i + 1):
            case = {
                "id": f"E{i:02d}-{n}",
                "estate": f"E{i:02d}",
                "at": "G1",
                "reported": "2024-02-01 09:00",
                "closed": "2024-02-05 09:00",
            }
            kept = i <= 6 or (i <= 11 and n == 0)
            made.append(case | ({"due": "2024-02-06 09:00" if kept else "2024-02-04 09:00"} if n < 2 else {}))
    return made


class Quarter:
    """The district of the module's head on 2 April 2024, before anything was drafted."""

    def __init__(self, store: Store) -> None:
        self.desk, self.store = Desk(store), store
        own = store.home / "definitions" / "scorecards"
        own.mkdir(parents=True)
        shipped = definitions_of(None, "scorecard")[CARD].body.replace("least = 30", "least = 2")
        (own / f"{CARD}.toml").write_text(shipped, "utf-8")
        store.activate_definitions(PROGRAM)
        rows = [
            {"code": f"E{i:02d}", "name": f"小区{i}", "parent_code": "C1", "kind": "commodity", "households": 100,
             "company": "物业丙" if i <= 6 else "物业丁"}
            for i in range(1, 13)
        ]  # fmt: skip
        put(store, "estate", rows)
        take(store, *_cases())
        self.leader = self.desk.actor("leader", None)
        self.at(APRIL)
        self.companies = {row["name"]: row["code"] for row in store.rows("SELECT code, name FROM company")}
        ids = judgements.subject_ids(store, "estate")
        for i in range(1, 4):
            fact = Fact("party_branch", "estate", ids[f"E{i:02d}"], 1, "支部成立", "批复〔2023〕1号", date(2023, 7, 1))
            registers.enter(store, fact, self.leader, f"branch {i}")
        marks = [Mark(f"E{i:02d}", 0.5 if i == 12 else 0.8) for i in range(1, 13)]
        judgements.enter(store, About(CARD, "review", "estate", "2024-Q1"), marks, self.leader, "estates")
        judgements.enter(
            store,
            About(CARD, "review", "company", "2024-Q1"),
            [Mark(self.companies["物业丙"], 0.9)],
            self.leader,
            "one",
        )

    def at(self, moment: Any) -> None:
        self.desk.clock.at = moment

    def draft(self, level: str = "estate") -> int:
        return score_runs.make_draft(self.store, CARD, level, "2024-Q1", self.leader)

    def items(self, run_id: int) -> dict[str, Scored]:
        return {one.subject.code: one for one in items(self.store, run_id)}

    def final(self) -> int:
        run = self.draft()
        score_runs.publish(self.store, run, self.leader)
        self.at(APRIL + timedelta(days=8))
        score_runs.finish(self.store, run, self.leader)
        return run


@pytest.fixture
def quarter(store: Store) -> Quarter:
    return Quarter(store)


def test_a_draft_has_exactly_these_scores_ranks_and_lists(quarter: Quarter) -> None:
    found = quarter.items(quarter.draft())
    first, last = found["E01"], found["E12"]
    assert len(found) == 14  # E1 and E2 of the builder have no cases with a deadline: ranked nowhere, but looked after
    assert (first.score, first.place, first.of, first.lists, first.flags) == (
        97.33,
        1,
        12,
        ("red",),
        ("missing:satisfaction",),
    )
    assert (last.score, last.place, last.of, last.lists) == (26.67, 12, 12, ("black",))
    assert [(p.part, p.value.numerator, p.value.denominator, p.value.value) for p in last.parts][:4] == [
        ("on_time", 0, 2, 0.0), ("satisfaction", 0, 0, None), ("rework", 0, 13, 0.0), ("demand", 13, 100, 13.0),
    ]  # fmt: skip
    assert found["E07"].score == round((15 + 15 + 15 * (1 - 6 / 11) + 8) * 100 / 75, 2)


def test_a_company_is_the_pool_of_its_estates(quarter: Quarter) -> None:
    found = quarter.items(quarter.draft("company"))
    one, other = (found[quarter.companies[name]] for name in ("物业丙", "物业丁"))
    pairs = {p.part: (p.value.numerator, p.value.denominator) for p in one.parts}
    assert pairs["on_time"] == (12, 12)
    assert pairs["demand"] == (27, 600)
    assert pairs["party"] == (3, 6)
    assert (one.score, one.missing) == (95.33, 25)
    assert {p.part: p.value.numerator for p in other.parts}["on_time"] == 5
    assert (other.score, other.place, other.flags[-1]) == (None, None, "too_much")  # its review is missing as well: 35


def test_only_whom_the_card_names_moves_a_list_and_in_its_order(quarter: Quarter) -> None:
    store, operator = quarter.store, quarter.desk.actor("operator", None)
    run = score_runs.make_draft(store, CARD, "estate", "2024-Q1", operator)
    with pytest.raises(Refused, match="takes leader of this place"):
        score_runs.publish(store, run, operator)
    with pytest.raises(Refused, match="the list is draft"):
        score_runs.finish(store, run, quarter.leader)
    with pytest.raises(Refused, match="may not do this here"):
        score_runs.make_draft(
            store, CARD, "estate", "2024-Q1", quarter.desk.actor("leader", "S1")
        )  # of one street only
    score_runs.publish(store, run, quarter.leader)
    assert run_of(store, run).publicity_until == local("2024-04-10 00:00")  # seven days after the second of April
    with pytest.raises(Refused, match="is out already"):
        quarter.draft()
    quarter.at(local("2024-04-09 23:59"))
    with pytest.raises(Refused, match="appeals may still come"):
        score_runs.finish(store, run, quarter.leader)
    quarter.at(local("2024-04-10 00:00"))
    score_runs.finish(store, run, quarter.leader)
    assert [one["action"] for one in steps(store, run)] == ["drafted", "published", "made final"]
    lines = audit.lines(store, since=APRIL, until=APRIL + timedelta(days=30))
    assert [line.detail["what"] for line in lines if line.action == "scorecard"] == [
        "made final",
        "published",
        "drafted",
    ]


def test_a_list_of_a_running_period_is_drafted_but_not_published(quarter: Quarter) -> None:
    run = score_runs.make_draft(quarter.store, CARD, "estate", "2024-Q2", quarter.leader)
    with pytest.raises(Refused, match="has not ended"):
        score_runs.publish(quarter.store, run, quarter.leader)
    with pytest.raises(Refused, match="has not begun"):
        score_runs.make_draft(quarter.store, CARD, "estate", "2024-Q3", quarter.leader)
    with pytest.raises(InputError, match="of the kind quarter"):
        score_runs.make_draft(quarter.store, CARD, "estate", "2024-02", quarter.leader)
    quarter.at(local("2024-07-01 08:00"))
    with pytest.raises(Refused, match="counted before the period ended"):
        score_runs.publish(quarter.store, run, quarter.leader)


def test_an_upheld_appeal_lets_the_list_be_counted_anew_and_nothing_else_does(quarter: Quarter) -> None:
    store, leader = quarter.store, quarter.leader
    run = quarter.draft()
    score_runs.publish(store, run, leader)
    last = quarter.items(run)["E12"].subject.subject_id
    with pytest.raises(Refused, match="only after an upheld appeal"):
        score_runs.recount(store, run, leader)
    appeal = appeals.lodge(store, run, last, "评议分录入有误", quarter.desk.actor("operator", None), "a1")
    quarter.at(APRIL + timedelta(days=8))
    with pytest.raises(Refused, match="has not been decided"):
        score_runs.finish(store, run, leader)
    judgements.enter(store, About(CARD, "review", "estate", "2024-Q1"), [Mark("E12", 1.0, "更正")], leader, "mended")
    appeals.decide(store, appeal, "属实", leader, upheld=True)
    with pytest.raises(Refused, match="was upheld since"):
        score_runs.finish(store, run, leader)
    quarter.at(APRIL + timedelta(days=8, minutes=1))
    score_runs.recount(store, run, leader)
    assert quarter.items(run)["E12"].score == 33.33  # (15 + 10) × 100 ÷ 75
    score_runs.finish(store, run, leader)
    with pytest.raises(Refused, match="the list is final"):
        appeals.lodge(store, run, last, "再次申诉", leader, "a2")


def test_a_final_list_comes_out_the_same_from_the_ledger_years_later(quarter: Quarter) -> None:
    """Lines told late, withdrawn register entries and changed households change the figures as of then, not as published then."""
    store = quarter.store
    run = quarter.final()
    before = items(store, run)
    quarter.at(local("2027-01-15 09:00"))
    move(store, "E01-0", "reworked", "2024-03-20 09:00")  # told three years late
    branch = store.rows("SELECT entry_id FROM register_entry ORDER BY entry_id LIMIT 1")[0]["entry_id"]
    registers.withdraw(store, branch, "撤销", quarter.leader)
    store.writer.run(lambda con: con.execute("UPDATE place_version SET households = 50 WHERE name = '小区1'")).result()
    again = {one.subject.code: one for one in score_runs.recomputed(store, run)}
    assert {one.subject.code: one for one in before} == again
    new = score_runs._counted(store, card_of(store, run_of(store, run).digest), "estate", "2024-Q1", store.now())
    first = next(one for one in new.scored if one.subject.code == "E01")
    assert [p.value.numerator for p in first.parts if p.part in ("on_time", "rework", "party")] != [2, 0, 1]
    assert first.score != again["E01"].score


def test_a_final_list_is_frozen(quarter: Quarter) -> None:
    store, leader = quarter.store, quarter.leader
    run = quarter.final()
    for again in (score_runs.recount, score_runs.publish, score_runs.finish, score_runs.withdraw):
        with pytest.raises(Refused):
            again(store, run, leader)
    with pytest.raises(Refused, match="is final"):
        judgements.enter(store, About(CARD, "review", "estate", "2024-Q1"), [Mark("E12", 1.0)], leader, "late")


def test_an_old_period_keeps_its_old_definition(quarter: Quarter) -> None:
    """The card changed on 10 April: the first quarter is still judged by the one in force when it ended, the second by the new one."""
    store = quarter.store
    file = store.home / "definitions" / "scorecards" / f"{CARD}.toml"
    store.writer.run(lambda con: con.execute("UPDATE definition SET effective_from = '2024-01-01'")).result()
    old = cards(store)[CARD][1]
    quarter.at(local("2024-04-10 09:00"))
    file.write_text(file.read_text("utf-8").replace("days = 7", "days = 5"), "utf-8")
    store.activate_definitions(PROGRAM)
    assert run_of(store, quarter.draft()).digest == old
    quarter.at(local("2024-07-02 09:00"))
    second = score_runs.make_draft(store, CARD, "estate", "2024-Q2", quarter.leader)
    assert run_of(store, second).digest == cards(store)[CARD][1] != old


def test_marks_come_all_or_none_and_in_their_range(quarter: Quarter) -> None:
    about = About(CARD, "review", "estate", "2024-Q1")
    with pytest.raises(InputError, match=r"row 3: 1\.5 lies outside 0 to 1"):
        judgements.enter(quarter.store, about, [Mark("E01", 0.1, row=2), Mark("E02", 1.5, row=3)], quarter.leader, "x")
    with pytest.raises(InputError, match="no estate has the code E99"):
        judgements.enter(quarter.store, about, [Mark("E99", 0.5)], quarter.leader, "y")
    with pytest.raises(Refused):
        judgements.enter(quarter.store, about, [Mark("E01", 0.5)], quarter.desk.actor("planner", None), "z")
    assert quarter.items(quarter.draft())["E01"].score == 97.33


def test_a_veto_blacklists_until_it_is_withdrawn_and_leaves_its_trace(quarter: Quarter) -> None:
    store, leader = quarter.store, quarter.leader
    veto = judgements.enter_veto(
        store, Event(CARD, "accident", "estate", "E01", date(2024, 3, 31), "事故通报1号"), leader, "v"
    )
    run = quarter.draft()
    assert (quarter.items(run)["E01"].lists, quarter.items(run)["E02"].lists) == (("black",), ())
    judgements.withdraw_veto(store, veto, "认定有误", leader)
    quarter.at(APRIL + timedelta(minutes=1))
    assert score_runs.recount(store, run, leader) == run
    assert quarter.items(run)["E01"].lists == ("red",)
    event = Event(CARD, "accident", "estate", "E02", date(2024, 4, 1), "不在本季")
    judgements.enter_veto(store, event, leader, "later")
    quarter.at(APRIL + timedelta(minutes=2))
    score_runs.recount(store, run, leader)
    assert "black" not in quarter.items(run)["E02"].lists
    assert len(runs(store)) == 1


def _final(store: Store, period: str, scores: dict[int, float], state: str = "final") -> None:
    at = local("2026-01-05")
    number = store.rows("SELECT count(*) AS n FROM score_run")[0]["n"] + 1

    def job(con: Any) -> None:
        con.execute(
            """INSERT INTO score_run BY NAME SELECT ?::INTEGER AS run_id, 'community_assessment' AS card, '' AS digest,
                   'community' AS level, ? AS period, ?::TIMESTAMPTZ AS starts_at, ?::TIMESTAMPTZ AS ends_at,
                   ?::TIMESTAMPTZ AS counted_at, ? AS state,
                   ?::TIMESTAMPTZ AS made_at, ?::TIMESTAMPTZ AS final_at""",
            [number, period, at, at, at, state, at, at],
        )
        for one, value in scores.items():
            con.execute(
                """INSERT INTO score_item BY NAME SELECT ?::INTEGER AS run_id, ?::INTEGER AS subject_id, '' AS code, '' AS name,
                       '' AS peers, [] AS estates, ?::DOUBLE AS score, 0 AS missing, 1 AS place, [] AS lists, [] AS flags,
                       [] AS reasons, [] AS vetoes""",
                [number, one, value],
            )

    store.writer.run(job).result()


def test_a_year_is_the_mean_of_its_final_halves_and_only_the_second_half_closes_it(store: Store) -> None:
    card = cards(store)["community_assessment"][0]
    _final(store, "2024-H1", {1: 70.0, 2: 60.0})
    _final(store, "2024-H2", {1: 80.0})
    _final(store, "2025-H1", {1: 90.0, 2: 50.0})

    def past(period: str) -> Past:
        return score_runs._past(store, Asked(card, "community", period, local("2026-01-06")), {1: 81.0, 2: 70.0})

    closing = past("2025-H2")
    assert closing.before == {1: 90.0, 2: 50.0}
    assert closing.years == ({1: 85.5, 2: 60.0}, {1: 75.0})  # 2 was not ranked in the second half of 2024
    assert past("2025-H1").years == ()
    assert past("2025-H1").before == {1: 80.0}
    _final(store, "2026-H1", {1: 1.0}, state="publicity")
    assert past("2026-H2").before == {}
    assert past("2026-H2").years == ()
