"""The addresses of the map of orders. What is sent goes to /console/openings, where the engine asks every right again."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.dispatch.area import area_said
from dashboard.dispatch.ground import ground_said
from dashboard.dispatch.progress import progress_said


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    @app.get("/console/dispatch/ground")
    async def ground() -> JSONResponse:
        return JSONResponse(await off_loop(ground_said, desk.store), headers=NO_STORE)

    @app.post("/console/dispatch/area")
    async def area(request: Request) -> JSONResponse:
        return JSONResponse(await off_loop(area_said, desk.store, await json_body(request)), headers=NO_STORE)

    @app.get("/console/cases/{case_id}/parts")
    async def parts(case_id: int, mark: str = "") -> JSONResponse:
        return JSONResponse(await off_loop(progress_said, desk.store, case_id, mark), headers=NO_STORE)
