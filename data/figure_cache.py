"""Slices kept in memory, so that a second figure, level or filter on the same period costs a scan, not a search.

A slice is true for one version of the store; any commit makes it stale and the next question computes it anew. What is
kept is bounded in bytes, least recently used first out. One question computes a slice; others that want the same one
meanwhile wait for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from data.areas import Area, inside
from data.figure_sql import ENDED, Group, slice_sql
from data.periods import to_minute
from data.working_days import working_calendar

if TYPE_CHECKING:
    from data.store import Store

MOST_BYTES = 600_000_000


@dataclass(frozen=True)
class SliceKey:
    """Everything a slice depends on, besides the group. atlases as in `slice_sql`; area: only cases with a point in it."""

    version: int
    kind: str
    start: datetime
    end: datetime
    t: datetime
    published: datetime | None
    atlases: tuple[tuple[int, datetime | None], ...]
    area: Area | None = None

    def narrowed(self, group: Group) -> SliceKey:
        """The key without what the group does not depend on: open cases are open in every period."""
        if group.times:
            return self
        return replace(self, start=self.t, end=self.t)


@dataclass
class Slices:
    """The slices of one store."""

    most_bytes: int = MOST_BYTES
    _kept: OrderedDict[tuple[str, SliceKey], pa.Table] = field(default_factory=OrderedDict)
    _pending: dict[tuple[str, SliceKey], threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _now: tuple[int, datetime] | None = None

    def now(self, store: Store) -> datetime:
        """The as-of instant of whoever names none: now, but the same one for a minute unless something was written."""
        moment, version = store.now(), store.version
        with self._lock:
            if self._now is None or self._now[0] != version or to_minute(self._now[1]) != to_minute(moment):
                self._now = (version, moment)
            return self._now[1]

    def get(self, store: Store, group: Group, key: SliceKey) -> pa.Table:
        """The slice, from memory or computed."""
        return self.kept(group.name, key.narrowed(group), lambda: self._sliced(store, group, key))

    def kept(self, name: str, key: SliceKey, make: Callable[[], pa.Table]) -> pa.Table:
        """The table of this name and key, from memory or made; whoever wants the same one meanwhile waits for it."""
        wanted = (name, key)
        with self._lock:
            lock = self._pending.setdefault(wanted, threading.Lock())
        with lock:
            if (found := self._find(wanted)) is None:
                found = make()
                self._keep(wanted, found)
        with self._lock:
            self._pending.pop(wanted, None)
        return found

    def _sliced(self, store: Store, group: Group, key: SliceKey) -> pa.Table:
        if key.area is None:
            return _compute(store, group, key)
        return inside(self.get(store, group, replace(key, area=None)), key.area)

    def with_working_hours(self, store: Store, group: Group, key: SliceKey) -> pa.Table:
        """The slice with the column working_hours, from registration to closing by the deployment's calendar."""
        table = self.get(store, group, key)
        if "working_hours" not in table.column_names:
            if key.area is not None:
                table = inside(self.with_working_hours(store, group, replace(key, area=None)), key.area)
            else:
                with store.read() as con:
                    days = working_calendar(con)
                hours = days.hours_between(_instants(table, "registered_at"), _instants(table, "closed_at"))
                table = table.append_column("working_hours", pa.array(hours, from_pandas=True))
            self._keep((group.name, key.narrowed(group)), table)
        return table

    def forget(self) -> None:
        """Drop every slice; the next question computes its own."""
        with self._lock:
            self._kept.clear()

    def _find(self, wanted: tuple[str, SliceKey]) -> pa.Table | None:
        with self._lock:
            if wanted in self._kept:
                self._kept.move_to_end(wanted)
            return self._kept.get(wanted)

    def _keep(self, wanted: tuple[str, SliceKey], table: pa.Table) -> None:
        with self._lock:
            for stale in [name for name in self._kept if name[1].version < wanted[1].version]:
                del self._kept[stale]
            self._kept[wanted] = table
            self._kept.move_to_end(wanted)
            while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > self.most_bytes:
                self._kept.popitem(last=False)


_BY_STORE: WeakKeyDictionary[Store, Slices] = WeakKeyDictionary()


def slices(store: Store) -> Slices:
    """The slices of this store."""
    return _BY_STORE.setdefault(store, Slices())


def _compute(store: Store, group: Group, key: SliceKey) -> pa.Table:
    params = {"kind": key.kind, "t": key.t}
    if group.times:
        params |= {"start": key.start, "end": key.end}
    if key.published is not None:
        params["published"] = key.published
    sql = slice_sql(group, atlases=key.atlases, t=key.t, published=key.published)
    with store.read() as con:
        if key.published is None:
            con.execute(ENDED, {"t": key.t})
        return con.execute(sql, {name: value for name, value in params.items() if f"${name}" in sql}).to_arrow_table()


def _instants(table: pa.Table, column: str) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    values = table.column(column).cast(pa.timestamp("us")).to_numpy()
    return np.asarray(values, dtype="datetime64[us]")
