"""The base map: roads, rails, water, parks, sites, from the deployment's own store. One file, at an address of its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np
import pyarrow as pa
import shapely

from data.base_map import THEMES, features
from data.errors import NotFound
from data.on_map import base_map_mark
from data.store import Store
from layers.boundaries import Source
from layers.features import encode_features


@dataclass(frozen=True)
class BaseMap:
    """The base map, ready to be sent."""

    digest: str
    n: int
    content: bytes  # gzipped

    @property
    def address(self) -> str:
        """Where it is served; empty where there is none."""
        return f"/layers/base/{self.digest}/base.bin" if self.n else ""


def base_map(store: Store) -> BaseMap:
    """The base map as the store has it now, made once a base map."""
    return _made(Source(store), base_map_mark(store))


@lru_cache(maxsize=4)
def _made(source: Source, _mark: tuple[int, int]) -> BaseMap:
    return made_of(features(source.store, THEMES))


def made_of(table: pa.Table) -> BaseMap:
    """Features as they are sent; what has no coordinates is left out."""
    shapes = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (shapely.get_dimensions(shapes) > 0)
    kept = table.filter(pa.array(np.asarray(there, bool)))
    content = encode_features(kept)
    return BaseMap(sha256(content).hexdigest()[:16], kept.num_rows, content)


def content_at(store: Store, digest: str) -> bytes:
    """The gzipped bytes of an address; NotFound where the base map has changed since."""
    found = base_map(store)
    if digest != found.digest:
        raise NotFound("the base map has changed", where=digest, todo="Load the page again.")
    return found.content
