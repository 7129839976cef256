"""The playback's addresses: an interval's outline, its pieces, the cases behind a count, the episodes worth playing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from dashboard.desk import Desk, off_loop
from dashboard.playback import busy, wall
from dashboard.playback.asked import Asked, asked
from dashboard.playback.told import EPOCH, cases_told, outline_told, piece_told
from data.errors import QuestionError
from data.store import Store

NO_STORE = {"cache-control": "no-store"}
LAST = 253_402_300_799_000  # milliseconds: the end of the year 9999


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    async def said(function: Callable[..., Any], request: Request, *args: Any) -> JSONResponse:
        def answer() -> Any:
            return function(desk.store, asked(desk.store, request.query_params), *args)

        return JSONResponse(await off_loop(answer), headers=NO_STORE)

    @app.get("/wall/{place}/playback")
    async def on_a_wall(place: str) -> Response:
        return await off_loop(wall.answer, desk, place)

    @app.get("/playback/outline")
    async def whole(request: Request) -> JSONResponse:
        return await said(outline_told, request)

    @app.get("/playback/piece")
    async def part(request: Request, since: int, until: int) -> JSONResponse:
        return await said(part_told, request, since, until)

    @app.get("/playback/cases")
    async def cases(request: Request, at: int, count: str, polygon: str = "") -> JSONResponse:
        return await said(cases_told, request, instant(at), count, polygon or None)

    @app.get("/playback/episodes")
    async def episodes(request: Request) -> JSONResponse:
        return await said(lambda store, one: busy.told(store, one.play.within or ""), request)


def part_told(store: Store, one: Asked, since: int, until: int) -> Any:
    """A piece between two of the outline's cuts."""
    return piece_told(store, one, instant(since), instant(until))


def instant(millis: int) -> datetime:
    """An instant of the browser. Raises QuestionError."""
    if not 0 <= millis <= LAST:
        raise QuestionError("this is no instant.", where=str(millis))
    return EPOCH + timedelta(milliseconds=millis)
