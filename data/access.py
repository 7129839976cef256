"""Who may enter an open store, in one object: accounts, tokens, sessions, failed tries. One a store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from data.accounts import Accounts
from data.attempts import Attempts
from data.chores import Chore
from data.database import Connection
from data.sessions import Sessions
from data.tokens import Tokens

if TYPE_CHECKING:
    from data.store import Store

KEEP_SEEN = timedelta(minutes=1)


class Access:
    """What a request and the command line ask."""

    def __init__(self, store: Store) -> None:
        settings = store.settings
        self.accounts = Accounts(store)
        self.tokens = Tokens(store, self.accounts)
        self.sessions = Sessions(
            store,
            self.accounts,
            self.tokens,
            idle=timedelta(minutes=settings.session_idle_minutes),
            longest=timedelta(hours=settings.session_hours),
        )
        self.attempts = Attempts()
        store.writer.add_chore(
            Chore("end old sessions, keep who was seen", _in_a_minute, self._keep_seen, machine=True)
        )

    def _keep_seen(self, con: Connection) -> bool:
        """Written down without stirring the screens: the chore says that it changed nothing."""
        self.sessions.sweep()
        self.sessions.keep_seen(con)
        self.tokens.keep_seen(con)
        return False


def _in_a_minute(now: datetime) -> datetime:
    return now + KEEP_SEEN
