"""Roles as they are entered ('operator@371302001') and as the store keeps them: a line a role and place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from data.actors import ROLES, Grant, Place
from data.database import Connection
from data.errors import InputError

if TYPE_CHECKING:
    from data.store import Store


def grants_of(store: Store, roles: Sequence[str]) -> tuple[Grant, ...]:
    """'operator@S1' and the like as grants. Raises InputError for an unknown role or place."""
    places: dict[str, set[Place]] = {}
    everywhere: set[str] = set()
    for text in roles:
        role, _, code = text.strip().partition("@")
        if role not in ROLES:
            raise InputError(f'"{role}" is no role.', where="role", todo=f"There are {', '.join(ROLES)}.")
        places.setdefault(role, set())
        if code:
            places[role].add(place_of(store, code))
        else:
            everywhere.add(role)
    if not places:
        raise InputError("an account needs a role.", where="role", todo=f"There are {', '.join(ROLES)}.")
    return tuple(
        Grant(role, frozenset() if role in everywhere else frozenset(places[role])) for role in ROLES if role in places
    )


def place_of(store: Store, code: str) -> Place:
    """The place with a code, or 'level=code' where several have it. Raises InputError."""
    level, _, only = code.rpartition("=")
    rows = store.rows(
        "SELECT level, place_id FROM place WHERE code = ? AND NOT retired AND (? = '' OR level = ?)",
        [only, level, level],
    )
    if len(rows) != 1:
        what = f'there is no place "{code}".' if not rows else f'several places have the code "{code}".'
        raise InputError(what, where="place", todo="Give its code, or level=code, as in `export places`.")
    return Place(rows[0]["level"], rows[0]["place_id"])


def unit_of(store: Store, unit: str | None) -> int | None:
    """The id of the unit with a code or a name; None for None. Raises InputError."""
    if not unit:
        return None
    rows = store.rows(
        "SELECT unit_id FROM unit WHERE code = $unit OR name = $unit ORDER BY code <> $unit", {"unit": unit}
    )
    if not rows:
        raise InputError(f'there is no unit "{unit}".', where="unit", todo="Give its code or its name.")
    return int(rows[0]["unit_id"])


def codes_of(store: Store, place_ids: Iterable[int]) -> dict[int, str]:
    """The codes of places."""
    rows = store.rows(
        "SELECT place_id, code FROM place WHERE place_id IN (SELECT unnest($ids::INTEGER[]))", {"ids": list(place_ids)}
    )
    return {row["place_id"]: row["code"] for row in rows}


def role_texts(store: Store, grants: Iterable[Grant]) -> list[str]:
    """Grants as they are entered: 'operator@S1', or 'operator' of the whole district."""
    held = list(grants)
    codes = codes_of(store, {place.place_id for grant in held for place in grant.places})
    return [
        f"{grant.role}@{code}" if code else grant.role
        for grant in held
        for code in sorted(codes[place.place_id] for place in grant.places) or [""]
    ]


def write_grants(con: Connection, account_id: int, grants: Iterable[Grant]) -> None:
    """Put an account's grants in the place of those it has; part of a transaction."""
    con.execute("DELETE FROM account_grant WHERE account_id = ?", [account_id])
    for grant in grants:
        place_ids: list[int | None] = [*sorted(place.place_id for place in grant.places)]
        for place_id in place_ids or [None]:
            con.execute("INSERT INTO account_grant VALUES (?, ?, ?)", [account_id, grant.role, place_id])


def grants_by_account(store: Store) -> dict[int, tuple[Grant, ...]]:
    """The grants of every account. A line without a place is the whole district, whatever other lines say."""
    held: dict[int, dict[str, set[Place | None]]] = {}
    for row in store.rows(
        "SELECT account_id, role, place_id, level FROM account_grant LEFT JOIN place USING (place_id)"
    ):
        place = None if row["place_id"] is None else Place(row["level"], row["place_id"])
        held.setdefault(row["account_id"], {}).setdefault(row["role"], set()).add(place)
    return {
        number: tuple(_grant(role, roles[role]) for role in ROLES if role in roles) for number, roles in held.items()
    }


def _grant(role: str, places: set[Place | None]) -> Grant:
    return Grant(role, frozenset() if None in places else frozenset(place for place in places if place is not None))


def units(store: Store) -> list[dict[str, Any]]:
    """Every unit, by name: unit_id, code, name."""
    return store.rows("SELECT unit_id, code, name FROM unit ORDER BY name, unit_id")
