"""The map: the places of the page coloured by one of its figures, drawn by the same layer as the one map and the walls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard import messages
from dashboard.desk import Desk, off_loop
from dashboard.leader.spot import asked_of, own_spot
from dashboard.one_map import canvas
from dashboard.questions import levels_here
from dashboard.wall.panels.map import COLOURED, outline_of
from dashboard.wall.protocol import Spot
from dashboard.wall.words import nearest
from data.errors import JingweiError
from data.figures import CATALOGUE
from data.store import Store
from data.targets import leader

VALUES, LEGEND, FIGURE, BOX = "leader-values", "leader-legend", "leader-figure", "leader-map-box"
UNUSED = ("mark", "tools", "layers", "steps")  # of the one map's page


def layout() -> list[Any]:
    """What the scripts fill."""
    return [
        dcc.Store(id=VALUES),
        dcc.Store(id=FIGURE),
        html.Div(id=BOX, className="leader-canvas"),
        html.Div(id=LEGEND, className="legend leader-legend"),
    ]


def painted(store: Store, spot: Spot, figure: str) -> tuple[dict[str, Any], list[Any]]:
    """What the browser paints, and the legend. Raises JingweiError where there is nothing to draw."""
    level = nearest(levels_here(store), spot.level, COLOURED[spot.level])
    asked = asked_of(store, figure)
    filled = replace(asked, level=level, choice=replace(asked.choice, level=level))
    found = canvas.painted_of(store, filled, None if spot.is_district else spot.code)
    data = canvas.browser_data(found)
    for name in UNUSED:
        data.pop(name)
    outline, bounds = outline_of(store, spot)
    texts = {name: data["texts"][name] for name in ("none", "few", "failed", "far")}
    return {
        **data,
        "key": figure,
        "layers": {},
        "texts": texts,
        "bounds": bounds or data["bounds"],
        "outline": outline,
    }, canvas.legend(found)


def painted_or_words(store: Store, figure: str | None) -> tuple[Any, Any]:
    """The callback's outputs; a district without boundaries has words in place of the legend."""
    known = figure if figure in CATALOGUE else leader(store).figure[0].figure
    try:
        return painted(store, own_spot(store), str(known))
    except (JingweiError, LookupError):
        return None, [messages.empty("")]


def register(app: Dash, desk: Desk) -> None:
    """figure → values → the browser's map."""

    @app.callback(Output(VALUES, "data"), Output(LEGEND, "children"), Input(FIGURE, "data"))
    async def show(figure: str | None) -> tuple[Any, Any]:
        return await off_loop(painted_or_words, desk.store, figure)

    app.clientside_callback(
        ClientsideFunction("leader", "paint"), Input(VALUES, "modified_timestamp"), State(VALUES, "data")
    )
