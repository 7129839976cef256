"""The one entry for reading tickets: which reader a file needs, by what it holds and then by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

from data.errors import FileError
from etl.archives import Source, check_file, magic, members, refuse_packing
from etl.batches import BATCH_ROWS, BadRow, Batch, TicketFile
from etl.csvfiles import CsvFile
from etl.fileoptions import FileOptions, Limits

__all__ = ["BadRow", "Batch", "FileOptions", "Limits", "TicketFile", "open_tickets"]

TEXT = {".csv", ".tsv", ".txt", ".tab", ".dat"}


def open_tickets(
    path: Path, file: FileOptions | None = None, *, limits: Limits | None = None, batch_rows: int = BATCH_ROWS
) -> TicketFile:
    """Open a ticket file: columns at once, rows in batches.

    file: what the mapping says about the file; anything it leaves out is found by looking. Raises FileError.
    """
    check_file(path)
    options = file or FileOptions()
    source, kind = content(path, limits or Limits())
    if kind == "csv":
        return CsvFile(source, options, batch_rows)
    raise FileError(f"a {kind} file is not read", where=source.where, todo="Give a CSV file.")


def content(path: Path, limits: Limits) -> tuple[Source, str]:
    """The content of path, unpacked if it is packed, and its kind."""
    source = Source(path, limits=limits)
    shown = magic(source.head(4096))
    if shown == "gzip":
        source = Source(path, "gzip", limits=limits)
        shown = magic(source.head(4096))
    refuse_packing(shown, source.where)
    if shown == "zip":
        inside = [info.filename for info in members(path)]
        if "[Content_Types].xml" in inside:
            return source, "xlsx"
        tables = [name for name in inside if Path(name).suffix.lower() in TEXT]
        if len(tables) != 1:
            raise FileError(f"the zip holds {len(tables)} tables", where=path.name, todo="Give one of them.")
        return Source(path, "zip", tables[0], limits), "csv"
    if zipfile.is_zipfile(path):
        return source, "csv"
    return source, "csv"
