"""How the cells of a text table are told apart, found by trying each way on the first rows.

The header decides: of the ways that split it, the one under which most rows below have as many cells. Decimal
commas and commas in texts then do not matter, since the header has none.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from data.errors import FileError
from etl.fileoptions import MEGABYTE

DELIMITERS = (",", ";", "\t", "|", "；")
NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", "；": "a full-width semicolon"}
SAMPLE_BYTES = 2 * MEGABYTE
SAMPLE_ROWS = 200


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart: by which character, in quotes or not, with backslashes before quotes or not."""

    delimiter: str
    quoted: bool = True
    escaped: bool = False

    def rows(self, lines: Iterator[str], *, strict: bool = False) -> Iterator[list[str]]:
        """The records of lines, as Python's csv reads them; csv.Error for a quote out of place when strict."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            escapechar="\\" if self.escaped else None,
            doublequote=not self.escaped,
            strict=strict,
        )


def declared_separator(sample: str) -> tuple[int, str | None]:
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
        if fit.width > 1 and fit.share >= 0.8 and fit.agreed:
            cells = next((cells for number, cells in enumerate(dialect.rows(_lines(text)), 1) if number >= row), [])
            if sum(bool(cell.strip()) for cell in cells) >= 0.6 * len(cells):
                return row
    return 1


def _lines(text: str) -> Iterator[str]:
    """Physical lines with their ends; "\n", "\r\n" and a lone "\r" all end one."""
    return iter(io.StringIO(text, newline=""))


def read_header(text: str, dialect: Dialect, header_row: int, where: str) -> tuple[list[str], int, list[str] | None]:
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
    agreed: float = 0.0  # of sampled rows that have the usual number; 0 when there is no row


def _fit(text: str, dialect: Dialect, header_row: int) -> _Fit:
    """How well the sampled rows agree with the header under a dialect."""
    end = max(text.rfind("\n"), text.rfind("\r"))
    whole = text if len(text) < SAMPLE_BYTES or end < 0 else text[: end + 1]
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
