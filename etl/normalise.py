"""One batch of a source's rows to staged rows and quarantined rows, by the mapping; a column at a time.

A row is quarantined when it cannot be taken: no id, no time of report, a date or a status nobody can read. What is
only suspicious is taken and flagged (data/quality.py), because leaving rows out changes the figures silently.
Nothing here looks at other rows, so a file gives the same rows in whatever pieces it is read.
"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data.calendars import WorkingCalendar
from data.errors import MappingError
from data.quality import Quality
from data.staging import STAGED
from etl.addresses import kept
from etl.addressing import READ, AddressReader, joined
from etl.batches import Batch
from etl.columns import as_text, clean, content_hash, flat, mask_words, natural_key, translate
from etl.coordinates import is_geographic, read_numbers, read_points, to_wgs84
from etl.dates import Times, join_columns, join_texts, parse_times
from etl.faults import Faults, ragged
from etl.mapping import TIMES, FieldSource, Mapping
from etl.masking import mask_texts
from etl.states import Closing, closings

Instants = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# What the source gave for the point, before any projection: kept beside the staged rows until they are located,
# so that exchanged coordinates can be put right in the source's own system.
GIVEN: Final = (pa.field("given_east", pa.float64()), pa.field("given_north", pa.float64()))
SPOOLED: Final = pa.schema([*STAGED, *GIVEN, *READ])
FAR: Final = np.timedelta64(3653, "D")
_NOT_HASHED: Final = frozenset({"row_number", "flags", "x", "y", "content_hash"})
_UNSET: Final = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class Point:
    """Where the source says it was, with what is wrong with that."""

    lon: Floats
    lat: Floats
    east: Floats
    north: Floats
    flags: npt.NDArray[np.int32]


class Normaliser:
    """Turns batches of one file into staged and quarantined rows. `missed` counts words no vocabulary lists.

    zone and calendar: the deployment's; now: the moment of import, UTC; addresses: what reads the address column.
    """

    def __init__(
        self,
        mapping: Mapping,
        columns: list[str],
        *,
        zone: str,
        now: datetime,
        calendar: str | None = None,
        addresses: AddressReader | None = None,
    ) -> None:
        _check_columns(mapping, columns)
        self.mapping = mapping
        self.zone = mapping.time.zone or zone
        self.dropped = [name for name in columns if name not in mapping.columns]
        self.missed: dict[str, Counter[str]] = {}
        self._nulls = pa.array(sorted({*mapping.file.null, ""}), pa.string())
        self._now = np.datetime64(now.replace(tzinfo=None), "us")
        self._calendar = WorkingCalendar(calendar or "weekdays", ZoneInfo(zone))
        self._addresses = addresses if mapping.location.address else None
        self._free_text = frozenset(mapping.columns) - _identifying(mapping)

    def batch(self, batch: Batch) -> tuple[pa.Table, pa.Table]:
        """(rows of SPOOLED, rows of QUARANTINED). Together they are every row of the batch, once each."""
        raw = batch.table.select(list(self.mapping.columns))
        rows = _Rows(raw, self.mapping, self._nulls)
        faults = Faults(rows.size)
        staged = self._stage(rows, faults)
        bad = faults.table(self._without_doors(raw, faults.rows), batch.row_numbers, self._free_text)
        if batch.bad:
            bad = pa.concat_tables([bad, ragged([(row.row, row.rule) for row in batch.bad])])
        staged["row_number"] = batch.row_numbers
        table = pa.table([_typed(staged[field.name], field.type) for field in SPOOLED], schema=SPOOLED)
        return (table.filter(pa.array(~faults.rows)) if faults.rows.any() else table), bad

    def _stage(self, rows: _Rows, faults: Faults) -> dict[str, Any]:
        staged: dict[str, Any] = {"external_id": self._ids(rows, faults)}
        times, flags = self._times(rows, faults)
        closing = closings(rows, self.mapping, times, faults, self.missed)
        reported, closed_given = times["reported_at"], times.get("closed_at", closing.closed_at)
        times["closed_at"] = closing.closed_at
        if closing.voided.any():  # the time it was voided, unless the source says when it last touched the row
            touched = times.get("updated_at", np.full(rows.size, _UNSET))
            times["updated_at"] = np.where(closing.voided & np.isnat(touched), closing.closed_at, touched)
        staged |= self._words(rows, flags)
        due = self._deadlines(rows, times, staged["category_name"])
        flags |= closing.flags | _suspicions(reported, closed_given, due, self._now)
        point = self._point(rows)
        flags |= point.flags
        staged |= {name: value for name, value in times.items() if name in STAGED.names}
        staged |= self._answers(rows) | _states(closing, due, self.mapping.on_time_source)
        staged |= {"due_at": due, "lon": point.lon, "lat": point.lat, "named_place": self._named_place(rows)}
        for name in STAGED.names:
            staged.setdefault(name, pa.nulls(rows.size, STAGED.field(name).type))
        named = staged["named_place"]
        read = self._address(rows, named)
        staged["named_place"] = joined(read["address_place"], named)
        staged["content_hash"] = _hash(staged)
        if self._addresses is not None:  # after the hash: what a person chose is no change of the source
            staged["named_place"] = self._addresses.choose(staged["external_id"], staged["named_place"], named, read)
        return staged | read | {"flags": flags, "given_east": point.east, "given_north": point.north}

    def _address(self, rows: _Rows, named_place: pa.Array) -> dict[str, Any]:
        """What the address means, as columns READ; the text itself ends here."""
        if self._addresses is None:
            return {field.name: pa.nulls(rows.size, field.type) for field in READ}
        texts = join_texts([as_text(rows.column(name)) for name in self.mapping.location.address], " ")
        return self._addresses.read(texts, named_place)

    def _without_doors(self, raw: pa.Table, faulty: Mask) -> pa.Table:
        """The columns as read, addresses of rows that go to the quarantine cut down to what may be kept."""
        for name in self.mapping.location.address if faulty.any() else ():
            texts = as_text(flat(raw, name)).to_pylist()
            shown = [kept(text) if bad and text else None for text, bad in zip(texts, faulty, strict=True)]
            raw = raw.set_column(raw.column_names.index(name), name, pa.array(shown, pa.string()))
        return raw

    def _ids(self, rows: _Rows, faults: Faults) -> pa.Array:
        source = self.mapping.fields.get("id")
        if source is None:
            assert self.mapping.key is not None  # noqa: S101  the mapping's own check
            keys, empty = natural_key([as_text(rows.column(name)) for name in self.mapping.key.columns])
            faults.add(empty, self.mapping.key.columns[0], "all columns of the natural key are empty")
            return keys
        ids = rows.text("id")
        faults.add(ids.is_null().to_numpy(zero_copy_only=False), source.sources[0] if source.sources else None, "no id")
        return ids

    def _times(self, rows: _Rows, faults: Faults) -> tuple[dict[str, Instants], npt.NDArray[np.int32]]:
        """Every mapped time, and the flags that come of reading them. registered_at falls back to reported_at."""
        found: dict[str, Instants] = {}
        placeholder = np.zeros(rows.size, np.bool_)
        for name in TIMES:
            source = self.mapping.fields.get(name)
            if source is None:
                continue
            column = rows.joined(source)
            read = self._read_times(column, source, name)
            shown = " + ".join(source.sources)
            faults.add(read.bad, shown, f"unreadable date ({' or '.join(source.format or ('iso',))})", column)
            if name == "reported_at":
                faults.add(np.isnat(read.instants) & ~read.bad, shown, "no time of report", column)
                found[name] = read.instants
            else:
                found[name] = np.where(read.placeholder, _UNSET, read.instants)
            placeholder |= read.placeholder
        found.setdefault("registered_at", found["reported_at"])
        return found, _bit(placeholder, Quality.PLACEHOLDER_DATE)

    def _read_times(self, column: pa.Array, source: FieldSource, name: str) -> Times:
        return parse_times(
            column,
            source.format or (),
            self.zone,
            ignore_tag=self.mapping.time.ignore_tag,
            end_of_day=name in ("due_at", "handle_due_at"),
        )

    def _words(self, rows: _Rows, flags: npt.NDArray[np.int32]) -> dict[str, pa.Array]:
        """Ids of other cases, names and vocabularies; personal numbers masked, with the flag set where they were."""
        mapping = self.mapping
        words: dict[str, pa.Array] = {"parent_external_id": rows.text("parent_id")}
        for name, table in (("kind", mapping.case_kind), ("channel", mapping.channel), ("track", mapping.track)):
            words[name] = translate(rows.text(name), table.values, pa.string(), keep=True)[0]
        words["kind"] = pc.fill_null(words["kind"], "event")
        words["category_name"], words["unit_name"] = rows.text("category"), rows.text("unit")
        for name in ("channel", "category_name", "unit_name"):
            words[name], masked = mask_words(words[name])
            flags |= _bit(masked, Quality.MASKED_TEXT)
        words["note"], masked = mask_texts(rows.text("note"))
        flags |= _bit(masked, Quality.MASKED_TEXT)
        known = mapping.categories
        name = words["category_name"]
        words["track"] = pc.coalesce(words["track"], _look_up(name, {key: one.track for key, one in known.items()}))
        code = _look_up(name, {key: one.code for key, one in known.items()})
        words["category_code"] = pc.coalesce(rows.text("category_code"), code, name)
        words["category_name"] = pc.coalesce(name, words["category_code"])
        words["unit_code"] = pc.coalesce(rows.text("unit_code"), words["unit_name"])
        words["unit_name"] = pc.coalesce(words["unit_name"], words["unit_code"])
        return words

    def _answers(self, rows: _Rows) -> dict[str, pa.Array]:
        """What the caller said when called back."""
        mapping, found = self.mapping, {}
        for name, table, kind in (
            ("contacted", mapping.contacted.values, pa.bool_()),
            ("resolved", mapping.resolved.values, pa.bool_()),
            ("satisfaction", mapping.satisfaction.values, pa.string()),
        ):
            found[name], _, missed = translate(rows.text(name), table, kind)
            self.missed.setdefault(name, Counter()).update(missed)
        return found

    def _deadlines(self, rows: _Rows, times: dict[str, Instants], category: pa.Array) -> Instants:
        """due_at: the source's own, else the start of the case plus the category's service level."""
        due = times.pop("due_at", np.full(rows.size, _UNSET))
        default, mapping = self.mapping.service_level, self.mapping
        if default.default_hours is None and not any(one.hours for one in mapping.categories.values()):
            return due
        hours_of = {name: one.hours or default.default_hours for name, one in mapping.categories.items()}
        clock_of = {name: one.clock or default.default_clock for name, one in mapping.categories.items()}
        looked_up = pc.coalesce(
            _look_up(category, hours_of, pa.float64()), pa.scalar(default.default_hours, pa.float64())
        )
        hours = looked_up.to_numpy(zero_copy_only=False)
        working = pc.equal(pc.coalesce(_look_up(category, clock_of), pa.scalar(default.default_clock)), "working")
        start = np.where(np.isnat(times["registered_at"]), times["reported_at"], times["registered_at"])
        wanted = np.isnat(due) & ~np.isnan(hours) & ~np.isnat(start)
        at_work = wanted & working.to_numpy(zero_copy_only=False)
        plain = wanted & ~at_work
        due[plain] = start[plain] + np.rint(hours[plain] * 3.6e9).astype("timedelta64[us]")
        if at_work.any():
            due[at_work] = self._calendar.add_hours(start[at_work], hours[at_work])
        return due

    def _point(self, rows: _Rows) -> Point:
        location = self.mapping.location
        nothing = np.full(rows.size, np.nan)
        if not location.columns:
            return Point(nothing, nothing, nothing, nothing, np.zeros(rows.size, np.int32))
        if location.point:
            east, north, bad = read_points(as_text(rows.column(location.point)), location.order)
        else:
            (east, bad_east), (north, bad_north) = (read_numbers(rows.column(name)) for name in location.columns)
            bad = bad_east | bad_north | (np.isnan(east) != np.isnan(north))
        zero = (np.abs(east) < 1e-6) & (np.abs(north) < 1e-6)
        east, north = np.where(bad | zero, np.nan, east), np.where(bad | zero, np.nan, north)
        given = ~np.isnan(east)
        lon, lat = to_wgs84(east, north, location.crs)
        # exchanged degrees may leave the globe; they are put right, or given up, when the row is located
        off = given & ~_on_globe(lon, lat) & ~(is_geographic(location.crs) & _on_globe(north, east))
        flags = _bit(bad | off, Quality.BAD_POINT) | _bit(zero, Quality.ZERO_POINT)
        gone = ~given | off
        lon, lat, east, north = (np.where(gone, np.nan, part) for part in (lon, lat, east, north))
        return Point(lon, lat, east, north, flags.astype(np.int32))

    def _named_place(self, rows: _Rows) -> pa.Array:
        """ "community=…|street=…", lowest first, of the places that are named at all."""
        parts = []
        for place in self.mapping.location.places:
            name = as_text(rows.column(place.column))
            if place.values:
                name = translate(name, place.values, pa.string(), keep=True)[0]
            name = pc.replace_substring(name, "|", "/")
            parts.append(pc.binary_join_element_wise(pa.scalar(place.level), name, "="))
        if not parts:
            return pa.nulls(rows.size, pa.string())
        return join_texts(parts, "|")


class _Rows:
    """The mapped columns of one batch, each cleaned once."""

    def __init__(self, raw: pa.Table, mapping: Mapping, nulls: pa.Array) -> None:
        self.size: int = raw.num_rows
        self._raw, self._mapping, self._nulls = raw, mapping, nulls
        self._clean: dict[str, pa.Array] = {}

    def column(self, name: str) -> pa.Array:
        """A column of the source, trimmed, null markers null."""
        if name not in self._clean:
            self._clean[name] = clean(flat(self._raw, name), self._nulls)
        return self._clean[name]

    def joined(self, source: FieldSource) -> pa.Array:
        """What the field is read from, typed where it is one typed column."""
        if source.value is not None:
            return pa.array([source.value] * self.size, pa.string())
        return join_columns([self.column(name) for name in source.sources])

    def text(self, field: str) -> pa.Array:
        """The field as text; null all through when the mapping does not name it."""
        source = self._mapping.fields.get(field)
        return pa.nulls(self.size, pa.string()) if source is None else as_text(self.joined(source))


def _identifying(mapping: Mapping) -> frozenset[str]:
    """Columns a quarantined record keeps as they are, because a masked id or code would be another one."""
    fields = [
        mapping.fields[name] for name in ("id", "parent_id", "category_code", "unit_code") if name in mapping.fields
    ]
    named = [name for source in fields for name in source.sources]
    return frozenset([*named, *(mapping.key.columns if mapping.key else ()), *mapping.location.columns])


def _check_columns(mapping: Mapping, columns: list[str]) -> None:
    missing = [name for name in mapping.columns if name not in columns]
    if not missing:
        return
    close = difflib.get_close_matches(missing[0], columns, 1, 0.6)
    hint = f'Did you mean "{close[0]}"?' if close else f"The file has: {', '.join(columns[:30])}."
    more = f" ({len(missing) - 1} more are missing)" if len(missing) > 1 else ""
    raise MappingError(f'the file has no column "{missing[0]}"{more}.', where=mapping.name, todo=hint)


def _states(closing: Closing, due: Instants, source: str) -> dict[str, Any]:
    kinds: Any = source if source != "dates" else pc.if_else(pa.array(~np.isnat(due)), "dates", "none")
    return {
        "stage": closing.stage,
        "closed": closing.closed,
        "suspended": closing.suspended,
        "voided": closing.voided,
        "on_time": closing.on_time,
        "on_time_source": kinds if isinstance(kinds, pa.Array) else pa.array([kinds] * len(due), pa.string()),
    }


def _suspicions(reported: Instants, closed: Instants, due: Instants, now: np.datetime64) -> npt.NDArray[np.int32]:
    """Comparisons with NaT are false, so what is not there is not suspicious."""
    return (
        _bit(closed < reported, Quality.CLOSED_BEFORE_OPENED)
        | _bit(due < reported, Quality.DUE_BEFORE_OPENED)
        | _bit(due - reported > FAR, Quality.FAR_DUE)
        | _bit(reported > now, Quality.FUTURE_REPORT)
    )


def _look_up(names: pa.Array, table: dict[str, Any], kind: pa.DataType | None = None) -> pa.Array:
    listed = {name: value for name, value in table.items() if value is not None}
    return translate(names, listed, kind or pa.string())[0] if listed else pa.nulls(len(names), kind or pa.string())


def _hash(staged: dict[str, Any]) -> npt.NDArray[np.uint64]:
    values = {name: value for name, value in staged.items() if name not in _NOT_HASHED}
    for name in ("lon", "lat"):  # a centimetre: a newer PROJ may differ in the last digits
        values[name] = np.round(values[name], 7)
    return content_hash(values)


def _typed(values: Any, kind: pa.DataType) -> pa.Array:
    if not isinstance(values, np.ndarray):
        return values if values.type == kind else values.cast(kind)
    if values.dtype.kind == "M":
        return pa.array(values.astype("datetime64[us]")).cast(kind)
    return pa.array(values, kind, from_pandas=values.dtype.kind == "f")


def _on_globe(lon: Floats, lat: Floats) -> Mask:
    on: Mask = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return on


def _bit(rows: Mask, flag: Quality) -> npt.NDArray[np.int32]:
    return np.where(rows, np.int32(flag), np.int32(0))
