"""Where the bytes of a file come from: plain, gzip, or one member of a zip.

What a packed file claims about its own size is never believed: bytes are counted as they come out,
and reading stops at the limit. A member's name is only ever compared, never used as a path to write to,
and names that would leave the folder are refused all the same, since a file that holds them was made
to do harm.
"""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from data.errors import FileError
from etl.fileoptions import MEGABYTE, Limits

CHUNK = 1 << 20
MEMBERS = 10_000
SPOOL = 64 * MEGABYTE

# The first bytes of a file say what it is, whatever its name says.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF", "pdf"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"FlatGeobuf", "fgb"),
    (b"fgb\x03", "fgb"),
)
_PACKED_OTHERWISE = {"7z": "7-Zip", "rar": "RAR", "bzip2": "bzip2", "xz": "xz", "zstd": "Zstandard"}


def magic(head: bytes) -> str:
    """What the first bytes show: a name such as "gzip", "zip", "parquet", "html", "vrt", "xml"; "" for other content."""
    for start, name in _MAGIC:
        if head.startswith(start):
            return name
    text = head[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if not text.startswith(b"<"):
        return ""
    if b"<ogrvrtdatasource" in text or b"<vrtdataset" in text:
        return "vrt"
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body")) or b"<html" in text:
        return "html"
    return "xml" if text.startswith((b"<?xml", b"<!")) else ""


def refuse_packing(kind: str, where: str) -> None:
    """Raise for a packing that is known but not read."""
    if kind in _PACKED_OTHERWISE:
        raise FileError(
            f"the file is packed with {_PACKED_OTHERWISE[kind]}, which is not read",
            where=where,
            todo="Unpack it and give the file inside, or pack it as .gz or .zip.",
        )


class Stream(io.RawIOBase):
    """Bytes read once from front to back; `count` is how many came out so far."""

    def __init__(self, inner: IO[bytes], where: str, limit: int | None, also_close: tuple[IO[bytes], ...] = ()) -> None:
        super().__init__()
        self._inner, self._where, self._limit, self._also_close = inner, where, limit, also_close
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises FileError when the packing is damaged or the limit is passed."""
        wanted = CHUNK if size is None or size < 0 else size
        try:
            data = self._inner.read(wanted)
        except EOFError:
            raise FileError(
                f"the packed file is cut off after {self.count:,} unpacked bytes",
                where=self._where,
                todo="Fetch or export it again.",
            ) from None
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise FileError(
                f"the packed file cannot be unpacked ({error})", where=self._where, todo="Fetch or export it again."
            ) from None
        self.count += len(data)
        if self._limit is not None and self.count > self._limit:
            raise too_large(self._where, self._limit)
        return data

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer)).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            for other in self._also_close:
                other.close()
        super().close()


def too_large(where: str, limit: int) -> FileError:
    """The error for content that unpacks past the limit."""
    return FileError(
        f"the file unpacks to more than {limit / MEGABYTE:,g} MB",
        where=where,
        todo="If that is expected, raise JINGWEI_UNPACKED_MEGABYTES; otherwise do not trust this file.",
    )


@dataclass(frozen=True)
class Source:
    """One readable content: a plain file, what a gzip file holds, or one member of a zip."""

    path: Path
    packing: str = "plain"  # plain, gzip or zip
    member: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def where(self) -> str:
        """How errors name this content."""
        return f"{self.path.name} › {self.member}" if self.member else self.path.name

    @property
    def name(self) -> str:
        """The name that carries the suffix of the content itself."""
        if self.member:
            return PurePosixPath(self.member.replace("\\", "/")).name
        return (
            self.path.stem
            if self.packing == "gzip" and self.path.suffix.lower() in (".gz", ".gzip")
            else self.path.name
        )

    @property
    def suffix(self) -> str:
        """Suffix of the content in lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    def open(self) -> Stream:
        """A fresh stream over the content."""
        limit = self.limits.unpacked_bytes
        if self.packing == "gzip":
            raw = self.path.open("rb")
            return Stream(cast(IO[bytes], gzip.GzipFile(fileobj=raw)), self.where, limit, (raw,))
        if self.packing == "zip":
            try:
                archive = zipfile.ZipFile(self.path)
                member = archive.open(self.member)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError) as error:
                raise FileError(
                    f"the zip cannot be unpacked ({error})", where=self.where, todo="Pack it again."
                ) from None
            return Stream(member, self.where, limit, (cast(IO[bytes], archive),))
        return Stream(self.path.open("rb", buffering=0), self.where, None)

    def head(self, size: int = 1 << 16) -> bytes:
        """The first bytes of the content."""
        parts: list[bytes] = []
        with self.open() as stream:
            while size > 0 and (data := stream.read(size)):
                parts.append(data)
                size -= len(data)
        return b"".join(parts)

    def seekable(self) -> BinaryIO:
        """The content as a file that can be read in any order; packed content is unpacked beside the limit first."""
        if self.packing == "plain":
            return self.path.open("rb")
        spool = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115  (handed to the caller, who closes it)
        with self.open() as stream:
            while data := stream.read(CHUNK):
                spool.write(data)
        spool.seek(0)
        return cast(BinaryIO, spool)


def check_file(path: Path) -> None:
    """Raise FileError unless path is a file with something in it."""
    if not path.exists():
        raise FileError("there is no such file", where=str(path), todo="Check the name and the folder.")
    if not path.is_file():
        raise FileError("this is not a file", where=str(path), todo="Give one file, not a folder.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise FileError(
            f"the file cannot be opened ({error.strerror})", where=path.name, todo="Check its rights."
        ) from None
    if empty:
        raise FileError("the file is empty", where=path.name, todo="Export it again; nothing was written to it.")


def members(path: Path) -> list[zipfile.ZipInfo]:
    """The files in a zip, without folders and what macOS adds; raises FileError for a zip that cannot be trusted."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise FileError(f"the zip is damaged ({error})", where=path.name, todo="Fetch or pack it again.") from None
    if len(infos) > MEMBERS:
        raise FileError(
            f"the zip holds {len(infos):,} files, more than {MEMBERS:,}",
            where=path.name,
            todo="Pack only what is to be imported.",
        )
    files = [info for info in infos if not info.is_dir()]
    for info in files:
        _check_member(path, info)
    return [info for info in files if not _is_clutter(info.filename)]


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if ".." in parts or info.filename.startswith(("/", "\\")) or (parts and parts[0].endswith(":")):
        raise FileError(
            f"the zip holds a file name that leaves its folder: {info.filename!r}",
            where=path.name,
            todo="Do not trust this file; ask its sender for another.",
        )
    if info.flag_bits & 0x1:
        raise FileError(
            f"{info.filename!r} in the zip is locked with a password",
            where=path.name,
            todo="Pack it without a password.",
        )


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[0] == "__MACOSX" or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


def count_unpacked(path: Path | BinaryIO, where: str, limit: int) -> None:
    """Unpack every member of a zip to nowhere; raises FileError when their sum passes the limit.

    For formats whose library unpacks by itself (a workbook): it is only handed the file after this.
    """
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    while data := member.read(CHUNK):
                        total += len(data)
                        if total > limit:
                            raise too_large(where, limit)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileError(f"the file is damaged ({error})", where=where, todo="Fetch or save it again.") from None
