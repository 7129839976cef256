"""The whole way: a plan from units, the same one for the same seed, stopped at any time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planning.annealing import SLICES
from planning.graph import Graph
from planning.polishing import polished
from planning.rules import Rules
from planning.solver import Progress, Solver, solve
from planning.units import Units
from tests.planning.boards import board
from tests.realdata import needs_shared

RULES = Rules(target=9, tolerance=0.12)
STEPS = 200_000


def town() -> tuple[Units, Graph]:
    """Two communities of 9 × 9 squares side by side, a household in each."""
    return board(9, 18, community=[1 + (i % 18) // 9 for i in range(162)])


def test_a_plan_lies_in_the_band_in_one_piece_inside_the_walls() -> None:
    cells, graph = town()
    plan = solve(cells, graph, RULES, seed=1, steps=STEPS)
    assert (len(plan.parts), plan.in_band, plan.contiguous, plan.reasons) == (18, 1.0, True, ())
    assert plan.roundness > 0.6
    assert not set(plan.part[cells.community == 1]) & set(plan.part[cells.community == 2])


def test_one_seed_and_budget_give_one_plan_whatever_the_threads() -> None:
    cells, graph = town()
    one = solve(cells, graph, RULES, seed=5, steps=STEPS)
    two = solve(cells, graph, RULES, seed=5, steps=STEPS, threads=2)
    other = solve(cells, graph, RULES, seed=6, steps=STEPS)
    assert one.part.tolist() == two.part.tolist() != other.part.tolist()


def test_a_part_cut_in_two_takes_a_number_no_other_community_has() -> None:
    cells, graph = town()
    plan = solve(cells.now(cells.community - 1), graph, RULES, seed=1, steps=STEPS, start="repair")
    assert (len(plan.parts), plan.contiguous) == (18, True)


def test_progress_streams_and_the_best_so_far_survives_a_stop() -> None:
    cells, graph = town()
    seen: list[Progress] = []

    def watch(progress: Progress) -> bool:
        seen.append(progress)
        return len(seen) < 4

    plan = solve(cells, graph, RULES, steps=STEPS, on_progress=watch)
    assert [(one.stage, one.parts) for one in seen] == [("seed", 18), ("anneal", 18), ("anneal", 18), ("anneal", 18)]
    assert seen[3].done == pytest.approx(0.0228)
    assert (len(plan.parts), plan.contiguous) == (18, True)
    assert int((~plan.parts.in_band).sum()) == seen[3].outside


def test_dedicated_grids_and_heavy_units_are_parts_of_their_own() -> None:
    weight = np.ones(36, np.int64)
    weight[[0, 35]] = [0, 30]
    cells, graph = board(6, 6, weight, dedicated=[3] + [-1] * 35)
    plan = solve(cells, graph, Rules(target=17), seed=1, steps=STEPS)
    assert [(plan.part == plan.part[u]).sum() for u in (0, 35)] == [1, 1]
    assert plan.parts.households.tolist() == [17, 17, 0, 30]
    assert plan.parts.homes.tolist() == [True, True, False, True]
    assert [(r.kind, r.units) for r in plan.reasons] == [("heavy_unit", (35,))]


def test_repair_moves_no_more_households_than_needed_and_keeps_the_labels() -> None:
    weight = np.full(16, 5)
    weight[0] = 10
    cells, graph = board(4, 4, weight, current=[11, 11, 22, 22, 11, 11, 22, 22, 33, 33, 44, 44, 33, 33, 44, 44])
    rules = Rules(band=(20, 22), target=21, moved=1.0)
    plan = solve(cells, graph, rules, steps=STEPS, start="repair")
    assert plan.parts.label.tolist() == [11, 22, 33, 44]
    assert [r.part for r in plan.reasons] == [int(plan.parts.label[~plan.parts.in_band][0])]
    relaxed = solve(cells, graph, replace(rules, band=(20, 25)), steps=STEPS, start="repair")
    assert (relaxed.moved, relaxed.in_band) == (0, 1.0)


def test_a_plan_that_fits_is_left_as_it_is_by_a_repair() -> None:
    cells, graph = town()
    plan = solve(cells, graph, RULES, seed=1, steps=STEPS)
    again = solve(cells.now(plan.part), graph, RULES, steps=STEPS, start="repair")
    assert again.part.tolist() == plan.part.tolist()


def test_a_redraw_from_the_current_plan_moves_few_and_keeps_locked_units() -> None:
    cells, graph = town()
    plan = solve(cells, graph, RULES, seed=1, steps=STEPS)
    locked = cells.community == 1
    later = replace(cells.now(plan.part), weight=np.where(np.arange(162) == 8, 3, 1), locked=locked)
    redrawn = solve(later, graph, replace(RULES, moved=0.2), seed=1, steps=STEPS, start="current")
    assert redrawn.part[locked].tolist() == plan.part[locked].tolist()
    assert redrawn.moved <= 9
    assert redrawn.contiguous


def test_a_part_that_reaches_over_a_wall_is_told_apart() -> None:
    cells, graph = board(1, 4, 9, community=[1, 1, 2, 2], current=[5, 6, 6, 7])
    plan = solve(cells, graph, Rules(target=9), steps=0, start="current")
    assert plan.part.tolist() == [5, 6, 8, 7]


def test_a_fresh_plan_keeps_locked_grids_and_draws_the_rest() -> None:
    cells, graph = board(6, 6, current=[3 + (i % 6) // 3 for i in range(36)], locked=[i % 6 < 3 for i in range(36)])
    plan = solve(cells, graph, Rules(target=9), seed=1, steps=STEPS)
    assert plan.part[cells.locked].tolist() == [3] * 18
    assert plan.parts.households.tolist() == [18, 9, 9]
    assert plan.parts.label.tolist() == [3, 5, 6]


def test_a_larger_estate_is_split_only_where_that_costs_less_than_it_brings() -> None:
    cells, graph = board(2, 6, 10, estate=[1, 1, 1, 1, 2, 2] * 2)
    kept = solve(cells, graph, Rules(target=40, band=(30, 90), parts=2, estates=5.0), seed=1, steps=STEPS)
    assert (kept.parts.households.tolist(), kept.estates_split) == ([80, 40], 0)
    torn = solve(cells, graph, Rules(target=60, band=(60, 60), parts=2, estates=5.0), seed=1, steps=STEPS)
    assert (torn.parts.households.tolist(), torn.estates_split) == ([60, 60], 1)


def test_a_community_of_one_cell_and_cells_without_homes_are_drawn_with_the_rest() -> None:
    cells, graph = board(1, 7, [3, 0, 3, 3, 0, 3, 6], community=[1, 1, 1, 1, 1, 1, 2])
    plan = solve(cells, graph, Rules(target=6), seed=1, steps=STEPS)
    assert (plan.parts.households.tolist(), plan.in_band, plan.contiguous) == ([6, 6, 6], 1.0, True)


def test_islands_are_parts_of_their_own_where_pieces_are_drawn_apart() -> None:
    cells, graph = board(1, 7, [3, 3, 0, 2, 0, 3, 3], dedicated=[-1, -1, 5, -1, 6, -1, -1])
    rules = Rules(target=6, band=(5, 7), disconnected="apart", small="one")
    plan = solve(cells, graph, rules, seed=1, steps=STEPS)
    homes = plan.parts.homes
    assert plan.parts.households[homes].tolist() == [6, 2, 6]
    assert [(one.kind, one.households) for one in plan.reasons] == [("island", 2)]


def test_polishing_never_makes_a_plan_worse() -> None:
    cells, graph = town()
    run = Solver(cells, graph, RULES, seed=3, steps=STEPS).runs[0]
    for index in range(SLICES):
        run.anneal(index, 200)
    outside = []
    for _ in polished(run, 100_000, 10):
        run.back_to_best()
        outside.append(run.cost())
    assert len(outside) == 10
    assert outside == sorted(outside, reverse=True)


@pytest.mark.shared
@needs_shared
def test_real_parcels_come_into_the_band_and_the_two_too_heavy_ones_are_named(parcels: tuple[Units, Graph]) -> None:
    plan = solve(*parcels, Rules(target=50), seed=1, steps=3_000_000)
    assert (len(plan.parts), plan.contiguous) == (630, True)
    assert plan.in_band >= 0.99
    assert plan.roundness > 0.59
    assert [r.kind for r in plan.reasons].count("heavy_unit") == 2
