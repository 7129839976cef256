"""The phone's addresses: the page and what makes it an application, the post's cases, and the two that change something.

A refusal of a move is an answer (200, "ok": false), not a failed request: the phone keeps what was written and says why. Pictures
go to `/api/v1/attachments` as everybody's do; categories' offers and units come from the console's addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from dashboard.console.routes import json_body
from dashboard.desk import Desk, off_loop
from dashboard.phone import page, sending
from dashboard.phone.case import case_said
from dashboard.phone.choices import choices_said
from dashboard.phone.rows import cases_said

NO_STORE = {"cache-control": "no-store"}
ASKED_ANEW = {"cache-control": "no-cache"}


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    async def said(function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await off_loop(function, desk.store, *args), headers=NO_STORE)

    @app.get(page.PATH)
    async def shell() -> Response:
        return HTMLResponse(await off_loop(page.shell, desk), headers=ASKED_ANEW)

    @app.get("/my/manifest.webmanifest")
    async def manifest() -> Response:
        return JSONResponse(page.manifest(), headers=ASKED_ANEW, media_type="application/manifest+json")

    @app.get("/my/worker.js")
    async def worker() -> Response:
        headers = {**ASKED_ANEW, "service-worker-allowed": page.PATH}
        return Response(page.worker(), headers=headers, media_type="text/javascript; charset=utf-8")

    @app.get("/my/cases")
    async def cases(mark: str = "") -> JSONResponse:
        return await said(cases_said, mark)

    @app.get("/my/cases/{case_id}")
    async def case(case_id: int) -> JSONResponse:
        return await said(case_said, case_id)

    @app.get("/my/choices")
    async def choices() -> JSONResponse:
        return await said(choices_said)

    @app.post("/my/orders")
    async def move(request: Request) -> JSONResponse:
        return await said(sending.move, await json_body(request))

    @app.post("/my/reports")
    async def report(request: Request) -> JSONResponse:
        return await said(sending.report, await json_body(request))
