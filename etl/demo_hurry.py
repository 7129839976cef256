"""The demo's own tickets in an emergency: in a place that is in one, they get its shorter service levels as anybody's do.

The lives of the demo are worked out from chances alone and know of no emergency, which a person declares. So the deadlines
they give are looked at when they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa

from data.emergency_levels import Given, hurried
from data.histories import History
from data.moves import Move
from data.simulation import district_of, in_emergency, whereabouts
from data.store import Store
from etl.demo_lives import HANDLED

STARTS = ("registered", "reopened")  # the lines that begin a deadline
HIGHER = ("street_id", "community_id", "grid_id", "micro_grid_id", "estate_id")


def hurried_history(store: Store, history: History) -> History:
    """New cases with the deadlines that hold where they lie."""
    if not in_emergency(store):
        return history
    category = dict(zip(*(history.cases[name].to_pylist() for name in ("number", "category_id")), strict=True))
    chains = _chains(store, history.places)
    lines = history.lines.to_pylist()
    rows = [i for i, line in enumerate(lines) if line["action"] in STARTS and line["due_at"] is not None]
    given = [
        Given(
            category[lines[i]["number"]], chains.get(lines[i]["number"], ()), lines[i]["occurred_at"], lines[i]["due_at"],
            lines[i]["handle_due_at"],
        )
        for i in rows
    ]  # fmt: skip
    for i, one in zip(rows, _ends(store, given), strict=True):
        lines[i] |= {"due_at": one.due_at, "handle_due_at": one.handle_due_at}
    return replace(history, lines=pa.Table.from_pylist(lines, schema=history.lines.schema))


def hurried_moves(store: Store, moves: Sequence[Move]) -> list[Move]:
    """Moves of known cases with the deadlines that hold where those lie."""
    rows = [i for i, move in enumerate(moves) if move.action in STARTS and move.due_at is not None]
    if not rows or not in_emergency(store):
        return list(moves)
    found = whereabouts(store, [moves[i].case_id for i in rows])
    given = [_given(moves[i], found) for i in rows]
    hurried = list(moves)
    for i, one in zip(rows, _ends(store, given), strict=True):
        hurried[i] = replace(moves[i], due_at=one.due_at, handle_due_at=one.handle_due_at)
    return hurried


def _given(move: Move, found: Mapping[int, tuple[int | None, tuple[int, ...]]]) -> Given:
    category, chain = found.get(move.case_id, (None, ()))
    due: datetime = move.due_at or move.occurred_at
    return Given(category, chain, move.occurred_at, due, move.handle_due_at)


def _ends(store: Store, given: Sequence[Given]) -> list[Given]:
    with store.read() as con:
        return hurried(con, given, HANDLED)


def _chains(store: Store, places: pa.Table) -> dict[int, tuple[int, ...]]:
    district = district_of(store)
    found: dict[int, tuple[int, ...]] = {}
    for row in places.select(["number", *HIGHER]).to_pylist():
        own = tuple(row[name] for name in HIGHER if row[name] is not None)
        found[row["number"]] = (*found.get(row["number"], district), *own)
    return found
