"""The frame of the leader's page, and which part is filled by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard import choice as choices
from dashboard import messages
from dashboard.desk import Desk, off_loop
from dashboard.formats import moment
from dashboard.languages import _, marked
from dashboard.leader import attention, canvas, coming, figures, promises
from dashboard.leader.spot import own_spot
from dashboard.wall.protocol import Spot
from data.errors import JingweiError
from data.store import Store

HEAD, FIGURES, ATTENTION, PROMISES, COMING, BEGIN = (
    "leader-head", "leader-figures", "leader-attention", "leader-promises", "leader-coming", "leader-begin",
)  # fmt: skip
PARTS: dict[str, Callable[[Store, Spot], list[Any]]] = {
    FIGURES: figures.cards,
    ATTENTION: attention.listed,
    PROMISES: promises.listed,
    COMING: coming.listed,
}
NAMES = {ATTENTION: marked("需要关注"), PROMISES: marked("到期的承诺"), COMING: marked("未来一周")}


def layout(desk: Desk | None) -> list[Any]:
    """Head, figures, and the map beside the three lists."""
    lists = [
        html.Section(
            [html.H2(_(name), className="panel-title"), html.Div(messages.loading(), id=part, className=part)],
            className=f"leader-panel is-{part.removeprefix('leader-')}",
            **{"aria-label": _(name)},
        )
        for part, name in NAMES.items()
    ]
    return [
        dcc.Store(id=BEGIN, data=1),
        html.Header(head(desk.store) if desk else [], id=HEAD, className="leader-head"),
        html.Section(messages.loading(), id=FIGURES, className="leader-figures", **{"aria-label": _("指标")}),
        html.Section(canvas.layout(), className="leader-panel leader-map", **{"aria-label": _("地图")}),
        *lists,
    ]


def head(store: Store) -> list[Any]:
    """Whose page, which days, as of when; and the print button."""
    try:
        spot, asked = own_spot(store), figures.period_asked(store)
        said = [choices.text_of(asked.period), _("截至 {time}").format(time=moment(asked.as_of, store.zone))]
        name = spot.name
    except JingweiError:
        said, name = [], store.deployment.name
    return [
        html.H1(_("{place} · 领导驾驶舱").format(place=name)),
        html.Span(" · ".join(said), className="quiet"),
        html.Button(_("打印"), id="leader-print", type="button", className="button"),
    ]


def filled_part(store: Store, make: Callable[[Store, Spot], list[Any]]) -> list[Any]:
    """A part of the page; what is wrong with the data in words."""
    try:
        return make(store, own_spot(store))
    except JingweiError as error:
        return [messages.failure_of(error)]


def register(app: Dash, desk: Desk) -> None:
    """The page is there → every part."""
    canvas.register(app, desk)
    for name, make in PARTS.items():
        _fill(app, desk, name, make)
    app.clientside_callback(ClientsideFunction("leader", "sparks"), Input(FIGURES, "children"))


def _fill(app: Dash, desk: Desk, name: str, make: Callable[[Store, Spot], list[Any]]) -> None:
    @app.callback(Output(name, "children"), Input(BEGIN, "data"))
    async def show(_begun: int) -> list[Any]:
        return await off_loop(filled_part, desk.store, make)
