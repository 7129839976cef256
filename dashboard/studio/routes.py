"""The studio's addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from dashboard.bulletin.routes import KINDS
from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.routes import for_ever
from dashboard.said import parts_of
from dashboard.studio import acts, comparing, drawn_files, told, what_if, works
from dashboard.studio.making import drafted
from dashboard.studio.optimiser import Optimiser
from data.acting import acting
from data.actors import PLANNER
from data.errors import InputError
from data.store import Store

PLAN_FILES = "/studio/plan-files"


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

    @app.post("/studio/drafts/{draft_id:int}/dossier")
    async def write(request: Request, draft_id: int) -> JSONResponse:
        return await said(works.dossier_begun, desk, draft_id, await json_body(request))

    @app.get("/studio/drafts/{draft_id:int}/dossier.{form}")
    async def paper(draft_id: int, form: str, job: str = "") -> Response:
        content = await off_loop(works.fetched, desk.store, desk, job, form)
        headers = {"content-disposition": f"attachment; filename=plan-{draft_id}.{form}", **NO_STORE}
        return Response(content, media_type=KINDS[form], headers=headers)

    @app.get("/studio/works/{job}")
    async def work(job: str) -> JSONResponse:
        return await said(works.stands, desk, job)

    @app.post("/studio/works/{job}")
    async def stop(job: str) -> JSONResponse:
        return await said(works.stopped, desk, job)

    @app.get("/studio/compared")
    async def compare(first: str = "", second: str = "") -> JSONResponse:
        return await said(comparing.compare_page, first, second)

    @app.get("/studio/compare/{word}/{digest}/grids.bin")
    async def grids(request: Request, word: str, digest: str) -> Response:
        content = await off_loop(comparing.grid_file, desk.store, word, digest)
        return for_ever(request, content, "application/octet-stream")

    @app.get("/studio/plans/{word}/plan.{form}")
    async def plan(word: str, form: str, crs: str = "") -> Response:
        name, content = await off_loop(works.plan_file, desk.store, word, form, crs)
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}", **NO_STORE}
        return Response(content, media_type=works.PLAN_FORMS[form], headers=headers)

    @app.post(PLAN_FILES)
    async def receive(request: Request) -> JSONResponse:
        upload = await desk.uploads.receive(request.headers.get("x-file-name", ""), request.stream())
        return JSONResponse({"token": upload.token, "name": upload.name}, headers=NO_STORE)

    @app.post("/studio/plan-files/{token}")
    async def take(request: Request, token: str) -> JSONResponse:
        return await said(works.file_asked, desk, token, await json_body(request))

    @app.get("/studio/plan-files/{token}/{name}")
    async def shapes(request: Request, token: str, name: str, layer: str = "", crs: str = "") -> Response:
        content = await off_loop(drawn_files.part_file, desk.store, desk.uploads.get(token), name, layer, crs)
        return for_ever(request, content, "application/octet-stream")

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
    actor.require((PLANNER,), to="draw a plan")
    older = acts.whole_number(said, "plan") if said.get("plan") else None
    return {
        "job": desk.jobs.start("draft", lambda progress: drafted(store, name, rules, actor, progress, older)).job_id
    }


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
