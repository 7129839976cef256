"""Playback: a past interval as it went, from the ledger, in pieces small enough to be sent and played elsewhere.

    outline(store, play)          how much happened when (for a scrubber), and where the interval is cut
    piece(store, play, a, b)      one stretch: what was counted in each place at a, every change until b, and the ledger's lines
    standing(store, play, t)      what was counted in each place at t; counted_cases(…): the cases behind one of the counts

Whoever has a piece knows the counts of every place at every instant of it: the counts at its beginning and the sum of its
changes up to there. They are those of `figures` as of that instant, because the same words decide (`playback_sql.py`). Nothing
is kept here; an interval in which more happens is cut into more pieces, so no answer grows with the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from data.database import Connection
from data.errors import QuestionError
from data.figure_places import Places
from data.figure_question import Asked, Question, ask
from data.levels import LEVELS
from data.playback_sql import (
    BASE,
    CHANGES,
    COUNTS,
    DENSITY,
    ENDED,
    LINES,
    OPEN_AT_FIRST,
    cases_sql,
    changes_sql,
    counted_sql,
    lines_sql,
)  # fmt: skip

if TYPE_CHECKING:
    from data.store import Store

__all__ = ["COUNTS", "Outline", "Piece", "Playback", "counted_cases", "outline", "piece", "standing"]

LONGEST = timedelta(days=400)
LONGEST_PIECE = timedelta(days=31)  # its instants are sent as milliseconds since its beginning, in 32 bits
MOST_LINES = 30_000  # of the ledger in one piece, unless they all happened at once
MOST_LISTED = 300  # cases behind a count
MOST_OPEN = 20_000  # cases open at a piece's beginning that are told one by one
BINS, FINE = 512, 8  # of the scrubber; and how many times finer the interval is cut


@dataclass(frozen=True)
class Playback:
    """What is played: the half-open interval [start, end), the level whose places are counted, and the place all of it lies in
    (its code; null for everything)."""

    level: str
    start: datetime
    end: datetime
    within: str | None = None
    kind: str = "event"


@dataclass(frozen=True)
class Outline:
    """How an interval went, roughly. density: start, reported, closed, lines, a row a bin, in order of time (bins in which
    nothing happened are left out). cuts: where the pieces begin, and the end."""

    density: pa.Table
    bin: timedelta
    cuts: list[datetime]


@dataclass(frozen=True)
class Piece:
    """A stretch [start, end) of a playback.

    base: place_id (null: not located at the level) and one count a name of COUNTS, as of `start`.
    changes: t, case_id, before, after: which COUNTS the case was and is counted in, a bit each in their order.
    lines: t, case_id, action, unit, in order of time, those at `start` too.
    cases: case_id, external_id, category, lon, lat, place_id, after (at the start): those in the two above, and those open at the
    start. whole: these are all of those, not too many to be told.
    """

    start: datetime
    end: datetime
    base: pa.Table
    changes: pa.Table
    lines: pa.Table
    cases: pa.Table
    whole: bool
    places: Places


def outline(store: Store, play: Playback) -> Outline:
    """When how much happened. Raises QuestionError, NotFound."""
    asked = _asked(store, play)
    fine = _bin(play)
    with store.read() as con:
        _run(con, lines_sql(asked.key.atlases, asked.where.sql), _params(asked, play.start, play.end))
        params = {"from": play.start, "width": fine // timedelta(microseconds=1)}
        found = con.execute(DENSITY, params).to_arrow_table()
    return Outline(_coarse(found, play.start, fine), FINE * fine, _cuts(found, play, fine))


def piece(store: Store, play: Playback, start: datetime, end: datetime) -> Piece:
    """The stretch [start, end) of a playback, best from one of its cuts to the next. Raises QuestionError, NotFound."""
    if not play.start <= start < end <= play.end:
        raise QuestionError("A piece lies in its interval.", where="from, to")
    asked = _asked(store, play)
    atlases, level, params = asked.key.atlases, play.level, _params(asked, start, end)
    with store.read() as con:
        for sql in (ENDED, changes_sql(atlases, level, asked.where.sql), lines_sql(atlases, asked.where.sql)):
            _run(con, sql, params)
        (n,) = _run(con, OPEN_AT_FIRST, params).fetchone() or (0,)
        listed = cases_sql(atlases, level, from_the_first=n <= MOST_OPEN)
        base, changes, lines, cases = (
            _run(con, sql, params).to_arrow_table() for sql in (BASE, CHANGES, LINES, listed)
        )
    return Piece(start, end, base, changes, lines, cases, n <= MOST_OPEN, asked.ground.places)


def standing(store: Store, play: Playback, t: datetime) -> pa.Table:
    """What was counted at an instant: `base` of the piece that begins then. Raises QuestionError, NotFound."""
    asked = _asked(store, play)
    with store.read() as con:
        return _run(con, BASE, _looked_at(con, asked, t)).to_arrow_table()


def counted_cases(
    store: Store, play: Playback, t: datetime, name: str, place: str | None = None
) -> list[dict[str, Any]]:
    """case_id, external_id, category, reported_at, place_id of the cases behind a count at an instant, in a place of the
    level or in all, the oldest first, MOST_LISTED at most. Raises QuestionError, NotFound."""
    if name not in COUNTS:
        raise QuestionError(f"There is no count {name!r}.", where="count", todo=f"One of {', '.join(COUNTS)}.")
    asked = _asked(store, play)
    chosen = None if place is None else asked.ground.places.find(place, play.level)[0]
    with store.read() as con:
        params = _looked_at(con, asked, t) | {"place": chosen, "most": MOST_LISTED}
        found = _run(con, counted_sql(1 << list(COUNTS).index(name), somewhere=place is not None), params)
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def _looked_at(con: Connection, asked: Asked, t: datetime) -> dict[str, Any]:
    """Make the table `played` of one instant; its parameters."""
    params = _params(asked, t, t + timedelta(microseconds=1))
    _run(con, ENDED, params)
    _run(con, changes_sql(asked.key.atlases, asked.question.level, asked.where.sql), params)
    return params


def _asked(store: Store, play: Playback) -> Asked:
    if play.level not in LEVELS:
        raise QuestionError(f"Places of the level {play.level!r} cannot be played back.", where="level")
    if play.end - play.start > LONGEST:
        raise QuestionError(f"A playback covers {LONGEST.days} days at most.", where="period")
    return ask(store, Question(play.level, play.start, play.end, kind=play.kind, within=play.within))


def _params(asked: Asked, start: datetime, end: datetime) -> dict[str, Any]:
    question = asked.question
    params = {"start": question.start, "end": question.end, "from": start, "to": end, "kind": question.kind}
    return params | asked.where.params


def _run(con: Connection, sql: str, params: dict[str, Any]) -> Connection:
    return con.execute(sql, {name: value for name, value in params.items() if f"${name}" in sql})


def _bin(play: Playback) -> timedelta:
    """The width of a fine bin: whole milliseconds, so many that all of them hold the interval."""
    whole = (play.end - play.start) // timedelta(milliseconds=1) + 1
    return timedelta(milliseconds=-(-whole // (BINS * FINE)))


def _coarse(found: pa.Table, start: datetime, fine: timedelta) -> pa.Table:
    """The bins of the scrubber from the fine ones."""
    at = found.column("bin").to_numpy() // FINE
    bins = np.unique(at)
    columns = {
        name: np.bincount(at, weights=found.column(name).to_numpy(), minlength=1)[bins].astype(np.int64)
        for name in ("reported", "closed", "lines")
    }
    starts = [start + int(number) * FINE * fine for number in bins]
    return pa.table({"start": pa.array(starts, pa.timestamp("us", "UTC")), **columns})


def _cuts(found: pa.Table, play: Playback, fine: timedelta) -> list[datetime]:
    """Where the pieces begin: so that each holds about MOST_LINES at most, and is not too long."""
    cuts, lines = [play.start], 0
    for number, n in zip(found.column("bin").to_pylist(), found.column("lines").to_pylist(), strict=True):
        begins = play.start + number * fine
        if lines and lines + n > MOST_LINES and begins > cuts[-1]:
            cuts.append(begins)
            lines = 0
        lines += n
    return _not_too_long([*cuts, play.end])


def _not_too_long(cuts: list[datetime]) -> list[datetime]:
    found = [cuts[0]]
    for cut in cuts[1:]:
        while cut - found[-1] > LONGEST_PIECE:
            found.append(found[-1] + LONGEST_PIECE)
        found.append(cut)
    return found
