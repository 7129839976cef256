"""The script of the map's worker: the files it shares with the page, and its own end, in one.

It is served at an address that holds its digest: a worker fetches its script by itself, past Dash's list of assets, and a
browser that kept an old one would draw with it.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from data.errors import NotFound

ASSETS = Path(__file__).parents[1] / "assets"
CELLS = ("cells/codec.js", "cells/fill.js", "cells/shapes.js", "cells/painter.js")
BASE = ("base/features.js", "base/style.js", "base/labels.js", "base/painter.js")
FILES = (*CELLS, *BASE, "things/painter.js", "names/painter.js", "worker/painter.js")


@cache
def script() -> bytes:
    """The whole script."""
    return "\n".join((ASSETS / name).read_text("utf-8") for name in FILES).encode()


@cache
def address() -> str:
    """Where it is served."""
    return f"/layers/worker/{sha256(script()).hexdigest()[:16]}.js"


def script_at(path: str) -> bytes:
    """The script of an address; NotFound for that of another release."""
    if path != address():
        raise NotFound("the map's script has changed", where=path, todo="Load the page again.")
    return script()
