"""From units and borders to the arrays the kernels run on, and back: nets, states and their figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planning.graph import Graph, totals
from planning.kernels import AREA, PERIMETER, SIZE, WEIGHT, Bits, Floats, Ints, Net, State, compiled
from planning.units import Units


@compiled
def touching(start: Ints, link: Ints, near: Bits) -> None:
    """Fill `near`: bit j of the row entry i says that the unit's neighbours i and j touch. Rows above 64 stay empty."""
    for u in range(len(start) - 1):
        first, last = start[u], start[u + 1]
        if last - first > 64:
            continue
        for i in range(first, last):
            v = link[i, 0]
            for j in range(first, last):
                for x in range(start[v], start[v + 1]):
                    if link[x, 0] == link[j, 0]:
                        near[i] |= np.uint64(1) << np.uint64(j - first)
                        break


def net(
    units: Units, graph: Graph, home: NDArray[np.int64] | None = None, fixed: NDArray[np.bool_] | None = None
) -> Net:
    """The net of n units and their m borders. home[n]: the part each is in now, by the state's numbers, or -1."""
    n, m = len(units), len(graph.tail)
    source, to = np.concatenate([graph.tail, graph.head]), np.concatenate([graph.head, graph.tail])
    border = np.concatenate([np.arange(m), np.arange(m)])
    order = np.lexsort((to, source))
    start = np.searchsorted(source[order], np.arange(n + 1)).astype(np.int32)
    link = columns(to[order], border[order])
    near = np.zeros(2 * m, np.uint64)
    touching(start, link, near)
    estate_start, members, estate = estates(units.estate)
    now = np.full(n, -1) if home is None else home
    locked = units.locked if fixed is None else fixed
    return Net(
        start, link, graph.length[border[order]], near, columns(graph.tail, graph.head),
        np.ascontiguousarray(np.stack([units.weight, units.area, units.perimeter], axis=1), np.float64),
        columns(locked, now, estate), estate_start, members,
    )  # fmt: skip


def columns(*given: NDArray[np.generic]) -> Ints:
    """The arrays side by side as 32-bit whole numbers."""
    return np.ascontiguousarray(np.stack(given, axis=1), np.int32)


def estates(estate: NDArray[np.int64]) -> tuple[Ints, Ints, NDArray[np.int64]]:
    """(start of each estate's row, the rows of units, each unit's estate numbered from 0 or -1)."""
    inside = np.flatnonzero(estate >= 0)
    _, number = np.unique(estate[inside], return_inverse=True)
    numbered = np.full(len(estate), -1, np.int64)
    numbered[inside] = number
    order = np.argsort(number, kind="stable")
    many = int(number.max()) + 1 if len(number) else 0
    start = np.searchsorted(number[order], np.arange(many + 1)).astype(np.int32)
    return start, inside[order].astype(np.int32), numbered


def state(net: Net, part: NDArray[np.int64], parts: int, seed: int) -> State:
    """The state of an assignment part[n] to 0..parts-1, with random numbers from `seed`."""
    n, m = len(net.unit), len(net.ends)
    crossing = np.flatnonzero(part[net.ends[:, 0]] != part[net.ends[:, 1]])
    cut, place = np.zeros(max(m, 1), np.int32), np.full(m, -1, np.int32)
    cut[: len(crossing)] = crossing
    place[crossing] = np.arange(len(crossing))
    return State(
        part.astype(np.int32), sums(net, part, parts), cut, place, np.zeros(n, np.int32), np.zeros(n, np.int32),
        np.array([len(crossing), 0, 1], np.int64), np.array([scrambled(seed)], np.uint64), np.zeros((2 * m, 4), np.float32),
        np.zeros((2 * m, 2), np.int32), np.ones(n, np.int32), np.ones(parts, np.int32),
    )  # fmt: skip


def sums(net: Net, part: NDArray[np.int64], parts: int) -> Floats:
    """Households, area, perimeter and units of each part, [parts, 4], counted afresh."""
    found = np.zeros((parts, 4))
    for column in (WEIGHT, AREA, PERIMETER):
        found[:, column] = totals(part, net.unit[:, column], parts)
    length = lengths(net)
    inner = part[net.ends[:, 0]] == part[net.ends[:, 1]]
    found[:, PERIMETER] -= 2 * np.bincount(part[net.ends[inner, 0]], length[inner], parts)
    found[:, SIZE] = np.bincount(part, minlength=parts)
    return found


def lengths(net: Net) -> Floats:
    """The length of each border, [m]."""
    found = np.zeros(len(net.ends))
    found[net.link[:, 1]] = net.length
    return found


def scrambled(seed: int) -> int:
    """64 mixed bits, not 0, from any whole number (splitmix64)."""
    x = (seed + 0x9E3779B97F4A7C15) % 2**64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) % 2**64
    return (x ^ (x >> 31)) or 1
