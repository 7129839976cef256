"""Water of the demo district: the river between its embankments, the brook, lakes in parks."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from etl.demo_cells import CREEK, Point
from etl.demo_coverage import Floats
from etl.demo_ground import Ground
from etl.demo_names import vocabulary
from etl.demo_roads import stretches


def water(
    ground: Ground, whole: shapely.Polygon, sites: list[dict[str, Any]], luck: random.Random
) -> list[tuple[str, str | None, int, shapely.Geometry]]:
    """The river, and lakes in the large parks and on the campus: kind, name, rank, shape in metres."""
    preset = ground.preset
    found: list[tuple[str, str | None, int, shapely.Geometry]] = []
    river = shapely.Polygon(preset.warp(river_ring(ground, luck)))
    found.append(("river", "青禾河", 1, shapely.intersection(river.buffer(0), whole)))
    found += [("creek", "柳溪", 2, shapely.intersection(shape, whole)) for shape in creeks(ground, luck)]
    for site in sites:
        if (
            site["kind"] in ("park", "campus")
            and ground.parcels[site["number"]].shape is None
            and site["shape"].area > 90_000
        ):
            found.append(("lake", luck.choice(vocabulary()["place"]["streets"]) + "湖", 2, lake(site["shape"], luck)))
    return found


def river_ring(ground: Ground, luck: random.Random) -> Floats:
    """Both banks in the drawing plane: it swings between its embankments and changes its width."""
    preset = ground.preset
    reach = preset.radius[0] * 1.3
    along = np.linspace(preset.middle[0] - reach, preset.middle[0] + reach, 160)
    a, b, c = (luck.uniform(0, 2 * math.pi) for _ in range(3))
    swing = preset.river_width * (0.85 * np.sin(along / 640 + a) + 0.35 * np.sin(along / 310 + b))
    half = preset.river_width * (0.85 + 0.25 * np.sin(along / 520 + c))
    middle = preset.river + swing
    return np.concatenate([np.column_stack([along, middle - half]), np.column_stack([along, middle + half])[::-1]])


def creeks(ground: Ground, luck: random.Random) -> Iterator[shapely.Polygon]:
    """The brook that runs down to the river between its green banks."""
    preset = ground.preset
    for label, parts in stretches(ground):
        for part in parts if label == CREEK else ():
            a, b = sorted(part.coords[i] for i in (0, -1))
            low, high = min(a[1], b[1]), max(a[1], b[1])
            along = np.arange(low - preset.river_width * 2.7, high, 25.0)
            phase = luck.uniform(0, 6)
            x = a[0] + 7 * np.sin(along / 130 + phase) + 4 * np.sin(along / 57)
            half = 9 + 2.5 * np.sin(along / 210 + phase)
            ring = np.concatenate([np.column_stack([x - half, along]), np.column_stack([x + half, along])[::-1]])
            yield shapely.Polygon(preset.warp(ring))


def lake(park: shapely.Polygon, luck: random.Random) -> shapely.Polygon:
    """A lake with bays inside a park."""
    middle = park.centroid
    near = park.exterior.distance(middle)
    waves = [(k, luck.uniform(0.04, 0.22) / math.sqrt(k - 1), luck.uniform(0, 2 * math.pi)) for k in (2, 3, 4, 6)]
    size = near * luck.uniform(0.5, 0.68)
    points: list[Point] = []
    for step in range(72):
        angle = 2 * math.pi * step / 72
        far = size * (1 + sum(s * math.cos(k * angle + p) for k, s, p in waves))
        points.append((round(middle.x + far * 1.15 * math.cos(angle), 2), round(middle.y + far * math.sin(angle), 2)))
    return shapely.intersection(shapely.Polygon(points).buffer(0), park.buffer(-8))
