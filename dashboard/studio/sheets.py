"""What the tools and measures of planning/ take, made from a draft: kept for each set of cells, for they never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from data.cell_sets import CellSet
from data.draft_cases import cases_with_points
from data.drafts import Drawing
from data.nesting import metric
from data.store import Store
from data.successors import Heir, posts_by_place
from planning.drawing import Sheet
from planning.graph import Graph, totals
from planning.measures import Drawn
from planning.units import NONE, Units

YEAR = timedelta(days=365)
MONTHS = 12


@dataclass(frozen=True)
class Cases:
    """The last twelve months by cell: events, those decided, those of them on time."""

    events: NDArray[np.float64]
    decided: NDArray[np.float64]
    on_time: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Board:
    """A set of cells as planning takes it. shapes: metric; dedicated: the grids that are no homes; posts: those filled, by place."""

    cells: CellSet
    shapes: NDArray[Any]
    graph: Graph
    dedicated: frozenset[int]
    cases: Cases
    posts: dict[int, int]


_BOARDS: WeakKeyDictionary[Store, dict[tuple[int, str], Board]] = WeakKeyDictionary()


def board(store: Store, cells: CellSet) -> Board:
    """The board of some cells, its cases as of today."""
    day = str(store.now().astimezone(store.zone).date())
    kept = _BOARDS.setdefault(store, {})
    if (cells.cell_set_id, day) not in kept:
        for old in [key for key in kept if key[0] == cells.cell_set_id or len(kept) > 3]:
            kept.pop(old, None)
        kept[cells.cell_set_id, day] = _board(store, cells)
    return kept[cells.cell_set_id, day]


def _board(store: Store, cells: CellSet) -> Board:
    outlines = shapely.from_wkb(cells.geometry)
    return Board(
        cells,
        metric(outlines, store.deployment.crs),
        Graph(len(cells), cells.tail, cells.head, cells.length),
        frozenset(label.place_id for label in cells.labels.values() if label.dedicated),
        cases_by_cell(store, outlines),
        posts_by_place(store),
    )


def cases_by_cell(store: Store, outlines: NDArray[Any]) -> Cases:
    """The events of the last twelve months, each in the cell its point lies in."""
    until = store.now()
    found = cases_with_points(store, until - YEAR, until)
    points = shapely.points(found.column("lon").to_numpy(), found.column("lat").to_numpy())
    case, cell = shapely.STRtree(outlines).query(points, predicate="intersects")
    case, first = np.unique(case, return_index=True)
    cell = cell[first]
    decided, on_time = (
        np.asarray(found.column(name).to_numpy(zero_copy_only=False), np.float64)[case]
        for name in ("decided", "on_time")
    )
    n = len(outlines)
    return Cases(totals(cell, np.ones(len(cell)), n), totals(cell, decided, n), totals(cell, decided * on_time, n))


class Plan(Protocol):
    """Labels of the cells: a draft, what a tool made of it, or the plan the cells were made over."""

    @property
    def grid(self) -> NDArray[np.int64]: ...
    @property
    def micro(self) -> NDArray[np.int64]: ...
    @property
    def community(self) -> NDArray[np.int64]: ...


def units(one: Board, plan: Plan, locked: frozenset[int] = frozenset()) -> Units:
    """The cells as units of a plan of grids; their grid in force is the current one, the plan's communities are the walls."""
    cells = one.cells
    return Units(
        cells.households,
        cells.area,
        cells.perimeter,
        plan.community,
        cells.estate,
        cells.grid,
        np.isin(plan.grid, list(locked)),
        np.where(np.isin(plan.grid, list(one.dedicated)), plan.grid, NONE),
        np.array(cells.code, np.str_),
    )


def staffed(one: Board, plan: Plan, labels: NDArray[np.int64], given_up: Sequence[Heir] = ()) -> list[int]:
    """The posts filled in each of these grids: its own and its micro-grids', and those that pass to it from places given up."""
    goes = {(heir.level, heir.place_id): heir.heir for heir in given_up}
    micro, first = np.unique(plan.micro, return_index=True)
    grid_of = dict(zip(micro.tolist(), plan.grid[first].tolist(), strict=True))
    found: dict[int, int] = {}
    for place, n in one.posts.items():
        label = one.cells.labels.get(place)
        if label is not None:
            at = goes.get((label.level, place), place)
            at = at if label.level == "grid" else grid_of.get(at, 0)
            found[at] = found.get(at, 0) + n
    return [found.get(int(label), 0) for label in labels]


def sheet(one: Board, now: Drawing) -> Sheet:
    """What the tools draw on."""
    return Sheet(now.grid, now.micro, now.community, one.cells.households, one.graph, one.dedicated, now.newest)


def drawn(one: Board, plan: Plan) -> Drawn:
    """What the measures are taken of."""
    return Drawn(plan.grid, plan.micro, units(one, plan), one.graph, one.cases.events / MONTHS)
