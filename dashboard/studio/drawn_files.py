"""A plan drawn elsewhere, taken into the studio: its parts on the map beside what is wrong with them, and a draft made of it.

As a draft it is snapped to cells: each goes to the part its middle lies in, so that overlaps and gaps are gone; a part that names
the code of a grid in force is that grid, any other is a new one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.drawing.checking import drawn_of
from dashboard.drawing.solving import degrees
from dashboard.live.channels import digest
from dashboard.studio.making import drafted
from dashboard.studio.restoring import nested
from dashboard.uploads import Upload
from data.actors import Actor
from data.draft_journal import Change, put_change
from data.drafts import Drawing, drawing
from data.errors import NotFound, Refused
from data.nesting import metric
from data.progress import Progress
from data.store import Store
from etl.drawn_plans import Drawn
from etl.plan_differences import NOBODY, holders
from layers import worker
from layers.base_map import base_map
from layers.codec import encode

Said = dict[str, Any]


def parts(store: Store, upload: Upload, args: Said) -> Said:
    """Where the polygons of a file are, and what they are called."""
    drawn, _kinds, system = drawn_of(store, args["what"], args, args["level"])
    shapes = degrees(drawn.shape, system)
    content = packed(tuple(shapely.to_wkb(shapes)))
    name = digest(content.hex())
    return {
        "token": upload.token,
        "address": f"/studio/plan-files/{upload.token}/{args['level']}-{name}?"
        + urlencode({"layer": args["layer"] or "", "crs": args["crs"] or ""}),
        "codes": drawn.code.tolist(),
        "worker": worker.address(),
        "base": base_map(store).address,
        "bounds": [float(v) for v in shapely.total_bounds(shapes)],
    }


@lru_cache(maxsize=4)
def packed(shapes: tuple[bytes, ...]) -> bytes:
    """Polygons on the wire, gzipped."""
    return encode(np.array(shapely.from_wkb(list(shapes)), dtype=object))


def part_file(store: Store, upload: Upload, name: str, layer: str, crs: str) -> bytes:
    """The gzipped polygons of a file. Raises NotFound for another's."""
    level = name.partition("-")[0]
    drawn, _kinds, system = drawn_of(store, str(upload.path), {"layer": layer or None, "crs": crs or None}, level)
    content = packed(tuple(shapely.to_wkb(degrees(drawn.shape, system))))
    if name != f"{level}-{digest(content.hex())}":
        raise NotFound("these boundaries have changed", where=upload.name, todo="Drop the file again.")
    return content


def taken(store: Store, upload: Upload, args: Said, name: str, actor: Actor, progress: Progress) -> int:
    """Make a draft that shows the file's parts; its id. Raises InputError, Refused."""
    drawn, _kinds, _system = drawn_of(store, args["what"], args, args["level"])
    made = drafted(store, name, "standard", actor, progress)
    now = drawing(store, made)
    change = snapped_to(store, now, drawn, args["level"])
    if not len(change.cell):
        raise Refused(
            "the file shows the plan in force: the draft was made, and nothing in it differs.", where=upload.name
        )
    put_change(store, made, 0, "import", change, actor)
    return made


def snapped_to(store: Store, now: Drawing, drawn: Drawn, level: str) -> Change:
    """What makes a draft show the parts; cells in no part stay where they are."""
    points = np.asarray(shapely.points(now.cells.lon, now.cells.lat), dtype=object)
    owner = holders(
        np.asarray(drawn.shape, dtype=object), np.asarray(metric(points, store.deployment.crs), dtype=object)
    )
    label_of = {(one.level, one.code): place for place, one in now.cells.labels.items()}
    labels, newest = [], now.newest
    for code in drawn.code.tolist():
        newest += (level, code) not in label_of
        labels.append(label_of.get((level, code), newest))
    found = np.array([*labels, 0], np.int64)[owner]
    fixed = np.array([place for place, one in now.cells.labels.items() if one.dedicated], np.int64)
    free = (owner != NOBODY) & ~np.isin(now.grid, fixed)
    grid, micro = (now.grid, now.micro) if level == "micro_grid" else (np.where(free, found, now.grid), now.micro)
    if level == "micro_grid":
        micro = np.where(free, found, now.micro)
        grid = followed(now, drawn, owner, free, label_of)
    micro = nested(grid, micro, newest)
    cell = np.flatnonzero((grid != now.grid) | (micro != now.micro))
    return Change(cell, grid[cell], micro[cell])


def followed(
    now: Drawing, drawn: Drawn, owner: NDArray[np.int64], free: NDArray[np.bool_], label_of: dict[tuple[str, str], int]
) -> NDArray[np.int64]:
    """The grid of each cell where micro-grids were drawn: the one its part names, else the one it is in."""
    parent = np.array([label_of.get(("grid", str(code)), 0) for code in drawn.parent] + [0], np.int64)[owner]
    return np.asarray(np.where(free & (parent > 0), parent, now.grid), np.int64)
