"""Who is signed in. A browser holds a cookie with 32 random bytes, the store their hash, memory everything a request asks.

A session ends after a while without use, after its longest time, by signing out, and when its post loses a password, a role
or its being enabled. A wall's session has neither limit: it ends when its token is revoked. A page that only listens (the
socket, the polling) does not use its session. All of it goes by the machine's time.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from data.accounts import Account, Accounts
from data.actors import Actor
from data.database import Connection
from data.tokens import Token, Tokens, digest_of

if TYPE_CHECKING:
    from data.store import Store

MOST_A_POST = 50  # sessions of one account or wall; the one used longest ago goes


@dataclass
class Session:
    """A signed-in browser: of an account or of a wall's token."""

    digest: bytes
    account_id: int | None
    token_id: int | None
    began_at: datetime
    seen_at: datetime
    unwritten: bool = False


class Sessions:
    """The sessions of an open store."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        tokens: Tokens,
        *,
        idle: timedelta,
        longest: timedelta,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._accounts, self._tokens = store, accounts, tokens
        self._idle, self._longest, self._now = idle, longest, now
        self._lock = threading.Lock()
        self._listeners: list[Callable[[bytes], None]] = []
        self._held = {row["digest"]: Session(**row) for row in store.rows("SELECT * FROM session")}
        accounts.on_change(lambda number: self.end_all(lambda one: one.account_id == number))
        tokens.on_revoked(lambda number: self.end_all(lambda one: one.token_id == number))

    def begin(self, account: Account) -> str:
        """Sign a post in; the cookie's secret."""
        self._make_room(lambda one: one.account_id == account.account_id)
        return self._begin(account.account_id, None)

    def begin_device(self, token: Token) -> str:
        """Let a wall in; the cookie's secret."""
        self._make_room(lambda one: one.token_id == token.token_id)
        return self._begin(None, token.token_id)

    def all(self) -> list[Session]:
        """The sessions held, ended ones swept or not."""
        with self._lock:
            return list(self._held.values())

    def actor(self, digest: bytes, *, used: bool = True) -> Actor | None:
        """Who has this session; None when it is none, or over. used: a person did something with it."""
        session = self._held.get(digest)
        if session is None:
            return None
        if self._over(session):
            self.end(digest)
            return None
        if used:
            session.seen_at, session.unwritten = self._now(), True
        if session.token_id is not None:
            self._tokens.seen(session.token_id)
            return self._tokens.actor(session.token_id)
        account = self._accounts.get(session.account_id or 0)
        return None if account is None or account.disabled else account.actor()

    def account(self, digest: bytes) -> Account | None:
        """The account of a session; None for a wall's."""
        session = self._held.get(digest)
        return None if session is None or session.account_id is None else self._accounts.get(session.account_id)

    def end(self, digest: bytes) -> None:
        """End one; its sockets are told."""
        self.end_all(lambda one: one.digest == digest)

    def end_all(self, which: Callable[[Session], bool]) -> None:
        """End those; in the store soon."""
        with self._lock:
            gone = [digest for digest, one in self._held.items() if which(one)]
            for digest in gone:
                del self._held[digest]
        if gone:
            self._store.writer.run(lambda con: _forget(con, gone), label="session", quiet=True)
        for digest in gone:
            for listener in self._listeners:
                listener(digest)

    def on_end(self, listener: Callable[[bytes], None]) -> None:
        """Call listener(digest) when one ends, on whatever thread ends it."""
        self._listeners.append(listener)

    def sweep(self) -> None:
        """End those that are over."""
        self.end_all(self._over)

    def keep_seen(self, con: Connection) -> None:
        """Write down when each was last used; part of a chore."""
        with self._lock:
            changed = [one for one in self._held.values() if one.unwritten]
            for one in changed:
                one.unwritten = False
        for one in changed:
            con.execute("UPDATE session SET seen_at = ? WHERE digest = ?", [one.seen_at, one.digest])

    def _make_room(self, whose: Callable[[Session], bool]) -> None:
        own = sorted((one for one in self.all() if whose(one)), key=lambda one: one.seen_at)
        for old in own[: max(0, len(own) - MOST_A_POST + 1)]:
            self.end(old.digest)

    def _begin(self, account_id: int | None, token_id: int | None) -> str:
        secret, now = secrets.token_urlsafe(32), self._now()
        session = Session(digest_of(secret), account_id, token_id, now, now)
        values = [session.digest, account_id, token_id, now, now]
        self._store.writer.run(
            lambda con: con.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?)", values) and None,
            label="session",
            quiet=True,
        ).result()
        with self._lock:
            self._held[session.digest] = session
        return secret

    def _over(self, session: Session) -> bool:
        if session.token_id is not None:
            return self._tokens.actor(session.token_id) is None
        now = self._now()
        return now - session.seen_at >= self._idle or now - session.began_at >= self._longest


def _forget(con: Connection, digests: list[bytes]) -> None:
    con.execute("DELETE FROM session WHERE digest IN (SELECT unnest(?::BLOB[]))", [digests])
