"""The collections and how each is described. Single events are for the posts that may take cases out as files; for everybody
else the same collection holds one feature a grid, with counts."""

from __future__ import annotations

from typing import Any

from dashboard.languages import _, marked
from dashboard.ogc.links import Links, link
from dashboard.rights import EXPORT
from data.actors import Actor
from data.errors import NotFound
from data.published import EVENTS, EVENTS_BY_GRID, SOURCES, Source
from data.published_pages import extent_of
from data.store import Store
from layers.reference_systems import CRS84, systems

TITLES = {
    "districts": marked("区县"),
    "streets": marked("街道"),
    "communities": marked("社区"),
    "grids": marked("网格"),
    "micro_grids": marked("微网格"),
    "estates": marked("小区"),
    "buildings": marked("楼栋"),
    "blocks": marked("单元"),
    "plans": marked("网格方案"),
    "plan_grids": marked("各版方案的网格与微网格"),
    "facilities": marked("部件"),
    EVENTS: marked("事件"),
    EVENTS_BY_GRID: marked("各网格的事件数"),
}
TODAY = marked("今日有效的版本；给出 datetime 时为当时有效的版本。")
ALL_PLANS = marked("现行与历史方案；datetime 选取当时有效的方案。")
POINTS = marked("每个事件一个要素，无可用坐标的几何为空；datetime 为上报时间。")
COUNTS = marked("每个网格一个要素及事件数，未落入网格的合为一个；datetime 为上报时间。")


def ogc_source(collection: str, actor: Actor) -> str:
    """The source behind a collection for a post. Raises NotFound for a collection there is not."""
    if collection not in SOURCES or collection == EVENTS_BY_GRID:
        raise NotFound("there is no such collection.", where=collection, todo=f"There are {', '.join(names())}.")
    if collection == EVENTS and not EXPORT.allows(_as_person(actor)):
        return EVENTS_BY_GRID
    return collection


def _as_person(actor: Actor) -> Actor:
    """A key acts as its post."""
    return Actor("person", actor.name, actor.label, actor.grants, actor.unit_id, actor.places)


def names() -> list[str]:
    """The collections, in the order they are told."""
    return [name for name in SOURCES if name != EVENTS_BY_GRID]


def described(store: Store, collection: str, actor: Actor, links: Links) -> dict[str, Any]:
    """A collection as the standard describes one."""
    name = ogc_source(collection, actor)
    box = extent_of(store, name)
    here = links.to("collections", collection)
    return {
        "id": collection,
        "title": _(TITLES[name]),
        "description": about(SOURCES[name], name),
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [list(box or (-180.0, -90.0, 180.0, 90.0))], "crs": CRS84},
            "temporal": {"interval": [[None, None]]},
        },
        "crs": list(systems(store.deployment.crs)),
        "storageCrs": CRS84,
        "links": [
            link("self", here, "application/json"),
            link("items", links.to("collections", collection, "items"), "application/geo+json", _(TITLES[name])),
        ],
    }


def about(source: Source, name: str) -> str:
    """What a source's features are, in a sentence."""
    if name in (EVENTS, EVENTS_BY_GRID):
        return _(POINTS if name == EVENTS else COUNTS)
    return _(TODAY if source.today else ALL_PLANS)
