"""Which units share a border, and how long it is: rook adjacency, measured and not guessed.

Cells from different sources rarely share every vertex, so borders are found between edges and not between vertices: two
edges of different units that run along each other within a tolerance share the length of their overlap. Where the cells
are noded, that is exactly the length of the common edges. A meeting in a point is no border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from planning.units import Units

TOLERANCE = 0.01  # metres two edges may lie apart and still be one border
SHORTEST = 0.01  # metres a border must have


@dataclass(frozen=True)
class Graph:
    """m borders between n units: tail[m] < head[m], sorted; length[m] in metres."""

    n: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    length: NDArray[np.float64]

    def keep(self, mask: NDArray[np.bool_]) -> Graph:
        """The borders chosen, all units."""
        return Graph(self.n, self.tail[mask], self.head[mask], self.length[mask])

    def only(self, nodes: NDArray[np.int64]) -> Graph:
        """The graph of the chosen units, renumbered in the order given (ascending)."""
        number = np.full(self.n, -1, np.int64)
        number[nodes] = np.arange(len(nodes))
        tail, head = number[self.tail], number[self.head]
        inside = (tail >= 0) & (head >= 0)
        return Graph(len(nodes), tail[inside], head[inside], self.length[inside])

    def pieces(self, mask: NDArray[np.bool_] | None = None) -> tuple[int, NDArray[np.int32]]:
        """(number of connected pieces, each unit's piece), over the chosen borders."""
        tail, head = (self.tail, self.head) if mask is None else (self.tail[mask], self.head[mask])
        ones = np.ones(len(tail), np.int8)
        count, label = connected_components(coo_matrix((ones, (tail, head)), shape=(self.n, self.n)), directed=False)
        return int(count), label


def totals(number: NDArray[Any], value: NDArray[Any], count: int) -> NDArray[np.float64]:
    """The sum of the values of each number 0..count-1."""
    return np.bincount(number, value, count).astype(np.float64)


def made(n: int, tail: NDArray[Any], head: NDArray[Any], length: NDArray[Any]) -> Graph:
    """A graph from borders in any order and direction; repeated ones are added up."""
    low, high = np.minimum(tail, head).astype(np.int64), np.maximum(tail, head).astype(np.int64)
    keys, place = np.unique(low * n + high, return_inverse=True)
    total = totals(place, length, len(keys))
    return Graph(n, keys // n, keys % n, total)


def shared(geometry: NDArray[Any], *, tolerance: float = TOLERANCE, shortest: float = SHORTEST) -> Graph:
    """The graph of n polygons in a metric projection; lengths in metres."""
    shapes = np.asarray(geometry, dtype=object)
    points, owner = shapely.get_coordinates(shapely.boundary(shapes), return_index=True)
    rings = shapely.get_parts(shapely.boundary(shapes))
    _, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[:-1] == ring[1:]
    begin, end, owner = points[:-1][inner], points[1:][inner], owner[:-1][inner]
    true = np.hypot(*(end - begin).T) > 0
    begin, end, owner = begin[true], end[true], owner[true]
    same, pair, rest = twins(begin, end, owner)
    edges = shapely.linestrings(np.stack([begin[rest], end[rest]], axis=1))
    first, second = rest[shapely.STRtree(edges).query(edges, predicate="dwithin", distance=tolerance)]
    other = owner[first] < owner[second]
    first, second = first[other], second[other]
    length = overlap(begin[first], end[first], begin[second], end[second], tolerance)
    exact = np.hypot(*(end[same] - begin[same]).T)
    graph = made(
        len(shapes),
        np.concatenate([owner[same], owner[first]]),
        np.concatenate([owner[pair], owner[second]]),
        np.concatenate([exact, length]),
    )
    return graph.keep(graph.length >= shortest)


def twins(
    begin: NDArray[np.float64], end: NDArray[np.float64], owner: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(edges, their twins, the rest): a twin has the same two ends in another unit; noded cells have hardly any rest."""
    turned = (begin[:, 0] > end[:, 0]) | ((begin[:, 0] == end[:, 0]) & (begin[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, begin), np.where(turned[:, None], begin, end)
    keys = np.concatenate([low, high], axis=1)
    order = np.lexsort(keys.T)
    twin = (keys[order][1:] == keys[order][:-1]).all(1) & (owner[order][1:] != owner[order][:-1])
    same, pair = order[:-1][twin], order[1:][twin]
    alone = np.ones(len(begin), np.bool_)
    alone[same] = alone[pair] = False
    return same, pair, np.flatnonzero(alone)


def overlap(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], d: NDArray[np.float64], tolerance: float
) -> NDArray[np.float64]:
    """How far the edges c-d run along the edges a-b, in metres; 0 where they part by more than the tolerance. All [e, 2]."""
    along = b - a
    size = np.hypot(along[:, 0], along[:, 1])
    along = along / size[:, None]

    def measured(point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        to = point - a
        return (to * along).sum(1), to[:, 1] * along[:, 0] - to[:, 0] * along[:, 1]

    (from_, off), (to, away) = measured(c), measured(d)
    low, high = np.clip(np.minimum(from_, to), 0, size), np.clip(np.maximum(from_, to), 0, size)
    slope = (away - off) / np.where(to == from_, np.inf, to - from_)
    apart = np.maximum(np.abs(off + slope * (low - from_)), np.abs(off + slope * (high - from_)))
    steep = np.abs(to - from_) < 0.7 * np.hypot(to - from_, away - off)
    return np.where((apart <= tolerance) & ~steep, high - low, 0.0)


def pairs(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """[2, k] the different pairs of two columns, ascending; by one number a pair, for sorting rows is ten times slower."""
    if not len(first):
        return np.zeros((2, 0), np.int64)
    low = int(second.min())
    width = int(second.max()) - low + 1
    keys = np.unique(first * width + (second - low))
    return np.stack([keys // width, keys % width + low])


def walled(graph: Graph, units: Units) -> Graph:
    """The borders a part may span: not between communities, not to or between dedicated grids."""
    same = units.community[graph.tail] == units.community[graph.head]
    homes = (units.dedicated[graph.tail] < 0) & (units.dedicated[graph.head] < 0)
    return graph.keep(same & homes)
