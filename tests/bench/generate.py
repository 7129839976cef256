"""Made-up input of any size for the benches: a tessellated district and a ticket export, from a seed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

CRS = "EPSG:32650"
ORIGIN = (500_000.0, 3_500_000.0)
CELL = 250.0  # metres


def cells(count: int, seed: int = 1) -> np.ndarray:
    """`count` polygons that tile a square, in EPSG:4326: a lattice whose shared corners are jittered, each edge bent once.

    Returns an array of shape (count,); neighbours share their vertices exactly.
    """
    side = int(np.ceil(np.sqrt(count)))
    rng = np.random.default_rng(seed)
    column, row = np.meshgrid(np.arange(side + 1), np.arange(side + 1))
    x = ORIGIN[0] + CELL * (column + rng.uniform(-0.3, 0.3, column.shape))
    y = ORIGIN[1] + CELL * (row + rng.uniform(-0.3, 0.3, row.shape))
    bend_h = rng.uniform(-0.1, 0.1, column.shape) * CELL
    bend_v = rng.uniform(-0.1, 0.1, column.shape) * CELL
    lon, lat = Transformer.from_crs(CRS, 4326, always_xy=True).transform(x, y)
    hx, hy = Transformer.from_crs(CRS, 4326, always_xy=True).transform(
        (x[:, :-1] + x[:, 1:]) / 2, (y[:, :-1] + y[:, 1:]) / 2 + bend_h[:, :-1]
    )
    vx, vy = Transformer.from_crs(CRS, 4326, always_xy=True).transform(
        (x[:-1] + x[1:]) / 2 + bend_v[:-1], (y[:-1] + y[1:]) / 2
    )
    rings = np.stack(
        [
            np.stack([lon[:-1, :-1], lat[:-1, :-1]], -1), np.stack([hx[:-1], hy[:-1]], -1),
            np.stack([lon[:-1, 1:], lat[:-1, 1:]], -1), np.stack([vx[:, 1:], vy[:, 1:]], -1),
            np.stack([lon[1:, 1:], lat[1:, 1:]], -1), np.stack([hx[1:], hy[1:]], -1),
            np.stack([lon[1:, :-1], lat[1:, :-1]], -1), np.stack([vx[:, :-1], vy[:, :-1]], -1),
            np.stack([lon[:-1, :-1], lat[:-1, :-1]], -1),
        ],
        axis=2,
    ).reshape(-1, 9, 2)  # fmt: skip
    return shapely.polygons(rings)[:count]


def write_cells(path: Path, polygons: np.ndarray) -> None:
    """Write the polygons as GeoJSON with code and name."""
    features = [
        {"type": "Feature", "properties": {"code": f"G{i:06}", "name": f"网格{i}"}, "geometry": json.loads(text)}
        for i, text in enumerate(shapely.to_geojson(polygons))
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


CHANNELS = ("12345", "网格员上报", "app")


def write_tickets(
    path: Path, rows: int, polygons: np.ndarray, seed: int = 2, channels: tuple[str, ...] = CHANNELS
) -> None:
    """Write a CSV of `rows` tickets of one year spread over the polygons' extent, 90 % closed, 80 % of those on time."""
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    opened = np.datetime64("2025-01-01T00:00:00") + rng.integers(0, 365 * 86_400, rows).astype("timedelta64[s]")
    opened.sort()
    due = opened + rng.integers(1, 30, rows).astype("timedelta64[D]")
    closed = due + (rng.integers(-20 * 86_400, 5 * 86_400, rows)).astype("timedelta64[s]")
    closed = np.maximum(closed, opened + np.timedelta64(60, "s"))
    is_open = rng.random(rows) < 0.1
    frame = pd.DataFrame(
        {
            "ticket": np.arange(rows) + 7_000_000,
            "opened": opened.astype(str),
            "due": due.astype(str),
            "closed": np.where(is_open, "", closed.astype(str)),
            "status": np.where(is_open, "open", "closed"),
            "category": np.char.add("类别", rng.integers(0, 60, rows).astype(str)),
            "unit": np.char.add("单位", rng.integers(0, 40, rows).astype(str)),
            "channel": rng.choice(np.array(channels), rows),
            "lon": rng.uniform(west, east, rows).round(6),
            "lat": rng.uniform(south, north, rows).round(6),
            "text": "道路破损请尽快修复",
        }
    )
    frame["opened"] = frame["opened"].str.replace("T", " ")
    frame["due"] = frame["due"].str.replace("T", " ")
    frame["closed"] = frame["closed"].str.replace("T", " ")
    frame.to_csv(path, index=False)
