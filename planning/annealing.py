"""One task on its way: its seed, the falling temperature in slices, the best plan so far, the local repair at the end.

The schedule was found by trying on the Cambridge parcels: start hot enough that METIS's seed is forgotten, let the band's
stress rise from slack to strict, and leave the last parts outside to the repair.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planning.kernels import AREA, PERIMETER, WEIGHT, Floats, Net, State, anneal
from planning.nets import lengths, net, scrambled, state
from planning.rules import Rules
from planning.seeds import drawn, kept
from planning.tasks import Task

TRIED_ON = 17  # units a part on the parcels the schedules were found on
SLICES = 50  # the best plan is looked at this often; part of the answer, so not a setting
FOUR_PI = 4 * np.pi


@dataclass(frozen=True)
class Schedule:
    """Temperatures and the band's stress, first and last; swaps: share of refused moves tried as an exchange."""

    heat: float
    cold: float
    slack: float
    strict: float
    swaps: float = 0.0


FRESH = Schedule(heat=0.15, cold=0.008, slack=0.25, strict=4.0)
REDRAW = Schedule(heat=0.03, cold=0.005, slack=1.0, strict=4.0)
LOCAL = (  # in turn: gently, so that little changes; hotly, for what resists
    Schedule(heat=0.06, cold=0.005, slack=2.0, strict=6.0, swaps=0.3),
    Schedule(heat=0.3, cold=0.02, slack=2.0, strict=6.0, swaps=0.3),
)


def scaled(schedule: Schedule, task: Task) -> Schedule:
    """The schedule for the task's units a part: a unit of a large part changes its roundness less, so it is kept cooler."""
    scale = float(np.sqrt(TRIED_ON * task.parts / task.graph.n))
    return replace(schedule, heat=schedule.heat * scale, cold=schedule.cold * scale)


def stress(rules: Rules, low: float, high: float, band: float) -> Floats:
    """The kernel's entries; the band's edges are whole households."""
    low, high = np.ceil(low - 1e-9), np.floor(high + 1e-9)
    share = 1.0 / max((high - low) / 2, 1.0)
    return np.array(
        [rules.roundness, rules.cuts, rules.border, band, low, high, share, rules.estates, rules.moved], np.float64
    )


def out_of_band(sums: Floats, low: float, high: float) -> NDArray[np.int64]:
    """The parts outside the band."""
    return np.flatnonzero((sums[:, WEIGHT] < low - 1e-9) | (sums[:, WEIGHT] > high + 1e-9))


def cost(net: Net, at: State, rules: Rules, low: float, high: float) -> tuple[int, float]:
    """(parts outside the band, the objective with each household outside counted): smaller is better."""
    load = at.sums[:, WEIGHT]
    short = np.maximum(low - load, 0).sum() + np.maximum(load - high, 0).sum()
    total = rules.roundness * (1 - FOUR_PI * at.sums[:, AREA] / at.sums[:, PERIMETER] ** 2).sum()
    cut = at.cut[: at.tally[0]]
    total += rules.cuts * len(cut) + rules.border * lengths(net)[cut].sum()
    inside = np.flatnonzero(net.info[:, 2] >= 0)
    total += rules.estates * len(np.unique(net.info[inside, 2].astype(np.int64) * len(load) + at.part[inside]))
    gone = (net.info[:, 1] >= 0) & (net.info[:, 1] != at.part)
    total += rules.moved * net.unit[gone, WEIGHT].sum()
    return len(out_of_band(at.sums, low, high)), float(total + 0.2 * short)


class Run:
    """A task being solved. `part` is the best plan so far: [n] numbers 0..parts-1; `label[parts]` what they are called."""

    def __init__(self, task: Task, rules: Rules, seed: int, *, fresh: bool) -> None:
        self.task, self.rules, self.seed = task, rules, seed
        self.schedule = scaled(FRESH if fresh else REDRAW, task)
        units, graph = task.units, task.graph
        if fresh:
            named = drawn(graph, units.weight, task.parts, seed)
        else:
            named = kept(graph, units.weight, units.current, task.parts, units.locked)
        self.label, first = np.unique(named, return_inverse=True)
        home = np.searchsorted(self.label, units.current)
        known = np.isin(units.current, self.label) & (not fresh)
        self.net = net(
            units, graph, np.where(known, home, -1), units.locked if not fresh else np.zeros(graph.n, np.bool_)
        )
        self.state = state(self.net, first, task.parts, seed)
        self.best, self.part = self.cost(), self.state.part.copy()

    def cost(self) -> tuple[int, float]:
        """What the state costs now."""
        return cost(self.net, self.state, self.rules, self.task.low, self.task.high)

    def anneal(self, index: int, steps: int) -> None:
        """Slice `index` of SLICES, with this many proposals of its own."""
        s = self.schedule
        cooling, rising = (s.cold / s.heat) ** (1 / SLICES), (s.strict / s.slack) ** (1 / SLICES)
        heat, band = s.heat * cooling**index, s.slack * rising**index
        pressing = stress(self.rules, self.task.low, self.task.high, band)
        anneal(self.net, self.state, pressing, heat, heat * cooling, rising, s.swaps, steps)
        self.keep_if_better()

    def keep_if_better(self) -> None:
        """Remember the state as the best if it is."""
        outside, total = self.cost()
        if outside + total < sum(self.best):  # a part outside weighs 1: the repair will bring most of them in
            self.best, self.part = (outside, total), self.state.part.copy()

    def back_to_best(self) -> None:
        """Go on from the best plan."""
        self.state = state(self.net, self.part.astype(np.int64), self.task.parts, scrambled(self.seed))
