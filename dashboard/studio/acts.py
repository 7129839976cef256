"""What a planner does with a draft: every act is checked for its fields here, drawn by planning/, and written by the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.studio.sheets import Board, board, drawn, sheet, units
from dashboard.studio.told import since
from data import draft_journal as journal
from data import draft_review as review
from data.acting import acting
from data.draft_journal import Change, nothing
from data.drafts import Drawing, change_rules, draft, drawing
from data.errors import InputError
from data.nesting import metric
from data.store import Store
from etl.masking import mask_text
from planning import communities
from planning import drawing as tools
from planning.drawing import Sheet
from planning.measures import measures, violations

Said = dict[str, Any]
Given = Mapping[str, Any]
MOST_PARTS, MOST_CORNERS = 20, 500


def act(store: Store, draft_id: int, what: str, said: Given) -> Said:
    """Do it; what changed since the line the page has seen. Raises InputError, Refused, StaleMove."""
    if what not in ACTS:
        raise InputError("there is no such act.", where="what")
    seen = whole_number(said, "seen")
    ACTS[what](store, draft_id, seen, said)
    return since(store, draft_id, seen)


def drawn_with(
    tool: str, make: Callable[[Board, Drawing, Given, Store], Sheet]
) -> Callable[[Store, int, int, Given], None]:
    """An act that draws: what `make` gives becomes a line of the journal."""

    def does(store: Store, draft_id: int, seen: int, said: Given) -> None:
        journal.refuse_stale(store, draft_id, seen)
        now = drawing(store, draft_id)
        after = make(board(store, now.cells), now, said, store)
        journal.put_change(store, draft_id, seen, tool, difference(now, after), acting())

    return does


def difference(now: Drawing, after: Sheet) -> Change:
    """The cells that lie elsewhere on the sheet."""
    cell = np.flatnonzero((now.grid != after.grid) | (now.micro != after.micro) | (now.community != after.community))
    return Change(cell, after.grid[cell], after.micro[cell], community=after.community[cell])


def paint(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """Cells into a grid, or into a micro-grid."""
    to = whole_number(said, "to")
    if said.get("level") == "micro_grid":
        return tools.painted_micro(sheet(one, now), cells_of(now, said), to)
    if not np.any(now.grid == to):
        raise InputError("there is no such grid.", where="to")
    return tools.painted(sheet(one, now), cells_of(now, said), to)


def new_grid(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """Cells into a grid of their own."""
    return tools.new_grid(sheet(one, now), cells_of(now, said))


def merge(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """Grids into one."""
    return tools.merged(sheet(one, now), numbers(said, "grids"))


def split(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """A grid into n parts by the solver."""
    return tools.split_into(sheet(one, now), whole_number(said, "grid"), parts_of(said), units(one, now))


def split_line(one: Board, now: Drawing, said: Given, store: Store) -> Sheet:
    """A grid along a drawn line."""
    return tools.split_by_line(sheet(one, now), whole_number(said, "grid"), one.shapes, line_of(said, store))


def line_of(said: Given, store: Store) -> Any:
    """A drawn line in metres. Raises InputError."""
    line = metric(np.array([shapely.LineString(corners(said, "line", 2))]), store.deployment.crs)[0]
    if not np.isfinite(shapely.length(line)) or line.length == 0:
        raise InputError("these are no points.", where="line")
    return line


def community_paint(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """Grids, whole, into a community."""
    return communities.joined(sheet(one, now), cells_of(now, said), whole_number(said, "to"))


def community_merge(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """Communities into one."""
    return communities.merged(sheet(one, now), numbers(said, "communities"))


def community_split(one: Board, now: Drawing, said: Given, _store: Store) -> Sheet:
    """A community into n parts of whole grids by the solver."""
    return communities.split_into(sheet(one, now), whole_number(said, "community"), parts_of(said), units(one, now))


def community_line(one: Board, now: Drawing, said: Given, store: Store) -> Sheet:
    """A community along a drawn line, between its grids."""
    line = line_of(said, store)
    return communities.split_by_line(sheet(one, now), whole_number(said, "community"), one.shapes, line)


def parts_of(said: Given) -> int:
    """Into how many. Raises InputError."""
    parts = whole_number(said, "n")
    if not 2 <= parts <= MOST_PARTS:
        raise InputError(f"a grid or community is split into 2 to {MOST_PARTS}.", where="n")
    return parts


def lock(store: Store, draft_id: int, seen: int, said: Given) -> None:
    """Lock grids, or set them free."""
    locks = tuple((label, said.get("locked") is True) for label in numbers(said, "grids"))
    journal.put_change(store, draft_id, seen, "lock", Change(nothing(), nothing(), nothing(), locks), acting())


def undo(store: Store, draft_id: int, seen: int, _said: Given) -> None:
    """Take the last change back."""
    journal.undo(store, draft_id, seen, acting())


def redo(store: Store, draft_id: int, seen: int, _said: Given) -> None:
    """Do it again."""
    journal.redo(store, draft_id, seen, acting())


def rule(store: Store, draft_id: int, _seen: int, said: Given) -> None:
    """Another setting of one rule."""
    change_rules(store, draft_id, str(said.get("rule")), dict(said.get("set") or {}), acting())


def step(store: Store, draft_id: int, seen: int, said: Given) -> None:
    """Onward to review, approval, back, or out."""
    what, note = said.get("step"), masked(said, "note")
    if what == "review":
        review.submit(store, draft_id, seen, hard_broken(store, draft_id), acting())
    elif what == "back":
        review.send_back(store, draft_id, note, acting())
    elif what == "approve":
        review.approve(store, draft_id, day_of(said, "day"), note, acting())
    elif what == "withdraw":
        review.withdraw(store, draft_id, acting())
    else:
        raise InputError("there is no such step.", where="step")


def hard_broken(store: Store, draft_id: int) -> int:
    """How many times a draft breaks a rule that must hold."""

    now, rules = drawing(store, draft_id), draft(store, draft_id).rules
    found = drawn(board(store, now.cells), now)
    return sum(one.hard for one in violations(found, measures(found, rules), rules))


def comment(store: Store, draft_id: int, _seen: int, said: Given) -> None:
    """Pin a remark."""
    (lon, lat), *_rest = corners(said, "at", 1)
    review.comment(store, draft_id, lon, lat, masked(said, "body"), acting())


def settle(store: Store, draft_id: int, _seen: int, said: Given) -> None:
    """A remark has been dealt with."""
    review.settle(store, draft_id, whole_number(said, "comment"), acting())


ACTS: dict[str, Callable[[Store, int, int, Given], None]] = {
    "paint": drawn_with("paint", paint),
    "brush": drawn_with("brush", paint),
    "new": drawn_with("new_grid", new_grid),
    "merge": drawn_with("merge", merge),
    "split": drawn_with("split", split),
    "split-line": drawn_with("split_line", split_line),
    "community-paint": drawn_with("community_paint", community_paint),
    "community-merge": drawn_with("community_merge", community_merge),
    "community-split": drawn_with("community_split", community_split),
    "community-line": drawn_with("community_line", community_line),
    "lock": lock,
    "undo": undo,
    "redo": redo,
    "rule": rule,
    "step": step,
    "comment": comment,
    "settle": settle,
}


def whole_number(said: Given, name: str) -> int:
    """A whole number of the body. Raises InputError."""
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise InputError("this is no whole number.", where=name)
    return value


def numbers(said: Given, name: str) -> list[int]:
    """Whole numbers, each once. Raises InputError."""
    values = said.get(name)
    if not isinstance(values, list) or not values or not all(type(one) is int for one in values):
        raise InputError("these are no whole numbers.", where=name)
    return sorted(set(values))


def cells_of(now: Drawing, said: Given) -> NDArray[np.int64]:
    """The cells of the body. Raises InputError."""
    cells = np.array(numbers(said, "cells"), np.int64)
    if cells[0] < 0 or cells[-1] >= len(now.cells):
        raise InputError("there are no such cells.", where="cells")
    return cells


def corners(said: Given, name: str, least: int) -> list[tuple[float, float]]:
    """(lon, lat) points of the body. Raises InputError."""
    try:
        points = [(float(lon), float(lat)) for lon, lat in said[name]]
    except (KeyError, TypeError, ValueError):
        points = []
    if len(points) > MOST_CORNERS:
        raise InputError(f"a drawn line has up to {MOST_CORNERS} points.", where=name, todo="Draw a simpler one.")
    if len(points) < least or not np.isfinite(points).all():
        raise InputError("these are no points.", where=name)
    return points


def day_of(said: Given, name: str) -> date:
    """A day of the body. Raises InputError."""
    try:
        return date.fromisoformat(str(said.get(name)))
    except ValueError:
        raise InputError("this is no day.", where=name, todo="Write it like 2026-03-31.") from None


def masked(said: Given, name: str) -> str:
    """Words of the body, numbers of people masked."""
    value = said.get(name)
    return mask_text(value) if isinstance(value, str) else ""
