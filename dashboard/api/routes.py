"""The addresses for other programs, put on the server in one place."""

from __future__ import annotations

from fastapi import FastAPI

from dashboard.api import attachments, batch, open311, schema, warnings
from dashboard.desk import Desk


def add(app: FastAPI, desk: Desk) -> None:
    """Put them on the server, and the document that describes them."""
    before = len(app.routes)
    for part in (batch, attachments, open311, warnings):
        part.add(app, desk)
    schema.add(app, app.routes[before:])


def limits() -> dict[str, int]:
    """How large a body each takes, where it is not the usual."""
    return {batch.PATH: batch.MOST_BYTES, attachments.PATH: attachments.MOST_BYTES, warnings.PATH: warnings.MOST_BYTES}
