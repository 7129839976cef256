"""A post's cases as its phone draws them, with what may be done and what may be done after that.

The list is all a phone keeps: no free text stands in it, and nothing of a resident.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from dashboard.build import build
from dashboard.console import rows
from dashboard.console.tabs import kinds_of
from dashboard.languages import _, language, marked
from dashboard.phone.buttons import ON, asked_here, helps, leads_on, rules_said, tone
from dashboard.phone.mine import MOST, my_cases
from data.acting import acting
from data.actors import Actor
from data.allowances import Allowance, afterwards, allowances
from data.casework import at_repeat_points, unit_names
from data.clock import SimulatedClock
from data.definitions import KindVersion
from data.kinds import MoveRule
from data.periods import to_minute
from data.queues import Waiting
from data.store import Store

Said = dict[str, Any]
# The queue of a stage's definition → what it is called on a phone; another one goes by the stage's name.
HELPING, OTHERS = "helping", "others"
GROUPS = {
    "waiting": marked("待签收"), "whistles": marked("吹哨"), "working": marked("在办"), "tasks": marked("任务"),
    HELPING: marked("协办"), "verify": marked("待核查"), "pool": marked("可接单"), "requests": marked("三单"), "returned": marked("退单"),
}  # fmt: skip


def cases_said(store: Store, mark: str = "") -> Said:
    """The list; only mark and time when the phone has just that already."""
    actor = acting()
    found = _list(rows.Source(store), actor, language(), (store.version, to_minute(store.now())))
    said = {"mark": found["mark"]} if found["mark"] == mark else found
    return {**said, "post": actor.name, "beat": beat(store), "build": build()}


def beat(store: Store) -> Said:
    """What time it is here, and how fast it goes: a simulated clock may stand or run."""
    clock = store.clock
    speed = clock.speed if isinstance(clock, SimulatedClock) and clock.running else float(not clock.simulated)
    return {"now": rows.millis(store.now()), "speed": speed}


@lru_cache(maxsize=256)
def _list(source: rows.Source, actor: Actor, spoken: str, state: tuple[int, datetime]) -> Said:
    """Made once for all phones of a post after a commit, or when a minute has passed."""
    store = source.store
    kinds = kinds_of(store)
    found = my_cases(store, actor, kinds)
    allowed = allowances(store, {one.case_id: one.seq for one in found}, actor)
    repeats = at_repeat_points(store, [one.case_id for one in found])
    return {
        "mark": f"{spoken}-{state[0]}-{int(state[1].timestamp())}",
        "unit": unit_names(store, [actor.unit_id]).get(actor.unit_id or 0, ""),
        "cut": MOST if len(found) >= MOST else 0,
        "cases": [_row(one, kinds, store, allowed.get(one.case_id), actor, one.case_id in repeats) for one in found],
        "groups": {name: _(words) for name, words in GROUPS.items()},
        "rules": {one.version.digest: rules_said(one.version) for one in allowed.values()},
    }


def _row(
    one: Waiting, kinds: Mapping[str, KindVersion], store: Store, allowed: Allowance | None, actor: Actor, repeat: bool
) -> Said:  # fmt: skip
    """A line: as on the console, with where it is, whose turn it is, and what comes after each move."""
    moves = [rule for rule in allowed.moves if asked_here(rule)] if allowed else []
    said = rows.row(one, kinds, store, allowed, repeat=repeat)
    return said | {
        "at": None if one.lat is None else [one.lat, one.lon],
        "moves": [rule.id for rule in moves if tone(rule) != ON or leads_on(rule, one.parts_open)],
        "group": _group(kinds.get(one.kind), one.stage, moves, one.parts_open),
        "then": {rule.id: _then(allowed, rule, actor) for rule in moves if allowed and tone(rule) == ON},
    }


def _then(allowed: Allowance, rule: MoveRule, actor: Actor) -> Said:
    stage, moves = afterwards(allowed, rule, actor)
    group = _group(allowed.version, stage, moves, 0)
    can = [one.id for one in moves if asked_here(one)]
    return {"stage": rows.stage_name(allowed.version, stage), "group": group, "moves": can}


def _group(version: KindVersion | None, stage: str, moves: Sequence[MoveRule], parts_open: int) -> str:
    """Whose turn it is, and what for: the queue of the stage where it is this post's."""
    on = [rule for rule in moves if leads_on(rule, parts_open)]
    if not on:
        return OTHERS
    rule = version.kind.stages.get(stage) if version else None
    return HELPING if all(helps(one) for one in on) else (rule and rule.queue) or OTHERS
