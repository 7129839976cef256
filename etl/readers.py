"""The one entry for reading tickets: which reader a file needs, by what it holds and then by its name.

Names lie more often than contents do (a workbook saved as .csv, a web page as .xls), so the first bytes decide
where they can, and an error says what the file really is.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from data.errors import FileError
from etl.archives import Source, check_file, magic, members, refuse_packing
from etl.batches import BATCH_ROWS, BadRow, Batch, TicketFile
from etl.csvfiles import CsvFile
from etl.fileoptions import FileOptions, Limits
from etl.parquets import ParquetFile
from etl.records import JsonFile, NdjsonFile
from etl.workbooks import WorkbookFile

__all__ = ["BadRow", "Batch", "FileOptions", "Limits", "TicketFile", "open_tickets", "sniff"]

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".dat": "csv",
    ".xls": "csv",  # a workbook is known by its first bytes; what is left under this name is text with tabs
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xlsb": "xlsx",
    ".ods": "xlsx",
    ".json": "json",
    ".geojson": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".geojsonl": "ndjson",
    ".parquet": "parquet",
}
READ = "CSV (also .gz or .zip), XLSX, JSON, NDJSON or GeoJSON"
_FOREIGN = {
    "html": (
        "a web page (HTML), whatever its name says",
        "Open it in a spreadsheet program and save it as XLSX or CSV.",
    ),
    "xml": ("XML, which is not read as tickets", f"Export it as {READ}."),
    "vrt": ("a GDAL virtual file (VRT), which points at other files", "Give the data file itself."),
    "pdf": ("a PDF", f"Export the table as {READ}."),
    "sqlite": ("a GeoPackage or SQLite database", "Import it with `import places`, or export its tickets as CSV."),
    "shp": ("a shapefile", "Import it with `import places`, or export its tickets as CSV."),
    "fgb": ("a FlatGeobuf file", "Export it as GeoJSON or CSV."),
}


def open_tickets(
    path: Path, file: FileOptions | None = None, *, limits: Limits | None = None, batch_rows: int = BATCH_ROWS
) -> TicketFile:
    """Open a ticket file: its columns are known at once, its rows come in batches.

    file: what the mapping says about the file; anything it leaves out is found by looking. Raises FileError for
    whatever is wrong with the file as a whole.
    """
    return _open(path, file or FileOptions(), limits or Limits(), batch_rows, guess=False)


def sniff(path: Path, *, limits: Limits | None = None) -> FileOptions:
    """What a mapping would have to say about this file: encoding, delimiter, sheet, records, header row."""
    file = _open(path, FileOptions(), limits or Limits(), BATCH_ROWS, guess=True)
    if isinstance(file, CsvFile):
        return FileOptions(encoding=file.encoding, delimiter=file.delimiter, header_row=file.header_row)
    if isinstance(file, WorkbookFile):
        return FileOptions(sheet=file.sheet, header_row=file.header_row)
    if isinstance(file, JsonFile):
        return FileOptions(encoding=file.encoding, records=file.records or None)
    return FileOptions(encoding=file.encoding or None)


def _open(path: Path, options: FileOptions, limits: Limits, batch_rows: int, *, guess: bool) -> TicketFile:
    check_file(path)
    source, kind = content(path, limits)
    if kind == "csv":
        return CsvFile(source, options, batch_rows, guess=guess)
    if kind == "xlsx":
        return WorkbookFile(source, options, batch_rows, guess=guess)
    if kind == "parquet":
        return ParquetFile(source, batch_rows)
    if kind == "ndjson":
        return NdjsonFile(source, options, batch_rows)
    return JsonFile(source, options, batch_rows, guess=guess)


def content(path: Path, limits: Limits) -> tuple[Source, str]:
    """The content of path, unpacked if it is packed, and its kind: csv, xlsx, json, ndjson or parquet."""
    source = Source(path, limits=limits)
    shown = magic(source.head(4096))
    if shown == "gzip":
        source = Source(path, "gzip", limits=limits)
        shown = magic(source.head(4096))
    elif shown == "zip" and not _workbook(path):
        source = Source(path, "zip", _only_table(path), limits)
        shown = magic(source.head(4096))
    refuse_packing(shown, source.where)
    if shown == "gzip" or (shown == "zip" and source.packing == "zip" and source.suffix == ".zip"):
        raise FileError("the file is packed twice", where=source.where, todo="Unpack it once and give the file inside.")
    if shown in _FOREIGN:
        what, todo = _FOREIGN[shown]
        raise FileError(f"the file is {what}", where=source.where, todo=todo)
    if not source.head(1):
        raise FileError("the file is empty", where=source.where, todo="Export it again; nothing was packed.")
    return source, _kind(source, shown)


def _kind(source: Source, shown: str) -> str:
    """The kind of a content whose first bytes show `shown`."""
    if shown in ("zip", "ole"):
        return "xlsx"
    if shown == "parquet":
        return "parquet"
    named = SUFFIXES.get(source.suffix)
    if named is None and source.suffix:
        raise FileError(f"{source.suffix} files are not read as tickets", where=source.where, todo=f"Give {READ}.")
    if named in ("xlsx", "parquet"):
        raise FileError(
            f"the name ends in {source.suffix} but the content is something else, or damaged",
            where=source.where,
            todo="Save it again, or give it the ending it should have.",
        )
    if named == "json":
        return "ndjson" if _one_a_line(source) else "json"
    return named or "csv"


def _one_a_line(source: Source) -> bool:
    """Whether the text is one object a line: a first line that is whole, and another object after it."""
    first, _, rest = source.head().replace(b"\x00", b"").partition(b"\n")
    return first.strip().endswith(b"}") and rest.lstrip().startswith(b"{")


def _workbook(path: Path) -> bool:
    """Whether a zip is a spreadsheet; raises FileError for other office documents."""
    names = [info.filename for info in members(path)]
    if "[Content_Types].xml" in names:
        if any(name.startswith("xl/") for name in names):
            return True
        raise FileError("the file is an office document without a table", where=path.name, todo=f"Give {READ}.")
    return "mimetype" in names and "content.xml" in names


def _only_table(path: Path) -> str:
    """The one member of a zip that can hold tickets. Raises FileError when there is none or more than one."""
    names = [info.filename for info in members(path)]
    tables = [name for name in names if PurePosixPath(name).suffix.lower() in SUFFIXES]
    if len(tables) == 1:
        return tables[0]
    if any(name.lower().endswith(".shp") for name in names):
        raise FileError("the zip holds a shapefile", where=path.name, todo="Import it with `import places`.")
    listed = ", ".join(sorted(tables or names)[:8]) or "nothing"
    raise FileError(
        f"the zip holds {len(tables)} tables where one is expected: {listed}"
        if tables
        else f"the zip holds no table: {listed}",
        where=path.name,
        todo="Pack one file, or unpack it and import them one by one.",
    )
