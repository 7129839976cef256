"""Boundaries of one level as GeoJSON: what the plain polygon layer draws.

Geometry is addressed by its content (the digest of what is sent), so a browser keeps it for ever and a new plan has a new
address. It is simplified for the zoom, with shared edges kept shared (shapely.coverage_simplify, after Visvalingam and
Whyatt), so that neighbours never gape. Above `MOST` polygons the plain layer would stutter; the caller says so instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from data.atlas import tree
from data.errors import NotFound
from data.store import Store

MOST = 1500
STRAY = 0.002  # share of the cases that may lie outside the first view
METRES_A_DEGREE = 111_320.0
# Detail → (up to this zoom, tolerance in metres, decimals of a degree).
DETAILS: dict[str, tuple[int, float, int]] = {"coarse": (11, 40.0, 4), "medium": (14, 8.0, 5), "fine": (30, 0.0, 6)}


@dataclass(frozen=True)
class Boundaries:
    """One level of one atlas, ready to be sent."""

    level: str
    digest: str  # of the finest detail; part of the address
    n: int
    without_shape: int  # places known only by name
    bounds: tuple[float, float, float, float] | None  # west, south, east, north
    bodies: dict[str, bytes]  # detail → GeoJSON
    boxes: dict[str, tuple[float, float, float, float]]  # code → its bounds

    def around(self, cases: dict[str, int]) -> tuple[float, float, float, float] | None:
        """The bounds of where things happen: the places that hold nearly all cases, everything where there are none.
        Foreign boundaries often reach far beyond the district, and a stray case should not shrink the map."""
        busy = sorted((n, code) for code, n in cases.items() if n and code in self.boxes)
        rest, few = sum(n for n, _code in busy) * STRAY, 0
        while busy and few + busy[0][0] <= rest:
            few += busy.pop(0)[0]
        if not busy:
            return self.bounds
        west, south, east, north = zip(*(self.boxes[code] for _n, code in busy), strict=True)
        return min(west), min(south), max(east), max(north)

    @property
    def too_many(self) -> bool:
        """Whether there are more polygons than the plain layer can move."""
        return self.n > MOST


def boundaries(store: Store, atlas_id: int, atlas_digest: str, level: str) -> Boundaries:
    """The boundaries of a level, made once an atlas: `atlas_digest` changes when its places do."""
    return _made(_Source(store), atlas_id, atlas_digest, level)


class _Source:
    """A store that counts as equal while it is the same file, so that the cache below outlives requests."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __hash__(self) -> int:
        return hash(self.store.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and other.store.path == self.store.path


@lru_cache(maxsize=32)
def _made(source: _Source, atlas_id: int, _digest: str, level: str) -> Boundaries:
    table = tree(source.store, atlas_id)
    return encode(table.filter(pa.compute.equal(table["level"], level)), level)


def encode(places: pa.Table, level: str) -> Boundaries:
    """Places (code, name, geometry as WKB) as GeoJSON in every detail."""
    shapes = areas(shapely.from_wkb(places["geometry"].to_numpy(zero_copy_only=False)))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = shapes[there]
    labels = [(c, n) for c, n, t in zip(*(places[k].to_pylist() for k in ("code", "name")), there, strict=True) if t]
    n = len(shapes)
    small = n <= MOST
    bodies = {detail: _geojson(shapes, labels, detail) for detail in DETAILS} if small else {}
    digest = sha256(bodies.get("fine", b"") or repr((level, n)).encode()).hexdigest()[:16]
    west, south, east, north = shapely.total_bounds(shapes) if n else (np.nan,) * 4
    bounds = (float(west), float(south), float(east), float(north)) if n else None
    boxes = {
        code: (w, s, e, t) for (code, _name), (w, s, e, t) in zip(labels, shapely.bounds(shapes).tolist(), strict=True)
    }
    return Boundaries(level, digest, n, int((~there).sum()), bounds, bodies, boxes)


def areas(shapes: Any) -> Any:
    """Polygons and multipolygons only: what a repair left of lines and points beside them has no area to colour."""
    kinds = shapely.get_type_id(shapes)
    mixed = np.flatnonzero(
        (kinds != shapely.GeometryType.POLYGON) & (kinds != shapely.GeometryType.MULTIPOLYGON) & (kinds >= 0)
    )
    for i in mixed:
        parts = [p for p in shapely.get_parts(shapely.get_parts(shapes[i])) if p.geom_type == "Polygon"]
        shapes[i] = shapely.MultiPolygon(parts)
    return shapes


def _geojson(shapes: Any, labels: list[tuple[str, str]], detail: str) -> bytes:
    _zoom, tolerance, decimals = DETAILS[detail]
    drawn = shapely.coverage_simplify(shapes, tolerance / METRES_A_DEGREE) if tolerance and len(shapes) else shapes
    drawn = shapely.transform(drawn, lambda xy: np.round(xy, decimals)) if len(shapes) else drawn
    features = [
        {"type": "Feature", "id": code, "properties": {"name": name}, "geometry": shapely.geometry.mapping(shape)}
        for (code, name), shape in zip(labels, drawn, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()


def body(found: Boundaries, digest: str, detail: str) -> bytes:
    """The bytes of an address; NotFound when the address is of another plan."""
    if digest != found.digest or detail not in found.bodies:
        raise NotFound("these boundaries have changed", where=f"{found.level}/{digest}", todo="Load the page again.")
    return found.bodies[detail]
