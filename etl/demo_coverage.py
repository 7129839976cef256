"""One planar arrangement of all cells: neighbours share every vertex, so that whatever is merged from them tiles exactly.

Corners that lie on another cell's edge are put into that edge, long edges are divided alike from both sides, and only then
is everything bent and rounded to a centimetre: equal points stay equal, and no crack can open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from etl.demo_warp import Warp

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Geometries = npt.NDArray[Any]

LONGEST = 55.0  # metres of the plane an edge may run straight
NEAR = 1e-4


@dataclass(frozen=True)
class Coverage:
    """Cells on the ground. pairs: (n, 2) of cells that share an edge, each once, left < right; lengths: metres."""

    polygons: Geometries
    pairs: Integers
    lengths: Floats


def coverage(rings: list[Floats], warp: Warp) -> Coverage:
    """Cells from rings in the drawing plane, counter-clockwise and not closed."""
    points, corner, ring = _shared(rings)
    corner, ring = _noded(points, corner, ring)
    plane, ring = _divided(points, corner, ring)
    ground = warp(plane)
    following = _next(ring)
    keep = (ground != ground[following]).any(axis=1)
    ground, ring = ground[keep], ring[keep]
    coordinates, indices = _closed(ground, ring)
    polygons = shapely.polygons(shapely.linearrings(coordinates, indices=indices))
    return Coverage(polygons, *_neighbours(ground, ring))


def _shared(rings: list[Floats]) -> tuple[Floats, Integers, Integers]:
    """(points, each once; point of every corner; ring of every corner)."""
    every = np.asarray(np.round(np.concatenate(rings), 6), dtype=np.float64)
    ring = np.repeat(np.arange(len(rings)), [len(r) for r in rings])
    points, corner = np.unique(every, axis=0, return_inverse=True)
    corner = corner.reshape(-1).astype(np.int64)
    keep = corner != corner[_next(ring)]
    return points, corner[keep], ring[keep]


def _next(ring: Integers) -> Integers:
    """Index of the following corner in the same ring."""
    n = len(ring)
    following = np.arange(1, n + 1)
    last = np.flatnonzero(np.r_[ring[1:] != ring[:-1], True])
    first = np.r_[0, last[:-1] + 1]
    following[last] = first
    return following


def _noded(points: Floats, corner: Integers, ring: Integers) -> tuple[Integers, Integers]:
    """Corners and rings with every point that lies on an edge put into it."""
    start, end = points[corner], points[corner[_next(ring)]]
    edges = shapely.linestrings(np.stack([start, end], axis=1))
    edge, point = shapely.STRtree(shapely.points(points)).query(edges, predicate="dwithin", distance=NEAR)
    along = end[edge] - start[edge]
    t = ((points[point] - start[edge]) * along).sum(axis=1) / (along**2).sum(axis=1)
    inner = (point != corner[edge]) & (point != corner[_next(ring)][edge]) & (t > 0) & (t < 1)
    order_edge = np.r_[np.arange(len(corner)), edge[inner]]
    order = np.lexsort((np.r_[np.zeros(len(corner)), t[inner]], order_edge))
    return np.r_[corner, point[inner]][order], ring[order_edge[order]]


def _divided(points: Floats, corner: Integers, ring: Integers) -> tuple[Floats, Integers]:
    """Coordinates along every ring, long edges divided evenly; the same points from both sides."""
    other = corner[_next(ring)]
    low, high = np.minimum(corner, other), np.maximum(corner, other)
    span = points[high] - points[low]
    parts = np.maximum(1, np.ceil(np.hypot(span[:, 0], span[:, 1]) / LONGEST)).astype(np.int64)
    edge = np.repeat(np.arange(len(corner)), parts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(parts) - parts, parts)
    forth = np.where(corner[edge] == low[edge], step, parts[edge] - step)
    share = forth / parts[edge]
    found = points[low[edge]] + share[:, None] * span[edge]
    whole = step == 0
    found[whole] = points[corner[edge[whole]]]
    return found, ring[edge]


def _closed(ground: Floats, ring: Integers) -> tuple[Floats, Integers]:
    """Coordinates and rings with each first point repeated at the end."""
    last = np.flatnonzero(np.r_[ring[1:] != ring[:-1], True])
    first = np.r_[0, last[:-1] + 1]
    return np.insert(ground, last + 1, ground[first], axis=0), np.insert(ring, last + 1, ring[last])


def _neighbours(ground: Floats, ring: Integers) -> tuple[Integers, Floats]:
    """Pairs of rings that share edges, and how long the shared border is."""
    following = _next(ring)
    points, ids = np.unique(np.round(ground * 100).astype(np.int64), axis=0, return_inverse=True)
    ids = ids.reshape(-1)
    low, high = np.minimum(ids, ids[following]), np.maximum(ids, ids[following])
    key = low.astype(np.int64) * len(points) + high
    order = np.argsort(key, kind="stable")
    twin = np.flatnonzero(key[order][1:] == key[order][:-1])
    one, two = order[twin], order[twin + 1]
    metres = np.hypot(*(ground[one] - ground[following[one]]).T)
    pairs = np.sort(np.stack([ring[one], ring[two]], axis=1), axis=1)
    found, where = np.unique(pairs, axis=0, return_inverse=True)
    total: Floats = np.bincount(where.reshape(-1), weights=metres, minlength=len(found)).astype(np.float64)
    return found, total


def merged(polygons: Geometries, label: Integers, count: int) -> Geometries:
    """One polygon a label 0 … count - 1 from the cells that carry it."""
    order = np.argsort(label, kind="stable")
    edges = np.searchsorted(label[order], np.arange(count + 1))
    made = np.empty(count, dtype=object)
    for i in range(count):
        parts = polygons[order[edges[i] : edges[i + 1]]]
        made[i] = parts[0] if len(parts) == 1 else shapely.coverage_union_all(parts)
    return made
