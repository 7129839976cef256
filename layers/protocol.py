"""What a layer is: a name, from which zoom it can be read, and how it is drawn. A layer is a module; the registry lists them.

Five ways to draw: `cells` are coloured by a figure, `outlines` are only stroked (both are polygons at a content address),
`points` are asked for anew for every window, `areas` are a few polygons that come and go, `ground` is the base map.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from data.on_map import Wanted, Window
from data.store import Store
from layers.boundaries import Boundaries

Words = Callable[[str], str]


@dataclass(frozen=True)
class Ask:
    """One window of a point layer: which cases count, the day things are looked at, and the reader's words."""

    wanted: Wanted
    window: Window
    day: date
    words: Words
    time: Callable[[datetime], str]


class PlaceLayer(Protocol):
    """Polygons of a level of an atlas."""

    def __call__(self, store: Store, atlas_id: int, atlas_digest: str, level: str) -> Boundaries:
        """The geometry, at a content address."""
        ...


class PointLayer(Protocol):
    """Points of a window."""

    def __call__(self, store: Store, ask: Ask) -> dict[str, Any]:
        """{"n": all in view, "points": [{lon, lat, shape, lines}]}."""
        ...


class AreaLayer(Protocol):
    """A few areas, whatever the window."""

    def __call__(self, store: Store) -> dict[str, Any]:
        """{"areas": [{id, title, colour, geometry}]}."""
        ...


@dataclass(frozen=True)
class Layer:
    """One kind of thing on the map."""

    name: str
    draws: Literal["cells", "outlines", "points", "areas", "ground"]
    from_zoom: float = 0
    levels: tuple[str, ...] = ()  # of places; empty: not a layer of places
    polygons: PlaceLayer | None = None
    points: PointLayer | None = None
    areas: AreaLayer | None = None
    chosen: bool = True  # whether a person turns it on and off


def answer(rows: list[dict[str, Any]], points: list[dict[str, Any]]) -> dict[str, Any]:
    """A point layer's answer."""
    return {"n": rows[0]["total"] if rows else 0, "points": points}
