"""Coordinates of a source to longitude and latitude (EPSG:4326), and on to the deployment's metric system.

EPSG systems go through pyproj. The Chinese offset systems are not EPSG's: GCJ-02 (Amap, Tencent) and BD-09 (Baidu)
go through coordTransform (MIT). Its inverse is one step and up to some metres off; two more steps against its exact
forward formula bring the round trip below a millimetre.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import coordTransform
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WGS84: Final = "EPSG:4326"
OFFSET_SYSTEMS: Final = ("GCJ-02", "BD-09")
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_POINT: Final = (
    rf"(?i)^\s*(?:SRID=\d+;\s*)?(?P<wkt>POINT)?\s*Z?\s*[(\[]?\s*(?P<a>{_NUMBER})\s*[,;\s]\s*(?P<b>{_NUMBER})"
)


def known_crs(crs: str) -> str:
    """The system as we write it: "EPSG:n", "GCJ-02" or "BD-09". ValueError when there is no such system."""
    plain = re.sub(r"[\s_-]", "", crs).upper()
    for system in OFFSET_SYSTEMS:
        if plain.startswith(system.replace("-", "")):
            return system
    if plain in ("WGS84", "CRS84"):
        return WGS84
    try:
        code = CRS.from_user_input(crs).to_epsg()
    except CRSError:
        code = None
    if code is None:
        raise ValueError(f'"{crs}" is no coordinate system; write "EPSG:4326", another EPSG code, "GCJ-02" or "BD-09"')
    return f"EPSG:{code}"


def is_geographic(crs: str) -> bool:
    """Whether its coordinates are degrees."""
    return crs in OFFSET_SYSTEMS or bool(CRS.from_user_input(crs).is_geographic)


def to_wgs84(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    """(longitude, latitude) of points given as (east, north); NaN where there is none."""
    if crs == WGS84:
        return x, y
    if crs in OFFSET_SYSTEMS:
        return _from_offset(x, y, crs)
    return _finite(*_transformer(crs, WGS84).transform(x, y))


def to_metric(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]:
    """(x, y) in the deployment's metric system."""
    return _finite(*_transformer(WGS84, crs).transform(lon, lat))


def from_wgs84(lon: Floats, lat: Floats, crs: str) -> tuple[Floats, Floats]:
    """(east, north) in another system, GCJ-02 and BD-09 included; NaN where there is none."""
    if crs == WGS84:
        return lon, lat
    if crs in OFFSET_SYSTEMS:
        return _call(coordTransform.wgs84_to_gcj02 if crs == "GCJ-02" else coordTransform.wgs84_to_bd09, lon, lat)
    return _finite(*_transformer(WGS84, crs).transform(lon, lat))


def metric_system(lon: float, lat: float) -> str:
    """The metric system of a place: the 3-degree zone of CGCS2000 in China (EPSG:4534 to 4554, 75 to 135 degrees), else UTM."""
    if 73 <= lon <= 136 and 3 <= lat <= 54:
        return f"EPSG:{4534 + min(max(round((lon - 75) / 3), 0), 20)}"
    return f"EPSG:{(32600 if lat >= 0 else 32700) + min(int((lon + 180) // 6) + 1, 60)}"


def read_numbers(column: pa.Array) -> tuple[Floats, Mask]:
    """(numbers, bad): NaN where there is none; bad where something stands that is no number.

    A comma is the decimal sign where it is the only or the last sign ("-71,0587", "7.395.898,67").
    """
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        if not (
            pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type)
        ):
            return read_numbers(column.cast(pa.string()))
        numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        given = column.is_valid().to_numpy(zero_copy_only=False)
        return np.where(np.isfinite(numbers), numbers, np.nan), given & ~np.isfinite(numbers)
    text = column
    if pc.any(pc.match_substring(column, ",")).as_py():
        text = _points_for_commas(column)
    good = pc.match_substring_regex(text, rf"^{_NUMBER}$")
    numbers = pc.if_else(good, text, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers, pc.fill_null(pc.invert(good), False).to_numpy(zero_copy_only=False)


def read_points(column: pa.Array, order: str | None) -> tuple[Floats, Floats, Mask]:
    """(east, north, bad) of texts such as "(42.3594, -71.0587)" or "POINT (-71.0587 42.3594)".

    Well-known text is always east first; other texts are in `order`, "lat,lon" unless told.
    """
    parts = pc.extract_regex(column, _POINT)
    first, second = (
        pc.struct_field(parts, name).cast(pa.float64()).to_numpy(zero_copy_only=False) for name in ("a", "b")
    )
    wkt = pc.fill_null(pc.not_equal(pc.struct_field(parts, "wkt"), ""), False).to_numpy(zero_copy_only=False)
    east_first = wkt | (order == "lon,lat")
    given = column.is_valid().to_numpy(zero_copy_only=False)
    return np.where(east_first, first, second), np.where(east_first, second, first), given & np.isnan(first)


def _points_for_commas(column: pa.Array) -> pa.Array:
    continental = pc.match_substring_regex(column, r"^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+$")
    thousands = pc.match_substring_regex(column, r"^[+-]?\d{1,3}(,\d{3})+\.\d+$")
    decimal = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
    return pc.if_else(continental, decimal, pc.if_else(thousands, pc.replace_substring(column, ",", ""), column))


def _from_offset(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    forward = coordTransform.wgs84_to_gcj02 if crs == "GCJ-02" else coordTransform.wgs84_to_bd09
    inverse = coordTransform.gcj02_to_wgs84 if crs == "GCJ-02" else coordTransform.bd09_to_wgs84
    usable = np.isfinite(x) & np.isfinite(y)
    goal_x, goal_y = x[usable], y[usable]
    lon, lat = _call(inverse, goal_x, goal_y)
    for _ in range(2):
        there_x, there_y = _call(forward, lon, lat)
        lon, lat = lon + goal_x - there_x, lat + goal_y - there_y
    out_lon, out_lat = np.full(len(x), np.nan), np.full(len(y), np.nan)
    out_lon[usable], out_lat[usable] = lon, lat
    return out_lon, out_lat


def _call(function: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    if not len(x):
        return x, y
    lon, lat = function(np.ascontiguousarray(x), np.ascontiguousarray(y))
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def _finite(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    usable = np.isfinite(x) & np.isfinite(y)
    return np.where(usable, x, np.nan), np.where(usable, y, np.nan)


@lru_cache(maxsize=16)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
