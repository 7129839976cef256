"""Drafts: copies of the plan in force that are drawn on, reviewed, approved, and take its place on a day.

A draft is its cells and a journal (`data/draft_journal.py`). What stands is kept in memory, and is read again from the journal
when it is not; `Drawing` is one moment of it and is never changed in place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from data import audit
from data.actors import PLANNER, Actor
from data.cell_sets import CellSet, cell_set
from data.database import Connection
from data.definitions import definitions_of, read_as
from data.errors import InputError, NotFound, Refused
from data.plan_rules import PlanRules, changed_rules

if TYPE_CHECKING:
    from data.store import Store

Numbers = NDArray[np.int64]
DRAWING, REVIEW, APPROVED, EFFECTIVE, WITHDRAWN = "drawing", "review", "approved", "effective", "withdrawn"
STATES = (DRAWING, REVIEW, APPROVED, EFFECTIVE, WITHDRAWN)
NEW = 1_000_000_000  # labels from here on are grids and micro-grids the draft made; below, place ids
LONGEST_NAME = 60


@dataclass(frozen=True)
class Draft:
    """A draft as the list shows it. seq: the last line of its journal."""

    draft_id: int
    name: str
    cell_set_id: int
    rules: PlanRules
    state: str
    made_at: datetime
    made_by: str
    effective_from: date | None
    plan_id: int | None
    seq: int


@dataclass(frozen=True)
class Drawing:
    """A draft at a line of its journal. grid, micro, community: [n] labels of the cells; head: the change that stands (0: none)."""

    draft_id: int
    seq: int
    head: int
    cells: CellSet
    grid: Numbers
    micro: Numbers
    community: Numbers
    locked: frozenset[int]
    newest: int  # the highest label given so far

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the plan it was copied from."""
        names = ("grid", "micro", "community")
        return any(not np.array_equal(getattr(self, name), getattr(self.cells, name)) for name in names)


_DRAWN: WeakKeyDictionary[Store, dict[int, Drawing]] = WeakKeyDictionary()
_DRAFTS = """SELECT d.*, coalesce((SELECT max(seq) FROM draft_line l WHERE l.draft_id = d.draft_id), 0) AS seq
    FROM draft d"""


def drafts(store: Store) -> list[Draft]:
    """Every draft, the latest first."""
    return [_draft(row) for row in store.rows(f"{_DRAFTS} ORDER BY draft_id DESC")]


def draft(store: Store, draft_id: int) -> Draft:
    """One draft. Raises NotFound."""
    rows = store.rows(f"{_DRAFTS} WHERE draft_id = $1", [draft_id])
    if not rows:
        raise NotFound("there is no such draft.", where=f"draft {draft_id}")
    return _draft(rows[0])


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(**{**row, "rules": PlanRules.model_validate_json(row["rules"])})


def rule_sets(store: Store) -> dict[str, PlanRules]:
    """The rules a draft may begin with, by id."""
    texts = definitions_of(store.home, "plan_rules")
    return {name: read_as(PlanRules, text.body, text.where) for name, text in texts.items()}


def make_draft(store: Store, name: str, cell_set_id: int, rules: str, actor: Actor) -> int:
    """A new draft over some cells, with rules of its own; its id. Raises InputError, NotFound, Refused."""
    role = actor.require((PLANNER,), to="draw a plan")
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InputError(f"a draft has a name of up to {LONGEST_NAME} characters.", where="name")
    sets = rule_sets(store)
    if rules not in sets:
        raise InputError("there are no such rules.", where=rules, todo=f"One of {', '.join(sets)}.")
    cell_set(store, cell_set_id)
    now = store.now()

    def job(con: Connection) -> int:
        if con.execute("SELECT 1 FROM draft WHERE name = $1", [name]).fetchone():
            raise InputError("there is a draft of this name.", where=name, todo="Give it another name.")
        row = con.execute(
            "INSERT INTO draft VALUES (nextval('draft_ids'), $1, $2, $3, $4, $5, $6, NULL, NULL) RETURNING draft_id",
            [name, cell_set_id, sets[rules].model_dump_json(), DRAWING, now, actor.label],
        ).fetchone()
        number = int(row[0]) if row else 0
        put_step(con, number, now, "made", actor, role)
        return number

    return store.writer.run(job, label="draft", touches=()).result()


