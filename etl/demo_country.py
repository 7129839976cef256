"""The open country of the demo district: wooded hills away from the river, fields between them."""

from __future__ import annotations

import math
import random

import numpy as np
import shapely

from etl.demo_coverage import Geometries
from etl.demo_ground import Ground
from etl.demo_presets import Preset


def country(ground: Ground, luck: random.Random) -> list[tuple[str, shapely.Geometry]]:
    """Woods (hill) and fields (farmland) on the ground: what neither town nor village nor river takes."""
    land = [p for p in ground.parcels if p.use == "country"]
    if not land:
        return []
    open_land = shapely.union_all([p.shape or shapely.Polygon(p.piece.points) for p in land], grid_size=0.1)
    room = open_land.buffer(-45).buffer(1)
    woods = shapely.intersection(_woods(ground.preset, luck), room).buffer(-30).buffer(30)
    parts = [part for part in shapely.get_parts(woods) if part.area > 30_000]
    woods = shapely.union_all(parts)
    fields = shapely.difference(open_land, woods)
    found = []
    for kind, shape in (("farmland", fields), ("hill", woods)):
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon" and part.area > 5_000:
                found.append((kind, shapely.transform(shapely.segmentize(part, 60.0), ground.preset.warp)))
    return found


def _woods(preset: Preset, luck: random.Random) -> shapely.Geometry:
    """Blots where the land is high: away from the river, and wherever a slow wave lifts it."""
    (mx, my), (rx, ry) = preset.middle, preset.radius
    waves = [(luck.uniform(0.6, 2.0), luck.uniform(0, 2 * math.pi), luck.uniform(0, 2 * math.pi)) for _ in range(5)]
    blots: list[Geometries] = []
    for _ in range(int(rx * ry / 90_000)):
        x, y = mx + rx * luck.uniform(-1.2, 1.2), my + ry * luck.uniform(-1.2, 1.2)
        lift = sum(math.sin((x * math.cos(a) + y * math.sin(a)) / (700 * k) + p) for k, a, p in waves) / 5
        if abs(y - preset.river) / ry + 0.75 * lift > 0.42:
            blots.append(_blot(x, y, luck.uniform(160, 520), luck))
    return shapely.union_all(np.array(blots, dtype=object), grid_size=0.1)


def _blot(x: float, y: float, size: float, luck: random.Random) -> shapely.Polygon:
    waves = [(k, luck.uniform(0.05, 0.2), luck.uniform(0, 2 * math.pi)) for k in (2, 3, 5)]
    points = []
    for step in range(28):
        angle = 2 * math.pi * step / 28
        far = size * (1 + sum(s * math.cos(k * angle + p) for k, s, p in waves))
        points.append((x + far * math.cos(angle), y + far * math.sin(angle)))
    return shapely.Polygon(points).buffer(0)
