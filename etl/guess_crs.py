"""Which coordinate system numbers are in, found by trying: every system in use at a place is asked where it would put
the points, and the one that puts them where they belong is it.

Where they belong is known from longitude and latitude in the same rows, or from the district's own polygons. Without
either nothing is assumed: the numbers only suggest candidates for the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import ProjError

from etl.coordinates import to_wgs84

Floats = npt.NDArray[np.float64]
_TRIED = 300  # points tried for each system
# Later realisations and special versions of a system give the same numbers; people mean the plain one.
_USUAL = re.compile(
    r"WGS 84 / Pseudo-Mercator|NAD83 / |SIRGAS 2000 / UTM|CGCS2000 / 3-degree|ETRS89 / |OSGB36|Amersfoort / RD New|CH1903\+ / LV95"
    r"|RGF93 v1 / Lambert-93|JGD2011 / Japan Plane|KGD2002 / |GDA94 / MGA|GDA2020 / MGA|NZGD2000 / New Zealand|SWEREF99 / |TWD97 / TM2"
    r"|Belge 1972 / Belgian Lambert|Belgian Lambert 2008|Hong Kong 1980 / |SVY21|IRENET95|POSGAR 2007 / "
)
_VERSIONS = re.compile(r"HARN|NSRS|2011|CORS96|FBN|PACP|MARP|MA11|PA11|2020|v2|\(CM|CRS\d|E\)|LCC|\bHtRS")


@dataclass(frozen=True)
class Fit:
    """A system, how well it fits (metres off, or share inside), whether x and y are exchanged, and the runner-up."""

    crs: str
    off: float
    swapped: bool = False
    second: str = ""


class Ground:
    """The polygons of a district's atlas, to ask how many points lie inside."""

    def __init__(self, trees: Iterable[pa.Table]) -> None:
        shapes: list[shapely.Geometry] = []
        for tree in trees:
            if "geometry" in tree.column_names:
                shapes += [shapely.from_wkb(bytes(cell)) for cell in tree.column("geometry").to_pylist() if cell]
        self.shapes = [shape for shape in shapes if not shape.is_empty]
        self._tree = shapely.STRtree(self.shapes) if self.shapes else None

    def __bool__(self) -> bool:
        return self._tree is not None

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of everything."""
        west, south, east, north = shapely.total_bounds(self.shapes)
        return (west + east) / 2, (south + north) / 2

    @property
    def reach(self) -> float:
        """Half the diagonal, in metres, and some more."""
        west, south, east, north = shapely.total_bounds(self.shapes)
        height = (north - south) * 111_000
        width = (east - west) * 111_000 * np.cos(np.radians((south + north) / 2))
        return float(np.hypot(height, width)) / 2 + 5_000

    def inside(self, lon: Floats, lat: Floats) -> float:
        """Share of the points inside any polygon."""
        good = np.isfinite(lon) & np.isfinite(lat)
        if self._tree is None or not good.any():
            return 0.0
        hits = self._tree.query(shapely.points(lon[good], lat[good]), predicate="intersects")
        return float(len(np.unique(hits[0])) / len(lon))


@cache
def systems_at(lon: float, lat: float) -> tuple[tuple[str, str], ...]:
    """(code, name) of every projected system made for this place, and the world's own."""
    area = AreaOfInterest(lon, lat, lon, lat)
    found = query_crs_info(auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=area, contains=True)
    listed = [(f"EPSG:{info.code}", info.name) for info in found]
    return tuple(sorted(listed, key=lambda pair: (_oddness(pair[1]), int(pair[0][5:]))))


def _oddness(name: str) -> int:
    """0 for what cities publish in, more for what people rarely mean when the numbers come out the same."""
    if _USUAL.match(name) and not _VERSIONS.search(name):
        return 0
    return 1 + 2 * bool(_VERSIONS.search(name)) + name.startswith(("WGS 84 /", "WGS 72"))


def fit_by_degrees(x: Floats, y: Floats, lon: Floats, lat: Floats) -> Fit | None:
    """The system under which x, y are the same points as lon, lat; None where nothing comes within 50 m."""
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & np.isfinite(lon) & np.isfinite(lat) & (lon != 0))
    if len(rows) < 5:
        return None
    rows = rows[np.linspace(0, len(rows) - 1, min(_TRIED, len(rows))).astype(np.int64)]
    tried: list[tuple[float, int, str, bool]] = []
    place = round(float(np.median(lon[rows])), 1), round(float(np.median(lat[rows])), 1)
    for rank, (code, _) in enumerate(systems_at(*place)):
        there = _project(code, lon[rows], lat[rows])
        if there is None:
            continue
        for swapped, (east, north) in ((False, (x[rows], y[rows])), (True, (y[rows], x[rows]))):
            away = np.hypot(there[0] - east, there[1] - north) * _unit(code)
            tried.append((float(np.median(away)), rank, code, swapped))
    close = [one for one in tried if one[0] < 50]
    if not close:
        return None
    least = min(close)[0]
    off, _, code, swapped = min((one for one in close if one[0] < least + 1), key=lambda one: one[1])
    others = [one for one in sorted(close) if one[2] != code]
    return Fit(code, off, swapped, others[0][2] if others else "")


