"""A queue's rows as the browser draws them: who, where, how long still, what is special about it, what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from dashboard.casetable import STAGES
from dashboard.console.fields import moves_said
from dashboard.console.tabs import MOST, TABS, kinds_of, wishes
from dashboard.formats import name_of
from dashboard.languages import _, language, marked
from dashboard.one_map.rail import level_name
from data.acting import acting
from data.actors import Actor
from data.allowances import Allowance, allowances
from data.casework import at_repeat_points
from data.definitions import KindVersion
from data.periods import to_minute
from data.queues import Waiting, how_many, waiting
from data.store import Store

URGED, EXTENSION, SUSPENSION = marked("催办"), marked("延期申请"), marked("缓办申请")
MARKS = {"urged": URGED, "extension_asked": EXTENSION, "suspension_asked": SUSPENSION, "declined": marked("说明不到")}

STEP = 50  # windows begin at multiples of so many rows


def queue(store: Store, tab: str, mark: str = "", offset: int = 0, also: Sequence[int] = ()) -> dict[str, Any]:
    """A window of a tab's rows and every tab's count; only the mark when the reader has just that already.

    offset: the first row of the window. also: cases that are selected, wherever they stand; told as long as the tab has them.
    """
    tab = tab if tab in TABS else "new"
    actor = acting()
    wanted = (tab, max(0, offset), tuple(also[:MOST]))
    found = _queue(Source(store), wanted, actor, language(), (store.version, to_minute(store.now())))
    return {"mark": mark} if found["mark"] == mark else found


class Source:
    """A store as part of a key."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and other.store is self.store

    def __hash__(self) -> int:
        return id(self.store)


@lru_cache(maxsize=32)
def _queue(
    source: Source,
    wanted: tuple[str, int, tuple[int, ...]],
    actor: Actor,
    _language: str,
    state: tuple[int, datetime],
) -> dict[str, Any]:
    """Made once for all screens of a post after a commit, or when a minute has passed."""
    store, (tab, offset, also) = source.store, wanted
    kinds = kinds_of(store)
    asked = wishes(kinds, actor, store.now())
    counts = dict(zip(asked, how_many(store, list(asked.values())), strict=True))
    first = min(offset, max(0, counts[tab] - 1) // STEP * STEP)
    found = waiting(store, replace(asked[tab], offset=first))
    beside = waiting(store, replace(asked[tab], case_ids=also)) if also else []
    allowed = allowances(store, {one.case_id: one.seq for one in (*found, *beside)}, actor)
    repeats = at_repeat_points(store, [one.case_id for one in (*found, *beside)])

    def rows(cases: Sequence[Waiting]) -> list[dict[str, Any]]:
        return [row(one, kinds, store, allowed.get(one.case_id), repeat=one.case_id in repeats) for one in cases]

    return {
        "mark": f"{tab}-{state[0]}-{int(state[1].timestamp())}-{offset}-{hash(also)}",
        "tab": tab,
        "counts": counts,
        "offset": first,
        "empty": _(TABS[tab][1]),
        "rows": rows(found),
        "selected": rows(beside),
        "moves": rules_of(allowed.values()),
    }


def row(
    one: Waiting, kinds: Mapping[str, KindVersion], store: Store, allowed: Allowance | None, *, repeat: bool
) -> dict[str, Any]:
    """One line of the queue; instants in milliseconds."""
    version = allowed.version if allowed else kinds.get(one.kind)
    return {
        "id": one.case_id,
        "number": one.external_id,
        "kind": one.kind,
        "digest": version.digest if version else "",
        "kind_name": kind_name(version, one.kind),
        "category": one.category or kind_name(version, one.kind),
        "place": one.place or _("未定位"),
        "unit": one.unit or "",
        "stage": stage_name(version, one.stage),
        "seq": one.seq,
        "clock": clock_name(version, one.clock),
        "started": millis(one.started_at),
        "due": None if one.suspended else millis(one.due_at),
        "reported": millis(one.reported_at),
        "warn": warn_share(version, one.clock),
        "urgency": one.urgency,
        "urgency_name": urgency_name(store, one.urgency),
        "marks": marks(one.marks, one.level, one.reworked, suspended=one.suspended, repeat=repeat),
        "parts": [one.parts - one.parts_open, one.parts] if one.parts else None,
        "moves": [rule.id for rule in allowed.moves] if allowed else [],
        "wanted": allowed.sight.life.wanted if allowed and allowed.sight.life else 0,
    }


def marks(own: Sequence[str], level: str | None, reworked: int, *, suspended: bool, repeat: bool) -> list[list[str]]:
    """What is special about a case: (word, tone)."""
    found = [[_(MARKS[name]), "soon"] for name in own if name in MARKS]
    if level:
        found.append([_("升级至{level}").format(level=level_name(level)), "late"])
    if suspended:
        found.append([_("缓办"), "info"])
    if reworked:
        found.append([_("假闭环 ×{n}").format(n=reworked), "late"])
    if repeat:
        found.append([_("重复点"), "soon"])
    return found


def rules_of(allowed: Any) -> dict[str, Any]:
    """The moves of every version of a kind that is on screen: digest → move → what its form asks."""
    versions = {one.version.digest: one.version for one in allowed}
    return {digest: moves_said(version) for digest, version in versions.items()}


def kind_name(version: KindVersion | None, kind: str) -> str:
    """A kind's name in the reader's language."""
    return name_of(version.kind.name.zh, version.kind.name.en) if version else kind


def stage_name(version: KindVersion | None, stage: str) -> str:
    """A stage's name as its definition gives it."""
    rule = version.kind.stages.get(stage) if version else None
    return name_of(rule.name.zh, rule.name.en) if rule else _(STAGES.get(stage, stage))


def clock_name(version: KindVersion | None, clock: str | None) -> str:
    """What the clock that runs out next is about."""
    rule = version.kind.clocks.get(clock) if version and clock else None
    return name_of(rule.name.zh, rule.name.en) if rule else ""


def warn_share(version: KindVersion | None, clock: str | None) -> float:
    """The share of a clock's time after which it is about to run out."""
    rule = version.kind.clocks.get(clock) if version and clock else None
    return rule.warn if rule else 0.8


def urgency_name(store: Store, urgency: str) -> str:
    """An urgency as the service levels name it."""
    found = store.engine.levels.urgency.get(urgency)
    return name_of(found.name.zh, found.name.en) if found else urgency


def millis(at: datetime | None) -> int | None:
    """An instant as the browser counts it."""
    return None if at is None else round(at.timestamp() * 1000)
