"""Repeat points as cases come and go here: after every step what a rebuild gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from data.figures import Question, figures
from data.quality import Quality
from data.repeats import rebuild
from data.store import Store
from tests.data.test_engine import MONDAY, Desk

EAST, NORTH = 500_000.0, 3_000_000.0


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def opened(desk: Desk, x: float, day: float, y: float = 0.0, **says: Any) -> int:
    at = MONDAY - timedelta(days=day)
    spot = {"lon": 114.3, "lat": 30.5, "x": EAST + x, "y": NORTH + y}
    return desk.open(**spot, occurred_at=at, **says).case_id


def points(store: Store) -> list[tuple[int, Any]]:
    rows = store.rows("SELECT case_id, since FROM repeat_point ORDER BY case_id")
    return [(row["case_id"], row["since"]) for row in rows]


def agrees(store: Store) -> bool:
    """Whether what is kept is what a rebuild makes."""
    kept = points(store)
    rebuild(store)
    return kept == points(store)


def test_the_third_case_opened_within_50_m_and_90_days_makes_a_repeat_point(desk: Desk) -> None:
    first, second = opened(desk, 0, 80), opened(desk, 49, 40)
    assert points(desk.store) == []
    third = opened(desk, 20, 0)
    assert points(desk.store) == [(first, MONDAY), (second, MONDAY), (third, MONDAY)]
    far = opened(desk, 51, 0, y=60)
    elsewhere = opened(desk, 20, 0, category_id=desk.categories["fire"])
    defaulted = opened(desk, 20, 0, flags=int(Quality.DEFAULT_POINT))
    assert not {far, elsewhere, defaulted} & {case for case, _since in points(desk.store)}
    assert agrees(desk.store)


def test_voiding_one_of_three_and_putting_it_under_another_category_unmake_it(desk: Desk) -> None:
    cases = [opened(desk, 10 * n, n) for n in range(3)]
    operator, dispatcher = desk.actor("operator"), desk.actor("dispatcher")
    assert len(points(desk.store)) == 3
    desk.move(cases[0], "void", dispatcher, reason="重复")
    assert points(desk.store) == []
    again = opened(desk, 5, 0)
    assert {case for case, _ in points(desk.store)} == {cases[1], cases[2], again}
    desk.move(cases[1], "register", operator)
    desk.move(cases[1], "recategorise", dispatcher, category_id=desk.categories["fire"], note="分错了")
    assert points(desk.store) == []
    assert agrees(desk.store)


def test_the_figure_follows_the_cases_beside_the_one_that_was_opened(desk: Desk) -> None:
    def rate() -> tuple[float | None, float | None]:
        asked = Question("district", MONDAY - timedelta(days=30), MONDAY + timedelta(days=1), figures=("repeat_rate",))
        found = figures(desk.store, asked)[0].figures["repeat_rate"]
        return found.numerator, found.denominator

    for day in (2, 1):
        opened(desk, 0, day)
    desk.clock.at = MONDAY + timedelta(hours=1)
    assert rate() == (0, 2)
    opened(desk, 0, 0.5)
    assert rate() == (3, 3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_random_openings_and_moves_it_is_what_a_rebuild_gives(desk: Desk, seed: int) -> None:
    dice = np.random.default_rng(seed)
    operator, dispatcher = desk.actor("operator"), desk.actor("dispatcher")
    kinds = [desk.categories["leak"], desk.categories["fire"]]
    live: list[int] = []
    for step in range(90):
        if live and dice.random() < 0.25:
            case = live.pop(int(dice.integers(len(live))))
            if dice.random() < 0.5:
                desk.move(case, "void", dispatcher, reason="重复")
            else:
                desk.move(case, "register", operator)
                desk.move(case, "recategorise", dispatcher, category_id=kinds[int(dice.integers(2))], note="分错了")
        else:
            x, y, day = dice.uniform(0, 160), dice.uniform(0, 160), float(dice.uniform(0, 250))
            live.append(opened(desk, x, day, y=y, category_id=kinds[int(dice.integers(2))]))
        if step % 30 == 29:
            assert agrees(desk.store)
    assert len(points(desk.store)) > 10
