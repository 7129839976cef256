"""Hazard warnings in force: what they cover, in the warning's own colour (蓝黄橙红)."""

from __future__ import annotations

from typing import Any

import shapely

from data.hazard_warnings import Hazard, in_force
from data.store import Store
from layers.protocol import Layer

FINE = 0.0001  # degrees: about ten metres, below a pixel where a whole warning is in view


def areas(store: Store) -> dict[str, Any]:
    """{"areas": [{title, colour, geometry}]}; geometry as GeoJSON, simplified for drawing."""
    return {"areas": [_area(one) for one in in_force(store) if one.wkb is not None]}


def _area(one: Hazard) -> dict[str, Any]:
    shape = shapely.simplify(shapely.from_wkb(one.wkb), FINE)
    return {
        "id": one.warning_id,
        "title": one.title,
        "colour": one.colour,
        "geometry": shapely.geometry.mapping(shapely.set_precision(shape, 1e-6)),
    }


LAYER = Layer("warnings", "areas", areas=areas)
