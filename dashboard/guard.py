"""What stands in front of every request: who may ask, for which host, how much, and what a browser may do with the answer.

Why no CSRF token. A token proves that a form came from us; browsers now say so themselves. Every current browser
sends `Sec-Fetch-Site`, which a page cannot forge, and older ones send `Origin` with every unsafe request. So an
unsafe request (anything but GET, HEAD, OPTIONS) or a WebSocket is taken only when the browser says it began on this
very origin, or by the person's own hand (`none`). `same-site` is not enough: every port of localhost is one site. A
request without either header comes from no browser (curl, a script), carries nobody's cookies but its own sender's,
and is not what CSRF is about; it passes. The argument is Filippo Valsorda's (words.filippo.io/csrf) and the one of
datasette's csrf.py. It costs no state, cannot be forgotten in a form, and covers Dash's own routes.

Why the Host header is checked. A page on evil.example may point its own name at 127.0.0.1 (DNS rebinding); to the
browser we are then its own origin, and only the name in `Host` tells. Loopback names and the configured host are ours.

Why here and not as FastAPI dependencies: Dash adds routes, mounted assets and WebSockets of its own, and answers of the
framework (404, 500) never pass a dependency. This is the outermost layer, so nothing goes round it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_PATH = 2000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class TooLarge(Exception):
    """The body passed its limit while it was being read."""


def host_name(host: str) -> str:
    """The name in a Host header without its port: '[::1]:8050' → '::1'. Empty when it cannot be read."""
    if "@" in host:  # a user's name before it; no browser sends that
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def same_origin(origin: str, scheme: str, host: str) -> bool:
    """Whether an Origin header names this scheme, host and port."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme == scheme and parts.netloc.lower() == host.lower()


def cross_site(method: str, headers: Headers, scheme: str) -> bool:
    """Whether a browser sent this unsafe request from somewhere else."""
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and not same_origin(origin, scheme, headers.get("host", ""))


def foreign_socket(headers: Headers, scheme: str) -> bool:
    """Whether a WebSocket was not opened by a page of ours. Browsers always send Origin, so it is required."""
    page = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    return not same_origin(headers.get("origin", ""), page, headers.get("host", ""))


def policy(script_hashes: Iterable[str] = (), tiles: str = "") -> str:
    """The Content-Security-Policy: everything from this server, no eval; inline style because Mantine, Leaflet and
    Plotly position things by it; pictures also from the configured tile server, the only other host there can be."""
    parts = urlsplit(tiles)
    tile_origin = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""
    rules = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: blob:{tile_origin}",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Guard:
    """ASGI middleware. `limits` maps a path prefix to the bytes its bodies may have; "" is the rule for the rest."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], limits: dict[str, int], csp: str) -> None:
        self.app = app
        self.hosts = LOOPBACK | {name.lower() for name in hosts}
        self.limits = limits
        self.headers = {
            "content-security-policy": csp,
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what may not pass, then let the rest through with counted bodies and added headers."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if host_name(headers.get("host", "")) in self.hosts and not foreign_socket(headers, scope["scheme"]):
            await self.app(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": "opened by another site"})

    def _refusal(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        if [host_name(host) in self.hosts for host in headers.getlist("host")] != [True]:
            return PlainTextResponse("This server does not go by that name.", 400)
        if cross_site(scope["method"], headers, scope["scheme"]):
            return PlainTextResponse("Refused: the request began on another site.", 403)
        if len(scope["path"]) > LONGEST_PATH:
            return PlainTextResponse("The address is longer than any of this server.", 414)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 20) or int(length) > self._limit(scope["path"]):
            return PlainTextResponse("The request is larger than this address takes.", 413)
        return None

    def _limit(self, path: str) -> int:
        matching = [prefix for prefix in self.limits if path.startswith(prefix)]
        return self.limits[max(matching, key=len)]

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = exceeded = False
        taken, limit = 0, self._limit(scope["path"])

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if exceeded and not started:
                return  # whatever the application made of a cut body; the answer is 413
            if message["type"] == "http.response.start":
                started = True
                answer = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    answer[name] = value
            await send(message)

        async def counted_receive() -> Message:
            nonlocal taken, exceeded
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                exceeded = True
                raise TooLarge
            return message

        answer = self._refusal(scope, Headers(scope=scope))
        if answer is None:
            try:
                await self.app(scope, counted_receive, guarded_send)
            except ClientDisconnect:  # it broke off its own request: no fault, and nobody to answer
                if started:
                    return
                answer = PlainTextResponse("", 499)
            except Exception as error:
                if not exceeded:
                    log.exception("request failed: %s %s", scope["method"], scope["path"])
                    if started:
                        raise
                    answer = PlainTextResponse(f"Something went wrong here ({type(error).__name__}).", 500)
            if exceeded and not started:
                exceeded, answer = False, PlainTextResponse("The request is larger than this address takes.", 413)
        if answer is not None:
            await answer(scope, receive, guarded_send)
