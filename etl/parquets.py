"""Parquet, for the command line only: a file that describes its own memory needs is taken from people with a shell.

Times and dates keep their type, since text would lose their zone; everything else becomes text like any other file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from data.errors import FileError
from etl.archives import Source
from etl.batches import BATCH_ROWS, Batch, TicketFile, column_names, without_empty_rows


class ParquetFile(TicketFile):
    """A Parquet file; see TicketFile. Progress is counted in rows."""

    kind = "parquet"

    def __init__(self, source: Source, batch_rows: int = BATCH_ROWS) -> None:
        super().__init__()
        if not source.limits.allow_parquet:
            raise FileError(
                "Parquet is read from the command line only",
                where=source.where,
                todo="Use `python app.py import tickets`, or save the file as CSV.",
            )
        self._source, self._batch_rows = source, batch_rows
        with self._open() as file:
            self.columns = column_names(list(file.schema_arrow.names), source.where)
            self.total_bytes = file.metadata.num_rows
        if not self.total_bytes:
            raise FileError("there are columns but no row", where=source.where, todo="Export it again with its rows.")

    @contextmanager
    def _open(self) -> Iterator[pyarrow.parquet.ParquetFile]:
        """The file for reading; whatever the library finds wrong with it is a FileError."""
        try:
            with self._source.seekable() as raw, pyarrow.parquet.ParquetFile(raw) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            raise FileError(
                f"the Parquet file is damaged ({error})", where=self._source.where, todo="Fetch or export it again."
            ) from None

    def batches(self) -> Iterator[Batch]:
        """All rows in batches of at most batch_rows."""
        first = 1
        with self._open() as file:
            for piece in file.iter_batches(self._batch_rows):
                table = pa.table([as_text(column) for column in piece.columns], names=self.columns)
                numbers = pa.array(range(first, first + table.num_rows), pa.int64())
                self._position = first + table.num_rows - 1
                table, numbers = without_empty_rows(table, numbers)
                yield Batch(first, table, numbers)
                first += piece.num_rows


def as_text(column: pa.Array) -> pa.Array:
    """A column as text; times and dates as they are, whole floats without their ".0", lists and structs as JSON."""
    kind = column.type
    if isinstance(column, pa.DictionaryArray):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_string(kind):
        return column
    if pa.types.is_nested(kind):
        texts = [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        ]
        return pa.array(texts, pa.string())
    if pa.types.is_floating(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0$", "")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pc.binary_join_element_wise(column, pa.scalar(b""), pa.scalar(b"")).cast(pa.string(), safe=False)
    return column.cast(pa.string())
