from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from etl.batches import column_names, numbers_between
from etl.readers import BadRow, FileOptions, Limits, open_tickets, sniff
from tests.etl.reading import numbers, refused, rows, write
from tests.etl.test_workbooks import workbook
from tests.realdata import SHARED, needs_shared

COMMAND_LINE = Limits(allow_parquet=True)


def test_a_workbook_under_the_name_of_a_csv_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["a"], [1]]}, "t.xlsx").rename(tmp_path / "t.csv")
    assert open_tickets(path).kind == "xlsx"
    assert rows(open_tickets(path)) == [["1"]]


def test_text_with_tabs_under_the_name_of_a_workbook_is_read(tmp_path: Path) -> None:
    assert rows(open_tickets(write(tmp_path, "a\tb\n1\t2\n", "t.xls"))) == [["1", "2"]]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><html><table>", "the file is a web page (HTML), whatever its name says"),
        (b"<?xml version='1.0'?><a/>", "the file is XML, which is not read as tickets"),
        (b"<OGRVRTDataSource><OGRVRTLayer/>", "the file is a GDAL virtual file (VRT), which points at other files"),
        (b"%PDF-1.4", "the file is a PDF"),
        (b"SQLite format 3\x00", "the file is a GeoPackage or SQLite database"),
        (b"\x00\x00\x27\x0a", "the file is a shapefile"),
    ],
)
def test_a_foreign_content_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    assert refused(write(tmp_path, content)) == ("t.csv", what)


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "a,b\n1,2\n", "t.docx")) == ("t.docx", ".docx files are not read as tickets")


def test_text_under_a_binary_name_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "a,b\n1,2\n", "t.xlsx")) == (
        "t.xlsx",
        "the name ends in .xlsx but the content is something else, or damaged",
    )


def test_parquet_keeps_times_and_turns_the_rest_into_text(tmp_path: Path) -> None:
    time = pa.array([1_530_725_081, None], pa.timestamp("s", "UTC"))
    table = pa.table({"id": [7.0, None], "n": [1, 2], "t": time, "ok": [True, None], "tags": [["x"], None]})
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    file = open_tickets(tmp_path / "t.parquet", limits=COMMAND_LINE)
    batch = next(file.batches())
    assert pa.types.is_timestamp(batch.table.schema.field("t").type)
    assert batch.table.drop_columns(["t"]).to_pylist() == [
        {"id": "7", "n": "1", "ok": "true", "tags": '["x"]'},
        {"id": None, "n": "2", "ok": None, "tags": None},
    ]


def test_parquet_is_read_from_the_command_line_only(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pa.table({"a": [1]}), tmp_path / "t.parquet")
    assert refused(tmp_path / "t.parquet") == ("t.parquet", "Parquet is read from the command line only")


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"PAR1" + b"x" * 50, "t.parquet")
    assert refused(path, limits=COMMAND_LINE)[1].startswith("the Parquet file is damaged (")


def test_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "t.parquet")
    assert refused(tmp_path / "t.parquet", limits=COMMAND_LINE) == ("t.parquet", "there are columns but no row")


def test_numbers_step_over_bad_rows() -> None:
    bad = [BadRow(row, "", "") for row in (2, 3, 9)]
    assert numbers_between(1, 4, bad)[0].to_pylist() == [1, 4, 5, 6]
    assert numbers_between(1, 4, bad)[1] == 7
    assert numbers_between(7, 2, bad)[0].to_pylist() == [7, 8]


def test_names_are_unique_even_where_a_numbered_one_is_taken() -> None:
    assert column_names(["a", "a", "a_2", None, " "], "t.csv") == ["a", "a_3", "a_2", "column_4", "column_5"]


@needs_shared
@pytest.mark.parametrize(
    ("name", "columns", "count"),
    [
        ("boston-311/boston311_2011H2.csv.gz", 23, 58_251),
        ("nyc-311/nyc311_mixed_1000_mdy_ampm_due.csv", 36, 1_000),
        ("pingshan-minsheng/pingshan_minsheng_suqiu.csv", 26, 10_000),
        ("pingshan-minsheng/shenzhen_communities.csv", 6, 788),
        ("saopaulo-156/sp156_2018_2019.parquet", 14, 235_757),
    ],
)
def test_real_exports_are_read_to_the_last_row(name: str, columns: int, count: int) -> None:
    file = open_tickets(SHARED / name, limits=COMMAND_LINE)
    found = [number for batch in file for number in batch.row_numbers.to_pylist()]
    assert (len(file.columns), len(found), found[-1]) == (columns, count, count)
    assert file.position() == file.total_bytes


@needs_shared
def test_sniffing_a_real_export_says_what_a_mapping_would() -> None:
    found = sniff(SHARED / "boston-311" / "boston311_2011H2.csv.gz")
    assert found == FileOptions(encoding="utf-8", delimiter=",")


@needs_shared
def test_real_boundaries_given_as_tickets_are_pointed_to_the_right_command() -> None:
    where, what = refused(SHARED / "cambridge-parcels" / "parcels.gpkg")
    assert (where, what) == ("parcels.gpkg", "the file is a GeoPackage or SQLite database")
    assert numbers(open_tickets(SHARED / "boston-311" / "neighborhoods.geojson")) == list(range(1, 27))
