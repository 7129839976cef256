"""The houses of an estate: parallel rows of slabs that face south, towers, courtyards, or small houses of villagers.

An estate is laid out in metres along the street grid of its place; what comes out are strips from south to north, each
a row of houses from west to east. Strips are what micro-grids are cut from, so their borders run between the houses.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from itertools import pairwise

from etl.demo_cells import Piece, cut, span


@dataclass(frozen=True)
class Style:
    """Houses of one kind. flats: households a floor and unit; metres; units: fewest and most a house."""

    kind: str
    depth: float
    unit: float
    units: tuple[int, int]
    floors: tuple[int, int]
    flats: int
    gap: float  # between houses of a row
    yard: float  # between rows


SLAB = Style("slab", 11.5, 14.5, (2, 4), (5, 7), 2, 10.0, 18.0)
LONG_SLAB = Style("slab", 12.0, 15.0, (3, 5), (6, 7), 2, 13.0, 20.0)
MIDDLE = Style("slab", 14.0, 22.0, (2, 3), (9, 11), 2, 17.0, 34.0)
TOWER = Style("tower", 19.0, 31.0, (1, 1), (18, 33), 4, 32.0, 55.0)
WIDE_TOWER = Style("tower", 21.0, 40.0, (1, 1), (26, 33), 6, 40.0, 66.0)
PLATE = Style("tower", 16.0, 26.0, (2, 2), (16, 26), 2, 26.0, 54.0)
HOUSE = Style("house", 11.0, 12.0, (1, 1), (3, 5), 1, 5.0, 7.0)
FARM = Style("house", 12.0, 13.0, (1, 1), (2, 3), 1, 9.0, 13.0)
COURT = Style("courtyard", 11.0, 14.0, (2, 4), (4, 6), 2, 9.0, 24.0)


@dataclass
class Unit:
    """An entrance: how far along the house it reaches (metres), its floors and households."""

    low: float
    high: float
    number: int
    floors: tuple[int, int]
    households: float


@dataclass
class House:
    """A rectangle in metres of the estate's frame; `upright` houses run north-south."""

    kind: str
    west: float
    south: float
    east: float
    north: float
    floors: int
    units: list[Unit]
    upright: bool = False

    @property
    def households(self) -> float:
        """Of all units."""
        return sum(unit.households for unit in self.units)


@dataclass
class Strip:
    """A row of houses. south: where it begins; the next strip's beginning ends it."""

    south: float
    houses: list[House] = field(default_factory=list)

    @property
    def households(self) -> float:
        """Of all houses."""
        return sum(house.households for house in self.houses)


def style_of(kind: str, *, old: bool, density: float, luck: random.Random) -> list[Style]:
    """The styles of an estate from south to north; the last one fills the rest."""
    if old:
        if kind == "work_unit" and luck.random() < 0.45:
            return [COURT]
        if kind in ("resettlement", "mixed") and luck.random() < 0.3:
            return [HOUSE]
        return [luck.choice((SLAB, SLAB, LONG_SLAB))]
    at = luck.random()
    if kind == "resettlement":
        return [MIDDLE] if at < 0.5 else [PLATE]
    if at < 0.34 + 0.2 * density:
        return [luck.choice((TOWER, TOWER, WIDE_TOWER, PLATE, PLATE))]
    if at < 0.75:
        return [MIDDLE]
    return [MIDDLE, luck.choice((TOWER, PLATE))]


def lay_out(lot: Piece, styles: list[Style], density: float, luck: random.Random) -> list[Strip]:
    """Strips of an estate inside its walls (`lot`, in metres); at least one house wherever a small one fits.

    density: 1 in the centre of a town, where houses stand closest, 0 at its edge.
    """
    loose = 1.42 - 0.42 * density
    strips = _rows(lot, [replace(style, gap=style.gap * loose, yard=style.yard * loose) for style in styles], luck)
    for smaller in (SLAB, HOUSE):
        if strips:
            break
        strips = _rows(lot, [smaller], luck)
    return strips