def put_step(
    con: Connection, draft_id: int, at: datetime, step: str, actor: Actor, role: str, note: str | None = None
) -> None:
    """Write down what became of a draft. Part of a transaction."""
    con.execute("INSERT INTO draft_step VALUES ($1, $2, $3, $4, $5, $6)", [draft_id, at, step, actor.label, role, note])
    audit.put(con, at, audit.Entry("draft", actor, role, detail={"draft": draft_id, "step": step}))


def change_rules(store: Store, draft_id: int, rule: str, said: dict[str, object], actor: Actor) -> PlanRules:
    """Make one rule of a draft softer, harder, or another number; what the rules are then. Raises InputError, Refused."""
    role = actor.require((PLANNER,), to="draw a plan")

    def job(con: Connection) -> PlanRules:
        must_be(con, draft_id, DRAWING)
        row = con.execute("SELECT rules FROM draft WHERE draft_id = $1", [draft_id]).fetchone()
        made = changed_rules(PlanRules.model_validate_json(row[0] if row else ""), rule, said)
        con.execute("UPDATE draft SET rules = $2 WHERE draft_id = $1", [draft_id, made.model_dump_json()])
        put_step(con, draft_id, store.now(), "rules", actor, role, json.dumps({rule: said}))
        return made

    return store.writer.run(job, label="draft", touches=()).result()


def must_be(con: Connection, draft_id: int, *states: str) -> str:
    """The state of a draft. Raises NotFound, and Refused where it is none of these."""
    row = con.execute("SELECT state FROM draft WHERE draft_id = $1", [draft_id]).fetchone()
    if row is None:
        raise NotFound("there is no such draft.", where=f"draft {draft_id}")
    if row[0] not in states:
        raise Refused(f"the draft is {row[0]}.", where=f"draft {draft_id}", todo=f"It has to be {' or '.join(states)}.")
    return str(row[0])


def drawing(store: Store, draft_id: int) -> Drawing:
    """What a draft shows now. Raises NotFound."""
    now = draft(store, draft_id)
    kept = _DRAWN.setdefault(store, {})
    known = kept.get(draft_id)
    if known is None or known.seq > now.seq:
        cells = cell_set(store, now.cell_set_id)
        known = Drawing(draft_id, 0, 0, cells, cells.grid, cells.micro, cells.community, frozenset(), NEW - 1)
    if known.seq < now.seq:
        known = _onward(store, known, now.seq)
    kept[draft_id] = known
    return known


def _onward(store: Store, known: Drawing, seq: int) -> Drawing:
    """The drawing after the lines up to `seq`."""
    reach = [known.draft_id, known.seq, seq]
    lines = store.rows(
        "SELECT seq, head, locks FROM draft_line WHERE draft_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq", reach
    )
    found = store.arrow(
        """SELECT cell, grid_to, micro_to, coalesce(community_to, -1) AS community_to FROM draft_change
           WHERE draft_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, cell""",
        reach,
    )
    cell, to, micro_to, community_to = (
        np.asarray(found.column(name).to_numpy(), np.int64) for name in ("cell", "grid_to", "micro_to", "community_to")
    )
    grid, micro, community = known.grid.copy(), known.micro.copy(), known.community.copy()
    grid[cell], micro[cell] = to, micro_to  # of several for one cell numpy keeps the last
    there = community_to >= 0
    community[cell[there]] = community_to[there]
    locked = set(known.locked)
    for line in lines:
        for label, _was, now in json.loads(line["locks"]):
            (locked.add if now else locked.discard)(label)
    newest = max([known.newest, *(int(column.max()) for column in (to, micro_to, community_to) if len(column))])
    return replace(
        known, seq=seq, head=int(lines[-1]["head"]), grid=grid, micro=micro, community=community,
        locked=frozenset(locked), newest=newest,
    )  # fmt: skip
