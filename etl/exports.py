"""Tables written to files other programs read: CSV, NDJSON, GeoJSON, Parquet.

A cell that begins like a formula would run in the spreadsheet of whoever opens the file, with their rights; such text
gets a leading apostrophe (OWASP, CSV injection). Numbers are left alone. CSV starts with a byte order mark, without
which Excel reads Chinese as noise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import shapely

from data.errors import InputError

FORMATS = ("csv", "ndjson", "geojson", "parquet")
BOM = b"\xef\xbb\xbf"
FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"  # a Chinese spreadsheet reads the wide signs as the narrow ones
NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?$"


def defended(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text with an apostrophe before what a spreadsheet would run."""
    risky = pc.and_not(pc.match_substring_regex(column, FORMULA), pc.match_substring_regex(column, NUMBER))
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def readable(table: pa.Table, zone: ZoneInfo) -> pa.Table:
    """Instants as local ISO times with their offset, lists as text, geometry left out."""
    for i, field in enumerate(table.schema):
        column = table.column(i)
        if pa.types.is_timestamp(field.type):
            local = column.cast(pa.timestamp("s", str(zone)), safe=False)
            table = table.set_column(i, field.name, pc.strftime(local, "%Y-%m-%dT%H:%M:%S%z"))
        elif pa.types.is_dictionary(field.type):
            table = table.set_column(i, field.name, column.cast(pa.string()))
        elif pa.types.is_list(field.type):
            table = table.set_column(i, field.name, pc.binary_join(column, ";"))
    return table.drop_columns(["geometry"]) if "geometry" in table.column_names else table


def csv_bytes(table: pa.Table, zone: ZoneInfo, *, header: bool = True) -> bytes:
    """A table as CSV, safe to open in a spreadsheet; with header it begins with the byte order mark."""
    safe = readable(table, zone)
    for i, field in enumerate(safe.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            safe = safe.set_column(i, field.name, defended(safe.column(i)))
    sink = pa.BufferOutputStream()
    options = pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed")
    pyarrow.csv.write_csv(safe, sink, options)
    return (BOM if header else b"") + bytes(sink.getvalue().to_pybytes())


def write_tables(tables: Iterable[pa.Table], out: Path, form: str, zone: ZoneInfo) -> int:
    """Write batches of one table to a file of a format; how many rows. The file appears when it is whole."""
    if form not in FORMATS:
        raise InputError(f'there is no format "{form}".', where="format", todo=f"Choose one of {', '.join(FORMATS)}.")
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if form == "parquet":
            rows = _parquet(tables, part)
        else:
            with part.open("wb") as file:
                rows = {"csv": _csv, "ndjson": _ndjson, "geojson": _geojson}[form](tables, file, zone)
        part.replace(out)
    except OSError as error:
        raise InputError(f"the file cannot be written ({error.strerror}).", where=str(out)) from None
    finally:
        part.unlink(missing_ok=True)
    return rows


def _csv(tables: Iterable[pa.Table], file: IO[bytes], zone: ZoneInfo) -> int:
    rows = 0
    for number, table in enumerate(tables):
        file.write(csv_bytes(table, zone, header=number == 0))
        rows += table.num_rows
    return rows


def _ndjson(tables: Iterable[pa.Table], file: IO[bytes], zone: ZoneInfo) -> int:
    rows = 0
    for table in tables:
        for row in readable(table, zone).to_pylist():
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        rows += table.num_rows
    return rows


def _geojson(tables: Iterable[pa.Table], file: IO[bytes], zone: ZoneInfo) -> int:
    rows = 0
    file.write(b'{"type": "FeatureCollection", "features": [')
    for table in tables:
        for feature in _features(table, zone):
            file.write((b",\n" if rows else b"\n") + json.dumps(feature, ensure_ascii=False).encode())
            rows += 1
    file.write(b"\n]}\n")
    return rows


def _features(table: pa.Table, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Rows as features: their geometry, or their point, or none."""
    if "geometry" in table.column_names:
        shapes = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
        drawn = [None if shape is None else json.loads(shapely.to_geojson(shape)) for shape in shapes]
    elif {"lon", "lat"} <= set(table.column_names):
        points = zip(table["lon"].to_pylist(), table["lat"].to_pylist(), strict=True)
        drawn = [None if x is None or y is None else {"type": "Point", "coordinates": [x, y]} for x, y in points]
    else:
        drawn = [None] * table.num_rows
    for geometry, row in zip(drawn, readable(table, zone).to_pylist(), strict=True):
        yield {"type": "Feature", "geometry": geometry, "properties": row}


def _parquet(tables: Iterable[pa.Table], part: Path) -> int:
    rows, writer = 0, None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(part, table.schema, compression="zstd")
            writer.write_table(table)
            rows += table.num_rows
        if writer is None:
            pq.write_table(pa.table({}), part)
    finally:
        if writer is not None:
            writer.close()
    return rows
