"""The two ways a page follows the store: a socket, and plain requests where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from fastapi import FastAPI, WebSocket
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from dashboard.languages import language
from dashboard.live.hub import MOST_SCREENS, MOST_WAITING, Hub, Screen


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
    listening = asyncio.create_task(_listen(socket, hub, screen := Screen(waiting.put_nowait, lambda: None), spoken))
    speaking = asyncio.create_task(_speak(socket, waiting))
    tasks = (listening, speaking)
    screen.end = speaking.cancel
    try:
        hub.enter(screen)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(screen)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(1012)


async def _speak(socket: WebSocket, waiting: asyncio.Queue[str]) -> None:
    while True:
        await socket.send_text(await waiting.get())


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
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def marks_of(text: str) -> dict[str, str]:
    """The marks a request names: part → mark."""
    return _texts(parsed(text))


def _texts(value: Any) -> dict[str, str]:
    return {str(k): v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
