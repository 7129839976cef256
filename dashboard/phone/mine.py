"""Which cases are a post's own: those of its unit for a unit handler, those of its grids for a grid worker, and what both may
take from the pool. Nobody sees another unit's or another grid's cases on a phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dashboard.console.tabs import kinds_of
from data.actors import GRID_WORKER, UNIT_HANDLER, Actor
from data.definitions import KindVersion
from data.errors import Refused
from data.queues import Waiting, Wish, waiting
from data.store import Store

POOL = "pool"  # the queue of the stages from which somebody takes a case
MOST = 200


def wishes(actor: Actor, kinds: Mapping[str, KindVersion]) -> list[Wish]:
    """What is looked for; a case may be found by several."""
    own = _own(actor)
    standing = tuple(
        (kind, name) for kind, one in kinds.items() for name, stage in one.kind.stages.items() if stage.queue == POOL
    )
    if not (own and standing):
        return own
    return [*own, Wish(standing=standing, within=_places(actor, UNIT_HANDLER, GRID_WORKER), limit=MOST)]


def _own(actor: Actor) -> list[Wish]:
    found = []
    if actor.has(UNIT_HANDLER) and actor.unit_id is not None:
        found.append(Wish(unit_id=actor.unit_id, within=_places(actor, UNIT_HANDLER), limit=MOST))
    places = _places(actor, GRID_WORKER)
    if actor.has(GRID_WORKER) and (places or not found):  # of no place in particular: the unit's cases are enough
        found.append(Wish(within=places, limit=MOST))
    return found


def _places(actor: Actor, *roles: str) -> tuple[int, ...]:
    """The places in which it has one of the roles; none of them is the whole district."""
    grants = [grant for grant in actor.grants if grant.role in roles]
    if any(not grant.places or any(place.level == "district" for place in grant.places) for grant in grants):
        return ()
    return tuple(sorted({place.place_id for grant in grants for place in grant.places}))


def my_cases(store: Store, actor: Actor, kinds: Mapping[str, KindVersion]) -> list[Waiting]:
    """The open ones, the first to run out first."""
    found = {one.case_id: one for wish in wishes(actor, kinds) for one in waiting(store, wish)}
    return sorted(
        found.values(), key=lambda one: (one.suspended, one.due_at is None, one.due_at or one.since, one.case_id)
    )


def refuse_others(store: Store, actor: Actor, case_id: int) -> None:
    """Raises Refused for a case, open or ended, that is not the post's own."""
    for wish in wishes(actor, kinds_of(store)):
        if any(waiting(store, replace(wish, case_ids=(case_id,), closed=closed)) for closed in (False, True)):
            return
    raise Refused("this case is not your unit's, and not in your grids.", where=f"case {case_id}")
