"""A wall's channels: one a panel of a layout for a place, and the head's. Walls that show the same follow the same ones.

A wall follows '?wall=CODE&layout=NAME'. A wall's token follows nothing else, and only places inside its own.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from dashboard.live.channels import Channel, Shown
from dashboard.said import parts_of
from dashboard.wall.layout import Box, Layout, layout_for, layouts, version
from dashboard.wall.protocol import Ask, Options, Spot
from dashboard.wall.registry import PANELS
from dashboard.wall.spots import may_see, spot_of
from dashboard.wall.state import standing
from data.actors import Actor
from data.errors import JingweiError
from data.store import Store

PREFIX, WALL, HEAD = "wall.", "wall", "head"
TICKS = {f"{PREFIX}{panel.name}": panel.every for panel in PANELS.values()}
News = tuple[tuple[str, tuple[str, ...]], ...]


def is_wall(search: str) -> bool:
    """Whether a query is a wall's."""
    return WALL in parse_qs(search.lstrip("?"))


def channels(store: Store, search: str, language: str, actor: Actor) -> tuple[Channel, ...]:
    """The channels of a wall, in the order of the layout; none where there is no such wall or it is not for this actor."""
    asked = parse_qs(search.lstrip("?"))
    try:
        spot = spot_of(store, asked[WALL][-1])
        layout = layout_for(store.home, spot.level, asked.get("layout", [""])[-1])
    except JingweiError:
        return ()
    if not may_see(actor, spot):
        return ()
    now = in_force(store, layout, spot)
    head = Channel(f"{PREFIX}{HEAD}", urlencode({WALL: spot.code, "layout": layout.id}), language)
    said = {WALL: spot.code, "layout": now.id}
    boxes = [(box.panel.name, urlencode({**said, "box": box.id})) for box in now.boxes.values()]
    return (head, *(Channel(f"{PREFIX}{panel}", asked, language) for panel, asked in boxes))


def in_force(store: Store, layout: Layout, spot: Spot) -> Layout:
    """The layout a wall shows: its own, or the one the state of its place asks for."""
    return layouts(store.home).get(standing(store, spot).layout, layout)


def news(store: Store, search: str) -> News | None:
    """The filters of the tickets that pulse on a wall's map; null where there is none."""
    try:
        spot = spot_of(store, parse_qs(search.lstrip("?"))[WALL][-1])
    except JingweiError:
        return None
    return () if spot.is_district else (("within", (str(spot.place_id),)),)


def shown(store: Store, search: str) -> Shown:
    """What one of the channels shows; a question that makes no sense is told in the panel's place."""
    asked = {name: values[-1] for name, values in parse_qs(search).items()}
    try:
        spot = spot_of(store, asked[WALL])
        layout = layout_for(store.home, spot.level, asked["layout"])
        box = layout.boxes.get(asked.get("box", ""))
        content = (
            head(store, layout, Ask(store, spot, Options(panel=HEAD)))
            if box is None
            else of_box(box, store, asked[WALL])
        )
    except JingweiError as error:
        content = {"failure": parts_of(error)}
    return Shown.of(content)


def of_box(box: Box, store: Store, place: str) -> dict[str, Any]:
    """What a panel shows of a place."""
    return box.panel.shown(Ask(store, spot_of(store, place), box.options))


def head(store: Store, layout: Layout, ask: Ask) -> dict[str, Any]:
    """What stands over the panels: whose wall it is, how the place stands, which layout that asks for."""
    state = standing(store, ask.spot)
    return {
        "place": ask.spot.name,
        "state": {"word": state.word, "emergency": state.emergency},
        "layout": in_force(store, layout, ask.spot).id,
        "version": version(store.home),
    }
