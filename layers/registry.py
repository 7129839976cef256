"""The layers there are. A layer is a module; this says what each draws and how many things it can move.

The map page asks here, so a new layer is a new module and a new line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from data.store import Store
from layers.boundaries import Boundaries, boundaries


class PlaceLayer(Protocol):
    """A layer of places: geometry by content address, values by code."""

    def __call__(self, store: Store, atlas_id: int, atlas_digest: str, level: str) -> Boundaries:
        """The geometry of a level of an atlas."""
        ...


@dataclass(frozen=True)
class Layer:
    """One kind of thing on the map."""

    name: str
    levels: Sequence[str]  # empty: not a layer of places
    most: int  # things it can move without stuttering
    geometry: PlaceLayer | None = None


LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer("boundaries", ("district", "street", "community", "grid", "micro_grid", "estate"), 200_000, boundaries),
        Layer("events", (), 2000),
    )
}


def layer_of(level: str) -> Layer | None:
    """The layer that draws the places of a level."""
    return next((layer for layer in LAYERS.values() if level in layer.levels), None)
