"""Shapes of the demo district as columns: polygons in metres to points inside them and WKB in degrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from etl.demo_cells import Piece
from etl.demo_coverage import LONGEST, Floats, Geometries, Integers
from etl.demo_warp import Warp, degrees

Columns = dict[str, Any]


def point_columns(points: Floats) -> Columns:
    """x, y, lon, lat of points in metres."""
    there = degrees(points)
    return {"lon": there[:, 0], "lat": there[:, 1], "x": np.round(points[:, 0], 2), "y": np.round(points[:, 1], 2)}


def shape_columns(polygons: Geometries, points: Floats | None = None) -> Columns:
    """A point inside each polygon, its area and its WKB in degrees."""
    if points is None:
        points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    wkb = shapely.to_wkb(shapely.transform(polygons, degrees))
    area = np.round(shapely.area(polygons), 1)
    return {**point_columns(points), "area_m2": area, "geometry": pa.array(wkb.tolist(), pa.binary())}


def bent_ring(points: Floats, warp: Warp) -> Floats:
    """A ring of the drawing plane on the ground, long edges bent with the streets."""
    ends = np.roll(points, -1, axis=0)
    parts = np.maximum(1, np.ceil(np.hypot(*(ends - points).T) / LONGEST)).astype(int)
    edge = np.repeat(np.arange(len(points)), parts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(parts) - parts, parts)
    return warp(points[edge] + (step / parts[edge])[:, None] * (ends - points)[edge])


def bent(piece: Piece, warp: Warp) -> shapely.Polygon:
    """A piece of the drawing plane on the ground."""
    return shapely.Polygon(bent_ring(np.array(piece.points), warp))


def rectangles(middle: Floats, sides: Floats, angle: Floats) -> Geometries:
    """Rectangles on the ground, on a lattice of a centimetre. middle (n, 2), sides (n, 2) in metres, angle (n,)."""
    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])[None] * sides[:, None, :]
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x = corners[:, :, 0] * c - corners[:, :, 1] * s + middle[:, None, 0]
    y = corners[:, :, 0] * s + corners[:, :, 1] * c + middle[:, None, 1]
    found: Geometries = shapely.polygons(np.round(np.stack([x, y], axis=2), 2))
    return found


def within(points: Geometries, areas: Geometries) -> npt.NDArray[np.int64]:
    """The area each point lies in, or the nearest."""
    found: Integers = np.asarray(shapely.STRtree(areas).nearest(points), dtype=np.int64)
    return found
