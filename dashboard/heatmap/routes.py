"""The heatmap's addresses: what an address shows, its hexagons, the topics of the month. A listing is opened at /console/openings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.desk import Desk, off_loop
from dashboard.heatmap import density, monthly, screen

NO_STORE = {"cache-control": "no-store"}


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    async def said(function: Callable[..., Any], request: Request, *args: Any) -> JSONResponse:
        return JSONResponse(await off_loop(function, desk.store, request.url.query, *args), headers=NO_STORE)

    @app.get("/heatmap/shown")
    async def shown(request: Request) -> JSONResponse:
        return await said(screen.heat_shown, request)

    @app.get("/heatmap/hexagons")
    async def hexagons(request: Request, box: str, zoom: str) -> JSONResponse:
        return await said(density.in_view, request, box, zoom)

    @app.get("/heatmap/topics")
    async def topics(request: Request) -> JSONResponse:
        return await said(monthly.ranked, request)

    @app.get("/heatmap/topic")
    async def topic(request: Request, name: str) -> JSONResponse:
        return await said(monthly.topic, request, name)
