"""The levels of the tree of places, and which level may stand above which.

Foreign cities have only some of the levels: a community may lie directly under the district. The order here says
where to look for a parent: the nearest level that has places.
"""

from __future__ import annotations

from datetime import date

LEVELS = ("district", "street", "community", "grid", "micro_grid", "estate", "building", "block")

# Nearest first. Estates, buildings and blocks are a branch beside the grids.
PARENTS: dict[str, tuple[str, ...]] = {
    "district": (),
    "street": ("district",),
    "community": ("street", "district"),
    "grid": ("community", "street", "district"),
    "micro_grid": ("grid", "community", "street", "district"),
    "estate": ("community", "street", "district"),
    "building": ("estate", "community", "street", "district"),
    "block": ("building", "estate", "community", "street", "district"),
}

# Levels that belong to one version of the grid plan.
PLANNED = ("grid", "micro_grid")

BEGINNING, END = date(1, 1, 1), date(9999, 12, 31)
