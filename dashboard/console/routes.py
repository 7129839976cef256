"""The console's addresses: its queue, a case, what forms offer, and the two that change something."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.console import intake, openings, orders
from dashboard.console.case import case_said
from dashboard.console.choices import lists, units_for_case
from dashboard.console.rows import queue
from dashboard.desk import Desk, off_loop
from data.errors import InputError

NO_STORE = {"cache-control": "no-store"}
_COUNT = re.compile(r"[0-9]{1,15}")


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    async def said(function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await off_loop(function, desk.store, *args), headers=NO_STORE)

    @app.get("/console/queue")
    async def rows(tab: str = "new", mark: str = "", offset: str = "", also: str = "") -> JSONResponse:
        selected = [int(one) for one in also.split(",") if _COUNT.fullmatch(one)]
        return await said(queue, tab, mark, int(offset) if _COUNT.fullmatch(offset) else 0, selected)

    @app.get("/console/lists")
    async def choices() -> JSONResponse:
        return await said(lists)

    @app.get("/console/cases/{case_id}")
    async def case(case_id: int) -> JSONResponse:
        return await said(case_said, case_id)

    @app.get("/console/cases/{case_id}/units")
    async def units(case_id: int) -> JSONResponse:
        return await said(units_for_case, case_id)

    @app.get("/console/offer")
    async def offer(request: Request) -> JSONResponse:
        return await said(intake.offer, dict(request.query_params))

    @app.post("/console/orders")
    async def move(request: Request) -> JSONResponse:
        return await said(orders.take, await json_body(request))

    @app.post("/console/openings")
    async def open_any(request: Request) -> JSONResponse:
        return await said(openings.open_any, await json_body(request))

    @app.post("/console/cases")
    async def open_case(request: Request) -> JSONResponse:
        return await said(intake.open_case, await json_body(request))


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object somebody sent. Raises InputError."""
    body = await request.body()
    try:
        found = json.loads(body)
        if b"\\u" in body:
            json.dumps(found, ensure_ascii=False).encode()  # half a character is no text; nothing could write it down
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("this is no JSON object.", where=request.url.path)
    return found
