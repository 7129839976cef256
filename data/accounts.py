"""The accounts: posts that sign in. A post has a name to sign in with, a label for the screen, roles and where they hold.

All of them are held in memory, written through, so that a request asks no table who somebody is. Every change is written
with its audit line in one transaction.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from data import audit
from data.actors import ADMINISTRATOR, Actor, Grant
from data.database import Connection
from data.errors import InputError, NotFound, Refused
from data.grants import grants_by_account, grants_of, unit_of, write_grants
from data.passwords import hashed, matches

if TYPE_CHECKING:
    from data.store import Store

NAME = re.compile(r"[\w.@+-]{2,64}")


@dataclass(frozen=True)
class Account:
    """A post. outside: what the identity provider calls it; has_password: it may sign in without the provider."""

    account_id: int
    name: str
    label: str
    grants: tuple[Grant, ...]
    unit_id: int | None
    outside: str | None
    disabled: bool
    created_at: datetime
    password: str | None = field(repr=False, default=None)

    @property
    def has_password(self) -> bool:
        """Whether it signs in with a password."""
        return self.password is not None

    @property
    def administers(self) -> bool:
        """Whether it is an administrator of the whole deployment and may sign in."""
        return not self.disabled and self.actor().may(ADMINISTRATOR)

    def actor(self, kind: Any = "person") -> Actor:
        """Who acts when this post does."""
        return Actor(kind, self.name, self.label, self.grants, self.unit_id)


class Accounts:
    """The accounts of an open store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._listeners: list[Callable[[int], None]] = []
        self._by_id: dict[int, Account] = {}
        self._read()

    def all(self) -> list[Account]:
        """Every account, by name."""
        return sorted(self._by_id.values(), key=lambda one: one.name)

    def get(self, account_id: int) -> Account | None:
        """The account with this id."""
        return self._by_id.get(account_id)

    def by_name(self, name: str) -> Account:
        """The account with this name, in whatever case. Raises NotFound."""
        found = next((one for one in self._by_id.values() if one.name.casefold() == name.strip().casefold()), None)
        if found is None:
            raise NotFound("there is no such account.", where=name, todo="See `user list`.")
        return found

    def outside(self, names: Iterable[str]) -> Account | None:
        """The first enabled account that the identity provider means by one of these names."""
        by_name = {one.outside: one for one in self.all() if one.outside and not one.disabled}
        return next((by_name[name] for name in names if name in by_name), None)

    def signing_in(self, name: str, password: str) -> Account | None:
        """The account that opens with this name and password; takes as long when there is none."""
        wanted = name.strip().casefold()
        found = next((one for one in self._by_id.values() if one.name.casefold() == wanted), None)
        right = matches(found.password if found else None, password)
        return found if found and right and not found.disabled else None

    def administrators(self) -> list[Account]:
        """Who may sign in and administer the whole deployment."""
        return [one for one in self.all() if one.administers]

    def on_change(self, listener: Callable[[int], None]) -> None:
        """Call listener(account_id) after an account has lost something: a password, a role, its being enabled."""
        self._listeners.append(listener)

    def add(
        self,
        by: Actor,
        *,
        name: str,
        label: str = "",
        roles: Sequence[str],
        password: str | None = None,
        unit: str | None = None,
        outside: str | None = None,
    ) -> Account:
        """A new account. roles: 'operator' or 'operator@CODE' of a place; unit: its code or name. Raises InputError."""
        name = name.strip()
        if not NAME.fullmatch(name):
            raise InputError(f'"{name}" is no account name.', where="name", todo="Use letters, digits, . _ - @ +.")
        if any(one.name.casefold() == name.casefold() for one in self._by_id.values()):
            raise InputError("there is an account of that name.", where=name, todo="Choose another name.")
        if password is None and not outside:
            raise InputError("an account needs a password or a name at the identity provider.", where=name)
        grants, unit_id = grants_of(self._store, roles), unit_of(self._store, unit)
        kept = None if password is None else hashed(password, name=name)
        at = datetime.now(UTC)

        def job(con: Connection) -> int:
            row = con.execute("SELECT nextval('account_ids')").fetchone()
            number = int(row[0]) if row else 0
            values = [
                number,
                name,
                label.strip() or name,
                unit_id,
                kept,
                outside or None,
                False,
                at,
                at if kept else None,
            ]
            con.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            write_grants(con, number, grants)
            audit.put(con, self._store.now(), self._entry("account_added", by, name, roles=list(roles)))
            return number

        number = self._write(job)
        return self._by_id[number]

    def set_password(self, by: Actor, account: Account, password: str) -> None:
        """Another password; whoever is signed in with the old one is signed out."""
        kept = hashed(password, name=account.name)
        at = datetime.now(UTC)
        sql = "UPDATE account SET password = ?, password_at = ? WHERE account_id = ?"
        self._change("password_changed", by, account, sql, [kept, at, account.account_id])

    def set_disabled(self, by: Actor, account: Account, disabled: bool) -> None:
        """Shut or open an account. The last administrator cannot be shut."""
        if disabled:
            self._keep_an_administrator(account)
        sql = "UPDATE account SET disabled = ? WHERE account_id = ?"
        self._change("account_changed", by, account, sql, [disabled, account.account_id], disabled=disabled)

    def set_roles(self, by: Actor, account: Account, roles: Sequence[str], unit: str | None = None) -> None:
        """Other roles, and the unit it acts for (null: none)."""
        grants, unit_id = grants_of(self._store, roles), unit_of(self._store, unit)
        if not Actor("person", "", "", grants).may(ADMINISTRATOR):
            self._keep_an_administrator(account)

        def job(con: Connection) -> None:
            con.execute("UPDATE account SET unit_id = ? WHERE account_id = ?", [unit_id, account.account_id])
            write_grants(con, account.account_id, grants)
            audit.put(con, self._store.now(), self._entry("account_changed", by, account.name, roles=list(roles)))

        self._write(job)
        self._tell(account)

    def set_names(self, by: Actor, account: Account, *, label: str, outside: str | None) -> None:
        """How the post is called on screen and at the identity provider. Nobody is signed out by it."""
        if outside is None and not account.has_password:
            raise InputError("an account needs a password or a name at the identity provider.", where=account.name)
        values = [label.strip() or account.name, outside, account.account_id]
        sql = "UPDATE account SET label = ?, outside = ? WHERE account_id = ?"
        self._change("account_changed", by, account, sql, values, label=label, tell=False)

    def _change(
        self, action: str, by: Actor, account: Account, sql: str, values: list[Any], *, tell: bool = True, **detail: Any
    ) -> None:
        def job(con: Connection) -> None:
            con.execute(sql, values)
            audit.put(con, self._store.now(), self._entry(action, by, account.name, **detail))

        self._write(job)
        if tell:
            self._tell(account)

    def _keep_an_administrator(self, account: Account) -> None:
        if [one.account_id for one in self.administrators()] == [account.account_id]:
            raise Refused("this is the last administrator.", where=account.name, todo="Make another one first.")

    def _entry(self, action: str, by: Actor, name: str, **detail: Any) -> audit.Entry:
        return audit.Entry(action, by, detail={"account": name, **detail})

    def _write(self, job: Callable[[Connection], Any]) -> Any:
        result = self._store.writer.run(job, label="account", quiet=True).result()
        self._read()
        return result

    def _tell(self, account: Account) -> None:
        for listener in self._listeners:
            listener(account.account_id)

    def _read(self) -> None:
        with self._lock:
            grants = grants_by_account(self._store)
            rows = self._store.rows("SELECT * EXCLUDE (password_at) FROM account")
            self._by_id = {row["account_id"]: Account(**row, grants=grants.get(row["account_id"], ())) for row in rows}
