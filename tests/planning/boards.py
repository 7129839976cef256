"""Hand-made districts: boards of squares, ten metres wide, numbered row by row from the south-west."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from planning.graph import Graph, shared
from planning.units import Units, units

SIDE = 10.0


def squares(rows: int, columns: int) -> Any:
    """The board's polygons."""
    west, south = np.meshgrid(np.arange(columns) * SIDE, np.arange(rows) * SIDE)
    return shapely.box(west.ravel(), south.ravel(), west.ravel() + SIDE, south.ravel() + SIDE)


def board(rows: int, columns: int, weight: Any = 1, **given: Any) -> tuple[Units, Graph]:
    """(units, graph) of a board; weight: one count for all or one each."""
    shapes = squares(rows, columns)
    return units(shapes, np.broadcast_to(weight, len(shapes)), **given), shared(shapes)
