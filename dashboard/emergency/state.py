"""The page's content: the state of each place, the warnings with what they touch, the alarms, the past records."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import lru_cache
from typing import Any

from dashboard.console.rows import millis
from dashboard.emergency.now import Said, alarm_said, emergency_said, scope
from dashboard.emergency.words import ENDINGS, levels_said, path_of, plan_name
from dashboard.formats import name_of
from dashboard.languages import _, language
from dashboard.one_map.things import TITLES
from dashboard.plain_pages import ROLE_NAMES
from data import hazard_warnings
from data.acting import acting
from data.actors import Actor
from data.alarms import past_alarms
from data.below import ground_below
from data.casework import place_names
from data.emergency import Emergency, emergencies_now, past_emergencies
from data.emergency_plans import Plan
from data.hazard_warnings import Hazard
from data.muster import muster, totals
from data.sights import district_id
from data.store import Store

SHOWN_DAYS = 1
DECLARED_LEVELS = ("district", "street", "community")


def page_said(store: Store) -> Said:
    """Everything on the page, for whoever asks."""
    actor, now = acting(), store.now()
    seen = scope(store, actor)
    held, past = emergencies_now(store), past_emergencies(store)
    alarms = past_alarms(store, now - timedelta(days=SHOWN_DAYS), now + timedelta(minutes=1))
    shown = [one for one in alarms if seen is None or any(m[0] in one.chain or one.chain[0] in m for m in seen)]
    shown.sort(key=lambda one: (not one.waits, one.ended_at is not None, -one.raised_at.timestamp()))
    chains = (*(one.chain for one in shown), *(one.chain for one in (*held, *past)))
    names = place_names(store, sorted({place for chain in chains for place in chain}))
    return {
        "mark": store.watch.mark,
        "plans": [plan_said(plan) for plan, _digest in store.watch.plans.values()],
        "places": declarable(store, actor),
        "emergencies": [_held(store, one, actor, names) for one in held],
        "warnings": sorted(
            (warning_said(store, one, actor) for one in hazard_warnings.in_force(store)), key=_untouched
        ),
        "alarms": [alarm_said(one, actor, names) for one in shown],
        "past": [_past(one, names) for one in past],
    }


def plan_said(plan: Plan) -> Said:
    """A plan to choose, and what it would change."""
    layers = [_(TITLES[layer]) for layer in plan.screen.layers if layer in TITLES]
    return {
        "id": plan.id, "name": plan_name(plan), "colour": plan.screen.colour, "levels": levels_said(plan), "layers": layers,
    }  # fmt: skip


def declarable(store: Store, actor: Actor) -> list[Said]:
    """The places the asker may put into emergency by some plan: code, name, level."""
    roles = sorted({role for plan, _digest in store.watch.plans.values() for role in plan.declare})
    if actor.kind == "device" or not actor.has(*roles):
        return []
    with store.read() as con:
        ground = [row for row in ground_below(con, district_id(con)) if row["level"] in DECLARED_LEVELS]
    above: dict[int, tuple[int, ...]] = {}
    found = []
    for row in ground:
        chain = (row["place_id"], *above.get(row["parent_id"], ()))
        above[row["place_id"]] = chain
        if actor.role_for(roles, chain) is not None:
            found.append({"code": row["code"], "name": row["name"], "level": row["level"], "within": row["parent_id"]})
    return found


def _held(store: Store, one: Emergency, actor: Actor, names: dict[int, tuple[str, str]]) -> Said:
    on_duty = totals(muster(store, one.place_id, one.plan.muster))
    return {
        **emergency_said(one, names),
        "role": _(ROLE_NAMES.get(one.declared_role, one.declared_role)),
        **{name: plan_said(one.plan)[name] for name in ("levels", "layers")},
        "on_duty": [sum(n[2] for n in on_duty.values()), sum(n[0] for n in on_duty.values())],
        "may": actor.kind != "device" and actor.role_for(one.plan.stand_down, one.chain) is not None,
    }


def _past(one: Emergency, names: dict[int, tuple[str, str]]) -> Said:
    record = one.record or {}
    return {
        **emergency_said(one, names),
        "ended": millis(one.ended_at),
        "minutes": record.get("minutes"),
        "reported": record.get("cases", {}).get("reported"),
    }


def plan_about(store: Store, event: str) -> Plan | None:
    """The plan a warning of this event belongs to."""
    return next((plan for plan, _digest in store.watch.plans.values() if plan.about(event)), None)


def warning_said(store: Store, one: Hazard, actor: Actor) -> Said:
    """A warning with what it touches and the task it proposes."""
    touched = hazard_warnings.touched(store, one)
    plan = plan_about(store, f"{one.event} {one.title}")
    return {
        "id": one.warning_id,
        "title": one.title,
        "colour": one.colour,
        "exercise": one.exercise,
        "sender": one.sender_name or one.sender,
        "area": one.area,
        "text": one.description or "",
        "instruction": one.instruction or "",
        "onset": millis(one.onset_at),
        "until": millis(one.expires_at),
        "grids": len(touched),
        "households": sum(place.households or 0 for place in touched),
        "where": _where(_Keyed(store), one.warning_id, store.writer.touched.other, language()) if touched else [],
        "plan": plan.id if plan else "",
        "task": proposal(one, plan) if touched and touched[0].level == "grid" and may_order(actor) else None,
        "ordered": ordered(store, one),
    }


class _Keyed:
    """A store as part of a key."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.store is self.store

    def __hash__(self) -> int:
        return id(self.store)


