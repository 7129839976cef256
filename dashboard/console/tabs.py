"""The queues of the console, and which part of the district a post sees in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from dashboard.languages import _, marked
from data.actors import UNIT_HANDLER, Actor
from data.definitions import KindVersion
from data.queues import Wish
from data.store import Store

# Tab → its name and what it shows when it is empty.
TABS = {
    "new": (marked("新到"), marked("没有待立案、待派遣的案件。新案件会自动出现在这里。")),
    "soon": (marked("临期"), marked("没有即将超期的案件。")),
    "late": (marked("超期"), marked("没有超期的案件。")),
    "whistles": (marked("吹哨"), marked("没有进行中的吹哨。")),
    "returned": (marked("退单"), marked("没有退回待重新派遣的案件。")),
    "verify": (marked("待核查"), marked("没有等待核查的案件。")),
    "pool": (marked("需求池"), marked("需求池是空的。")),
}
MOST = 200  # rows of a tab on screen; the tab's number counts all


def tab_names() -> dict[str, str]:
    """Tab → its name."""
    return {tab: _(name) for tab, (name, _empty) in TABS.items()}


def kinds_of(store: Store) -> dict[str, KindVersion]:
    """The kinds in force."""
    with store.read() as con:
        return store.engine.kinds(con)


def wishes(kinds: Mapping[str, KindVersion], actor: Actor, now: datetime) -> dict[str, Wish]:
    """What each tab asks for, in the post's part of the district."""
    own = scope(actor)

    def queue(name: str, order: str = "due") -> Wish:
        standing = [
            (kind, stage)
            for kind, version in kinds.items()
            for stage, rule in version.kind.stages.items()
            if rule.queue == name
        ]
        return replace(own, standing=tuple(standing), order=order, limit=MOST)

    warns = warns_of(kinds)
    return {
        "new": queue("new", "oldest"),
        "soon": replace(own, warned=now, warns=warns, limit=MOST),
        "late": replace(own, late=now, limit=MOST),
        "whistles": queue("whistles"),
        "returned": queue("returned"),
        "verify": queue("verify"),
        "pool": queue("pool"),
    }


def warns_of(kinds: Mapping[str, KindVersion]) -> tuple[tuple[str, float], ...]:
    """The share of its time at which each clock warns, as a wish has it."""
    return tuple((f"{k}/{name}", clock.warn) for k, v in kinds.items() for name, clock in v.kind.clocks.items())


def scope(actor: Actor) -> Wish:
    """The cases a post works with: of its places (the district where a role has none), of its unit for a handler alone."""
    if actor.roles == (UNIT_HANDLER,) and actor.unit_id is not None:
        return Wish(unit_id=actor.unit_id)
    if any(not grant.places or any(place.level == "district" for place in grant.places) for grant in actor.grants):
        return Wish()
    places = sorted({place.place_id for grant in actor.grants for place in grant.places})
    return Wish(within=tuple(places) or (0,))
