"""Pages of the features other programs read (data/published.py): what is asked for, a page of it, one feature, and the extent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import shapely

from data.levels import BEGINNING, END
from data.published import LASTING, SOURCES, Source
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

Key = tuple[int, int]
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """What is asked of a source: at most `limit` features behind the key `after`, or the last ones before the key `before`.

    area: they touch it (EPSG:4326); since, until: a closed interval, either end None where it is open, both None where no
    moment is asked; equal: property → value.
    """

    limit: int = 100
    after: Key | None = None
    before: Key | None = None
    area: shapely.Geometry | None = None
    since: datetime | None = None
    until: datetime | None = None
    equal: Mapping[str, str | float] | None = None


@dataclass(frozen=True)
class Page:
    """rows: a, b, geometry (WKB, null where it has none) and the properties, in the order of keys; matched: how many there
    are in all, counted for first pages only; more: whether some follow; earlier: whether some come before."""

    rows: pa.Table
    matched: int | None
    more: bool
    earlier: bool


def page_of(store: Store, name: str, asked: Asked) -> Page:
    """A page of a source."""
    source = SOURCES[name]
    where, params = _asked_where(store, source, asked)
    back = asked.before is not None
    rows = store.arrow(
        _page_sql(source, where, _after_key(source, asked, params), back=back), {**params, "limit": asked.limit + 1}
    )
    more = rows.num_rows > asked.limit
    rows = rows.slice(1 if back and more else 0, asked.limit)
    first = asked.after is None and not back
    matched = _matched(store, source, where, params) if first else None
    return Page(rows, matched, more=True if back else more, earlier=more if back else asked.after is not None)


def one_feature(store: Store, name: str, key: Key) -> pa.Table:
    """The feature with a key as a table of one row, or of none: a version of any time, a case of any time."""
    source = SOURCES[name]
    where, params = _asked_where(store, source, Asked(since=FIRST, until=LAST))
    here = f"{source.a} = $a AND {source.b} = $b"
    return store.arrow(_page_sql(source, where, here, back=False), {**params, "a": key[0], "b": key[1], "limit": 1})


def extent_of(store: Store, name: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a source's features (of events: of the district); None where nothing has a place."""
    source = SOURCES[name]
    if source.times == "instants" or name == "plans":
        return extent_of(store, "districts") or extent_of(store, "streets") or extent_of(store, "communities")
    where, params = _asked_where(store, source, Asked(since=FIRST, until=LAST))

    def measured_extent() -> tuple[float, float, float, float] | None:
        box = f"ST_Extent_Agg({source.geometry})"
        found = store.rows(
            f"""{LASTING} SELECT ST_XMin(box) AS w, ST_YMin(box) AS s, ST_XMax(box) AS e, ST_YMax(box) AS n
                FROM (SELECT {box} AS box FROM {source.origin} WHERE {where})""",
            params,
        )[0]
        return None if found["w"] is None else (found["w"], found["s"], found["e"], found["n"])

    return settled(store, f"extent of {name}", measured_extent)


def _page_sql(source: Source, where: str, behind: str, *, back: bool) -> str:
    """The keys of a page are found first, then its rows are read: a page costs its own shapes and not the table's."""
    properties = ", ".join(f"{text} AS {name}" for name, text in source.columns.items())
    later = "".join(f", {text} AS {name}" for name, text in source.later.items())
    way = "DESC" if back else "ASC"
    return f"""{LASTING}, page AS (
            SELECT {source.a} AS a, {source.b} AS b, {properties}, {source.geometry} AS geometry FROM {source.origin}
            WHERE {where} AND {behind} ORDER BY a {way}, b {way} LIMIT $limit)
        SELECT page.* EXCLUDE (geometry), ST_AsWKB(page.geometry)::BLOB AS geometry{later} FROM page {source.joined}
        ORDER BY a, b"""


def _matched(store: Store, source: Source, where: str, params: dict[str, Any]) -> int:
    return int(store.rows(f"{LASTING} SELECT count(*) AS n FROM {source.origin} WHERE {where}", params)[0]["n"])


def _after_key(source: Source, asked: Asked, params: dict[str, Any]) -> str:
    """The condition of the keys behind (or before) the one named."""
    key, sign = (asked.before, "<") if asked.before is not None else (asked.after, ">")
    if key is None:
        return "true"
    params["a"], params["b"] = key
    return f"({source.a} {sign} $a OR ({source.a} = $a AND {source.b} {sign} $b))"


def _asked_where(store: Store, source: Source, asked: Asked) -> tuple[str, dict[str, Any]]:
    """(the condition of what is asked, its parameters)."""
    parts, params = [source.where, source.during], _asked_between(store, source, asked)
    if asked.area is not None:
        parts.append(f"ST_Intersects({source.geometry}, ST_GeomFromWKB($area))")
        params["area"] = asked.area.wkb
    for i, (name, value) in enumerate((asked.equal or {}).items()):
        parts.append(f"{source.columns[name]} = $equal{i}")
        params[f"equal{i}"] = value
    written = f"{source.origin} {' '.join(parts)}"
    return " AND ".join(parts), {name: value for name, value in params.items() if f"${name}" in written}


def _asked_between(store: Store, source: Source, asked: Asked) -> dict[str, Any]:
    """$since and $until as the source compares them, and $now."""
    now = store.now()
    if source.times == "instants":
        return {"since": asked.since or FIRST, "until": asked.until or LAST, "now": now}
    if asked.since is None and asked.until is None:
        today = now.astimezone(store.zone).date()
        return {"since": today, "until": today} if source.today else {"since": BEGINNING, "until": END}
    return {"since": _local_day(store, asked.since, BEGINNING), "until": _local_day(store, asked.until, END)}


def _local_day(store: Store, moment: datetime | None, open_end: date) -> date:
    """The local day of an instant; far ends stay the ends."""
    if moment is None or not FIRST < moment < LAST:
        return open_end
    return moment.astimezone(store.zone).date()