@lru_cache(maxsize=64)
def _where(source: _Keyed, warning_id: int, _version: int, _language: str) -> list[list[Any]]:
    """Community → grids and households touched, the most first."""
    store = source.store
    one = hazard_warnings.warning(store, warning_id)
    touched = {place.place_id: place for place in hazard_warnings.touched(store, one)}
    with store.read() as con:
        ground = {row["place_id"]: row for row in ground_below(con, district_id(con))}
    grids, homes = Counter[str](), Counter[str]()
    for number, place in touched.items():
        parent = ground.get(ground[number]["parent_id"]) if number in ground else None
        name = parent["name"] if parent else place.name
        grids[name] += 1
        homes[name] += place.households or 0
    return [[name, n, homes[name]] for name, n in grids.most_common()]


def may_order(actor: Actor) -> bool:
    """Whether the asker could order a task at all; the engine asks again for each grid."""
    return actor.kind != "device" and actor.has("operator", "dispatcher", "leader")


def proposal(one: Hazard, plan: Plan | None) -> Said:
    """The task a warning proposes: what to do, and in how many hours."""
    if plan is None or plan.task is None:
        return {
            "note": _("{title}：{note}").format(title=one.title, note=one.instruction or one.area),
            "hours": 4,
            "item": "",
        }
    note = name_of(plan.task.note.zh, plan.task.note.en)
    return {
        "note": _("{title}：{note}").format(title=one.title, note=note),
        "hours": plan.task.hours,
        "item": plan.task.item,
    }


def task_key(warning_id: int) -> str:
    """What names the one task of a warning: two dispatchers who confirm it order it once."""
    return f"warning-{warning_id}-task"


def ordered(store: Store, one: Hazard) -> Said | None:
    """The task that was ordered because of a warning."""
    rows = store.rows(
        """SELECT c.case_id, c.external_id FROM cases c WHERE case_id = (
               SELECT min(case_id) FROM transition WHERE recorded_at >= $since AND key = $key)""",
        {"since": one.received_at, "key": task_key(one.warning_id)},
    )
    return {"case": rows[0]["case_id"], "number": rows[0]["external_id"]} if rows else None


def ending_word(how: str | None) -> str:
    """How a warning ended."""
    return _(ENDINGS[how]) if how in ENDINGS and how is not None else ""


def _untouched(said: Said) -> bool:
    return not said["grids"]


def place_path(store: Store, chain: tuple[int, ...]) -> str:
    """A place with those above it."""
    return path_of(chain, place_names(store, list(chain)))
