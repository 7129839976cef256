"""Taking a call: a new event from a text, a category and a place, registered at once where the post may.

While the form is being filled in, the browser asks what it would become: where it lies, who answers for it there, and
which open cases may be the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.console.fields import key_of, number_of, pictures_of, text_of
from dashboard.console.orders import answered, said_of
from dashboard.console.rows import stage_name
from dashboard.console.tabs import kinds_of
from dashboard.formats import moment
from dashboard.one_map.rail import level_name
from data.acting import acting
from data.casework import case_of_number, number_of_case, place_names, unit_names
from data.dispatching import duplicates
from data.errors import InputError
from data.orders import Opening, Order
from data.quality import Quality
from data.responsibilities import responsible
from data.sights import district_id
from data.store import Store
from etl.masking import mask_text
from etl.placing import Placed, Spot, placer_of

Said = dict[str, Any]
KIND = "event"
SMALL = ("building", "block")  # whoever names one of these has named a point
_NAMED = re.compile(r"(street|community|grid|micro_grid|estate|building|block)=([^|=]{1,60})")


@dataclass(frozen=True)
class Call:
    """What the form says."""

    text: str | None
    category_id: int | None
    urgency: str | None
    channel: str | None
    evidence: tuple[str, ...]
    where: Placed | None


def call_of(store: Store, said: Mapping[str, Any]) -> Call:
    """The form's content. Raises InputError."""
    return Call(
        text_of(said, "text"), number_of(said, "category"), text_of(said, "urgency"), text_of(said, "channel"),
        pictures_of(store, said), placed_of(store, said),
    )  # fmt: skip


def offer(store: Store, said: Mapping[str, Any]) -> Said:
    """What the form would become: {"path", "unit", "may", "duplicates"}; may: this post may open it there."""
    call = call_of(store, said)
    if call.where is None:
        return {"path": [], "unit": None, "outside": False, "may": False, "duplicates": []}
    chain = _chain(store, call.where)
    names = place_names(store, chain)
    path = [names[place] for place in chain[::-1] if place in names]
    return {
        "path": [{"name": name, "level": level_name(level)} for level, name in path],
        "outside": bool(call.where.flags & Quality.OUTSIDE),
        "unit": _responsible(store, call),
        "may": acting().role_for(kinds_of(store)[KIND].kind.opening.roles, chain) is not None,
        "duplicates": _duplicates(store, call),
    }


def open_case(store: Store, said: Mapping[str, Any]) -> Said:
    """Open it and register it: {"case_id", "number", "registered", "text"}; text says why it was not registered.

    Raises what refuses the opening.
    """
    call, key = call_of(store, said), key_of(said, acting())
    if not key:
        raise InputError("an order has a key, so that sending it twice does it once.", where="key")
    other = text_of(said, "other")
    opening = _opening(call, key, None if other is None else case_of_number(store, other))
    receipt = store.writer.submit(opening).result()
    order = Order(receipt.case_id, "register", f"{key}:register", acting(), expected_seq=1, urgency=call.urgency)
    answer = answered(store, [order])[0]
    found = said_of(store, {"case_id": receipt.case_id}, answer)
    return {**found, "registered": found["ok"], "number": number_of_case(store, receipt.case_id)}


def _opening(call: Call, key: str, other: int | None) -> Opening:
    where = call.where
    if call.text is None:
        raise InputError("say what it is about.", where="text")
    if where is None:
        raise InputError("say where it is: an address or a point of the map.", where="place")
    return Opening(
        KIND, key, acting(), note=mask_text(call.text), category_id=call.category_id, channel=call.channel,
        urgency=call.urgency, other=other, evidence=call.evidence, **where.as_opening(),
    )  # fmt: skip


def placed_of(store: Store, said: Mapping[str, Any]) -> Placed | None:
    """A point of the map, or a place by its code; the point of a small place is kept, that of a large one is none."""
    named = text_of(said, "place")
    if named is not None and not _NAMED.fullmatch(named):
        raise InputError("this names no place.", where="place")
    lon, lat = _degrees(said, "lon"), _degrees(said, "lat")
    if named is None and (lon is None or lat is None):
        return None
    if named is not None and named.split("=")[0] not in SMALL:
        lon = lat = None
    placed = placer_of(store).place([Spot(lon, lat, named_place=named, exact=named is None)])[0]
    if isinstance(placed, InputError):
        raise placed
    if placed.flags & Quality.BAD_POINT:
        raise InputError("the point is not on the earth.", where=f"{lon}, {lat}")
    return placed


def _degrees(said: Mapping[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError("this is no number.", where=name) from None


def _chain(store: Store, where: Placed) -> tuple[int, ...]:
    """The places it lies in, lowest first, the district last."""
    with store.read() as con:
        return (*where.chain, district_id(con))


def _responsible(store: Store, call: Call) -> str | None:
    if call.category_id is None or call.where is None:
        return None
    unit = responsible(store, call.category_id, _chain(store, call.where))
    return unit_names(store, [unit]).get(unit or 0)


def _duplicates(store: Store, call: Call) -> list[Said]:
    if call.where is None:
        return []
    version = kinds_of(store).get(KIND)
    found = duplicates(store, KIND, call.category_id, call.where.x, call.where.y, store.now())
    return [
        {
            "id": one.case_id,
            "number": one.external_id,
            "stage": stage_name(version, one.stage),
            "at": moment(one.reported_at, store.zone),
            "metres": round(one.metres),
        }
        for one in found
    ]
