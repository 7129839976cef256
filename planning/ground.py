"""The cells of a plan: the ground of every building inside the smallest part of the plan it stands in.

A building that lies across a border of the plan, or holds more than a micro-grid should, is taken block by block; blocks that
stand on one another (floor ranges) are one cell. A part without homes is a cell of its own. Coordinates are metric.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray

from planning.cells import tessellated
from planning.graph import Graph, shared
from planning.noding import noded

Shapes = NDArray[Any]
Numbers = NDArray[np.int64]
NOBODY = -1


@dataclass(frozen=True)
class Homes:
    """Buildings or blocks: shapes, households, and the building each is or belongs to (its row)."""

    shape: Shapes
    households: Numbers
    building: Numbers


@dataclass(frozen=True)
class Ground:
    """n cells: part (row of the plan's part), whose (level and row of the home; NOBODY: the part's own), households, shape; their borders;
    lost: rows of the buildings that stand in no part."""

    part: Numbers
    is_block: NDArray[np.bool_]
    home: Numbers
    households: Numbers
    shape: Shapes
    graph: Graph
    lost: Numbers


def ground(parts: Shapes, buildings: Homes, blocks: Homes, *, largest: float) -> Ground:
    """The cells of a plan. largest: households from which a building is taken block by block."""
    own, lost = stands_in(parts, buildings.shape)
    whole = own != NOBODY
    whole[whole] = shapely.covers(parts[own[whole]], buildings.shape[whole])
    sliced = np.isin(np.arange(len(own)), blocks.building)
    whole |= (own != NOBODY) & ~sliced
    whole &= ~((buildings.households > largest) & sliced)
    use = np.flatnonzero(np.isin(blocks.building, np.flatnonzero(~whole & (own != NOBODY))))
    part_of, households, use = merged(parts, blocks, use)
    chosen = np.flatnonzero(whole)
    home = np.concatenate([chosen, use])
    shapes = np.concatenate([buildings.shape[chosen], blocks.shape[use]])
    part = np.concatenate([own[chosen], part_of])
    return tiled(
        parts,
        part,
        shapes,
        np.concatenate([buildings.households[chosen], households]),
        home,
        np.arange(len(home)) >= len(chosen),
        lost,
    )


def stands_in(parts: Shapes, shapes: Shapes) -> tuple[Numbers, Numbers]:
    """([n] the part each shape stands in or NOBODY, the rows of those in none); where parts meet, the first."""
    own = np.full(len(shapes), NOBODY, np.int64)
    if len(shapes):
        row, part = shapely.STRtree(parts).query(shapely.point_on_surface(shapes), predicate="intersects")
        own[row[::-1]] = part[::-1]
    return own, np.flatnonzero(own == NOBODY)


def merged(parts: Shapes, blocks: Homes, use: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """(part, households, row) of the chosen blocks, those on the same spot as one; those in no part are left to the first part
    of their building."""
    if not len(use):
        return use, use, use
    own, _ = stands_in(parts, blocks.shape[use])
    spot = np.round(shapely.get_coordinates(shapely.point_on_surface(blocks.shape[use])), 1)
    keys = np.column_stack([blocks.building[use], spot])
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    load = np.bincount(group.ravel(), blocks.households[use], len(first)).astype(np.int64)
    part = own[first]
    for row in np.flatnonzero(part == NOBODY):
        others = part[(blocks.building[use[first]] == blocks.building[use[first[row]]]) & (part != NOBODY)]
        part[row] = others[0] if len(others) else NOBODY
    kept = part != NOBODY
    return part[kept], load[kept], use[first[kept]]


def tiled(
    parts: Shapes,
    part: Numbers,
    shapes: Shapes,
    households: Numbers,
    home: Numbers,
    is_block: NDArray[np.bool_],
    lost: Numbers,
) -> Ground:
    """The homes' cells, and the parts without homes as they are; ordered by part."""
    table = geopandas.GeoDataFrame({"community": part}, geometry=shapes)
    cells = tessellated(table, geopandas.GeoDataFrame(geometry=parts)).geometry.to_numpy() if len(part) else shapes
    empty = np.setdiff1d(np.arange(len(parts)), part)
    every = np.concatenate([part, empty])
    order = np.argsort(every, kind="stable")
    none = np.full(len(empty), NOBODY, np.int64)
    outlines = noded(np.concatenate([cells, parts[empty]])[order])
    return Ground(
        every[order],
        np.concatenate([is_block, np.zeros(len(empty), np.bool_)])[order],
        np.concatenate([home, none])[order],
        np.concatenate([households, np.zeros(len(empty), np.int64)])[order],
        outlines,
        shared(outlines),
        lost,
    )
