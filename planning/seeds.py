"""A first plan to anneal from: METIS (Karypis and Kumar 1998) for a fresh one, the plan in force for a redraw.

METIS is asked for contiguous parts within 10 % but does not always deliver them, so fragments are given to a neighbouring
part afterwards. A plan in force is kept part by part: new units join a neighbour, parts too many are joined to the
lightest neighbour, parts too few come from cutting the heaviest in two.
"""

from __future__ import annotations

import numpy as np
import pymetis
from numpy.typing import NDArray

from data.errors import InputError
from planning.graph import Graph, totals

UFACTOR = 100  # METIS's word for 10 % of imbalance
Parts = NDArray[np.int64]
Locks = NDArray[np.bool_] | None


def drawn(graph: Graph, weight: NDArray[np.int64], parts: int, seed: int) -> Parts:
    """A fresh plan of n connected units in `parts` contiguous, non-empty parts."""
    if parts == 1:
        return np.zeros(graph.n, np.int64)
    options = pymetis.Options(contig=1, ufactor=UFACTOR, seed=seed % 2**31)
    asked = pymetis.part_graph(parts, rows(graph), vweights=np.maximum(weight, 1).astype(np.int32), options=options)
    return counted(graph, weight, gathered(graph, weight, np.asarray(asked[1], np.int64)), parts)


def rows(graph: Graph) -> pymetis.CSRAdjacency:
    """The neighbours of each unit as METIS reads them."""
    source, to = np.concatenate([graph.tail, graph.head]), np.concatenate([graph.head, graph.tail])
    order = np.lexsort((to, source))
    start = np.searchsorted(source[order], np.arange(graph.n + 1))
    return pymetis.CSRAdjacency(start.astype(np.int32), to[order].astype(np.int32))


def gathered(graph: Graph, weight: NDArray[np.int64], part: Parts, locked: Locks = None) -> Parts:
    """The plan with every part in one piece: the heaviest piece keeps the part, the others join a neighbouring part.

    Units with part -1 are nobody's and join a neighbour too. Pieces with locked units stay.
    """
    part = filled(graph, part)
    while True:
        _, piece = graph.pieces(part[graph.tail] == part[graph.head])
        main = heaviest(piece, part, weight)
        if locked is not None:
            main[piece[locked & (part >= 0)]] = True
        lost = ~main[piece]
        if not lost.any():
            return part
        before = part.copy()
        for here, there in ((graph.tail, graph.head), (graph.head, graph.tail)):
            edge = lost[here] & ~lost[there]
            part[here[edge]] = before[there[edge]]
        if np.array_equal(part, before):
            return part


def filled(graph: Graph, part: Parts) -> Parts:
    """The plan with nobody's units (-1) given to a part they touch, ring by ring."""
    part = part.copy()
    while (part < 0).any():
        before = part.copy()
        for here, there in ((graph.tail, graph.head), (graph.head, graph.tail)):
            edge = (before[here] < 0) & (before[there] >= 0)
            part[here[edge]] = before[there[edge]]
        if np.array_equal(part, before):
            break
    return part


def heaviest(piece: NDArray[np.int32], part: Parts, weight: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pieces are the heaviest of their part (of equals, the one found first)."""
    load = np.bincount(piece, weight + 1e-6)
    owner = np.zeros(len(load), np.int64)
    owner[piece] = part
    order = np.lexsort((-load, owner))
    first = np.r_[True, owner[order][1:] != owner[order][:-1]]
    main = np.zeros(len(load), np.bool_)
    main[order[first]] = True
    return main & (owner >= 0)


def counted(graph: Graph, weight: NDArray[np.int64], part: Parts, parts: int, locked: Locks = None) -> Parts:
    """The plan with exactly `parts` parts: the heaviest are cut in two, the lightest joined to a neighbour.

    Parts with locked units are left alone. InputError where nothing is left to cut or to join.
    """
    part = part.copy()
    held = np.unique(part[locked]) if locked is not None else np.zeros(0, np.int64)
    while (names := np.unique(part)).size != parts:
        load, free = totals(part, weight, int(part.max()) + 1), np.setdiff1d(names, held)
        done = halve(graph, weight, part, free, load) if names.size < parts else join(graph, part, free, load)
        if not done:
            raise InputError(
                f"{names.size} parts cannot be made into {parts}: too few units, or locks, stand in the way.",
                todo="Unlock some parts or ask for another number.",
            )
    return part


def halve(graph: Graph, weight: NDArray[np.int64], part: Parts, free: Parts, load: NDArray[np.float64]) -> bool:
    """Cut the heaviest part of two or more units; the lighter half becomes a new part. False where there is none."""
    able = free[np.bincount(part)[free] > 1]
    if not len(able):
        return False
    inside = np.flatnonzero(part == able[np.argmax(load[able])])
    half = split(graph.only(inside), weight[inside])
    if weight[inside[half]].sum() * 2 > weight[inside].sum():
        half = ~half
    part[inside[half]] = part.max() + 1
    return True


def split(graph: Graph, weight: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A connected graph in two contiguous halves of about equal weight: grown from its far end, then gathered."""
    order = spread(graph)
    half = np.zeros(graph.n, np.int64)
    half[order[np.cumsum(weight[order]) * 2 <= weight.sum()]] = 1
    if half.all() or not half.any():
        half[:] = 0
        half[order[0]] = 1
    kept = gathered(graph, weight, half)
    if np.unique(kept).size < 2:
        kept[order[0]] = 1 - kept[order[0]]
        kept = gathered(graph, weight, kept)
    if np.unique(kept).size < 2:  # the last unit of a breadth-first order never holds the others together
        kept = np.zeros(graph.n, np.int64)
        kept[order[-1]] = 1
    return kept.astype(np.bool_)


def spread(graph: Graph) -> NDArray[np.int64]:
    """The units by their steps from the unit farthest from unit 0 (breadth first)."""
    steps = distance(graph, 0)
    return np.argsort(distance(graph, int(np.argmax(steps))), kind="stable")


def distance(graph: Graph, origin: int) -> NDArray[np.int64]:
    """Steps from `origin` over borders; [n]."""
    steps = np.full(graph.n, -1, np.int64)
    steps[origin] = 0
    while True:
        reached = steps >= 0
        far = np.concatenate(
            [
                graph.head[reached[graph.tail] & ~reached[graph.head]],
                graph.tail[reached[graph.head] & ~reached[graph.tail]],
            ]
        )
        if not len(far):
            return steps
        steps[far] = steps.max() + 1


def join(graph: Graph, part: Parts, free: Parts, load: NDArray[np.float64]) -> bool:
    """Give the lightest part that has a neighbour to its lightest neighbour. False where none has one."""
    for name in free[np.argsort(load[free], kind="stable")]:
        touch = np.concatenate([part[graph.head[part[graph.tail] == name]], part[graph.tail[part[graph.head] == name]]])
        touch = np.unique(touch[touch != name])
        if len(touch):
            part[part == name] = touch[np.argmin(load[touch])]
            return True
    return False


def kept(graph: Graph, weight: NDArray[np.int64], current: Parts, parts: int, locked: Locks = None) -> Parts:
    """The plan in force brought to `parts` contiguous parts; labels of `current` stay, new parts get numbers above."""
    return counted(graph, weight, gathered(graph, weight, current, locked), parts, locked)
