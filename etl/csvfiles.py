"""Delimited text: the header read here, the rows by Arrow's parser, which takes 20 columns at about a million rows
in seconds and hands back what does not fit.

Arrow numbers the rows it refuses only when it reads with one thread, so it does.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from data.errors import FileError
from etl.archives import Source
from etl.batches import BATCH_ROWS, BadRow, Batch, TicketFile, column_names, numbers_between, without_empty_rows
from etl.encodings import Survey, decoded, survey
from etl.fileoptions import MEGABYTE, FileOptions

DELIMITERS = (",", ";", "\t", "|", "；")
NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", "；": "a full-width semicolon"}
SAMPLE_ROWS = 200
# Arrow wants one byte: a wider delimiter is replaced on the way by one no text holds.
STAND_IN = "\x1f"
SWALLOWED = 20


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart: by which character, in quotes or not, with backslashes before quotes or not."""

    delimiter: str
    quoted: bool = True
    escaped: bool = False

    def rows(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """The records of lines, as Python's csv reads them."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            escapechar="\\" if self.escaped else None,
            doublequote=not self.escaped,
        )


class CsvFile(TicketFile):
    """A delimited text file; see TicketFile."""

    kind = "csv"

    def __init__(
        self, source: Source, options: FileOptions, batch_rows: int = BATCH_ROWS, *, guess: bool = False
    ) -> None:
        """guess: find the header row by looking instead of taking the one in options."""
        super().__init__()
        self._source, self._batch_rows = source, batch_rows
        self._survey: Survey = survey(source, options.encoding)
        self.encoding, self.total_bytes = self._survey.encoding, self._survey.size
        if self._survey.damaged:
            self.warnings.append(
                f"{self._survey.damaged:,} characters cannot be read as {self.encoding} and were replaced by \ufffd"
            )
        sample = self._sample()
        preamble, separator = _declared_separator(sample)
        text = sample[preamble:]
        self.header_row = guess_header_row(text) if guess else options.header_row
        self._dialect = choose(text, options.delimiter or separator, self.header_row, source.where)
        self.delimiter = self._dialect.delimiter
        header, length, first = _header(text, self._dialect, self.header_row, source.where)
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
            if size >= 2 * MEGABYTE:
                break
        return "".join(parts)

    def _any_rows(self) -> bool:
        return any(batch.table.num_rows or batch.bad for batch in self.batches())

    def batches(self) -> Iterator[Batch]:
        """All rows in batches of batch_rows; ragged ones in `bad`. Raises FileError when a quote is never closed."""
        bad: list[BadRow] = []
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
                    batch, first, bad[:] = self._batch(table.slice(0, self._batch_rows), first, bad)
                    yield batch
                    rest = table.slice(self._batch_rows)
                    waiting, rows = rest.to_batches(), rest.num_rows
        except pa.ArrowInvalid as error:
            raise self._unreadable(error, first + rows + len(bad)) from None
        table = pa.Table.from_batches(waiting, schema=reader.schema)
        batch, _, later = self._batch(table, first, bad)
        if batch.table.num_rows or batch.bad or later:
            yield Batch(batch.first_row, batch.table, batch.row_numbers, batch.bad + later)

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
                    raise _open_quote(self._source.where, row.number, f" and swallows {lines:,} lines")
                rule += f"; a quote is not closed and took in {lines} more lines"
            bad.append(BadRow(row.number, text, rule))
            return "skip"

        return keep

    def _batch(self, table: pa.Table, first: int, bad: list[BadRow]) -> tuple[Batch, int, list[BadRow]]:
        """The batch of table, the number of the row after it, and the bad rows that lie beyond it."""
        numbers, after = numbers_between(first, table.num_rows, bad)
        here, later = [row for row in bad if row.row < after], [row for row in bad if row.row >= after]
        if self._dialect.quoted:
            table, numbers, swallowed = self._without_swallowed(table, numbers)
            here = sorted([*here, *swallowed], key=lambda row: row.row)
        table, numbers = without_empty_rows(table, numbers)
        return Batch(first, table, numbers, here), after, later

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
        if not found:
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

    def _moved(self, count: int) -> None:
        self._position = count

    def _unreadable(self, error: pa.ArrowInvalid, row: int) -> FileError:
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


def _declared_separator(sample: str) -> tuple[int, str | None]:
    """Length of a first line `sep=;`, which Excel writes and reads, and its delimiter."""
    line, end, _ = sample.partition("\n")
    if line.lower().startswith("sep=") and len(line.rstrip("\r")) == 5:
        return len(line) + len(end), line[4]
    return 0, None


def guess_header_row(text: str) -> int:
    """The first of the first ten rows that looks like column names: as wide as the rows below it and mostly filled."""
    for row in range(1, 11):
        fits = [(_fit(text, dialect, row), dialect) for dialect in _dialects()]
        fit, dialect = max(fits, key=lambda item: (item[0].width > 1, item[0].share, item[0].width))
        if fit.width > 1 and fit.share >= 0.8:
            cells = next((cells for number, cells in enumerate(dialect.rows(_lines(text)), 1) if number >= row), [])
            if sum(bool(cell.strip()) for cell in cells) >= 0.6 * len(cells):
                return row
    return 1


def _lines(text: str) -> Iterator[str]:
    """Physical lines with their ends; "\n", "\r\n" and a lone "\r" all end one."""
    return iter(io.StringIO(text, newline=""))


def _header(text: str, dialect: Dialect, header_row: int, where: str) -> tuple[list[str], int, list[str] | None]:
    """The header's cells, the length of the text up to its end, and the first data row if there is one.

    header_row counts as a person sees it in an editor, blank lines included; a blank one there means the next that
    is not blank.
    """
    length = 0

    def counted() -> Iterator[str]:
        nonlocal length
        for line in _lines(text):
            length += len(line)
            yield line

    rows = dialect.rows(counted())
    header: list[str] | None = None
    upto = 0
    try:
        for number, row in enumerate(rows, 1):
            if header is not None and any(row):
                return header, upto, row
            if header is None and number >= header_row and any(cell.strip() for cell in row):
                header, upto = row, length
    except csv.Error as error:
        raise FileError(
            f"the header cannot be read ({error})", where=where, todo="Check quotes in the first rows."
        ) from None
    if header is None:
        raise FileError(
            "there is no header row" if header_row == 1 else f"there is no header row at row {header_row}",
            where=where,
            todo="Check header_row in [file], or export the file again with column names.",
        )
    return header, upto, None


def choose(text: str, given: str | None, header_row: int, where: str) -> Dialect:
    """The dialect under which most rows have the header's number of cells.

    given: the delimiter a mapping or the file itself names; it is taken unless the header does not split by it but
    does by another, which is an error rather than one wide column. A title above the column names is an error too.
    """
    fits = [(_fit(text, dialect, header_row), -order, dialect) for order, dialect in enumerate(_dialects())]
    fit, _, best = max(
        fits, key=lambda item: (item[0].width > 1, round(item[0].share, 2), item[0].width, item[0].usual, item[1])
    )
    if given is not None:
        own = [(one, order, dialect) for one, order, dialect in fits if dialect.delimiter == given]
        own = own or [(_fit(text, Dialect(given), header_row), 0, Dialect(given))]
        if max(one.width for one, _, _ in own) <= 1 < fit.width:
            raise FileError(
                f"with {_named(given)} as delimiter the header is one column; "
                f"with {_named(best.delimiter)} it is {fit.width}",
                where=where,
                todo=f"Set delimiter = {_toml(best.delimiter)} in [file], or leave it out.",
            )
        fit, _, best = max(own, key=lambda item: (round(item[0].share, 2), item[1]))
    below = max((one for one, _, _ in fits), key=lambda one: (one.agreed >= 0.9, one.usual)) if fit.width <= 1 else fit
    if below.agreed >= 0.9 and below.usual > 1 and (fit.width <= 1 or fit.share == 0):
        raise FileError(
            f"row {header_row} has {fit.width} cells but the rows below have {below.usual}",
            where=where,
            todo="If there is a title above the column names, set header_row in [file] to the row with the names.",
        )
    return best


def _named(delimiter: str) -> str:
    return NAMES.get(delimiter, repr(delimiter))


def _toml(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'


def _dialects() -> list[Dialect]:
    plain = [Dialect(delimiter) for delimiter in DELIMITERS]
    return [
        *plain,
        *(Dialect(delimiter, escaped=True) for delimiter in DELIMITERS[:4]),
        *(Dialect(delimiter, quoted=False) for delimiter in DELIMITERS[:4]),
    ]


@dataclass(frozen=True)
class _Fit:
    width: int  # cells of the header
    usual: int  # cells most sampled rows have
    share: float  # of sampled rows that have as many as the header
    agreed: float = 0.0  # of sampled rows that have the usual number


def _fit(text: str, dialect: Dialect, header_row: int) -> _Fit:
    """How well the sampled rows agree with the header under a dialect."""
    end = max(text.rfind("\n"), text.rfind("\r"))
    whole = text if len(text) < 2 * MEGABYTE or end < 0 else text[: end + 1]
    sampled: list[list[str]] = []
    try:
        for number, row in enumerate(dialect.rows(_lines(whole)), 1):
            if number >= header_row and any(cell.strip() for cell in row):
                sampled.append(row)
            if len(sampled) > SAMPLE_ROWS:
                break
    except csv.Error:
        return _Fit(0, 0, 0.0)
    if not sampled:
        return _Fit(0, 0, 0.0)
    header, rows = len(sampled[0]), sampled[1:]
    if not rows:
        return _Fit(header, header, 1.0)
    usual, times = Counter(map(len, rows)).most_common(1)[0]
    # A delimiter at the end of every row but the header's makes one more, empty cell.
    trailing = usual == header + 1 and all(not row[-1] for row in rows)
    wanted = usual if trailing else header
    return _Fit(header, usual, sum(len(row) == wanted for row in rows) / len(rows), times / len(rows))
