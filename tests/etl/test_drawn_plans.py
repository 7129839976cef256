"""What is wrong with a plan, on squares of a hundred metres:

C1: A | B     C2: D
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from etl.drawn_plans import UNKNOWN, Drawn, Ground, Limits, examined, snapped
from etl.plan_differences import compared, holders

A, B, D = (shapely.box(x, 0, x + 100, 100) for x in (0, 100, 200))
LIMITS = Limits(360, 440)


def shapes(*given: Any) -> Any:
    return np.array(given, dtype=object)


def texts(*given: str) -> Any:
    return np.array(given, dtype=np.str_)


def drawn(*given: Any, households: tuple[int, ...] = (400, 400, 400), parent: Any = ("C1", "C1", "C2")) -> Drawn:
    return Drawn(
        texts("A", "B", "D")[: len(given)],
        texts(*parent)[: len(given)],
        np.array(households)[: len(given)],
        shapes(*given),
    )


def ground(*households: int) -> Ground:
    homes = shapes(*(shapely.Point(50 + 100 * i, 50) for i in range(len(households))))
    return Ground(texts("C1", "C2"), shapes(shapely.box(0, 0, 200, 100), D), homes, np.array(households, np.int64))


def told(plan: Drawn, lies_on: Ground, limits: Limits | None = LIMITS) -> list[tuple[str, tuple[str, ...], str]]:
    return [(one.kind, one.codes, one.text) for one in examined(plan, lies_on, limits).findings]


def test_a_plan_that_tiles_its_communities_and_fits_its_homes_has_nothing_wrong() -> None:
    found = examined(drawn(A, B, D), ground(400, 400, 400), LIMITS)
    assert found.findings == []
    assert (found.households.tolist(), found.pieces.tolist(), found.parent.tolist()) == (
        [400] * 3,
        [1] * 3,
        ["C1", "C1", "C2"],
    )
    assert found.roundness.tolist() == pytest.approx([np.pi / 4] * 3)


def test_overlaps_and_gaps_are_told_with_their_area_and_place() -> None:
    wide = shapely.box(0, 0, 110, 100)
    assert told(drawn(wide, B, D), ground(400, 400, 400)) == [("overlap", ("A", "B"), "They overlap by 1,000 m2.")]
    narrow = shapely.box(0, 0, 90, 100)
    [one] = examined(drawn(narrow, B, D), ground(400, 400, 400), LIMITS).findings
    assert (one.kind, one.codes, one.text, one.x, one.y) == ("gap", ("C1",), "1,000 m2 belong to no part.", 95, 50)


def test_a_sliver_is_neither() -> None:
    assert told(drawn(shapely.box(0, 0, 100.2, 100), B, D), ground(400, 400, 400)) == []
    assert told(drawn(shapely.box(0, 0, 99.8, 100), B, D), ground(400, 400, 400)) == []


def test_parts_in_pieces_outside_and_across_walls_are_told() -> None:
    island = shapely.union_all([shapely.box(0, 0, 40, 100), shapely.box(60, 0, 100, 100)])
    assert told(drawn(island, B, D), ground(), None) == [
        ("gap", ("C1",), "2,000 m2 belong to no part."), ("pieces", ("A",), "It is in 2 pieces."),
    ]  # fmt: skip
    assert told(drawn(A, B, shapely.box(200, 0, 300, 120)), ground(), None) == [
        ("outside", ("D",), "2,000 m2 lie outside the level above."),
        ("parent", ("D",), "Only 83.3% of it lie in C2."),
    ]
    across = shapely.box(180, 0, 300, 100)
    assert told(drawn(A, shapely.box(100, 0, 180, 100), across), ground(), None) == [
        ("parent", ("D",), "Only 83.3% of it lie in C2.")
    ]
    assert told(drawn(A, B, D, parent=("C1", "C2", "C2")), ground(), None) == [
        ("parent", ("B", "C2"), "It names C2 as the level above, but lies in C1.")
    ]


def test_households_are_held_against_the_homes_inside_and_the_band() -> None:
    assert told(drawn(A, B, D, households=(410, UNKNOWN, 300)), ground(400, 450, 300)) == [
        ("households", ("A",), "It claims 410 households; the homes inside have 400."),
        ("band", ("B",), "450 households; the band is 360 to 440."),
        ("band", ("D",), "300 households; the band is 360 to 440."),
    ]


def test_codes_twice_missing_shapes_and_ragged_outlines_are_told() -> None:
    plan = replace(drawn(A, B, D), code=texts("A", "A", "D"))
    assert told(plan, ground(400, 400, 400)) == [("twice", ("A",), "2 parts have this code.")]
    empty = drawn(A, shapely.Polygon(), D)
    assert [one[0] for one in told(empty, ground(), None)] == ["no_shape", "gap"]
    comb = shapely.union_all([shapely.box(0, 0, 100, 10), *(shapely.box(x, 0, x + 2, 100) for x in range(0, 100, 10))])
    assert ("compactness", ("A",), "Compactness 0.01, below 0.2.") in told(drawn(comb, B, D), ground(400, 400, 400))


def test_snapping_gives_each_cell_to_the_part_that_has_most_of_it() -> None:
    cells = shapes(*(shapely.box(x, 0, x + 50, 100) for x in range(0, 350, 50)))
    plan, owner = snapped(drawn(shapely.box(0, 0, 120, 100), shapely.box(120, 0, 190, 100), D), cells)
    assert owner.tolist() == [0, 0, 1, 1, 2, 2, UNKNOWN]
    assert [one.bounds for one in plan.shape] == [(0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100)]


def test_a_difference_counts_who_changes_the_part() -> None:
    homes, households = shapes(*(shapely.Point(25 + 50 * i, 50) for i in range(6))), np.array([10, 20, 30, 40, 50, 60])
    old = holders(shapes(A, B, D), homes)
    new = holders(
        shapes(shapely.box(0, 0, 150, 100), shapely.box(150, 0, 250, 100), shapely.box(250, 0, 300, 100)), homes
    )
    found = compared(texts("A", "B", "D"), texts("A", "E", "D"), old, new, households)
    assert (found.moved, found.households, found.same) == (30 + 50, 210, 0)
    assert [(one.before_code, one.after_code, one.before, one.after, one.gained, one.lost) for one in found.changes] == [
        ("B", "E", 70, 90, 50, 30), ("D", "D", 110, 60, 0, 50), ("A", "A", 30, 60, 30, 0),
    ]  # fmt: skip


def test_equal_plans_under_new_codes_move_nobody() -> None:
    homes = shapes(*(shapely.Point(50 + 100 * i, 50) for i in range(3)))
    old = holders(shapes(A, B, D), homes)
    found = compared(texts("A", "B", "D"), texts("1", "2", "3"), old, old, np.array([5, 6, 7]))
    assert (found.moved, [(one.before_code, one.after_code) for one in found.changes]) == (
        0,
        [("A", "1"), ("B", "2"), ("D", "3")],
    )
