"""Figures of a drawn area, on points placed by hand: what is inside, what is not, and what an outline may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely

from data.areas import Area, area_of, decoded, encoded, homes
from data.errors import QuestionError
from data.figures import CATALOGUE, Filter, Question, figures
from data.listings import cases_of
from data.periods import Period
from data.quality import Quality
from data.store import Store
from data.trends import trend
from tests.data.builder import ask, by_place, local, one, put, take

WEST, SOUTH = 118.30, 35.00
# A U, open to the north: its arms are 0.01° wide, the bay between them 0.01°.
U = (
    "POLYGON((118.30 35.00, 118.33 35.00, 118.33 35.02, 118.32 35.02, 118.32 35.01, 118.31 35.01, 118.31 35.02, "
    "118.30 35.02, 118.30 35.00))"
)
# A bow tie: two triangles that meet in (118.31, 35.01).
BOW = "POLYGON((118.30 35.00, 118.32 35.02, 118.32 35.00, 118.30 35.02, 118.30 35.00))"
ALL = "POLYGON((118.29 34.99, 118.34 34.99, 118.34 35.03, 118.29 35.03, 118.29 34.99))"
POINTS = {
    "left": (118.3045, 35.015),
    "right": (118.325, 35.015),
    "bay": (118.314, 35.015),
    "corner": (118.30, 35.00),
    "edge": (118.315, 35.00),
    "outside": (118.335, 35.015),
    "below": (118.31, 35.004),
}


def square(column: int, line: int) -> bytes:
    west, south = WEST + column * 0.01, SOUTH + line * 0.01
    made: bytes = shapely.box(west, south, west + 0.01, south + 0.01).wkb
    return made


@pytest.fixture
def district(store: Store) -> Store:
    """Two grids of 0.03° × 0.01°, the southern one above the northern one; micro-grids of 40, 50 and 60 households below."""
    rows = {"G1": [square(column, 0) for column in range(3)], "G2": [square(column, 1) for column in range(3)]}
    shapes = {code: shapely.union_all(shapely.from_wkb(cells)).wkb for code, cells in rows.items()}
    put(store, "street", [{"code": "S1", "name": "一街"}, {"code": "S2", "name": "二街"}])
    communities = (("C1", "S1"), ("C2", "S1"), ("C3", "S2"))
    put(store, "community", [{"code": c, "name": c, "parent_code": s} for c, s in communities])
    put(
        store,
        "grid",
        [{"code": g, "name": g, "parent_code": "C1", "households": 900, "geometry": shapes[g]} for g in shapes],
    )
    put(
        store,
        "micro_grid",
        [
            {"code": f"M{i}", "name": f"M{i}", "parent_code": "G1", "households": 40 + 10 * i, "geometry": square(i, 0)}
            for i in range(3)
        ],
    )
    take(store, *(case(name, *point) for name, point in POINTS.items()), {**case("nowhere"), "at": ""})
    return store


def case(name: str, lon: float | None = None, lat: float | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "reported": "03-05 10:00", "due": "03-08", "lon": lon, "lat": lat, **more}


def within(store: Store, text: str) -> list[str]:
    """The cases behind the number, which must be as many as the number says."""
    question = Question(
        "district", local("03-01"), local("04-01"), as_of=local("2025-01-01"), filters=(Filter("area", (text,)),)
    )
    listed = cases_of(store, question, "reported", limit=None)
    counted = figures(store, question)[0]
    assert counted.n == counted.figures["reported"].value == listed.total == len(listed.rows)
    return sorted(listed.rows.column("external_id").to_pylist())


def test_a_concave_area_holds_what_lies_in_its_arms_and_not_what_lies_in_its_bay(district: Store) -> None:
    assert within(district, U) == ["below", "corner", "edge", "left", "right"]


def test_a_line_that_crosses_itself_holds_all_it_goes_around(district: Store) -> None:
    # The triangles west and east of the crossing; "bay" stands above it, "below" under it.
    assert within(district, BOW) == ["corner", "left"]
    assert area_of((BOW,)).crossed
    assert not area_of((U,)).crossed


def test_an_area_passed_over_twice_is_counted_once(district: Store) -> None:
    once = "118.30 35.00, 118.31 35.00, 118.31 35.02, 118.30 35.02, "
    twice = f"POLYGON(({once}{once}118.30 35.00))"
    assert within(district, twice) == ["below", "corner", "left"]


def test_a_default_point_lies_in_no_area(district: Store) -> None:
    take(district, case("default", *POINTS["left"], flags=int(Quality.DEFAULT_POINT)))
    assert "default" not in within(district, U)


def test_two_outlines_are_one_area(district: Store) -> None:
    west = "POLYGON((118.30 35.01, 118.31 35.01, 118.31 35.02, 118.30 35.02, 118.30 35.01))"
    east = "POLYGON((118.32 35.01, 118.33 35.01, 118.33 35.02, 118.32 35.02, 118.32 35.01))"
    assert one(district, "reported", filters={"area": [west, east]}).value == 2


def test_an_area_over_the_district_counts_all_that_have_a_point(district: Store) -> None:
    whole, drawn = ask(district)[0], ask(district, filters={"area": [ALL]})[0]
    assert (whole.n, drawn.n) == (8, 7)
    assert drawn.figures["overdue_open"].value == 7
    assert set(drawn.figures) == set(CATALOGUE)


def test_an_area_can_be_asked_at_any_level(district: Store) -> None:
    assert {
        place: figure.value for place, figure in by_place(district, "grid", "reported", filters={"area": [U]}).items()
    } == {
        "G1": 5,
        "G2": 0,
    }


def test_households_are_those_of_the_micro_grids_by_the_share_inside(district: Store) -> None:
    # All of M0 (40), half of M1 (50); what the area covers beyond them has no micro-grids.
    text = "POLYGON((118.30 35.00, 118.315 35.00, 118.315 35.02, 118.30 35.02, 118.30 35.00))"
    atlas = district.rows("SELECT atlas_id FROM atlas WHERE current ORDER BY atlas_id DESC")[0]["atlas_id"]
    found = homes(district, area_of((text,)), atlas)
    assert (found.level, found.places) == ("micro_grid", 2)
    assert found.n == pytest.approx(65.0, abs=0.01)
    rate = one(district, "demand_per_100", filters={"area": [text]})
    assert rate.denominator == pytest.approx(65.0, abs=0.01)
    assert rate.numerator == 5  # left, corner, below, bay and, on its corner, edge


def test_the_letters_of_an_address_hold_an_outline() -> None:
    points = [(118.30001, 35.0), (118.31, -35.01), (-118.32, 35.02), (0.0, 0.0)]
    assert np.array(decoded(encoded(points))) == pytest.approx(np.array(points))


def test_the_letters_are_those_of_a_polyline_in_another_alphabet() -> None:
    # Google's own example: _p~iF~ps|U_ulLnnqC_mqNvxq`@
    theirs = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
    ours = encoded([(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)])
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert "".join(chr(63 + alphabet.index(letter)) for letter in ours) == theirs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "_",
        "~~~~",
        "________________",
        encoded([(118.3, 35.0), (118.31, 35.0)]),
        encoded([(118.3, 35.0), (118.31, 35.0), (118.32, 35.0)]),
        encoded([(118.3, 35.0), (198.31, 35.0), (118.32, 35.1)]),
        encoded([(118.3 + np.cos(t), 35 + np.sin(t)) for t in np.linspace(0, 6, 501)]),
        "POINT(118.3 35)",
        "POLYGON((118.3 35",
        "POLYGON EMPTY()",
        "POLYGON((35 118, 35 119, 36 119, 35 118))",
        "POLYGON((nan 35, 118 35, 118 36, nan 35))",
        "A" * 30_000,
    ],
)
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(QuestionError):
        area_of((text,))


def test_one_question_has_one_area(district: Store) -> None:
    question = Question(
        "district", local("03-01"), local("04-01"), filters=(Filter("area", (U,)), Filter("area", (BOW,)))
    )
    with pytest.raises(QuestionError):
        figures(district, question)


def test_the_size_is_measured_in_the_metric_projection(district: Store) -> None:
    # 0.01° × 0.01° at 35° north: 912.8 m × 1109.5 m on the ellipsoid.
    size = area_of(("POLYGON((118.30 35.00, 118.31 35.00, 118.31 35.01, 118.30 35.01, 118.30 35.00))",))
    assert isinstance(size, Area)
    assert size.square_metres("EPSG:4548") == pytest.approx(912.8 * 1109.5, rel=0.002)


def test_a_trend_of_an_area_is_its_figures_day_by_day(district: Store) -> None:
    days = tuple(Period(local(f"03-{day:02d}"), local(f"03-{day + 1:02d}")) for day in range(1, 10))
    asked = Question(
        "district", days[0].start, days[-1].end, as_of=local("2025-01-01"), filters=(Filter("area", (U,)),)
    )
    reported = [0, 0, 0, 0, 5, 0, 0, 0, 0]  # all on 5 March
    assert [point.value for point in trend(district, asked, "reported", days)] == reported
    assert [point.value for point in trend(district, asked, "open", days)] == [0, 0, 0, 0, 5, 5, 5, 5, 5]
    rate = trend(district, asked, "demand_per_100", days)[4]
    assert (
        rate.denominator
        == one(district, "demand_per_100", filters={"area": [U]}).denominator
        == pytest.approx(150, abs=0.02)
    )


def test_a_line_that_crosses_itself_without_end_is_refused_before_it_is_untangled() -> None:
    def star(corners: int) -> str:
        turns = [2 * math.pi * i * (corners // 2) / corners for i in range(corners)]
        return encoded([(120 + 0.05 * math.cos(turn), 30 + 0.05 * math.sin(turn)) for turn in turns])

    assert area_of((star(31),)).crossed  # 434 crossings
    with pytest.raises(QuestionError, match="crosses itself more than 500 times"):
        area_of((star(499),))
