"""Part of a drawn plan for the solver, and its answer back on the cells: grids from whole micro-grids, or micro-grids from cells.

The answer keeps the labels of the parts it overlaps most, so that a plan drawn anew renames as little as it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError
from planning.contract import contracted, whole_estates
from planning.drawing import NO_MICRO, Sheet
from planning.graph import Graph
from planning.rules import Rules
from planning.units import NONE, Units

if TYPE_CHECKING:
    from planning.solver import Progress, Start

Numbers = NDArray[np.int64]
Level = Literal["grid", "micro_grid"]


@dataclass(frozen=True)
class Wish:
    """What is to be drawn: which level, in which grids, how it starts, how long (proposals a unit), with which rules."""

    level: Level
    grids: frozenset[int]
    start: Start
    steps: int
    rules: Rules
    seed: int = 0


def solved(
    sheet: Sheet, units: Units, wish: Wish, on_progress: Callable[[Progress, Callable[[], Sheet]], bool]
) -> Sheet:
    """The sheet with the wish fulfilled. on_progress(progress, best) hears every slice; False stops with the best so far.

    Dedicated and locked grids are left out. InputError where nothing is left, and as the solver says.
    """
    rows = np.flatnonzero(np.isin(sheet.grid, list(wish.grids)) & (units.dedicated == NONE) & ~units.locked)
    if not len(rows):
        raise InputError("there are no grids to draw.", todo="Choose grids of homes that are not locked.")
    most = wish.rules.band[1] if wish.rules.band else wish.rules.target
    asked, graph, number = problem(sheet, units, rows, wish.level, most)
    from planning.solver import Solver  # it compiles: whoever only paints does without

    solver = Solver(asked, graph, wish.rules, seed=wish.seed, steps=wish.steps * len(asked), start=wish.start)

    def best() -> Sheet:
        return answered(sheet, rows, solver.assignment()[number], wish.level)

    for progress in solver.run():
        if not on_progress(progress, best):
            break
    return best()


def problem(sheet: Sheet, units: Units, rows: Numbers, level: Level, most: float) -> tuple[Units, Graph, Numbers]:
    """(units, borders, each cell's unit) for the solver; of micro-grids, an estate of up to `most` households is one unit."""
    own, graph = units.only(rows), sheet.graph.only(rows)
    if level == "micro_grid":
        wall = np.unique(sheet.grid[rows], return_inverse=True)[1].astype(np.int64)
        now = np.where(sheet.micro[rows] == NO_MICRO, NONE, sheet.micro[rows])
        asked = replace(own, community=wall, current=now)
        return contracted(asked, graph, whole_estates(asked, graph, most))
    micro = sheet.micro[rows]
    alone = np.where(micro == NO_MICRO, -1 - rows, micro)
    return contracted(own.now(sheet.grid[rows]), graph, alone)


def answered(sheet: Sheet, rows: Numbers, part: Numbers, level: Level) -> Sheet:
    """The sheet with these parts in its rows; parts keep the label they overlap most, others get new ones."""
    was = sheet.grid[rows] if level == "grid" else sheet.micro[rows]
    made, labels = relabelled(sheet, part, was, sheet.households[rows])
    if level == "grid":
        grid = made.grid.copy()
        grid[rows] = labels
        return replace(made, grid=grid)
    micro = made.micro.copy()
    micro[rows] = labels
    return replace(made, micro=micro)


def relabelled(sheet: Sheet, part: Numbers, was: Numbers, households: Numbers) -> tuple[Sheet, Numbers]:
    """(sheet with new labels given out, labels): part and label that share most households belong together, largest first."""
    pairs, which = np.unique(np.stack([part, was], axis=1), axis=0, return_inverse=True)
    load = np.bincount(which.ravel(), households + 1e-3)
    goal: dict[int, int] = {}
    taken: set[int] = {NO_MICRO}
    for at in np.lexsort((pairs[:, 1], pairs[:, 0], -load)).tolist():
        one, label = int(pairs[at, 0]), int(pairs[at, 1])
        if one not in goal and label not in taken:
            goal[one] = label
            taken.add(label)
    rest = [int(one) for one in np.unique(part) if int(one) not in goal]
    sheet, fresh = sheet.fresh(len(rest))
    goal |= dict(zip(rest, fresh, strict=True))
    found, at_ = np.unique(part, return_inverse=True)
    return sheet, np.array([goal[int(one)] for one in found], np.int64)[at_]
