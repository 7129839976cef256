"""The addresses under /ogc. Each asks the store on a thread; what cannot be answered comes as a problem (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from dashboard.desk import Desk, off_loop
from dashboard.ogc import features
from dashboard.ogc.asked import asked_system, check_names, id_of, key_of, wanted
from dashboard.ogc.collections import described, names, ogc_source
from dashboard.ogc.document import KIND, document
from dashboard.ogc.links import ROOT, Links, link
from dashboard.ogc.page import landing
from data import audit
from data.acting import acting
from data.actors import Actor
from data.errors import JingweiError, NotFound, QuestionError
from data.published import EVENTS, SOURCES
from data.published_pages import Page, one_feature, page_of
from data.store import Store
from layers.reference_systems import System, systems

JSON, GEOJSON, PROBLEM = "application/json", "application/geo+json", "application/problem+json"
PART_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CONFORMS = [
    *(f"{PART_1}{name}" for name in ("core", "oas30", "geojson")),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
]
PLAIN = frozenset({"f", "api_key"})
Query = list[tuple[str, str]]


def add(app: FastAPI, desk: Desk) -> None:
    """Put the routes on the server."""

    async def told(request: Request, work: Callable[..., Response], *args: Any) -> Response:
        given = request.query_params.multi_items()
        try:
            return await off_loop(work, desk.store, acting(), Links.of(request), given, *args)
        except JingweiError as error:
            return as_problem(error)

    @app.get(ROOT, include_in_schema=False)
    async def root(request: Request) -> Response:
        return await told(request, _root, _for_a_person(request))

    @app.get(f"{ROOT}/conformance", include_in_schema=False)
    async def conformance(request: Request) -> Response:
        return await told(request, _conformance)

    @app.get(f"{ROOT}/api", include_in_schema=False)
    async def api(request: Request) -> Response:
        return await told(request, _api)

    @app.get(f"{ROOT}/collections", include_in_schema=False)
    async def collections(request: Request) -> Response:
        return await told(request, _collections)

    @app.get(f"{ROOT}/collections/{{collection}}", include_in_schema=False)
    async def collection(request: Request, collection: str) -> Response:
        return await told(request, _collection, collection)

    @app.get(f"{ROOT}/collections/{{collection}}/items", include_in_schema=False)
    async def items(request: Request, collection: str) -> Response:
        return await told(request, _items, collection)

    @app.get(f"{ROOT}/collections/{{collection}}/items/{{feature_id}}", include_in_schema=False)
    async def item(request: Request, collection: str, feature_id: str) -> Response:
        return await told(request, _item, collection, feature_id)


def as_problem(error: JingweiError) -> Response:
    """An error as a problem: what is wrong, with which parameter, and what to do."""
    status = 400 if isinstance(error, QuestionError) else error.status
    title = {400: "Bad request", 404: "Not found"}.get(status, "Error")
    detail = " ".join(part for part in (f"{error.where}:" if error.where else "", error.what, error.todo) if part)
    return _as_json({"title": title, "status": status, "detail": detail}, PROBLEM, status)


def _as_json(value: Any, kind: str = JSON, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), status, media_type=kind)


def _for_a_person(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return request.query_params.get("f", "html" if "text/html" in accepted else "json") == "html"


def _check_plain(given: Query) -> None:
    """Raises QuestionError for a parameter such an address does not know."""
    check_names([name for name, _value in given], PLAIN)
    form = dict(given).get("f", "json")
    if form not in ("json", "html"):
        raise QuestionError("there is no such form.", where="f", todo="Write json.")


def _root(store: Store, actor: Actor, links: Links, given: Query, person: bool) -> Response:
    _check_plain(given)
    if person:
        return landing(store, actor, links)
    return _as_json(
        {
            "title": store.deployment.name,
            "description": "OGC API – Features",
            "links": [
                link("self", links.to(), JSON),
                link("service-desc", links.to("api"), KIND),
                link("conformance", links.to("conformance"), JSON),
                link("data", links.to("collections"), JSON),
            ],
        }
    )


def _conformance(_store: Store, _actor: Actor, _links: Links, given: Query) -> Response:
    _check_plain(given)
    return _as_json({"conformsTo": CONFORMS})


def _api(store: Store, actor: Actor, links: Links, given: Query) -> Response:
    _check_plain(given)
    return _as_json(document(store, actor, links), KIND)


def _collections(store: Store, actor: Actor, links: Links, given: Query) -> Response:
    _check_plain(given)
    every = [described(store, name, actor, links) for name in names()]
    self = link("self", links.to("collections"), JSON)
    return _as_json({"links": [self], "crs": list(systems(store.deployment.crs)), "collections": every})


def _collection(store: Store, actor: Actor, links: Links, given: Query, collection: str) -> Response:
    _check_plain(given)
    return _as_json(described(store, collection, actor, links))


def _items(store: Store, actor: Actor, links: Links, given: Query, collection: str) -> Response:
    name = ogc_source(collection, actor)
    asked = wanted(given, SOURCES[name], systems(store.deployment.crs), store.zone)
    found = page_of(store, name, asked.asked)
    if name == EVENTS and asked.asked.after is None and asked.asked.before is None:
        audit.record(store, "export", actor, what=f"{ROOT}/collections/{collection}/items", asked=_said(given))
    members = features.feature_texts(found.rows, asked.system)
    about: dict[str, Any] = {"timeStamp": store.now().strftime("%Y-%m-%dT%H:%M:%SZ"), "numberReturned": len(members)}
    if found.matched is not None:
        about["numberMatched"] = found.matched
    about["links"] = _page_links(collection, links, given, found)
    return _answer(features.collection_text(members, about), asked.system)


def _item(store: Store, actor: Actor, links: Links, given: Query, collection: str, feature_id: str) -> Response:
    check_names([name for name, _value in given], {"f", "api_key", "crs"})
    name, key = ogc_source(collection, actor), key_of(feature_id)
    system = asked_system(dict(given).get("crs"), "crs", systems(store.deployment.crs))
    rows = one_feature(store, name, key) if key else None
    if rows is None or not rows.num_rows:
        raise NotFound("there is no such feature.", where=feature_id)
    above = links.to("collections", collection)
    here = links.to("collections", collection, "items", feature_id)
    told = [link("self", here, GEOJSON), link("collection", above, JSON)]
    return _answer(features.feature_text(features.feature_texts(rows, system)[0], told), system)


def _page_links(collection: str, links: Links, given: Query, found: Page) -> list[dict[str, Any]]:
    """This page, the next and the one before; they keep whatever was asked."""

    def to(*more: tuple[str, str]) -> str:
        kept = [pair for pair in given if not more or pair[0] not in ("after", "before")]
        return links.to("collections", collection, "items", query=[*kept, *more])

    made = [link("self", to(), GEOJSON), link("collection", links.to("collections", collection), JSON)]
    rows = found.rows
    if rows.num_rows:
        first, last = (id_of(rows["a"][i].as_py(), rows["b"][i].as_py()) for i in (0, rows.num_rows - 1))
        made += [link("next", to(("after", last)), GEOJSON)] if found.more else []
        made += [link("prev", to(("before", first)), GEOJSON)] if found.earlier else []
    return made


def _said(given: Query) -> str | None:
    return "&".join(f"{name}={value}" for name, value in given if name != "api_key")[:500] or None


def _answer(body: bytes, system: System) -> Response:
    return Response(body, headers={"content-crs": f"<{system.uri}>"}, media_type=GEOJSON)
