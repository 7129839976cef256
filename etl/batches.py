"""What every ticket reader hands on: batches of rows, the rows it could not take, and where it stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import FileError

BATCH_ROWS = 100_000
PIECE_ROWS = 10_000  # rows held as Python objects at a time, where a library gives nothing better


@dataclass(frozen=True)
class BadRow:
    """A row that is no row of this table: its number, what it says, and the rule it breaks."""

    row: int
    text: str
    rule: str


@dataclass(frozen=True)
class Batch:
    """Consecutive data rows, numbered from 1 without the header.

    `table` holds the good ones and `row_numbers` (int64) the number of each; numbers missing there are in `bad`
    or were empty from end to end. Missing cells are None.
    """

    first_row: int
    table: pa.Table
    row_numbers: pa.Int64Array
    bad: list[BadRow] = field(default_factory=list)


class TicketFile(ABC):
    """An open ticket file: its columns are known, its rows come in batches, as often as asked for.

    `total_bytes` and `position()` are in the same unit (unpacked bytes, or a share of them where a library reads
    the file by itself), so their quotient is the progress. `warnings` names what was read but is not quite right.
    """

    kind: str = ""
    columns: list[str]
    encoding: str = ""
    delimiter: str = ""
    total_bytes: int = 0
    warnings: list[str]

    def __init__(self) -> None:
        self.columns, self.warnings, self._position = [], [], 0

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """All rows from the first one on."""

    def position(self) -> int:
        """How far the current round of batches has come, out of total_bytes."""
        return min(self._position, self.total_bytes)

    def __iter__(self) -> Iterator[Batch]:
        return self.batches()


def column_names(header: list[str | None], where: str) -> list[str]:
    """The header as names: stripped, empty ones called column_N, repeated ones numbered from _2."""
    stripped = [" ".join((name or "").replace("\ufeff", "").split()) for name in header]
    if not any(stripped):
        raise FileError(
            "the header row is empty", where=where, todo="Set header_row in [file] to the row with the column names."
        )
    taken = set(stripped)
    names: list[str] = []
    for number, name in enumerate(stripped, 1):
        unique = name or f"column_{number}"
        counter = 2
        while unique in names or (unique != name and unique in taken):
            unique, counter = f"{name or f'column_{number}'}_{counter}", counter + 1
        names.append(unique)
    return names


def without_empty_rows(table: pa.Table, numbers: pa.Int64Array) -> tuple[pa.Table, pa.Int64Array]:
    """Table and numbers without rows that are null in every column (spreadsheets trail thousands of them)."""
    empty = np.ones(table.num_rows, dtype=bool)
    for column in table.columns:
        if not empty.any():
            return table, numbers
        if column.null_count == 0:
            return table, numbers
        empty &= pc.is_null(column).to_numpy(zero_copy_only=False)
    if not empty.any():
        return table, numbers
    keep = pa.array(~empty)
    return table.filter(keep), numbers.filter(keep)


def numbers_between(first: int, count: int, bad: list[BadRow]) -> tuple[pa.Int64Array, int]:
    """The numbers of `count` good rows from `first` on, stepping over the bad ones, and the number after them.

    bad is in order of row and may reach beyond these rows.
    """
    taken = [row.row for row in bad if row.row >= first]
    passed = 0
    while passed < len(taken) and taken[passed] < first + count + passed:
        passed += 1
    last = first + count + passed
    numbers = np.arange(first, last, dtype=np.int64)
    if passed:
        numbers = numbers[~np.isin(numbers, np.array(taken[:passed], dtype=np.int64))]
    return pa.array(numbers), last
