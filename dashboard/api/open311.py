"""Open311 GeoReport v2 under /open311/v2, answered from the same cases as every screen.

A key acts as a post (`python app.py user token`), so what it may open and where is decided by the case engine; without a key
nothing is answered. The key comes as api_key, in the address or the form, or as a bearer token. A request is written at once;
where the writer is busy for longer than PATIENCE, the answer is a token instead, which later leads to the request.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Path, Query, Request
from starlette.responses import Response

from dashboard.api.pace import Pace
from dashboard.desk import Desk, off_loop
from dashboard.languages import language
from data.acting import acting
from data.actors import Actor
from data.errors import InputError, JingweiError, NotFound
from data.orders import Opening
from data.service_requests import case_of_key, place_level, requests, services
from data.store import Store
from etl import open311
from etl.case_lines import Codes, opening, scoped
from etl.placing import Placer, Spot

PREFIX = "/open311/"
V2 = "/open311/v2"
PATIENCE = 5.0
CHANGED = "2026-11-22T00:00:00Z"

Form = Annotated[str, Path(description="json or xml", json_schema_extra={"enum": list(open311.FORMS)})]
Word = Annotated[str | None, Query()]


def add(app: FastAPI, desk: Desk) -> None:
    """Put the routes on the server."""
    pace = Pace(desk.settings.open311_per_minute)

    async def told(
        request: Request, form: str, jurisdiction: str | None, root: str, work: Callable[..., Any], *args: Any
    ) -> Response:
        if (wait := pace.wait(acting().name)) > 0:
            return refusal(form, 429, "too many requests in a minute", {"retry-after": str(math.ceil(wait))})
        try:
            _check(desk.store, form, jurisdiction)
            made = work(*args) if asyncio.iscoroutinefunction(work) else off_loop(work, *args)
            return _spoken(form, root, await made, 201 if request.method == "POST" else 200)
        except JingweiError as error:
            return refusal(form, {422: 400, 409: 403}.get(error.status, error.status), _sentence(error))

    @app.get(f"{PREFIX}discovery.{{form}}", summary="Service discovery")
    async def discovery(request: Request, form: Form) -> Response:
        made = open311.discovery(_root(request), CHANGED, desk.store.deployment.name)
        return await told(request, form, None, "discovery", lambda: made)

    @app.get(f"{V2}/services.{{form}}", summary="Services")
    async def service_list(request: Request, form: Form, jurisdiction_id: Word = None) -> Response:
        return await told(request, form, jurisdiction_id, "services", _services, desk.store)

    @app.get(f"{V2}/services/{{code:path}}.{{form}}", summary="Service definition")
    async def definition(request: Request, code: str, form: Form, jurisdiction_id: Word = None) -> Response:
        args = (desk.store, code, language())
        return await told(request, form, jurisdiction_id, "service_definition", _definition, *args)

    @app.get(f"{V2}/requests.{{form}}", summary="Service requests")
    async def request_list(
        request: Request,
        form: Form,
        jurisdiction_id: Word = None,
        service_request_id: Word = None,
        service_code: Word = None,
        start_date: Word = None,
        end_date: Word = None,
        status: Word = None,
        extensions: Word = None,
    ) -> Response:
        given = {
            "service_request_id": service_request_id, "service_code": service_code, "start_date": start_date,
            "end_date": end_date, "status": status,
        }  # fmt: skip
        args = (desk.store, given, language(), _root(request), extensions == "true")
        return await told(request, form, jurisdiction_id, "service_requests", _requests, *args)

    @app.get(f"{V2}/requests/{{request_id}}.{{form}}", summary="One service request")
    async def one_request(
        request: Request, request_id: str, form: Form, jurisdiction_id: Word = None, extensions: Word = None
    ) -> Response:
        args = (desk.store, request_id, language(), _root(request), extensions == "true")
        return await told(request, form, jurisdiction_id, "service_requests", _request, *args)

    @app.get(f"{V2}/tokens/{{token}}.{{form}}", summary="The request a token stands for")
    async def by_token(request: Request, token: str, form: Form, jurisdiction_id: Word = None) -> Response:
        return await told(
            request, form, jurisdiction_id, "service_requests", _by_token, desk.store, acting(), token
        )  # fmt: skip

    @app.post(f"{V2}/requests.{{form}}", status_code=201, summary="Make a service request", openapi_extra=_document())
    async def make(request: Request, form: Form) -> Response:
        given = dict(request.query_params) | await _form(request)
        key = _key(request.headers.get("idempotency-key"))
        work = (desk.store, desk.placer, acting(), given, key, _root(request))
        return await told(request, form, given.get("jurisdiction_id"), "service_requests", _made, *work)


def refusal(form: str, status: int, what: str, headers: dict[str, str] | None = None) -> Response:
    """An error in the standard's shape."""
    return _spoken(form if form in open311.FORMS else "json", "errors", open311.errors(status, what), status, headers)


