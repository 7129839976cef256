"""The open sockets of each session: when it ends (signed out, shut, too long unused), they end with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from starlette.types import Message, Receive

from data.sessions import Sessions

GONE = 4401


class Sockets:
    """Which sockets belong to which session. Sessions end on any thread, sockets on the event loop."""

    def __init__(self) -> None:
        self._open: dict[bytes, set[asyncio.Event]] = {}

    def follow(self, sessions: Sessions) -> None:
        """From the event loop: end a session's sockets when it ends."""
        loop = asyncio.get_running_loop()

        def ended(digest: bytes) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._end, digest)

        sessions.on_end(ended)

    @contextlib.contextmanager
    def watched(self, session: bytes | None, receive: Receive) -> Iterator[tuple[Receive, asyncio.Event]]:
        """The receive of a socket that hears a disconnect once its session has ended, and what says that it has."""
        over = asyncio.Event()
        if session is None:
            yield receive, over
            return
        self._open.setdefault(session, set()).add(over)
        try:
            yield _until(over, receive), over
        finally:
            self._open[session].discard(over)
            if not self._open[session]:
                del self._open[session]

    def _end(self, digest: bytes) -> None:
        for over in self._open.get(digest, ()):
            over.set()


def _until(over: asyncio.Event, receive: Receive) -> Receive:
    async def either() -> Message:
        heard, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait({heard, ended}, return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else {"type": "websocket.disconnect", "code": GONE}
        finally:
            heard.cancel()
            ended.cancel()

    return either
