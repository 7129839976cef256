"""One new case's place: located in the plans in force, as an import would locate it, and put into the metric system.

The tree of an atlas is large, so the locator made from it is kept until the places change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from data.atlas import atlases, tree
from data.errors import InputError
from data.orders import Located
from data.quality import Quality
from data.sights import chain_of
from data.store import Store
from etl.coordinates import to_metric
from etl.locate import ID_LEVELS, Locator


@dataclass(frozen=True)
class Spot:
    """Where something is. chain: ids of the places it lies in, lowest first, the district last; without any, just that."""

    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    named_place: str | None
    flags: int
    located: tuple[Located, ...]
    chain: tuple[int, ...]


class _Source:
    """A store as the key of what was made from it: only the atlas counts, and only while the store is open."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and other.store is self.store

    def __hash__(self) -> int:
        return id(self.store)


def spot(store: Store, lon: float | None, lat: float | None, named_place: str | None, *, exact: bool = True) -> Spot:
    """Locate a point, or what is named ("level=code", lowest first, joined by |). exact: the point is where it happened;
    otherwise it only says roughly where the named place is, and the name decides. Raises InputError."""
    if (lon is None) != (lat is None):
        raise InputError("a point needs both coordinates.", where="lon, lat")
    if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError("the point is not on the earth.", where=f"{lon}, {lat}")
    day = store.now().astimezone(store.zone).date()
    located, flags = [], 0
    for atlas in atlases(store, current=True):
        if atlas.effective_to > day:
            found, judged = _in_atlas(
                _locator(_Source(store), atlas.atlas_id, atlas.digest), lon, lat, named_place, exact
            )
            located.append(Located(atlas.atlas_id, *found))
            flags |= judged
    x, y = _metric(lon, lat, store.deployment.crs)
    return Spot(lon, lat, x, y, named_place, flags, tuple(located), _chain(store, located))


@lru_cache(maxsize=2)
def _locator(source: _Source, atlas_id: int, _digest: str) -> Locator:
    return Locator(tree(source.store, atlas_id))


def _in_atlas(
    locator: Locator, lon: float | None, lat: float | None, named: str | None, exact: bool
) -> tuple[tuple[str, dict[str, int]], int]:
    none = float("nan")
    found = locator.locate(
        [none if lon is None else lon], [none if lat is None else lat], pa.array([named], pa.string()),
        use_point=np.array([exact]),
    )  # fmt: skip
    row: dict[str, Any] = found.table.to_pylist()[0]
    ids = {level: int(row[f"{level}_id"]) for level in ID_LEVELS if row[f"{level}_id"] is not None}
    flags = int(found.outside[0]) * int(Quality.OUTSIDE) | int(found.unknown[0]) * int(Quality.UNKNOWN_PLACE)
    return (str(row["located"]), ids), flags


def _metric(lon: float | None, lat: float | None, crs: str) -> tuple[float | None, float | None]:
    if lon is None or lat is None:
        return None, None
    x, y = to_metric(np.array([lon]), np.array([lat]), crs)
    return (float(x[0]), float(y[0])) if np.isfinite(x[0]) and np.isfinite(y[0]) else (None, None)


def _chain(store: Store, located: Sequence[Located]) -> tuple[int, ...]:
    """The latest atlas's places, lowest first, then the district."""
    ids = located[-1].ids if located else {}
    known = [ids[level] for level in reversed(ID_LEVELS) if level in ids]
    with store.read() as con:
        district = chain_of(con, known[-1])[-1] if known else None
    return (*known, district) if district is not None and district not in known else tuple(known)
