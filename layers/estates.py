"""Estates (居民小区): their walls, and their names where there is room."""

from __future__ import annotations

from layers.boundaries import boundaries
from layers.protocol import Layer

LAYER = Layer("estates", "outlines", from_zoom=13, levels=("estate",), polygons=boundaries)
