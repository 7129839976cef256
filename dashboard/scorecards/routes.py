"""The addresses of the scorecards' pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.scorecards import acts
from dashboard.scorecards.detail import cases_of_part, detail
from dashboard.scorecards.overview import overview
from dashboard.scorecards.table import run_said, tried
from data.errors import InputError
from data.store import Store


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    async def said(function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await off_loop(function, desk.store, *args), headers=NO_STORE)

    @app.get("/scorecards/runs")
    async def every() -> JSONResponse:
        return await said(overview)

    @app.get("/scorecards/runs/{run_id:int}")
    async def one(run_id: int) -> JSONResponse:
        return await said(run_said, run_id)

    @app.get("/scorecards/runs/{run_id:int}/subjects/{subject_id:int}")
    async def subject(run_id: int, subject_id: int) -> JSONResponse:
        return await said(detail, run_id, subject_id)

    @app.get("/scorecards/runs/{run_id:int}/cases")
    async def listed(run_id: int, subject: int, part: str, which: str = "numerator") -> JSONResponse:
        return await said(cases_of_part, run_id, subject, part, which)

    @app.post("/scorecards/runs")
    async def drafts(request: Request) -> JSONResponse:
        return await said(acts.draft_run, await json_body(request))

    @app.post("/scorecards/runs/{run_id:int}/what-if")
    async def tries(request: Request, run_id: int) -> JSONResponse:
        return await said(tried, run_id, weights_of(await json_body(request)))

    @app.post("/scorecards/runs/{run_id:int}/marks-file")
    async def marks_file(request: Request, run_id: int) -> JSONResponse:
        upload = await desk.uploads.receive(request.headers.get("x-file-name", ""), request.stream())
        try:
            query = request.query_params
            return await said(marks, run_id, query.get("mark", ""), query.get("key", ""), upload.path)
        finally:
            desk.uploads.remove(upload.token)

    @app.post("/scorecards/runs/{run_id:int}/{what}")
    async def does(request: Request, run_id: int, what: str) -> JSONResponse:
        if what not in ORDERS:
            raise InputError("there is no such order.", where=what)
        return await said(ORDERS[what], run_id, await json_body(request))


ORDERS: dict[str, Callable[..., Any]] = {
    "turn": acts.turn,
    "mark": acts.mark,
    "veto": acts.veto,
    "appeal": acts.appeal,
    "register": acts.enter_ledger,
    "listing": acts.listing,
}


def marks(store: Store, run_id: int, name: str, key: str, path: Any) -> dict[str, Any]:
    """Marks of a file; an order has a key."""
    if not key:
        raise InputError("an order has a key, so that sending it twice does it once.", where="key")
    return acts.marks_of_file(store, run_id, name, key, path)


def weights_of(body: dict[str, Any]) -> dict[str, float]:
    """The weights somebody tries. Raises InputError."""
    try:
        return {str(name): float(value) for name, value in dict(body.get("weights") or {}).items()}
    except (TypeError, ValueError):
        raise InputError("weights are numbers.", where="weights") from None
