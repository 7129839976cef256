"""The boards' address."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import JSONResponse

from dashboard.boards.board import board
from dashboard.console.routes import NO_STORE
from dashboard.desk import Desk, off_loop


def add(app: FastAPI, desk: Desk) -> None:
    """Put it on the server."""

    @app.get("/console/boards")
    async def said(kind: str = "", parts: str = "", mark: str = "") -> JSONResponse:
        found = await off_loop(board, desk.store, kind, mark, parts=parts == "1")
        return JSONResponse(found, headers=NO_STORE)
