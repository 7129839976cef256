"""The layers there are, in the order they lie on the map. A new layer is a new module and a new line here."""

from __future__ import annotations

from typing import Any

from data.errors import NotFound
from data.store import Store
from layers import buildings, estates, facilities, grids, posts, repeat_points, warnings
from layers.protocol import Layer

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer("ground", "ground", chosen=False),  # layers/base_map.py
        grids.BOUNDARIES,
        grids.GRIDS,
        grids.MICRO_GRIDS,
        grids.ESTATES,
        buildings.LAYER,
        estates.LAYER,
        facilities.LAYER,
        posts.LAYER,
        repeat_points.LAYER,
        warnings.LAYER,
        Layer("events", "points", chosen=False),  # layers/events.py: points or a lattice; its own control
    )
}
CHOSEN = tuple(layer.name for layer in LAYERS.values() if layer.chosen)


def layer_of(level: str) -> Layer | None:
    """The layer that colours the places of a level."""
    return next((layer for layer in LAYERS.values() if layer.draws == "cells" and level in layer.levels), None)


def areas_of(store: Store, name: str) -> dict[str, Any]:
    """The areas of a layer as they are now. Raises NotFound."""
    layer = LAYERS.get(name)
    if layer is None or layer.areas is None:
        raise NotFound("there is no such layer", where=name)
    return layer.areas(store)
