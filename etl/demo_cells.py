"""Convex pieces of the drawing plane, cut by straight lines; every edge remembers what it is (a road, a wall, water).

The two sides of a cut share the very same crossing points, which is what lets everything drawn from them tile exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

# Edge labels, and how far from the line an estate's wall stands on each (metres).
RIVER, ARTERIAL, RAIL, CREEK, COLLECTOR, LOCAL, WALL, STRIP = range(8)
SETBACK = {RIVER: 0.0, ARTERIAL: 25.0, RAIL: 34.0, CREEK: 30.0, COLLECTOR: 15.0, LOCAL: 9.5, WALL: 2.0, STRIP: 0.0}


@dataclass(frozen=True)
class Piece:
    """A convex polygon, counter-clockwise; `labels[i]` is of the edge from `points[i]` to the next point."""

    points: tuple[Point, ...]
    labels: tuple[int, ...]

    @property
    def area(self) -> float:
        """Square units of the plane."""
        ring = [*self.points, self.points[0]]
        return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)) / 2

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        xs, ys = [p[0] for p in self.points], [p[1] for p in self.points]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def middle(self) -> Point:
        """The mean of the corners; inside, the piece being convex."""
        n = len(self.points)
        return sum(p[0] for p in self.points) / n, sum(p[1] for p in self.points) / n


def box(west: float, south: float, east: float, north: float, labels: tuple[int, int, int, int]) -> Piece:
    """A rectangle; labels of its south, east, north and west edge."""
    return Piece(((west, south), (east, south), (east, north), (west, north)), labels)


def cut(piece: Piece, normal: Point, offset: float, label: int) -> tuple[Piece | None, Piece | None]:
    """The parts where normal · p < offset and where it is greater; None where there is nothing but a line."""
    side = [normal[0] * x + normal[1] * y - offset for x, y in piece.points]
    side = [0.0 if abs(s) < 1e-7 else s for s in side]
    if min(side) >= 0:
        return None, piece
    if max(side) <= 0:
        return piece, None
    return _half(piece, side, normal, offset, label), _half(piece, [-s for s in side], normal, offset, label)


def _half(piece: Piece, side: list[float], normal: Point, offset: float, label: int) -> Piece:
    """The part where side <= 0, its new edge labelled."""
    points: list[Point] = []
    labels: list[int] = []
    n = len(side)
    for i in range(n):
        j = (i + 1) % n
        if side[i] <= 0:
            points.append(piece.points[i])
            leaves = side[i] == 0 and side[j] > 0
            labels.append(label if leaves else piece.labels[i])
        if side[i] * side[j] < 0:
            points.append(_crossing(piece.points[i], piece.points[j], normal, offset))
            labels.append(piece.labels[i] if side[i] > 0 else label)
    return Piece(tuple(points), tuple(labels))


def _crossing(a: Point, b: Point, normal: Point, offset: float) -> Point:
    """Where a segment meets the line, the same from both ends; exact in the coordinate an axis fixes."""
    if b < a:
        a, b = b, a
    da, db = normal[0] * a[0] + normal[1] * a[1] - offset, normal[0] * b[0] + normal[1] * b[1] - offset
    t = da / (da - db)
    x, y = a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
    if normal == (1.0, 0.0):
        return offset, y
    if normal == (0.0, 1.0):
        return x, offset
    return x, y


def inset(piece: Piece, scale: float, more: float = 0.0) -> Piece | None:
    """The piece without a strip along each edge, as wide as the edge's setback; `scale`: metres a unit of the plane."""
    left: Piece | None = piece
    ring = [*piece.points, piece.points[0]]
    for (a, b), label in zip(pairwise(ring), piece.labels, strict=True):
        length = math.dist(a, b)
        if length < 1e-6 or left is None:
            continue
        normal = ((b[1] - a[1]) / length, (a[0] - b[0]) / length)  # outward of a counter-clockwise ring
        offset = normal[0] * a[0] + normal[1] * a[1] - (SETBACK[label] + more) / scale
        left = cut(left, normal, offset, label)[0]
    return left


def span(piece: Piece, y: float) -> tuple[float, float] | None:
    """West and east end of the piece at a height; None outside."""
    xs: list[float] = []
    ring = [*piece.points, piece.points[0]]
    for (ax, ay), (bx, by) in pairwise(ring):
        if ay != by and min(ay, by) <= y <= max(ay, by):
            xs.append(ax + (y - ay) / (by - ay) * (bx - ax))
    return (min(xs), max(xs)) if len(xs) > 1 else None
