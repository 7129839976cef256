"""The solver: seed, anneal, polish, repair, over all tasks of a district; it streams and can be stopped at any time.

    solver = Solver(units, graph, Rules(target=50), seed=1, steps=100_000_000)
    for progress in solver.run():
        ...                      # draw it, or stop: break
    plan = solver.plan()         # the best so far

One seed and one step budget give one plan, whatever the number of threads: tasks share nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planning.annealing import SLICES, Run
from planning.graph import Graph, walled
from planning.kernels import WEIGHT
from planning.plan import Plan, measured
from planning.polishing import polished
from planning.reasons import reasons
from planning.repair import mended, out_of_band_parts
from planning.rules import Rules
from planning.tasks import Division, divided
from planning.units import NONE, Units

STEPS_A_UNIT = 25_000
POLISH_SHARE, REPAIR_SHARE = 0.6, 0.02  # of the steps; the rest goes to the annealing
Start = Literal["fresh", "current", "repair"]
Stage = Literal["seed", "anneal", "polish", "repair"]


@dataclass(frozen=True)
class Progress:
    """done: 0 to 1 of the step budget; stage; parts and how many of them are outside the band in the best plan; moved
    households so far."""

    done: float
    stage: Stage
    parts: int
    outside: int
    moved: int


class Solver:
    """A district to be drawn. start: `fresh` from METIS; `current` anneals the plan in force; `repair` only mends it.

    steps: proposals in all, 25,000 a unit unless said. InputError as in units, tasks and rules.
    """

    def __init__(
        self,
        units: Units,
        graph: Graph,
        rules: Rules,
        *,
        seed: int = 0,
        steps: int | None = None,
        start: Start = "fresh",
        threads: int = 1,
    ) -> None:
        self.units, self.graph, self.rules = units, graph, rules
        self.start, self.threads = start, threads
        self.steps = STEPS_A_UNIT * len(units) if steps is None else steps
        self.division: Division = divided(units, graph, rules, fresh=start == "fresh")
        asked = distinct(units, self.division) if start != "fresh" else units
        self.runs = [
            Run(replace(task, units=asked.only(task.nodes)), rules, seed + 1_000_003 * i, fresh=start == "fresh")
            for i, task in enumerate(self.division.tasks)
        ]

    def run(self) -> Iterator[Progress]:
        """Work; after each slice the figures of the best plan so far. Leaving the loop stops the work."""
        yield self.progress(0.0, "seed")
        polish = 0.0 if self.start == "repair" else POLISH_SHARE
        share = 0.0 if self.start == "repair" else 1 - POLISH_SHARE - REPAIR_SHARE
        for index in range(SLICES if share else 0):
            self.each(lambda run, index=index: run.anneal(index, self.budget(run, share / SLICES)))  # type: ignore[misc]
            yield self.progress(share * (index + 1) / SLICES, "anneal")
        work = {id(run): polished(run, self.budget(run, polish), SLICES) for run in self.runs}
        for index in range(SLICES if polish else 0):
            self.each(lambda run: next(work[id(run)]))
            yield self.progress(share + polish * (index + 1) / SLICES, "polish")
        done = share + polish
        for i, run in enumerate(self.runs):
            for _ in mended(run, self.budget(run, 1 - done)):
                yield self.progress(done + (1 - done) * i / len(self.runs), "repair")
        yield self.progress(1.0, "repair")

    def each(self, work: Callable[[Run], object]) -> None:
        """Do it for every task, side by side where threads are given."""
        if self.threads == 1 or len(self.runs) == 1:
            for run in self.runs:
                work(run)
            return
        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(work, self.runs))

    def budget(self, run: Run, share: float) -> int:
        """A task's part of the steps, by its units."""
        return int(self.steps * share * run.task.graph.n / len(self.units))

    def progress(self, done: float, stage: Stage) -> Progress:
        """The figures of the best plans so far."""
        outside = sum(len(out_of_band_parts(run)) for run in self.runs)
        moved = sum(int(run.net.unit[gone(run), WEIGHT].sum()) for run in self.runs)
        return Progress(done, stage, sum(run.task.parts for run in self.runs), outside, moved)

    def assignment(self) -> NDArray[np.int64]:
        """[n]: each unit's label in the best plan so far. A redraw keeps the labels in force and adds numbers above them."""
        part, now = np.full(len(self.units), NONE, np.int64), self.units.current
        fresh = int(now.max()) + 1
        for run in self.runs:
            label = run.label.copy()
            # Numbers a task made up itself stand for parts of other tasks.
            new = np.ones(len(label), np.bool_)
            if self.start != "fresh":
                new = (label > now.max()) | ~np.isin(label, run.task.units.current)
            label[new] = fresh + np.arange(int(new.sum()))
            fresh += int(new.sum())
            part[run.task.nodes] = label[run.part]
        rest = self.division.settled != NONE
        kept = rest & (now != NONE) & (self.units.locked | (self.start != "fresh"))
        part[rest] = fresh + self.division.settled[rest]
        part[kept] = now[kept]
        return part

    def plan(self) -> Plan:
        """The best plan so far with its figures and, for parts outside the band, the reasons."""
        part, low, high = self.assignment(), self.division.low, self.division.high
        plan = measured(self.units, self.graph, part, low, high)
        bad = plan.parts.label[~plan.parts.in_band & plan.parts.homes]
        inner = walled(self.graph, self.units)
        return replace(plan, reasons=tuple(reasons(self.units, inner, part, bad, low, high)))


def gone(run: Run) -> NDArray[np.bool_]:
    """The units of a run whose best part is not their current one."""
    return np.asarray((run.net.info[:, 1] >= 0) & (run.net.info[:, 1] != run.part), np.bool_)


def distinct(units: Units, division: Division) -> Units:
    """The units with current parts that do not reach over two tasks: the heaviest share keeps the label."""
    owner = np.full(len(units), NONE, np.int64)
    for i, task in enumerate(division.tasks):
        owner[task.nodes] = i
    inside = (units.current != NONE) & (owner != NONE)
    pairs, which = np.unique(np.stack([units.current[inside], owner[inside]], axis=1), axis=0, return_inverse=True)
    load = np.bincount(which.ravel(), units.weight[inside] + 1e-6)
    order = np.lexsort((-load, pairs[:, 0]))
    later = np.r_[False, pairs[order][1:, 0] == pairs[order][:-1, 0]]
    label = pairs[:, 0].copy()
    label[order[later]] = units.current.max() + 1 + np.arange(int(later.sum()))
    current = units.current.copy()
    current[inside] = label[which.ravel()]
    return units.now(current)


def solve(
    units: Units,
    graph: Graph,
    rules: Rules,
    *,
    seed: int = 0,
    steps: int | None = None,
    start: Start = "fresh",
    threads: int = 1,
    on_progress: Callable[[Progress], bool] | None = None,
) -> Plan:
    """Solve to the end, or until `on_progress` returns False; the best plan found."""
    solver = Solver(units, graph, rules, seed=seed, steps=steps, start=start, threads=threads)
    for progress in solver.run():
        if on_progress is not None and not on_progress(progress):
            break
    return solver.plan()
