"""One small tree of errors. Each says what is wrong, where, and what to do.

JingweiError
├── InputError            what came in cannot be taken (file, row, column, rule)
│   ├── FileError         the file as a whole
│   │   └── LayerUnsaid   it holds several sets of places
│   ├── MappingError      the mapping file: key path and reason
│   └── TooManyBadRows    the share of bad rows passes the limit; nothing was imported
├── QuestionError         a question to the figures cannot be answered as put
├── NotFound              no such place, case, import …
├── Refused               a rule or a right forbids it
│   └── StaleMove         somebody moved the case first
├── StoreError            the database file
│   ├── StoreBusy         another process holds it
│   ├── StoreDamaged      it cannot be read, or is not ours
│   ├── StoreFull         what it may fill of the disk is full
│   ├── StoreNewer        a later version of the program wrote it
│   └── ForeignProcess    the store was opened by another process id
├── Fault                 of the program itself: report it
└── Cancelled             a person stopped a long action; nothing was changed
"""

from __future__ import annotations

from collections.abc import Sequence


class JingweiError(Exception):
    """An error a person can act on.

    what: the sentence that says what is wrong; where: file, row, column, key path or id;
    todo: what the reader can do about it. `status` is the HTTP status of the edge.
    """

    status = 500

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(": ".join(part for part in (where, what) if part) + (f" {todo}" if todo else ""))

    def as_dict(self) -> dict[str, str]:
        """The error as plain strings: {"error", "what", "where", "todo"}."""
        return {"error": type(self).__name__, "what": self.what, "where": self.where, "todo": self.todo}


class InputError(JingweiError):
    """What came in cannot be taken."""

    status = 422


class FileError(InputError):
    """The file as a whole cannot be read."""


class LayerUnsaid(FileError):
    """The file holds several sets of places; `surfaces` are those of polygons, as far as one can tell."""

    def __init__(
        self, what: str, *, where: str = "", todo: str = "", layers: Sequence[str] = (), surfaces: Sequence[str] = ()
    ) -> None:
        super().__init__(what, where=where, todo=todo)
        self.layers, self.surfaces = list(layers), list(surfaces)


class MappingError(InputError):
    """The mapping is wrong; `where` is the key path."""


class TooManyBadRows(InputError):
    """More rows are bad than the limit allows; nothing was imported."""


class QuestionError(JingweiError):
    """A question to the figures cannot be answered as put."""

    status = 422


class NotFound(JingweiError):
    """No such place, case, import …"""

    status = 404


class Refused(JingweiError):
    """A rule or a right forbids it."""

    status = 403


class StaleMove(Refused):
    """Somebody moved the case first."""

    status = 409


class StoreError(JingweiError):
    """The database file."""


class StoreBusy(StoreError):
    """Another process holds the database."""

    status = 503


class StoreDamaged(StoreError):
    """The database cannot be read or is not one of ours."""


class StoreFull(StoreError):
    """What may be filled of the disk is full; whoever sends may try again later."""

    status = 507


class StoreNewer(StoreError):
    """A later version of the program wrote the database."""


class ForeignProcess(StoreError):
    """The store was opened by another process."""


class Fault(JingweiError):
    """A fault of the program itself; its traceback belongs in the log."""


class Cancelled(JingweiError):
    """A person stopped a long action; nothing was changed."""

    status = 499