def _rows(lot: Piece, styles: list[Style], luck: random.Random) -> list[Strip]:
    _, south, _, north = lot.bounds
    style = styles[0]
    floors = [luck.randint(*s.floors) for s in styles]
    units = luck.randint(*style.units)
    at, strips, n = south + 2.0, [], 0
    count = max(1, int((north - south - 4.0 + style.yard) // (style.depth + style.yard)))
    slack = max(0.0, north - south - 4.0 - count * style.depth - (count - 1) * style.yard)
    yard = style.yard + (min(slack / (count - 1), 9.0) if count > 1 and len(styles) == 1 else 0.0)
    if count == 1 or len(styles) > 1:
        at += min(slack / 2, 8.0) if count == 1 else 0.0
    while at + style.depth <= north - 1.5:
        which = min(n, len(styles) - 1) if len(styles) > 1 and count < 5 else min(n // 2, len(styles) - 1)
        if styles[which] is not style:
            style, units = styles[which], luck.randint(*styles[which].units)
            yard = style.yard
            if at + style.depth > north - 1.5:
                break
        houses = _row(lot, at, style, units, floors[which], luck)
        if houses:
            strips.append(Strip(at - yard / 2, houses))
        at += style.depth + yard
        n += 1
    if styles[0].kind == "courtyard" and len(strips) > 1:
        _close_courts(lot, strips, luck)
    return strips


def _row(lot: Piece, at: float, style: Style, units: int, floors: int, luck: random.Random) -> list[House]:
    """Houses from west to east between the walls at this height, evenly spaced."""
    low, high = span(lot, at), span(lot, at + style.depth)
    if low is None or high is None:
        return []
    west, east = max(low[0], high[0]) + 2.0, min(low[1], high[1]) - 2.0
    lengths = _lengths(east - west, style, units)
    if not lengths:
        return []
    spare = east - west - sum(lengths) - style.gap * (len(lengths) - 1)
    gap = style.gap + (min(spare / (len(lengths) - 1), style.gap) if len(lengths) > 1 else 0.0)
    x = west + (east - west - sum(lengths) - gap * (len(lengths) - 1)) / 2
    houses = []
    for length in lengths:
        height = max(1, floors + (luck.choice((-2, -1, 0, 0, 1)) if style.kind == "tower" else 0))
        if style.kind == "house":
            height = luck.randint(*style.floors)
        house = House(style.kind, x, at, x + length, at + style.depth, height, _units(length, style, height, luck))
        x += length + gap
        if not (style.kind == "house" and luck.random() < 0.14):
            houses.append(house)
    return houses


def _lengths(room: float, style: Style, units: int) -> list[float]:
    """As many houses of the usual length as there is room for, and a shorter one in what is left."""
    usual = units * style.unit
    count = int((room + style.gap) // (usual + style.gap))
    left = room - count * (usual + style.gap)
    rest = min(int(left // style.unit), units - 1)
    found = [usual] * count
    if rest >= style.units[0] or (rest >= 1 and not found):
        found.append(rest * style.unit)
    return found


def _units(length: float, style: Style, floors: int, luck: random.Random) -> list[Unit]:
    """Entrances from west to east; a tower with one is told apart by floors."""
    count = max(1, round(length / style.unit))
    wide = length / count
    flats = style.flats + (style.unit == SLAB.unit and luck.random() < 0.15)
    if style.kind == "tower" and style.units == (1, 1):
        half = floors // 2
        return [
            Unit(0.0, length / 2, 1, (1, half), half * flats),
            Unit(length / 2, length, 1, (half + 1, floors), (floors - half) * flats),
        ]
    return [Unit(i * wide, (i + 1) * wide, i + 1, (1, floors), floors * flats) for i in range(count)]


def _close_courts(lot: Piece, strips: list[Strip], luck: random.Random) -> None:
    """Short houses along the west wall close the yards between rows."""
    for below, above in pairwise(strips):
        south = max(house.north for house in below.houses) + 5.0
        north = min(house.south for house in above.houses) - 5.0
        ends = span(lot, south), span(lot, north)
        if ends[0] is None or ends[1] is None or north - south < 12.0:
            continue
        west = max(ends[0][0], ends[1][0]) + 1.5
        floors = luck.randint(2, 4)
        unit = Unit(0.0, north - south, 1, (1, floors), floors * 2)
        below.houses.insert(0, House("courtyard", west, south, west + 9.0, north, floors, [unit], upright=True))
        above.south = max(above.south, north + 1.0)


def clipped(piece: Piece, axis: int, low: float, high: float, label: int) -> Piece | None:
    """The part of a piece between two values of x (axis 0) or y (axis 1)."""
    normal = (1.0, 0.0) if axis == 0 else (0.0, 1.0)
    part: Piece | None = piece
    if part is not None:
        part = cut(part, normal, low, label)[1]
    if part is not None:
        part = cut(part, normal, high, label)[0]
    return part
