"""Scores, ranks, bands and lists on hand-drawn cards: every number worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from data.definitions import definitions_of, read_card
from data.scorecards import Card
from data.scoring import NOTHING, Past, Scored, Subject, Value, cut, percentiles, rounded, score

PROPERTY = read_card(definitions_of(None, "scorecard")["property_red_black"].body, "shipped")
PLAIN = """
id = "plain"
name = { zh = "样", en = "Plain" }
levels = ["community"]
period = "half"
digits = 1
"""
ONE = """
[[parts]]
id = "mark"
name = { zh = "分", en = "Mark" }
weight = 100
judgement = "mark"
[judgements.mark]
name = { zh = "分", en = "Mark" }
range = [0, 100]
"""


def card(text: str) -> Card:
    return read_card(PLAIN + text, "test")


def people(n: int, peers: str = "") -> list[Subject]:
    return [Subject(i, f"{peers}{i:03d}", f"No. {i}", peers) for i in range(1, n + 1)]


def marks(values: dict[int, float | None]) -> dict[str, dict[int, Value]]:
    return {"mark": {one: Value(None, None, value) for one, value in values.items()}}


def by_id(found: list[Scored]) -> dict[int, Scored]:
    return {one.subject.subject_id: one for one in found}


def example(**changed: Value) -> dict[str, dict[int, Value]]:
    """The glossary's worked example as subject 1, beside ten others that put its demand at the 30th percentile."""
    told = {
        "on_time": Value(94, 100, 0.94), "satisfaction": Value(44, 50, 0.88), "rework": Value(4, 100, 0.04),
        "demand": Value(30, 100, 30.0), "review": Value(None, None, 0.8), "party": Value(1, 1, 1.0),
    } | changed  # fmt: skip
    found = {name: {1: value} for name, value in told.items()}
    for other in range(2, 12):  # three lie below, seven above: 3 ÷ 10
        found["demand"][other] = Value(0, 100, 10.0 if other < 5 else 60.0)
    return found


def test_the_worked_example_of_the_glossary_is_88_1() -> None:
    one = by_id(score(PROPERTY, "estate", people(11), example()))[1]
    points = {part.part: round(part.points or 0, 9) for part in one.parts}
    assert points == {
        "on_time": 28.2,
        "satisfaction": 22.0,
        "rework": 14.4,
        "demand": 10.5,
        "review": 8.0,
        "party": 5.0,
    }
    assert (one.score, one.missing, one.flags, one.n) == (88.1, 0, (), 100)
    assert one.parts[3].percentile == 0.3
    assert one.parts[3].peers_n == 11


def test_a_missing_part_scales_the_others_up_and_is_flagged() -> None:
    """Without the review: (28.2 + 22.0 + 14.4 + 10.5 + 5.0) × 100 ÷ 90 = 89.0; without satisfaction as well 35 are missing: no rank."""
    one = by_id(score(PROPERTY, "estate", people(11), example(review=NOTHING)))[1]
    assert (one.score, one.missing, one.flags) == (89.0, 10, ("missing:review",))
    assert [round(part.weight, 4) for part in one.parts] == [33.3333, 27.7778, 16.6667, 16.6667, 0.0, 5.5556]
    none = by_id(score(PROPERTY, "estate", people(11), example(review=NOTHING, satisfaction=NOTHING)))[1]
    assert (none.score, none.place, none.ranked) == (None, None, False)
    assert none.flags == ("missing:satisfaction", "missing:review", "too_much")


def test_exactly_25_points_missing_is_still_ranked() -> None:
    """Satisfaction of 4 call-backs says nothing (at least 5): (28.2 + 14.4 + 10.5 + 8 + 5) × 100 ÷ 75 = 88.13."""
    one = by_id(score(PROPERTY, "estate", people(11), example(satisfaction=Value(4, 4, 1.0))))[1]
    assert (one.score, one.missing, one.ranked, one.place) == (88.13, 25, True, 1)


