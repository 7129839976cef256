"""A fault in one of Dash's own routes, answered and logged.

Dash turns whatever goes wrong in them (not in a callback: `messages.callback_failed` has those) into a 500 and tells
nobody. This stands inside Dash's middleware and outside its routes, so that a fault reaches the log, and a request that
means nothing is the sender's mistake.
"""

from __future__ import annotations

import logging

from dash.exceptions import DependencyException, PreventUpdate
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

UPDATE = "/_dash-update-component"


class DashFaults:
    """ASGI middleware for the routes of Dash; the others have the guard."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through; a fault before the answer began is answered here."""
        if scope["type"] != "http" or not scope["path"].startswith("/_dash-"):
            await self.app(scope, receive, send)
            return
        if scope["path"] == UPDATE and not is_question(scope):
            await PlainTextResponse("The body is no question to this page.", 400)(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except PreventUpdate:
            raise
        except Exception as error:
            if begun:
                raise
            await answer(error, scope["path"])(scope, receive, send)


def is_question(scope: Scope) -> bool:
    """Whether the body, which Dash has read by now, can be a callback's."""
    body = scope.get("state", {}).get("json_body")
    return isinstance(body, dict) and isinstance(body.get("output"), str)


def answer(error: Exception, path: str) -> PlainTextResponse:
    """What the sender is told: 404 for a file Dash does not have, else 500."""
    if isinstance(error, DependencyException | FileNotFoundError):
        return PlainTextResponse("There is no such file.", 404)
    log.error("request failed: %s", path, exc_info=error)
    return PlainTextResponse(f"Something went wrong here ({type(error).__name__}).", 500)
