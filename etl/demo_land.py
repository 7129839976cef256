"""What stands where: the outline of the district, sites, and the parcels that become residential estates."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import dataclass, replace

import numpy as np
import shapely

from etl.demo_cells import WALL, Piece, Point, inset
from etl.demo_lines import urban
from etl.demo_presets import Preset
from etl.demo_streets import Block, Plan, halves

SITES = (
    "riverside",
    "park",
    "campus",
    "industry",
    "school",
    "hospital",
    "mall",
    "market",
    "office",
    "green",
    "hill",
    "farmland",
)


@dataclass(frozen=True)
class Parcel:
    """A piece of one use. shape: what the outline left of it, else null and `piece` is the whole.

    block: number of its block; old: whether its houses are.
    """

    piece: Piece
    block: int
    superblock: tuple[int, int, int]
    bank: int
    use: str
    density: float
    shape: shapely.Polygon | None = None
    old: bool = False


def outline(preset: Preset, luck: random.Random) -> shapely.Polygon:
    """A closed curve in the drawing plane: an ellipse with lobes, or the rectangle of a square piece."""
    (mx, my), (rx, ry) = preset.middle, preset.radius
    if preset.square:
        return shapely.box(mx - rx, my - ry, mx + rx, my + ry)
    waves = [(k, luck.uniform(0.4, 1.0) * preset.lobes / k**0.7, luck.uniform(0, 2 * math.pi)) for k in (2, 3, 4, 5, 7)]
    points = []
    for step in range(160):
        angle = 2 * math.pi * step / 160
        far = 1 + sum(size * math.cos(k * angle + phase) for k, size, phase in waves)
        points.append((round(mx + rx * far * math.cos(angle), 1), round(my + ry * far * math.sin(angle), 1)))
    return shapely.Polygon(points)


def parcels(preset: Preset, plan: Plan, edge: shapely.Polygon, luck: random.Random) -> list[Parcel]:
    """Every parcel inside the outline; exactly as many residential ones as the preset has estates."""
    shapely.prepare(edge)
    found: list[Parcel] = []
    for number, block in enumerate(plan.blocks):
        found += _placed(preset, block, number, edge, luck)
    return _estates(preset, found, luck)


def _placed(preset: Preset, block: Block, number: int, edge: shapely.Polygon, luck: random.Random) -> list[Parcel]:
    shape = shapely.Polygon(block.piece.points)
    density = urban(preset, block.piece.middle)
    parcel = Parcel(block.piece, number, block.superblock, block.bank, block.use, density)
    if edge.covers(shape):
        return _used(preset, parcel, luck)
    use = block.use or ("farmland" if density < 0.16 else "green")
    parts = [p for p in shapely.get_parts(shapely.intersection(shape, edge)) if p.geom_type == "Polygon" and p.area > 1]
    return [replace(parcel, use=use, shape=shapely.orient_polygons(part)) for part in parts]


def _used(preset: Preset, parcel: Parcel, luck: random.Random) -> list[Parcel]:
    """Give a free block its use; a large one shares it with homes."""
    if parcel.use:
        return [parcel]
    use = _drawn(parcel.density, luck)
    square = parcel.piece.area
    if not habitable(preset, parcel.piece):
        return [replace(parcel, use="green")]
    if use in ("school", "market", "mall", "hospital") and square > 32_000:
        share = luck.uniform(0.3, 0.45)
        near, far = halves(parcel.piece, share if luck.random() < 0.5 else 1 - share, WALL)
        if near is not None and far is not None and habitable(preset, near) and habitable(preset, far):
            small, large = sorted((near, far), key=lambda piece: piece.area)
            return [replace(parcel, piece=small, use=use), replace(parcel, piece=large, use="homes")]
    return [replace(parcel, use=use)]


def habitable(preset: Preset, piece: Piece) -> bool:
    """Whether rows of houses fit inside the walls: wide and deep enough, and no wedge."""
    scale = abs(complex(preset.warp.slope(np.array([piece.middle]))[0]))
    lot = inset(piece, scale)
    if lot is None:
        return False
    west, south, east, north = lot.bounds
    sides = east - west, north - south
    return min(sides) * scale > 48 and lot.area > 0.6 * sides[0] * sides[1]


def _drawn(density: float, luck: random.Random) -> str:
    """A use by lot: shops and offices in the centre, green and works outside."""
    odds = {
        "school": 0.075,
        "hospital": 0.012,
        "mall": 0.02 + 0.05 * density**2,
        "market": 0.025,
        "office": 0.015 + 0.10 * max(0.0, density - 0.55),
        "park": 0.04,
        "industry": 0.06 * (density < 0.35),
        "green": 0.02 + 0.3 * max(0.0, 0.4 - density),
        "farmland": 1.5 * max(0.0, 0.24 - density),
    }
    at = luck.random()
    for use, share in odds.items():
        at -= share
        if at < 0:
            return use
    return "homes"


def _estates(preset: Preset, found: list[Parcel], luck: random.Random) -> list[Parcel]:
    """Split or give up residential parcels until there are as many as estates, then say which are old."""
    wanted = preset.new_estates + preset.old_estates
    homes = [parcel for parcel in found if parcel.use == "homes"]
    villages = [replace(parcel, old=True) for parcel in found if parcel.use == "village"]
    rest = [parcel for parcel in found if parcel.use not in ("homes", "village")]
    homes.sort(key=lambda parcel: -parcel.piece.area)
    rest += [replace(parcel, use="green" if parcel.density < 0.4 else "office") for parcel in homes[wanted:]]
    age = _age(preset, luck)
    heap = [(-_size(parcel, age), i, parcel) for i, parcel in enumerate(homes[:wanted])]
    heapq.heapify(heap)
    count = len(heap)
    whole: list[tuple[float, int, Parcel]] = []
    while len(heap) + len(whole) < wanted:
        _, number, parcel = heapq.heappop(heap)  # an empty heap is a preset that asks for more than there is room for
        near, far = halves(parcel.piece, luck.uniform(0.4, 0.6), WALL)
        if near is None or far is None or not (habitable(preset, near) and habitable(preset, far)):
            whole.append((0.0, number, parcel))
            continue
        for part in (near, far):
            child = replace(parcel, piece=part)
            heapq.heappush(heap, (-_size(child, age), count, child))
            count += 1
    made = [entry[2] for entry in sorted([*heap, *whole], key=lambda entry: (entry[2].block, entry[1]))]
    made.sort(key=lambda parcel: (age(parcel.piece.middle) + luck.gauss(0, 0.25), parcel.piece.middle))
    old = preset.old_estates
    return [*(replace(p, old=True) for p in made[len(made) - old :]), *made[: len(made) - old], *villages, *rest]


def _size(parcel: Parcel, age: Age) -> float:
    """How much a parcel asks to be split: old quarters have the smaller ones."""
    return parcel.piece.area * (0.5 + parcel.density) * (1 + 0.7 * max(0.0, age(parcel.piece.middle)))


@dataclass(frozen=True)
class Age:
    """A smooth field: high where the houses are old."""

    preset: Preset
    waves: tuple[tuple[float, float, float], ...]

    def __call__(self, at: Point) -> float:
        """About -0.5 to 1.5."""
        noise = sum(math.sin(kx * at[0] + ky * at[1] + phase) for kx, ky, phase in self.waves)
        return urban(self.preset, at) + 0.22 * noise


def _age(preset: Preset, luck: random.Random) -> Age:
    scale = max(preset.radius)
    waves = []
    for _ in range(4):
        angle, length = luck.uniform(0, math.pi), scale * luck.uniform(0.35, 0.9)
        k = 2 * math.pi / length
        waves.append((k * math.cos(angle), k * math.sin(angle), luck.uniform(0, 2 * math.pi)))
    return Age(preset, tuple(waves))


def ring_of(parcel: Parcel) -> np.ndarray:
    """The corners of a parcel, counter-clockwise, not closed."""
    if parcel.shape is None:
        return np.array(parcel.piece.points)
    return np.asarray(shapely.get_coordinates(parcel.shape.exterior))[:-1]
