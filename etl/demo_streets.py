"""The street plan: arterial roads on a bent grid with a diagonal and a river, collectors between them, blocks within.

Drawn in the plane of `demo_warp.py`. Arterials stand closer in the centre than outside; a block is what lies between
roads of any class. Pieces keep which superblock (between arterials) they come from.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from itertools import pairwise

import shapely

from etl.demo_cells import ARTERIAL, COLLECTOR, CREEK, LOCAL, RAIL, RIVER, WALL, Piece, Point, cut
from etl.demo_presets import Preset

RURAL = 0.06  # below this share of a town the land is open country
LINES = {ARTERIAL: "arterial", RAIL: "rail", CREEK: "creek"}
CLASSES = {ARTERIAL: "arterial", COLLECTOR: "collector", LOCAL: "local"}


@dataclass(frozen=True)
class Road:
    """A straight stretch; stretches of one key are one road. key: what kind of line, and which."""

    key: tuple[str, int]
    label: int
    start: Point
    end: Point


@dataclass(frozen=True)
class Block:
    """What lies between roads. use: what stands on it; superblock: its place in the grid of arterials."""

    piece: Piece
    superblock: tuple[int, int, int]  # column, row, side of the diagonal
    use: str
    bank: int  # of the river: -1, 1


@dataclass
class Plan:
    """All blocks and roads, before the outline of the district cuts them."""

    blocks: list[Block] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)


def urban(preset: Preset, at: Point) -> float:
    """How much of a town a point is: 1 in a centre, 0 at its reach and beyond."""
    return max(max(0.0, 1 - math.dist(at, centre.at) / centre.reach) for centre in preset.centres)


def draw(preset: Preset, edge: shapely.Polygon, luck: random.Random) -> Plan:
    """Blocks and roads over the rectangle around the outline `edge`."""
    plan = Plan()
    columns = _lines(preset, luck, axis=0)
    rows = _lines(preset, luck, axis=1)
    creek, rail = _others(preset, columns, rows)
    bridges = {i for i in range(len(columns)) if i % 2 == 0 or luck.random() < 0.4}
    special = _special(preset, columns, rows, luck)
    diagonal = _diagonal(preset, columns, rows)
    corners = _corners(preset, columns, rows, luck)
    villages = _villages(preset, columns, rows, edge, luck)
    trunks = _trunks(preset, columns, rows)
    for i, (west, east) in enumerate(pairwise(columns)):
        for j, (south, north) in enumerate(pairwise(rows)):
            wet = preset.river in (south, north)
            sides = (
                _row(preset, south, rail),
                _column(preset, east, creek, south, wet=wet, bridge=i + 1 in bridges),
                _row(preset, north, rail),
                _column(preset, west, creek, south, wet=wet, bridge=i in bridges),
            )
            bank = 1 if south >= preset.river else -1
            middle = ((west + east) / 2, (south + north) / 2)
            if preset.villages:
                sides = _country(preset, sides, (i, j), columns, rows, trunks)
            ring = (corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1])
            piece = Piece(ring, sides)
            _sides(plan, piece, (i, j), sides)
            if preset.villages and urban(preset, middle) <= RURAL:
                _land(plan, piece, (i, j, 0), bank, village=(i, j) in villages, luck=luck)
                continue
            for k, part in enumerate([piece] if wet else _sliced(plan, piece, diagonal)):
                use = "riverside" if wet else special.get((i, j), "")
                _superblock(plan, preset, part, (i, j, k), use, bank, luck)
    return plan


def _corners(
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


def _villages(
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


def _trunks(preset: Preset, columns: list[float], rows: list[float]) -> set[tuple[str, int, int]]:
    """Stretches of road between towns: down to the river, then along it. (kind of line, its number, piece along it)."""
    found: set[tuple[str, int, int]] = set()
    bank = min((j for j, y in enumerate(rows) if y > preset.river), default=0)
    found |= {("row", bank, i) for i in range(len(columns))}
    for centre in preset.centres[1:]:
        column = min(range(len(columns)), key=lambda i: abs(columns[i] - centre.at[0]))
        low, high = sorted((preset.river, centre.at[1]))
        found |= {("column", column, j) for j in range(len(rows) - 1) if rows[j] < high and rows[j + 1] > low}
    return found


def _country(
    preset: Preset,
    sides: tuple[int, int, int, int],
    at: tuple[int, int],
    columns: list[float],
    rows: list[float],
    trunks: set[tuple[str, int, int]],
) -> tuple[int, int, int, int]:
    """The sides again, with roads only in towns and where one leads from town to town."""
    i, j = at
    x, y = (columns[i] + columns[i + 1]) / 2, (rows[j] + rows[j + 1]) / 2
    lines = (("row", j, i), ("column", i + 1, j), ("row", j + 1, i), ("column", i, j))
    middles = ((x, rows[j]), (columns[i + 1], y), (x, rows[j + 1]), (columns[i], y))
    kept = [
        label if label not in (ARTERIAL, RAIL, CREEK) or line in trunks or urban(preset, middle) > RURAL / 2 else WALL
        for label, line, middle in zip(sides, lines, middles, strict=True)
    ]
    return kept[0], kept[1], kept[2], kept[3]


def _land(plan: Plan, piece: Piece, at: tuple[int, int, int], bank: int, *, village: bool, luck: random.Random) -> None:
    """Open country, with a village beside a lane where there is one."""
    if not village:
        plan.blocks.append(Block(piece, at, "country", bank))
        return
    (x, y), wide, deep = piece.middle, luck.uniform(130, 300), luck.uniform(100, 200)
    x, y = round(x + luck.uniform(-140, 140), 1), round(y + luck.uniform(-110, 110), 1)
    upright = luck.random() < 0.5  # which way the lane runs
    rest: Piece | None = piece
    cuts = (
        ((1.0, 0.0), round(x - wide / 2, 1), LOCAL if upright else WALL),
        ((-1.0, 0.0), -round(x + wide / 2, 1), WALL),
        ((0.0, -1.0), -round(y + deep / 2, 1), WALL),
        ((0.0, 1.0), round(y - deep / 2, 1), WALL if upright else LOCAL),
    )
    for normal, offset, label in cuts if upright else cuts[::-1]:
        outer, inner = cut(rest, normal, offset, label) if rest is not None else (None, None)
        if outer is None or inner is None:
            continue
        if label == LOCAL:
            _seam(plan, outer, inner, ("lane", len(plan.roads)), label)
        plan.blocks.append(Block(outer, at, "country", bank))
        rest = inner
    if rest is not None:
        plan.blocks.append(Block(rest, at, "village", bank))


def _row(preset: Preset, at: float, rail: float | None) -> int:
    return RIVER if at == preset.river else RAIL if at == rail else ARTERIAL


def _column(preset: Preset, at: float, creek: float | None, south: float, *, wet: bool, bridge: bool) -> int:
    if at == creek and south >= preset.river and not wet:
        return CREEK
    return ARTERIAL if not wet or (bridge and at != creek) else WALL


def _others(preset: Preset, columns: list[float], rows: list[float]) -> tuple[float | None, float | None]:
    """Which column is a creek north of the river instead of a road, and which row the railway."""
    if preset.radius[0] < 2000 or preset.square or preset.villages:
        return None, None
    goal = preset.middle[0] + 0.27 * preset.radius[0]
    creek = min(columns, key=lambda c: abs(c - goal))
    far = preset.middle[1] + 0.62 * preset.radius[1]
    return creek, min(rows, key=lambda r: abs(r - far))


def _lines(preset: Preset, luck: random.Random, axis: int) -> list[float]:
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


def _special(
    preset: Preset, columns: list[float], rows: list[float], luck: random.Random
) -> dict[tuple[int, int], str]:
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


def _diagonal(preset: Preset, columns: list[float], rows: list[float]) -> tuple[Point, Point] | None:
    """(start, direction) of the avenue that leaves the grid: from a crossing near the centre to the north-west."""
    if preset.radius[0] < 2000:
        return None
    x = min(columns, key=lambda c: abs(c + preset.spacing))
    y = min((r for r in rows if r > preset.river + 300), key=lambda r: abs(r - 200))
    return (x, y), (-0.83, 0.557763)


def _sliced(plan: Plan, piece: Piece, diagonal: tuple[Point, Point] | None) -> list[Piece]:
    """The parts of a superblock on both sides of the diagonal, where it passes."""
    if diagonal is None:
        return [piece]
    (x, y), (dx, dy) = diagonal
    mx, my = piece.middle
    if (mx - x) * dx < 0 or (my - y) * dy < 0:
        return [piece]
    near, far = cut(piece, (-dy, dx), -dy * x + dx * y, ARTERIAL)
    if near is None or far is None or min(near.area, far.area) < 0.06 * piece.area:
        return [piece] if near is None or far is None else _kept(plan, near, far)
    return _kept(plan, near, far)


def _kept(plan: Plan, near: Piece, far: Piece) -> list[Piece]:
    _seam(plan, near, far, ("diagonal", 0), ARTERIAL)
    return [near, far]


def _seam(plan: Plan, near: Piece, far: Piece, key: tuple[str, int], label: int) -> None:
    """The road along the edge two parts of a cut share."""
    shared = [p for p in near.points if p in set(far.points)]
    if len(shared) == 2:
        plan.roads.append(Road(key, label, shared[0], shared[1]))


def _sides(plan: Plan, piece: Piece, at: tuple[int, int], sides: tuple[int, int, int, int]) -> None:
    """The roads along the south and the west of a superblock; the others come with its neighbours."""
    a, b, _, d = piece.points
    if sides[0] in LINES:
        plan.roads.append(Road((LINES[sides[0]], at[1]), sides[0], a, b))
    if sides[3] in LINES:
        plan.roads.append(Road((LINES[sides[3]] + "s", at[0]), sides[3], a, d))


def _superblock(
    plan: Plan, preset: Preset, piece: Piece, at: tuple[int, int, int], use: str, bank: int, luck: random.Random
) -> None:
    """Collectors across the middle (the same for all superblocks in a line, so that they go on), then local streets."""
    if use in ("riverside", "park", "campus"):
        plan.blocks.append(Block(piece, at, use, bank))
        return
    parts = [piece]
    for axis in (0, 1):
        normal = (1.0, 0.0) if axis == 0 else (0.0, 1.0)
        west, south, east, north = piece.bounds
        full = (east - west, north - south)[axis]
        if full < 420:
            continue
        middle = round((west + east) / 2 if axis == 0 else (south + north) / 2, 1)
        key = ("between columns", at[0]) if axis == 0 else ("between rows", at[1])
        parts = _parted(plan, parts, normal, middle, key, COLLECTOR)
    for part in parts:
        density = urban(preset, part.middle)
        target = 68_000 - 38_000 * density if use != "industry" else 90_000
        _local(plan, part, at, use, bank, target, luck)


def _parted(
    plan: Plan, parts: list[Piece], normal: Point, offset: float, key: tuple[str, int], label: int
) -> list[Piece]:
    found: list[Piece] = []
    for part in parts:
        near, far = cut(part, normal, offset, label)
        if near is None or far is None or min(near.area, far.area) < 12_000:
            found.append(part)
            continue
        _seam(plan, near, far, key, label)
        found += [near, far]
    return found


def _local(
    plan: Plan,
    piece: Piece,
    at: tuple[int, int, int],
    use: str,
    bank: int,
    target: float,
    luck: random.Random,
) -> None:
    """Split across the longer side until blocks are small enough."""
    if piece.area < target * luck.uniform(1.1, 1.7):
        plan.blocks.append(Block(piece, at, use, bank))
        return
    near, far = halves(piece, luck.uniform(0.42, 0.58), LOCAL)
    if near is None or far is None:
        plan.blocks.append(Block(piece, at, use, bank))
        return
    _seam(plan, near, far, ("local", len(plan.roads)), LOCAL)
    for part in (near, far):
        _local(plan, part, at, use, bank, target, luck)


def halves(piece: Piece, share: float, label: int) -> tuple[Piece | None, Piece | None]:
    """Cut across the longer side of the bounds, at a share of it."""
    west, south, east, north = piece.bounds
    if east - west > north - south:
        return cut(piece, (1.0, 0.0), round(west + share * (east - west), 1), label)
    return cut(piece, (0.0, 1.0), round(south + share * (north - south), 1), label)
