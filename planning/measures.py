"""The figures of a drawn plan, grid by grid and in total, and which rules it breaks where."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.plan_rules import PlanRules
from planning.graph import Graph, pairs, totals
from planning.plan import measured
from planning.units import NONE, Units

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Measures:
    """Of each grid, ascending by label: households, whether homes (not dedicated), compactness, pieces, micro-grids, cells' events a
    month, posts needed, households that came and that left. split: the estates that fit a grid and lie in several."""

    label: Numbers
    households: Numbers
    homes: NDArray[np.bool_]
    roundness: Reals
    pieces: Numbers
    micro_grids: Numbers
    workload: Reals
    posts: Numbers
    came: Numbers
    left: Numbers
    split: Numbers
    moved: int

    def row(self, label: int) -> int:
        """Where a grid stands."""
        return int(np.searchsorted(self.label, label))


@dataclass(frozen=True)
class Total:
    """The whole plan: mean compactness of the grids of homes, the share of them in the band."""

    grids: int
    homes: int
    households: int
    in_band: int
    roundness: float
    contiguous: int
    estates_split: int
    workload: float
    posts: int
    moved: int


@dataclass(frozen=True)
class Violation:
    """A rule broken: which, whether it must hold, by which grid (or estate), the value; cells: where it is."""

    rule: str
    hard: bool
    label: int
    value: float
    cells: Numbers


@dataclass(frozen=True)
class Drawn:
    """A plan of cells: labels, the units they are (current: their grid before), borders, events a month a cell."""

    grid: Numbers
    micro: Numbers
    units: Units
    graph: Graph
    events: Reals


def measures(drawn: Drawn, rules: PlanRules) -> Measures:
    """The figures of every grid."""
    units, grid = drawn.units, drawn.grid
    plan = measured(replace(units, current=units.current), drawn.graph, grid, *rules.grid.band)
    label, number = np.unique(grid, return_inverse=True)
    k = len(label)
    homes = np.asarray(plan.parts.homes, np.bool_)
    micro = pairs(number[drawn.micro > 0], drawn.micro[drawn.micro > 0])
    micro_grids = np.bincount(micro[0], minlength=k)
    weight = units.weight
    households = totals(number, weight, k).astype(np.int64)
    gone = grid != units.current
    left = np.zeros(k, np.int64)
    there = np.isin(units.current, label) & gone
    np.add.at(left, np.searchsorted(label, units.current[there]), weight[there])
    posts = [
        rules.posts_needed(int(h), int(m)) if home else 0
        for h, m, home in zip(households, micro_grids, homes, strict=True)
    ]
    return Measures(
        label, households, homes, plan.parts.roundness, plan.parts.pieces, micro_grids, totals(number, drawn.events, k),
        np.array(posts, np.int64), totals(number[gone], weight[gone], k).astype(np.int64), left,
        split_estates(drawn, drawn.grid, rules.grid.band[1]), int(weight[gone].sum()),
    )  # fmt: skip


def split_estates(drawn: Drawn, label: Numbers, most: float) -> Numbers:
    """The estates of at most so many households that lie in more than one part; label: each cell's."""
    inside = np.flatnonzero((drawn.units.estate != NONE) & (drawn.units.weight > 0))
    estate, which = np.unique(drawn.units.estate[inside], return_inverse=True)
    load = np.bincount(which, drawn.units.weight[inside], len(estate))
    grids = np.bincount(pairs(which, label[inside])[0], minlength=len(estate))
    return np.asarray(estate[(grids > 1) & (load <= most)], np.int64)


def total(found: Measures, rules: PlanRules) -> Total:
    """All grids together."""
    homes = found.homes
    low, high = rules.grid.band
    fits = homes & (found.households >= low) & (found.households <= high)
    return Total(
        len(found.label), int(homes.sum()), int(found.households.sum()), int(fits.sum()),
        float(found.roundness[homes].mean()) if homes.any() else 0.0, int((found.pieces[homes] == 1).sum()),
        len(found.split), float(found.workload.sum()), int(found.posts.sum()), found.moved,
    )  # fmt: skip


