"""The ground of the demo district: parcels, houses, and the regions every cell belongs to, from a preset and a seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

import numpy as np
import shapely

from data.progress import Progress
from etl import demo_division as division
from etl.demo_cells import Piece, inset
from etl.demo_coverage import Coverage, Floats, Integers, coverage
from etl.demo_land import Parcel, outline, parcels, ring_of
from etl.demo_layout import FARM, Strip, Style, lay_out, style_of
from etl.demo_micro_grids import Cell, apportion, bands, cells_of
from etl.demo_presets import Preset
from etl.demo_streets import Plan, draw

KINDS = {True: ("work_unit", "commodity", "mixed", "resettlement"), False: ("commodity", "resettlement", "mixed")}
ODDS = {True: (0.40, 0.30, 0.22, 0.08), False: (0.74, 0.20, 0.06)}


@dataclass
class Estate:
    """A residential parcel with its houses. scale: metres a unit of the plane; angle: how its rows are turned."""

    parcel: int
    kind: str
    scale: float
    angle: float
    lot: Piece  # inside its walls, in the drawing plane
    strips: list[Strip]


@dataclass
class Ground:
    """Cells, the finest pieces of the tiling, and what each belongs to (arrays over cells)."""

    preset: Preset
    plan: Plan
    edge: shapely.Polygon  # the outline, in the drawing plane
    parcels: list[Parcel]
    estates: list[Estate]  # of the first parcels, in their order
    cells: list[Cell]
    cover: Coverage
    parcel: Integers
    community: Integers
    street: Integers  # over communities
    grid: Integers
    micro_grid: Integers  # -1 in dedicated grids
    dedicated: set[int]  # grids
    households: Floats


def lay(preset: Preset, luck: random.Random, progress: Progress) -> Ground:
    """Everything from the street plan to the grids."""
    progress.step("streets and blocks", 0, None)
    edge = outline(preset, luck)
    plan = draw(preset, edge, luck)
    land = parcels(preset, plan, edge, luck)
    preset = _calmed(preset, land)
    progress.step("houses", 0, None)
    land, estates = _built(preset, land, luck)
    cells, parcel = _cells(preset, land, estates)
    progress.step("tiling", 0, None)
    cover = coverage(
        [
            np.array(c.piece.points) if c.entrances else ring_of(land[p])
            for c, p in zip(cells, parcel.tolist(), strict=True)
        ],
        preset.warp,
    )
    progress.step("communities and grids", 0, None)
    households = np.array([cell.households for cell in cells])
    scores = cover.lengths * division.affinity(land, parcel[cover.pairs])
    community = division.communities(preset, land, parcel, cover, households, scores)
    street = division.streets(preset, cover, community, households, scores)
    micro_grid, grid, dedicated = division.grids(preset, land, parcel, cover, community, households, scores, luck)
    return Ground(
        preset,
        plan,
        edge,
        land,
        estates,
        cells,
        cover,
        parcel,
        community,
        street,
        grid,
        micro_grid,
        dedicated,
        households,
    )


def _calmed(preset: Preset, land: list[Parcel]) -> Preset:
    """The preset with a warp that leaves towns and villages as they are drawn."""
    lived_in = [parcel.piece for parcel in land if parcel.use not in ("country", "village")]
    towns = [(*centre.at, _reach(centre.at, lived_in, centre.reach + 900)) for centre in preset.centres]
    villages = [(*p.piece.middle, _reach(p.piece.middle, [p.piece], 1e6)) for p in land if p.use == "village"]
    return replace(preset, warp=replace(preset.warp, calm=(*towns, *villages)))


def _reach(middle: tuple[float, float], pieces: list[Piece], most: float) -> float:
    """How far the pieces that begin within `most` reach from the middle."""
    corners = [math.dist(middle, corner) for piece in pieces for corner in piece.points]
    return max((far for far in corners if far < most), default=0.0) + 15.0


def _built(preset: Preset, land: list[Parcel], luck: random.Random) -> tuple[list[Parcel], list[Estate]]:
    """Houses on every residential parcel, as many households as the preset wants."""
    lived_in = [parcel for parcel in land if parcel.use in ("homes", "village")]  # the first ones
    estates = []
    for number, parcel in enumerate(lived_in):
        village = parcel.use == "village"
        kind = "mixed" if village else luck.choices(KINDS[parcel.old], ODDS[parcel.old])[0]
        slope = complex(preset.warp.slope(np.array([parcel.piece.middle]))[0])
        scale = abs(slope)
        lot = inset(parcel.piece, scale)
        if lot is None:
            raise AssertionError("a residential parcel has room inside its walls")
        metres = Piece(tuple((x * scale, y * scale) for x, y in lot.points), lot.labels)
        styles: list[Style] = [FARM] if village else style_of(kind, old=parcel.old, density=parcel.density, luck=luck)
        strips = lay_out(metres, styles, 0.6 if village else parcel.density, luck)
        if not strips:
            raise AssertionError(f"no house fits on parcel {number} of {metres.area:.0f} m²")
        estates.append(Estate(number, kind, scale, float(np.angle(slope)), lot, strips))
    _counted(preset, estates, luck)
    return land, estates


def _counted(preset: Preset, estates: list[Estate], luck: random.Random) -> None:
    """Whole households that add up to about what the preset wants."""
    units = [unit for e in estates for s in e.strips for h in s.houses for unit in h.units]
    factor = preset.households / sum(unit.households for unit in units)
    for unit in units:
        unit.households = max(1, int(unit.households * factor * luck.uniform(0.94, 1.06) + luck.random()))


def _cells(preset: Preset, land: list[Parcel], estates: list[Estate]) -> tuple[list[Cell], Integers]:
    """Micro-grid cells of the estates, then one cell for every other parcel; and the parcel of each."""
    own = [bands(i, estate.strips) for i, estate in enumerate(estates)]
    apportion([band for some in own for band in some], preset.micro_grids)
    cells: list[Cell] = []
    parcel: list[int] = []
    for i, (estate, some) in enumerate(zip(estates, own, strict=True)):
        made = cells_of(land[i].piece, some, estate.scale)
        cells += made
        parcel += [i] * len(made)
    for i in range(len(estates), len(land)):
        cells.append(Cell(land[i].piece, []))
        parcel.append(i)
    return cells, np.array(parcel, dtype=np.int64)
