"""Where the main lines of the demo district run: arterials, the brook, the railway, roads between towns, and special sites."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

import shapely

from etl.demo_cells import ARTERIAL, CREEK, RAIL, WALL, Point
from etl.demo_presets import Preset

RURAL = 0.06  # below this share of a town the land is open country


@dataclass(frozen=True)
class Skeleton:
    """The lines everything else is hung on. creek: the column that is a brook; rail: the row that is a railway."""

    columns: list[float]
    rows: list[float]
    creek: float | None
    rail: float | None
    bridges: set[int]  # columns that cross the river
    special: dict[tuple[int, int], str]
    diagonal: tuple[Point, Point] | None
    corners: dict[tuple[int, int], Point]
    villages: set[tuple[int, int]]
    trunks: set[tuple[str, int, int]]


def skeleton(preset: Preset, edge: shapely.Polygon, luck: random.Random) -> Skeleton:
    """Draw the lines of a preset."""
    columns, rows = lines(preset, luck, axis=0), lines(preset, luck, axis=1)
    creek, rail = others(preset, columns, rows)
    between = trunks(preset, columns, rows)
    led = {number for kind, number, _ in between if kind == "column"} if preset.villages else set()
    return Skeleton(
        columns,
        rows,
        creek,
        rail,
        bridges={i for i in range(len(columns)) if i % 2 == 0 or luck.random() < 0.4} | led,
        special=special(preset, columns, rows, luck),
        diagonal=diagonal(preset, columns, rows),
        corners=corners(preset, columns, rows, luck),
        villages=villages(preset, columns, rows, edge, luck),
        trunks=between,
    )


def urban(preset: Preset, at: Point) -> float:
    """How much of a town a point is: 1 in a centre, 0 at its reach and beyond."""
    return max(max(0.0, 1 - math.dist(at, centre.at) / centre.reach) for centre in preset.centres)


def corners(
    preset: Preset, columns: list[float], rows: list[float], luck: random.Random
) -> dict[tuple[int, int], Point]:
    """Where lines cross; in the open country they need not be straight."""
    found: dict[tuple[int, int], Point] = {}
    for i, x in enumerate(columns):
        for j, y in enumerate(rows):
            free = preset.villages and 0 < i < len(columns) - 1 and 0 < j < len(rows) - 1
            gaps = [g for k in range(max(0, i - 1), min(len(columns), i + 2)) for g in (columns[k],)]
            around = [(gx, rows[k]) for gx in gaps for k in range(max(0, j - 1), min(len(rows), j + 2))]
            wide = all(urban(preset, p) == 0 for p in around) and abs(y - preset.river) > preset.river_width * 2.7 + 1
            shift = (luck.uniform(-170, 170), luck.uniform(-170, 170)) if free and wide else (0.0, 0.0)
            found[i, j] = (round(x + shift[0], 1), round(y + shift[1], 1)) if free and wide else (x, y)
    return found


def villages(
    preset: Preset, columns: list[float], rows: list[float], edge: shapely.Polygon, luck: random.Random
) -> set[tuple[int, int]]:
    """The pieces of country with a village: those nearest the river first, with some luck."""
    ranked = []
    shapely.prepare(edge)
    for i, (west, east) in enumerate(pairwise(columns)):
        for j, (south, north) in enumerate(pairwise(rows)):
            middle = ((west + east) / 2, (south + north) / 2)
            if preset.river in (south, north) or urban(preset, middle) > RURAL or min(east - west, north - south) < 560:
                continue
            if edge.covers(shapely.box(west - 150, south - 150, east + 150, north + 150)):
                away = abs(middle[1] - preset.river) / preset.radius[1]
                ranked.append((away + luck.uniform(-0.35, 0.35), (i, j)))
    return {cell for _, cell in sorted(ranked)[: preset.villages]}


def trunks(preset: Preset, columns: list[float], rows: list[float]) -> set[tuple[str, int, int]]:
    """Stretches of road between towns: to the northern bank, over a bridge if need be, then along it.

    (kind of line, its number, piece along it)."""
    found: set[tuple[str, int, int]] = set()
    bank = min((j for j, y in enumerate(rows) if y > preset.river), default=0)
    found |= {("row", bank, i) for i in range(len(columns))}
    for centre in preset.centres[1:]:
        column = min(range(len(columns)), key=lambda i: abs(columns[i] - centre.at[0]))
        low, high = sorted((rows[bank], centre.at[1]))
        found |= {("column", column, j) for j in range(len(rows) - 1) if rows[j] < high and rows[j + 1] > low}
    return found


def country(
    preset: Preset, sides: tuple[int, int, int, int], at: tuple[int, int], net: Skeleton
) -> tuple[int, int, int, int]:
    """The sides again, with roads only in towns and where one leads from town to town."""
    i, j = at
    x, y = (net.columns[i] + net.columns[i + 1]) / 2, (net.rows[j] + net.rows[j + 1]) / 2
    lines = (("row", j, i), ("column", i + 1, j), ("row", j + 1, i), ("column", i, j))
    middles = ((x, net.rows[j]), (net.columns[i + 1], y), (x, net.rows[j + 1]), (net.columns[i], y))
    kept = [
        label
        if label not in (ARTERIAL, RAIL, CREEK) or line in net.trunks or urban(preset, middle) > RURAL / 2
        else WALL
        for label, line, middle in zip(sides, lines, middles, strict=True)
    ]
    return kept[0], kept[1], kept[2], kept[3]


def others(preset: Preset, columns: list[float], rows: list[float]) -> tuple[float | None, float | None]:
    """Which column is a creek north of the river instead of a road, and which row the railway."""
    if preset.radius[0] < 2000 or preset.square or preset.villages:
        return None, None
    goal = preset.middle[0] + 0.27 * preset.radius[0]
    creek = min(columns, key=lambda c: abs(c - goal))
    far = preset.middle[1] + 0.62 * preset.radius[1]
    return creek, min(rows, key=lambda r: abs(r - far))


def lines(preset: Preset, luck: random.Random, axis: int) -> list[float]:
    """Where arterials run along one axis: further apart outside, and both sides of the river for the rows."""
    low = preset.middle[axis] - preset.radius[axis] * (1.0 if preset.square else 1.25)
    high = preset.middle[axis] + preset.radius[axis] * (1.0 if preset.square else 1.25)
    bank = preset.river_width * 2.7
    starts = [preset.river - bank, preset.river + bank] if axis else [0.0, 0.0]
    lines = [preset.river] if axis else [0.0]
    for start, sign in zip(starts, (-1, 1), strict=True):
        at = start
        if axis:
            lines.append(at)
        while low < at < high:
            away = abs(at) / (preset.radius[axis] or 1)
            at += sign * preset.spacing * (1 + 0.55 * away) * luck.uniform(0.86, 1.18)
            lines.append(at)
    inside = sorted(line for line in lines if low < line < high)
    gap = preset.spacing * 0.5
    if preset.square:
        inside = [low, *(line for line in inside if low + gap < line < high - gap), high]
    return inside if preset.square else sorted(lines)


def special(preset: Preset, columns: list[float], rows: list[float], luck: random.Random) -> dict[tuple[int, int], str]:
    """Superblocks that are one thing: parks with a lake, a campus, works at the edge."""
    cells = [
        (i, j)
        for i in range(len(columns) - 1)
        for j in range(len(rows) - 1)
        if preset.river not in (rows[j], rows[j + 1])
    ]

    def ring(cell: tuple[int, int]) -> float:
        x = (columns[cell[0]] + columns[cell[0] + 1]) / 2 - preset.middle[0]
        y = (rows[cell[1]] + rows[cell[1] + 1]) / 2 - preset.middle[1]
        return math.hypot(x / preset.radius[0], y / preset.radius[1])

    found: dict[tuple[int, int], str] = {}
    share = len([c for c in cells if ring(c) < 1])
    for use, low, high, count in (
        ("park", 0.15, 0.4, 1 + share // 60),
        ("campus", 0.4, 0.75, share // 45),
        ("park", 0.6, 0.85, share // 40),
        ("industry", 0.72, 0.98, share // 16),
    ):
        free = [c for c in cells if low <= ring(c) < high and c not in found]
        if use == "industry":  # down the wind, on one side of the town
            free.sort(key=lambda c: -(columns[c[0]] - rows[c[1]]))
            free = free[: count * 2]
        for cell in luck.sample(free, min(count if share > 12 else 0, len(free))):
            found[cell] = use
    return found


def diagonal(preset: Preset, columns: list[float], rows: list[float]) -> tuple[Point, Point] | None:
    """(start, direction) of the avenue that leaves the grid: from a crossing near the centre to the north-west."""
    if preset.radius[0] < 2000:
        return None
    x = min(columns, key=lambda c: abs(c + preset.spacing))
    y = min((r for r in rows if r > preset.river + 300), key=lambda r: abs(r - 200))
    return (x, y), (-0.83, 0.557763)
