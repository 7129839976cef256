"""Drawing grids on the Cambridge parcels (10,822 cells, 31,488 households), one core, beside METIS and KaHIP.

Ours: the median of the seeds, numba's compile time apart; seconds are of the processor. METIS: k-way, contiguous, ufactor
100, the best of as many seeds as fit in 30 s (most parts in the band, then the roundest). KaHIP: `eco`, 9 % imbalance, one
seed. In band: within a tenth of households / parts (inside walls: 45 to 55). Polsby-Popper: unweighted mean, the outer
border counted in. Cuts and border: inner boundaries. `make bench-rivals` adds GerryChain and spopt, with 60 s each.
Repair: one cell in a hundred gets another cell's count. Seeds: JINGWEI_BENCH_SEEDS.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from dataclasses import dataclass, replace

import geopandas
import numpy as np

from planning.graph import Graph, made, shared
from planning.levels import nested
from planning.plan import Plan, measured
from planning.rules import Rules
from planning.solver import Solver, Start
from planning.units import Units, units
from tests.bench import rivals
from tests.bench.report import Row, print_rows
from tests.realdata import SHARED

SEEDS = int(os.environ.get("JINGWEI_BENCH_SEEDS", "5"))
RIVALS = bool(os.environ.get("JINGWEI_BENCH_RIVALS"))
PARCELS = SHARED / "cambridge-parcels" / "parcels.gpkg"
METIS_SECONDS = 30
CHANGED = 0.01
TILES = 9


@dataclass(frozen=True)
class Task:
    """One line of the table: rules, steps, and the budget of each figure."""

    title: str
    rules: Rules
    walls: bool
    steps: int
    in_band: str
    roundness: str
    cuts: str
    border: str


MICRO = Rules(target=50, cuts=0.144, border=0.0004)
TASKS = (
    Task("target 50", MICRO, False, 900_000_000, "≥ 99.3 %", "≥ 0.63", "≤ 7,950", "≤ 184 km"),
    Task(
        "target 400",
        Rules(target=400, cuts=0.03, border=0.0003),
        False,
        250_000_000,
        "100 %",
        "≥ 0.63",
        "≤ 2,380",
        "≤ 64 km",
    ),
    Task("12 walls, 45–55", Rules(band=(45, 55)), True, 100_000_000, "≥ 99 %", "≥ 0.63", "", "≤ 184 km"),
)


def figures(plan: Plan) -> dict[str, tuple[float, str]]:
    """The plan's figures and their units, by the names of the table."""
    return {
        "in band": (100 * plan.in_band, "%"),
        "mean Polsby-Popper": (plan.roundness, ""),
        "cut edges": (plan.cuts, "edges"),
        "border": (plan.border / 1000, "km"),
        "parts in one piece": (100 * float((plan.parts.pieces[plan.parts.homes] == 1).mean()), "%"),
    }


def solved(
    cells: Units, graph: Graph, rules: Rules, seed: int, steps: int, start: Start = "fresh"
) -> tuple[Plan, float]:
    """(plan, seconds of the processor)."""
    began = time.process_time()
    solver = Solver(cells, graph, rules, seed=seed, steps=steps, start=start)
    for _ in solver.run():
        pass
    plan, seconds = solver.plan(), time.process_time() - began
    told = ", ".join(f"{value:.4g}" for value, _ in figures(plan).values())
    print(f"{rules.target:g} {start} seed {seed}: {told}, moved {plan.moved}, {seconds:.1f} s", flush=True)
    return plan, seconds


def middle(plans: list[Plan]) -> dict[str, tuple[float, str]]:
    """The median of each figure."""
    every = [figures(plan) for plan in plans]
    return {name: (statistics.median(one[name][0] for one in every), unit) for name, (_, unit) in every[0].items()}


def drawing(task: Task, cells: Units, graph: Graph) -> list[Row]:
    """Ours and the others on one task."""
    done = [solved(cells, graph, task.rules, seed, task.steps) for seed in range(1, SEEDS + 1)]
    ours = middle([plan for plan, _ in done])
    budget = dict(zip(ours, (task.in_band, task.roundness, task.cuts, task.border, "100 %"), strict=True))
    low, high = done[0][0].low, done[0][0].high
    parts = len(done[0][0].parts)
    rows = [Row(f"{task.title}: seconds, median of {SEEDS}", statistics.median(s for _, s in done), "s", "≤ 60 s")]
    rows += [Row(f"{task.title}: seconds, slowest", max(s for _, s in done), "s", "≤ 60 s")]
    others = rivals.drawn(cells, graph, parts, low, high, METIS_SECONDS, every=RIVALS)
    for name, (value, unit) in ours.items():
        for i, (rival, part) in enumerate(others.items()):
            other = None if part is None else figures(measured(cells, graph, part, low, high))[name][0]
            rows.append(Row(f"{task.title}: {name}", value, unit, budget[name] if not i else "", rival, other))
    return rows


