"""A draft's journal: every change is one more line with its author and tool; undoing and doing again are lines too.

A line says which change stands after it (`head`) and which stood before (`follows`). Undo writes the changes of the head back
and goes to what the head followed; redo does the latest change that followed the head once more. So nothing is ever taken out,
and one can go back to the beginning. Whoever changes names the last line he has seen; if there is a later one he is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.actors import PLANNER, Actor
from data.database import Connection
from data.drafts import DRAWING, Drawing, drawing, must_be
from data.errors import InputError, Refused, StaleMove

if TYPE_CHECKING:
    from data.store import Store

Numbers = NDArray[np.int64]
UNDO, REDO = "undo", "redo"
TOOLS = (
    *("paint", "new_grid", "brush", "split_line", "split", "merge", "lock", "solve", "restore", "import"),
    *("community_paint", "community_line", "community_split", "community_merge", UNDO, REDO),
)
BACK, ON = "the beginning", "the end"


@dataclass(frozen=True)
class Line:
    """A line of the journal. n: how many cells it changed."""

    seq: int
    written_at: datetime
    author: str
    by_role: str
    tool: str
    follows: int
    head: int
    n: int


@dataclass(frozen=True)
class Change:
    """What a line does: the cells and their new labels (community None: stays), and grids that are locked (true) or set free."""

    cell: Numbers
    grid: Numbers
    micro: Numbers
    locks: tuple[tuple[int, bool], ...] = ()
    community: Numbers | None = None


def nothing() -> Numbers:
    """No cells."""
    return np.zeros(0, np.int64)


def journal(store: Store, draft_id: int, since: int = 0) -> list[Line]:
    """The lines after `since`, in their order."""
    rows = store.rows(
        """SELECT seq, written_at, author, by_role, tool, follows, head,
               (SELECT count(*) FROM draft_change c WHERE c.draft_id = l.draft_id AND c.seq = l.seq) AS n
           FROM draft_line l WHERE draft_id = $1 AND seq > $2 ORDER BY seq""",
        [draft_id, since],
    )
    return [Line(**row) for row in rows]


def put_change(store: Store, draft_id: int, seen: int, tool: str, change: Change, actor: Actor) -> Drawing:
    """Add a change, made on what line `seen` showed; what the draft is then. Raises StaleMove, Refused, InputError.

    A locked grid neither gives nor takes cells. Cells that already are where they should go are left out.
    """
    role = actor.require((PLANNER,), to="draw a plan")
    if tool not in TOOLS:
        raise InputError("there is no such tool.", where="tool")
    before = drawing(store, draft_id)
    if before.seq == seen:
        change = _needed(before, change)
        _refuse_locked(before, change)

    def job(con: Connection) -> None:
        _check_seen(con, draft_id, seen)
        must_be(con, draft_id, DRAWING)
        locks = [(label, label in before.locked, now) for label, now in change.locks]
        _put_line(con, store.now(), draft_id, (seen + 1, tool, before.head, seen + 1), locks, (actor.label, role))
        _put_changes(con, draft_id, seen + 1, before, change)

    store.writer.run(job, label="draft", touches=()).result()
    return drawing(store, draft_id)


def refuse_stale(store: Store, draft_id: int, seen: int) -> None:
    """Raise StaleMove where somebody has changed the draft since line `seen`, before anything is drawn on it."""
    with store.read() as con:
        _check_seen(con, draft_id, seen)


def undo(store: Store, draft_id: int, seen: int, actor: Actor) -> Drawing:
    """Take back the change that stands. Raises Refused where there is none, StaleMove."""
    return _turn(store, draft_id, seen, UNDO, actor)


def redo(store: Store, draft_id: int, seen: int, actor: Actor) -> Drawing:
    """Do again what was taken back last. Raises Refused where there is nothing, StaleMove."""
    return _turn(store, draft_id, seen, REDO, actor)


def can(store: Store, draft_id: int) -> tuple[bool, bool]:
    """Whether there is something to undo, and to redo."""
    head = drawing(store, draft_id).head
    with store.read() as con:
        return head > 0, _next_of(con, draft_id, head) is not None


def _turn(store: Store, draft_id: int, seen: int, tool: str, actor: Actor) -> Drawing:
    role = actor.require((PLANNER,), to="draw a plan")

    def job(con: Connection) -> None:
        head = _check_seen(con, draft_id, seen)
        must_be(con, draft_id, DRAWING)
        of = head if tool == UNDO else _next_of(con, draft_id, head)
        if not of:
            raise Refused(f"this is {BACK if tool == UNDO else ON} of the journal.", where=f"draft {draft_id}")
        row = con.execute(
            "SELECT follows, locks FROM draft_line WHERE draft_id = $1 AND seq = $2", [draft_id, of]
        ).fetchone()
        follows, locks = (0, "[]") if row is None else row
        turned = [(label, now, was) if tool == UNDO else (label, was, now) for label, was, now in json.loads(locks)]
        stands = int(follows) if tool == UNDO else of
        _put_line(con, store.now(), draft_id, (seen + 1, tool, head, stands), turned, (actor.label, role))
        con.execute(_BACKWARDS if tool == UNDO else _AGAIN, {"draft": draft_id, "seq": seen + 1, "of": of})

    store.writer.run(job, label="draft", touches=()).result()
    return drawing(store, draft_id)


_BACKWARDS = """INSERT INTO draft_change
    SELECT draft_id, $seq, cell, grid_to, grid_from, micro_to, micro_from, community_to, community_from
    FROM draft_change WHERE draft_id = $draft AND seq = $of"""
_AGAIN = """INSERT INTO draft_change
    SELECT draft_id, $seq, cell, grid_from, grid_to, micro_from, micro_to, community_from, community_to
    FROM draft_change WHERE draft_id = $draft AND seq = $of"""


def _next_of(con: Connection, draft_id: int, head: int) -> int | None:
    """The latest change that was made on `head`."""
    row = con.execute(
        """SELECT max(seq) FROM draft_line WHERE draft_id = $1 AND follows = $2 AND tool NOT IN ('undo', 'redo')""",
        [draft_id, head],
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _check_seen(con: Connection, draft_id: int, seen: int) -> int:
    """The head after the last line. Raises StaleMove where that line is not the one that was seen."""
    row = con.execute(
        "SELECT seq, head, author, tool FROM draft_line WHERE draft_id = $1 ORDER BY seq DESC LIMIT 1", [draft_id]
    ).fetchone()
    seq, head, author, tool = (0, 0, "", "") if row is None else row
    if seq != seen:
        raise StaleMove(
            f"somebody changed it first: {author}.",
            where=f"{tool} {seq}",
            todo="Look at the change and do yours again.",
        )
    return int(head)


def _needed(before: Drawing, change: Change) -> Change:
    """Without what is as it should be already. Raises InputError for cells there are not, Refused where nothing is left."""
    if len(change.cell) and not (change.cell.min() >= 0 and change.cell.max() < len(before.cells)):
        raise InputError("there are no such cells.", where="cell")
    community = before.community[change.cell] if change.community is None else change.community
    other = (before.grid[change.cell] != change.grid) | (before.micro[change.cell] != change.micro)
    other |= before.community[change.cell] != community
    locks = tuple((label, now) for label, now in change.locks if (label in before.locked) != now)
    if not other.any() and not locks:
        raise Refused("this changes nothing.", where=f"draft {before.draft_id}")
    return Change(change.cell[other], change.grid[other], change.micro[other], locks, community[other])


def _refuse_locked(before: Drawing, change: Change) -> None:
    touched = set(before.grid[change.cell].tolist()) | set(change.grid.tolist())
    held = sorted(touched & before.locked)
    if held:
        raise Refused(f"{len(held)} of these grids are locked.", where=str(held[0]), todo="Set them free first.")


def _put_line(
    con: Connection, at: datetime, draft_id: int, line: tuple[int, str, int, int], locks: Any, by: tuple[str, str]
) -> None:
    seq, tool, follows, head = line
    con.execute(
        "INSERT INTO draft_line VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [draft_id, seq, at, *by, tool, follows, head, json.dumps(locks)],
    )


def _put_changes(con: Connection, draft_id: int, seq: int, before: Drawing, change: Change) -> None:
    if not len(change.cell):
        return
    was = before.community[change.cell]
    columns = {
        "cell": change.cell,
        "grid_from": before.grid[change.cell],
        "grid_to": change.grid,
        "micro_from": before.micro[change.cell],
        "micro_to": change.micro,
        "community_from": was,
        "community_to": was if change.community is None else change.community,
    }
    con.register("drawn", pa.table(columns))
    con.execute("INSERT INTO draft_change SELECT $1, $2, * FROM drawn", [draft_id, seq])
    con.unregister("drawn")


def changed_since(store: Store, draft_id: int, seq: int) -> Numbers:
    """The cells that any line after `seq` changed."""
    found = store.arrow(
        "SELECT DISTINCT cell FROM draft_change WHERE draft_id = $1 AND seq > $2 ORDER BY cell", [draft_id, seq]
    )
    return np.asarray(found.column("cell").to_numpy(), np.int64)


def mark(store: Store, draft_id: int) -> str:
    """Changes with every line, step, rule and remark of a draft."""
    rows = store.rows(
        """SELECT (SELECT coalesce(max(seq), 0) FROM draft_line WHERE draft_id = $1) AS line,
               (SELECT count(*) FROM draft_step WHERE draft_id = $1) AS step,
               (SELECT count(*) + count(settled_at) FROM draft_comment WHERE draft_id = $1) AS remark""",
        [draft_id],
    )
    return f"{rows[0]['line']}.{rows[0]['step']}.{rows[0]['remark']}"
