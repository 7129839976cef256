"""From what is picked on the map to what the post may do there: an order to its grids, units called to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import html

from dashboard.console.stage import may_spread
from dashboard.console.tabs import kinds_of
from dashboard.formats import name_of
from dashboard.languages import _
from data.acting import acting
from data.store import Store

LEVELS = ("street", "community", "grid", "micro_grid", "estate")


def of_place(store: Store, level: str, code: str, name: str) -> list[Any]:
    """The ways from a place."""
    if level not in LEVELS:
        return []
    place = f"{level}={code}"
    calls = [
        _link(
            name_of(version.kind.name.zh, version.kind.name.en),
            f"/console/board/{kind}",
            {"open": "1", "place": place, "name": name},
        )
        for kind, version in kinds_of(store).items()
        if "units" in version.kind.opening.needs and acting().has(*version.kind.opening.roles)
    ]
    return [*_order(store, {"place": place}), *calls]


def of_area(store: Store, letters: str) -> list[Any]:
    """The way from a drawn area."""
    return _order(store, {"area": letters})


def _order(store: Store, query: dict[str, str]) -> list[Any]:
    return [_link(_("一键调度"), "/console/dispatch", query)] if may_spread(store) else []


def _link(text: str, path: str, query: dict[str, str]) -> html.A:
    return html.A(text, href=f"{path}?{urlencode(query)}", className="button")