def both_levels(cells: Units, graph: Graph) -> list[Row]:
    """Grids of about 400 from whole micro-grids of about 50: the contracted graph."""
    began = time.process_time()
    plan = nested(cells, graph, MICRO, Rules(target=400, cuts=0.0, border=0.0), seed=1, steps=100_000_000).grids
    title = "grids from micro-grids"
    return [
        *(Row(f"{title}: {name}", value, unit) for name, (value, unit) in figures(plan).items()),
        Row(f"{title}: seconds of both", time.process_time() - began, "s"),
    ]


def changed(cells: Units, plan: Plan, seed: int) -> Units:
    """The cells a year later: some have another cell's households, and all their part in the plan in force."""
    chance = np.random.default_rng(seed)
    weight = cells.weight.copy()
    chosen = chance.choice(len(weight), round(CHANGED * len(weight)), replace=False)
    weight[chosen] = cells.weight[chance.choice(len(weight), len(chosen))]
    return replace(cells, weight=weight, current=plan.part)


def repairing(cells: Units, graph: Graph) -> list[Row]:
    """Repair after a year of change, in a short and a long budget, beside drawing anew with METIS."""
    rows = []
    plan, _ = solved(cells, graph, MICRO, 1, 100_000_000)
    for seconds, steps, most in ((5, 10_000_000, 1.0), (30, 100_000_000, 0.5)):
        outcome = []
        for seed in range(1, SEEDS + 1):
            later = changed(cells, plan, seed)
            mended, took = solved(later, graph, replace(MICRO, moved=0.5, parts=len(plan.parts)), seed, steps, "repair")
            before = measured(later, graph, plan.part, mended.low, mended.high)
            outcome.append((before.in_band, mended.in_band, mended.moved / later.weight.sum(), took, mended.contiguous))
        anew = rivals.metis(later, graph, len(plan.parts), 1)
        other = 100 * float(
            later.weight[rivals.matched(anew, plan.part, later.weight) != plan.part].sum() / later.weight.sum()
        )
        middles = [statistics.median(one[i] for one in outcome) for i in range(4)]
        name = f"repair in {seconds} s"
        rows += [
            Row(f"{name}: in band before", 100 * middles[0], "%"),
            Row(f"{name}: in band", 100 * middles[1], "%", "≥ 99 %"),
            Row(
                f"{name}: households moved", 100 * middles[2], "%", f"≤ {most:g} %", "METIS anew, parts matched", other
            ),
            Row(f"{name}: seconds", middles[3], "s", f"≤ {seconds} s"),
            Row(f"{name}: plans in one piece", 100 * statistics.mean(one[4] for one in outcome), "%", "100 %"),
        ]
    return rows


def tiled(cells: Units, graph: Graph) -> tuple[Units, Graph]:
    """The cells nine times over, each copy a community of its own (the copies share no border)."""
    n, times = len(cells), TILES
    copies = np.repeat(np.arange(times), n)
    many = replace(cells.only(np.tile(np.arange(n), times)), community=copies)
    shift = np.repeat(np.arange(times) * n, len(graph.tail))
    return many, made(
        n * times, np.tile(graph.tail, times) + shift, np.tile(graph.head, times) + shift, np.tile(graph.length, times)
    )


def scale(cells: Units, graph: Graph) -> list[Row]:
    """97,398 cells."""
    many, wide = tiled(cells, graph)
    plan, seconds = solved(many, wide, MICRO, 1, 1_800_000_000)
    budget = {"in band": "≥ 99 %", "mean Polsby-Popper": "≥ 0.62"}
    title = f"{len(many):,} cells"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return [
        *(Row(f"{title}: {name}", value, unit, budget.get(name, "")) for name, (value, unit) in figures(plan).items()),
        Row(f"{title}: seconds", seconds, "s", "≤ 200 s"),
        Row(f"{title}: memory of the whole bench", memory, "GB", "< 2 GB"),
    ]


def parcels(*, walls: bool) -> Units:
    """The cells, inside their communities or without walls."""
    frame = geopandas.read_file(PARCELS)
    community = frame["community"].astype(int) if walls else None
    return units(frame.geometry.to_numpy(), frame["households"], community=community, name=frame["parcel_id"])


def run() -> list[Row]:
    """Measure and return the rows of the report."""
    if not PARCELS.is_file():
        return [Row("the Cambridge parcels are not beside the repository", 0, "cells")]
    began = time.perf_counter()
    open_cells, walled = parcels(walls=False), parcels(walls=True)
    graph = shared(geopandas.read_file(PARCELS, columns=[]).geometry.to_numpy())
    rows = [Row("borders of the cells measured", time.perf_counter() - began, "s")]
    began = time.perf_counter()
    solved(open_cells, graph, Rules(target=400), 1, 1000)
    rows.append(Row("first run, compiling included", time.perf_counter() - began, "s"))
    for task in TASKS:
        rows += drawing(task, walled if task.walls else open_cells, graph)
    return [*rows, *repairing(open_cells, graph), *both_levels(open_cells, graph), *scale(open_cells, graph)]


if __name__ == "__main__":
    print_rows(run())
