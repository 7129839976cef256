"""The console's frame on the page: what its scripts fill, and what they have to know."""

from __future__ import annotations

import json
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard.console.tabs import kinds_of
from dashboard.console.words import words
from dashboard.desk import Desk
from dashboard.languages import _, marked
from data.acting import acting
from data.store import Store
from layers import worker
from layers.base_map import base_map

ROOT, CASE_ROOT = "console", "case-page"
WAYS = {
    "/console": marked("办件队列"), "/console/board": marked("看板"), "/console/dispatch": marked("一键调度"),
    "/console/handover": marked("交接班"),
}  # fmt: skip


def layout(desk: Desk | None, root: str) -> Any:
    """The whole console, or the page of one case (the right half alone)."""
    queue = html.Section(
        [
            html.Div(className="queue-tabs", role="tablist", **{"aria-label": _("案件队列")}),
            html.Div(className="queue-head", **{"aria-hidden": "true"}),
            html.Div(className="queue-rows", role="listbox", tabIndex=0, **{"aria-multiselectable": "true"}),
            html.Div(className="queue-bulk", hidden=True),
            html.Div(className="queue-foot quiet"),
        ],
        className="queue",
        **{"aria-label": _("案件队列")},
    )
    return frame(desk, root, [queue, work()] if root == ROOT else [work()], words(store_of(desk)))


def frame(desk: Desk | None, root: str, halves: list[Any], told: dict[str, Any]) -> html.Div:
    """A page of the operator's desk: its ways to the others, and what a script fills. told: the words of its scripts."""
    said = {
        "data-words": json.dumps(told, ensure_ascii=False),
        "data-map": json.dumps(map_said(desk)),
        "data-zone": _zone(desk),
        "data-district": _district(desk),
    }
    body = html.Div(halves, id=root, className=f"desk-root {root}-root", **said)
    return html.Div([ways(desk), body], className="desk-page")


def begin(app: Dash, root: str) -> None:
    """The scripts of a desk's page begin when its frame is there."""
    app.clientside_callback(ClientsideFunction("console", "begin"), Output(root, "title"), Input(root, "data-words"))


def ways(desk: Desk | None) -> html.Nav:
    """The pages of the desk; an order to an area only for whom it may be given by."""
    shown = {path: name for path, name in WAYS.items() if path != "/console/dispatch" or may_spread(store_of(desk))}
    links = [dcc.Link(_(name), href=path, className="desk-way") for path, name in shown.items()]
    return html.Nav(links, className="desk-ways", **{"aria-label": _("值班页面")})


def may_spread(store: Store | None) -> bool:
    """Whether this post may order something to many places at once, as the kinds in force say."""
    if store is None:
        return True
    rules = [version.kind.opening for version in kinds_of(store).values()]
    return any("places" in rule.needs and acting().has(*rule.roles) for rule in rules)


def work() -> html.Section:
    """Where a case, or a form that opens one, stands."""
    return html.Section(
        [html.Div(className="work-said", role="status"), html.Div(className="work-body")],
        className="work",
        **{"aria-label": _("案件")},
    )


def store_of(desk: Desk | None) -> Store | None:
    """The open store; None while a page only shows its shape."""
    return desk.store if desk is not None else None


def map_said(desk: Desk | None) -> dict[str, Any]:
    """Where the small map gets its ground from."""
    if desk is None:
        return {}
    return {
        "base": base_map(desk.store).address,
        "worker": worker.address(),
        "tiles": desk.settings.tiles,
        "attribution": desk.settings.tiles_attribution,
    }


def _zone(desk: Desk | None) -> str:
    return desk.store.deployment.zone if desk else "UTC"


def _district(desk: Desk | None) -> str:
    return desk.store.deployment.name if desk else ""
