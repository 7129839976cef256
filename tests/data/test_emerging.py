"""Emerging spots over a lattice of a hundred estates: which weeks count, which cases, and what is told of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import isnan

import numpy as np
import pytest
import shapely

from data.emerging import courses, emerging, tells, weeks_before
from data.errors import QuestionError
from data.settings import Settings
from data.spots import COURSES
from data.store import Store
from tests.data.builder import draw, local, move, put, take

AT = local("07-01 09:30")
CORNER = [f"E{row}{column}" for row in range(3) for column in range(3)]


def case(name: str, estate: str, reported: str, category: str = "垃圾") -> dict[str, object]:
    """One report of an estate in C1."""
    return {"id": name, "at": "C1", "estate": estate, "reported": reported, "category_name": category}


def estates() -> list[dict[str, object]]:
    """E00 to E99 as squares with a hundred households each, but E00 with 4,000 and E50, which has none."""
    return [
        {"code": f"E{row}{column}", "name": f"小区{row}{column}", "parent_code": "C1",
         "households": {(0, 0): 4000, (5, 0): None}.get((row, column), 100),
         "geometry": shapely.box(114 + column / 100, 30 + row / 100, 114.01 + column / 100, 30.01 + row / 100).wkb}
        for row in range(10) for column in range(10)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def lattice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Estates E00 to E99 as squares; in June's last week four reports in each of a corner's nine, all but one of 垃圾; one report
    each in E99 just before the first week, in it, and after the last."""
    home = tmp_path_factory.mktemp("emerging") / "var"
    settings = Settings(home=home, memory_share=0.1, threads=2)
    with Store.create(
        home, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547", settings=settings
    ) as store:
        draw(store)
        put(store, "estate", estates())
        made = [case(f"{estate}-{i}", estate, f"06-2{5 + i} 10:00") for estate in CORNER for i in range(4)]
        made[0]["category_name"] = "噪声"
        made += [
            case("early", "E99", "04-07 23:59"),
            case("first", "E99", "04-08 00:00"),
            case("late", "E99", "07-01 00:00"),
        ]
        take(store, *made)
        move(store, "E22-3", "voided", "06-29 12:00", by_role="leader")
        yield store


def test_the_weeks_are_twelve_whole_ones_up_to_the_last_midnight(lattice: Store) -> None:
    period = weeks_before(lattice, AT)
    assert (period.start, period.end) == (local("04-08"), local("07-01"))
    assert period.end - period.start == timedelta(weeks=12)
    found = courses(lattice, "estate", None, AT)
    counts = dict(zip(found.units.codes, found.counts.tolist(), strict=True))
    assert counts["E99"] == [1.0] + [0.0] * 11
    assert counts["E11"] == [0.0] * 11 + [4.0]


def test_a_new_spot_is_told_with_its_place_and_weeks(lattice: Store) -> None:
    found = emerging(lattice, "estate", None, AT)
    assert {spot.kind for spot in found} == {"new"}
    assert found[0].place == "E11"
    assert found[0].name == "小区11"
    assert found[0].weeks == 1
    assert found[0].counts == (0,) * 11 + (4,)
    assert [spot.z for spot in found] == sorted((spot.z for spot in found), reverse=True)
    assert found[0].p < 1e-6
    assert set(CORNER) <= {spot.place for spot in found}


def test_what_is_voided_does_not_count(lattice: Store) -> None:
    found = {spot.place: spot.counts[-1] for spot in emerging(lattice, "estate", None, AT)}
    assert (found["E22"], found["E21"]) == (3, 4)


def test_a_category_counts_alone(lattice: Store) -> None:
    found = courses(lattice, "estate", "噪声", AT)
    assert found.counts.sum() == 1.0
    with pytest.raises(QuestionError):
        courses(lattice, "estate", "没有的", AT)


def test_places_without_shapes_have_no_neighbours_and_still_an_answer(lattice: Store) -> None:
    assert emerging(lattice, "community", None, AT) == []


def test_reports_are_held_against_households_where_they_are_known(lattice: Store) -> None:
    """E50 has none and takes no part; it is never shown as a spot."""
    found = courses(lattice, "estate", None, AT)
    assert found.by_households
    z = dict(zip(found.units.codes, found.z[:, -1].tolist(), strict=True))
    assert isnan(z["E50"])
    assert not isnan(z["E11"])
    assert COURSES[int(found.course.kind[list(found.units.codes).index("E50")])] == "none"


def test_without_households_the_counts_are_tested() -> None:
    assert tells(np.array([100.0, np.nan]))
    assert not tells(np.array([100.0, np.nan, 0.0]))
    assert not tells(np.array([]))
