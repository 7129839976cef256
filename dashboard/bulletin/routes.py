"""The addresses of issued bulletins' files."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI
from starlette.responses import Response

from dashboard.bulletin.issuing import content_of
from dashboard.desk import Desk, off_loop

KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server."""

    @app.get("/bulletins/{bulletin_id:int}/{name}")
    async def file(bulletin_id: int, name: str) -> Response:
        content = await off_loop(content_of, desk.store, bulletin_id, name)
        headers = {"content-disposition": f"attachment; filename={quote(name)}", "x-content-type-options": "nosniff"}
        return Response(content, media_type=KINDS[name.rsplit(".", 1)[-1]], headers=headers)
