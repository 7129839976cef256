"""What leaves the program opens in a spreadsheet without running anything, and reads back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from data.errors import InputError
from etl.exports import csv_bytes, write_tables

ZONE = ZoneInfo("Asia/Shanghai")
TABLE = pa.table(
    {
        "name": ["南布社区", '=HYPERLINK("x")', "@SUM(A1)", "-1.5", "-"],
        "n": pa.array([1, -2, 3, None, 5], pa.int32()),
        "reported_at": pa.array([datetime(2025, 6, 30, 16, 0, tzinfo=UTC)] * 5, pa.timestamp("us", "UTC")),
        "lon": [114.0, None, 114.5, 114.5, 114.5],
        "lat": [22.5, None, 22.5, 22.5, 22.5],
    }
)


def test_cells_that_would_run_get_an_apostrophe_and_numbers_do_not() -> None:
    text = csv_bytes(TABLE.select(["name", "n"]), ZONE).decode("utf-8-sig")
    assert text.splitlines() == [
        '"name","n"',
        '"南布社区",1',
        '"\'=HYPERLINK(""x"")",-2',
        '"\'@SUM(A1)",3',
        '"-1.5",',
        '"\'-",5',
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_dangerous_beginning_is_covered(start: str) -> None:
    text = csv_bytes(pa.table({"a": [f"{start}cmd"]}), ZONE, header=False).decode()
    assert text.lstrip('"').startswith(f"'{start}cmd")


def test_times_are_local_with_their_offset_and_a_mark_tells_the_encoding() -> None:
    raw = csv_bytes(TABLE.select(["reported_at"]).slice(0, 1), ZONE)
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").splitlines() == ['"reported_at"', '"2025-07-01T00:00:00+0800"']


def test_batches_become_one_file_with_one_header(tmp_path: Path) -> None:
    out = tmp_path / "folder" / "a.csv"
    assert write_tables([TABLE.slice(0, 2), TABLE.slice(2)], out, "csv", ZONE) == 5
    lines = out.read_text("utf-8-sig").splitlines()
    assert len(lines) == 6
    assert sum(line.startswith('"name"') for line in lines) == 1


def test_ndjson_is_a_json_object_a_line(tmp_path: Path) -> None:
    write_tables([TABLE], tmp_path / "a.ndjson", "ndjson", ZONE)
    rows = [json.loads(line) for line in (tmp_path / "a.ndjson").read_text("utf-8").splitlines()]
    assert rows[0] == {"name": "南布社区", "n": 1, "reported_at": "2025-07-01T00:00:00+0800", "lon": 114.0, "lat": 22.5}
    assert rows[1]["name"] == '=HYPERLINK("x")'


def test_geojson_has_points_and_null_where_there_is_none(tmp_path: Path) -> None:
    write_tables([TABLE.slice(0, 1), TABLE.slice(1, 1)], tmp_path / "a.geojson", "geojson", ZONE)
    features = json.loads((tmp_path / "a.geojson").read_text("utf-8"))["features"]
    assert [feature["geometry"] for feature in features] == [{"type": "Point", "coordinates": [114.0, 22.5]}, None]


def test_geojson_has_boundaries_where_there_are_some(tmp_path: Path) -> None:
    places = pa.table({"code": ["A", "B"], "geometry": [shapely.to_wkb(shapely.box(0, 0, 1, 1)), None]})
    write_tables([places], tmp_path / "p.geojson", "geojson", ZONE)
    features = json.loads((tmp_path / "p.geojson").read_text("utf-8"))["features"]
    assert [feature["geometry"] and feature["geometry"]["type"] for feature in features] == ["Polygon", None]
    assert features[0]["properties"] == {"code": "A"}


def test_parquet_keeps_the_types(tmp_path: Path) -> None:
    write_tables([TABLE.slice(0, 2), TABLE.slice(2)], tmp_path / "a.parquet", "parquet", ZONE)
    assert pq.read_table(tmp_path / "a.parquet") == TABLE


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def tables():  # type: ignore[no-untyped-def]
        yield TABLE
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_tables(tables(), tmp_path / "a.csv", "csv", ZONE)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_said_to_be_unknown(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='there is no format "xls"'):
        write_tables([TABLE], tmp_path / "a.xls", "xls", ZONE)
