"""Repeat points, on points a person can measure: at least three of a category within 50 m and 90 days."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from data.repeats import rebuild
from data.store import Store
from tests.data.builder import draw, local, move, one, pair, take


@pytest.fixture
def district(store: Store) -> Store:
    draw(store)
    return store


def at(number: int, x: float | None, day: int, category: str = "路灯", **more: Any) -> dict[str, Any]:
    """A case at x metres on a line, `day` days after 03-01."""
    when = local("03-01 12:00") + timedelta(days=day)
    return {"id": f"R{number}", "reported_at": when, "x": x, "y": 7.0, "category_name": category, **more}


def since(store: Store) -> dict[str, int]:
    """Days after 03-01 since when a case stands at a repeat point."""
    rows = store.rows("SELECT external_id, repeat_point.since AS since FROM repeat_point JOIN cases USING (case_id)")
    return {row["external_id"]: (row["since"] - local("03-01 12:00")).days for row in rows}


def test_three_within_fifty_metres_and_ninety_days_from_when_the_third_came(district: Store) -> None:
    take(district, at(1, 0.0, 0), at(2, 49.0, 10), at(3, 20.0, 90))
    assert rebuild(district) == 3
    assert since(district) == {"R1": 90, "R2": 90, "R3": 90}


def test_ninety_days_and_a_bit_or_fifty_metres_and_a_bit_are_too_much(district: Store) -> None:
    take(district, at(1, 0.0, 0), at(2, 10.0, 10), at(3, 20.0, 91))  # too late
    take(district, at(4, 1000.0, 0), at(5, 1000.0, 1), at(6, 1050.5, 2), source="b")  # too far
    take(district, at(7, 2000.0, 0), at(8, 2000.0, 1), at(9, 2000.0, 2, "井盖"), source="c")  # another category
    assert rebuild(district) == 0


def test_distance_is_measured_from_the_case_itself(district: Store) -> None:
    # In a row 0 m, 45 m, 90 m: only the middle one has two others within 50 m.
    take(district, at(1, 0.0, 0), at(2, 45.0, 1), at(3, 90.0, 2))
    rebuild(district)
    assert since(district) == {"R2": 2}


def test_later_cases_stand_there_from_their_own_report(district: Store) -> None:
    take(district, *(at(n, 0.0, 10 * n) for n in range(5)))
    rebuild(district)
    assert since(district) == {"R0": 20, "R1": 20, "R2": 20, "R3": 30, "R4": 40}


def test_rate_counts_by_the_moment_and_leaves_out_what_has_no_point(district: Store) -> None:
    take(
        district,
        at(1, 0.0, 0), at(2, 0.0, 1), at(3, 0.0, 10), at(4, 5000.0, 1),
        at(5, None, 2), at(6, None, 3, flags=16),
    )  # fmt: skip
    rebuild(district)
    figure = one(district, "repeat_rate")
    assert (figure.numerator, figure.denominator) == (3, 4)
    assert (figure.left_out["without_point"], figure.left_out["default_point"]) == (1, 1)
    assert pair(district, "repeat_rate", as_of="03-10") == (0, 3)  # before the third


def test_voided_cases_take_no_part(district: Store) -> None:
    take(district, at(1, 0.0, 0), at(2, 0.0, 1), at(3, 0.0, 2))
    move(district, "R1", "voided", "03-20")
    assert rebuild(district) == 0


def brute(points: list[tuple[str, float, float, float]]) -> dict[str, float]:
    found = {}
    for name, x, y, t in points:
        near = sorted((o[3], o[0]) for o in points if (o[1] - x) ** 2 + (o[2] - y) ** 2 <= 2500 and abs(o[3] - t) <= 90)
        times = [moment for moment, _ in near]
        best = [c for a, c in zip(times, times[2:], strict=False) if c - a <= 90 and a <= t <= c]
        if best:
            found[name] = min(best)
    return found


def test_scattered_points_agree_with_comparing_every_pair(district: Store) -> None:
    dice = np.random.default_rng(5)
    x, y, day = dice.uniform(0, 400, 300), dice.uniform(0, 400, 300), dice.permutation(600)[:300]
    take(district, *(at(n, float(x[n]), int(day[n]), y=float(y[n])) for n in range(300)))
    rebuild(district)
    expected = brute([(f"R{n}", float(x[n]), float(y[n]), int(day[n])) for n in range(300)])
    assert len(expected) > 20
    assert since(district) == expected


def test_after_an_import_only_its_surroundings_are_looked_at_with_the_same_result(district: Store) -> None:
    dice = np.random.default_rng(6)
    x, day = dice.uniform(0, 3000, 200), dice.permutation(400)[:200]
    take(district, *(at(n, float(x[n]), int(day[n])) for n in range(150)))
    rebuild(district)
    report = take(district, *(at(n, float(x[n]), int(day[n])) for n in range(150, 200)), source="more")
    rebuild(district, import_id=report.import_id)
    part = since(district)
    rebuild(district)
    assert part == since(district)


def test_thousands_on_one_point_are_no_square_of_thousands(district: Store) -> None:
    take(district, *(at(n, 0.0, n % 30) for n in range(5000)), *(at(5000 + n, 40.0 + n, 3) for n in range(50)))
    began = time.perf_counter()
    assert rebuild(district) >= 5000
    assert time.perf_counter() - began < 20
