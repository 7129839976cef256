"""What the page asks while an area is being chosen: its grids, who is there, and which of them would refuse the order.

What is chosen comes as outlines in the address's letters (data/areas.py), a circle, places by level and code, or grids by id;
all of it together. Looking changes nothing: a refusal is written down and counted only where the order is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.console.fields import numbers_of, text_of
from dashboard.console.tabs import kinds_of
from dashboard.dispatch.ground import around
from dashboard.one_map.rail import level_name
from data.acting import acting
from data.admission import unlisted
from data.areas import area_of, encoded
from data.casework import place_names, places_of_codes
from data.definitions import KindVersion
from data.errors import InputError, NotFound
from data.reach import Reached, circle, level_of_orders, reached
from data.sights import chains_of
from data.store import Store

Said = dict[str, Any]
MOST_OUTLINES = 20


def area_said(store: Store, said: Mapping[str, Any]) -> Said:
    """The grids of what is chosen. Raises InputError, QuestionError or NotFound."""
    version = _version(store, text_of(said, "kind") or "")
    outlines = _outlines(said)
    area = area_of(tuple(outlines)) if outlines else None
    places = _places(store, said)
    called = place_names(store, list(places.values()))
    names = {named: called[place][1] for named, place in places.items() if place in called}
    found = reached(store, version.kind.id, area, [*places.values(), *numbers_of(said, "grids")])
    refused, closed = _refused(store, version, text_of(said, "item") or "", found)
    return {
        "outlines": outlines,
        "names": names,
        "level": level_name(level_of_orders(store)),
        "bounds": around(store, [one.code for one in found]),
        "grids": [_grid(one, refused, closed) for one in found],
    }


def _grid(one: Reached, refused: set[int], closed: set[int]) -> Said:
    return {
        "id": one.place_id,
        "code": one.code,
        "name": one.name,
        "within": one.within,
        "share": round(one.share, 3),
        "brushed": one.brushed,
        "households": None if one.households is None else round(one.households),
        "required": one.required,
        "on_duty": one.on_duty,
        "in_hand": one.in_hand,
        "refused": one.place_id in refused,
        "closed": one.place_id in closed,
    }


def _version(store: Store, kind: str) -> KindVersion:
    spread = {name: one for name, one in kinds_of(store).items() if "places" in one.kind.opening.needs}
    version = spread.get(kind) if kind else next(iter(spread.values()), None)
    if version is None:
        raise InputError(f"a case of the kind {kind} is not sent to places.", where="kind")
    return version


def _outlines(said: Mapping[str, Any]) -> list[str]:
    given = said.get("outlines") or []
    if not isinstance(given, list) or len(given) > MOST_OUTLINES or not all(isinstance(one, str) for one in given):
        raise InputError(f"send at most {MOST_OUTLINES} outlines.", where="outlines")
    around = said.get("circle")
    if not isinstance(around, Mapping):
        return given
    try:
        lon, lat, metres = (float(around[name]) for name in ("lon", "lat", "metres"))
    except (KeyError, TypeError, ValueError):
        raise InputError("a circle has lon, lat and metres.", where="circle") from None
    return [*given, encoded(circle(lon, lat, metres))]


def _places(store: Store, said: Mapping[str, Any]) -> dict[str, int]:
    """The ids of places named as "level=code"."""
    given = said.get("places") or []
    if not isinstance(given, list) or not all(isinstance(one, str) and "=" in one for one in given):
        raise InputError("places are named as level=code.", where="places")
    pairs = [(one.split("=", 1)[0], one.split("=", 1)[1]) for one in given]
    found = places_of_codes(store, pairs)
    unknown = [f"{level}={code}" for level, code in pairs if (level, code) not in found]
    if unknown:
        raise NotFound("there is no such place now.", where=unknown[0])
    return {f"{level}={code}": found[level, code] for level, code in pairs}


def _refused(store: Store, version: KindVersion, item: str, found: Sequence[Reached]) -> tuple[set[int], set[int]]:
    """(the grids whose admission list does not have it, those where this post may not order)."""
    if not found:
        return set(), set()
    actor, rule = acting(), version.kind.opening
    with store.read() as con:
        chains = chains_of(con, [one.place_id for one in found])
        refused = unlisted(con, item, chains, store.now()) if rule.admitted else []
    closed = {
        place for place, chain in chains.items() if actor.role_for(rule.roles, [one.place_id for one in chain]) is None
    }
    return set(refused), closed
