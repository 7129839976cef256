"""The ground of the demo district: parcels, houses, and the regions every cell belongs to, from a preset and a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import shapely

from data.progress import Progress
from etl.demo_cells import Piece, inset
from etl.demo_coverage import Coverage, Floats, Integers, coverage
from etl.demo_land import Parcel, outline, parcels, ring_of
from etl.demo_layout import FARM, Strip, Style, lay_out, style_of
from etl.demo_micro_grids import Cell, apportion, bands, cells_of
from etl.demo_presets import Preset
from etl.demo_regions import lifted, merge
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
    scores = cover.lengths * _affinity(land, parcel[cover.pairs])
    community = _communities(preset, land, parcel, cover, households, scores)
    street = _streets(preset, cover, community, households, scores)
    micro_grid, grid, dedicated = _grids(preset, land, parcel, cover, community, households, scores, luck)
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
    towns = [(*centre.at, centre.reach * 1.1) for centre in preset.centres]
    villages = [(*parcel.piece.middle, 190.0) for parcel in land if parcel.use == "village"]
    return replace(preset, warp=replace(preset.warp, calm=(*towns, *villages)))


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
        strips = lay_out(metres, styles, luck)
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


def _affinity(land: list[Parcel], pairs: Integers) -> Floats:
    """How much a metre of border between parcels binds: walls more than streets, arterials and the river hardly."""
    found = np.empty(len(pairs))
    for n, (a, b) in enumerate(pairs.tolist()):
        one, two = land[a], land[b]
        if a == b:
            found[n] = 3.0
        elif one.bank != two.bank:
            found[n] = 0.005
        elif one.superblock != two.superblock:
            found[n] = 0.2
        else:
            found[n] = 1.6 if one.block == two.block else 0.8
    return found


def _communities(
    preset: Preset, land: list[Parcel], parcel: Integers, cover: Coverage, households: Floats, scores: Floats
) -> Integers:
    """Whole blocks joined into communities of about equal weight, then some pairs joined once more."""
    key = [p.block if p.shape is None else len(land) * 2 + i for i, p in enumerate(land)]
    _, block = np.unique(np.array(key)[parcel], return_inverse=True)
    block = block.reshape(-1).astype(np.int64)
    pairs, bond = lifted(cover.pairs, scores, block)
    # Land without homes first goes to the nearest block that has some.
    block = _attached(pairs, bond, np.bincount(block, weights=households), set())[block]
    block = np.unique(block, return_inverse=True)[1].reshape(-1).astype(np.int64)
    weight = np.bincount(block, weights=households + shapely.area(cover.polygons) / 3000)
    pairs, bond = lifted(cover.pairs, scores, block)
    count = preset.communities + preset.too_large
    mean = float(weight.sum()) / count
    label = merge(weight, pairs, bond, count, most=1.55 * mean, even=1.1)
    pairs, bond = lifted(pairs, bond, label)
    size = np.bincount(label, weights=weight)[pairs].sum(axis=1)
    bond = bond * ((size > 1.75 * mean) & (size < 2.5 * mean)) + bond * 1e-6
    return _joined(label, pairs, bond, preset.too_large)[block]


def _joined(label: Integers, pairs: Integers, bond: Floats, count: int) -> Integers:
    """Join `count` pairs of neighbours, the closest bound first, none twice: the communities that are too large."""
    used: set[int] = set()
    into = np.arange(int(label.max()) + 1)
    for at in np.argsort(-bond, kind="stable").tolist():
        a, b = pairs[at].tolist()
        if count and a not in used and b not in used:
            used |= {a, b}
            into[b] = a
            count -= 1
    _, dense = np.unique(into, return_inverse=True)
    found: Integers = dense.reshape(-1).astype(np.int64)[label]
    return found


def _streets(preset: Preset, cover: Coverage, community: Integers, households: Floats, scores: Floats) -> Integers:
    """The street of every community."""
    weight = np.bincount(community, weights=households + shapely.area(cover.polygons) / 3000)
    pairs, bond = lifted(cover.pairs, scores, community)
    return merge(weight, pairs, bond, preset.streets, most=1.4 * float(weight.sum()) / preset.streets, even=1.0)


def _grids(
    preset: Preset,
    land: list[Parcel],
    parcel: Integers,
    cover: Coverage,
    community: Integers,
    households: Floats,
    scores: Floats,
    luck: random.Random,
) -> tuple[Integers, Integers, set[int]]:
    """(micro-grid of every cell or -1, grid of every cell, the dedicated grids)."""
    inside = community[cover.pairs[:, 0]] == community[cover.pairs[:, 1]]
    pairs, bond = cover.pairs[inside], scores[inside]
    alone = _dedicated(preset, land, parcel, cover, community, households)
    # Cells without homes go to a micro-grid beside them, one after the other from its side outwards.
    micro = _attached(pairs, bond, households, alone)
    alone |= {int(c) for c in np.flatnonzero(micro < 0)}
    homes = np.array([c not in alone for c in range(len(parcel))])
    chain = _chains(parcel, households, luck)
    start = np.where(homes, chain[np.maximum(micro, 0)], -1)
    names, dense = np.unique(start[homes], return_inverse=True)
    node = np.full(len(parcel), -1, dtype=np.int64)
    node[homes] = dense.reshape(-1)
    weight = np.bincount(node[homes], weights=households[homes], minlength=len(names))
    kept = homes[pairs].all(axis=1)
    lifted_pairs, lifted_bond = lifted(pairs[kept], bond[kept], node)
    frozen = {float(w) for w in weight if luck.random() < 0.03}
    label = merge(
        weight,
        lifted_pairs,
        lifted_bond,
        preset.grids - (len(alone) if preset.square else 0),
        most=590,
        done=lambda w: w > 430 or w in frozen,
    )
    grid = np.full(len(parcel), -1, dtype=np.int64)
    grid[homes] = label[node[homes]]
    first = int(label.max()) + 1
    dedicated = set()
    for c in sorted(alone):
        grid[c] = first + len(dedicated)
        dedicated.add(int(grid[c]))
    return np.where(homes, micro, -1), grid, dedicated


def _dedicated(
    preset: Preset, land: list[Parcel], parcel: Integers, cover: Coverage, community: Integers, households: Floats
) -> set[int]:
    """Cells that become grids of their own: the riverside, campuses, malls, markets, works, large parks."""
    rank = {"campus": 0, "riverside": 1, "mall": 2, "market": 3, "industry": 4, "park": 5, "hospital": 6, "office": 7}
    area = shapely.area(cover.polygons)
    free = [
        (rank[land[p].use], -area[c], c)
        for c, p in enumerate(parcel.tolist())
        if land[p].use in rank and area[c] > 9000 and land[p].shape is None
    ]
    lived = set(np.flatnonzero(np.bincount(community, weights=households)).tolist())
    free = [f for f in sorted(free) if int(community[f[2]]) in lived]
    per_use: dict[int, int] = {}
    found = set()
    for use, _, c in free:
        if len(found) < preset.dedicated and per_use.get(use, 0) < max(2, preset.dedicated // 4):
            per_use[use] = per_use.get(use, 0) + 1
            found.add(c)
    return found


def _attached(pairs: Integers, bond: Floats, households: Floats, alone: set[int]) -> Integers:
    """For every cell the cell with homes it belongs to (itself, if it has some); -1 where none can be reached."""
    owner = np.where(households > 0, np.arange(len(households)), -1)
    owner[list(alone)] = -1
    near: dict[int, list[tuple[float, int]]] = {}
    for (a, b), score in zip(pairs.tolist(), bond.tolist(), strict=True):
        near.setdefault(a, []).append((score, b))
        near.setdefault(b, []).append((score, a))
    open_cells = [c for c in range(len(owner)) if owner[c] < 0 and c not in alone]
    while open_cells:
        taken = {}
        for c in open_cells:
            beside = [(score, -n) for score, n in near.get(c, []) if owner[n] >= 0]
            if beside:
                taken[c] = owner[-max(beside)[1]]
        if not taken:
            break
        for c, cell in taken.items():
            owner[c] = cell
        open_cells = [c for c in open_cells if c not in taken]
    found: Integers = owner.astype(np.int64)
    return found


def _chains(parcel: Integers, households: Floats, luck: random.Random) -> Integers:
    """Runs of an estate's cells of about a grid each; small estates are one run, and some large ones, as in life, too."""
    chain = np.full(len(parcel), -1, dtype=np.int64)
    total = np.bincount(parcel, weights=households)
    number = -1
    last, before = -1, 0.0
    runs = 1
    for c, p in enumerate(parcel.tolist()):
        if p != last:
            last, before = p, 0.0
            runs = max(1, round(total[p] / 420))
            if runs == 2 and luck.random() < 0.22:
                runs = 1
            first = number + 1
        chain[c] = first + min(runs - 1, int((before + households[c] / 2) / max(total[p], 1) * runs))
        number = max(number, int(chain[c]))
        before += households[c]
    return chain
