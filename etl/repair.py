"""Geometry brought to EPSG:4326 and made valid, with a note for every row that was not left as it came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from data.errors import FileError
from etl.coordinates import OFFSET_SYSTEMS, to_wgs84

Geometries = np.ndarray[Any, np.dtype[np.object_]]
Repairs = list[tuple[int, str]]
WGS84 = "EPSG:4326"


def in_degrees(geometry: Geometries, system: str, where: str, repairs: Repairs) -> Geometries:
    """Geometry in EPSG:4326, x is longitude. Rows off the globe become None and are noted.

    system: an EPSG code, WKT, GCJ-02 or BD-09. Raises FileError for an unknown one, and when most rows end off the
    globe, since then the system is wrong and not the rows.
    """
    finite = _without_infinite(geometry, repairs)
    moved = finite if system == WGS84 else shapely.transform(finite, _transform(system))
    low_x, low_y, high_x, high_y = shapely.bounds(moved).T
    there = ~shapely.is_missing(moved) & ~shapely.is_empty(moved)
    with np.errstate(invalid="ignore"):
        on_globe = (low_x >= -180.001) & (high_x <= 180.001) & (low_y >= -90.001) & (high_y <= 90.001)
    off = there & ~on_globe
    if off.sum() > 0.5 * max(there.sum(), 1):
        x, y = shapely.get_coordinates(finite[off][:1])[0]
        swapped = system == WGS84 and abs(x) <= 90 < abs(y) <= 180
        raise FileError(
            f"coordinates such as ({x:g}, {y:g}) are not on the globe in {_short(system)}"
            + (": latitude and longitude are exchanged" if swapped else ""),
            where=where,
            todo="Export the file with longitude first."
            if swapped
            else 'Set crs = "EPSG:…" in [geometry] of the mapping to the system the file is in.',
        )
    for row in np.flatnonzero(off):
        repairs.append((int(row) + 1, "its coordinates are not on the globe; left out"))
    moved[off] = None
    return moved


def _without_infinite(geometry: Geometries, repairs: Repairs) -> Geometries:
    """A copy without the geometries that hold NaN or infinity."""
    kept = geometry.copy()
    coordinates, owner = shapely.get_coordinates(kept, return_index=True)
    broken = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    kept[broken] = None
    repairs += [(int(row) + 1, "its coordinates are no numbers; left out") for row in broken]
    return kept


def _transform(system: str) -> Any:
    """A function over an (n, 2) array of coordinates that gives longitude and latitude."""
    if system in OFFSET_SYSTEMS:
        return lambda points: np.column_stack(to_wgs84(points[:, 0], points[:, 1], system))
    try:
        transformer = pyproj.Transformer.from_crs(pyproj.CRS.from_user_input(system), WGS84, always_xy=True)
    except CRSError:
        raise FileError(
            f"there is no coordinate system {_short(system)!r}",
            where="[geometry] crs",
            todo='Write "EPSG:4326", another EPSG code, "GCJ-02" or "BD-09".',
        ) from None
    return lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def _short(system: str) -> str:
    return system if len(system) < 40 else system.split('"')[1] if '"' in system else system[:40]


def cleaned(geometry: Geometries, polygons: bool, repairs: Repairs) -> Geometries:
    """Valid geometry; with `polygons` only surfaces: parts of collections are taken out, other kinds left out."""
    result = geometry.copy()
    for row in np.flatnonzero(~shapely.is_missing(result)):
        shape = result[row]
        if shape.is_empty:
            result[row] = None
            repairs.append((int(row) + 1, "the geometry is empty; left out"))
            continue
        kind = shape.geom_type
        if polygons and kind not in ("Polygon", "MultiPolygon", "GeometryCollection"):
            result[row] = None
            repairs.append((int(row) + 1, f"a {kind} where a polygon is expected; left out"))
            continue
        if not shape.is_valid:
            repairs.append((int(row) + 1, f"not valid ({shapely.is_valid_reason(shape)}); made valid"))
            shape = shapely.make_valid(shape)
        if polygons and shape.geom_type not in ("Polygon", "MultiPolygon"):
            shape = _surfaces(shape)
            if kind == "GeometryCollection":
                what = "left out" if shape is None else "its polygons taken"
                repairs.append((int(row) + 1, f"a collection of geometries; {what}"))
            elif shape is None:
                repairs.append((int(row) + 1, "nothing with an area is left of it; left out"))
        result[row] = shape
    return result


def _surfaces(shape: shapely.Geometry) -> shapely.Geometry | None:
    """The polygons in a geometry as one, or None."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    surfaces = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    if not len(surfaces):
        return None
    return surfaces[0] if len(surfaces) == 1 else shapely.union_all(surfaces)
