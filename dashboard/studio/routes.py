"""The studio's addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from dashboard.bulletin.routes import KINDS
from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.routes import for_ever
from dashboard.said import parts_of
from dashboard.studio import acts, told, what_if
from dashboard.studio.dossier import Dossier, dossier
from dashboard.studio.dossier_pdf import as_pdf
from dashboard.studio.dossier_word import as_word
from dashboard.studio.making import drafted
from dashboard.studio.optimiser import Optimiser
from data.acting import acting
from data.errors import InputError, NotFound
from data.store import Store


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""
    optimiser = desk.optimiser

    async def said(function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await off_loop(function, desk.store, *args), headers=NO_STORE)

    @app.get("/studio/drafts")
    async def every(job: str = "") -> JSONResponse:
        return await said(listed, desk, job)

    @app.post("/studio/drafts")
    async def make(request: Request) -> JSONResponse:
        return await said(drafting, desk, await json_body(request))

    @app.get("/studio/drafts/{draft_id:int}")
    async def one(draft_id: int) -> JSONResponse:
        return await said(told.whole, draft_id)

    @app.get("/studio/drafts/{draft_id:int}/since")
    async def news(draft_id: int, seq: int) -> JSONResponse:
        return await said(told.since, draft_id, seq)

    @app.get("/studio/drafts/{draft_id:int}/what-if")
    async def tries(draft_id: int) -> JSONResponse:
        return await said(what_if.tried, draft_id)

    @app.get("/studio/drafts/{draft_id:int}/dossier.{form}")
    async def paper(draft_id: int, form: str) -> Response:
        content = await off_loop(written, desk.store, draft_id, form)
        headers = {"content-disposition": f"attachment; filename=plan-{draft_id}.{form}", **NO_STORE}
        return Response(content, media_type=KINDS[form], headers=headers)

    @app.get("/studio/cells/{cell_set_id:int}/{digest}/{name}")
    async def cells(request: Request, cell_set_id: int, digest: str, name: str) -> Response:
        content = await off_loop(told.cell_file, desk.store, cell_set_id, digest, name)
        return for_ever(request, content, "application/json" if name.endswith("json") else "application/octet-stream")

    @app.get("/studio/drafts/{draft_id:int}/solve")
    async def stands(draft_id: int) -> JSONResponse:
        return await said(optimiser.told, draft_id)

    @app.post("/studio/drafts/{draft_id:int}/solve")
    async def solve(request: Request, draft_id: int) -> JSONResponse:
        return await said(solving, optimiser, draft_id, await json_body(request))

    @app.post("/studio/drafts/{draft_id:int}/{what}")
    async def does(request: Request, draft_id: int, what: str) -> JSONResponse:
        return await said(acts.act, draft_id, what, await json_body(request))


def listed(store: Store, desk: Desk, job_id: str) -> dict[str, Any]:
    """The drafts; and of one that is being made how it stands: {"status", "id", "failure"}."""
    said = told.listed(store)
    if job_id:
        job = desk.jobs.get(job_id)
        said["making"] = {"status": job.status, "id": job.result, "failure": job.error and parts_of(job.error)}
    return said


def drafting(store: Store, desk: Desk, said: dict[str, Any]) -> dict[str, Any]:
    """Begin to make a draft: {"job"}. Raises Refused."""
    name, rules, actor = str(said.get("name") or ""), str(said.get("rules") or "standard"), acting()
    return {"job": desk.jobs.start("draft", lambda progress: drafted(store, name, rules, actor, progress)).job_id}


def written(store: Store, draft_id: int, form: str) -> bytes:
    """The dossier as a file. Raises NotFound for another kind of file."""
    if form not in FORMS:
        raise NotFound("there is no such kind of file.", where=form)
    return FORMS[form](dossier(store, draft_id))


FORMS: dict[str, Callable[[Dossier], bytes]] = {"pdf": as_pdf, "docx": as_word}


def solving(store: Store, optimiser: Optimiser, draft_id: int, said: dict[str, Any]) -> dict[str, Any]:
    """Begin, stop, take or drop the optimiser's work."""
    what = said.get("what", "begin")
    if what == "begin":
        return optimiser.launch(store, draft_id, said)
    if what == "take":
        return optimiser.take(store, draft_id)
    if what == "stop":
        optimiser.stop(draft_id)
    elif what == "drop":
        optimiser.drop(draft_id)
    else:
        raise InputError("there is no such order.", where="what")
    return optimiser.told(store, draft_id)
