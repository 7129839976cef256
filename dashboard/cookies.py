"""The session's cookie: unreadable for scripts, never sent along from other sites' forms, and under TLS bound to this host."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response

PLAIN, SECURE = "jingwei", "__Host-jingwei"
DEMO_ROLE = "demo_role"
A_WALLS = 400 * 86_400  # seconds a wall's cookie lasts: the longest a browser keeps one; each page load begins it anew


def name_of(scheme: str) -> str:
    """What the cookie is called: under TLS a browser takes it from this very host over TLS only."""
    return SECURE if scheme in {"https", "wss"} else PLAIN


def read(header: str, name: str) -> str:
    """One cookie of a Cookie header; empty where there is none."""
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


def give(answer: Response, scheme: str, secret: str, *, lasts: int | None = None) -> None:
    """Set the cookie. lasts: seconds; None until the browser is closed (the server ends it before, if it must)."""
    name = name_of(scheme)
    answer.set_cookie(name, secret, max_age=lasts, path="/", secure=name == SECURE, httponly=True, samesite="lax")


def line(scheme: str, secret: str, lasts: int) -> str:
    """The same as a header's value."""
    made = Response()
    give(made, scheme, secret, lasts=lasts)
    return made.headers["set-cookie"]


def take(answer: Response, scheme: str) -> None:
    """Let the browser forget it."""
    name = name_of(scheme)
    answer.delete_cookie(name, path="/", secure=name == SECURE, httponly=True, samesite="lax")
