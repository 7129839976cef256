"""The OpenAPI 3.0 document of the features: what may be asked of which collection, for clients that read it (GDAL and QGIS do)."""

from __future__ import annotations

from typing import Any

from dashboard.api.schema import REFUSALS
from dashboard.languages import _
from dashboard.ogc.asked import MOST, USUAL
from dashboard.ogc.collections import TITLES, about, names, ogc_source
from dashboard.ogc.links import ROOT, Links
from data.actors import Actor
from data.published import SOURCES, Source
from data.store import Store
from layers.reference_systems import systems

KIND = "application/vnd.oai.openapi+json;version=3.0"


def document(store: Store, actor: Actor, links: Links) -> dict[str, Any]:
    """The document as a post may use it."""
    paths: dict[str, Any] = {
        "/": _get("landing", "application/json"),
        "/conformance": _get("conformance", "application/json"),
        "/collections": _get("collections", "application/json"),
    }
    offered = list(systems(store.deployment.crs))
    for collection in names():
        name = ogc_source(collection, actor)
        title, source = _(TITLES[name]), SOURCES[name]
        above = f"/collections/{collection}"
        paths[above] = _get(f"describe_{collection}", "application/json", title)
        asked = [*_common_parameters(offered), *_property_parameters(source)]
        paths[f"{above}/items"] = _get(f"items_{collection}", "application/geo+json", about(source, name), asked)
        one = [_parameter("featureId", {"type": "string"}, where="path"), _system_parameter("crs", offered)]
        paths[f"{above}/items/{{featureId}}"] = _get(f"item_{collection}", "application/geo+json", title, one)
    bearer = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.0.3",
        "info": {"title": store.deployment.name, "version": "1.0.0", "description": "OGC API – Features"},
        "servers": [{"url": f"{links.base}{ROOT}"}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": bearer, "api_key": {"type": "apiKey", "in": "query", "name": "api_key"}}
        },
        "security": [{"bearer": []}, {"api_key": []}],
    }


def _get(name: str, kind: str, summary: str = "", parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {"description": summary or name, "content": {kind: {"schema": {"type": "object"}}}}
    }
    answers |= {code: {"description": REFUSALS[code]} for code in ("400", "401", "403", "404")}
    return {
        "get": {"operationId": name, "summary": summary or name, "parameters": parameters or [], "responses": answers}
    }


def _parameter(name: str, schema: dict[str, Any], *, where: str = "query") -> dict[str, Any]:
    style = "simple" if where == "path" else "form"
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "style": style, "explode": False}


def _system_parameter(name: str, offered: list[str]) -> dict[str, Any]:
    return _parameter(name, {"type": "string", "format": "uri", "enum": offered, "default": offered[0]})


def _common_parameters(offered: list[str]) -> list[dict[str, Any]]:
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    return [
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}),
        _parameter("bbox", box),
        _parameter("datetime", {"type": "string"}),
        _system_parameter("crs", offered),
        _system_parameter("bbox-crs", offered),
        *(_parameter(name, {"type": "string"}) for name in ("after", "before")),
    ]


def _property_parameters(source: Source) -> list[dict[str, Any]]:
    texts = [_parameter(name, {"type": "string"}) for name in source.texts]
    return texts + [_parameter(name, {"type": "number"}) for name in source.numbers]
