"""Any plan as tables of its grids and micro-grids: in force, past, or a draft. A word names it: plan:3, draft:5.

What is compared, and what is written to files, comes from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from dashboard.languages import _
from dashboard.studio.words import STATE_NAMES
from data.drafts import EFFECTIVE, NEW, WITHDRAWN, Drawing, draft, drafts, drawing
from data.enacting import members
from data.errors import InputError, NotFound
from data.grants import codes_of
from data.levels import BEGINNING, END
from data.nesting import joined
from data.plan_extracts import planned_places
from data.plans import Plan, plans
from data.store import Store

Said = dict[str, Any]
COLUMNS: pa.Schema = pa.schema(
    [(name, pa.string()) for name in ("code", "name", "parent", "kind")]
    + [("households", pa.int32()), ("geometry", pa.binary())]
)
LAYERS = {"grid": "grids", "micro_grid": "micro_grids"}


@dataclass(frozen=True)
class Side:
    """A plan: its word, what it is called, and when or how it holds."""

    word: str
    name: str
    note: str


def sides(store: Store) -> list[Side]:
    """Every plan that can be compared or written out: those in force and past, the latest first, then drafts."""
    held = [
        Side(f"plan:{one.plan_id}", one.name, plan_note(store, one)) for one in plans(store) if one.status != "draft"
    ]
    drawn = [
        Side(f"draft:{one.draft_id}", one.name, _(STATE_NAMES[one.state]))
        for one in drafts(store)
        if one.state not in (EFFECTIVE, WITHDRAWN)
    ]
    return held[::-1] + drawn


def plan_note(store: Store, one: Plan) -> str:
    """When a plan holds."""
    today = store.now().astimezone(store.zone).date()
    if one.effective_from <= today < one.effective_to:
        return _("现行") if one.effective_from == BEGINNING else _("现行，自 {day} 起").format(day=one.effective_from)
    if one.effective_to == END:
        return _("自 {day} 起").format(day=one.effective_from)
    if one.effective_from == BEGINNING:
        return _("至 {day} 止").format(day=one.effective_to)
    return _("{day} 至 {end}").format(day=one.effective_from, end=one.effective_to)


def side(store: Store, word: str) -> Side:
    """The side of a word. Raises NotFound."""
    found = next((one for one in sides(store) if one.word == word), None)
    if found is None:
        kind, _colon, number = word.partition(":")
        if kind == "draft" and number.isdigit():
            about = draft(store, int(number))
            return Side(word, about.name, _(STATE_NAMES[about.state]))
        raise NotFound("there is no such plan.", where=word)
    return found


def tables(store: Store, word: str) -> dict[str, pa.Table]:
    """Level → code, name, parent (code), kind, households, geometry (WKB, EPSG:4326). Raises InputError, NotFound."""
    kind, _colon, number = word.partition(":")
    if kind not in ("plan", "draft") or not number.isdigit() or len(number) > 9:
        raise InputError("there is no such plan.", where=word)
    if kind == "draft":
        return drawn_tables(store, drawing(store, int(number)))
    plan = next((one for one in plans(store) if one.plan_id == int(number)), None)
    if plan is None:
        raise NotFound("there is no such plan.", where=word)
    return {level: planned_places(store, plan, level).select(COLUMNS.names) for level in LAYERS}


def drawn_tables(store: Store, now: Drawing) -> dict[str, pa.Table]:
    """The same of a draft; what it made has no code yet, and names of its own."""
    plan = next(one for one in plans(store) if one.plan_id == now.cells.plan_id)
    old = {level: {row["code"]: row for row in planned_places(store, plan, level).to_pylist()} for level in LAYERS}
    communities = codes_of(store, set(now.community.tolist()))
    names = {label: name_of(now, label) for label in np.unique(now.grid).tolist()}
    grids = [_row(now, "grid", label, cells, old, communities) for label, cells in members(now.grid).items()]
    micro = [_row(now, "micro_grid", label, cells, old, names) for label, cells in members(now.micro).items() if label]
    return {
        level: pa.Table.from_pylist(sorted(rows, key=lambda row: (row["code"] or "~", row["name"])), schema=COLUMNS)
        for level, rows in (("grid", grids), ("micro_grid", micro))
    }


def _row(
    now: Drawing,
    level: str,
    label: int,
    cells: NDArray[np.int64],
    old: dict[str, dict[str, Said]],
    parents: dict[int, str],
) -> Said:
    known = now.cells.labels.get(label)
    before = now.cells.grid if level == "grid" else now.cells.micro
    was = old[level].get(known.code) if known else None
    same = was is not None and np.array_equal(np.flatnonzero(before == label), np.sort(cells))
    above = int((now.community if level == "grid" else now.grid)[cells[0]])
    return {
        "code": known.code if known else None,
        "name": known.name if known else name_of(now, label),
        "parent": parents.get(above) or _("新社区"),
        "kind": was["kind"] if was else None,
        "households": int(now.cells.households[cells].sum()),
        "geometry": was["geometry"]
        if was and same
        else shapely.to_wkb(joined(shapely.from_wkb(now.cells.geometry[cells]))),
    }


def name_of(now: Drawing, label: int) -> str:
    """What a grid or micro-grid is called; a new one by its number, for codes come when the plan takes effect."""
    known = now.cells.labels.get(label)
    return known.name if known else _("新网格{n}").format(n=label - NEW + 1)
