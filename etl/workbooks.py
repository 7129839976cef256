"""Spreadsheets (XLSX, and XLS, XLSB, ODS by the same library) as rows of text.

The library holds a whole sheet in memory, as a full rectangle from the first to the last used cell, so two things
are checked before it sees the file: what it unpacks to, and how large that rectangle would be. A cell in the far
corner of an otherwise empty sheet is enough to ask for 17 thousand million cells.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from data.errors import FileError
from etl.archives import CHUNK, Source, count_unpacked, magic
from etl.batches import BATCH_ROWS, PIECE_ROWS, Batch, TicketFile, column_names, without_empty_rows
from etl.fileoptions import FileOptions

CELLS = 32_000_000
ROWS = 1_048_576  # what Excel allows
Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_FAR_COLUMN = re.compile(rb"""\sr=["']([A-Z]{2,3})[0-9]""")


class WorkbookFile(TicketFile):
    """One sheet of a spreadsheet; see TicketFile. Progress is counted in rows."""

    kind = "xlsx"

    def __init__(
        self, source: Source, options: FileOptions, batch_rows: int = BATCH_ROWS, *, guess: bool = False
    ) -> None:
        """guess: take the longest sheet and find its header row by looking, instead of what options say."""
        super().__init__()
        self._batch_rows, self._where = batch_rows, source.where
        workbook = open_workbook(source)
        wanted = options.sheet
        if guess and wanted is None and (full := sheets_with_rows(workbook)):
            wanted = max(full, key=lambda sheet: sheet[1])[0]
        self._sheet = choose_sheet(workbook, wanted, source.where)
        self.sheet, self.sheets = self._sheet.name, list(workbook.sheet_names)
        self._header_row, header = self._header(self._likely_header() if guess else options.header_row)
        self.header_row = self._header_row
        self.columns = column_names([text(cell, False) for cell in header], self._where)
        self.total_bytes = _height(self._sheet) - self._header_row
        if self.total_bytes <= 0:
            raise FileError(
                "there is a header but no row below it", where=self._place(), todo="Export it again with its rows."
            )

    def _place(self) -> str:
        return f"{self._where}, sheet {self.sheet!r}"

    def _header(self, wanted: int) -> tuple[int, list[Cell]]:
        """Number and cells of the first row from `wanted` on that is not blank."""
        for number, row in enumerate(self._sheet.iter_rows(), 1):
            if number >= wanted and any(str(cell).strip() for cell in row):
                return number, list(row)
        raise FileError(
            f"there is no header row at row {wanted}", where=self._place(), todo="Check header_row in [file]."
        )

    def _likely_header(self) -> int:
        """The first of the first rows that is nearly as full as the fullest of them."""
        filled = [sum(cell != "" for cell in row) for row in islice(self._sheet.iter_rows(), 30)]
        return next((number for number, count in enumerate(filled, 1) if count >= 0.6 * max(filled) > 0), 1)

    def batches(self) -> Iterator[Batch]:
        """All rows in batches of batch_rows; cells as text, dates as ISO text."""
        rows = islice(self._sheet.iter_rows(), self._header_row, None)
        timed = [False] * len(self.columns)
        first = 1
        while tables := list(self._pieces(islice(rows, self._batch_rows), timed)):
            table = pa.concat_tables(tables)
            numbers = pa.array(range(first, first + table.num_rows), pa.int64())
            self._position = first + table.num_rows - 1
            kept, kept_numbers = without_empty_rows(table, numbers)
            if kept.num_rows:
                yield Batch(first, kept, kept_numbers)
            first += table.num_rows

    def _pieces(self, rows: Iterator[list[Cell]], timed: list[bool]) -> Iterator[pa.Table]:
        while piece := list(islice(rows, PIECE_ROWS)):
            yield _table(piece, self.columns, timed)


def open_workbook(source: Source) -> CalamineWorkbook:
    """The workbook, once what it holds is known to be of a sane size. Raises FileError."""
    with source.seekable() as file:
        if magic(source.head(16)) == "zip":
            count_unpacked(file, source.where, source.limits.unpacked_bytes)
            file.seek(0)
            _check_extent(file, source.where)
            file.seek(0)
        try:
            return CalamineWorkbook.from_filelike(file)
        except PasswordError:
            raise FileError(
                "the spreadsheet is locked with a password", where=source.where, todo="Save it without a password."
            ) from None
        except (CalamineError, OSError, ValueError) as error:
            raise FileError(
                f"the spreadsheet cannot be read ({error})", where=source.where, todo="Save it again as .xlsx or CSV."
            ) from None


