"""Slices kept in memory, so that a second figure, level or filter on the same period costs a scan, not a search.

A slice is true for one version of the store and one as-of instant. After a commit, or as time passes, the next question takes
the newest slice of the same kind along: only the rows that may have changed are made anew (`figure_changes.py`). What is kept
is bounded in bytes, least recently used first out. One question makes a slice; others that want the same one meanwhile wait
for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.areas import Area, inside
from data.database import Connection, machine_memory
from data.figure_changes import Changed, changed, renewed
from data.figure_sql import Group, ended_sql, renewed_sql, slice_sql, states_sql
from data.periods import to_minute
from data.working_days import working_calendar

if TYPE_CHECKING:
    from data.store import Store

LEAST_BYTES = 600_000_000  # what the slices of a store may take,
SHARE = 0.1  # or this share of the machine's memory where that is more: ten million cases need it
SAME = 16  # answers to "what has changed" kept for the slices that move on together

Make = Callable[[Changed | None], pa.Table]  # a slice, or only the rows of the cases given
Line = tuple[Any, ...]


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

    @property
    def line(self) -> Line | None:
        """What stays the same when a slice lives on; None for one that does not."""
        if self.published is not None or self.area is not None:
            return None
        period = None if self.start == self.end == self.t else (self.start, self.end)
        return self.kind, period, self.atlases


@dataclass
class Slices:
    """The slices of one store."""

    most_bytes: int = field(default_factory=lambda: max(LEAST_BYTES, int(machine_memory() * SHARE)))
    _kept: OrderedDict[tuple[str, SliceKey], pa.Table] = field(default_factory=OrderedDict)
    _pending: dict[tuple[str, SliceKey], threading.Lock] = field(default_factory=dict)
    _bytes: dict[tuple[str, SliceKey], int] = field(default_factory=dict)  # a table of many pieces adds them up slowly
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _now: tuple[int, datetime] | None = None
    _newest: dict[tuple[str, Line], SliceKey] = field(default_factory=dict)
    _changed: OrderedDict[tuple[Any, ...], Changed | None] = field(default_factory=OrderedDict)

    def now(self, store: Store) -> datetime:
        """The as-of instant of whoever names none: now, but the same one for a minute unless something was written."""
        moment, version = store.now(), store.version
        with self._lock:
            if self._now is None or self._now[0] != version or to_minute(self._now[1]) != to_minute(moment):
                self._now = (version, moment)
            return self._now[1]

    def get(self, store: Store, group: Group, key: SliceKey) -> pa.Table:
        """The slice, from memory or computed."""
        return self.kept(store, group.name, key.narrowed(group), lambda some: self._sliced(store, group, key, some))

    def kept(self, store: Store, name: str, key: SliceKey, make: Make) -> pa.Table:
        """The table of this name and key: from memory, from an older one, or made. Whoever wants the same meanwhile waits."""
        wanted = (name, key)
        with self._lock:
            lock = self._pending.setdefault(wanted, threading.Lock())
        with lock:
            if (found := self._find(wanted)) is None:
                older = self._lived_on(store, name, key, make)
                found = make(None) if older is None else older
                self._keep(store, wanted, found)
        with self._lock:
            self._pending.pop(wanted, None)
        return found

    def _lived_on(self, store: Store, name: str, key: SliceKey, make: Make) -> pa.Table | None:
        """The newest table of the same line with what may have changed made anew; None where there is none, or too much."""
        with self._lock:
            before = self._newest.get((name, key.line)) if key.line is not None else None
            table = self._kept.get((name, before)) if before is not None else None
        if before is None or table is None or (some := self._changes(store, before, key)) is None:
            return None
        return renewed(table, some.ids, make(some)) if len(some.ids) else table

    def _changes(self, store: Store, before: SliceKey, now: SliceKey) -> Changed | None:
        span = (before.version, before.t, now.version, now.t)
        with self._lock:
            if span in self._changed:
                return self._changed[span]
        found = changed(store, before, now)
        with self._lock:
            self._changed[span] = found
            while len(self._changed) > SAME:
                self._changed.popitem(last=False)
        return found

    def _sliced(self, store: Store, group: Group, key: SliceKey, some: Changed | None) -> pa.Table:
        if key.area is None:
            return _compute(store, group, key, some)
        return inside(self.get(store, group, replace(key, area=None)), key.area)

    def with_working_hours(self, store: Store, group: Group, key: SliceKey) -> pa.Table:
        """The slice with the column working_hours, from registration to closing by the deployment's calendar."""
        name = f"{group.name} with working hours"
        return self.kept(store, name, key.narrowed(group), lambda some: self._worked(store, group, key, some))

    def _worked(self, store: Store, group: Group, key: SliceKey, some: Changed | None) -> pa.Table:
        if key.area is not None:
            return inside(self.with_working_hours(store, group, replace(key, area=None)), key.area)
        table = self.get(store, group, key)
        if some is not None:
            table = table.filter(
                pc.is_in(table.column("case_id"), value_set=some.ids.column("case_id").combine_chunks())
            )
        with store.read() as con:
            days = working_calendar(con)
        hours = days.hours_between(_instants(table, "registered_at"), _instants(table, "closed_at"))
        return table.append_column("working_hours", pa.array(hours, from_pandas=True))

    def forget(self) -> None:
        """Drop every slice; the next question computes its own."""
        with self._lock:
            self._kept.clear()
            self._newest.clear()

    def _find(self, wanted: tuple[str, SliceKey]) -> pa.Table | None:
        with self._lock:
            if wanted in self._kept:
                self._kept.move_to_end(wanted)
            return self._kept.get(wanted)

    def _keep(self, store: Store, wanted: tuple[str, SliceKey], table: pa.Table) -> None:
        (name, key), size = wanted, table.nbytes
        with self._lock:
            self._replace(name, key)
            newest = {(name, key) for (name, _), key in self._newest.items() if store.writer.touched.knows(key.version)}
            for stale in [one for one in self._kept if one[1].version < key.version and one not in newest]:
                del self._kept[stale]
            self._kept[wanted], self._bytes[wanted] = table, size
            self._kept.move_to_end(wanted)
            self._bytes = {one: size for one, size in self._bytes.items() if one in self._kept}
            while len(self._kept) > 1 and sum(self._bytes.values()) > self.most_bytes:
                del self._bytes[self._kept.popitem(last=False)[0]]
            self._newest = {line: one for line, one in self._newest.items() if (line[0], one) in self._kept}

    def _replace(self, name: str, key: SliceKey) -> None:
        """Let the newest of its line go for it: nobody asks for what was a moment ago."""
        if key.line is None:
            return
        before = self._newest.get((name, key.line))
        if before is None or (before.version, before.t) <= (key.version, key.t):
            self._newest[name, key.line] = key
            if before is not None and before != key:
                self._kept.pop((name, before), None)


