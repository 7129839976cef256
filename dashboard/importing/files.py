"""The import page's own addresses: a file comes in, the quarantine goes out to be corrected."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from dashboard.desk import Desk, off_loop
from dashboard.importing.work import refuse_parquet
from data.errors import FileError
from data.imports import export_quarantine, import_report
from data.store import Store
from etl.corrections import correctable
from etl.exports import csv_bytes

UPLOAD = "/imports/upload"


def add(app: FastAPI, desk: Desk) -> None:
    """Put the two routes on the server."""

    @app.post(UPLOAD)
    async def receive(request: Request) -> Response:
        upload = await desk.uploads.receive(request.headers.get("x-file-name", ""), request.stream())
        try:
            await off_loop(refuse_parquet, upload.path)
        except FileError:
            desk.uploads.remove(upload.token)
            raise
        return JSONResponse({"token": upload.token, "name": upload.name, "size": upload.path.stat().st_size})

    @app.get("/imports/{import_id}/quarantine.csv")
    async def to_correct(import_id: int) -> Response:
        body = await off_loop(open_rows, desk.store, import_id)
        names = {"content-disposition": f'attachment; filename="quarantine-{import_id}.csv"'}
        return Response(body, media_type="text/csv; charset=utf-8", headers=names)


def open_rows(store: Store, import_id: int) -> bytes:
    """The open rows of a quarantine as CSV with the file's own columns: what the page takes back. Raises NotFound."""
    import_report(store, import_id)
    return csv_bytes(correctable(export_quarantine(store, import_id, {"status": "open"})), store.zone)
