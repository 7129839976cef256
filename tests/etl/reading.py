"""What the tests of the readers share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.errors import FileError
from etl.readers import BadRow, FileOptions, Limits, TicketFile, open_tickets


def write(folder: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(file: TicketFile) -> list[list[Any]]:
    return [list(row.values()) for batch in file for row in batch.table.to_pylist()]


def numbers(file: TicketFile) -> list[int]:
    return [number for batch in file for number in batch.row_numbers.to_pylist()]


def bad(file: TicketFile) -> list[BadRow]:
    return [row for batch in file for row in batch.bad]


def refused(path: Path, options: FileOptions | None = None, limits: Limits | None = None) -> tuple[str, str]:
    """Where and what a FileError says, raised at opening or while reading."""
    with pytest.raises(FileError) as caught:
        for _ in open_tickets(path, options, limits=limits):
            pass
    assert caught.value.todo
    return caught.value.where, caught.value.what
