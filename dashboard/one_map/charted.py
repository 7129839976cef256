"""A chart of the side: asked for with every choice and whatever is picked, drawn by assets/charts.js."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard import boxes, charts
from dashboard import choice as choices
from dashboard.desk import Desk, off_loop
from dashboard.one_map.picked import PICKED
from dashboard.one_map.rail import ON_MAP
from data.store import Store

Drawn = tuple[list[Any], dict[str, Any]]  # the title, and the chart in each theme


@dataclass(frozen=True)
class Charted:
    """A chart by its name: its title's, its data's and its own component. drawn: (store, choice, place) → title and chart."""

    name: str
    drawn: Callable[[Store, choices.Choice, str], Drawn]

    @property
    def title(self) -> str:
        """The title's component."""
        return f"{self.name}-title"

    @property
    def data(self) -> str:
        """The store of what it is drawn from."""
        return f"{self.name}-data"

    @property
    def chart(self) -> str:
        """The graph."""
        return f"{self.name}-chart"

    def layout(self, desk: Desk | None, label: str, help_text: str) -> html.Section:
        """Its place, named for those who do not see it."""
        return html.Section(
            [
                *boxes.live_box(self.title, "panel-title", of=html.H2),
                dcc.Store(id=self.data),
                charts.frame(self.chart, help_text, at_once=desk is None),
            ],
            className=self.name,
            **{"aria-label": label},
        )

    def register(self, app: Dash, desk: Desk) -> None:
        """chosen and picked → chart; a point of it → picked."""

        @app.callback(
            boxes.filled(self.title),
            Output(self.data, "data"),
            Input(ON_MAP, "data"),
            Input(PICKED, "data"),
            prevent_initial_call=True,
        )
        async def show(chosen: dict[str, Any] | None, picked: dict[str, Any] | None) -> tuple[Any, ...]:
            place = (picked or {}).get("place") or "" if (picked or {}).get("open") else ""
            return await off_loop(self.drawn, desk.store, choices.of_values(chosen or {}), place)

        boxes.register(app, self.title)
        app.clientside_callback(
            ClientsideFunction("charts", "draw"),
            Output(self.chart, "figure"),
            Input(self.data, "modified_timestamp"),
            State(self.data, "data"),
        )
        app.clientside_callback(
            ClientsideFunction("charts", "open"), Input(self.chart, "clickData"), prevent_initial_call=True
        )
