"""Buildings (楼栋): their footprints, from the zoom where one can be told from the next."""

from __future__ import annotations

from layers.boundaries import boundaries
from layers.protocol import Layer

LAYER = Layer("buildings", "outlines", from_zoom=15, levels=("building",), polygons=boundaries)
