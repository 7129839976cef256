"""Channels: what a screen follows, and what has to be said when it changed.

A channel is one part of a page for one choice: the map for a level, a figure and filters; the table of places; the cards
of the district. Two screens that show the same follow the same channel, whatever else differs between them, and a
channel's news is written down once for all of them.

A part's content is a dictionary of pieces. A message carries the pieces that changed since the content the screen has
(named by its mark); of long columns and of the table only what changed. A screen that has something else is told everything.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import isnan
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np

from dashboard import choice as choices

LONGEST_SEARCH = 4000
COLUMNS = {"numbers": "<f4", "counts": "<u4"}  # of the map: base64 of one number a polygon

_PICKED = ("place", "area", "case", "cases")
_ALWAYS = ("period", "range", "basis", "as_of", *choices.FILTERS)
# Part of the page → the parameters of the address it depends on. The order is the order of work.
PARTS: dict[str, tuple[str, ...]] = {
    "map": ("level", "figure", "method", "classes", *_ALWAYS),
    "cards": _ALWAYS,
    "places": ("level", "figure", *_ALWAYS),
    "drawer": ("level", "figure", *_PICKED, *_ALWAYS),
    "trend": ("level", "figure", "place", "area", *_ALWAYS),
    "distribution": ("level", "figure", "place", "area", *_ALWAYS),
}


@dataclass(frozen=True)
class Channel:
    """A part of the page, the query that says what it shows, and the language its words are in."""

    part: str
    search: str
    language: str

    @property
    def key(self) -> str:
        """What it is called on a page: its part; of several of one part, as a wall may have them, the query beside it."""
        return self.part if self.part in PARTS else f"{self.part}?{self.search}"

    @property
    def name(self) -> str:
        """A short name that stands for it on the wire."""
        return digest(f"{self.part} {self.language} {self.search}")


def digest(text: str) -> str:
    """A short name of a text."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def channels_of(search: str, language: str) -> tuple[Channel, ...]:
    """The channels of a page with this query, in the order they are worked on. None for a query that is too long."""
    if len(search) > LONGEST_SEARCH:
        return ()
    given = parse_qs(search.lstrip("?"), keep_blank_values=True)
    parts = [part for part in PARTS if part != "drawer" or any(name in given for name in _PICKED)]
    return tuple(Channel(part, narrowed(given, PARTS[part]), language) for part in parts)


def narrowed(given: Mapping[str, list[str]], names: tuple[str, ...]) -> str:
    """The query with these parameters only, always in one order."""
    return urlencode([(name, value) for name in sorted(names) for value in given.get(name, [])])


@dataclass(frozen=True)
class Shown:
    """What a channel shows: its pieces, each a JSON text, and the mark that names all of it."""

    pieces: Mapping[str, str]
    mark: str

    @classmethod
    def of(cls, content: Mapping[str, Any], mark: str = "") -> Shown:
        """Of a part's content; `mark` where the content has one already."""
        pieces = {name: written(value) for name, value in content.items()}
        return cls(pieces, mark or digest("".join(pieces.values())))


def written(value: Any) -> str:
    """JSON as small as it gets; Dash's components as Dash writes them."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_component)


def _component(value: Any) -> Any:
    return value.to_plotly_json()


def whole(channel: Channel, shown: Shown) -> str:
    """The message that tells a screen everything."""
    return _message(channel, shown, shown.pieces, "")


def change(channel: Channel, before: Shown, now: Shown) -> str:
    """The message for screens that have `before`."""
    if set(now.pieces) != set(before.pieces):
        return whole(channel, now)
    pieces: dict[str, str] = {}
    for name, text in now.pieces.items():
        old = before.pieces[name]
        if old == text:
            continue
        if name in COLUMNS:
            pieces |= _column(name, json.loads(old), json.loads(text), text)
        elif name == "rows":
            pieces |= _rows(json.loads(old), json.loads(text), text)
        else:
            pieces[name] = text
    return _message(channel, now, pieces, before.mark)


def _message(channel: Channel, shown: Shown, pieces: Mapping[str, str], since: str) -> str:
    head = {"part": channel.key, "channel": channel.name, "mark": shown.mark, "from": since}
    body = ",".join(f"{json.dumps(name)}:{text}" for name, text in pieces.items())
    return f'{written(head)[:-1]},"pieces":{{{body}}}}}'


def _column(name: str, old: str, new: str, text: str) -> dict[str, str]:
    """The changed numbers of a column as [[polygon …], [number …]], or all of it where that is no longer."""
    kind = np.dtype(COLUMNS[name])
    a, b = (np.frombuffer(b64decode(column), kind) for column in (old, new))
    if len(a) != len(b):
        return {name: text}
    same = (a == b) | (np.isnan(a) & np.isnan(b)) if kind.kind == "f" else a == b
    at = np.flatnonzero(~same)
    if 3 * len(at) >= len(b):
        return {name: text}
    numbers = [None if isnan(value) else value for value in b[at].tolist()]
    return {f"{name}_at": written([at.tolist(), numbers])}


def _rows(old: list[dict[str, Any]], new: list[dict[str, Any]], text: str) -> dict[str, str]:
    """The rows that differ; all of them where a row came or went."""
    before = {row["place"]: row for row in old}
    if set(before) != {row["place"] for row in new}:
        return {"rows": text}
    return {"rows_at": written([row for row in new if before[row["place"]] != row])}
