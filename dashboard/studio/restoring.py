"""A draft drawn from an older plan: going back is another draft and another plan, on the cells of today.

Every cell goes to the grid and micro-grid of the older plan its middle lies in. A grid that is still in force keeps its label; one
that was given up is drawn anew and gets a new code when it takes effect, for retired codes are never given again.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from data.draft_journal import Change
from data.drafts import Drawing
from data.errors import NotFound
from data.levels import PLANNED
from data.plan_extracts import planned_places
from data.plans import Plan, plans
from data.store import Store
from etl.plan_differences import NOBODY, holders

Numbers = NDArray[np.int64]


def plan_numbered(store: Store, number: int) -> Plan:
    """A plan of the store that is or was in force. Raises NotFound."""
    found = next((one for one in plans(store) if one.plan_id == number and one.status != "draft"), None)
    if found is None:
        raise NotFound("there is no such plan.", where=f"plan {number}")
    return found


def restored(store: Store, now: Drawing, plan: Plan) -> Change:
    """What makes a draft show an older plan."""
    label_of = {(one.level, one.code): place for place, one in now.cells.labels.items()}
    points = np.asarray(shapely.points(now.cells.lon, now.cells.lat), dtype=object)
    newest = now.newest
    made: dict[str, Numbers] = {}
    for level, before in zip(PLANNED, (now.grid, now.micro), strict=True):
        rows = planned_places(store, plan, level)
        shapes = np.asarray(shapely.from_wkb(np.array(rows["geometry"].to_pylist(), dtype=object)), dtype=object)
        owner = holders(shapes, points)
        labels = []
        for code in rows["code"].to_pylist():
            newest += (level, code) not in label_of
            labels.append(label_of.get((level, code), newest))
        taken = np.array([*labels, 0], np.int64)[owner]
        made[level] = np.where(owner == NOBODY, before if level == "grid" else 0, taken)
    grid, micro = made["grid"], made["micro_grid"]
    micro = nested(grid, micro, newest)
    cell = np.flatnonzero((grid != now.grid) | (micro != now.micro))
    return Change(cell, grid[cell], micro[cell])


def nested(grid: Numbers, micro: Numbers, newest: int) -> Numbers:
    """Micro-grids that lie in one grid each: what sticks out into another grid becomes a micro-grid of its own."""
    pairs, which = np.unique(np.stack([micro, grid]), axis=1, return_inverse=True)
    which, labels, seen = which.ravel(), pairs[0].copy(), set()
    count = np.bincount(which)
    for i in np.argsort(-count, kind="stable"):
        label = int(pairs[0, i])
        if label and label in seen:
            newest += 1
            labels[i] = newest
        seen.add(label)
    return np.asarray(labels[which], np.int64)
