"""JSON, newline-delimited JSON and GeoJSON points as rows of text.

Records need not have the same keys, so all of them are looked at once for the columns before the first batch.
Nested objects become columns with dots in their names; a GeoJSON point becomes lon and lat.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from data.errors import FileError
from etl.archives import Source
from etl.batches import BATCH_ROWS, PIECE_ROWS, BadRow, Batch, TicketFile, column_names, without_empty_rows
from etl.encodings import Survey, decoded, survey
from etl.fileoptions import FileOptions
from etl.jsontext import JsonText

COLUMNS = 2_000
DEPTH = 5
# Under these keys the records of an answer lie, beside lists that describe its fields or pages.
USUAL_KEYS = ("records", "data", "features", "items", "results", "rows", "requests", "tickets", "value")
LON, LAT = "\x00lon", "\x00lat"
Row = dict[str, str | None]


def flat(record: dict[str, Any]) -> Row:
    """One record as columns of text; a Feature as its properties with lon and lat."""
    row: Row = {}
    if record.get("type") == "Feature" and "geometry" in record:
        if record.get("id") is not None:
            _put(row, "id", record["id"], 1)
        for key, value in (record.get("properties") or {}).items():
            _put(row, key, value, 1)
        geometry = record["geometry"]
        point = _point(geometry) if isinstance(geometry, dict) else None
        row[LON], row[LAT] = point or (None, None)
        return row
    for key, value in record.items():
        _put(row, key, value, 1)
    return row


def _put(row: Row, key: str, value: Any, depth: int) -> None:
    if value is None or value == "":
        row[key] = None
    elif isinstance(value, str):
        row[key] = value
    elif isinstance(value, bool):
        row[key] = "true" if value else "false"
    elif isinstance(value, dict) and value and depth < DEPTH:
        if point := _point(value):
            row[f"{key}.lon"], row[f"{key}.lat"] = point
            return
        for name, inner in value.items():
            _put(row, f"{key}.{name}", inner, depth + 1)
    else:
        row[key] = json.dumps(value, ensure_ascii=False) if value not in ([], {}) else None


def _point(value: dict[str, Any]) -> tuple[str, str] | None:
    place = value.get("coordinates")
    if value.get("type") == "MultiPoint" and isinstance(place, list) and len(place) == 1:
        place = place[0]
    elif value.get("type") != "Point":
        return None
    if isinstance(place, list) and len(place) >= 2 and all(isinstance(part, str) for part in place[:2]):
        return place[0], place[1]
    return None


class _RecordsFile(TicketFile):
    """What JSON and newline-delimited JSON share: columns from a first pass, tables from rows."""

    def __init__(self, source: Source, options: FileOptions, batch_rows: int, lines: bool) -> None:
        super().__init__()
        self._source, self._batch_rows = source, batch_rows
        self._survey: Survey = survey(source, options.encoding, lines=lines)
        self.encoding, self.total_bytes = self._survey.encoding, self._survey.size
        if self._survey.damaged:
            self.warnings.append(f"{self._survey.damaged:,} characters cannot be read as {self.encoding}")
        self._keys: list[str] = []

    def _moved(self, count: int) -> None:
        self._position = count

    def _name_columns(self, keys: dict[str, None]) -> None:
        if len(keys) > COLUMNS:
            raise FileError(
                f"the records have {len(keys):,} different keys, more than {COLUMNS:,}: this is not a table",
                where=self._source.where,
                todo="Export a list of records with the same keys.",
            )
        self._keys = list(keys)
        shown = [key.strip("\x00") for key in self._keys]
        self.columns = column_names(list(shown), self._source.where)

    @abstractmethod
    def _rows(self) -> Iterator[Row | BadRow]:
        """Every row in order."""

    def batches(self) -> Iterator[Batch]:
        """All rows in batches of batch_rows; what is no record in `bad`."""
        first, pieces, bad = 1, [], []
        rows: list[Row] = []
        numbers: list[int] = []
        for number, row in enumerate(self._rows(), 1):
            if isinstance(row, BadRow):
                bad.append(row)
            else:
                rows.append(row)
                numbers.append(number)
            full = number - first + 1 == self._batch_rows
            if rows and (full or len(rows) == PIECE_ROWS):
                pieces.append(self._piece(rows, numbers))
                rows, numbers = [], []
            if full:
                yield self._batch(first, pieces, bad)
                first, pieces, bad = number + 1, [], []
        if rows:
            pieces.append(self._piece(rows, numbers))
        if pieces or bad:
            yield self._batch(first, pieces, bad)

    def _piece(self, rows: list[Row], numbers: list[int]) -> tuple[pa.Table, pa.Int64Array]:
        arrays = [_array([row.get(key) for row in rows]) for key in self._keys]
        return without_empty_rows(pa.table(arrays, names=self.columns), pa.array(numbers, pa.int64()))

    def _batch(self, first: int, pieces: list[tuple[pa.Table, pa.Int64Array]], bad: list[BadRow]) -> Batch:
        nothing = pa.schema([(name, pa.string()) for name in self.columns]).empty_table()
        table = pa.concat_tables([nothing, *(piece for piece, _ in pieces)])
        numbers = pa.concat_arrays([pa.array([], pa.int64()), *(kept for _, kept in pieces)])
        return Batch(first, table, numbers, bad)


def _array(values: list[str | None]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, written as \ud83d
        clean = [None if value is None else value.encode("utf-8", "replace").decode() for value in values]
        return pa.array(clean, pa.string())


class NdjsonFile(_RecordsFile):
    """One JSON object a line; see TicketFile."""

    kind = "ndjson"

    def __init__(self, source: Source, options: FileOptions, batch_rows: int = BATCH_ROWS) -> None:
        super().__init__(source, options, batch_rows, lines=True)
        keys: dict[str, None] = {}
        good = 0
        for row in self._rows():
            if not isinstance(row, BadRow):
                good += 1
                keys.update(dict.fromkeys(row))
        if not good:
            raise FileError("no line is a JSON object", where=source.where, todo="Write one record a line.")
        self._name_columns(keys)

    def _lines(self) -> Iterator[str]:
        rest = ""
        for text, count in decoded(self._source, self._survey):
            self._moved(count)
            *lines, rest = (rest + text).split("\n")
            yield from lines
        yield rest

    def _rows(self) -> Iterator[Row | BadRow]:
        decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
        number = 0
        for line in self._lines():
            content = line.strip(" \t\r\x1e")
            if not content:
                continue
            number += 1
            try:
                value = decoder.decode(content)
            except (ValueError, RecursionError) as error:
                yield BadRow(number, content[:1000], f"not JSON: {error}")
                continue
            yield flat(value) if isinstance(value, dict) else BadRow(number, content[:1000], "not a JSON object")


@dataclass
class _Found:
    """A list of objects in a JSON file: how many, their keys, and what is no object in it."""

    count: int = 0
    keys: dict[str, None] = field(default_factory=dict)


class JsonFile(_RecordsFile):
    """A JSON array of records, at the top or under a key; see TicketFile."""

    kind = "json"

    def __init__(
        self, source: Source, options: FileOptions, batch_rows: int = BATCH_ROWS, *, guess: bool = False
    ) -> None:
        """guess: of several lists of records, take the longest, one under a usual key before others."""
        super().__init__(source, options, batch_rows, lines=False)
        self._crs: list[Any] = []
        found: dict[tuple[str, ...], _Found] = {}
        self._look(self._text(), (), found)
        if guess and found and options.records is None:
            usual = {path: one for path, one in found.items() if path and path[-1].lower() in USUAL_KEYS}
            self._path = max(usual or found, key=lambda path: found[path].count)
        else:
            self._path = choose_records(found, options.records, source.where)
        self.records = ".".join(self._path)
        self._name_columns(found[self._path].keys)
        for crs in self._crs:
            if not _is_degrees(crs):
                self.warnings.append(f"the file names its coordinates {json.dumps(crs)}: set crs in [location]")

    def _text(self) -> JsonText:
        limit = 16 * self._source.limits.line_bytes
        return JsonText(decoded(self._source, self._survey), self._source.where, limit, self._moved)

    def _look(self, text: JsonText, path: tuple[str, ...], found: dict[tuple[str, ...], _Found]) -> None:
        """Find every list of objects, with the keys of all its records."""
        following = text.peek()
        if following == "{" and len(path) < DEPTH:
            for key in text.members():
                if (*path, key) == ("crs",):
                    self._crs.append(text.value())
                else:
                    self._look(text, (*path, key), found)
        elif following == "[":
            for _ in text.elements():
                value = text.value()
                if isinstance(value, dict):
                    here = found.setdefault(path, _Found())
                    here.count += 1
                    here.keys.update(dict.fromkeys(flat(value)))
        else:
            text.value()

    def _rows(self) -> Iterator[Row | BadRow]:
        text = self._text()
        self._seek(text, self._path)
        for number, _ in enumerate(text.elements(), 1):
            value = text.value()
            if isinstance(value, dict):
                yield flat(value)
            else:
                yield BadRow(number, json.dumps(value, ensure_ascii=False)[:1000], "not a JSON object")

    def _seek(self, text: JsonText, path: tuple[str, ...]) -> None:
        for step in path:
            for key in text.members():
                if key == step:
                    break
                text.value()


def choose_records(found: dict[tuple[str, ...], _Found], wanted: str | None, where: str) -> tuple[str, ...]:
    """The path of the records: the one a mapping names, the only list of objects, or the one under a usual key."""
    listed = ", ".join(f"{'.'.join(path) or 'the top'} ({one.count:,} records)" for path, one in found.items())
    if wanted is not None:
        path = tuple(part for part in wanted.removeprefix("$").replace("/", ".").split(".") if part)
        if path not in found:
            raise FileError(
                f"there is no list of records at {wanted!r}",
                where=where,
                todo=f"Set records in [file] to one of: {listed}." if listed else "The file holds no list of records.",
            )
        return path
    if not found:
        raise FileError(
            "the JSON holds no list of records (objects with named values)",
            where=where,
            todo="Export a JSON array of objects, or CSV.",
        )
    usual = [path for path in found if path and path[-1].lower() in USUAL_KEYS]
    for paths in (list(found), usual):
        if len(paths) == 1:
            return paths[0]
    raise FileError(
        f"the JSON holds several lists of records: {listed}", where=where, todo="Set records in [file] to one of them."
    )


def _is_degrees(crs: Any) -> bool:
    return any(name in json.dumps(crs).upper() for name in ("CRS84", "EPSG::4326", "EPSG:4326"))
