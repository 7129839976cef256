"""The addresses of alarms, emergencies and warnings. What changes something is asked once more where the place is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse

from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.emergency import acts, now, record, state
from layers.registry import areas_of


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    async def said(function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await off_loop(function, desk.store, *args), headers=NO_STORE)

    @app.get("/emergency/now")
    async def what_stands(place: str = "") -> JSONResponse:
        return await said(now.now_said, place)

    @app.get("/emergency/page")
    async def page() -> JSONResponse:
        return await said(state.page_said)

    @app.get("/emergency/{emergency_id:int}")
    async def one(emergency_id: int) -> HTMLResponse:
        return await off_loop(record.printed, desk.store, emergency_id)

    @app.post("/emergency/alarms/{alarm_id:int}")
    async def acknowledge(request: Request, alarm_id: int) -> JSONResponse:
        return await said(acts.acknowledge, alarm_id, await json_body(request))

    @app.post("/emergency/declare")
    async def declare(request: Request) -> JSONResponse:
        return await said(acts.declare, await json_body(request))

    @app.post("/emergency/{emergency_id:int}/stand-down")
    async def stand_down(request: Request, emergency_id: int) -> JSONResponse:
        return await said(acts.stand_down, emergency_id, await json_body(request))

    @app.post("/emergency/warnings/{warning_id:int}/task")
    async def order(request: Request, warning_id: int) -> JSONResponse:
        return await said(acts.order_task, warning_id, await json_body(request))

    @app.get("/layers/areas/{name}")
    async def areas(name: str) -> JSONResponse:
        return await said(areas_of, name)
