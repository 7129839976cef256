"""Micro-grids of about fifty households, cut from the rows of an estate between houses and between entrances."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

from etl.demo_cells import STRIP, Piece, cut
from etl.demo_layout import House, Strip, Unit

FEWEST = 36.0  # households a row needs to stand alone


@dataclass
class Band:
    """One or more rows of an estate that become micro-grids together; `cells` of them."""

    estate: int
    strips: list[Strip]
    cells: int = 1

    @property
    def households(self) -> float:
        """Of all its rows."""
        return sum(strip.households for strip in self.strips)

    def seams(self) -> list[tuple[float, float]]:
        """(x, households west of it) where the band can be cut; none where it holds several rows."""
        if len(self.strips) > 1:
            return []
        found: list[tuple[float, float]] = []
        before, east = 0.0, -math.inf
        for house in self.strips[0].houses:
            if before and house.west > east:
                found.append(((house.west + east) / 2, before))
            east = max(east, house.east)
            for k, unit in enumerate(house.units):
                if k and not house.upright:
                    found.append((house.west + unit.low, before))
                before += unit.households
        return found


def bands(estate: int, strips: list[Strip]) -> list[Band]:
    """Rows joined with the next until each band has enough households."""
    found: list[Band] = []
    open_rows: list[Strip] = []
    for strip in strips:
        open_rows.append(strip)
        if sum(s.households for s in open_rows) >= FEWEST:
            found.append(Band(estate, open_rows))
            open_rows = []
    if open_rows and found:
        found[-1].strips.extend(open_rows)
    elif open_rows:
        found.append(Band(estate, open_rows))
    return found


def apportion(every: list[Band], count: int) -> None:
    """Share out `count` micro-grids, always to the band whose micro-grids are largest; as near to it as seams allow."""
    most = [len(band.seams()) + 1 for band in every]
    heap = [(-band.households, i) for i, band in enumerate(every) if most[i] > 1]
    heapq.heapify(heap)
    left = count - len(every)
    while left > 0 and heap:
        _, i = heapq.heappop(heap)
        every[i].cells += 1
        left -= 1
        if every[i].cells < most[i]:
            heapq.heappush(heap, (-every[i].households / (every[i].cells + 0.4), i))


@dataclass
class Cell:
    """A micro-grid to be: its piece and the entrances in it, as (house, unit)."""

    piece: Piece
    entrances: list[tuple[House, Unit]]

    @property
    def households(self) -> float:
        """Of its entrances."""
        return sum(unit.households for _, unit in self.entrances)


def cells_of(parcel: Piece, own: list[Band], scale: float) -> list[Cell]:
    """The cells of an estate in the order of a winding walk, so that runs of them hang together. scale: metres a unit."""
    found: list[Cell] = []
    rest: Piece | None = parcel
    for n, band in enumerate(own):
        part = rest
        if n + 1 < len(own) and rest is not None:
            part, rest = cut(rest, (0.0, 1.0), round(own[n + 1].strips[0].south / scale, 2), STRIP)
        if part is None:
            raise AssertionError("rows lie inside their estate")
        row = _across(part, band, scale)
        found += row if n % 2 == 0 else row[::-1]
    return found


def _across(part: Piece, band: Band, scale: float) -> list[Cell]:
    """Cut a band from west to east at the seams nearest to even shares."""
    everyone = [(house, unit) for strip in band.strips for house in strip.houses for unit in house.units]
    chosen = _even(band)
    found: list[Cell] = []
    rest: Piece | None = part
    for x, _ in chosen:
        near = None
        if rest is not None:
            near, rest = cut(rest, (1.0, 0.0), round(x / scale, 2), STRIP)
        if near is None or rest is None:
            raise AssertionError("a seam lies between houses inside the estate")
        mine = [(h, u) for h, u in everyone if _middle(h, u) < x]
        everyone = [(h, u) for h, u in everyone if _middle(h, u) >= x]
        found.append(Cell(near, mine))
    if rest is not None:
        found.append(Cell(rest, everyone))
    return found


def _middle(house: House, unit: Unit) -> float:
    return (house.west + house.east) / 2 if house.upright else house.west + (unit.low + unit.high) / 2


def _even(band: Band) -> list[tuple[float, float]]:
    """The band's seams that part it most evenly into its number of cells."""
    seams, total = band.seams(), band.households
    chosen: list[tuple[float, float]] = []
    for k in range(1, band.cells):
        need = band.cells - k - 1  # seams to be left for the rest
        start = seams.index(chosen[-1]) + 1 if chosen else 0
        free = seams[start : len(seams) - need]
        goal = total * k / band.cells
        chosen.append(min(free, key=lambda seam: abs(seam[1] - goal)))
    return chosen
