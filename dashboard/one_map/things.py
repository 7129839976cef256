"""The layers a person turns on and off: their names, their addresses, and the points of a window."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dashboard import choice as choices
from dashboard.formats import moment
from dashboard.languages import _, marked
from dashboard.questions import levels_drawn, resolve
from data.atlas import Atlas
from data.errors import NotFound
from data.on_map import Wanted
from data.store import Store
from layers.events import window_of
from layers.protocol import Ask
from layers.registry import CHOSEN, LAYERS

TITLES = {
    "buildings": marked("楼栋"),
    "estates": marked("小区"),
    "facilities": marked("部件"),
    "posts": marked("岗位"),
    "repeat_points": marked("重复诉求点"),
    "warnings": marked("灾害预警"),
}
KINDS = {
    "manhole": marked("井盖"),
    "lamp": marked("路灯"),
    "hydrant": marked("消火栓"),
    "service_station": marked("服务站"),
    "grid_head": marked("网格长"),
    "full_time": marked("专职网格员"),
    "part_time": marked("兼职网格员"),
    "micro_grid_head": marked("微网格长"),
    "guide": marked("网格指导员"),
    "building_head": marked("楼栋长"),
}


def titles() -> list[tuple[str, str]]:
    """The layers there are to choose from, and their names."""
    return [(name, _(TITLES[name])) for name in CHOSEN]


def word(kind: str) -> str:
    """A kind of facility or post in the reader's language; an unknown one as it is."""
    return _(KINDS.get(kind, kind))


def addresses(store: Store, atlas: Atlas) -> dict[str, dict[str, Any]]:
    """What the map's script needs of each layer: how it is drawn, from which zoom, where its polygons are."""
    there = levels_drawn(store)
    return {
        name: {
            "draws": LAYERS[name].draws,
            "title": title,
            "from": LAYERS[name].from_zoom,
            **_polygons(store, atlas, name, there),
        }
        for name, title in titles()
    }


def _polygons(store: Store, atlas: Atlas, name: str, there: dict[str, int]) -> dict[str, str]:
    layer = LAYERS[name]
    if layer.polygons is None or layer.levels[0] not in there:
        return {}
    level = layer.levels[0]
    found = layer.polygons(store, atlas.atlas_id, atlas.digest, level)
    base = f"/layers/cells/{level}/{found.digest}"
    return {"address": f"{base}/cells.bin", "names": f"{base}/names.json"} if found.n else {}


def points_in_view(store: Store, name: str, query: str, box: str, zoom: str) -> dict[str, Any]:
    """The points of a layer in a window, for the choice in the address's query."""
    layer = LAYERS.get(name)
    if layer is None or layer.points is None:
        raise NotFound("there is no such layer", where=name, todo=f"There are {', '.join(CHOSEN)}.")
    asked = resolve(store, choices.of_search(query))
    wanted = Wanted(asked.period, asked.as_of, filters=asked.choice.filters)
    day = (asked.as_of or datetime.now(UTC)).astimezone(store.zone).date()
    return layer.points(store, Ask(wanted, window_of(box, zoom), day, word, lambda t: moment(t, store.zone)))
