"""Where a case lies that comes in by itself and not in a file: by the same steps as an import, for a few cases at once.

A point, an address or named places go in; out come the columns a case keeps. The address's text itself is kept nowhere: it is
read against the same gazetteer as an import's, and only the place it surely names goes on. Built from the atlases in force and
built anew when they change.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
import pyarrow as pa

from data.atlas import Atlas, atlases, tree
from data.errors import InputError, StoreError
from data.orders import Located as Lying
from data.quality import Quality
from data.store import Store
from etl.addressing import AddressReader, Known, joined
from etl.alias_file import read_aliases
from etl.coordinates import to_metric
from etl.locate import ID_LEVELS, Located, Locator

LONGEST_ADDRESS = 300


@dataclass(frozen=True)
class Spot:
    """Where somebody says it is. lon, lat: degrees; named_place: "community=…|street=…", lowest first.

    exact: the point is where it happened; otherwise it only says roughly where the named place is, and the name decides.
    """

    lon: float | None = None
    lat: float | None = None
    address: str | None = None
    named_place: str | None = None
    exact: bool = True


@dataclass(frozen=True)
class Placed:
    """What a case keeps of it: the point in degrees and in the metric system, the place named, flags, its places."""

    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    named_place: str | None
    flags: int
    located: tuple[Lying, ...]

    @property
    def chain(self) -> tuple[int, ...]:
        """The places it lies in now, lowest first, below the district."""
        now = self.located[-1].ids if self.located else {}
        return tuple(now[level] for level in reversed(ID_LEVELS) if level in now)

    def as_opening(self) -> dict[str, Any]:
        """The same as the fields of an opening (data/orders.py)."""
        return dict(vars(self))


class Placer:
    """Places spots in the atlases of a store. One a server; safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = ref(store)
        self._lock = threading.Lock()
        self._made: tuple[tuple[Atlas, ...], list[tuple[int, Locator]], AddressReader] | None = None

    @property
    def store(self) -> Store:
        """Its store."""
        store = self._store()
        if store is None:
            raise StoreError("the store is closed.")
        return store

    def place(self, spots: Sequence[Spot]) -> list[Placed | InputError]:
        """Each spot placed, or why it cannot be: an address that names no place surely and comes without a point."""
        if not spots:
            return []
        locators, reader = self._current()
        named = self._named(spots, reader)
        lon, lat = (np.array([getattr(one, axis) for one in spots], np.float64) for axis in ("lon", "lat"))
        zero = (lon == 0) & (lat == 0)
        off = ~(np.abs(lat) <= 90) | ~(np.abs(lon) <= 180)
        usable = ~zero & ~off
        decides = usable & np.array([one.exact for one in spots])
        found = [(atlas, one.locate(lon, lat, named, decides)) for atlas, one in locators]
        outside, swapped, unknown = _judged([one for _, one in found], len(spots))
        lon, lat = np.where(swapped, lat, lon), np.where(swapped, lon, lat)
        given = np.isfinite([one.lon if one.lon is not None else np.nan for one in spots])
        flags = (
            (outside & usable) * int(Quality.OUTSIDE) | swapped * int(Quality.SWAPPED)
            | unknown * int(Quality.UNKNOWN_PLACE) | (zero & given) * int(Quality.ZERO_POINT)
            | (off & given) * int(Quality.BAD_POINT)
        )  # fmt: skip
        lon, lat = np.where(usable, lon, np.nan), np.where(usable, lat, np.nan)
        x, y = to_metric(lon, lat, self.store.deployment.crs)
        lying = [_lying(found, row) for row in range(len(spots))]
        columns = zip(spots, lon, lat, x, y, named.to_pylist(), flags, lying, strict=True)
        return [_placed(*row) for row in columns]

    def _named(self, spots: Sequence[Spot], reader: AddressReader) -> pa.Array:
        given = pa.array([one.named_place for one in spots], pa.string())
        texts = pa.array([(one.address or "")[:LONGEST_ADDRESS] or None for one in spots], pa.string())
        if texts.null_count == len(texts):
            return given
        read = reader.read(texts, given)["address_place"].cast(pa.string())
        place = read.combine_chunks() if isinstance(read, pa.ChunkedArray) else read
        return joined(place, given)

    def _current(self) -> tuple[list[tuple[int, Locator]], AddressReader]:
        known = tuple(atlases(self.store, current=True))
        with self._lock:
            if self._made is None or self._made[0] != known:
                trees = [(atlas.atlas_id, tree(self.store, atlas.atlas_id)) for atlas in known]
                plain = [one for _, one in trees]
                reader = AddressReader(Known(plain, read_aliases(self.store.home, plain)))
                self._made = (known, [(atlas_id, Locator(one)) for atlas_id, one in trees], reader)
            return self._made[1], self._made[2]


_PLACERS: WeakKeyDictionary[Store, Placer] = WeakKeyDictionary()


def placer_of(store: Store) -> Placer:
    """The one placer of an open store."""
    if store not in _PLACERS:
        _PLACERS[store] = Placer(store)
    return _PLACERS[store]


def _judged(found: Sequence[Located], rows: int) -> tuple[np.ndarray[Any, Any], ...]:
    """(outside, swapped, unknown): only where no atlas says otherwise, as an import judges it."""
    if not found:
        return tuple(np.zeros(rows, np.bool_) for _ in range(3))
    outside = np.logical_and.reduce([one.outside for one in found])
    lost = np.logical_and.reduce([one.outside | one.swapped for one in found])
    return outside, lost & ~outside, np.logical_and.reduce([one.unknown for one in found])


def _lying(found: Sequence[tuple[int, Located]], row: int) -> tuple[Lying, ...]:
    lying = []
    for atlas, one in found:
        says = {name: one.table[name][row].as_py() for name in one.table.column_names}
        ids = {level: says[f"{level}_id"] for level in ID_LEVELS if says[f"{level}_id"] is not None}
        lying.append(Lying(atlas, says["located"], dict(reversed(ids.items()))))
    return tuple(lying)


def _placed(
    spot: Spot, lon: float, lat: float, x: float, y: float, named: str | None, flags: int, lying: tuple[Lying, ...]
) -> Placed | InputError:  # fmt: skip
    if spot.address and named == spot.named_place and not np.isfinite(lon) and not any(one.ids for one in lying):
        return InputError(
            "the address names no place surely.",
            where="address",
            todo="Send a point, or name estate and building as the city's list of places has them.",
        )
    if not np.isfinite(lon):
        return Placed(None, None, None, None, named, int(flags), lying)
    return Placed(float(lon), float(lat), float(x), float(y), named, int(flags), lying)
