"""What a wall goes through: one place, its streets or communities, or its layouts. The address says it, else the layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.languages import _
from dashboard.wall.layout import Layout, Rotation, layout_for, layouts
from dashboard.wall.protocol import Spot
from dashboard.wall.spots import OVER, inside
from data.errors import InputError
from data.store import Store

LEAST, MOST = 5, 3600  # seconds
LAYOUTS = "layouts"


@dataclass(frozen=True)
class Stop:
    """A place in a layout."""

    spot: Spot
    layout: Layout


@dataclass(frozen=True)
class Route:
    """The stops of a wall, and how long (seconds) each stands and a pause lasts."""

    stops: tuple[Stop, ...]
    every: int
    pause: int


def route(store: Store, spot: Spot, asked: Mapping[str, str]) -> Route:
    """The route of a wall's address: layout=, rotate=streets|communities|layouts|off, every=, pause=. Raises InputError.

    A rotation begins with the wall's own place; through layouts it takes those named in layouts=, or every one there is.
    """
    layout = layout_for(store.home, spot.level, asked.get("layout", ""))
    said = layout.text.rotate
    over = asked.get("rotate", said.over)
    if over not in {"", "off", LAYOUTS, *OVER}:
        raise InputError(
            _("大屏不能这样轮播"), where=over, todo=_("rotate 可以是 streets、communities、layouts 或 off。")
        )
    return Route(
        _stops(store, spot, layout, over, asked), _seconds(asked, "every", said), _seconds(asked, "pause", said)
    )


def _stops(store: Store, spot: Spot, layout: Layout, over: str, asked: Mapping[str, str]) -> tuple[Stop, ...]:
    first = Stop(spot, layout)
    if over in OVER:
        chosen = asked.get("layout", "")
        below = inside(store, spot, over)
        return (first, *(Stop(one, layout_for(store.home, one.level, chosen)) for one in below))
    if over == LAYOUTS:
        named = [name for name in asked.get("layouts", "").split(",") if name]
        found = [layout_for(store.home, spot.level, name) for name in named] or _others(store, layout)
        return tuple(Stop(spot, one) for one in found)
    return (first,)


def _others(store: Store, layout: Layout) -> list[Layout]:
    """This layout, then the others."""
    return [layout, *(one for one in layouts(store.home).values() if one.id != layout.id)]


def _seconds(asked: Mapping[str, str], name: str, said: Rotation) -> int:
    text = asked.get(name, "")
    if not text:
        return int(getattr(said, name))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST))) or not LEAST <= int(text) <= MOST:
        raise InputError(_("秒数应在 {least} 到 {most} 之间").format(least=LEAST, most=MOST), where=text)
    return int(text)
