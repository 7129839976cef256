"""Both levels at once: micro-grids from units, and grids from whole micro-grids.

An estate that fits one micro-grid is joined into one unit first, so that it cannot be split. Grids are drawn by the same
solver on the contracted graph, where a micro-grid is a unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planning.contract import contracted, whole_estates
from planning.graph import Graph
from planning.plan import Plan, measured
from planning.rules import Rules
from planning.solver import solve
from planning.units import NONE, Units


@dataclass(frozen=True)
class Levels:
    """Both plans over the same units; every micro-grid lies in one grid."""

    micro_grids: Plan
    grids: Plan


def nested(units: Units, graph: Graph, micro: Rules, grid: Rules, *, seed: int = 0, steps: int | None = None) -> Levels:
    """A fresh plan of micro-grids and of grids made of them. steps: proposals of the micro-grids; grids get as many a unit.

    InputError as in `solve`.
    """
    whole, near, estate = joined_estates(units, graph, micro, fresh=True)
    small = solve(whole, near, micro, seed=seed, steps=steps)
    joined, between, number = contracted(whole, near, small.part)
    joined = replace(joined, estate=np.full(len(joined), NONE, np.int64), current=np.full(len(joined), NONE, np.int64))
    large = solve(joined, between, grid, seed=seed, steps=None if steps is None else steps * len(joined) // len(whole))
    return Levels(over(units, graph, small, small.part[estate]), over(units, graph, large, large.part[number][estate]))


def joined_estates(units: Units, graph: Graph, micro: Rules, *, fresh: bool) -> tuple[Units, Graph, NDArray[np.int64]]:
    """(units, borders, [n] each unit's joined one): an estate that fits one micro-grid is one unit. Where the plan in force is
    kept, only an estate that lies whole in one of its micro-grids: to join a torn one would move households."""
    most = micro.band[1] if micro.band else micro.target * (1 + micro.tolerance)
    asked = units
    if not fresh:
        inside = np.flatnonzero(units.estate != NONE)
        pairs = np.unique(np.stack([units.estate[inside], units.current[inside]]), axis=1)
        found, places = np.unique(pairs[0], return_counts=True)
        asked = replace(units, estate=np.where(np.isin(units.estate, found[places == 1]), units.estate, NONE))
    return contracted(units, graph, whole_estates(asked, graph, most))


def over(units: Units, graph: Graph, plan: Plan, part: NDArray[np.int64]) -> Plan:
    """A plan on joined units told over the units themselves: their figures, its band and reasons (its units are joined ones)."""
    return replace(measured(units, graph, part, plan.low, plan.high), reasons=plan.reasons)
