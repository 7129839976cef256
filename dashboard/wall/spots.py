"""The places a wall can show, and who may see which."""

from __future__ import annotations

import numpy as np

from dashboard.languages import _
from dashboard.wall.layout import LEVELS
from dashboard.wall.protocol import Spot
from data.actors import Actor
from data.errors import NotFound
from data.figure_places import Places, ground
from data.store import Store

OVER = {"streets": "street", "communities": "community"}


def spot_of(store: Store, code: str) -> Spot:
    """The district, street or community with a code, as it stands today. Raises NotFound."""
    places = _places(store)
    rows = [int(row) for row in np.flatnonzero(places.code == code) if places.level[row] in LEVELS]
    if not rows:
        raise NotFound(_("没有这个地方的大屏"), where=code, todo=_("大屏显示区县、街道或社区，请核对地址中的编码。"))
    return _spot(places, min(rows, key=lambda row: LEVELS.index(places.level[row])))


def inside(store: Store, spot: Spot, over: str) -> list[Spot]:
    """The streets or communities of a place."""
    places = _places(store)
    found = places.listing(OVER[over], None if spot.is_district else spot.place_id)
    return [_spot(places, places.row_of[place]) for place in found.ids.tolist() if place != spot.place_id]


def may_see(actor: Actor, spot: Spot) -> bool:
    """Whether somebody may look at a place's wall: a wall only at what lies in its own place, a post at any."""
    if actor.kind == "device":
        return any(place.place_id in spot.chain for place in actor.places)
    return bool(actor.grants)


def own_code(store: Store, actor: Actor) -> str:
    """The code of the place whose wall a post would look at: its own street or community, else the district's."""
    places = _places(store)
    rows = [places.row_of.get(place.place_id, -1) for grant in actor.grants for place in sorted(grant.places)]
    own = [row for row in rows if row >= 0 and places.level[row] in LEVELS]
    return str(places.code[own[0]]) if own else store.deployment.code


def _places(store: Store) -> Places:
    return ground(store, "period_end", store.now().astimezone(store.zone).date()).places


def _spot(places: Places, row: int) -> Spot:
    chain, above = [], row
    while above >= 0:
        chain.append(int(places.ids[above]))
        above = int(places.parent[above])
    return Spot(
        int(places.ids[row]), str(places.level[row]), str(places.code[row]), str(places.name[row]), tuple(chain)
    )
