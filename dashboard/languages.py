"""Which language a person reads, and the words for it.

Texts are written in Chinese in the code, marked with `_`, and looked up in gettext catalogues
(locale/<code>/LC_MESSAGES/jingwei.po) that Babel reads at start, so nothing has to be compiled. The language of a request
comes from a cookie and is held in a context variable, so that `_` works in any function a request calls, on any thread it
is handed to. `python -m dashboard.languages` gathers new texts into the catalogues, those of `said.py` too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

LANGUAGES = {"zh": "中文", "en": "English"}  # each in its own words, so neither is translated
COOKIE = "language"
ROOT = Path(__file__).parents[1]
LOCALE = Path(__file__).parent / "locale"
ROOMS = ("dashboard", "layers")
CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # the true one would make every gathering a change

_current: ContextVar[str] = ContextVar("language", default="zh")


def catalogue_path(language: str) -> Path:
    """Where the texts of a language stand."""
    return LOCALE / language / "LC_MESSAGES" / "jingwei.po"


@cache
def words(language: str) -> dict[str, str]:
    """Every translated text of a language."""
    with catalogue_path(language).open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id and m.string}


def _(text: str) -> str:
    """A text in the reader's language; the Chinese original where a translation is missing."""
    return words(_current.get()).get(text, text)


def marked(text: str) -> str:
    """Marks a text of a constant for the catalogues; `_` turns it into words when it is shown."""
    return text


def tag() -> str:
    """The reader's language as HTML names it."""
    return {"zh": "zh-CN", "en": "en"}[language()]


def language() -> str:
    """The reader's language: 'zh' or 'en'."""
    return _current.get()


def use(code: str) -> None:
    """Set the language for the rest of this context: for tests and the command line."""
    _current.set(code if code in LANGUAGES else "zh")


def safe_target(target: str) -> str:
    """Where to go after switching: a path of ours, else the start page. Never another host."""
    parts = urlsplit(target)
    ours = target.startswith("/") and "//" not in parts.path and not parts.scheme and not parts.netloc
    return target if ours and not any(c in target for c in "\r\n\t\\") else "/"


class Languages:
    """ASGI middleware: the cookie's language for the time of one request."""

    def __init__(self, app: ASGIApp, *, default: str) -> None:
        self.app = app
        self.default = default if default in LANGUAGES else "zh"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the language, then let the request through."""
        if scope["type"] in {"http", "websocket"}:
            _current.set(self._chosen(Headers(scope=scope).get("cookie", "")))
        await self.app(scope, receive, send)

    def _chosen(self, cookie: str) -> str:
        try:
            morsel = SimpleCookie(cookie).get(COOKIE)
        except CookieError:
            return self.default
        return morsel.value if morsel is not None and morsel.value in LANGUAGES else self.default


def texts_in_code() -> dict[str, list[str]]:
    """Every marked text of the screens → the files it stands in. A text is marked where `_` or `marked` is called with it."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="_" | "marked"), args=[ast.Constant(value=str(text))]):
                    found.setdefault(text, []).append(path.relative_to(ROOT).as_posix())
    return found


def gather(echo: Callable[[str], None] = print) -> None:
    """Bring the catalogues up to date with the code: new texts added, unused ones dropped, translations kept."""
    texts = texts_in_code()
    for code in LANGUAGES:
        path = catalogue_path(code)
        known = words(code) if path.exists() else {}
        catalogue = Catalog(locale=code, project="Jingwei", fuzzy=False, creation_date=CREATED)
        for text, places in sorted(texts.items()):
            catalogue.add(text, text if code == "zh" else known.get(text, ""), [(name, 0) for name in places])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, include_lineno=False, omit_header=False, sort_output=True, width=120)
        missing = [text for text in texts if code != "zh" and text not in known]
        echo(f"{path.relative_to(ROOT)}: {len(texts)} texts" + (f", to translate: {missing}" if missing else ""))


if __name__ == "__main__":
    from dashboard import program_texts

    gather()
    program_texts.gather()
