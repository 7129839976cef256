"""The visitor of a simulated district: signed in by itself, on loopback only, with a role that can be switched.

There is nothing to protect in a district that does not exist, and whoever reaches a loopback address is on this machine. So
no session is kept: the role stands in a cookie, and everything else follows from the settings. A server that listens
beyond loopback or stands behind a proxy has no such visitor.
"""

from __future__ import annotations

from starlette.datastructures import Headers

from dashboard.cookies import DEMO_ROLE, read
from dashboard.guard import LOOPBACK
from dashboard.languages import marked
from data.actors import GRID_WORKER, ROLES, UNIT_HANDLER, Actor, Grant, Place
from data.settings import Settings
from data.store import Store

NAME, LABEL = "demo", marked("演示用户")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip")
ALL = "all"


class DemoUser:
    """The visitor of one store, in every role."""

    def __init__(self, store: Store, settings: Settings) -> None:
        own = settings.host in LOOPBACK and not settings.trusted_proxy
        self.there = bool(own and settings.demo_user and store.deployment.simulated)
        self._actors = _actors(store) if self.there else {}

    def actor(self, headers: Headers) -> Actor | None:
        """Who this request's visitor is; None where there is none."""
        if not self.there or any(name in headers for name in FORWARDED):
            return None
        role = read(headers.get("cookie", ""), DEMO_ROLE)
        return self._actors.get(role, self._actors[ALL])


def is_demo(actor: Actor | None) -> bool:
    """Whether this is the visitor of a demo."""
    return actor is not None and actor.kind == "person" and actor.name == NAME and not actor.places


def _actors(store: Store) -> dict[str, Actor]:
    unit_id = _first(
        store,
        """SELECT unit_id AS id FROM cases WHERE closed_at IS NULL AND unit_id IS NOT NULL
           GROUP BY ALL ORDER BY count(*) DESC, unit_id LIMIT 1""",
    )
    grid = _first(store, "SELECT place_id AS id FROM place WHERE level = 'grid' AND NOT retired ORDER BY code LIMIT 1")
    places = {GRID_WORKER: frozenset({Place("grid", grid)})} if grid is not None else {}
    units = {UNIT_HANDLER: unit_id}
    made = {
        role: Actor("person", NAME, LABEL, (Grant(role, places.get(role, frozenset())),), units.get(role))
        for role in ROLES
    }
    return {ALL: Actor("person", NAME, LABEL, tuple(Grant(role) for role in ROLES), unit_id), **made}


def _first(store: Store, sql: str) -> int | None:
    rows = store.rows(sql)
    return int(rows[0]["id"]) if rows else None
