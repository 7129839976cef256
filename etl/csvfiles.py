"""Delimited text: the header read here, the rows by Arrow's parser, which takes a million rows of 20 columns in
about three seconds and hands back what does not fit.

Arrow numbers the rows it refuses only when it reads with one thread, so it does. A quote that is opened and never
closed is the one fault a parser cannot see: it takes the rows below into one cell. So cells with line ends in
them are looked at again.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from data.errors import FileError
from etl.archives import Source
from etl.batches import BATCH_ROWS, BadRow, Batch, TicketFile, column_names, numbers_between, without_empty_rows
from etl.dialects import SAMPLE_BYTES, choose, declared_separator, guess_header_row, read_header
from etl.encodings import Survey, decoded, survey
from etl.fileoptions import MEGABYTE, FileOptions

# Arrow wants a delimiter of one byte: a wider one is replaced on the way by one no text holds.
STAND_IN = "\x1f"
SWALLOWED = 20  # rows in one cell above which the file as a whole is at fault


class CsvFile(TicketFile):
    """A delimited text file; see TicketFile."""

    kind = "csv"

    def __init__(
        self, source: Source, options: FileOptions, batch_rows: int = BATCH_ROWS, *, guess: bool = False
    ) -> None:
        """guess: find the header row by looking instead of taking the one in options."""
        super().__init__()
        self._source, self._batch_rows = source, batch_rows
        self._fault: FileError | None = None
        self._checked: bool | None = None
        self._survey: Survey = survey(source, options.encoding)
        self.encoding, self.total_bytes = self._survey.encoding, self._survey.size
        if self._survey.damaged:
            self.warnings.append(
                f"{self._survey.damaged:,} characters cannot be read as {self.encoding} and were replaced by \ufffd"
            )
        sample = self._sample()
        preamble, separator = declared_separator(sample)
        text = sample[preamble:]
        self.header_row = guess_header_row(text) if guess else options.header_row
        self._dialect = choose(text, options.delimiter or separator, self.header_row, source.where)
        self.delimiter = self._dialect.delimiter
        header, length, first = read_header(text, self._dialect, self.header_row, source.where)
        if first is not None and len(first) == len(header) + 1 and not first[-1]:
            header = [*header, ""]
        self.columns = column_names(list(header), source.where)
        self._skip = preamble + length
        if first is None and not self._any_rows():
            raise FileError(
                "there is a header but no row below it", where=source.where, todo="Export it again with its rows."
            )

    def _sample(self) -> str:
        """The beginning of the text, enough for the header and some rows."""
        parts: list[str] = []
        size = 0
        for text, _ in decoded(self._source, self._survey):
            parts.append(text)
            size += len(text)
            if size >= SAMPLE_BYTES:
                break
        return "".join(parts)

    def _any_rows(self) -> bool:
        return any(batch.table.num_rows or batch.bad for batch in self.batches())

    def batches(self) -> Iterator[Batch]:
        """All rows in batches of batch_rows; ragged ones in `bad`. Raises FileError when a quote is never closed."""
        bad: list[BadRow] = []  # Arrow reads ahead and appends to it from its own thread, so nothing is taken out
        taken = 0
        try:
            reader = self._reader(bad)
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            raise self._unreadable(error, 1) from None
        first, waiting, rows = 1, [], 0
        try:
            for piece in reader:
                waiting.append(piece)
                rows += piece.num_rows
                while rows >= self._batch_rows:
                    table = pa.Table.from_batches(waiting)
                    batch, first, used = self._batch(table.slice(0, self._batch_rows), first, bad[taken:])
                    taken += used
                    yield batch
                    rest = table.slice(self._batch_rows)
                    waiting, rows = rest.to_batches(), rest.num_rows
        except pa.ArrowInvalid as error:
            raise self._unreadable(error, first + rows + len(bad) - taken) from None
        table = pa.Table.from_batches(waiting, schema=reader.schema)
        batch, _, used = self._batch(table, first, bad[taken:])
        last = Batch(batch.first_row, batch.table, batch.row_numbers, batch.bad + bad[taken + used :])
        if last.table.num_rows or last.bad:
            yield last

    def _reader(self, bad: list[BadRow]) -> pyarrow.csv.CSVStreamingReader:
        stream = _Utf8(self._source, self._survey, self._skip, self._dialect.delimiter, self._moved)
        return pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False,
                block_size=max(self._source.limits.line_bytes, MEGABYTE),
                column_names=self.columns,
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=STAND_IN if len(self.delimiter.encode()) > 1 else self.delimiter,
                quote_char='"' if self._dialect.quoted else False,
                escape_char="\\" if self._dialect.escaped else False,
                newlines_in_values=self._dialect.quoted,
                ignore_empty_lines=True,
                invalid_row_handler=self._keep(bad),
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in self.columns}, null_values=[""], strings_can_be_null=True
            ),
        )

    def _keep(self, bad: list[BadRow]) -> Callable[[pyarrow.csv.InvalidRow], str]:
        """What to do with a row of the wrong width: keep it for the quarantine and go on."""

        def keep(row: pyarrow.csv.InvalidRow) -> str:
            text = row.text.replace(STAND_IN, self.delimiter)
            rule = f"{row.actual_columns} cells where the header has {row.expected_columns}"
            if self._dialect.quoted and text.count('"') % 2 and "\n" in text:
                lines = text.rstrip().count("\n")
                if lines > SWALLOWED:
                    # An exception would be lost between the threads; Arrow is told to stop and this one raised then.
                    self._fault = _open_quote(self._source.where, row.number, f" and swallows {lines:,} lines")
                    return "error"
                rule += f"; a quote is not closed and took in {lines} more lines"
            bad.append(BadRow(row.number, text, rule))
            return "skip"

        return keep

    def _batch(self, table: pa.Table, first: int, bad: list[BadRow]) -> tuple[Batch, int, int]:
        """The batch of table, the number of the row after it, and how many of the bad rows lie before that."""
        numbers, after = numbers_between(first, table.num_rows, bad)
        here = [row for row in bad if row.row < after]
        used = len(here)
        if self._dialect.quoted:
            table, numbers, swallowed = self._without_swallowed(table, numbers)
            here = sorted([*here, *swallowed], key=lambda row: row.row)
        table, numbers = without_empty_rows(table, numbers)
        return Batch(first, table, numbers, here), after, used

    def _without_swallowed(
        self, table: pa.Table, numbers: pa.Int64Array
    ) -> tuple[pa.Table, pa.Int64Array, list[BadRow]]:
        """Table without rows in which an open quote took in the rows below: lines inside one cell that are rows."""
        width = table.num_columns
        delimiter = STAND_IN if len(self.delimiter.encode()) > 1 else self.delimiter
        found: dict[int, int] = {}
        for column in table.columns if width > 1 else []:
            if (pc.max(pc.binary_length(column)).as_py() or 0) < 2 * width:
                continue
            suspects = pc.indices_nonzero(pc.fill_null(pc.match_substring(column, "\n"), False))
            for index in suspects.to_pylist():
                lines = column[index].as_py().split("\n")[1:]
                rows = sum(line.count(delimiter) == width - 1 for line in lines)
                if rows and rows >= 0.5 * len(lines):
                    found[index] = max(found.get(index, 0), rows)
        if not found or self._well_quoted():
            return table, numbers, []
        bad = []
        for index, rows in sorted(found.items()):
            row = numbers[index].as_py()
            if rows > SWALLOWED:
                raise _open_quote(self._source.where, row, f" and swallows {rows:,} rows")
            text = delimiter.join(cell or "" for cell in table.slice(index, 1).to_pylist()[0].values())
            bad.append(BadRow(row, text, f"a quote is not closed and took in {rows} more rows"))
        keep = np.ones(table.num_rows, dtype=bool)
        keep[list(found)] = False
        return table.filter(pa.array(keep)), numbers.filter(pa.array(keep)), bad

    def _well_quoted(self) -> bool:
        """Whether every quote that opens a cell is closed where the cell ends; asked once, since it reads the file."""
        if self._checked is None:
            csv.field_size_limit(max(csv.field_size_limit(), self._source.limits.line_bytes))
            try:
                deque(self._dialect.rows(_lines(decoded(self._source, self._survey)), strict=True), maxlen=0)
                self._checked = True
            except csv.Error:
                self._checked = False
        return self._checked

    def _moved(self, count: int) -> None:
        self._position = count

    def _unreadable(self, error: pa.ArrowInvalid, row: int) -> FileError:
        if self._fault is not None:
            return self._fault
        if "straddl" in str(error):
            size = self._source.limits.line_bytes / MEGABYTE
            return _open_quote(self._source.where, row, f" within {size:g} MB", "after row")
        return FileError(
            f"the rows cannot be read ({error})",
            where=f"{self._source.where}, after row {row:,}",
            todo="Export it again.",
        )


def _open_quote(where: str, row: int, what: str, near: str = "row") -> FileError:
    return FileError(
        f"a quote is not closed{what}",
        where=f"{where}, {near} {row:,}",
        todo="Close the quote in that row, or export with quotes inside cells doubled.",
    )


def _lines(pieces: Iterator[tuple[str, int]]) -> Iterator[str]:
    rest = ""
    for text, _ in pieces:
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            yield f"{line}\n"
    yield rest


class _Utf8(io.RawIOBase):
    """The text after the header as UTF-8 bytes, for Arrow to read."""

    def __init__(self, source: Source, found: Survey, skip: int, delimiter: str, moved: Callable[[int], None]) -> None:
        super().__init__()
        self._pieces = decoded(source, found)
        self._skip, self._delimiter, self._moved = skip, delimiter, moved
        self._wide = len(delimiter.encode()) > 1
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            text, count = piece
            self._moved(count)
            if self._skip:
                dropped = min(self._skip, len(text))
                text, self._skip = text[dropped:], self._skip - dropped
            if self._wide:
                text = text.replace(self._delimiter, STAND_IN)
            self._rest = text.encode("utf-8", "replace")
        if size < 0 or size >= len(self._rest):
            data, self._rest = self._rest, b""
        else:
            data, self._rest = self._rest[:size], self._rest[size:]
        return data
