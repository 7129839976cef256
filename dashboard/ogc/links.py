"""Addresses in the answers: of this server as the client called it, with the key it sent in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request

ROOT = "/ogc"


@dataclass(frozen=True)
class Links:
    """base: scheme and host as the client wrote them; key: the parameter api_key it sent, empty for none."""

    base: str
    key: str = ""

    @classmethod
    def of(cls, request: Request) -> Links:
        """Those of a request."""
        base = f"{request.url.scheme}://{request.url.netloc}"
        return cls(base, request.query_params.get("api_key", ""))

    def to(self, *parts: str, query: Sequence[tuple[str, str]] = ()) -> str:
        """The address of something below the root."""
        path = "".join(f"/{quote(part, safe='')}" for part in parts)
        asked = [pair for pair in query if pair[0] != "api_key"] + ([("api_key", self.key)] if self.key else [])
        return f"{self.base}{ROOT}{path}" + (f"?{urlencode(asked)}" if asked else "")


def link(rel: str, href: str, kind: str, title: str = "") -> dict[str, Any]:
    """A link as the standard writes it."""
    return {"rel": rel, "href": href, "type": kind, **({"title": title} if title else {})}