def test_below_the_smallest_sample_somebody_is_listed_and_not_ranked_but_a_veto_counts() -> None:
    few = example(on_time=Value(29, 29, 1.0))
    one = by_id(score(PROPERTY, "estate", people(11), few))[1]
    assert (one.n, one.flags, one.place, one.lists) == (29, ("small",), None, ())
    assert by_id(score(PROPERTY, "estate", people(11), few, {1: ["accident"]}))[1].lists == ("black",)


def test_red_is_the_best_tenth_from_85_and_black_the_worst_tenth_below_60() -> None:
    """Twenty communities: two a side. 84 is in the best tenth and not red; a veto keeps the best off the red list and puts it on black."""
    red = '[[lists]]\nid = "red"\nname = { zh = "红", en = "Red" }\ntone = "good"\nside = "top"\none_in = 10\nat_least = 85\n'
    black = '[[lists]]\nid = "black"\nname = { zh = "黑", en = "Black" }\ntone = "late"\nside = "bottom"\none_in = 10\nbelow = 60\n'
    own = card(ONE + red + black + 'vetoes = true\n[[vetoes]]\nid = "fire"\nname = { zh = "火", en = "Fire" }\n')
    values = marks({1: 90, 2: 84, 19: 60, 20: 59, **dict.fromkeys(range(3, 19), 70.0)})
    found = by_id(score(own, "community", people(20), values))
    assert {one: item.lists for one, item in found.items() if item.lists} == {1: ("red",), 20: ("black",)}
    assert [found[i].place for i in (1, 2, 3, 18, 19, 20)] == [1, 2, 3, 3, 19, 20]
    vetoed = by_id(score(own, "community", people(20), values, {1: ["fire"]}))
    assert (vetoed[1].lists, vetoed[1].vetoes, vetoed[1].flags) == (("black",), ("fire",), ("vetoed",))
    assert vetoed[2].lists == ()  # nobody moves up


def test_a_tenth_needs_ten_peers_and_is_rounded_down_in_each_peer_group() -> None:
    rule = '[[lists]]\nid = "best"\nname = { zh = "优", en = "Best" }\ntone = "good"\nside = "top"\none_in = 10\n'
    own = card(ONE + rule)

    def best(n: int) -> int:
        found = score(own, "community", people(n), marks({i: 100.0 - i for i in range(1, n + 1)}))
        return sum("best" in one.lists for one in found)

    assert [best(n) for n in (9, 10, 19, 20, 39)] == [0, 1, 1, 2, 3]
    two = [*people(10, "a"), *[Subject(i + 100, f"b{i}", f"b {i}", "b") for i in range(9)]]
    scored = score(own, "community", two, marks({one.subject_id: float(100 - i) for i, one in enumerate(two)}))
    assert [one.subject.code for one in scored if one.lists] == ["a001"]


def test_a_tie_across_the_cut_admits_none_of_the_tied() -> None:
    assert cut({1: 9.0, 2: 8.0, 3: 8.0, 4: 7.0}, 2, top=True) == {1}
    assert cut({1: 9.0, 2: 8.0, 3: 8.0, 4: 7.0}, 3, top=True) == {1, 2, 3}
    assert cut({1: 9.0, 2: 9.0, 3: 8.0}, 1, top=True) == set()
    assert cut({1: 9.0, 2: 8.0, 3: 8.0, 4: 7.0}, 2, top=False) == {4}


def test_percentiles_count_ties_half_and_say_nothing_of_one_alone() -> None:
    assert percentiles({1: 5.0, 2: 5.0, 3: 7.0}) == {1: 0.25, 2: 0.25, 3: 1.0}
    assert percentiles({1: 5.0}) == {}
    assert percentiles({i: float(i) for i in range(5)}) == {0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0}


