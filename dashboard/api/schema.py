"""`GET /api/v1/openapi.json`: what other programs may ask, as an OpenAPI document. No page of documentation from another host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from etl.case_lines import MoveLine, OpenLine

PATH = "/api/v1/openapi.json"
VERSION = "1"


def add(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Put the route on the server; it describes these routes."""
    made = document(routes)

    @app.get(PATH, include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(made)


def document(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document, with the two ways a key may come."""
    made = get_openapi(title="Jingwei", version=VERSION, routes=routes)
    for address, methods in list(made["paths"].items()):
        made["paths"][address.replace(":path}", "}")] = made["paths"].pop(address)
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= {code: {"description": what} for code, what in REFUSALS.items()}
    _heads, lines = models_json_schema(
        [(model, "validation") for model in (OpenLine, MoveLine)], ref_template="#/components/schemas/{model}"
    )
    made["components"] = {"schemas": lines["$defs"]}
    made["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "api_key": {"type": "apiKey", "in": "query", "name": "api_key"},
    }
    made["security"] = [{"bearer": []}, {"api_key": []}]
    return made


REFUSALS = {
    "400": "It cannot be taken as it was put.",
    "401": "No key.",
    "403": "The key's post may not.",
    "404": "There is no such thing.",
    "413": "The body is too large.",
    "422": "It cannot be taken as it was put.",
    "429": "Too many requests in a minute.",
}
