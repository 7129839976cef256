"""Cells that meet share their vertices, so that a border between two of them is one line and never two.

The cells of different parts of a plan are made apart: where one has a corner on another's side, the side gets a vertex there.
Coordinates are metric and come out in millimetres.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

DECIMALS = 3
NEAR = 0.005  # metres a corner may lie off a side
Shapes = NDArray[Any]
Points = NDArray[np.float64]


def noded(shapes: Shapes) -> Shapes:
    """The polygons with every corner of a neighbour on their sides as a vertex; one that would become invalid stays as it is."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points, ring = without_repeats(*with_corners(np.round(points, DECIMALS), ring))
    made = assembled(shapely.linearrings(points, indices=ring), part, len(parts))
    whole = np.array(
        [one[0] if len(one) == 1 else shapely.MultiPolygon(list(one)) for one in grouped(made, owner, len(shapes))],
        object,
    )
    good = shapely.is_valid(whole) & (np.abs(shapely.area(whole) - shapely.area(shapes)) < 1.0)
    return np.where(good, whole, shapes)


def with_corners(points: Points, ring: NDArray[np.int64]) -> tuple[Points, NDArray[np.int64]]:
    """The rings' points with the corners that lie on their edges between them."""
    first = np.flatnonzero(ring[:-1] == ring[1:])
    begin, end = points[first], points[first + 1]
    size = np.hypot(*(end - begin).T)
    corners = np.unique(points, axis=0)
    tree = shapely.STRtree(shapely.linestrings(np.stack([begin, end], axis=1)))
    corner, edge = tree.query(shapely.points(corners), predicate="dwithin", distance=NEAR)
    along = ((corners[corner] - begin[edge]) * (end[edge] - begin[edge])).sum(1) / np.maximum(size[edge], NEAR)
    inside = (along > NEAR) & (along < size[edge] - NEAR)
    corner, edge, along = corner[inside], edge[inside], along[inside]
    place = np.concatenate([np.arange(len(points), dtype=np.float64), first[edge] + along / size[edge]])
    order = np.argsort(place, kind="stable")
    return np.concatenate([points, corners[corner]])[order], np.concatenate([ring, ring[first[edge]]])[order]


def without_repeats(points: Points, ring: NDArray[np.int64]) -> tuple[Points, NDArray[np.int64]]:
    """Without points that repeat the one before them."""
    same = np.r_[False, (points[1:] == points[:-1]).all(1) & (ring[1:] == ring[:-1])]
    return points[~same], ring[~same]


def assembled(rings: Shapes, part: NDArray[np.int64], count: int) -> Shapes:
    """Polygons of their rings, the first of each the outer one."""
    starts = np.searchsorted(part, np.arange(count + 1))
    return np.array([shapely.Polygon(rings[a], rings[a + 1 : b]) for a, b in pairwise(starts.tolist())], object)


def grouped(parts: Shapes, owner: NDArray[np.int64], count: int) -> list[Shapes]:
    """The parts of each shape."""
    starts = np.searchsorted(owner, np.arange(count + 1))
    return [parts[a:b] for a, b in pairwise(starts.tolist())]
