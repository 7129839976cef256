"""The coordinate systems shapes leave in, named as OGC names them, with their axes in the order each system defines.

CRS84 is longitude, latitude; EPSG:4326 and EPSG:4490 (CGCS2000) are latitude, longitude; the zones of CGCS2000 are north, east.
OGC API – Features part 2 asks for exactly that (requirement on axis order), so a client that names a system gets its order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

Shapes = NDArray[np.object_]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
STORED = "EPSG:4326"
ALWAYS = ("EPSG:4326", "EPSG:4490", "EPSG:3857")


@dataclass(frozen=True)
class System:
    """One system. swapped: north comes first; degrees: its unit."""

    uri: str
    code: str
    swapped: bool
    degrees: bool


def systems(metric: str) -> dict[str, System]:
    """By their URI: CRS84 first, then the usual ones and the deployment's metric system."""
    made = [System(CRS84, STORED, swapped=False, degrees=True)]
    made += [_system(code) for code in dict.fromkeys((*ALWAYS, metric))]
    return {one.uri: one for one in made}


@cache
def _system(code: str) -> System:
    crs = CRS.from_user_input(code)
    swapped = crs.axis_info[0].direction.lower() == "north"
    return System(f"{_EPSG}{crs.to_epsg()}", code, swapped, bool(crs.is_geographic))


def outward(shapes: Shapes, system: System) -> Shapes:
    """Shapes in EPSG:4326 (longitude, latitude) in another system and its order; to a tenth of a millimetre."""
    change, places = _change(STORED, system.code), 9 if system.degrees else 4

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points.T if system.code == STORED else change.transform(*points.T)
        return np.round(np.column_stack((y, x) if system.swapped else (x, y)), places)

    return np.asarray(shapely.transform(shapes, moved), dtype=object)


def boxed(west: float, south: float, east: float, north: float, system: System) -> Any:
    """The area of a box given in a system's own order, in EPSG:4326. A box of degrees whose west lies beyond its east reaches
    over the antimeridian. ValueError: it is upside down or lies outside the system."""
    if system.swapped:
        west, south, east, north = south, west, north, east
    if south > north or (west > east and not system.degrees):
        raise ValueError
    if west > east:
        return shapely.multipolygons([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])
    box = shapely.box(west, south, east, north)
    if system.code == STORED:
        return box
    change = _change(system.code, STORED)
    dense = shapely.segmentize(box, max((east - west) / 16, (north - south) / 16, 1e-9))
    area = shapely.transform(dense, lambda points: np.column_stack(change.transform(*points.T)))
    if not np.isfinite(shapely.get_coordinates(area)).all():
        raise ValueError
    return area


@cache
def _change(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
