"""The drawings of a dossier: the surroundings of one grid before and after, and the whole district, as marks on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.studio.sheets import Board
from data.enacting import members
from layers.paper import Drawing

INK, FRAME, GROUND = "#17202B", "#C9CFD7", "#F7F8FA"
CHOSEN, MOVED, OTHER = "#9CC7E8", "#F2C078", "#ECEFF3"
ROOM = 0.25  # of a grid's size, around it
FINE = 0.3  # metres an outline may be off on paper


@dataclass(eq=False)
class Maps:
    """Cells and their grids before and after."""

    board: Board
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    _outlines: dict[tuple[bool, int], Any] = field(default_factory=dict)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Which cells lie in a view."""
        return shapely.STRtree(self.board.shapes)

    @cached_property
    def members(self) -> tuple[dict[int, NDArray[np.int64]], dict[int, NDArray[np.int64]]]:
        """The cells of each grid, before and after."""
        return members(self.before), members(self.after)

    def outline(self, label: int, *, now: bool) -> Any:
        """The ground of a grid, joined once."""
        if (now, label) not in self._outlines:
            joined = shapely.union_all(self.board.shapes[self.members[now][label]])
            self._outlines[now, label] = joined
        return self._outlines[now, label]

    def pair(self, label: int, width: float, height: float) -> tuple[Drawing, Drawing]:
        """The surroundings of a grid before and after, on one scale."""
        own = np.flatnonzero((self.before == label) | (self.after == label))
        box = shapely.total_bounds(self.board.shapes[own])
        room = ROOM * max(box[2] - box[0], box[3] - box[1])
        view = shapely.box(box[0] - room, box[1] - room, box[2] + room, box[3] + room)
        rows = np.sort(self.tree.query(view, predicate="intersects"))
        was, new = (self.drawn(rows, label, view, width, height, now=now) for now in (False, True))
        return was, new

    def district(self, width: float, height: float, *, now: bool = True) -> Drawing:
        """The whole plan, what was moved standing out."""
        rows = np.arange(len(self.after))
        return self.drawn(rows, None, shapely.box(*shapely.total_bounds(self.board.shapes)), width, height, now=now)

    def drawn(
        self,
        rows: NDArray[np.int64],
        label: int | None,
        view: Any,
        width: float,
        height: float,
        *,
        now: bool,
    ) -> Drawing:
        """Some cells as grids: the chosen one, what comes to it or changes at all, the others."""
        sheet = Drawing(width, height)
        sheet.box(0, 0, width, height, fill=GROUND, line=FRAME, stroke=0.2)
        grid = self.after if now else self.before
        place = placed(view, width, height)
        frame = shapely.box(0, 0, width, height)
        shown = {one: place(self.outline(one, now=now), frame) for one in np.unique(grid[rows]).tolist()}
        for one, outline in shown.items():
            cells = rows[grid[rows] == one]
            self.fill(sheet, outline, CHOSEN if one == label else OTHER)
            moved = cells[self.before[cells] != self.after[cells]] if label is None or one == label else cells[:0]
            if len(moved):
                self.fill(sheet, place(shapely.union_all(self.board.shapes[moved]), frame), MOVED)
        for one, outline in shown.items():
            wide = 0.7 if one == label else 0.3 if label is not None else 0.12
            sheet.shape(outline, line=INK, width=wide)
            self.write(sheet, outline, int(self.board.cells.households[self.members[now][one]].sum()), label)
        return sheet

    @staticmethod
    def fill(sheet: Drawing, outline: Any, colour: str) -> None:
        """One colour over a shape."""
        sheet.shape(outline, fill=colour)

    @staticmethod
    def write(sheet: Drawing, outline: Any, households: int, label: int | None) -> None:
        """The households of a grid, where there is room."""
        if label is None or outline.is_empty or outline.area < 60 or not households:
            return
        at = shapely.point_on_surface(outline)
        sheet.words(at.x, at.y, f"{households:,}", 8, align="middle", halo="#FFFFFF")


def placed(view: Any, width: float, height: float) -> Any:
    """place(shape, frame): a shape on the paper, cut at the frame; north is up."""
    west, south, east, north = view.bounds
    scale = min(width / (east - west), height / (north - south))
    left, top = (width - scale * (east - west)) / 2, (height - scale * (north - south)) / 2

    def onto(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([left + scale * (points[:, 0] - west), top + scale * (north - points[:, 1])])

    def place(shape: Any, frame: Any) -> Any:
        whole = shapely.simplify(shape, FINE)
        return shapely.intersection(shapely.make_valid(shapely.transform(whole, onto)), frame)

    return place
