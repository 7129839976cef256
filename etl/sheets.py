"""Any table as a file to open in a spreadsheet, with what it is about written on top: CSV or XLSX.

Text that begins like a formula never runs: in CSV it gets an apostrophe (`exports.py`), in XLSX its cell is marked as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from data.errors import NotFound
from etl.exports import BOM, csv_bytes

Cell = str | float | int | None
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WIDEST = 40  # characters


@dataclass(frozen=True)
class Sheet:
    """A table: lines on top (name, value), the columns' names, the rows."""

    title: str
    head: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class File:
    """A file's content and its media type."""

    content: bytes
    kind: str


def written(sheet: Sheet, form: str, zone: ZoneInfo) -> File:
    """The sheet in a format. Raises NotFound for one there is not."""
    if form not in KINDS:
        raise NotFound("there is no such format.", where=form, todo=f"There are {', '.join(KINDS)}.")
    return File(as_csv(sheet, zone) if form == "csv" else as_xlsx(sheet), KINDS[form])


def as_csv(sheet: Sheet, zone: ZoneInfo) -> bytes:
    """With a byte order mark; the head in two columns, then an empty line, then the table."""
    head = pa.table({"name": [name for name, _ in sheet.head], "value": [value for _, value in sheet.head]})
    names = [f"c{i}" for i in range(len(sheet.columns))]
    table = pa.table(
        {
            name: pa.array([row[i] for row in sheet.rows], _type_of([row[i] for row in sheet.rows]))
            for i, name in enumerate(names)
        }
    )
    titles = pa.table({name: [title] for name, title in zip(names, sheet.columns, strict=True)})
    parts = [csv_bytes(one, zone, header=False) for one in (head, titles, table)]
    return BOM + parts[0] + b"\n" + parts[1] + parts[2]


def as_xlsx(sheet: Sheet) -> bytes:
    """One sheet; the head on top, the columns' names in bold and kept in view, widths by what they hold."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title[:31])
    page.freeze_panes = f"B{len(sheet.head) + 3}"
    for i, name in enumerate(sheet.columns):
        longest = max([len(name), *(len(str(row[i])) for row in sheet.rows[:200] if row[i] is not None)])
        page.column_dimensions[get_column_letter(i + 1)].width = min(2 * longest + 2, WIDEST)
    for line in sheet.head:
        page.append([_text(page, value) for value in line])
    page.append([])
    page.append([_text(page, name, bold=True) for name in sheet.columns])
    for row in sheet.rows:
        page.append([_text(page, value) if isinstance(value, str) else value for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _text(page: Any, value: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(page, value=value)
    cell.data_type = "s"  # else what begins with = would be a formula
    if bold:
        cell.font = Font(bold=True)
    return cell


def _type_of(values: Sequence[Cell]) -> pa.DataType:
    return pa.string() if any(isinstance(value, str) for value in values) else pa.float64()
