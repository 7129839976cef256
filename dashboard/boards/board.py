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
from data.parts import Part, parts_of, stages_of_parts
from data.periods import to_minute
from data.queues import Waiting, Wish, how_many_by, waiting
from data.store import Store

Said = dict[str, Any]
MOST = 60  # cards of a column; its number counts all
TITLE = 60  # letters of what a case without a category says
MOST_WHOLE = 500  # whole cases that are sorted by where their parts stand
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
    counts, found = _columns(store, version, actor, parts)
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
            for stage in found
        ],
        "moves": rows.rules_of(allowed.values()),
    }


def _columns(
    store: Store, version: KindVersion, actor: Actor, parts: bool
) -> tuple[dict[str, int], dict[str, list[Waiting]]]:
    """Stage → how many cases stand there, and the first of them."""
    asked = {stage: _wish(version, stage, actor, store.now(), parts) for stage in columns_of(version)}
    counts = _counts(store, asked)
    if version.kind.opening.parts is None or parts:
        return counts, _first_of_each(store, asked, MOST)
    found = _first_of_each(store, asked, MOST_WHOLE)
    behind = stages_of_parts(store, version.kind.id)
    standing: dict[str, list[Waiting]] = {stage: [] for stage in asked}
    for stage, ones in found.items():
        for one in ones:
            standing[_where(one, stage, list(asked), behind)].append(one)
    return {stage: len(ones) for stage, ones in standing.items()}, {s: ones[:MOST] for s, ones in standing.items()}


def _first_of_each(store: Store, asked: dict[str, Wish], most: int) -> dict[str, list[Waiting]]:
    """The first cases of every stage, in two looks as well."""
    found: dict[str, list[Waiting]] = {stage: [] for stage in asked}
    for some in _halves(asked):
        for one in waiting(store, replace(some, each=most, limit=most * len(asked))):
            found[one.stage].append(one)
    return found


def _halves(asked: dict[str, Wish]) -> list[Wish]:
    """What the columns ask for together: of those that are open, and of those that have ended lately."""
    halves = []
    for ended in (False, True):
        some = {stage: wish for stage, wish in asked.items() if wish.closed == ended}
        if some:
            halves.append(replace(next(iter(some.values())), stages=tuple(some)))
    return halves


def _counts(store: Store, asked: dict[str, Wish]) -> dict[str, int]:
    """How many cases stand at each stage, in two looks."""
    counts = dict.fromkeys(asked, 0)
    for some in _halves(asked):
        counts |= how_many_by(store, some, "stage")
    return counts


def _where(one: Waiting, stage: str, stages: list[str], behind: dict[int, set[str]]) -> str:
    """The column of a whole case: it is as far as the last of its parts; with all of them ended it stands where it is."""
    reached = [name for name in stages if name in behind.get(one.case_id, ())]
    return reached[0] if reached and stage not in ENDS else stage


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
    n = how_many_by(store, replace(scope(actor), parts=False), "kind")
    found = [{"kind": kind, "name": kind_word(version), "n": n.get(kind, 0)} for kind, version in kinds.items()]
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
