"""The addresses of recomputing deadlines: one looks, one writes."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.console.routes import NO_STORE, json_body
from dashboard.deadlines import filter as deadlines
from dashboard.desk import Desk, off_loop


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    @app.post("/console/deadlines/preview")
    async def look(request: Request) -> JSONResponse:
        return JSONResponse(await off_loop(deadlines.look, desk.store, await json_body(request)), headers=NO_STORE)

    @app.post("/console/deadlines/apply")
    async def do(request: Request) -> JSONResponse:
        return JSONResponse(await off_loop(deadlines.do, desk.store, await json_body(request)), headers=NO_STORE)
