"""Rings cut into arcs: the pieces of border between the points where three or more borders meet.

Two neighbours that were digitised together share their border's points; here they come to share the arc. Where a border
was digitised twice, with different points, both lines stay: they are drawn over each other. All steps are numpy over all
rings at once (160,000 polygons in about a second).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Arcs:
    """Rings as references to arcs (arc × 2, + 1 backwards), and the arcs' points one after another."""

    owner: Ints  # ring → the polygon it belongs to; only rings that are left after rounding
    ref_counts: Ints  # ring → how many refs
    refs: Ints
    arc_lengths: Ints  # arc → how many points
    x: Ints
    y: Ints


@dataclass(frozen=True)
class _Rings:
    """Open rings one after another: no point twice in a row, none with fewer than three points."""

    x: Ints
    y: Ints
    size: Ints  # ring → how many points
    owner: Ints

    @property
    def start(self) -> Ints:
        return np.cumsum(self.size) - self.size

    def step(self, by: int) -> Ints:
        """For every point the position of the one `by` further in its ring."""
        start, size = (np.repeat(v, self.size) for v in (self.start, self.size))
        return start + (np.arange(len(self.x)) - start + by) % size


def arcs_of(x: Ints, y: Ints, ring: Ints, owner: Ints) -> Arcs:
    """Points of closed rings, the ring of each point, the polygon of each ring → arcs."""
    rings = _opened(x, y, ring, owner)
    if not len(rings.x):
        none = np.zeros(0, np.int64)
        return Arcs(none, none, none, none, none, none)
    vertex = np.unique(rings.x << 32 | rings.y, return_inverse=True)[1]
    following = vertex[rings.step(1)]
    edge = np.unique(np.minimum(vertex, following) * len(vertex) + np.maximum(vertex, following), return_inverse=True)[
        1
    ]
    return _cut(rings, vertex, following, edge, _nodes(rings, vertex, following, edge))


def _opened(x: Ints, y: Ints, ring: Ints, owner: Ints) -> _Rings:
    last = np.diff(ring, append=-1) != 0  # repeats the first
    x, y, ring = x[~last], y[~last], ring[~last]
    rings = _Rings(x, y, np.bincount(ring, minlength=len(owner)), owner)
    previous = rings.step(-1)
    keep = (x != x[previous]) | (y != y[previous])
    keep &= (np.bincount(ring[keep], minlength=len(owner)) >= 3)[ring]
    size = np.bincount(ring[keep], minlength=len(owner))
    return _Rings(x[keep], y[keep], size[size > 0], owner[size > 0])


def _nodes(rings: _Rings, vertex: Ints, following: Ints, edge: Ints) -> npt.NDArray[np.bool_]:
    """Of every vertex whether arcs end there: where not two edges meet, at the tip of a spike, and once on a ring that
    touches nothing (at its lowest vertex, so that an island and the hole around it agree)."""
    first = np.unique(edge, return_index=True)[1]
    degree = np.bincount(np.concatenate([vertex[first], following[first]]))
    node: npt.NDArray[np.bool_] = degree != 2
    node[vertex[vertex[rings.step(-1)] == following]] = True
    alone = ~np.logical_or.reduceat(node[vertex], rings.start)
    node[np.minimum.reduceat(vertex, rings.start)[alone]] = True
    return node


def _cut(rings: _Rings, vertex: Ints, following: Ints, edge: Ints, node: npt.NDArray[np.bool_]) -> Arcs:
    order = _from_a_node(rings, node[vertex])
    starts = np.flatnonzero(node[vertex[order]])
    ends = np.append(starts[1:], len(order))
    key = np.minimum.reduceat(edge[order], starts)  # a run is named by its lowest edge
    at = np.flatnonzero(edge[order] == np.repeat(key, ends - starts))
    forward = (vertex < following)[order[at]]
    _key, first, run = np.unique(key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    refs = rank[run] * 2 + (forward != forward[first[run]])
    chosen = np.sort(first)
    points, lengths = _points(order, starts[chosen], ends[chosen], rings.step(1))
    ring_of = np.repeat(np.arange(len(rings.size)), rings.size)[starts]
    return Arcs(rings.owner, np.bincount(ring_of), refs, lengths, rings.x[points], rings.y[points])


def _from_a_node(rings: _Rings, is_node: npt.NDArray[np.bool_]) -> Ints:
    """The points' positions with every ring turned so that it begins at a node."""
    position = np.arange(len(rings.x))
    first = np.minimum.reduceat(np.where(is_node, position, len(position)), rings.start) - rings.start
    start, size, turn = (np.repeat(v, rings.size) for v in (rings.start, rings.size, first))
    return start + (position - start + turn) % size


def _points(order: Ints, starts: Ints, ends: Ints, following: Ints) -> tuple[Ints, Ints]:
    """The runs' points with the node each ends at, and how many each has."""
    lengths = ends - starts + 1
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = np.repeat(starts, lengths) + within
    at_end = within == np.repeat(lengths - 1, lengths)
    return np.where(at_end, following[order[place - at_end]], order[np.minimum(place, len(order) - 1)]), lengths
