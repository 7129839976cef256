"""Many screens in one process: what assets/live.js does, without a picture. They follow, note what they hear, and come back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

FIRST_WAIT, LONGEST_WAIT, LOOK_EVERY, SPREAD = 1.0, 30.0, 2.0, 2.0  # seconds, as in assets/live.js
MAP = '{"part":"map"'


@dataclass
class Screen:
    """A page: what it follows, which map it was told when (mark, seconds since 1970), and when it was connected."""

    search: str
    maps: list[tuple[str, float]] = field(default_factory=list)
    connected: list[float] = field(default_factory=list)
    messages: int = 0
    bytes: int = 0


@dataclass
class Totals:
    """The sum of a map's numbers by mark; with it a message says which moves it has in it."""

    numbers: Any = None
    by_mark: dict[str, float] = field(default_factory=dict)

    def take(self, text: str) -> None:
        """Read one message of the map."""
        said = json.loads(text)
        pieces = said["pieces"]
        if "numbers" in pieces:
            self.numbers = np.frombuffer(b64decode(pieces["numbers"]), "<f4").copy()
        elif "numbers_at" in pieces:
            at, values = pieces["numbers_at"]
            self.numbers[at] = [np.nan if value is None else value for value in values]
        if self.numbers is not None:
            self.by_mark[said["mark"]] = float(np.nansum(self.numbers, dtype=np.float64))


def follow(address: str, searches: Sequence[str], asked: Connection) -> None:
    """The process: open a screen for each search; answer "?" with what they noted so far, end at anything else."""
    asyncio.run(_follow(address, searches, asked))


async def _follow(address: str, searches: Sequence[str], asked: Connection) -> None:
    screens = [Screen(search) for search in searches]
    totals = {search: Totals() for search in searches}
    readers = {search: searches.index(search) for search in totals}  # one of each reads the numbers
    async with httpx.AsyncClient(timeout=20, limits=httpx.Limits(max_connections=None)) as client:
        lives = [
            asyncio.create_task(_live(address, one, totals[one.search] if readers[one.search] == i else None, client))
            for i, one in enumerate(screens)
        ]
        while await asyncio.to_thread(asked.recv) == "?":
            asked.send((screens, {search: one.by_mark for search, one in totals.items()}))
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def _live(address: str, screen: Screen, totals: Totals | None, client: httpx.AsyncClient) -> None:
    wait = FIRST_WAIT
    while True:
        with contextlib.suppress(OSError, WebSocketException, TimeoutError):
            async with connect(
                f"ws{address.removeprefix('http')}/live/socket", origin=address, compression=None, max_size=None
            ) as socket:
                heard = False
                async for text in socket:
                    if not heard:
                        heard, wait = True, FIRST_WAIT
                        screen.connected.append(time.time())
                        marks = {"map": screen.maps[-1][0]} if screen.maps else {}
                        await socket.send(json.dumps({"follow": 1, "search": screen.search, "marks": marks}))
                    _hear(screen, totals, str(text))
        await _until_back(address, client, wait * (0.75 + random.random() / 2))
        wait = min(LONGEST_WAIT, 2 * wait)


def _hear(screen: Screen, totals: Totals | None, text: str) -> None:
    screen.messages += 1
    screen.bytes += len(text)
    if text.startswith(MAP):
        now = time.time()
        if totals is not None:
            totals.take(text)
        screen.maps.append((text.partition('"mark":"')[2].partition('"')[0], now))


async def _until_back(address: str, client: httpx.AsyncClient, seconds: float) -> None:
    """Wait; once a server that was away answers a plain request, no longer than a moment of its own."""
    end, unanswered = time.monotonic() + seconds, False
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, LOOK_EVERY))
        if left <= LOOK_EVERY:
            continue
        try:
            asked = client.get(f"{address}/live/now", params={"search": "none"})
            await asyncio.wait_for(asked, end - time.monotonic())
        except (httpx.HTTPError, TimeoutError):
            unanswered = True
        else:
            if unanswered:
                end = min(end, time.monotonic() + random.random() * SPREAD)
