"""Event density: hexagons over the map, in classes of the whole district, so that moving the map changes no colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.heatmap.screen import read
from dashboard.languages import _
from dashboard.one_map.canvas import class_words
from dashboard.one_map.canvas import text_of as packed
from dashboard.questions import Asked, kept
from data.hexagons import Hexagons, hexagons, width_at
from data.on_map import Wanted
from layers import palettes
from layers.classes import Classes, make
from layers.events import window_of

if TYPE_CHECKING:
    from data.store import Store

CLASSES = 5


def in_view(store: Store, query: str, box: str, zoom: str) -> dict[str, Any]:
    """The hexagons of a window: corners as longitude and latitude, class and n of each; the legend of all."""
    _choice, asked = read(store, query)
    window = window_of(box, zoom)
    found, classes = counted(store, asked, width_at(window.zoom, (window.south + window.north) / 2))
    corners = kept(
        (str(store.path), store.version, "corners", _key(asked), found.width),
        lambda: found.corners(store.deployment.crs),
    )
    lon, lat = corners[:, :, 0], corners[:, :, 1]
    seen = (
        (lon.max(1) >= window.west)
        & (lon.min(1) <= window.east)
        & (lat.max(1) >= window.south)
        & (lat.min(1) <= window.north)
    )
    number = classes.of(found.n.astype(np.float64))
    held = np.bincount(number, minlength=classes.n).tolist()
    colours = colours_of(classes)
    words = class_words(classes, "cases")
    return {
        "width": found.width,
        "n": int(found.n.sum()),
        "corners": packed(corners[seen].astype("<f8").tobytes()),
        "counts": packed(found.n[seen].astype("<u4").tobytes()),
        "classes": packed(number[seen].astype("u1").tobytes()),
        "colours": colours,
        "title": _("案件密度（每个六边形，{n} 米宽）").format(n=f"{found.width:,}"),
        "legend": [
            {"text": words[i], "n": held[i], "light": colours["light"][i], "dark": colours["dark"][i], "hatch": ""}
            for i in reversed(range(classes.n))
        ],
    }


def colours_of(classes: Classes) -> dict[str, list[str]]:
    """One hue, light to strong."""
    return {theme: palettes.ramp("single", theme, classes.n) if classes.n else [] for theme in ("light", "dark")}


def counted(store: Store, asked: Asked, width: int) -> tuple[Hexagons, Classes]:
    """All hexagons of a width, and their classes; from memory while nothing was written since."""
    wanted = Wanted(asked.period, asked.as_of, filters=asked.choice.filters)
    found = kept(
        (str(store.path), store.version, "hexagons", _key(asked), width), lambda: hexagons(store, wanted, width)
    )
    return found, make(found.n.astype(np.float64), CLASSES)


def _key(asked: Asked) -> tuple[Any, ...]:
    return asked.period, asked.as_of, asked.choice.filters
