"""The street plan: arterial roads on a bent grid with a diagonal and a river, collectors between them, blocks within.

Drawn in the plane of `demo_warp.py`. Arterials stand closer in the centre than outside; a block is what lies between
roads of any class. Pieces keep which superblock (between arterials) they come from.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely

from etl.demo_cells import ARTERIAL, COLLECTOR, CREEK, LOCAL, RAIL, RIVER, WALL, Piece, Point, cut
from etl.demo_lanes import joined
from etl.demo_lines import RURAL, Skeleton, country, skeleton, urban
from etl.demo_presets import Preset

LANE = "lane"  # of a village
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


def draw(preset: Preset, edge: shapely.Polygon, luck: random.Random) -> Plan:
    """Blocks and roads over the rectangle around the outline `edge`."""
    plan = Plan()
    net = skeleton(preset, edge, luck)
    for i in range(len(net.columns) - 1):
        for j in range(len(net.rows) - 1):
            _between(plan, preset, net, (i, j), luck)
    if preset.villages:
        plan.roads = _with_lanes(plan, preset, edge)
    return plan


def _with_lanes(plan: Plan, preset: Preset, edge: shapely.Polygon) -> list[Road]:
    """The roads, the lanes of villages joined to them (etl/demo_lanes.py)."""
    lanes = [road for road in plan.roads if road.key[0] == LANE]
    others = [road for road in plan.roads if road.key[0] != LANE]
    lines = np.array([shapely.LineString([one.start, one.end]) for one in lanes], dtype=object)
    villages = np.array(
        [shapely.Polygon(one.piece.points) for one in plan.blocks if one.use == "village"], dtype=object
    )
    roads = [shapely.LineString([one.start, one.end]) for one in others if one.label in (ARTERIAL, COLLECTOR)]
    inside = shapely.intersection(np.array(roads, dtype=object), edge)
    beside = shapely.STRtree(villages).nearest(lines)
    for number, points in joined(lines, villages[beside], inside, preset.river):
        key = lanes[number].key
        others += [Road(key, LOCAL, start, end) for start, end in pairwise(points)]
    return others


def _between(plan: Plan, preset: Preset, net: Skeleton, at: tuple[int, int], luck: random.Random) -> None:
    """What lies between two columns and two rows: a piece of town, of the riverside, or of open country."""
    i, j = at
    west, east, south, north = net.columns[i], net.columns[i + 1], net.rows[j], net.rows[j + 1]
    wet = preset.river in (south, north)
    sides = (
        _row(preset, south, net.rail),
        _column(preset, east, net.creek, south, wet=wet, bridge=i + 1 in net.bridges),
        _row(preset, north, net.rail),
        _column(preset, west, net.creek, south, wet=wet, bridge=i in net.bridges),
    )
    if preset.villages:
        sides = country(preset, sides, at, net)
    piece = Piece((net.corners[i, j], net.corners[i + 1, j], net.corners[i + 1, j + 1], net.corners[i, j + 1]), sides)
    _sides(plan, piece, at, sides)
    bank = 1 if south >= preset.river else -1
    if preset.villages and urban(preset, ((west + east) / 2, (south + north) / 2)) <= RURAL:
        _land(plan, piece, (i, j, 0), bank, village=at in net.villages, luck=luck)
        return
    use = "riverside" if wet else net.special.get(at, "")
    for k, part in enumerate([piece] if wet else _sliced(plan, piece, net.diagonal)):
        _superblock(plan, preset, part, (i, j, k), use, bank, luck)


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
            _seam(plan, outer, inner, (LANE, len(plan.roads)), label)
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
