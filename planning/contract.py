"""Several units taken as one: estates that fit a micro-grid, and micro-grids as the units that grids are made of.

The joined unit's households and area are sums; borders between the same two joined units are added up; those inside
disappear from the perimeter. So a plan on the smaller graph has exactly the figures of the plan it stands for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planning.graph import Graph, made, totals
from planning.units import NONE, Units

Groups = NDArray[np.int64]


def contracted(units: Units, graph: Graph, label: Groups) -> tuple[Units, Graph, Groups]:
    """(joined units, their borders, [n] each unit's joined unit). label[n]: what belongs together.

    A joined unit takes name, community, dedicated grid, and estate from its first unit; it is locked if one of its units
    is; its current part is the one with the most households.
    """
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    k = len(first)
    inner = number[graph.tail] == number[graph.head]
    perimeter = totals(number, units.perimeter, k)
    perimeter -= 2 * np.bincount(number[graph.tail[inner]], graph.length[inner], k)
    joined = Units(
        weight=totals(number, units.weight, k).astype(np.int64),
        area=totals(number, units.area, k),
        perimeter=perimeter,
        community=units.community[first],
        estate=units.estate[first],
        current=most(number, units.current, units.weight),
        locked=totals(number, units.locked, k) > 0,
        dedicated=units.dedicated[first],
        name=units.name[first],
    )
    between = made(k, number[graph.tail[~inner]], number[graph.head[~inner]], graph.length[~inner])
    return joined, between, number


def most(number: Groups, current: Groups, weight: NDArray[np.int64]) -> Groups:
    """The current part with the most households in each group."""
    pairs, which = np.unique(np.stack([number, current], axis=1), axis=0, return_inverse=True)
    load = np.bincount(which.ravel(), weight + 1e-6)
    order = np.lexsort((-load, pairs[:, 0]))
    _, first = np.unique(pairs[order][:, 0], return_index=True)
    return np.asarray(pairs[order][first][:, 1], np.int64)


def whole_estates(units: Units, graph: Graph, most_households: float) -> Groups:
    """label[n] that joins each estate of at most this many households, as far as its units touch; others stay alone."""
    load = np.bincount(units.estate[units.estate >= 0], units.weight[units.estate >= 0])
    fits = units.estate >= 0
    fits[fits] = load[units.estate[fits]] <= most_households
    same = units.estate[graph.tail] == units.estate[graph.head]
    same &= fits[graph.tail] & (units.community[graph.tail] == units.community[graph.head])
    same &= units.dedicated[graph.tail] == units.dedicated[graph.head]
    same &= (units.dedicated[graph.tail] == NONE) & (units.locked[graph.tail] == units.locked[graph.head])
    return graph.pieces(same)[1].astype(np.int64)
