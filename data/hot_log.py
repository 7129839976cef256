"""The hot log: beside the database, every set of moves that was acknowledged since the last backup.

Last night's backup and this log give back the day, should the disk of the database be lost (data/replay.py). A set is
on disk here before it is committed there, so nothing is acknowledged that only one of them has; a set whose commit failed
or never came is voided by a later line, and a store that goes on from an older state cuts off what it does not have.
Pieces are never written to again: every start and every backup begins a new one, when there is something to write, so a
power cut can only tear the last line of a piece. What else changed (imports, settings) is named with its time, not kept.

Everything here happens on the writer's thread, or when it has ended.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from io import FileIO
from pathlib import Path

import structlog

from data.audit import GROUPS
from data.database import Connection, sync
from data.errors import JingweiError
from data.hot_lines import ENDING, FORM, Asked, Line, Piece, chained, packed, pieces, set_line
from data.moves import Receipt
from data.settings import Settings
from data.writer import Commit

log = structlog.get_logger(__name__)

FOLDER = "hot-log"
TOLD_EVERY = timedelta(minutes=1)
TOLD = sorted({*GROUPS["account"], *GROUPS["import"], *GROUPS["alarm"], *GROUPS["setting"]} - {"ledger_head", "clock"})


def folder_of(home: Path, settings: Settings) -> Path:
    """Where the pieces lie."""
    return settings.hot_log or home / FOLDER


def store_id(con: Connection) -> str:
    """What tells this store from every other, a restored one included: made of the salt of its notes."""
    row = con.execute("SELECT salt FROM deployment").fetchone()
    return sha256(bytes(row[0]) if row else b"").hexdigest()[:12]


class HotLog:
    """The hot log of one open store. `number`: of its last line."""

    def __init__(self, folder: Path, con: Connection) -> None:
        self.folder, self.name = folder, store_id(con)
        self.number, self._hash = 0, ""
        self._piece: FileIO | None = None
        self._doubtful: int | None = None  # a set that is written here, and not known to be committed
        self._cut: int | None = None  # the last set the store has, where it is older than the log
        row = con.execute("SELECT coalesce(max(audit_id), 0) FROM audit").fetchone()
        self._told_until = int(row[0]) if row else 0
        self._take_up(con)

    def append(self, asked: Sequence[Asked], answers: Sequence[Receipt | JingweiError], at: datetime) -> None:
        """Write what a set became, and have it on disk. Inside the set's transaction, before its commit. Raises OSError."""
        done = [(one, it) for one, it in zip(asked, answers, strict=True) if isinstance(it, Receipt)]
        if not done:
            return
        lines = self._undone()
        number = self.number + len(lines) + 1
        self._write([*lines, set_line(number, at, done)])
        self._doubtful, self._cut = number, None

    def committed(self, commit: Commit) -> None:
        """Hear of the store's commits: with receipts, it is the last set's."""
        if commit.receipts:
            self._doubtful = None

    def follow(self, con: Connection) -> None:
        """Name what was changed beside the sets since the last look, as the audit log has it."""
        rows = con.execute(
            """SELECT audit_id, happened_at, action, actor, detail FROM audit
               WHERE audit_id > $since AND list_contains($told, action) ORDER BY audit_id""",
            {"since": self._told_until, "told": TOLD},
        ).fetchall()
        lines = self._undone() if self._cut is None else []
        for _, at, action, actor, detail in rows:
            number = self.number + len(lines) + 1
            lines.append({"n": number, "at": at.isoformat(), "did": action, "by": actor, "detail": detail})
        if lines:
            self._write(lines)
            self._doubtful = None
        self._told_until = rows[-1][0] if rows else self._told_until

    def stand(self) -> None:
        """Write down that the store holds all it can of what stands here: it was replayed."""
        self._write([{"n": self.number + 1, "stands": True}])
        self._doubtful = self._cut = None
        self.close()

    def _undone(self) -> list[Line]:
        """The line that takes back what the store does not have."""
        if self._cut is not None:
            return [{"n": self.number + 1, "cut": self._cut}]
        return [] if self._doubtful is None else [{"n": self.number + 1, "void": self._doubtful}]

    def turn(self, days: int, keep_after: int) -> None:
        """A backup is done: begin a new piece, and drop those older than so many days. keep_after: the last line the backup holds."""
        self.close()
        old = time.time() - days * 86_400
        kept = pieces(self.folder, self.name)
        for piece, following in itertools.pairwise(kept):
            if piece.stat().st_mtime < old and first_of(following) <= keep_after + 1:
                piece.unlink()

    def close(self) -> None:
        """End the piece."""
        if self._piece is not None:
            self._piece.close()
            self._piece = None

    def _take_up(self, con: Connection) -> None:
        """Go on after the last whole line there is; a set at the end that was never committed is to be voided."""
        missing: list[int] = []  # sets the store does not have, the youngest first
        voids: set[int] = set()
        for file in reversed(pieces(self.folder, self.name)):
            piece = Piece(file)
            sets = _sets(piece, voids)
            if piece.torn:
                log.warning("the hot log has a line that is not whole", file=file.name, what=piece.torn)
            if not self._hash and piece.hash:
                self.number, self._hash = piece.last, piece.hash
            for line in reversed(sets):
                if "set" not in line or _landed(con, line):
                    return self._doubt(missing, line["n"])
                missing.append(line["n"])
        return self._doubt(missing, 0)

    def _doubt(self, missing: Sequence[int], last: int) -> None:
        """One set at the end may never have been committed; where more are missing, the store is an older one."""
        if len(missing) == 1:
            self._doubtful = missing[0]
        elif missing:
            self._cut = last
            log.error("the store is older than its hot log", sets=len(missing), todo="Restore a backup with --replay.")

    def _write(self, lines: Sequence[Line]) -> None:
        piece = self._open()
        before, chain, block = piece.tell(), self._hash, bytearray()
        for line in lines:
            text = packed(line)
            chain = chained(chain, text)
            block += chain.encode() + b" " + text + b"\n"
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[piece.write(rest) :]
            os.fsync(piece.fileno())
        except OSError:
            self._take_back(piece, before)
            raise
        self.number, self._hash = lines[-1]["n"], chain

    def _take_back(self, piece: FileIO, length: int) -> None:
        """A disk that is full takes half a line: cut it off; where even that fails, the piece ends there."""
        try:
            piece.truncate(length)
            piece.seek(length)
        except OSError:
            self.close()

    def _open(self) -> FileIO:
        if self._piece is not None:
            return self._piece
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{self.name}-{self.number + 1:012d}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}{ENDING}"
        text = packed({"form": FORM, "store": self.name, "follows": [self.number, self._hash]})
        chain = chained(self._hash, text)
        piece = FileIO(self.folder / name, "x", opener=partial(os.open, mode=0o600))
        try:
            piece.write(chain.encode() + b" " + text + b"\n")
            sync(self.folder)
        except OSError:
            piece.close()
            raise
        self._piece, self._hash = piece, chain
        return piece


def first_of(piece: Path) -> int:
    """The number of a piece's first line, from its name."""
    return int(piece.name.split("-")[1])


def _sets(piece: Piece, voids: set[int]) -> list[Line]:
    """The sets of a piece that count, after a line that is no set where the store held all before it. `voids` is filled."""
    found: list[Line] = []
    for line in piece.lines():
        voids.add(line.get("void", 0))
        if "stands" in line:
            found = [line]
        elif "cut" in line:
            found = [{"n": line["cut"]}]
        elif "set" in line:
            found.append(line)
    return [line for line in found if line["n"] not in voids]


def _landed(con: Connection, line: Line) -> bool:
    """Whether a set is in the store's ledger."""
    lines = [(said["key"], case_id) for _, said, case_id, _, _ in line["set"]]
    row = con.execute(
        """SELECT count(*) FROM transition WHERE case_id IN (SELECT unnest($ids::BIGINT[])) AND list_contains($keys, key)""",
        {"ids": [case_id for _, case_id in lines], "keys": [key for key, _ in lines]},
    ).fetchone()
    return bool(row and row[0])
