"""`POST /api/v1/attachments` takes a picture, `GET /attachments/NAME` shows it. What is kept of it: etl/pictures.py."""

from __future__ import annotations

from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, JSONResponse, Response

from dashboard.api.pace import Pace
from dashboard.desk import Desk, off_loop
from data.acting import acting
from etl import pictures

PATH = "/api/v1/attachments"
SHOWN = "/attachments/"
MOST_BYTES = pictures.MOST_BYTES
PER_MINUTE = 120  # pictures of one sender; a phone that is told to wait sends again
TOO_FAST = f"this sender has sent {PER_MINUTE} pictures in a minute."
FOR_EVER = "private, max-age=31536000, immutable"


def add(app: FastAPI, desk: Desk) -> None:
    """Put the routes on the server."""
    pace = Pace(PER_MINUTE)

    @app.post(PATH, status_code=201, summary="Keep a picture", openapi_extra=_document())
    async def keep(request: Request) -> Response:
        if (wait := pace.wait(acting().name)) > 0:
            return JSONResponse({"error": "Refused", "what": TOO_FAST}, 429, {"retry-after": str(ceil(wait))})
        content = await request.body()
        kept = await off_loop(pictures.keep_picture, desk.settings, content)
        told = {"name": kept.name, "width": kept.width, "height": kept.height, "bytes": kept.size}
        return JSONResponse(told, 201, {"location": f"{SHOWN}{kept.name}"})

    @app.get(f"{SHOWN}{{name}}", summary="Show a picture", response_class=FileResponse)
    async def show(name: str) -> Response:
        file = await off_loop(pictures.picture_file, desk.settings.home, name)
        return FileResponse(file, media_type="image/jpeg", headers={"cache-control": FOR_EVER})


def _document() -> dict[str, Any]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    kinds = dict.fromkeys(("image/jpeg", "image/png", "image/webp"), binary)
    return {"requestBody": {"required": True, "content": kinds}}
