"""Local repair: around each part outside the band, the neighbourhood is solved again until the part fits.

A neighbourhood is the part and the parts one, two or three borders away, taken as a small task of its own: moves, swaps and
chains of moves within it keep contiguity as in the large one, and nothing outside it changes. A try is kept if fewer parts
are outside the band, or as many at a lower cost. The same serves a plan in force after a year of change.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planning.annealing import LOCAL, Run, Schedule, cost, out_of_band, stress
from planning.graph import totals
from planning.kernels import FIXED, HOME, WEIGHT, anneal
from planning.nets import net, scrambled, state

Indices = NDArray[np.integer[Any]]
LEAST = 20_000  # proposals of a first try


def around(run: Run, part: int, reach: int) -> NDArray[np.int64]:
    """The part and those at most `reach` borders away, ascending."""
    graph, at = run.task.graph, run.part
    chosen = np.zeros(run.task.parts, np.bool_)
    chosen[part] = True
    tail, head = at[graph.tail], at[graph.head]
    for _ in range(reach):
        near = np.concatenate([head[chosen[tail]], tail[chosen[head]]])
        chosen[near] = True
    return np.flatnonzero(chosen)


def tried(run: Run, parts: Indices, seed: int, steps: int, schedule: Schedule) -> bool:
    """Solve these parts again from where they are; whether the outcome was better and kept."""
    task, rules = run.task, run.rules
    nodes = np.flatnonzero(np.isin(run.part, parts))
    number = np.full(task.parts + 1, -1, np.int64)
    number[parts] = np.arange(len(parts))
    units, graph = task.units.only(nodes), task.graph.only(nodes)
    small = net(units, graph, number[run.net.info[nodes, HOME]], run.net.info[nodes, FIXED].astype(np.bool_))
    at = state(small, number[run.part[nodes]], len(parts), seed)
    before = cost(small, at, rules, task.low, task.high)
    pressing = stress(rules, task.low, task.high, schedule.slack)
    rise = schedule.strict / schedule.slack
    anneal(small, at, pressing, schedule.heat, schedule.cold, rise, schedule.swaps, steps)
    if cost(small, at, rules, task.low, task.high) >= before:
        return False
    run.part[nodes] = parts[at.part]
    return True


def mended(run: Run, steps: int) -> Iterator[int]:
    """Repair the best plan of a run with about this many proposals; yields the parts still outside after each try.

    Tries grow: wider neighbourhoods and more proposals for what resists. What the parts outside the band leave of the
    proposals, half at least, goes to bringing moved households home where the band allows it.
    """
    spent = yield from tries(run, steps // 2, mendable)
    yield from tries(run, steps - spent, strangers, rounds=9)
    run.back_to_best()
    run.best = run.cost()


def tries(
    run: Run, steps: int, wanted: Callable[[Run], Indices], rounds: int | None = None
) -> Generator[int, None, int]:
    """Solve around the wanted parts again and again, until there are none, or rounds or proposals run out; those spent."""
    spent = 0
    for attempt in range(rounds) if rounds else count():
        chosen = wanted(run)
        if not len(chosen):
            break
        size = LEAST * min(2**attempt, 32)
        for part in chosen:
            if spent >= steps:
                return spent
            near = around(run, int(part), 1 + attempt % 3)
            tried(run, near, scrambled(run.seed + 7919 * attempt + int(part)), size, LOCAL[attempt % 2])
            spent += size
            yield len(out_of_band_parts(run))
    return spent


def mendable(run: Run) -> Indices:
    """The parts outside the band, but for those that one unit alone makes too heavy."""
    heavy = run.part[run.net.unit[:, WEIGHT] > run.task.high + 1e-9]
    return np.setdiff1d(out_of_band_parts(run), heavy)


def strangers(run: Run) -> Indices:
    """The parts with units whose current part is another."""
    gone = (run.net.info[:, HOME] >= 0) & (run.net.info[:, HOME] != run.part)
    return np.unique(run.part[gone])


def out_of_band_parts(run: Run) -> NDArray[np.int64]:
    """The parts of the run's best plan outside the band."""
    load = totals(run.part, run.net.unit[:, WEIGHT], run.task.parts)
    return out_of_band(load[:, None], run.task.low, run.task.high)
