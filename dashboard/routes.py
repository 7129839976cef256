"""The addresses that are not Dash's: geometry, cases in view, exports, the language switch; and a 404 for the rest."""

from __future__ import annotations

import gzip

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from dashboard import choice as choices
from dashboard.administration import log
from dashboard.casetable import STATES
from dashboard.console.routes import NO_STORE, json_body
from dashboard.desk import Desk, off_loop
from dashboard.exporting import answer
from dashboard.formats import moment
from dashboard.languages import COOKIE, LANGUAGES, _, safe_target
from dashboard.one_map.things import points_in_view
from dashboard.questions import resolve
from dashboard.rankings import files, measures
from dashboard.said import parts_of
from dashboard.search import found
from data.atlas import atlases
from data.audit import BUT_MOVES
from data.errors import JingweiError, NotFound
from data.on_map import Wanted
from data.store import Store
from layers import worker
from layers.base_map import content_at
from layers.boundaries import boundaries, part
from layers.events import events, window_of

FOR_EVER = "private, max-age=31536000, immutable"
A_YEAR = 31_536_000


def add(app: FastAPI, desk: Desk) -> None:
    """Put the routes on the server. Dash answers every unknown GET with its index; the last route here keeps it from that."""

    @app.get("/layers/cells/{level}/{digest}/{name}")
    async def shapes(request: Request, level: str, digest: str, name: str) -> Response:
        content = await off_loop(geometry, desk.store, level, digest, name)
        return for_ever(request, content, "application/json" if name.endswith("json") else "application/octet-stream")

    @app.get("/layers/base/{digest}/base.bin")
    async def ground(request: Request, digest: str) -> Response:
        return for_ever(request, await off_loop(content_at, desk.store, digest), "application/octet-stream")

    @app.get("/layers/worker/{name}")
    async def script(request: Request) -> Response:
        return for_ever(request, gzip.compress(worker.script_at(request.url.path)), "text/javascript; charset=utf-8")

    @app.get("/layers/events")
    async def in_view(request: Request, box: str, zoom: str) -> JSONResponse:
        return JSONResponse(await off_loop(cases_in_view, desk.store, request.url.query, box, zoom))

    @app.get("/layers/points/{name}")
    async def points(request: Request, name: str, box: str, zoom: str) -> JSONResponse:
        return JSONResponse(await off_loop(points_in_view, desk.store, name, request.url.query, box, zoom))

    @app.get("/search")
    async def search(q: str = "") -> JSONResponse:
        return JSONResponse(await off_loop(found, desk.store, q), headers={"cache-control": "no-store"})

    @app.get("/export/ranking.{form}")
    async def export_ranking(request: Request, form: str) -> Response:
        return answer("ranking", form, await off_loop(files.ranking_file, desk.store, request.url.query, form))

    @app.get("/rankings/measures")
    async def offered(subject: str = "", code: str = "", name: str = "") -> JSONResponse:
        return JSONResponse(await off_loop(measures.measure_form, desk.store, subject, code, name), headers=NO_STORE)

    @app.post("/rankings/measures")
    async def ordered(request: Request) -> JSONResponse:
        body = await json_body(request)
        return JSONResponse(await off_loop(measures.open_measure, desk.store, body), headers=NO_STORE)

    @app.get("/accounts/log.{form}")
    async def export_log(form: str, group: str = BUT_MOVES, who: str = "", days: str = "") -> Response:
        return answer("log", form, await off_loop(log.as_file, desk.store, log.Asked.of(group, who, days), form))

    @app.get("/language/{code}")
    async def switch_language(code: str, next: str = "/") -> Response:
        if code not in LANGUAGES:
            raise NotFound("there is no such language", where=code, todo=f"There are {', '.join(LANGUAGES)}.")
        answer = RedirectResponse(safe_target(next), 303)
        answer.set_cookie(COOKIE, code, max_age=A_YEAR, samesite="lax", path="/")
        return answer

    @app.exception_handler(JingweiError)
    async def in_words(_request: Request, error: Exception) -> JSONResponse:
        known = error if isinstance(error, JingweiError) else JingweiError(str(error))
        return JSONResponse(parts_of(known), known.status)

    @app.get("/{path:path}", include_in_schema=False)
    async def nothing() -> Response:
        return PlainTextResponse(_("没有这个页面"), 404)


def for_ever(request: Request, zipped: bytes, kind: str) -> Response:
    """Gzipped bytes whose address holds their digest. A browser that asks again all the same is told that nothing changed."""
    tag = f'"{request.url.path.rsplit("/", 2)[-2]}-{request.url.path.rsplit("/", 1)[-1]}"'
    headers = {"cache-control": FOR_EVER, "etag": tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(zipped), media_type=kind, headers=headers)
    return Response(zipped, media_type=kind, headers={**headers, "content-encoding": "gzip"})


def geometry(store: Store, level: str, digest: str, name: str) -> bytes:
    """The gzipped polygons or names at a content address, of whichever atlas has them."""
    for atlas in reversed(atlases(store, current=True)):
        found = boundaries(store, atlas.atlas_id, atlas.digest, level)
        if found.digest == digest:
            return part(found, digest, name)
    raise NotFound("these boundaries have changed", where=f"{level}/{digest}", todo="Load the page again.")


def cases_in_view(store: Store, query: str, box: str, zoom: str) -> dict[str, object]:
    """The cases of the choice in the address's query that lie in the window."""
    asked = resolve(store, choices.of_search(query))
    wanted = Wanted(asked.period, asked.as_of, filters=asked.choice.filters)
    return events(
        store, wanted, window_of(box, zoom), state=lambda s: _(STATES[s]), time=lambda t: moment(t, store.zone)
    )
