"""Signing in and out, another password, and the demo visitor's switch of role: the addresses behind the plain pages."""

from __future__ import annotations

from math import ceil
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from dashboard import cookies, plain_pages
from dashboard.demo_user import ALL, is_demo
from dashboard.desk import Desk, off_loop
from dashboard.entrance import SIGN_IN, client_of
from dashboard.identity import Provider
from dashboard.languages import _, safe_target
from dashboard.pages.leader import PATH as LEADERS
from dashboard.phone.page import PATH as PHONE
from dashboard.rights import OUTSIDE
from dashboard.said import in_a_line
from data import audit
from data.accounts import Account
from data.acting import acting
from data.actors import LEADER, ROLES
from data.errors import InputError, JingweiError


def add(app: FastAPI, desk: Desk) -> None:
    """Put the addresses on the server."""
    provider = Provider.of(desk.settings)

    @app.get("/sign-in")
    async def form(next: str = "/") -> Response:
        return _form(desk, safe_target(next))

    @app.post("/sign-in")
    async def enter(request: Request) -> Response:
        return await signed_in(desk, request, await _fields(request))

    @app.get("/sign-in/provider")
    async def leave_for_provider(request: Request, next: str = "/") -> Response:
        return await provider.begin(request, safe_target(next))

    @app.get("/sign-in/provider/done")
    async def back_from_provider(request: Request) -> Response:
        try:
            names, target = await provider.end(request)
        except JingweiError as error:
            audit.record(desk.store, "sign_in_refused", None, by="provider", address=client_of(request.scope))
            return _form(desk, "/", said=in_a_line(error), status=403)
        account = desk.store.access.accounts.outside(names)
        if account is None:
            audit.record(desk.store, "sign_in_refused", None, by="provider", address=client_of(request.scope))
            return _form(desk, target, said=_("统一身份认证通过了，但没有与之对应的岗位账号。"), status=403)
        return await _enter(desk, request, account, target, by="provider")

    @app.post("/sign-out")
    async def leave(request: Request) -> Response:
        digest = request.state.session
        if digest is not None:
            audit.record(desk.store, "signed_out", acting())
            await off_loop(desk.store.access.sessions.end, digest)
        answer = RedirectResponse(SIGN_IN, 303)
        cookies.take(answer, request.scope["scheme"])
        return answer

    @app.get("/password")
    async def password_form(request: Request) -> Response:
        account = _account(desk, request)
        return _no_password() if account is None else plain_pages.password(label=account.label)

    @app.post("/password")
    async def other_password(request: Request) -> Response:
        account = _account(desk, request)
        return _no_password() if account is None else await changed(desk, request, account, await _fields(request))

    @app.post("/demo/role")
    async def switch(request: Request) -> Response:
        return switched(desk, await _fields(request))


async def signed_in(desk: Desk, request: Request, given: dict[str, str]) -> Response:
    """Name and password → a session, or the form again with what is wrong."""
    access, name, address = desk.store.access, given.get("name", "").strip()[:64], client_of(request.scope)
    target = safe_target(given.get("next", "/"))
    if wait := access.attempts.wait(name, address):
        said = _("尝试次数过多，请 {n} 分钟后再试。").format(n=ceil(wait / 60))
        answer = _form(desk, target, name=name, said=said, status=429)
        answer.headers["retry-after"] = str(ceil(wait))
        return answer
    access.attempts.failed(name, address)  # taken back below: tries that run side by side count too
    account = await off_loop(access.accounts.signing_in, name, given.get("password", ""))
    if account is None:
        known = next(
            (one.name for one in access.accounts.all() if one.name.casefold() == name.strip().casefold()), None
        )
        audit.record(desk.store, "sign_in_refused", None, account=known or "unknown", address=address)
        return _form(desk, target, name=name, said=_("账号或密码不对。"), status=401)
    access.attempts.succeeded(name, address)
    return await _enter(desk, request, account, target, by="password")


async def changed(desk: Desk, request: Request, account: Account, given: dict[str, str]) -> Response:
    """Another password: everybody else with the post's old one is signed out, this browser gets a new session."""
    access, address = desk.store.access, client_of(request.scope)

    def again(said: str, status: int = 422) -> Response:
        return plain_pages.password(label=account.label, said=said, status=status)

    if wait := access.attempts.wait(account.name, address):
        return again(_("尝试次数过多，请 {n} 分钟后再试。").format(n=ceil(wait / 60)), 429)
    if given.get("new") != given.get("again"):
        return again(_("两次输入的新密码不同。"))
    access.attempts.failed(account.name, address)
    if await off_loop(access.accounts.signing_in, account.name, given.get("old", "")) is None:
        return again(_("现在的密码不对。"), 401)
    access.attempts.succeeded(account.name, address)
    try:
        await off_loop(access.accounts.set_password, acting(), account, given.get("new", ""))
    except InputError as error:
        return again(in_a_line(error))
    answer = RedirectResponse("/", 303)
    cookies.give(answer, request.scope["scheme"], await off_loop(access.sessions.begin, account))
    return answer


def switched(desk: Desk, given: dict[str, str]) -> Response:
    """Another role for a demo's visitor; refused to everybody else."""
    role = given.get("role", "")
    if not is_demo(acting()) or role not in {*ROLES, ALL}:
        return PlainTextResponse(_("您的岗位没有这项权限。"), 403)
    audit.record(desk.store, "demo_role", acting(), role=role)
    answer = RedirectResponse(LEADERS if role == LEADER else "/", 303)
    answer.set_cookie(cookies.DEMO_ROLE, role, path="/", httponly=True, samesite="lax")
    return answer


async def _enter(desk: Desk, request: Request, account: Account, target: str, *, by: str) -> Response:
    """A new session, never the one the browser came with."""
    sessions = desk.store.access.sessions
    if request.state.session is not None:
        await off_loop(sessions.end, request.state.session)
    secret = await off_loop(sessions.begin, account)
    audit.record(desk.store, "signed_in", account.actor(), by=by, address=client_of(request.scope))
    answer = RedirectResponse(_first_page(request, account, target), 303)
    cookies.give(answer, request.scope["scheme"], secret)
    return answer


def _first_page(request: Request, account: Account, target: str) -> str:
    """Where somebody goes who named no page: a leader to the leader's page; on a phone, a post that works outside to its own cases."""
    if target == "/" and account.actor().roles == (LEADER,):
        return LEADERS
    outside = OUTSIDE.issuperset(account.actor().roles)
    return PHONE if target == "/" and outside and "Mobi" in request.headers.get("user-agent", "") else target


def _form(desk: Desk, target: str, *, name: str = "", said: str = "", status: int = 200) -> Response:
    settings = desk.settings
    if not (said or desk.store.access.accounts.all()):
        said = _("还没有账号：请在服务器上运行 python app.py user add。")
    return plain_pages.sign_in(
        district=desk.store.deployment.name,
        next_page=target,
        name=name,
        said=said,
        status=status,
        provider=settings.oidc_label if settings.oidc_issuer else None,
    )


def _account(desk: Desk, request: Request) -> Account | None:
    """The account of this session, if it has a password to change."""
    session = request.state.session
    account = None if session is None else desk.store.access.sessions.account(session)
    return account if account is not None and account.has_password else None


def _no_password() -> Response:
    text = _("这个岗位没有在本系统设置密码。")
    return plain_pages.page(_("修改密码"), "", said=text, status=409)


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