def violations(drawn: Drawn, found: Measures, rules: PlanRules) -> list[Violation]:
    """What is broken, hard rules first, then by rule and label."""
    made = [
        *outside(drawn, found, rules),
        *micro_outside(drawn, rules),
        *across_walls(drawn, rules),
        *in_pieces(drawn, found, rules),
        *torn(drawn, "estates", drawn.grid, found.split, rules),
        *torn(drawn, "micro_estates", drawn.micro, split_estates(drawn, drawn.micro, rules.micro_grid.band[1]), rules),
        *ragged(drawn, found, rules),
        *too_many_moved(drawn, found, rules),
    ]
    return sorted(made, key=lambda one: not one.hard)


def outside(drawn: Drawn, found: Measures, rules: PlanRules) -> list[Violation]:
    """Grids of homes outside the band."""
    low, high = rules.grid.band
    bad = found.homes & ((found.households < low) | (found.households > high))
    return [
        _of_grid(drawn, rules, "grid", int(found.label[i]), float(found.households[i])) for i in np.flatnonzero(bad)
    ]


def micro_outside(drawn: Drawn, rules: PlanRules) -> list[Violation]:
    """Micro-grids outside theirs."""
    low, high = rules.micro_grid.band
    label, number = np.unique(drawn.micro, return_inverse=True)
    load = totals(number, drawn.units.weight, len(label))
    bad = (label > 0) & ((load < low) | (load > high))
    hard = rules.is_hard("micro_grid")
    return [
        Violation("micro_grid", hard, int(label[i]), float(load[i]), np.flatnonzero(drawn.micro == label[i]))
        for i in np.flatnonzero(bad)
    ]


def across_walls(drawn: Drawn, rules: PlanRules) -> list[Violation]:
    """Grids in more than one community; value: in how many."""
    label, count = np.unique(pairs(drawn.grid, drawn.units.community)[0], return_counts=True)
    return [_of_grid(drawn, rules, "walls", int(label[i]), float(count[i])) for i in np.flatnonzero(count > 1)]


def in_pieces(drawn: Drawn, found: Measures, rules: PlanRules) -> list[Violation]:
    """Grids in several pieces; value: in how many."""
    return [
        _of_grid(drawn, rules, "contiguous", int(found.label[i]), float(found.pieces[i]))
        for i in np.flatnonzero(found.pieces > 1)
    ]


def torn(drawn: Drawn, rule: str, label: Numbers, split: Numbers, rules: PlanRules) -> list[Violation]:
    """Estates that fit a grid (or a micro-grid) and lie in several; value: in how many."""
    hard = rules.is_hard(rule)
    made = []
    for estate in split.tolist():
        cells = np.flatnonzero((drawn.units.estate == estate) & (drawn.units.weight > 0))
        made.append(Violation(rule, hard, estate, float(len(np.unique(label[cells]))), cells))
    return made


def ragged(drawn: Drawn, found: Measures, rules: PlanRules) -> list[Violation]:
    """Grids of homes less compact than asked; value: their compactness."""
    bad = found.homes & (found.roundness < rules.compactness.least)
    return [
        _of_grid(drawn, rules, "compactness", int(found.label[i]), float(found.roundness[i]))
        for i in np.flatnonzero(bad)
    ]


def too_many_moved(drawn: Drawn, found: Measures, rules: PlanRules) -> list[Violation]:
    """The households moved, where they are more than the share allowed; value: their share."""
    share = found.moved / max(1, int(drawn.units.weight.sum()))
    if share <= rules.moved.most:
        return []
    cells = np.flatnonzero((drawn.grid != drawn.units.current) & (drawn.units.weight > 0))
    return [Violation("moved", rules.is_hard("moved"), NONE, share, cells)]


def _of_grid(drawn: Drawn, rules: PlanRules, rule: str, label: int, value: float) -> Violation:
    return Violation(rule, rules.is_hard(rule), label, value, np.flatnonzero(drawn.grid == label))