def fit_by_ground(x: Floats, y: Floats, ground: Ground) -> Fit | None:
    """The system that puts most points inside the district's polygons; `off` is that share. None below half."""
    rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (x != 0))
    if len(rows) < 5 or not ground:
        return None
    rows = rows[np.linspace(0, len(rows) - 1, min(_TRIED, len(rows))).astype(np.int64)]
    middle = float(np.median(x[rows])), float(np.median(y[rows]))
    tried: list[tuple[float, int, str, bool]] = []
    place = tuple(round(part, 1) for part in ground.centre)
    for rank, (code, _) in enumerate(systems_at(place[0], place[1])):
        there = _project(code, np.array([ground.centre[0]]), np.array([ground.centre[1]]))
        if there is None:
            continue
        for swapped, (east, north) in ((False, middle), (True, middle[::-1])):
            if float(np.hypot(there[0][0] - east, there[1][0] - north)) * _unit(code) > 2 * ground.reach:
                continue
            pair = (y[rows], x[rows]) if swapped else (x[rows], y[rows])
            tried.append((-ground.inside(*to_wgs84(*pair, code)), rank, code, swapped))
    if not tried or min(tried)[0] > -0.5:
        return None
    most = min(tried)[0]
    share, _, code, swapped = min((one for one in tried if one[0] <= most + 0.003), key=lambda one: one[1])
    others = [one for one in sorted(tried) if one[2] != code]
    return Fit(code, -share, swapped, others[0][2] if others else "")


def by_size(x: Floats, y: Floats, metric: str | None = None) -> list[tuple[str, bool]]:
    """(system, whether x and y are exchanged) that the size of the numbers alone suggests: for the question.

    metric: the deployment's own metric system, suggested where it puts the numbers inside the area it is made for.
    """
    pair = float(np.nanmedian(x)), float(np.nanmedian(y))
    if metric is not None:
        if _in_use(metric, *pair):
            return [(metric, False)]
        if _bounded(metric) and _in_use(metric, *pair[::-1]):
            return [(metric, True)]
    for swapped, (east, north) in ((False, pair), (True, pair[::-1])):
        if 25e6 < east < 46e6 and 1.5e6 < north < 6.2e6:  # China's 3-degree zones carry the zone's number in front
            return [(f"EPSG:{4513 + int(east // 1e6) - 25}", swapped)]
        if 2.48e6 < east < 2.84e6 and 1.07e6 < north < 1.3e6:
            return [("EPSG:2056", swapped)]
        if 10_000 < east < 290_000 and 300_000 < north < 630_000:
            return [("EPSG:28992", swapped), ("EPSG:27700", swapped)]
    return []


def _in_use(crs: str, east: float, north: float) -> bool:
    area = CRS.from_user_input(crs).area_of_use
    lon, lat = to_wgs84(np.array([east]), np.array([north]), crs)
    return area is not None and bool(area.west <= lon[0] <= area.east and area.south <= lat[0] <= area.north)


def _bounded(crs: str) -> bool:
    """Whether the system is made for a country, not from the equator to the pole: there almost any numbers fit."""
    area = CRS.from_user_input(crs).area_of_use
    return area is not None and area.north - area.south < 40


def named_system(*texts: str) -> tuple[str, str] | None:
    """(system, word) where a header or file name says it."""
    for text in texts:
        plain = re.sub(r"[\s_-]", "", text).casefold()
        if hit := re.search(r"epsg:?(\d{4,6})", plain):
            return f"EPSG:{hit[1]}", hit[0]
        for words, system in (
            (("bd09", "baidu", "百度"), "BD-09"),
            (("gcj02", "gcj", "amap", "高德", "火星"), "GCJ-02"),
            (("wgs84", "天地图", "4326"), "EPSG:4326"),
            (("lambert93", "l93"), "EPSG:2154"),
        ):
            if word := next((word for word in words if word in plain), None):
                return system, word
    return None


def in_china(lon: Floats, lat: Floats, texts: Iterable[str], zone: str | None) -> bool:
    """Whether the points are in mainland China, where public maps are offset: by range, and by script or time zone."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any() or (
        zone and zone not in ("Asia/Shanghai", "Asia/Chongqing", "Asia/Urumqi", "Asia/Harbin", "PRC")
    ):
        return False
    inside = (lon[known] > 73) & (lon[known] < 135.1) & (lat[known] > 17) & (lat[known] < 54)
    text = "".join(texts)
    # kana, hangul or traditional signs: Japan, Korea, Taiwan, Hong Kong, whose maps are not offset
    chinese = bool(re.search(r"[一-鿿]", text)) and not re.search(r"[぀-ヿ가-힯號時類區單狀緯經]", text)
    return bool(inside.mean() > 0.8) and (chinese or bool(zone))


def _project(code: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats] | None:
    try:
        east, north = _transformer(code).transform(lon, lat)
    except ProjError:
        return None
    return np.asarray(east), np.asarray(north)


@cache
def _transformer(code: str) -> Transformer:
    return Transformer.from_crs("EPSG:4326", code, always_xy=True)


@cache
def _unit(code: str) -> float:
    """Metres of one unit: US state planes are in feet."""
    return float(CRS.from_user_input(code).axis_info[0].unit_conversion_factor)
