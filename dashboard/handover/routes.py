"""The addresses of the hand-over sheet."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.handover.sheet import leave_sheet, number_taken, sheet
from data.acting import acting
from data.handovers import take
from data.store import Store


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    @app.get("/console/handover/sheet")
    async def said(request: Request) -> JSONResponse:
        query = request.query_params
        asked = (query.get(name, "") for name in ("place", "from", "to"))
        return JSONResponse(await off_loop(sheet, desk.store, *asked), headers=NO_STORE)

    @app.post("/console/handover/sheet")
    async def leaves(request: Request) -> JSONResponse:
        return JSONResponse(await off_loop(leave_sheet, desk.store, await json_body(request)), headers=NO_STORE)

    @app.post("/console/handover/taken")
    async def takes(request: Request) -> JSONResponse:
        return JSONResponse(await off_loop(taken, desk.store, await json_body(request)), headers=NO_STORE)


def taken(store: Store, said: dict[str, Any]) -> dict[str, bool]:
    """The next shift has taken a sheet over."""
    take(store, number_taken(said), acting())
    return {"ok": True}
