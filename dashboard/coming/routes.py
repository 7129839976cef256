"""The file of the forecasts' table."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from dashboard.coming.choice import of_search
from dashboard.coming.page import coming_file
from dashboard.desk import Desk, off_loop
from dashboard.exporting import answer
from data.errors import InputError
from etl.sheets import FORMS


def add(app: FastAPI, desk: Desk) -> None:
    """Put it on the server."""

    @app.get("/export/coming.{form}")
    async def export_coming(request: Request, form: str) -> Response:
        if form not in FORMS:
            raise InputError(f'there is no format "{form}".', where="format", todo=f"Choose one of {', '.join(FORMS)}.")
        return answer("coming", form, await off_loop(coming_file, desk.store, of_search(request.url.query), form))
