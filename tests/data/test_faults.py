from __future__ import annotations

import errno

import duckdb
import pytest

from data.errors import Fault, FileError, StoreError
from data.faults import known


def test_an_error_of_ours_stays_what_it_is() -> None:
    error = FileError("it is empty.")
    assert known(error) is error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/srv/x"), "no room left on the disk"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "may not write here"),
        (OSError(errno.EROFS, "Read-only file system", "/srv/x"), "may not write here"),
        (FileExistsError(errno.EEXIST, "File exists", "/srv/x"), "this is no folder"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/srv/x"), "no such file or folder"),
        (duckdb.IOException("IO Error: Corrupt database file: computed checksum 1 …"), "cannot be read"),
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), "no room left on the disk"),
        (duckdb.IOException("IO Error: Could not write file: File too large"), "no room left on the disk"),
        (duckdb.OutOfMemoryException("Out of Memory Error"), "memory does not suffice"),
        (MemoryError(), "memory does not suffice"),
        (duckdb.FatalException("FATAL Error: database has been invalidated"), "stopped after an earlier fault"),
    ],
)
def test_what_can_be_mended_is_told_with_what_to_do(error: Exception, says: str) -> None:
    meant = known(error)
    assert isinstance(meant, StoreError)
    assert says in meant.what
    assert meant.todo
    assert meant.where == ("/srv/x" if isinstance(error, OSError) else "")


def test_the_rest_is_a_fault_with_its_place() -> None:
    try:
        {}["x"]
    except KeyError as error:
        meant = known(error)
    assert isinstance(meant, Fault)
    assert meant.what == "this is a fault of the program: KeyError: 'x'"
    assert meant.where.startswith("test_faults.py:")