def form_of(path: str) -> str:
    """The form an address asks for: what stands after its last dot."""
    return path.rpartition(".")[2]


def _spoken(
    form: str, root: str, value: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:  # fmt: skip
    return Response(open311.document(form, root, value), status, headers, open311.FORMS[form])


def _check(store: Store, form: str, jurisdiction: str | None) -> None:
    if form not in open311.FORMS:
        raise NotFound("the form is json or xml", where=form)
    if jurisdiction and jurisdiction != store.deployment.code:
        raise NotFound("jurisdiction_id was not found", where=jurisdiction)


def _sentence(error: JingweiError) -> str:
    return " ".join(part for part in (error.what, f"({error.where})" if error.where else "", error.todo) if part)


def _services(store: Store) -> list[dict[str, Any]]:
    return open311.service_list(services(store))


def _definition(store: Store, code: str, spoken: str) -> dict[str, Any]:
    found = services(store, code)
    if not found:
        raise NotFound("service_code was not found", where=code)
    return open311.definition(found[0], store.engine.levels, spoken)


def _requests(
    store: Store, given: dict[str, str | None], spoken: str, root: str, extended: bool
) -> list[dict[str, Any]]:  # fmt: skip
    found = requests(store, open311.sought(given, store.now()))
    return [open311.request(one, spoken, store.zone, root, extended) for one in found]


def _request(store: Store, request_id: str, spoken: str, root: str, extended: bool) -> list[dict[str, Any]]:
    found = _requests(store, {"service_request_id": request_id}, spoken, root, extended)
    if not found:
        raise NotFound("service_request_id was not found", where=request_id)
    return found[:1]


def _by_token(store: Store, actor: Actor, token: str) -> list[dict[str, Any]]:
    key = scoped(actor, token)
    case_id = case_of_key(store, key)
    if case_id is None and not store.writer.knows(key):
        raise NotFound("the token was not found", where=token)
    return [{"service_request_id": None if case_id is None else str(case_id), "token": token}]


async def _made(
    store: Store, placer: Placer, actor: Actor, given: dict[str, str], key: str, root: str
) -> list[dict[str, Any]]:  # fmt: skip
    wanted = await off_loop(_opening, store, placer, actor, given, key, root)
    future = asyncio.wrap_future(store.writer.submit(wanted))
    done, _ = await asyncio.wait({future}, timeout=PATIENCE)
    told: dict[str, Any] = {"service_notice": None, "account_id": None}
    if not done:
        return [{"token": key, **told}]
    return [{"service_request_id": str(future.result().case_id), **told}]


def _opening(
    store: Store, placer: Placer, actor: Actor, given: dict[str, str], key: str, root: str
) -> Opening:  # fmt: skip
    code = given.get("service_code")
    if code and not services(store, code):
        raise NotFound("service_code was not found", where=code)
    level = place_level(store, given["address_id"]) if given.get("address_id") else None
    line = open311.line(given, key, level, root)
    named = "|".join(f"{name}={word}" for name, word in (line.place or {}).items()) or None
    placed = placer.place([Spot(line.lon, line.lat, line.address, named)])[0]
    return opening(Codes.of(store), actor, line, placed)


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    try:
        return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), max_num_fields=200))
    except ValueError as error:
        raise InputError(str(error)) from None


def _key(given: str | None) -> str:
    """What names the request: of the sender's own key when it gives one, so that sending it twice makes one case."""
    return sha256(given.encode()).hexdigest()[:32] if given else secrets.token_hex(16)


def _root(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _document() -> dict[str, Any]:
    words = (
        "service_code", "jurisdiction_id", "lat", "long", "address_string", "address_id", "description", "media_url",
        "attribute[urgency]", *open311.DISCARDED,
    )  # fmt: skip
    shape = {"type": "object", "properties": {word: {"type": "string"} for word in words}, "required": ["service_code"]}
    return {
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": shape}}},
        "parameters": [{"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"}}],
    }