@pytest.mark.parametrize(
    ("value", "digits", "shown"), [(0.125, 2, 0.13), (84.95, 1, 85.0), (84.949, 1, 84.9), (2.5, 0, 3)]
)
def test_scores_are_rounded_half_up_before_anybody_is_compared(value: float, digits: int, shown: float) -> None:
    assert rounded(value, digits) == shown


def test_binary_noise_does_not_break_a_tie() -> None:
    assert rounded(0.1 + 0.2, 1) == rounded(0.3, 1)
    assert rounded(84.99499999999999999, 2) == rounded(84.995, 2) == 85.0


def test_marked_progress_stands_beside_the_best_tenth() -> None:
    rule = '[[lists]]\nid = "praise"\nname = { zh = "表彰", en = "Praise" }\ntone = "good"\nside = "top"\none_in = 10\nprogress = 8\n'
    values = marks({i: 100.0 - i for i in range(1, 11)})
    past = Past(before={9: 83.0, 10: 82.1, 1: 99.0})
    found = by_id(score(card(ONE + rule), "community", people(10), values, past=past))
    assert {one for one, item in found.items() if item.lists} == {1, 9}  # 91 − 83 = 8; 90 − 82.1 = 7.9


def test_two_years_in_a_row_ask_for_the_worst_tenth_of_both_years_means() -> None:
    rule = '[[lists]]\nid = "change"\nname = { zh = "调整", en = "Change" }\ntone = "late"\nside = "bottom"\none_in = 10\nyears = 2\n'
    own = card(ONE + rule)
    values = marks({i: 100.0 - i for i in range(1, 21)})
    this = {i: 100.0 - i for i in range(1, 21)}
    last = {**this, 19: 99.0}

    def listed(*years: dict[int, float]) -> list[int]:
        found = score(own, "community", people(20), values, past=Past(years=years))
        return [one.subject.subject_id for one in found if one.lists]

    assert listed(this, last) == [20]  # 18 was among the last two only last year, 19 only this year
    assert listed(this) == []  # nobody knows the year before


def test_a_band_is_reached_by_its_score_or_by_its_test_and_states_its_reason() -> None:
    text = """
[[parts]]
id = "overdue"
name = { zh = "超期", en = "Overdue" }
weight = 0
figure = "overdue_open"
[[parts]]
id = "growth"
name = { zh = "增长", en = "Growth" }
weight = 0
figure = "reported"
against = "previous"
[[bands]]
id = "red"
name = { zh = "红", en = "Red" }
when.any = [
    { figure = "overdue_open", operator = ">=", value = 10 },
    { figure = "reported", against = "previous", operator = ">=", value = 1.5 },
]
[[bands]]
id = "green"
name = { zh = "绿", en = "Green" }
"""
    values: dict[str, Any] = {
        "overdue": {1: Value(10, None, 10.0), 2: Value(9, None, 9.0)},
        "growth": {1: Value(30, 20, 1.5), 2: Value(29, 20, 1.45)},
    }
    found = by_id(score(card(text), "community", people(3), values))
    assert (found[1].band, found[1].reasons) == (
        "red",
        ("overdue_open >= 10 = 10", "reported against previous >= 1.5 = 1.5"),
    )
    assert (found[2].band, found[2].reasons, found[2].score, found[2].flags) == ("green", (), None, ())
    assert found[3].band == "green"  # nothing is known of it, so no test holds


def test_stars_go_by_score_and_nobody_without_a_score_gets_one() -> None:
    bands = "".join(
        f'[[bands]]\nid = "{name}"\nname = {{ zh = "星", en = "Star" }}\n{least}'
        for name, least in (("five", "least = 90\n"), ("four", "least = 80\n"), ("rest", ""))
    )
    found = by_id(score(card(ONE + bands), "community", people(5), marks({1: 90, 2: 89.9, 3: 80, 4: 79.9})))
    assert [found[i].band for i in range(1, 6)] == ["five", "four", "four", "rest", None]
