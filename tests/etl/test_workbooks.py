import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

from etl.readers import FileOptions, Limits, open_tickets, sniff
from etl.workbooks import text
from tests.etl.reading import numbers, refused, rows, write


def workbook(folder: Path, sheets: dict[str, list[list[Any]]], name: str = "t.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, content in sheets.items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def test_cells_come_out_as_text(tmp_path: Path) -> None:
    opened = dt.datetime(2018, 7, 4, 17, 24, 41)
    path = workbook(
        tmp_path,
        {
            "工单": [
                ["编号", "时间", "日期", "n", "x", "b", "t"],
                [101000295613, opened, dt.date(2018, 7, 4), 3.0, 42.3594, True, dt.time(8, 30)],
                ["00123", dt.datetime(2018, 7, 5), None, 440303001001, -0.5, False, None],
            ]
        },
    )
    file = open_tickets(path)
    assert file.columns == ["编号", "时间", "日期", "n", "x", "b", "t"]
    assert rows(file) == [
        ["101000295613", "2018-07-04T17:24:41", "2018-07-04", "3", "42.3594", "true", "08:30:00"],
        ["00123", "2018-07-05T00:00:00", None, "440303001001", "-0.5", "false", None],
    ]
    assert (file.kind, file.position(), file.total_bytes) == ("xlsx", 2, 2)


def test_a_second_split_by_floating_point_is_whole_again() -> None:
    assert text(dt.datetime(2018, 7, 4, 17, 24, 40, 999_999), True) == "2018-07-04T17:24:41"
    assert text(dt.datetime(2018, 7, 4, 17, 24, 41, 500_000), True) == "2018-07-04T17:24:41.500000"


def test_a_title_above_the_names_is_skipped_by_header_row(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["七月工单"], [], ["a", "b"], [1, 2], [], [3, 4]]})
    file = open_tickets(path, FileOptions(header_row=3))
    assert (file.columns, rows(file), numbers(file)) == (["a", "b"], [["1", "2"], ["3", "4"]], [1, 3])
    assert sniff(path).header_row == 3


def test_the_only_sheet_with_rows_is_taken(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"说明": [["read me"]], "工单": [["a"], [1]]})
    assert rows(open_tickets(path)) == [["1"]]


def test_several_sheets_with_rows_are_a_question(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"六月": [["a"], [1]], "七月": [["a"], [2], [3]]})
    assert refused(path) == ("t.xlsx", "2 sheets hold rows: 六月 (2 rows), 七月 (3 rows)")
    assert rows(open_tickets(path, FileOptions(sheet="六月"))) == [["1"]]
    assert sniff(path).sheet == "七月"
    assert refused(path, FileOptions(sheet="八月")) == ("t.xlsx", "there is no sheet '八月'")


def test_header_only_is_refused(tmp_path: Path) -> None:
    assert refused(workbook(tmp_path, {"S": [["a", "b"]]})) == (
        "t.xlsx, sheet 'S'",
        "there is a header but no row below it",
    )


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    assert refused(workbook(tmp_path, {"S": []})) == ("t.xlsx, sheet 'S'", "there is no header row at row 1")


def test_rows_come_in_batches(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["a"], *([row] for row in range(1, 26))]})
    batches = list(open_tickets(path, batch_rows=10))
    assert [(batch.first_row, batch.table.num_rows) for batch in batches] == [(1, 10), (11, 10), (21, 5)]


def test_a_workbook_that_unpacks_hugely_is_refused_unopened(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["a"], [1]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", bytes(5_000_000))
    assert refused(path, limits=Limits(unpacked_bytes=1 << 20)) == ("t.xlsx", "the file unpacks to more than 1 MB")


def test_a_cell_in_the_far_corner_is_refused_unopened(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["a"], [1]]})
    copied = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copied, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", far)
            new.writestr(info.filename, data)
    path.write_bytes(copied.getvalue())
    assert refused(path) == ("t.xlsx", "xl/worksheets/sheet1.xml spans 17,179,869,184 cells, more than 32,000,000")


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["a"], [1]]})
    path.write_bytes(path.read_bytes()[:-400])
    assert refused(path)[1].startswith("the zip is damaged (")


def test_an_old_workbook_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "t.xls")
    assert refused(path)[1].startswith("the spreadsheet cannot be read (")


def test_a_workbook_in_a_zip_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path, {"S": [["a"], [1]]})
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.write(path, "july/t.xlsx")
    assert rows(open_tickets(tmp_path / "t.zip")) == [["1"]]
