"""Houses nobody lives in: schools with their running tracks, shops, works, offices. Drawn on the base map, never counted."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import pairwise

from etl.demo_cells import Piece, Point

Box = tuple[float, float, float, float]  # west, south, east, north in metres of the site's frame


def boxes(use: str, lot: Piece, luck: random.Random) -> list[Box]:
    """Footprints of a site inside its lot (metres)."""
    make = {
        "school": _school,
        "hospital": _hospital,
        "mall": _mall,
        "market": _market,
        "office": _office,
        "industry": _works,
        "campus": _campus,
    }.get(use)
    if make is None:
        return []
    found: list[Box] = []
    for box in make(lot.bounds, luck):
        if holds(lot, box) and not any(_meet(box, other) for other in found):
            found.append(box)
    return found


def track(lot: Piece) -> list[Point] | None:
    """The running track of a school, at the south or west end of its lot; none where it does not fit."""
    west, south, east, north = lot.bounds
    upright, length, width = _track(lot.bounds)
    if length < 60 or width < 30:
        return None
    half, radius = (length - width) / 2, width / 2
    ring: list[Point] = []
    for end in (1, -1):
        for step in range(13):
            angle = -math.pi / 2 + math.pi * step / 12
            ring.append((end * (half + radius * math.cos(angle)), end * radius * math.sin(angle)))
    if upright:
        x, y = (west + east) / 2, south + 6 + length / 2
        return _inside(lot, [(x - b, y + a) for a, b in ring])
    x, y = west + 6 + length / 2, (south + north) / 2
    return _inside(lot, [(x + a, y + b) for a, b in ring])


def _track(bounds: Box) -> tuple[bool, float, float]:
    """(whether it runs north-south, length, width) of the track a lot has room for beside its houses."""
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    length = min(150.0, max(wide, high) * 0.6)
    return high > wide, length, min(82.0, min(wide, high) - 14, length * 0.52)


def _inside(lot: Piece, ring: list[Point]) -> list[Point] | None:
    return ring if all(_holds(lot, p, 2.0) for p in ring) else None


def holds(lot: Piece, box: Box) -> bool:
    """Whether a box lies inside a lot, three metres from its edge."""
    west, south, east, north = box
    return all(_holds(lot, p, 3.0) for p in ((west, south), (east, south), (east, north), (west, north)))


def _holds(lot: Piece, p: Point, margin: float) -> bool:
    for (ax, ay), (bx, by) in pairwise([*lot.points, lot.points[0]]):
        length = math.hypot(bx - ax, by - ay)
        if length > 1e-6 and ((bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax)) / length < margin:
            return False
    return True


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] + 4 and b[0] < a[2] + 4 and a[1] < b[3] + 4 and b[1] < a[3] + 4


def _lattice(
    bounds: Box, wide: float, deep: float, gap: Point, luck: random.Random, keep: float = 0.9
) -> Iterator[Box]:
    """Boxes of one size in rows; a few are left out."""
    west, south, east, north = bounds
    columns = int((east - west - 8 + gap[0]) // (wide + gap[0]))
    rows = int((north - south - 8 + gap[1]) // (deep + gap[1]))
    x0 = (west + east - columns * wide - (columns - 1) * gap[0]) / 2
    y0 = (south + north - rows * deep - (rows - 1) * gap[1]) / 2
    for j in range(rows):
        for i in range(columns):
            x, y = x0 + i * (wide + gap[0]), y0 + j * (deep + gap[1])
            if luck.random() < keep:
                yield x, y, x + wide, y + deep


def _school(bounds: Box, luck: random.Random) -> Iterator[Box]:
    west, south, east, north = bounds
    upright, length, _ = _track(bounds)
    free = (west, south + length + 10, east, north) if upright else (west + length + 10, south, east, north)
    wide = min(62.0, free[2] - free[0] - 10)
    yield from _lattice(free, wide, 13.0, (12.0, 14.0), luck, 1.0)


def _hospital(bounds: Box, luck: random.Random) -> Iterator[Box]:
    west, south, east, north = bounds
    x, wide = (west + east) / 2, min(90.0, (east - west) * 0.7)
    yield x - wide / 2, south + 18, x + wide / 2, south + 46
    yield from _lattice((west, south + 58, east, north), min(60.0, wide * 0.6), 17.0, (16.0, 18.0), luck, 0.95)


def _mall(bounds: Box, luck: random.Random) -> Iterator[Box]:
    west, south, east, north = bounds
    wide, high = east - west, north - south
    split = luck.uniform(0.45, 0.65)
    if wide > high:
        yield west + 12, south + 12, west + wide * split - 8, north - 12
        yield west + wide * split + 8, south + high * 0.3, east - 12, north - 12
    else:
        yield west + 12, south + 12, east - 12, south + high * split - 8
        yield west + 12, south + high * split + 8, west + wide * 0.7, north - 12


def _market(bounds: Box, luck: random.Random) -> Iterator[Box]:
    wide = min(110.0, (bounds[2] - bounds[0]) * 0.8)
    yield from _lattice(bounds, wide, 16.0, (10.0, 9.0), luck, 1.0)


def _office(bounds: Box, luck: random.Random) -> Iterator[Box]:
    yield from _lattice(bounds, luck.uniform(34, 46), luck.uniform(32, 42), (26.0, 28.0), luck, 0.85)


def _works(bounds: Box, luck: random.Random) -> Iterator[Box]:
    yield from _lattice(bounds, luck.uniform(60, 110), luck.uniform(28, 52), (16.0, 18.0), luck, 0.88)


def _campus(bounds: Box, luck: random.Random) -> Iterator[Box]:
    west, south, east, north = bounds
    for _ in range(160):
        wide, deep = luck.choice(((72.0, 17.0), (58.0, 16.0), (18.0, 56.0), (64.0, 40.0), (80.0, 18.0), (40.0, 40.0)))
        x, y = luck.uniform(west, east - wide), luck.uniform(south, north - deep)
        yield x, y, x + wide, y + deep
