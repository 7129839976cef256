"""The map of the place: a figure of the places inside it, its outline, new cases as they come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pyarrow.compute as pc
import shapely
from pydantic import Field

from dashboard.formats import name_of
from dashboard.languages import _
from dashboard.one_map import canvas
from dashboard.one_map.rail import level_name
from dashboard.questions import kept, levels_here, resolve
from dashboard.wall.protocol import Ask, FigureName, LevelName, Options, Panel, PeriodName, Spot
from dashboard.wall.words import PERIOD_NAMES, nearest
from data.atlas import atlas_on, tree
from data.figures import CATALOGUE
from data.store import Store

COLOURED = {"district": "community", "street": "grid", "community": "grid"}
COARSE = {"district": "community", "street": "community", "community": "grid"}  # enough cases in a day to be told apart
FINE = 5e-5  # degrees an outline may be simplified by: five metres


class Map(Options):
    """figure: what the places are coloured by; level: "coarse" for places large enough for one day's cases, empty
    for the finest a wall can show."""

    figure: FigureName = "open"
    period: PeriodName = "30d"
    level: LevelName | Literal["coarse"] | None = None
    method: Literal["quantile", "natural"] = "quantile"
    classes: int = Field(5, ge=5, le=7)


def title(options: Map) -> str:
    """What it is coloured by."""
    definition = CATALOGUE[options.figure]
    name = name_of(definition.zh, definition.en)
    return f"{name} · {_(PERIOD_NAMES[options.period])}" if definition.bases else name


def shown(asked: Ask) -> dict[str, Any]:
    """The map's frame and numbers, as the one map's channel has them, its legend, and the place's outline."""
    p = painted(asked)
    data = canvas.browser_data(p)
    numbers = {name: data.pop(name) for name in ("values", "numbers", "counts")}
    for other_page in ("mark", "tools", "texts", "layers", "steps"):
        del data[other_page]
    outline, bounds = outline_of(asked.store, asked.spot)
    frame = {**data, "level": p.asked.level, "bounds": bounds or data["bounds"], "texts": {}}
    return {
        "frame": frame,
        **numbers,
        "outline": outline,
        "body": [canvas.legend(p)[-1]],
        "n": level_name(p.asked.level),
    }


def painted(asked: Ask) -> canvas.Painted:
    """What the one map would paint of the places inside this one."""
    options: Map = asked.options
    wanted = COARSE[asked.spot.level] if options.level == "coarse" else options.level or COLOURED[asked.spot.level]
    level = nearest(levels_here(asked.store), asked.spot.level, wanted)
    choice = replace(asked.choice, level=level, figure=options.figure, classes=options.classes, method=options.method)
    filled = replace(resolve(asked.store, choice, asked.now), period=asked.period(options.period), as_of=asked.now)
    return canvas.painted_of(asked.store, filled, None if asked.spot.is_district else asked.spot.code)


def outline_of(store: Store, spot: Spot) -> tuple[list[list[Sequence[float]]], list[float] | None]:
    """The rings of a place's border as [latitude, longitude], and its bounds; nothing where only its name is known."""
    atlas = atlas_on(store)
    return kept(
        (str(store.path), "outline", atlas.digest, spot.place_id), lambda: _outline(store, atlas.atlas_id, spot)
    )


def _outline(store: Store, atlas_id: int, spot: Spot) -> tuple[list[list[Sequence[float]]], list[float] | None]:
    places = tree(store, atlas_id)
    rows = places.filter(pc.equal(places["place_id"], spot.place_id))["geometry"].to_pylist()
    if not rows or rows[0] is None:
        return [], None
    shape = shapely.from_wkb(rows[0])
    rings = shapely.get_rings(shapely.get_parts(shapely.simplify(shape, FINE)))
    lines = [np.round(shapely.get_coordinates(ring)[:, ::-1], 6).tolist() for ring in rings]
    return lines, [round(edge, 6) for edge in shape.bounds]


PANEL = Panel("map", title, shown, Map, every=0.25, classes=("is-map",))
