"""Which place a place lies in, by area, in the deployment's metric projection (never in degrees)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Geometries = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]


@lru_cache(maxsize=8)
def _transformer(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def metric(geometries: Geometries, crs: str) -> Geometries:
    """Geometries in EPSG:4326 -> the metric CRS (easting, northing in metres). None stays None."""
    change = _transformer(crs)

    def project(points: Floats) -> Floats:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    projected: Geometries = shapely.transform(geometries, project)
    return projected


def area(geometries: Geometries, crs: str) -> Floats:
    """Square metres of each geometry in EPSG:4326; not a number where there is none."""
    return np.asarray(shapely.area(metric(geometries, crs)), dtype=np.float64)


# Less than this share inside is where two drawings of one border disagree, not a place lying in another.
SLIVER = 0.05


def nest(children: Geometries, parents: Geometries, crs: str) -> tuple[Integers, Floats]:
    """(index of the parent holding most of each child's area or -1, the share of the child that lies in it).

    Of parents that hold the same area the first wins; a sliver of a child does not count. A child without area (a
    point, a line) lies in the first parent it touches, with share 1.
    """
    best = np.full(len(children), -1, dtype=np.intp)
    share = np.zeros(len(children))
    known = np.flatnonzero(~shapely.is_missing(children) & ~shapely.is_empty(children))
    held = np.flatnonzero(~shapely.is_missing(parents))
    if not len(known) or not len(held):
        return best, share
    inner, outer = metric(children[known], crs), metric(parents[held], crs)
    child, parent = shapely.STRtree(outer).query(inner, predicate="intersects")
    whole = shapely.area(inner)
    shapely.prepare(outer)
    inside = shapely.covers(outer[parent], inner[child])
    part = np.where(inside, 1.0, 0.0)
    cut = np.flatnonzero(~inside & (whole[child] > 0))
    part[cut] = shapely.area(shapely.intersection(outer[parent[cut]], inner[child[cut]])) / whole[child[cut]]
    part[whole[child] == 0] = 1.0
    order = np.lexsort((parent, -part, child))
    child, parent, part = child[order], parent[order], part[order]
    first = np.flatnonzero(np.r_[True, child[1:] != child[:-1]]) if len(child) else np.empty(0, dtype=np.intp)
    first = first[part[first] >= SLIVER]
    best[known[child[first]]] = held[parent[first]]
    share[known[child[first]]] = part[first]
    return best, share


SLIT = 5e-6  # degrees, half a metre: a hole of less mean width is where two drawings of one border disagree


def joined(geometries: Geometries) -> Any:
    """Neighbours in EPSG:4326 as one, without the slits between edges that differ by a hair."""
    parts = shapely.get_parts(shapely.union_all(geometries))
    return shapely.union_all([_without_slits(part) for part in parts])


def _without_slits(polygon: Any) -> Any:
    holes = shapely.get_rings(polygon)[1:]
    wide = [ring for ring in holes if 2 * shapely.area(shapely.polygons(ring)) > SLIT * shapely.length(ring)]
    return polygon if len(wide) == len(holes) else shapely.polygons(shapely.get_exterior_ring(polygon), wide or None)