_BY_STORE: WeakKeyDictionary[Store, Slices] = WeakKeyDictionary()


def slices(store: Store) -> Slices:
    """The slices of this store."""
    return _BY_STORE.setdefault(store, Slices())


def _compute(store: Store, group: Group, key: SliceKey, some: Changed | None) -> pa.Table:
    return _whole(store, group, key) if some is None else _rows(store, group, key, some)


def _whole(store: Store, group: Group, key: SliceKey) -> pa.Table:
    """The slice, from all cases."""
    sql = slice_sql(group, atlases=key.atlases, t=key.t, published=key.published)
    with store.read() as con:
        if key.published is None:
            con.execute(ended_sql(), {"t": key.t})
        return con.execute(sql, _given(sql, key)).to_arrow_table()


def _rows(store: Store, group: Group, key: SliceKey, some: Changed) -> pa.Table:
    """Its rows of some cases."""
    with store.read() as con:
        con.register("read", _states(con, key, some))
        con.execute(
            "CREATE TEMP TABLE states AS FROM read"
        )  # a scan of an Arrow table is planned more slowly than this takes
        sql = renewed_sql(group)
        return con.execute(sql, _given(sql, key)).to_arrow_table()


def _states(con: Connection, key: SliceKey, some: Changed) -> pa.Table:
    wanted = key.kind, key.t, key.atlases
    if wanted not in some.states:
        con.register("given", some.ids)
        con.execute("CREATE TEMP TABLE some_cases AS SELECT case_id FROM given")
        con.execute(ended_sql(some=True), {"t": key.t})
        sql = states_sql(key.atlases)
        some.states[wanted] = con.execute(sql, _given(sql, key)).to_arrow_table()
    return some.states[wanted]


def _given(sql: str, key: SliceKey) -> dict[str, Any]:
    given = {"kind": key.kind, "t": key.t, "start": key.start, "end": key.end, "published": key.published}
    return {name: value for name, value in given.items() if f"${name}" in sql}


def _instants(table: pa.Table, column: str) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    values = table.column(column).cast(pa.timestamp("us")).to_numpy()
    return np.asarray(values, dtype="datetime64[us]")
