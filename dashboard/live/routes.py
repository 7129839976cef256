"""The two ways a page follows the store: a socket, and plain requests where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import anyio
from fastapi import FastAPI, WebSocket
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect, WebSocketState

from dashboard.languages import language
from dashboard.live.followed import Screen
from dashboard.live.hub import MOST_SCREENS, MOST_WAITING, Hub


def add(app: FastAPI, hub: Hub) -> None:
    """Put both on the server."""

    @app.get("/live/now")
    async def now(search: str = "", marks: str = "{}") -> Response:
        said = await hub.answer(search, language(), marks_of(marks))
        return Response(f"[{','.join(said)}]", media_type="application/json", headers={"cache-control": "no-store"})

    @app.websocket("/live/socket")
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        if len(hub.screens) >= MOST_SCREENS:
            await socket.close(1013)
            return
        await live(socket, hub, language())


async def live(socket: WebSocket, hub: Hub, spoken: str) -> None:
    """One page's socket, until either side ends it."""
    waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
    async with anyio.create_task_group() as both:
        screen = Screen(waiting.put_nowait, both.cancel_scope.cancel)
        hub.enter(screen)
        both.start_soon(_speak, socket, waiting, screen.end)
        try:
            with contextlib.suppress(WebSocketDisconnect):
                await _listen(socket, hub, screen, spoken)
        finally:
            hub.leave(screen)
            screen.end()
    if socket.client_state is not WebSocketState.DISCONNECTED:  # it was too slow, or the server ends: it may come again
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(1012)


async def _speak(socket: WebSocket, waiting: asyncio.Queue[str], end: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        while True:
            await socket.send_text(await waiting.get())
    end()


async def _listen(socket: WebSocket, hub: Hub, screen: Screen, spoken: str) -> None:
    while True:
        said = parsed(await socket.receive_text())
        if isinstance(said.get("follow"), int):
            hub.follow(screen, said["follow"], str(said.get("search") or ""), spoken, _texts(said.get("marks")))
        elif isinstance(said.get("again"), str):
            hub.again(screen, said["again"])


def parsed(text: str) -> dict[str, Any]:
    """A message of a page; empty for what is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def marks_of(text: str) -> dict[str, str]:
    """The marks a request names: part → mark."""
    return _texts(parsed(text))


def _texts(value: Any) -> dict[str, str]:
    return {str(k): v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
