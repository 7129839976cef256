"""What the hot log gives back to a restored backup, and what it cannot: every acknowledged set again, through the engine.

A set is made at the time it was recorded and under the numbers its cases were given, so a line of the ledger comes out as it
was, which its hash proves. What stands in the store already is passed over by its key, so replaying twice does nothing. A
move whose case came with an import that is not there is refused and listed; the rules judge it as they judged it then.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from data import ledger
from data.database import Connection
from data.errors import JingweiError, StoreDamaged
from data.faults import known
from data.hiding import pass_over
from data.hot_lines import SHORT, Line, Piece, Written, pieces, written
from data.moves import Move, Receipt
from data.orders import Opening
from data.progress import Progress
from data.store import Store


@dataclass(frozen=True)
class Refusal:
    """A move that was acknowledged once and cannot be made again: to be done by hand."""

    at: datetime
    case_id: int
    what: str
    why: str


@dataclass(frozen=True)
class Beside:
    """Something that was changed beside the sets, named in the log and not kept: to be done again."""

    at: datetime
    action: str
    by: str | None
    detail: str | None


@dataclass
class Replayed:
    """What became of the log. until: the last acknowledged moment in it; there: what the store held already.

    other: lines that came out otherwise than they were (settings were others then), as (case, line). torn: pieces whose last
    line is not whole; gaps: lines that are missing, as (first, last).
    """

    until: datetime | None = None
    done: int = 0
    there: int = 0
    other: list[tuple[int, int]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    torn: list[tuple[str, str]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)

    def reasons(self) -> list[tuple[str, int]]:
        """Why moves were refused and how many, the most frequent first."""
        return sorted(Counter(one.why for one in self.refused).items(), key=lambda it: (-it[1], it[0]))


def replay(store: Store, folder: Path, name: str, after: int | None, progress: Progress) -> Replayed:
    """Make every set of the log again that is younger than line `after` (null: all). The store is opened `still`.

    Raises StoreDamaged when a sealed day no longer gives its head, Cancelled.
    """
    found = Replayed()
    for line in _lines(pieces(folder, name), after or 0, found, progress):
        if "set" in line:
            found.until = datetime.fromisoformat(line["at"])
            _make(store, found, found.until, written(line))
        elif "did" in line:
            at = datetime.fromisoformat(line["at"])
            found.beside.append(Beside(at, line["did"], line["by"], line["detail"]))
    if wrong := ledger.verify_heads(store):
        raise StoreDamaged(
            f"the ledger of {wrong[0].isoformat()} no longer gives its head.",
            todo="Nothing was put in place; restore without --replay, or another backup.",
        )
    return found


def waiting(folder: Path, name: str, after: int | None) -> int:
    """How many moves the log holds that are younger than a backup."""
    log = _lines(pieces(folder, name), after or 0, Replayed(), None)
    return sum(len(line["set"]) for line in log if "set" in line)


def _lines(files: Sequence[Path], after: int, found: Replayed, progress: Progress | None) -> Iterator[Line]:
    """The lines after one that count; what is torn or missing goes to `found`."""
    size, done, last = sum(file.stat().st_size for file in files), 0, after
    gone = _gone(files)
    for file in files:
        piece = Piece(file)
        for line in piece.lines():
            if line["n"] > last + 1:
                found.gaps.append((last + 1, line["n"] - 1))
            last = max(last, line["n"])
            if line["n"] > after and not any(first < line["n"] < end for first, end in gone):
                yield line
        if piece.torn:
            found.torn.append((file.name, piece.torn))
        done += file.stat().st_size
        if progress is not None:
            progress.step("replay", done, size)
            progress.check()


def _gone(files: Sequence[Path]) -> list[tuple[int, int]]:
    """The lines that do not count: those between two numbers, of sets that were voided and of days that were given up."""
    found = []
    for file in files:
        for line in Piece(file).lines():
            if "void" in line:
                found.append((line["void"] - 1, line["void"] + 1))
            elif "cut" in line:
                found.append((line["cut"], line["n"]))
    return found


def _make(store: Store, found: Replayed, at: datetime, lines: Sequence[Written]) -> None:
    """One set in one commit; when that fails as a whole, each of it alone."""
    try:
        answers = store.writer.run(lambda con: _applied(store, con, at, lines), label="replay", quiet=True).result()
    except Exception as error:
        if len(lines) > 1:
            for line in lines:
                _make(store, found, at, [line])
            return
        answers = [known(error)]
    for line, answer in zip(lines, answers, strict=True):
        _count(found, at, line, answer)


def _count(found: Replayed, at: datetime, line: Written, answer: Receipt | JingweiError | None) -> None:
    if answer is None:
        found.there += 1
    elif isinstance(answer, JingweiError):
        found.refused.append(Refusal(at, line.case_id, _called(line), answer.what))
    else:
        found.done += 1
        if answer.hash.hex()[:SHORT] != line.digest:
            found.other.append((answer.case_id, answer.seq))


def _called(line: Written) -> str:
    if isinstance(line.asked, Opening):
        return f"open {line.asked.kind}"
    return line.asked.action if isinstance(line.asked, Move) else line.asked.move


def _applied(
    store: Store, con: Connection, at: datetime, lines: Sequence[Written]
) -> list[Receipt | JingweiError | None]:
    """The answer to each line of a set; None for what is there."""
    there = _there(con, lines)
    answers: dict[int, Receipt | JingweiError | None] = {
        i: None for i, one in enumerate(lines) if (one.case_id, one.asked.key) in there
    }
    for group in _groups([(i, one) for i, one in enumerate(lines) if i not in answers]):
        first = group[0][1]
        if isinstance(first.asked, Opening):
            pass_over(con, first.case_id - 1)
        made = store.engine.apply(con, [_as_then(one) for _, one in group], at)
        if isinstance(first.asked, Opening) and isinstance(made[0], Receipt) and made[0].case_id != first.case_id:
            raise StoreDamaged(f"case {first.case_id} is another one here.")
        answers |= dict(zip((i for i, _ in group), made, strict=True))
    return [answers[i] for i in range(len(lines))]


def _groups(lines: Sequence[tuple[int, Written]]) -> Iterator[list[tuple[int, Written]]]:
    """In the engine's order: plain moves, then openings, each alone because it brings its number, then orders."""
    rank = {Move: 0, Opening: 1}
    ordered = sorted(lines, key=lambda it: rank.get(type(it[1].asked), 2))
    for kind, found in itertools.groupby(ordered, key=lambda it: type(it[1].asked)):
        group = list(found)
        yield from ([one] for one in group) if kind is Opening else [group]


def _as_then(line: Written) -> Any:
    """What was asked, whatever stood before it: lines of an import may be missing, and the rules judge."""
    return line.asked if isinstance(line.asked, Opening) else replace(line.asked, expected_seq=None)


def _there(con: Connection, lines: Sequence[Written]) -> set[tuple[int, str]]:
    rows = con.execute(
        """SELECT case_id, key FROM transition
           WHERE case_id IN (SELECT unnest($ids::BIGINT[])) AND list_contains($keys, key)""",
        {"ids": sorted({line.case_id for line in lines}), "keys": sorted({line.asked.key for line in lines})},
    ).fetchall()
    return set(rows)
