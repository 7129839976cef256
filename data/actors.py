"""Who acts: a post, a wall, another program or the command line, with its roles and where each of them holds.

An actor is a job at a place ("dispatcher of Yinquelu street"), never a person: the ledger and the audit log name the
post and its role. Pure: no SQL, no request, no session. Whoever lets somebody in makes an `Actor`
(`data/accounts.py`, `data/devices.py`, `data/api_keys.py`), and every action gets one and asks it.

A role holds in places and in everything below them. Whoever asks brings the *chain* of what is to be changed: the ids of
the place and of all places above it, up to the district (of a case: its block, grid, community, street …, whichever are
known). Without places a role holds in the whole district; a chain that is empty (a case located nowhere) is the
district's, so only such a role may act on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from data.errors import Refused

Kind = Literal["person", "device", "api", "program"]

OPERATOR, DISPATCHER, UNIT_HANDLER, GRID_WORKER = "operator", "dispatcher", "unit_handler", "grid_worker"
LEADER, PLANNER, ADMINISTRATOR = "leader", "planner", "administrator"
ROLES = (OPERATOR, DISPATCHER, UNIT_HANDLER, GRID_WORKER, LEADER, PLANNER, ADMINISTRATOR)


class Place(NamedTuple):
    """A place that a role is bound to."""

    level: str
    place_id: int


@dataclass(frozen=True)
class Grant:
    """One role and where it holds; without places, in the whole district."""

    role: str
    places: frozenset[Place] = frozenset()

    def holds(self, chain: Iterable[int]) -> bool:
        """Whether it holds for what lies in these places (the place and all above it)."""
        if not self.places:
            return True
        above = set(chain)
        return any(place.place_id in above for place in self.places)


@dataclass(frozen=True)
class Actor:
    """Who acts. name: the account's, the device's or the key's; label: how the post is called on screen.

    unit_id: the unit a handler acts for. A device has no grants: it reads, within `places`.
    """

    kind: Kind
    name: str
    label: str
    grants: tuple[Grant, ...] = ()
    unit_id: int | None = None
    places: frozenset[Place] = frozenset()

    @property
    def roles(self) -> tuple[str, ...]:
        """Its roles, each once, in the order of `ROLES`."""
        held = {grant.role for grant in self.grants}
        return tuple(role for role in ROLES if role in held)

    def has(self, *roles: str) -> bool:
        """Whether it has one of the roles anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def may(self, role: str, chain: Iterable[int] = ()) -> bool:
        """Whether it has the role there. An empty chain is the whole district."""
        above = list(chain)
        return any(grant.role == role and grant.holds(above) for grant in self.grants)

    def role_for(self, roles: Iterable[str], chain: Iterable[int] = ()) -> str | None:
        """The first of the roles that it has there: what the ledger writes as `by_role`; None when it has none."""
        above = list(chain)
        return next((role for role in roles if self.may(role, above)), None)

    def acts_for(self, unit_id: int | None) -> bool:
        """Whether it belongs to that unit. Nobody belongs to no unit; the command line acts for every one."""
        return unit_id is not None and (self.kind == "program" or self.unit_id == unit_id)

    def require(self, roles: Collection[str], chain: Iterable[int] = (), *, to: str = "this") -> str:
        """The role by which it may; Refused, saying which roles could, when it may not."""
        found = self.role_for(roles, chain)
        if found is None:
            raise Refused(
                f"{self.label} may not do {to} here.",
                where=self.name,
                todo=f"It takes {' or '.join(sorted(roles)) or 'nobody'} of this place.",
            )
        return found


# The command line and the control socket: whoever may use them may also read the store's file.
PROGRAM = Actor("program", "command line", "命令行", tuple(Grant(role) for role in ROLES))