def sheets_with_rows(workbook: CalamineWorkbook) -> list[tuple[str, int]]:
    """Name and number of rows of each visible sheet that has at least a header and a row."""
    shown = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    heights = [(name, _height(workbook.get_sheet_by_name(name))) for name in shown]
    return [(name, height) for name, height in heights if height >= 2]


def choose_sheet(workbook: CalamineWorkbook, wanted: str | None, where: str) -> CalamineSheet:
    """The sheet a mapping names, or the only one with rows; several are a question, never a silent choice."""
    names = list(workbook.sheet_names)
    if wanted is not None:
        if wanted not in names:
            raise FileError(
                f"there is no sheet {wanted!r}", where=where, todo=f"Set sheet in [file] to one of: {', '.join(names)}."
            )
        return workbook.get_sheet_by_name(wanted)
    if len(names) == 1:
        return workbook.get_sheet_by_index(0)
    full = sheets_with_rows(workbook)
    if len(full) > 1:
        listed = ", ".join(f"{name} ({height:,} rows)" for name, height in full)
        raise FileError(
            f"{len(full)} sheets hold rows: {listed}", where=where, todo="Set sheet in [file] to the one to read."
        )
    return workbook.get_sheet_by_name(full[0][0] if full else names[0])


def text(cell: Cell, timed: bool) -> str | None:
    """A cell as text: whole numbers without a fraction, dates in ISO form (with midnight when timed), "" as None."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell) if isinstance(cell, int) else _moment(cell, timed)


def _moment(cell: dt.time | dt.date | dt.datetime | dt.timedelta, timed: bool) -> str:
    if isinstance(cell, dt.datetime):
        # A fraction of a day has no exact seconds; what is within a millisecond of one is meant to be one.
        if cell.microsecond in range(1, 1000) or cell.microsecond >= 999_000:
            cell = (cell + dt.timedelta(milliseconds=1)).replace(microsecond=0)
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return cell.isoformat() + ("T00:00:00" if timed and isinstance(cell, dt.date) else "")


def _table(rows: list[list[Cell]], columns: list[str], timed: list[bool]) -> pa.Table:
    """Rows as columns of text. timed remembers which columns hold times of day, so that midnight is one as well."""
    arrays = []
    for index, cells in enumerate(zip(*rows, strict=True)):
        timed[index] = timed[index] or any(isinstance(cell, dt.datetime) for cell in cells)
        arrays.append(pa.array([text(cell, timed[index]) for cell in cells], pa.string()))
    return pa.table(arrays, names=columns)


def _height(sheet: CalamineSheet) -> int:
    return sheet.end[0] + 1 if sheet.end is not None else 0


def _check_extent(file: BinaryIO, where: str) -> None:
    """Raise FileError when the rectangle of a sheet passes CELLS.

    The width alone settles most files; only a wide sheet has its rows looked at.
    """
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if not info.filename.startswith("xl/worksheets/") or not info.filename.endswith(".xml"):
                continue
            if _width(archive, info) * ROWS <= CELLS:
                continue
            cells = _rectangle(archive, info)
            if cells > CELLS:
                raise FileError(
                    f"{info.filename} spans {cells:,} cells, more than {CELLS:,}",
                    where=where,
                    todo="Delete stray cells far from the table, or save it as CSV.",
                )


def _width(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    names: set[bytes] = set()
    for part in _parts(archive, info):
        names.update(_FAR_COLUMN.findall(part))
    return max([26, *map(_column, names)])


def _rectangle(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    last_row = last_column = 0
    for part in _parts(archive, info):
        for name, row in _REFERENCE.findall(part):
            last_row, last_column = max(last_row, int(row)), max(last_column, _column(name))
    return last_row * last_column


def _parts(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member in pieces that overlap a little, so that no reference is cut."""
    tail = b""
    with archive.open(info) as member:
        while data := member.read(CHUNK):
            yield tail + data
            tail = data[-32:]


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number
