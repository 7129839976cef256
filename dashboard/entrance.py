"""Who comes in: the session, key or wall behind a request, and whether the table (`rights.py`) lets it pass.

Stands right inside the guard and the language, in front of everything else, Dash's own addresses and sockets included.
What is not in the table is not there; a request nobody is known for goes to the sign-in page or is refused. All of it is
asked of memory. A wall's token in an address is exchanged for a cookie at once and taken out of the address.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import cookies
from dashboard.desk import Desk, off_loop
from dashboard.faults import UPDATE
from dashboard.languages import _
from dashboard.plain_pages import no_right
from dashboard.rights import NOBODY, Rule, rule_of
from dashboard.sockets import Sockets
from data import audit
from data.access import Access
from data.acting import act_as
from data.actors import Actor
from data.tokens import PREFIX, digest_of

TOKEN = "token"  # noqa: S105  the name of a parameter
SIGN_IN, SIGN_IN_ANEW, NOT_FOR_YOU = "/sign-in", 4401, 4403
STRANGER = Actor("person", "", "")
SAME_REFUSAL = 60.0  # seconds in which the same refusal of the same post is written down once
MOST_REFUSALS = 1000


class Entrance:
    """ASGI middleware. `callbacks`: the rule of each Dash callback by its output."""

    def __init__(self, app: ASGIApp, *, desk: Desk, callbacks: Mapping[str, Rule], sockets: Sockets) -> None:
        self.app, self.desk, self.callbacks, self.sockets = app, desk, callbacks, sockets
        self._refused: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find who it is, ask the table, let it through as that actor or answer in its place."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        rule = rule_of("WS" if scope["type"] == "websocket" else scope["method"], scope["path"])
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, headers, rule or NOBODY)
            return
        if rule is None or rule == NOBODY:
            await PlainTextResponse(_("没有这个页面"), 404)(scope, receive, send)
            return
        if (exchanged := await self._exchanged(scope)) is not None:
            await exchanged(scope, receive, send)
            return
        actor = self.actor_of(scope, headers, rule)
        answer = None if rule.allows(actor) else self._refusal(scope, rule, actor)
        if answer is None and scope["path"] == UPDATE:
            answer, receive = await self._callback(receive, actor)
        act_as(actor or STRANGER)
        passed = self._watched(scope, headers, send, rule, actor)
        await (answer or self.app)(scope, receive, passed)

    def actor_of(self, scope: Scope, headers: Headers, rule: Rule) -> Actor | None:
        """Who sent this: the session of its cookie, the key it carries, the visitor of a demo; None for nobody."""
        access: Access = self.desk.store.access
        if rule.keys and (key := _key(scope, headers)):
            token = access.tokens.find(key, "api")
            if token is not None:
                access.tokens.seen(token.token_id)
            return access.tokens.actor(token.token_id) if token else None
        scope.setdefault("state", {})["session"] = None
        secret = cookies.read(headers.get("cookie", ""), cookies.name_of(scope["scheme"]))
        if secret:
            digest = digest_of(secret)
            if (actor := access.sessions.actor(digest, used=rule.used)) is not None:
                scope["state"]["session"] = digest
                return actor
        return self.desk.demo_user.actor(headers) if self.desk.demo_user else None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, headers: Headers, rule: Rule) -> None:
        actor = self.actor_of(scope, headers, rule)
        if not rule.allows(actor):
            await receive()
            await send({"type": "websocket.close", "code": SIGN_IN_ANEW if actor is None else NOT_FOR_YOU})
            return
        act_as(actor or STRANGER)
        with self.sockets.watched(scope["state"]["session"], receive) as (watched, over):
            await self.app(scope, watched, send)
            if over.is_set():
                with contextlib.suppress(RuntimeError):
                    await send({"type": "websocket.close", "code": SIGN_IN_ANEW})

    async def _exchanged(self, scope: Scope) -> Response | None:
        """A wall's token in the address becomes a cookie; the address comes again without it."""
        if scope["method"] != "GET" or f"{TOKEN}={PREFIX['device']}".encode() not in scope["query_string"]:
            return None
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        access: Access = self.desk.store.access
        token = access.tokens.find(dict(asked).get(TOKEN, ""), "device")
        rest = urlencode([(name, value) for name, value in asked if name != TOKEN])
        answer = RedirectResponse(
            quote(scope["path"]) + (f"?{rest}" if rest else ""), 302, {"cache-control": "no-store"}
        )
        if token is not None:
            secret = await off_loop(access.sessions.begin_device, token)
            cookies.give(answer, scope["scheme"], secret, lasts=cookies.A_WALLS)
            audit.record(self.desk.store, "device_entered", access.tokens.actor(token.token_id))
        return answer

    def _refusal(self, scope: Scope, rule: Rule, actor: Actor | None) -> Response:
        """What somebody is told who may not: sign in (first), or that this is not for the post."""
        if actor is None:
            if rule.page and scope["method"] in {"GET", "HEAD"}:
                here = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
                return RedirectResponse(f"{SIGN_IN}?next={quote(here, safe='')}", 303, {"cache-control": "no-store"})
            return PlainTextResponse(_("请先登录。"), 401, {"cache-control": "no-store"})
        self.note_refusal(actor, f"{scope['method']} {scope['path']}")
        return no_right(actor) if rule.page else PlainTextResponse(_("您的岗位没有这项权限。"), 403)

    def note_refusal(self, actor: Actor, what: str) -> None:
        """Into the audit log, the same one at most once a minute."""
        now = time.monotonic()
        if now - self._refused.get((actor.name, what), -SAME_REFUSAL) < SAME_REFUSAL:
            return
        if len(self._refused) >= MOST_REFUSALS:
            self._refused.clear()
        self._refused[actor.name, what] = now
        audit.record(self.desk.store, "refused", actor, what=what)

    async def _callback(self, receive: Receive, actor: Actor | None) -> tuple[Response | None, Receive]:
        """Which callback is asked stands in the body. It is read here and handed on as it was."""
        body = await _body(receive)
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            asked = None  # Dash's own answer to it is told by DashFaults
        if not isinstance(asked, dict) or not isinstance(asked.get("output"), str):
            return None, _again(body, receive)
        rule = self.callbacks.get(asked["output"])
        if rule is None:
            return PlainTextResponse("There is no such callback.", 404), _again(body, receive)
        if not rule.allows(actor):
            self.note_refusal(actor or STRANGER, f"callback {asked['output']}"[:200])
            return PlainTextResponse(_("您的岗位没有这项权限。"), 403), _again(body, receive)
        return None, _again(body, receive)

    def _watched(self, scope: Scope, request: Headers, send: Send, rule: Rule, actor: Actor | None) -> Send:
        """What a session may see stays in no cache unless it says so itself; what the rule says is written down is; a
        wall's cookie begins anew with each page."""
        renewed = rule.page and actor is not None and actor.kind == "device"

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if not rule.open and "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
                if renewed and message["status"] < 400:
                    secret = cookies.read(request.get("cookie", ""), cookies.name_of(scope["scheme"]))
                    headers.append("set-cookie", cookies.line(scope["scheme"], secret, cookies.A_WALLS))
                if rule.audited and message["status"] == 200:
                    query = scope["query_string"].decode("latin-1")[:500]
                    audit.record(self.desk.store, rule.audited, actor, what=scope["path"], asked=query or None)
            await send(message)

        return watched


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once more, then goes on as before."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        await asyncio.sleep(0)
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _key(scope: Scope, headers: Headers) -> str:
    """The key of a program: 'Authorization: Bearer …' or the parameter api_key."""
    kind, _space, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("api_key", "")


def client_of(scope: Mapping[str, Any]) -> str:
    """The address a request came from."""
    client = scope.get("client")
    return str(client[0]) if client else ""
