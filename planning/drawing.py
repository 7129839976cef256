"""The tools of drawing by hand: what becomes of grids and micro-grids when some cells go elsewhere.

A sheet says for every cell which micro-grid and which grid it is in; a micro-grid lies in one grid. Every tool gives a new pair of
labels for all cells; new grids and micro-grids get numbers above `newest`. Coordinates are metric.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import split as cut_by_line

from data.errors import InputError, Refused
from planning.contract import contracted
from planning.graph import Graph
from planning.rules import Rules
from planning.units import NONE, Units

Numbers = NDArray[np.int64]
NO_MICRO = 0
STEPS = 400_000  # of a split into n parts: a few hundred micro-grids at most


@dataclass(frozen=True)
class Sheet:
    """Labels of n cells; households; borders; which grids are dedicated (they have no micro-grids); the highest label so far."""

    grid: Numbers
    micro: Numbers
    community: Numbers
    households: Numbers
    graph: Graph
    dedicated: frozenset[int]
    newest: int

    def fresh(self, count: int = 1) -> tuple[Sheet, list[int]]:
        """The sheet with that many labels given out, and the labels."""
        made = list(range(self.newest + 1, self.newest + 1 + count))
        return replace(self, newest=self.newest + count), made


def painted(sheet: Sheet, cells: Numbers, to: int) -> Sheet:
    """Cells in the grid `to`. A micro-grid that goes as a whole stays one; a part of one joins the micro-grid of `to` with the longest
    border, piece by piece, or becomes a new one where it touches none."""
    moving = np.zeros(len(sheet.grid), np.bool_)
    moving[cells] = True
    moving &= sheet.grid != to
    grid, micro = sheet.grid.copy(), sheet.micro.copy()
    grid[moving] = to
    if to in sheet.dedicated:
        micro[moving] = NO_MICRO
        return replace(sheet, grid=grid, micro=micro)
    left = np.unique(sheet.micro[~moving])
    torn = moving & (np.isin(sheet.micro, left) | (sheet.micro == NO_MICRO))
    made = replace(sheet, grid=grid, micro=micro)
    return settled(made, torn) if torn.any() else made


def settled(sheet: Sheet, torn: NDArray[np.bool_]) -> Sheet:
    """The torn cells in micro-grids of their grid, each connected piece in one."""
    graph, micro = sheet.graph, sheet.micro.copy()
    same = torn[graph.tail] & torn[graph.head] & (sheet.grid[graph.tail] == sheet.grid[graph.head])
    _, piece = graph.pieces(same)
    for number in np.unique(piece[torn]):
        inside = torn & (piece == number)
        goal = neighbour(sheet, inside, torn)
        if goal is None:
            sheet, (goal,) = sheet.fresh()
        micro[inside] = goal
    return replace(sheet, micro=micro)


def neighbour(sheet: Sheet, inside: NDArray[np.bool_], torn: NDArray[np.bool_]) -> int | None:
    """The micro-grid of the same grid with the longest border to these cells."""
    graph = sheet.graph
    out, back = inside[graph.tail] & ~torn[graph.head], inside[graph.head] & ~torn[graph.tail]
    other = np.concatenate([graph.head[out], graph.tail[back]])
    mine = np.concatenate([graph.tail[out], graph.head[back]])
    length = np.concatenate([graph.length[out], graph.length[back]])
    fits = (sheet.grid[other] == sheet.grid[mine]) & (sheet.micro[other] != NO_MICRO)
    if not fits.any():
        return None
    labels, which = np.unique(sheet.micro[other[fits]], return_inverse=True)
    return int(labels[np.argmax(np.bincount(which, length[fits]))])


def painted_micro(sheet: Sheet, cells: Numbers, to: int) -> Sheet:
    """Cells in the micro-grid `to`, and so in its grid."""
    home = np.flatnonzero(sheet.micro == to)
    if to == NO_MICRO or not len(home):
        raise InputError("there is no such micro-grid.", where=str(to))
    grid, micro = sheet.grid.copy(), sheet.micro.copy()
    grid[cells], micro[cells] = sheet.grid[home[0]], to
    return replace(sheet, grid=grid, micro=micro)


def new_grid(sheet: Sheet, cells: Numbers) -> Sheet:
    """Cells in a grid of their own."""
    sheet, (label,) = sheet.fresh()
    return painted(sheet, cells, label)


def merged(sheet: Sheet, grids: list[int]) -> Sheet:
    """Some grids as one; it keeps the label of the one with most households. Raises Refused for grids that do not touch."""
    if len(set(grids)) < 2:
        raise InputError("a merger takes two grids or more.", where="grids")
    inside = np.isin(sheet.grid, grids)
    loads = {label: int(sheet.households[sheet.grid == label].sum()) for label in grids}
    both = inside[sheet.graph.tail] & inside[sheet.graph.head]
    _, piece = sheet.graph.pieces(both)
    if len(np.unique(piece[inside])) > 1:
        raise Refused("these grids do not touch.", where=", ".join(str(label) for label in grids))
    keeper = max(grids, key=lambda label: (label not in sheet.dedicated, loads[label], -label))
    return painted(sheet, np.flatnonzero(inside), keeper)


def split_by_line(sheet: Sheet, grid: int, shapes: NDArray[Any], line: Any) -> Sheet:
    """A grid cut along a line; the side with most households keeps its label. shapes: of all cells. Raises Refused where the line does
    not cut it."""
    rows = np.flatnonzero(sheet.grid == grid)
    if not len(rows):
        raise InputError("there is no such grid.", where=str(grid))
    at = sides(shapes[rows], line)
    if len(np.unique(at)) < 2:
        raise Refused("the line does not cut the grid.", where=str(grid), todo="Draw it from outside to outside.")
    for side in largest_first(at, sheet.households[rows])[1:]:
        sheet, (label,) = sheet.fresh()
        sheet = painted(sheet, rows[at == side], label)
    return sheet


def sides(shapes: NDArray[Any], line: Any) -> Numbers:
    """[n] the piece each shape lies in once the ground of all is cut along a line."""
    pieces = np.asarray(cut_by_line(shapely.union_all(shapes), line).geoms, dtype=object)
    _, at = shapely.STRtree(pieces).query_nearest(shapely.point_on_surface(shapes), all_matches=False)
    return np.asarray(at, np.int64)


def largest_first(label: Numbers, households: Numbers) -> list[int]:
    """The labels, the one with most households first."""
    labels, number = np.unique(label, return_inverse=True)
    load = np.bincount(number, households + 1e-6)
    return [int(labels[i]) for i in np.argsort(-load, kind="stable")]


def split_into(sheet: Sheet, grid: int, parts: int, units: Units, *, seed: int = 0) -> Sheet:
    """A grid in n parts of whole micro-grids by the solver; the part with most households keeps its label. units: of all cells."""
    rows = np.flatnonzero(sheet.grid == grid)
    part = balanced(sheet, rows, sheet.micro, parts, units, seed=seed)
    if part is None:
        n = len(np.unique(sheet.micro[rows]))
        raise InputError(
            f"a grid of {n} micro-grids cannot be split into {parts}.", where="n", todo="Give another number."
        )
    for label in largest_first(part, sheet.households[rows])[1:]:
        sheet, (made,) = sheet.fresh()
        sheet = painted(sheet, rows[part == label], made)
    return sheet


def balanced(sheet: Sheet, rows: Numbers, whole: Numbers, parts: int, units: Units, *, seed: int = 0) -> Numbers | None:
    """Cells in n parts of whole groups by the solver: each cell's part; None where there are fewer groups than parts."""
    joined, graph, number = contracted(units.only(rows), sheet.graph.only(rows), whole[rows])
    if not 2 <= parts <= len(joined):
        return None
    alone = np.full(len(joined), NONE, np.int64)
    free = replace(joined, current=alone, estate=alone, dedicated=alone, locked=np.zeros(len(joined), np.bool_))
    target = max(1.0, float(free.weight.sum()) / parts)
    rules = Rules(target=target, parts=parts, disconnected="apart", small="one")
    from planning.solver import solve  # it compiles: whoever only paints does without

    return np.asarray(solve(free, graph, rules, seed=seed, steps=STEPS).part[number], np.int64)
