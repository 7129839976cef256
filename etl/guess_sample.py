"""What a guess looks at: the rows of the file, column by column, with empty cells told apart.

A file up to `whole_bytes` is read whole, so that ids are checked and rare status words seen over all rows; of a larger
one only the beginning. Everything slow works on a sample: the first rows and a spread over the rest.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import FileError
from etl.fileoptions import NULL_MARKERS, FileOptions, Limits
from etl.readers import open_tickets, sniff
from etl.vocabulary import load

WHOLE_BYTES = 200 * 1024 * 1024


@dataclass
class Column:
    """One column. `cells`: sampled values, stripped, empty ones null; `whole`: every row read, likewise."""

    name: str
    cells: pa.Array
    whole: pa.Array
    markers: dict[str, int] = field(default_factory=dict)  # what was taken for empty, and how often

    @cached_property
    def typed(self) -> bool:
        """Whether the file itself knows the type (Parquet, spreadsheet dates); text otherwise."""
        return not pa.types.is_string(self.whole.type)

    @cached_property
    def text(self) -> pa.Array:
        """The sampled cells as text."""
        return self.cells.cast(pa.string()) if self.typed else self.cells

    @cached_property
    def values(self) -> list[str]:
        """The sampled cells that hold something."""
        return [value for value in self.text.to_pylist() if value is not None]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Distinct values over every row read, most frequent first, as text."""
        found = self.whole.drop_null().value_counts()
        pairs = zip(found.field("values").cast(pa.string()).to_pylist(), found.field("counts").to_pylist(), strict=True)
        return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))

    @cached_property
    def distinct(self) -> int:
        """Number of distinct values over every row read."""
        return int(pc.count_distinct(self.whole, mode="only_valid").as_py())

    @cached_property
    def filled(self) -> int:
        """Number of rows that hold something."""
        return len(self.whole) - int(self.whole.null_count)

    @cached_property
    def null_share(self) -> float:
        """Share of rows that hold nothing."""
        return 1 - self.filled / len(self.whole) if len(self.whole) else 1.0

    @cached_property
    def length(self) -> float:
        """Mean length of the sampled texts."""
        return sum(map(len, self.values)) / len(self.values) if self.values else 0.0


@dataclass
class Sample:
    """A file's columns and how it was opened."""

    path: Path
    columns: dict[str, Column]
    rows: int  # rows read
    whole: bool  # whether these are all
    file: FileOptions
    encoding: str
    delimiter: str
    kind: str
    warnings: list[str]


def read_sample(
    path: Path, *, rows: int = 5000, file: FileOptions | None = None, whole_bytes: int = WHOLE_BYTES
) -> Sample:
    """Read the file for a guess. Raises FileError when it cannot be opened or holds no rows."""
    limits = Limits(allow_parquet=True)
    options = file or sniff(path, limits=limits)
    source = open_tickets(path, options, limits=limits)
    tables: list[pa.Table] = []
    held, whole = 0, True
    for batch in source.batches():
        tables.append(batch.table)
        held += batch.table.nbytes
        if held > whole_bytes:
            whole = False
            break
    table = pa.concat_tables(tables) if tables else None
    if table is None or not table.num_rows:
        raise FileError("the file has a header but no rows", where=path.name, todo="Give an export with tickets in it.")
    columns = columns_of(table, rows)
    return Sample(
        path, columns, table.num_rows, whole, options, source.encoding, source.delimiter, source.kind, source.warnings
    )


def columns_of(table: pa.Table, rows: int = 5000) -> dict[str, Column]:
    """The columns of a table, by name."""
    picked = _spread(table.num_rows, rows)
    return {name: _column(name, table.column(name), picked) for name in table.column_names}


def _spread(total: int, rows: int) -> pa.Array:
    """Row positions: the first `rows`, then as many again evenly over the rest."""
    if total <= 2 * rows:
        return pa.array(np.arange(total))
    return pa.array(np.unique(np.concatenate([np.arange(rows), np.linspace(rows, total - 1, rows).astype(np.int64)])))


def _column(name: str, chunks: pa.ChunkedArray, picked: pa.Array) -> Column:
    array = chunks.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_large_string(array.type):
        array = array.cast(pa.string())
    markers: dict[str, int] = {}
    if pa.types.is_string(array.type):
        array = pc.utf8_trim_whitespace(array)
        markers = _markers(array)
        array = pc.if_else(pc.is_in(array, pa.array(["", *markers])), None, array)
    elif not (pa.types.is_temporal(array.type) or _is_number(array.type)):
        with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
            array = array.cast(pa.string())
    return Column(name, array.take(picked), array, markers)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _markers(array: pa.Array) -> dict[str, int]:
    """Cells that mean "nothing here", with counts. 无 and its like only where other values are dates or the like:
    in a column of yes and no they are an answer."""
    empty = load("vocabulary_values")["empty"]
    sure, likely = {*empty["sure"], *NULL_MARKERS} - {""}, set(empty["likely"])
    found = array.drop_null().value_counts()
    counts = dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))
    seen = {value: count for value, count in counts.items() if value in sure}
    rest = len(counts) - len(seen)
    return seen | {value: count for value, count in counts.items() if value in likely and rest > 12}
