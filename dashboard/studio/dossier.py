"""The dossier of a draft: what changes for each grid, with a drawing before and after, and every building that changes grid.

It is made from the draft as it stands; `dossier_pdf.py` and `dossier_word.py` lay the same content out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from dashboard.formats import moment
from dashboard.languages import _
from dashboard.studio.dossier_maps import Maps
from dashboard.studio.sheets import board, drawn
from dashboard.studio.what_if import tried
from dashboard.studio.words import PASSING_NAMES, STATE_NAMES, post_name
from data.cell_sets import CellSet
from data.drafts import EFFECTIVE, NEW, Draft, Drawing, draft, drawing
from data.errors import Refused
from data.place_names import latest_names
from data.store import Store
from data.successors import NOBODY, Passing
from data.successors import told as told_passings
from planning.measures import Measures, measures

Row = tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One changed grid: what it is called, where it lies, its figures before and now (name, before, now), its label for drawings."""

    label: int
    name: str
    place: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Dossier:
    """The words of a dossier and what its drawings are made of."""

    title: str
    subtitle: str
    said: tuple[str, ...]
    heads: Row
    grids: tuple[Row, ...]
    forms: tuple[Form, ...]
    moved_heads: Row
    moved: tuple[Row, ...]
    passing_heads: Row
    passings: tuple[Row, ...]
    maps: Maps
    made: datetime


def dossier(store: Store, draft_id: int) -> Dossier:
    """The dossier of a draft. Raises NotFound, and Refused where nothing changes."""
    about, now = draft(store, draft_id), drawing(store, draft_id)
    if not now.is_changed:
        raise Refused("this draft changes nothing.", where=f"draft {draft_id}", todo="Draw first.")
    one = board(store, now.cells)
    after = measures(drawn(one, now), about.rules)
    before = measures(drawn(one, now.cells), about.rules)
    changed = changed_grids(now)
    scored = tried(store, draft_id)
    places = community_names(store, now)
    forms = tuple(form(now.cells, now, label, before, after, places) for label in changed)
    return Dossier(
        _("网格划分方案：{name}").format(name=about.name),
        subtitle(store, about),
        tuple(scored["said"]),
        (_("网格"), _("社区"), _("原户数"), _("现户数"), _("紧凑度"), _("调入"), _("调出")),
        tuple(line(now, label, before, after, places) for label in changed),
        forms,
        (_("楼栋"), _("户数"), _("原网格"), _("新网格"), _("原因")),
        tuple(
            (home or code, f"{n:,}", name_of(now.cells, was), name_of(now.cells, new), why)
            for home, n, was, new, why, code in scored["moved"]
        ),
        (_("撤销的网格或社区"), _("归属"), _("数量"), _("接续者"), _("接收户数占比"), _("备注")),
        passing_rows(store, about, now),
        Maps(one, now.cells.grid, now.grid),
        store.now(),
    )


def subtitle(store: Store, about: Draft) -> str:
    """Whose it is and how it stands."""
    parts = [store.deployment.name, _(STATE_NAMES[about.state])]
    if about.effective_from is not None:
        parts.append(_("自 {day} 起生效").format(day=about.effective_from.isoformat()))
    if store.deployment.simulated:
        parts.append(_("模拟数据"))
    return " · ".join([*parts, moment(store.now(), store.zone)])


def changed_grids(now: Drawing) -> list[int]:
    """The grids that gain or lose cells, new and given up ones among them: those in force first."""
    gone = now.grid != now.cells.grid
    return sorted({*now.grid[gone].tolist(), *now.cells.grid[gone].tolist()})


def name_of(cells: CellSet, label: int) -> str:
    """What a grid is called; a new one by its number, for codes come when the plan takes effect."""
    known = cells.labels.get(label)
    return known.name if known else _("新网格{n}").format(n=label - NEW + 1)


def community_names(store: Store, now: Drawing) -> dict[int, str]:
    """What the communities of a drawing are called; new ones by their number."""
    fresh = {label: _("新社区{n}").format(n=label - NEW + 1) for label in set(now.community.tolist()) if label >= NEW}
    return latest_names(store, set(now.cells.community.tolist())) | fresh


def passing_rows(store: Store, about: Draft, now: Drawing) -> tuple[Row, ...]:
    """What passes from places that are given up: posts, accounts, units, devices, duties."""
    day = about.effective_from or store.now().astimezone(store.zone).date()
    found = told_passings(store, now, day, effective=about.state == EFFECTIVE)
    names = latest_names(store, {one.place_id for one in found} | {one.heir for one in found if one.heir < NEW})
    fresh = community_names(store, now)

    def heir(one: Passing) -> str:
        if one.heir == NOBODY:
            return "–"
        return names.get(one.heir) or (
            fresh.get(one.heir, "") if one.level == "community" else name_of(now.cells, one.heir)
        )

    return tuple(
        (
            names.get(one.place_id, ""),
            _(PASSING_NAMES[one.what]).format(name=post_name(one.label) if one.what == "post" else one.label),
            f"{one.n:,}",
            heir(one),
            f"{100 * one.share:.0f}%",
            _("需核对") if one.is_doubtful else "",
        )
        for one in found
    )


def line(now: Drawing, label: int, before: Measures, after: Measures, places: dict[int, str]) -> Row:
    """A grid in the table."""
    was, new = told(before, label), told(after, label)
    return (
        name_of(now.cells, label),
        community(now, label, places),
        was.get("households", "–"),
        new.get("households", _("撤销")),
        new.get("roundness", "–"),
        new.get("came", "–"),
        new.get("left", was.get("households", "–")),
    )


def form(cells: CellSet, now: Drawing, label: int, before: Measures, after: Measures, places: dict[int, str]) -> Form:
    """The form of one grid."""
    was, new = told(before, label), told(after, label)
    known = cells.labels.get(label)
    names = {
        "households": _("户数"),
        "micro": _("微网格"),
        "roundness": _("紧凑度"),
        "workload": _("月均事件"),
        "posts": _("应设岗位"),
    }
    rows = [(title, was.get(name, "–"), new.get(name, "–")) for name, title in names.items()]
    rows.insert(
        0, (_("编码"), known.code if known else "–", (known.code if known else _("生效时编码")) if new else _("作废"))
    )
    return Form(label, name_of(cells, label), community(now, label, places), tuple(rows))


def community(now: Drawing, label: int, places: dict[int, str]) -> str:
    """The community most of a grid's cells lie in."""
    rows = np.flatnonzero(now.grid == label)
    rows = rows if len(rows) else np.flatnonzero(now.cells.grid == label)
    owners, count = np.unique(now.community[rows], return_counts=True)
    return places.get(int(owners[np.argmax(count)]), "")


def told(found: Measures, label: int) -> dict[str, str]:
    """A grid's figures in words; empty where it is not in that plan."""
    at = found.row(label)
    if at >= len(found.label) or found.label[at] != label:
        return {}
    return {
        "households": f"{int(found.households[at]):,}",
        "micro": str(int(found.micro_grids[at])),
        "roundness": f"{found.roundness[at]:.2f}",
        "workload": f"{found.workload[at]:.1f}",
        "posts": str(int(found.posts[at])),
        "came": f"{int(found.came[at]):,}",
        "left": f"{int(found.left[at]):,}",
    }
