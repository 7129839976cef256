"""The address of a wall."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from dashboard.desk import Desk, off_loop
from dashboard.languages import _
from dashboard.said import parts_of
from dashboard.wall import page
from dashboard.wall.rotation import route
from dashboard.wall.spots import may_see, spot_of
from data import audit
from data.acting import acting
from data.errors import JingweiError


def add(app: FastAPI, desk: Desk) -> None:
    """Put it on the server."""

    @app.get("/wall/{place}")
    async def wall(place: str, request: Request) -> Response:
        return await off_loop(answer, desk, place, dict(request.query_params))


def answer(desk: Desk, place: str, asked: dict[str, str]) -> Response:
    """The page; a wall whose token is of another place is told so, and it is written down."""
    try:
        spot = spot_of(desk.store, place)
        if not may_see(acting(), spot):
            audit.record(desk.store, "refused", acting(), what=f"GET /wall/{place}")
            return page.failed(_("没有权限"), place, _("这块大屏的令牌属于别的地方。"), 403)
        return page.page(desk, route(desk.store, spot, asked))
    except JingweiError as error:
        said = parts_of(error)
        return page.failed(said["what"], said["where"], said["todo"], error.status)
