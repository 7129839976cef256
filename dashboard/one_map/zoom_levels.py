"""The levels the map's zoom chooses from: the first level, then grids, then micro-grids, each as soon as it can be read.

How large a place is on the screen follows from how many share the district; the browser knows the zoom (assets/map_level.js).
"""

from __future__ import annotations

from math import sqrt

from dashboard.questions import default_level, levels_drawn, levels_here
from data.atlas import Atlas
from data.levels import LEVELS
from data.store import Store
from layers.registry import layer_of

FINER = ("grid", "micro_grid")


def steps(store: Store, atlas: Atlas) -> list[tuple[str, float]]:
    """The levels from the first visit's to the finest, each with the side of a mean place as a share of the world's width."""
    first, there = default_level(levels_here(store)), levels_drawn(store)
    layer = layer_of(first)
    if layer is None or layer.polygons is None:
        return []
    area = layer.polygons(store, atlas.atlas_id, atlas.digest, first).area
    finer = [level for level in FINER if level in there and LEVELS.index(level) > LEVELS.index(first)]
    return [(level, sqrt(area / there[level])) for level in (first, *finer)]
