"""Tokens: a wall's, which reads one place, and a program's, which acts as a post. Shown once, kept as a hash, revocable.

A token is 32 random bytes, so a plain SHA-256 is hash enough; there is nothing to guess. When one was last seen is kept in
memory and written down once a minute.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from data import audit
from data.accounts import Account, Accounts
from data.actors import Actor, Place
from data.database import Connection
from data.errors import InputError, NotFound
from data.grants import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.store import Store

PREFIX = {"device": "jw-wall-", "api": "jw-key-"}
TokenKind = Literal["device", "api"]


@dataclass(frozen=True)
class Token:
    """A wall or a program. place: of a wall; account_id: the post a program acts as."""

    token_id: int
    kind: TokenKind
    label: str
    account_id: int | None
    place: Place | None
    digest: bytes
    made_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None

    @property
    def name(self) -> str:
        """What the audit log calls it."""
        return f"{self.kind} {self.token_id} {self.label}"


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode()).digest()


class Tokens:
    """The tokens of an open store."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store, self._accounts = store, accounts
        self._lock = threading.Lock()
        self._listeners: list[Callable[[int], None]] = []
        self._unwritten: set[int] = set()
        self._by_id: dict[int, Token] = {}
        self._read()

    def all(self) -> list[Token]:
        """Every token, the newest first."""
        return sorted(self._by_id.values(), key=lambda one: -one.token_id)

    def get(self, token_id: int) -> Token:
        """The token with this number. Raises NotFound."""
        if token_id not in self._by_id:
            raise NotFound("there is no such token.", where=str(token_id), todo="See `wall list`.")
        return self._by_id[token_id]

    def find(self, secret: str, kind: TokenKind) -> Token | None:
        """The token in force with this secret."""
        if not secret.startswith(PREFIX[kind]):
            return None
        digest = digest_of(secret)
        found = next((one for one in list(self._by_id.values()) if one.digest == digest and one.kind == kind), None)
        return found if found and found.revoked_at is None else None

    def actor(self, token_id: int) -> Actor | None:
        """Who acts with it; None once it is revoked or its post shut."""
        token = self._by_id.get(token_id)
        if token is None or token.revoked_at is not None:
            return None
        if token.kind == "device":
            places = frozenset({token.place}) if token.place else frozenset()
            return Actor("device", token.name, token.label, places=places)
        account = self._accounts.get(token.account_id or 0)
        if account is None or account.disabled:
            return None
        return replace(account.actor("api"), name=f"{account.name} ({token.label})")

    def seen(self, token_id: int) -> None:
        """It was used just now."""
        with self._lock:
            if token_id in self._by_id:
                self._by_id[token_id] = replace(self._by_id[token_id], seen_at=datetime.now(UTC))
                self._unwritten.add(token_id)

    def keep_seen(self, con: Connection) -> None:
        """Write down when each was last seen; part of a chore."""
        with self._lock:
            changed, self._unwritten = self._unwritten, set()
        for token_id in changed:
            con.execute(
                "UPDATE access_token SET seen_at = ? WHERE token_id = ?", [self._by_id[token_id].seen_at, token_id]
            )

    def on_revoked(self, listener: Callable[[int], None]) -> None:
        """Call listener(token_id) when one is revoked."""
        self._listeners.append(listener)

    def add_device(self, by: Actor, label: str, place: str) -> tuple[Token, str]:
        """A wall's token for the place with a code, and its secret, which nobody can be told again."""
        return self._add(by, "device", label, None, place_of(self._store, place))

    def add_key(self, by: Actor, label: str, account: Account) -> tuple[Token, str]:
        """A program's key that acts as a post, and its secret."""
        return self._add(by, "api", label, account.account_id, None)

    def revoke(self, by: Actor, token: Token) -> None:
        """Take it back; whoever uses it is out at once."""

        def job(con: Connection) -> None:
            con.execute(
                "UPDATE access_token SET revoked_at = ? WHERE token_id = ?", [datetime.now(UTC), token.token_id]
            )
            entry = audit.Entry("token_revoked", by, detail={"token": token.name})
            audit.put(con, self._store.now(), entry)

        self._store.writer.run(job, label="token", quiet=True).result()
        self._read()
        for listener in self._listeners:
            listener(token.token_id)

    def _add(
        self, by: Actor, kind: TokenKind, label: str, account_id: int | None, place: Place | None
    ) -> tuple[Token, str]:
        if not label.strip() or len(label) > 100:
            raise InputError("a token needs a label.", where="label", todo="Say where it hangs or what uses it.")
        secret = PREFIX[kind] + secrets.token_urlsafe(32)
        made_at = datetime.now(UTC)

        def job(con: Connection) -> int:
            row = con.execute("SELECT nextval('token_ids')").fetchone()
            number = int(row[0]) if row else 0
            con.execute(
                "INSERT INTO access_token VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                [
                    number,
                    kind,
                    label.strip(),
                    account_id,
                    place.place_id if place else None,
                    digest_of(secret),
                    made_at,
                ],
            )
            audit.put(
                con, self._store.now(), audit.Entry("token_made", by, detail={"token": f"{kind} {number} {label}"})
            )
            return number

        number = self._store.writer.run(job, label="token", quiet=True).result()
        self._read()
        return self._by_id[number], secret

    def _read(self) -> None:
        rows = self._store.rows("SELECT t.*, p.level FROM access_token t LEFT JOIN place p USING (place_id)")
        with self._lock:
            seen = {number: one.seen_at for number, one in self._by_id.items() if number in self._unwritten}
            self._by_id = {}
            for row in rows:
                level, place_id = row.pop("level"), row.pop("place_id")
                row["seen_at"] = seen.get(row["token_id"], row["seen_at"])
                place = Place(level, place_id) if place_id is not None else None
                self._by_id[row["token_id"]] = Token(**row, place=place)
