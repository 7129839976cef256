"""What the studio's page is told: the drafts, one draft's cells and labels, its figures, and what changed since it looked."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.formats import moment, name_of
from dashboard.languages import _
from dashboard.live.channels import digest
from dashboard.studio.sheets import MONTHS, Board, board, drawn, staffed
from dashboard.studio.sides import plan_note, sides
from dashboard.studio.words import ROLE_NAMES, STATE_NAMES, STEP_NAMES, TOOL_NAMES
from data.acting import acting
from data.actors import PLANNER
from data.cell_sets import CellSet, cell_set
from data.draft_journal import can, changed_since, journal
from data.draft_review import APPROVERS, Comment, comments, steps
from data.drafts import DRAWING, Draft, Drawing, draft, drafts, drawing, rule_sets
from data.errors import NotFound
from data.place_names import latest_names
from data.plan_rules import PlanRules
from data.plans import plans
from data.store import Store
from data.successors import heirs
from layers import worker
from layers.base_map import base_map
from layers.codec import encode
from planning.measures import Measures, Violation, measures, total, violations

MOST_LINES, MOST_SAID = 200, 400
Said = dict[str, Any]


def listed(store: Store) -> Said:
    """The page before a draft is chosen."""
    return {
        "drafts": [about(store, one) for one in drafts(store)],
        "sides": [[one.word, one.name, one.note] for one in sides(store)],
        "plans": [
            [one.plan_id, one.name, plan_note(store, one)] for one in reversed(plans(store)) if one.status != "draft"
        ],
        "rules": [[name, name_of(rules.name.zh, rules.name.en)] for name, rules in rule_sets(store).items()],
        "may": acting().has(PLANNER),
    }


def about(store: Store, one: Draft) -> Said:
    """A draft in the list and over its map."""
    return {
        "id": one.draft_id,
        "name": one.name,
        "state": one.state,
        "state_name": _(STATE_NAMES[one.state]),
        "made_at": moment(one.made_at, store.zone),
        "made_by": one.made_by,
        "from": None if one.effective_from is None else one.effective_from.isoformat(),
        "seq": one.seq,
    }


def whole(store: Store, draft_id: int) -> Said:
    """Everything of one draft but the polygons and the names of cells, which never change."""
    now = drawing(store, draft_id)
    one = board(store, now.cells)
    return {
        "cells": frame(store, now.cells),
        "grid": column(now.grid),
        "micro": column(now.micro),
        "community": column(now.community),
        "changing": changing(store, now, one),
    }


def since(store: Store, draft_id: int, seq: int) -> Said:
    """What the lines after `seq` changed."""
    now = drawing(store, draft_id)
    cell = changed_since(store, draft_id, seq)
    return {
        "cell": column(cell),
        "grid": column(now.grid[cell]),
        "micro": column(now.micro[cell]),
        "community": column(now.community[cell]),
        "changing": changing(store, now, board(store, now.cells)),
    }


def column(values: NDArray[Any]) -> str:
    """Whole numbers as JSON carries them: base64 of little-endian int32."""
    return b64encode(np.asarray(values, "<i4").tobytes()).decode()


def frame(store: Store, cells: CellSet) -> Said:
    """Where the polygons and the names of the cells are."""
    _content, name = polygons(cells)
    base = f"/studio/cells/{cells.cell_set_id}/{name}"
    return {
        "n": len(cells),
        "address": f"{base}/cells.bin",
        "names": f"{base}/names.json",
        "worker": worker.address(),
        "base": base_map(store).address,
        "bounds": [float(v) for v in shapely.total_bounds(shapely.from_wkb(cells.geometry))],
    }


@lru_cache(maxsize=3)
def polygons(cells: CellSet) -> tuple[bytes, str]:
    """The gzipped polygons of some cells and the digest that names them."""
    content = encode(shapely.from_wkb(cells.geometry))
    return content, digest(content.hex())


@lru_cache(maxsize=8)
def first_figures(one: Board, rules: PlanRules) -> Measures:
    """The figures of the plan the cells were made over."""
    return measures(drawn(one, one.cells), rules)


@lru_cache(maxsize=8)
def first_posts(one: Board) -> list[int]:
    """The posts filled in the grids of the plan the cells were made over, by label."""
    return staffed(one, one.cells, np.unique(one.cells.grid))


def cell_file(store: Store, cell_set_id: int, name: str, file: str) -> bytes:
    """The gzipped polygons, or the names beside them. Raises NotFound for those of another store."""
    cells = cell_set(store, cell_set_id)
    content, known = polygons(cells)
    if name != known or file not in ("cells.bin", "names.json"):
        raise NotFound("these cells have changed", where=f"cells {cell_set_id}", todo="Load the page again.")
    return (
        content
        if file == "cells.bin"
        else gzip.compress(json.dumps(names(store, cells), ensure_ascii=False).encode(), 6, mtime=0)
    )


def names(store: Store, cells: CellSet) -> Said:
    """What the cells are: columns as long as there are cells, and the names of what they lie in."""
    places = _place_names(store, cells)
    return {
        "code": cells.code,
        "name": cells.name,
        "level": cells.level,
        "households": column(cells.households),
        "community": column(cells.community),
        "estate": column(cells.estate),
        "first_grid": column(cells.grid),
        "first_micro": column(cells.micro),
        "lon": [round(v, 6) for v in cells.lon.tolist()],
        "lat": [round(v, 6) for v in cells.lat.tolist()],
        "places": places,
        "labels": {str(one.place_id): [one.code, one.name, int(one.dedicated)] for one in cells.labels.values()},
        "lost": cells.lost,
    }


def _place_names(store: Store, cells: CellSet) -> dict[str, str]:
    return {str(k): v for k, v in latest_names(store, {*cells.community.tolist(), *cells.estate.tolist()}).items()}


def changing(store: Store, now: Drawing, one: Board) -> Said:
    """What another line of the journal may make different."""
    about_it = draft(store, now.draft_id)
    rules = about_it.rules
    drawn_now = drawn(one, now)
    found = measures(drawn_now, rules)
    before = first_figures(one, rules)
    broken = violations(drawn_now, found, rules)
    undo, redo = can(store, now.draft_id)
    actor = acting()
    return {
        "draft": about(store, about_it),
        "seq": now.seq,
        "undo": undo,
        "redo": redo,
        "locked": sorted(now.locked),
        "figures": columns(found) | {"staffed": staffed(one, now, found.label, heirs(now))},
        "before": columns(before) | {"staffed": first_posts(one)},
        "total": asdict(total(found, rules)),
        "total_before": asdict(total(before, rules)),
        "events": one.cases.events.sum() / MONTHS,
        "broken": [violation_said(one, violation) for violation in broken[:MOST_SAID]],
        "broken_n": len(broken),
        "hard_n": sum(violation.hard for violation in broken),
        "rules": rules_said(rules),
        "journal": [line_said(store, line) for line in reversed(journal(store, now.draft_id)[-MOST_LINES:])],
        "steps": [
            [moment(s.happened_at, store.zone), _(STEP_NAMES[s.step]), s.author, s.note or ""]
            for s in steps(store, now.draft_id)
        ],
        "comments": [comment_said(store, remark) for remark in comments(store, now.draft_id)],
        "may": {
            "draw": about_it.state == DRAWING and actor.may(PLANNER),
            "plan": actor.may(PLANNER),
            "approve": any(actor.may(role) for role in APPROVERS),
        },
    }


def columns(found: Measures) -> Said:
    """The figures of the grids as columns."""
    return {
        "label": found.label.tolist(),
        "households": found.households.tolist(),
        "homes": found.homes.astype(int).tolist(),
        "roundness": np.round(found.roundness, 3).tolist(),
        "pieces": found.pieces.tolist(),
        "micro": found.micro_grids.tolist(),
        "workload": np.round(found.workload, 1).tolist(),
        "posts": found.posts.tolist(),
        "came": found.came.tolist(),
        "left": found.left.tolist(),
    }


def violation_said(one: Board, broken: Violation) -> Said:
    """A broken rule with the box the map goes to."""
    lon, lat = one.cells.lon[broken.cells], one.cells.lat[broken.cells]
    return {
        "rule": broken.rule,
        "hard": broken.hard,
        "label": broken.label,
        "value": round(broken.value, 3),
        "box": [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())],
    }


def rules_said(rules: PlanRules) -> Said:
    """The rules and their numbers."""
    return {name: value for name, value in rules.model_dump().items() if isinstance(value, dict) and name != "name"}


def line_said(store: Store, line: Any) -> list[Any]:
    """A line of the journal: number, when, who, what, cells, whether it is a change."""
    return [line.seq, moment(line.written_at, store.zone), line.author, _(TOOL_NAMES[line.tool]), line.n]


def comment_said(store: Store, remark: Comment) -> Said:
    """A remark with its pin."""
    return {
        "id": remark.comment_id,
        "lon": remark.lon,
        "lat": remark.lat,
        "body": remark.body,
        "at": moment(remark.written_at, store.zone),
        "by": f"{remark.author} · {_(ROLE_NAMES.get(remark.by_role, remark.by_role))}",
        "settled": remark.settled_at is not None,
    }
