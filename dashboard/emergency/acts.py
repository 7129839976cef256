"""What a post does here: acknowledges an alarm, declares and stands down an emergency, orders the task a warning proposes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dashboard.emergency.now import now_said
from dashboard.emergency.state import page_said, plan_about, proposal, task_key
from data import alarms, emergency, hazard_warnings
from data.acting import acting
from data.errors import InputError
from data.orders import Opening
from data.store import Store
from etl.masking import mask_text

Said = dict[str, Any]
LONGEST_NOTE = 2000
LONGEST_HOURS = 24.0 * 14


def acknowledge(store: Store, alarm_id: int, body: Mapping[str, Any]) -> Said:
    """{"note"}: an alarm was seen. What stands now. Raises NotFound or Refused."""
    alarms.acknowledge(store, alarm_id, acting(), mask_text(_words_of(body, "note", "")))
    return now_said(store)


def declare(store: Store, body: Mapping[str, Any]) -> Said:
    """{"plan", "place", "reason"}. The page anew. Raises InputError, NotFound or Refused."""
    plan, place = _words_of(body, "plan"), _words_of(body, "place")
    emergency.declare(store, plan, place, acting(), mask_text(_words_of(body, "reason")))
    return page_said(store)


def stand_down(store: Store, emergency_id: int, body: Mapping[str, Any]) -> Said:
    """{"reason"}. The page anew. Raises InputError, NotFound or Refused."""
    emergency.stand_down(store, emergency_id, acting(), mask_text(_words_of(body, "reason")))
    return page_said(store)


def order_task(store: Store, warning_id: int, body: Mapping[str, Any]) -> Said:
    """{"note", "hours"}: one task to every grid the warning touches. The page anew. Raises what the engine raises."""
    one = hazard_warnings.warning(store, warning_id)
    grids = [place for place in hazard_warnings.touched(store, one) if place.level == "grid"]
    if not grids:
        raise InputError("the warning touches no grid here.", where=f"warning {warning_id}")
    opening = Opening(
        "task",
        task_key(warning_id),
        acting(),
        note=mask_text(_words_of(body, "note")),
        due_at=store.now() + timedelta(hours=_length_of(body)),
        places=tuple(place.place_id for place in grids),
        item=proposal(one, plan_about(store, f"{one.event} {one.title}"))["item"],
    )
    store.writer.submit(opening).result()
    store.watch.changed()
    return page_said(store)


def _words_of(body: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str) or (otherwise is None and not value.strip()):
        raise InputError("it is missing.", where=name)
    return value.strip()[:LONGEST_NOTE]


def _length_of(body: Mapping[str, Any]) -> float:
    value = body.get("hours")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= LONGEST_HOURS:
        raise InputError(f"give up to {LONGEST_HOURS:g} hours.", where="hours")
    return float(value)
