"""The alarms a shift leaves standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from dashboard.formats import name_of
from data.store import Store

MODULE = "data.alarms"  # it may not be there yet: then a sheet has no part for alarms


@dataclass(frozen=True)
class Standing:
    """An alarm that has not ended. acknowledged: whether somebody has seen to it."""

    name: str
    place: str
    case_id: int | None
    number: str | None
    raised_at: datetime
    acknowledged: bool


def standing(store: Store, place_id: int | None) -> list[Standing] | None:
    """The alarms of a place that stand, the latest first; null where the program has none."""
    if find_spec(MODULE) is None:
        return None
    found = import_module(MODULE).standing_alarms(store)
    own = [one for one in found if place_id is None or place_id in one.chain]
    return [
        Standing(
            name_of(one.rule.name.zh, one.rule.name.en), one.place, one.case_id, one.case, one.raised_at,
            one.acknowledged_at is not None,
        )
        for one in sorted(own, key=lambda one: one.raised_at, reverse=True)
    ]  # fmt: skip
