"""A kind's board: its stages as columns in the definition's order, a card for each case, the moves its rules allow.

Nothing here knows a kind by name. What has ended stays for a week, so that one sees what was done. A kind whose cases have parts
shows whole cases, each with its parts' states, or the parts themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dashboard.console import rows
from dashboard.console.openings import form_of
from dashboard.console.tabs import kinds_of, scope
from dashboard.formats import name_of
from dashboard.languages import _, language
from data.acting import acting
from data.actors import Actor
from data.allowances import allowances
from data.casework import at_repeat_points, first_texts
from data.definitions import KindVersion
from data.errors import NotFound
from data.fold import ENDS
from data.parts import Part, parts_of
from data.periods import to_minute
from data.queues import Waiting, Wish, how_many, waiting
from data.store import Store

Said = dict[str, Any]
MOST = 60  # cards of a column; its number counts all
TITLE = 60  # letters of what a case without a category says
FEW_PARTS = 6  # named on the card of a whole case; of more only how many are done
KEPT = timedelta(days=7)  # what has ended stays so long
USUAL = "event"  # it has the queue, so it is not what the boards begin with


def board(store: Store, kind: str, mark: str = "", *, parts: bool = False) -> Said:
    """A board; only the mark when the reader has just that already. Raises NotFound for what is no kind."""
    state = (store.version, to_minute(store.now()))
    found = _board(rows.Source(store), kind, parts, acting(), language(), state)
    return {"mark": mark} if found["mark"] == mark else found


@lru_cache(maxsize=32)
def _board(
    source: rows.Source, kind: str, parts: bool, actor: Actor, _language: str, state: tuple[int, datetime]
) -> Said:
    """Made once for all screens of a post after a commit, or when a minute has passed."""
    store = source.store
    kinds = kinds_of(store)
    version = kinds.get(kind or _first(kinds))
    if version is None:
        raise NotFound("there is no such kind.", where=kind)
    asked = {stage: _wish(version, stage, actor, store.now(), parts) for stage in columns_of(version)}
    counts = dict(zip(asked, how_many(store, list(asked.values())), strict=True))
    found = {stage: waiting(store, wish) for stage, wish in asked.items()}
    every = [one for ones in found.values() for one in ones]
    allowed = allowances(store, {one.case_id: one.seq for one in every}, actor)
    repeats = at_repeat_points(store, [one.case_id for one in every])
    held, texts = _held(store, every), first_texts(store, [one.case_id for one in every if one.category is None])

    def card(one: Waiting) -> Said:
        made = rows.row(one, kinds, store, allowed.get(one.case_id), repeat=one.case_id in repeats)
        return {
            **made,
            "title": one.category or texts.get(one.case_id, "")[:TITLE] or made["kind_name"],
            "place": one.place or ("" if one.parts else made["place"]),
            "held": [_part(part, version) for part in held.get(one.case_id, ())],
        }

    return {
        "mark": f"{version.kind.id}-{int(parts)}-{state[0]}-{int(state[1].timestamp())}",
        "kind": version.kind.id,
        "name": kind_word(version),
        "parts": parts if version.kind.opening.parts else None,
        "kinds": _kinds(store, kinds, actor),
        "opens": form_of(version, [])["kind"] if actor.has(*version.kind.opening.roles) else "",
        "columns": [
            {
                "stage": stage,
                "name": rows.stage_name(version, stage),
                "ended": stage in ENDS,
                "n": counts[stage],
                "rows": [card(one) for one in found[stage]],
            }
            for stage in asked
        ],
        "moves": rows.rules_of(allowed.values()),
    }


def columns_of(version: KindVersion) -> list[str]:
    """The stages that are columns: all but those a case leaves the world by."""
    return [stage for stage in version.kind.stages if stage != "voided"]


def kind_word(version: KindVersion) -> str:
    """The kind's name in the reader's language."""
    return name_of(version.kind.name.zh, version.kind.name.en)


def _first(kinds: dict[str, KindVersion]) -> str:
    return next((kind for kind in kinds if kind != USUAL), USUAL)


def _wish(version: KindVersion, stage: str, actor: Actor, now: datetime, parts: bool) -> Wish:
    has_parts = version.kind.opening.parts is not None
    own = replace(
        scope(actor), kinds=(version.kind.id,), stages=(stage,), parts=parts if has_parts else None, limit=MOST
    )
    return replace(own, closed=True, ended_since=now - KEPT, order="latest") if stage in ENDS else own


def _kinds(store: Store, kinds: dict[str, KindVersion], actor: Actor) -> list[Said]:
    """Every kind with how many of its whole cases are open."""
    wishes = [replace(scope(actor), kinds=(kind,), parts=False) for kind in kinds]
    open_n = how_many(store, wishes)
    found = [
        {"kind": kind, "name": kind_word(version), "n": n}
        for (kind, version), n in zip(kinds.items(), open_n, strict=True)
    ]
    return sorted(found, key=lambda one: one["kind"] == USUAL)


def _held(store: Store, found: Sequence[Waiting]) -> dict[int, list[Part]]:
    """The parts of the whole cases that have few."""
    few = [one.case_id for one in found if 0 < one.parts <= FEW_PARTS]
    held: dict[int, list[Part]] = {}
    for part in parts_of(store, *few) if few else ():
        held.setdefault(part.parent, []).append(part)
    return held


def _part(part: Part, version: KindVersion) -> Said:
    return {
        "id": part.case_id, "name": part.unit or part.place or part.number, "state": part.state, "late": part.late,
        "stage": rows.stage_name(version, part.stage),
        "due": rows.millis(part.due_at) if part.state in ("waiting", "accepted") else None,
    }  # fmt: skip


def words() -> Said:
    """What assets/boards writes, beside the console's words."""
    return {
        "board": {
            "title": _("{kind}看板"),
            "whole": _("整单"),
            "parts": _("分单"),
            "empty": _("无"),
            "ended": _("近 7 天"),
            "more": _("显示前 {n} 件"),
            "new": _("新建{kind}"),
            "keys": [
                ["← → ↑ ↓", _("在卡片间移动")],
                ["Enter", _("打开案件")],
                ["1 – 9", _("切换看板")],
                ["n", _("新建")],
                ["Esc", _("返回")],
                ["?", _("显示按键")],
            ],
        }
    }
