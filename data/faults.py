"""What a fault of the machine or of the program means to a person.

A disk that is full, a folder that may not be written, memory that does not suffice: expected, and each has something one
can do about it. What is left is a `Fault` of the program, told in one line with its place. Used at the edges: the command
line, the control socket, a page's jobs, the worker process.
"""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

import duckdb

from data.errors import Fault, JingweiError, StoreDamaged, StoreError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # the last: a file may not grow beyond what is allowed
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
NO_FOLDER = frozenset({errno.EEXIST, errno.ENOTDIR})
# What the database says of a file that was cut short or changed from outside; it may show at any block it reads.
CORRUPT = ("Corrupt database file", "Could not read enough bytes", "does not match stored checksum")
IN_A_MESSAGE = (
    ("No space left", errno.ENOSPC),
    ("File too large", errno.EFBIG),
    ("Permission denied", errno.EACCES),
    ("Read-only file system", errno.EROFS),
)


def known(error: BaseException) -> JingweiError:
    """The error as one a person can act on. An error of ours comes back as it is."""
    if isinstance(error, JingweiError):
        return error
    if isinstance(error, OSError):
        return _of_the_system(error.errno, str(error.filename or "")) or _fault(error)
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return StoreError(
            "the memory does not suffice for this.",
            todo="Ask for less at a time, end other programs, or raise JINGWEI_MEMORY_SHARE.",
        )
    if isinstance(error, duckdb.Error):
        return _of_the_database(error)
    return _fault(error)


def _of_the_system(number: int | None, where: str) -> StoreError | None:
    if number in FULL:
        return StoreError("there is no room left on the disk.", where=where, todo="Make room, then try again.")
    if number in FORBIDDEN:
        return StoreError(
            "this account may not write here.", where=where, todo="Give it the right, or choose another folder."
        )
    if number == errno.ENOENT:
        return StoreError("there is no such file or folder.", where=where, todo="Choose another one.")
    if number in NO_FOLDER:
        return StoreError("this is no folder.", where=where, todo="Choose another one.")
    return None


def of_the_disk(text: str, where: str = "") -> StoreError | None:
    """What the system told the database of its disk, found in the database's message; None where it is about something else."""
    return next((_of_the_system(number, where) for words, number in IN_A_MESSAGE if words in text), None)


def _of_the_database(error: duckdb.Error) -> JingweiError:
    text = str(error)
    if meant := of_the_disk(text):
        return meant
    if any(words in text for words in CORRUPT):
        return StoreDamaged(
            f"a part of the store cannot be read ({text.splitlines()[0]}).",
            todo="Restore the latest backup; the damaged file is moved aside, not deleted.",
        )
    if "invalidated" in text:
        return StoreError(
            "the database stopped after an earlier fault.",
            todo="Look at the log for the first one, then start the program again; what was acknowledged is kept.",
        )
    return _fault(error)


def _fault(error: BaseException) -> JingweiError:
    lines = traceback.extract_tb(error.__traceback__)
    return Fault(
        f"this is a fault of the program: {type(error).__name__}: {error}",
        where=f"{Path(lines[-1].filename).name}:{lines[-1].lineno}" if lines else "",
        todo="Report it with this line; JINGWEI_LOG_LEVEL=DEBUG shows more.",
    )
