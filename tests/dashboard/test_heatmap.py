"""The heatmap over the small town: its choice, its maps against something, its small ones, its hexagons, spots, topics and sheets."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard.heatmap import density, hotspots, monthly, screen, sheet
from dashboard.heatmap.choice import Choice, of_search
from dashboard.heatmap.drawn import around_zero, fixed, range_words
from dashboard.heatmap.stage import options
from dashboard.heatmap.words import words
from dashboard.languages import use
from dashboard.printed_map import printed_map
from data.acting import _current, act_as
from data.actors import PROGRAM, Actor, Grant
from data.errors import NotFound, QuestionError
from data.hexagons import Hexagons
from data.progress import Quiet
from data.store import Store
from layers.classes import Classes
from layers.codec import NO_DATA, OUTSIDE, TOO_FEW

MARCH = "level=grid&period=custom&range=2024-03-01&range=2024-03-31&as_of=2024-03-31"
MIDDLE = MARCH.replace("03-01", "03-06").replace("range=2024-03-31", "range=2024-03-10")  # the sixth to the tenth


def shown(store: Store, more: str = "", maps: int = 1, days: str = MARCH) -> list[dict[str, Any]]:
    found = screen.heat_shown(store, f"{days}&{more}")["maps"]
    assert len(found) == maps
    return list(found)


def numbers(told: dict[str, Any]) -> list[float]:
    return np.round(np.frombuffer(b64decode(told["numbers"]), "<f4").astype(float), 4).tolist()


def classes(told: dict[str, Any]) -> list[int]:
    return list(b64decode(told["values"]))


def test_an_address_holds_the_choice() -> None:
    found = of_search(
        "?lens=spots&view=swipe&against=target&target=92.5&within=C1&method=fixed&breaks=80,95,90&other=reported&when=year&track=economy"
    )
    assert (found.lens, found.view, found.against, found.target, found.within) == (
        "spots",
        "swipe",
        "target",
        92.5,
        "C1",
    )
    assert (found.method, found.breaks, found.other, found.when) == ("fixed", (80, 90, 95), "reported", "year")
    assert found.base.filters == (("track", ("economy",)),)
    assert of_search("") == Choice()


@pytest.mark.parametrize(
    "wrong",
    [
        "lens=x",
        "view=x",
        "against=x",
        "target=x",
        "hexagon=123",
        "target=1e10",
        "breaks=1,x",
        "breaks=1,2,3,4,5,6,7,8,9",
        "when=x",
        "method=x",
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(wrong: str) -> None:
    with pytest.raises(QuestionError):
        of_search(wrong)


@pytest.mark.parametrize("wrong", ["level=estate", "figure=visit_coverage", "level=district"])
def test_what_the_page_does_not_show_is_refused(town_store: Store, wrong: str) -> None:
    with pytest.raises(QuestionError):
        screen.read(town_store, wrong)
    with pytest.raises(NotFound):
        screen.read(town_store, "level=grid&within=nowhere")


def test_the_map_shows_the_value_with_n_in_the_legend(town_store: Store) -> None:
    told = shown(town_store, "figure=on_time_rate")[0]
    # G1: 8 of 10 on time; G2: 5 of 10; G3 and G4 have nothing that was due.
    assert numbers(told)[:2] == [0.8, 0.5]
    assert classes(told)[2:] == [NO_DATA, NO_DATA]
    assert [(line["n"], line["hatch"]) for line in told["legend"]] == [(1, ""), (1, ""), (2, "none")]
    assert told["about"][1] == "n = 20"


def test_below_the_minimum_a_place_is_hatched(town_store: Store) -> None:
    told = shown(
        town_store,
        "figure=on_time_rate",
        days=MARCH.replace("03-01", "03-11").replace("range=2024-03-31", "range=2024-03-13"),
    )[0]
    assert TOO_FEW in classes(told)
    assert any(line["hatch"] == "few" for line in told["legend"])


def test_against_a_target_the_difference_turns_around_zero(town_store: Store) -> None:
    told = shown(town_store, "figure=on_time_rate&against=target&target=60")[0]
    assert numbers(told)[:2] == pytest.approx([0.2, -0.1])
    assert [line["text"] for line in told["legend"][:2]] == ["0.0 – +20.0", "−10.0 – 0.0"]
    assert (told["figure"]["signed"], told["figure"]["word"], told["note"]) == (
        True,
        "百分点",
        "目标 ≥ 60.0 %（页面上填写）",
    )
    with pytest.raises(QuestionError, match="没有设目标"):
        shown(town_store, "figure=reported&against=target")


@pytest.mark.parametrize(
    ("figure", "note"),
    [
        ("on_time_rate", "目标 ≥ 95.0 %（本区设定）"),
        ("rework_rate", "目标 ≤ 5.0 %（本区设定）"),
        ("resolution_rate", "目标 ≥ 85.0 %（本区设定）"),
        ("three_rate_score", "目标 ≥ 88.0 分（本区设定）"),
    ],
)
def test_a_figure_is_held_against_its_own_target(town_store: Store, figure: str, note: str) -> None:
    assert shown(town_store, f"figure={figure}&against=target")[0]["note"] == note


def test_the_page_says_which_figures_have_a_target(town_store: Store) -> None:
    assert dict(options(town_store)["targets"]) == {
        "on_time_rate": "95", "resolution_rate": "85", "satisfaction_rate": "90", "rework_rate": "5", "repeat_rate": "20",
        "on_time_handling_rate": "95", "due_completion_rate": "98", "response_rate": "95", "three_rate_score": "88", "extension_rate": "5",
    }  # fmt: skip


def test_fixed_classes_step_up_to_the_target(town_store: Store) -> None:
    told = shown(town_store, "figure=on_time_rate&method=fixed")[0]
    assert "95.0" in " ".join(line["text"] for line in told["legend"])
    assert shown(town_store, "figure=reported&method=fixed")[0]["note"] == "这个指标没有设目标，按分位数分级"


def test_against_the_peers_a_place_differs_from_their_pooled_value(town_store: Store) -> None:
    told = shown(town_store, "figure=on_time_rate&against=peers")[0]
    assert numbers(told)[:2] == pytest.approx([0.15, -0.15])  # 13 of 20 together


def test_before_anything_was_counted_there_is_no_data_and_not_zero(town_store: Store) -> None:
    for against in ("before", "year"):
        told = shown(town_store, f"figure=reported&against={against}")[0]
        assert classes(told) == [NO_DATA] * 4


def test_against_the_period_before_counts_differ(town_store: Store) -> None:
    told = shown(town_store, "figure=reported&against=before", days=MIDDLE)[0]
    assert numbers(told) == [0.0, 0.0, -3.0, 0.0]  # five and five, five and five; three of G3 in the first days
    assert classes(told)[2:] == [TOO_FEW, TOO_FEW]


def test_within_a_place_the_others_are_not_coloured_and_the_crumbs_lead_back(town_store: Store) -> None:
    found = screen.heat_shown(town_store, f"{MARCH}&figure=reported&within=C1")
    assert classes(found["maps"][0])[2:] == [OUTSIDE, OUTSIDE]
    assert [one[0] for one in found["crumbs"]] == ["990101", "S1", "C1"]
    assert (found["below"], screen.heat_shown(town_store, MARCH.replace("grid", "community"))["below"]) == ("", "grid")
    west, south, east, _north = found["maps"][0]["bounds"]
    assert (west, east) == pytest.approx((118.30, 118.32))
    assert south == pytest.approx(35.01)


def test_two_maps_of_one_figure_share_their_classes(town_store: Store) -> None:
    first, second = shown(town_store, "figure=reported&view=beside&when=before", maps=2, days=MIDDLE)
    assert [line["text"] for line in first["legend"]] == [line["text"] for line in second["legend"]]
    other = shown(town_store, "figure=reported&view=swipe&other=on_time_rate&when=same", maps=2)[1]
    assert other["figure"]["id"] == "on_time_rate"


def test_small_multiples_share_one_legend_and_each_leads_to_its_own_map(town_store: Store) -> None:
    found = screen.heat_shown(town_store, f"{MARCH}&figure=reported&view=months")
    assert [one["name"] for one in found["cells"]][-2:] == ["2024-02", "2024-03"]
    assert [one["n"] for one in found["cells"]] == [0] * 11 + [23]
    assert found["cells"][-1]["query"] == {"view": "", "period": "custom", "range": ["2024-03-01", "2024-03-31"]}
    assert sum(line["n"] for line in found["maps"][0]["legend"]) == 48
    tracks = screen.heat_shown(town_store, f"{MARCH}&figure=reported&view=tracks&track=livelihood")
    assert [(one["query"]["track"], one["n"]) for one in tracks["cells"]] == [("livelihood", 23)]


@pytest.fixture
def lattice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hexagons in the town (its cases have degrees and no metres)."""
    q, r, n = np.array([2363, 2364]), np.array([22388, 22388]), np.array([5, 18])
    monkeypatch.setattr(
        density, "hexagons", lambda store, wanted, width: Hexagons(width, q * 200 // width, r * 200 // width, n)
    )


@pytest.mark.usefixtures("lattice")
def test_hexagons_of_the_window_have_the_classes_of_all(town_store: Store) -> None:
    found = density.in_view(town_store, f"{MARCH}&track=livelihood", "60,-80,179,80", "14")
    assert (found["n"], found["width"]) == (23, 400)
    assert np.frombuffer(b64decode(found["counts"]), "<u4").tolist() == [5, 18]
    assert len(b64decode(found["corners"])) == 6 * 2 * 8 * 2
    beside = density.in_view(town_store, f"{MARCH}&track=livelihood", "0,0,1,1", "14")
    assert (beside["counts"], len(beside["legend"])) == ("", len(found["legend"]))


def test_spots_take_part_only_where_there_is_a_value(town_store: Store) -> None:
    told = shown(town_store, "figure=on_time_rate&lens=spots")[0]
    assert classes(told) == [2, 2, NO_DATA, NO_DATA]
    assert told["words"] == ["冷点，q ≤ 0.01", "冷点，q ≤ 0.05", "不显著", "热点，q ≤ 0.05", "热点，q ≤ 0.01"]
    inner = shown(town_store, "figure=reported&lens=spots&within=C1")[0]
    whole = shown(town_store, "figure=reported&lens=spots")[0]
    assert numbers(inner)[:2] == numbers(whole)[:2]  # tested among all, shown alone
    assert classes(inner)[2:] == [OUTSIDE, OUTSIDE]
    told = shown(town_store, "lens=emerging")[0]
    assert len(told["words"]) == len(hotspots.COURSE_ORDER)
    assert told["subtitle"].startswith("2024-01-08 – 2024-03-31")


def test_fixed_classes_are_those_somebody_said() -> None:
    values = np.array([0.5, 0.82, 0.91, 0.99, np.nan])
    found = fixed(values, (0.8, 0.9, 0.95))
    assert found.breaks == (0.5, 0.8, 0.9, 0.95, 0.99)
    assert found.of(values).tolist() == [0, 1, 2, 3, -1]
    differs = fixed(np.array([-0.2, 0.3]), (-0.1, 0.1), 0.0)
    assert (differs.breaks, differs.below) == ((-0.2, -0.1, 0.0, 0.1, 0.3), 2)


@pytest.mark.parametrize(("values", "below"), [([1.0, 2, 3], 0), ([-1.0, -2, -3], -1), ([-4.0, -1, 2, 6], 2)])
def test_no_class_holds_both_more_and_less(values: list[float], below: int) -> None:
    found = around_zero(np.array(values), 4, "quantile", 0)
    assert found.below == (found.n if below < 0 else below)
    assert around_zero(np.array([np.nan]), 4, "quantile", 0).n == 0


def test_differences_are_said_with_their_sign() -> None:
    assert range_words(Classes((-0.05, 0.0, 0.1), 1), "share", signed=True) == ["−5.0 – 0.0", "0.0 – +10.0"]


def test_topics_are_told_with_what_they_are_made_of(town_store: Store) -> None:
    token = act_as(PROGRAM)
    found = monthly.ranked(town_store, MARCH)
    assert [(row["name"], row["parts"]["volume"]["n"], row["score"]) for row in found["rows"]] == [
        ("占道经营", 21, None),
        ("=路灯", 3, None),
    ]
    told = monthly.topic(town_store, MARCH, "占道经营")
    assert [(one["code"], one["n"]) for one in told["places"]] == [("G1", 9), ("G2", 9), ("G3", 2)]
    assert [(one["name"], one["n"]) for one in told["units"]] == [("城管中队", 18)]
    with pytest.raises(QuestionError):
        monthly.topic(town_store, MARCH, "没有的")
    _current.reset(token)


def test_a_listing_is_offered_only_to_those_who_may_open_one(town_store: Store) -> None:
    for role, offered in (("leader", True), ("planner", False)):
        token = act_as(Actor("person", role, role, (Grant(role),)))
        try:
            form = monthly.topic(town_store, MARCH, "占道经营")["form"]
        finally:
            _current.reset(token)
        assert (form is not None) is offered


def test_the_sheet_says_what_the_screen_says(town_store: Store) -> None:
    made = sheet.printed_of(town_store, f"{MARCH}&figure=on_time_rate&against=target&target=60&within=C1").sheet
    assert made.title == "青松社区 网格 按期办结率 · 对目标"
    assert [line.text for line in made.legend] == ["0.0 – +20.0", "−10.0 – 0.0"]
    assert made.found.tolist()[2:] == [OUTSIDE, OUTSIDE]
    assert any(line.startswith("n = ") for line in made.foot)


def test_two_maps_and_many_small_ones_go_onto_one_page(town_store: Store) -> None:
    both = sheet.printed_of(town_store, f"{MIDDLE}&figure=reported&view=swipe&when=before")
    assert both.second is not None
    assert [one.subtitle for one in (both.sheet, both.second)] == ["2024-03-06 – 2024-03-10", "2024-03-01 – 2024-03-05"]
    small = sheet.printed_of(town_store, f"{MARCH}&figure=reported&view=months")
    assert [(cell.name, cell.n) for cell in small.cells][-2:] == [("2024-02", "n = 0"), ("2024-03", "n = 23")]
    for paper in (both, small):
        made = next(printed_map(form="pdf", made=town_store.now(), progress=Quiet(), **vars(paper)))
        assert made.startswith(b"%PDF")
        assert made.count(b"/Type /Page\n") == 1


@pytest.mark.usefixtures("lattice")
def test_the_sheet_of_hexagons_counts_them_in_its_legend(town_store: Store) -> None:
    made = sheet.printed_of(town_store, f"{MARCH}&lens=hexagons&track=livelihood&channel=12345").sheet
    assert [line.n for line in made.legend] == ["1", "1"]
    assert len(made.shapes) == len(made.found) == 2
    assert made.legend_note == "宽 400 米"
    wide = sheet.printed_of(
        town_store, f"{MARCH}&lens=hexagons&track=livelihood&channel=12345&hexagon=1600&within=C1"
    ).sheet
    assert wide.legend_note == "宽 1600 米"
    assert wide.bounds is not None


def test_the_page_answers_by_its_addresses(client: TestClient) -> None:
    assert client.get(f"/heatmap/shown?{MARCH}").json()["maps"][0]["level"] == "grid"
    assert client.get(f"/heatmap/hexagons?{MARCH}&box=118,34,119,36&zoom=12").json()["n"] == 0
    assert client.get(f"/heatmap/topics?{MARCH}").json()["rows"][0]["name"] == "占道经营"
    assert client.get("/heatmap/shown?lens=x").status_code == 422
    for form, begins in (("png", b"\x89PNG"), ("pdf", b"%PDF")):
        made = client.get(f"/export/map.{form}?heatmap=1&{MARCH}")
        assert made.content.startswith(begins)


@pytest.mark.parametrize(
    "odd",
    [
        "shown?level=street&within=G1",
        "shown?level=street&within=G1&lens=spots&figure=reported",
        "shown?level=grid&within=G1&lens=emerging",
        "shown?level=street&within=G1&view=beside",
        "shown?method=fixed&breaks=-5,1000",
        "shown?view=swipe&other=visit_coverage",
        "hexagons?box=-inf,-inf,inf,inf&zoom=3",
        "shown?level=street&within=G1&view=months",
        "shown?period=custom&range=1000-01-01&range=1000-01-02&lens=emerging",
    ],
)
def test_odd_questions_are_answered_or_refused_in_words(client: TestClient, odd: str) -> None:
    answer = client.get(f"/heatmap/{odd}")
    assert answer.status_code in (200, 422)


def test_the_words_are_there_in_both_languages(town_store: Store) -> None:
    assert [one[0] for one in options(town_store)["level"]] == ["street", "community", "grid"]
    chinese = words()
    use("en")
    english = words()
    assert {name for name, text in chinese.items() if english[name] == text} <= {"n", "breaks_hint"}
