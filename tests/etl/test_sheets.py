from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from data.errors import InputError
from etl.sheets import Sheet, as_csv, as_file, as_xlsx, making
from etl.typeface import FILE, FOLDER, characters

ABOUT = [("时段", "2024-03-01 – 2024-03-31"), ("类别", "=cmd()")]
ROWS = [("=1+1", 10, 0.925), ("@sum", -3, None), ("-5", 7, 0.5), ("青松社区", 0, 1.0)]
TABLE = Sheet("社区/表", ABOUT, ["社区", "+件数", "按期办结率"], ROWS, ("", "cases", "share"), "注")


def cells(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_a_csv_has_what_was_asked_on_top_and_nothing_that_runs() -> None:
    lines = as_csv([TABLE]).decode("utf-8-sig").split("\r\n")
    assert as_csv([TABLE]).startswith(b"\xef\xbb\xbf")
    assert lines == [
        "时段,2024-03-01 – 2024-03-31", "类别,'=cmd()", "", "社区,'+件数,按期办结率", "'=1+1,10,0.925", "'@sum,-3,", "-5,7,0.5",
        "青松社区,0,1.0", "注", "",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "＝1+1", "＋1+1", "－1+1", "＠sum", "\n=1+1", "\r=1", "\t=1"])
def test_no_cell_of_a_csv_begins_as_a_formula(text: str) -> None:
    line = as_csv([Sheet("", [], ["a"], [(text,)], ("",), "")]).decode("utf-8-sig").split("\r\n", 2)[2]
    assert line.lstrip('"').startswith(f"'{text}")


def test_a_workbook_has_the_same_as_text_and_numbers() -> None:
    rows = cells(as_xlsx([TABLE]))
    assert rows[:2] == [["时段", "2024-03-01 – 2024-03-31", None], ["类别", "=cmd()", None]]
    assert rows[3:8] == [
        ["社区", "+件数", "按期办结率"],
        ["=1+1", 10, 0.925],
        ["@sum", -3, None],
        ["-5", 7, 0.5],
        ["青松社区", 0, 1],
    ]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([TABLE])))
    page = book.worksheets[0]
    assert [page.cell(5, column).data_type for column in (1, 2)] == ["s", "n"]  # never "f": a formula
    assert (page.title, page.freeze_panes, page.auto_filter.ref, page["C5"].number_format) == (
        "社区 表",
        "B5",
        "A4:C8",
        "0.0%",
    )


def test_sheets_of_one_name_are_told_apart() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx([TABLE, TABLE, Sheet("", [], ["a"], [])])))
    assert book.sheetnames == ["社区 表", "社区 表 2", "1"]


def test_a_form_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match="there is no format"):
        as_file("xls", [TABLE])


def test_a_worker_makes_the_same_file() -> None:
    from data.progress import Quiet

    found: Iterator[bytes] = making("csv", [TABLE], progress=Quiet())
    assert list(found) == [as_csv([TABLE])]


def test_the_typeface_has_every_character_of_gb_2312_and_its_licence() -> None:
    from fontTools.ttLib import TTFont

    known = TTFont(FILE).getBestCmap()
    assert [chr(one) for one in characters() if 0x4E00 <= one <= 0x9FFF and one not in known] == []
    assert sum(0x4E00 <= one <= 0x9FFF for one in known) >= 6763
    assert "SIL Open Font License" in (FOLDER / "LICENSE").read_text("utf-8")
    assert FILE.stat().st_size < 3_000_000
