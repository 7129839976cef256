"""Small multiples on paper: one figure's maps of many months or tracks under one title, with one legend.

The shapes are laid once; every little map is the same outlines in its own classes (`print_map.py` has the colours and the words).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
import shapely

from layers.boundaries import areas
from layers.codec import NO_DATA, OUTSIDE, TOO_FEW
from layers.paper import Drawing
from layers.print_map import (
    FRAME,
    GROUND,
    HATCH_GROUND,
    HATCH_LINE,
    INK,
    LEGEND,
    PAD,
    QUIET,
    MapSheet,
    foot,
    head,
    legend,
    view_of,
)

NAME, GAP = 6.0, 3.0  # millimetres
COARSE = 0.12  # millimetres a little map's borders may be off


@dataclass(frozen=True)
class SmallMap:
    """One of many: its name, how many cases it rests on, and the class of each of the sheet's shapes."""

    name: str
    n: str
    found: npt.NDArray[np.uint8]


def multiples(sheet: MapSheet, cells: Sequence[SmallMap], width: float, height: float) -> Drawing:
    """All of them at a size in millimetres; title, legend and foot are the sheet's."""
    drawing = Drawing(width, height)
    drawing.box(0, 0, width, height, "#FFFFFF")
    top, below = head(drawing, sheet), foot(drawing, sheet)
    room = (width - LEGEND - PAD, height - below - top)
    columns = next(n for n in range(1, 13) if n * ceil(room[1] / room[0] * n) >= len(cells))
    wide, tall = room[0] / columns, room[1] / ceil(len(cells) / columns)
    shapes = areas(shapely.from_wkb(np.array(sheet.shapes, object)))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (cells[-1].found != OUTSIDE)
    for i, cell in enumerate(cells):
        x, y = i % columns * wide, top + i // columns * tall
        drawing.words(x, y + NAME / 2, cell.name, 8.5, colour=INK, bold=True)
        drawing.words(x + wide - GAP, y + NAME / 2, cell.n, 7.5, colour=QUIET, align="right")
        frame = (x, y + NAME, wide - GAP, tall - NAME - GAP)
        drawing.box(*frame, GROUND)
        if there.any():
            view = view_of(sheet, shapes[there], frame)
            laid = shapely.simplify(view.laid(shapes[there]), COARSE)
            _paint(drawing, sheet, laid, cell.found[there])
        drawing.box(*frame, line=FRAME, stroke=0.15)
    legend(drawing, sheet, width - LEGEND, top, room[1])
    return drawing


def _paint(drawing: Drawing, sheet: MapSheet, laid: npt.NDArray[np.object_], found: npt.NDArray[np.uint8]) -> None:
    for shape, number in zip(laid, found.tolist(), strict=True):
        hatched = number in (NO_DATA, TOO_FEW)
        colour = HATCH_GROUND if hatched else sheet.colours[number]
        drawing.shape(shape, fill=colour, line=HATCH_LINE if hatched else colour, width=0.08 if hatched else 0.05)
