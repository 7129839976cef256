"""What stands now, for the strip, the header and the walls: the alarms, the emergencies and the warnings one may see.

Made once for all screens that see the same, until something changes: a screen asks when the server's sign of life bears
another mark (dashboard/live/hub.py), so two hundred screens cost one count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dashboard.console.rows import millis
from dashboard.emergency.words import alarm_text, path_of, plan_name, state_word
from dashboard.formats import name_of
from dashboard.languages import _, language
from dashboard.one_map.rail import level_name
from data import hazard_warnings
from data.acting import acting
from data.actors import Actor
from data.alarms import Alarm, standing_alarms
from data.below import chain_of
from data.casework import place_codes, place_names
from data.emergency import Emergency, emergencies_now
from data.errors import Refused
from data.grants import place_of
from data.store import Store

Said = dict[str, Any]
RANK = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}


def now_said(store: Store, place: str = "") -> Said:
    """What stands now of a place (its code; empty: of all the asker may see)."""
    return _said(_Source(store), store.watch.mark, acting(), language(), place)


def emergencies_of(store: Store, chain: Sequence[int]) -> tuple[list[Emergency], list[Emergency]]:
    """The emergencies that cover a place (given with all above it), and those of places in it. Asked with every tick of a wall."""
    held = _emergencies(_Source(store), store.watch.mark)
    covering = [one for one in held if one.place_id in chain]
    return covering, [one for one in held if one not in covering and chain and chain[0] in one.chain]


class _Source:
    """A store as part of a key."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and other.store is self.store

    def __hash__(self) -> int:
        return id(self.store)


@lru_cache(maxsize=4)
def _emergencies(source: _Source, _mark: str) -> tuple[Emergency, ...]:
    return tuple(emergencies_now(source.store))


@lru_cache(maxsize=4)
def _alarms(source: _Source, _mark: str) -> tuple[Alarm, ...]:
    return tuple(standing_alarms(source.store))


@lru_cache(maxsize=256)
def _said(source: _Source, mark: str, actor: Actor, _language: str, place: str) -> Said:
    store = source.store
    seen = scope(store, actor, place)
    shown = [one for one in _alarms(source, mark) if seen is None or _touches(seen, one.chain)]
    shown.sort(key=lambda one: (not one.waits, RANK[one.rule.colour], -one.raised_at.timestamp()))
    held = [one for one in _emergencies(source, mark) if seen is None or _touches(seen, one.chain)]
    covering = held if seen is None else [one for one in held if any(one.place_id in chain for chain in seen)]
    ids = sorted({place for chain in (*(one.chain for one in shown), *(one.chain for one in held)) for place in chain})
    names, codes = place_names(store, ids), place_codes(store, ids)
    return {
        "mark": mark,
        "alarms": [
            {**alarm_said(one, actor, names), "codes": [codes[p] for p in one.chain if p in codes]} for one in shown
        ],
        "emergencies": [emergency_said(one, names) for one in held],
        "state": {
            "word": state_word(covering or held),
            "emergency": bool(covering or held),
            "layout": covering[0].plan.screen.layout if covering else "",
            "layers": sorted({layer for one in covering or held for layer in one.plan.screen.layers}),
        },
        "warnings": [
            {"id": one.warning_id, "title": one.title, "colour": one.colour, "until": millis(one.expires_at)}
            for one in hazard_warnings.in_force(store)
            if one.place_id is not None
        ],
    }


def scope(store: Store, actor: Actor, place: str = "") -> list[tuple[int, ...]] | None:
    """The places somebody sees, each with all above it; null is everything. place: a wall's or page's own."""
    if place:
        asked = place_of(store, place).place_id
        with store.read() as con:
            above = [one.place_id for one in chain_of(con, asked)]
        if actor.kind == "device" and not any(one.place_id in above for one in actor.places):
            raise Refused("a wall sees what lies in its own place.", where=place)
        ids = [asked]
    elif actor.kind == "device":
        ids = sorted(one.place_id for one in actor.places)
    elif any(not grant.places for grant in actor.grants):
        return None
    else:
        ids = sorted({one.place_id for grant in actor.grants for one in grant.places})
    with store.read() as con:
        chains = [tuple(one.place_id for one in chain_of(con, number)) for number in ids]
    return None if any(len(chain) == 1 for chain in chains) else chains


def _touches(seen: list[tuple[int, ...]], chain: tuple[int, ...]) -> bool:
    """Whether something at a place lies in what is seen, or covers it."""
    return any(mine[0] in chain or chain[0] in mine for mine in seen)


def alarm_said(one: Alarm, actor: Actor, names: dict[int, tuple[str, str]]) -> Said:
    """An alarm as the browser draws it."""
    may = one.waits and actor.kind != "device" and actor.role_for(one.rule.roles, one.chain) is not None
    return {
        "id": one.alarm_id,
        "rule": one.rule.id,
        "title": name_of(one.rule.name.zh, one.rule.name.en),
        "text": alarm_text(one),
        "colour": one.rule.colour,
        "place": path_of(one.chain, names) or one.place,
        "code": one.place_code,
        "raised": millis(one.raised_at),
        "ended": millis(one.ended_at),
        "up": level_name(one.level) if one.level != one.place_level else "",
        "level": one.level,
        "waits": one.waits,
        "by": _(one.acknowledged_by[0]) if one.acknowledged_by else "",
        "at": millis(one.acknowledged_at),
        "may": may,
        "case": one.case_id,
    }


def emergency_said(one: Emergency, names: dict[int, tuple[str, str]]) -> Said:
    """An emergency as the browser draws it."""
    return {
        "id": one.emergency_id,
        "plan": one.plan.id,
        "name": plan_name(one.plan),
        "colour": one.plan.screen.colour,
        "place": path_of(one.chain, names) or one.place,
        "code": one.place_code,
        "since": millis(one.declared_at),
        "reason": one.reason,
        "by": _(one.declared_by),
        "role": one.declared_role,
    }
