"""`POST /api/v1/warnings` takes a hazard warning as a CAP 1.2 message. What it must hold: etl/cap.py."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.desk import Desk, off_loop
from etl import cap
from etl.warning_commands import taken

PATH = "/api/v1/warnings"
MOST_BYTES = cap.MOST_BYTES


def add(app: FastAPI, desk: Desk) -> None:
    """Put the route on the server."""

    @app.post(PATH, status_code=201, summary="Take in a hazard warning", openapi_extra=_document())
    async def take(request: Request) -> JSONResponse:
        content = await request.body()
        told = await off_loop(_take, desk, content)
        return JSONResponse(told, 200 if told["known"] else 201)


def _take(desk: Desk, content: bytes) -> dict[str, Any]:
    return taken(desk.store, cap.read(content))


def _document() -> dict[str, Any]:
    """A CAP 1.2 alert as its body."""
    xml = {"schema": {"type": "string"}}
    kinds = dict.fromkeys(("application/cap+xml", "application/xml", "text/xml"), xml)
    return {
        "requestBody": {"required": True, "content": kinds},
        "responses": {"200": {"description": "It was known already."}},
    }
