"""Neighbourhood after neighbourhood is drawn again from hot, and the outcome kept where it is better.

One long annealing leaves each corner of a district as chance had it. A part with those around it, annealed again on its own,
costs a thousandth of the whole, so the best of several outcomes can be kept in every corner (large neighbourhood search, Shaw
1998). On the Cambridge parcels it brings in a quarter of the time what annealing alone brings.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, repeat

import numpy as np

from planning.annealing import Run, Schedule, scaled
from planning.nets import scrambled
from planning.repair import around, tried

HOT = Schedule(heat=0.16, cold=0.02, slack=0.25, strict=4.0)
NEARBY, WIDE = (2, 900), (3, 2400)  # borders away, proposals a unit


def polished(run: Run, steps: int, slices: int) -> Iterator[None]:
    """Spend about this many proposals on a run's best plan; yields `slices` times, as they are spent."""
    schedule, turn, spent = scaled(HOT, run.task), turns(run), 0
    for told in range(1, slices + 1):
        while run.task.parts > 1 and spent < steps * told // slices:
            seed, part, reach, a_unit = next(turn)
            near = around(run, part, reach)
            size = min(a_unit * int(np.isin(run.part, near).sum()), steps - spent)
            tried(run, near, seed, size, schedule)
            spent += size
        yield


def turns(run: Run) -> Iterator[tuple[int, int, int, int]]:
    """(seed, part, reach, proposals a unit): each part once nearby, then again and again wider and longer, in random order."""
    chance, number = np.random.default_rng(run.seed), count(1)
    for reach, a_unit in chain([NEARBY], repeat(WIDE)):
        for part in chance.permutation(run.task.parts):
            yield scrambled(run.seed + 104_729 * next(number)), int(part), reach, a_unit
