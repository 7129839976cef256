"""Tables of a screen as files: XLSX and CSV, with what was asked written on top, nothing in them a spreadsheet would run.

What stands in a cell is a value, never a formula: text that begins like one gets a leading apostrophe in CSV (`exports.py`) and is
written as text in XLSX, where no string becomes a formula or a link. Numbers stay numbers, so that they can be added up.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isnan
from zoneinfo import ZoneInfo

import pyarrow as pa
import xlsxwriter

from data.errors import InputError
from data.progress import Progress
from etl.exports import BOM, FORMULA, NUMBER, readable

FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Cell = str | float | int | bool | date | datetime | None
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")  # in a sheet's name
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # in XML
LONGEST_NAME, LONGEST_TEXT, MOST_ROWS, WIDEST = 31, 32_767, 1_048_000, 48
FORMATS = {"share": "0.0%", "change": "+0.0%;-0.0%;0.0%", "cases": "#,##0", "number": "#,##0.0"}


@dataclass(frozen=True)
class Sheet:
    """A table. about: name and value of what was asked, above it; forms: a column's format (FORMATS; "" is as it is)."""

    name: str
    about: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    forms: Sequence[str] = ()
    note: str = ""


def sheet_of(name: str, about: Sequence[tuple[str, str]], table: pa.Table, zone: ZoneInfo) -> Sheet:
    """An Arrow table as a sheet: local times, geometry left out."""
    shown = readable(table, zone)
    return Sheet(name, about, shown.column_names, zip(*(column.to_pylist() for column in shown.columns), strict=True))


def as_file(form: str, sheets: Sequence[Sheet]) -> bytes:
    """Sheets as a file of a form; a CSV holds one after the other. Raises InputError for a form there is not."""
    if form not in FORMS:
        raise InputError(f'there is no format "{form}".', where="format", todo=f"Choose one of {', '.join(FORMS)}.")
    return as_xlsx(sheets) if form == "xlsx" else as_csv(sheets)


def as_csv(sheets: Sequence[Sheet]) -> bytes:
    """What was asked, an empty line, the heading, the rows; with the byte order mark Excel reads Chinese by."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for number, sheet in enumerate(sheets):
        writer.writerows([[]] * (number > 0))
        writer.writerows([_safe(name), _safe(value)] for name, value in sheet.about)
        writer.writerow([])
        writer.writerow([_safe(name) for name in sheet.columns])
        writer.writerows([_safe(cell) for cell in row] for row in sheet.rows)
        writer.writerows([[_safe(sheet.note)]] if sheet.note else [])
    return BOM + out.getvalue().encode()


def _safe(cell: Cell) -> str:
    """A cell as CSV has it; an apostrophe before what a spreadsheet would run."""
    text = "" if cell is None else cell.isoformat() if isinstance(cell, (date, datetime)) else str(cell)
    return f"'{text}" if isinstance(cell, str) and re.match(FORMULA, text) and not re.match(NUMBER, text) else text


def as_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook: what was asked on top of every sheet, the heading bold and kept in view, a filter on it."""
    out = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, {**safe, "nan_inf_to_errors": False, "default_date_format": "yyyy-mm-dd hh:mm"})
    taken: set[str] = set()
    for sheet in sheets:
        _write(book, sheet, _name(sheet.name, taken))
    book.close()
    return out.getvalue()


def _name(name: str, taken: set[str]) -> str:
    """A name Excel takes, and no other sheet has."""
    plain = FORBIDDEN.sub(" ", name).strip("'")[:LONGEST_NAME] or "1"
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain[: LONGEST_NAME - 4]} {number}", number + 1
    taken.add(found.lower())
    return found


def _write(book: xlsxwriter.Workbook, sheet: Sheet, name: str) -> None:
    page = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#F1F3F6", "bottom": 1, "valign": "top"})
    quiet = book.add_format({"font_color": "#55606E"})
    formats = [book.add_format({"num_format": FORMATS[form]}) if form in FORMATS else None for form in sheet.forms]
    for i, (key, value) in enumerate(sheet.about):
        page.write_string(i, 0, _plain(key), quiet)
        page.write_string(i, 1, _plain(value))
    top = len(sheet.about) + 1 if sheet.about else 0
    for j, column in enumerate(sheet.columns):
        page.write_string(top, j, _plain(column), bold)
    widths = [_wide(column) for column in sheet.columns]
    last = top
    for last, row in enumerate(sheet.rows, top + 1):
        if last > MOST_ROWS:
            raise InputError("a sheet takes a million rows.", where=sheet.name, todo="Export it as CSV, or filter it.")
        for j, cell in enumerate(row):
            _cell(page, last, j, cell, formats[j] if j < len(formats) else None)
            widths[j] = max(widths[j], _wide(cell))
    if sheet.note:
        page.write_string(last + 2, 0, _plain(sheet.note), quiet)
    for j, wide in enumerate(widths):
        page.set_column(j, j, min(max(wide, 9), WIDEST))
    page.autofilter(top, 0, max(last, top), max(len(sheet.columns) - 1, 0))
    page.freeze_panes(top + 1, 1)


def _cell(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, form: object) -> None:
    if cell is None or (isinstance(cell, float) and isnan(cell)):
        return
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, (int, float)):
        page.write_number(row, column, cell, form)
    elif isinstance(cell, (date, datetime)):
        page.write_string(row, column, cell.isoformat())
    else:
        page.write_string(row, column, _plain(cell))


def _plain(text: str) -> str:
    return UNWRITABLE.sub("", text)[:LONGEST_TEXT]


def _wide(cell: Cell) -> int:
    """About how wide it is, in figures: a Chinese character takes two."""
    text = f"{cell:.1f}" if isinstance(cell, float) else str(cell)
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text[:WIDEST]) + 2


def making(form: str, sheets: Sequence[Sheet], *, progress: Progress) -> Iterator[bytes]:
    """A file of many rows, in a worker."""
    progress.check()
    yield as_file(form, sheets)
