"""The places of one level as polygons: districts, streets, communities, grids, micro-grids, estates, buildings.

What is sent is addressed by its content (the digest of the bytes), so a browser keeps it for ever and a new plan has a new
address. The shapes go as one binary (layers/codec.py) that the map's worker decodes; codes and names go beside it, in the
same order, because only a hover or a click needs them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from data.atlas import tree
from data.errors import NotFound
from data.store import Store
from layers.codec import encode

STRAY = 0.002  # share of the cases that may lie outside the first view


@dataclass(frozen=True)
class Boundaries:
    """One level of one atlas, ready to be sent."""

    level: str
    digest: str  # of what is sent; part of the address
    codes: tuple[str, ...]  # of the polygons, in their order
    without_shape: int  # places known only by name
    boxes: npt.NDArray[np.float64]  # a row a polygon: west, south, east, north
    geometry: bytes  # gzipped binary
    names: bytes  # gzipped JSON: {"codes", "names"}
    number: dict[str, int] = field(repr=False)  # code → its polygon
    area: float = 0.0  # of all polygons, as a share of the world in Web Mercator

    @property
    def n(self) -> int:
        """How many polygons."""
        return len(self.codes)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all of it; None where there is nothing."""
        return _around(self.boxes) if self.n else None

    def around(self, codes: Sequence[str], cases: npt.NDArray[Any]) -> tuple[float, float, float, float] | None:
        """The bounds of where things happen: the places that hold nearly all cases, everything where there are none.
        Foreign boundaries often reach far beyond the district, and a stray case should not shrink the map."""
        at = self._at(codes)
        at, n = at[at >= 0], cases[at >= 0]
        order = np.argsort(n, kind="stable")
        kept = order[np.cumsum(n[order]) > n.sum() * STRAY]
        return _around(self.boxes[at[kept]]) if len(kept) else self.bounds

    def column(self, codes: Sequence[str], values: npt.NDArray[Any], otherwise: float, kind: str) -> bytes:
        """One number a polygon, in their order: that of its code, or `otherwise`."""
        made, at = np.full(self.n, otherwise, kind), self._at(codes)
        made[at[at >= 0]] = values[at >= 0]
        return made.tobytes()

    def _at(self, codes: Sequence[str]) -> npt.NDArray[np.int64]:
        """The polygon of each code; -1 where there is none."""
        return np.fromiter((self.number.get(code, -1) for code in codes), np.int64, len(codes))


def _around(boxes: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def boundaries(store: Store, atlas_id: int, atlas_digest: str, level: str) -> Boundaries:
    """The boundaries of a level, made once an atlas: `atlas_digest` changes when its places do."""
    return _made(Source(store), atlas_id, atlas_digest, level)


class Source:
    """A store that counts as equal while it is the same file, so that the cache below outlives requests."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __hash__(self) -> int:
        return hash(self.store.path)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and other.store.path == self.store.path


@lru_cache(maxsize=32)
def _made(source: Source, atlas_id: int, _digest: str, level: str) -> Boundaries:
    table = tree(source.store, atlas_id)
    return made_of(table.filter(pa.compute.equal(table["level"], level)), level)


def made_of(places: pa.Table, level: str) -> Boundaries:
    """Places (code, name, geometry as WKB) as polygons and names."""
    shapes = areas(shapely.from_wkb(places["geometry"].to_numpy(zero_copy_only=False)))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    codes, names = (
        [text for text, is_there in zip(places[k].to_pylist(), there, strict=True) if is_there]
        for k in ("code", "name")
    )
    geometry = encode(shapes[there])
    listed = json.dumps({"codes": codes, "names": names}, ensure_ascii=False, separators=(",", ":")).encode()
    return Boundaries(
        level,
        sha256(geometry + listed).hexdigest()[:16],
        tuple(codes),
        int((~there).sum()),
        shapely.bounds(shapes[there]).reshape(-1, 4),
        geometry,
        gzip.compress(listed, 6, mtime=0),
        {code: i for i, code in enumerate(codes)},
        share_of_world(shapes[there]),
    )


def share_of_world(shapes: Any) -> float:
    """The area of shapes in degrees, as a share of the world's square in Web Mercator."""
    latitude = np.radians(shapely.bounds(shapes).reshape(-1, 4)[:, [1, 3]].mean(axis=1))
    return float((shapely.area(shapes) / np.cos(latitude)).sum() / 360**2)


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


def part(found: Boundaries, digest: str, name: str) -> bytes:
    """The gzipped bytes of an address, `cells.bin` or `names.json`; NotFound when the address is of another plan."""
    parts = {"cells.bin": found.geometry, "names.json": found.names}
    if digest != found.digest or name not in parts:
        raise NotFound("these boundaries have changed", where=f"{found.level}/{digest}", todo="Load the page again.")
    return parts[name]
