"""Parts of a page that come after its first picture: charts and tables, whose libraries take the browser most of a second to
read while a person waits for the map and the numbers."""

from __future__ import annotations

from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, dcc, html

from dashboard import messages

HOME, PART = "late-home", "late-part"


def late(component: Any, *, at_once: bool = False) -> html.Div:
    """The place where the component comes (assets/late.js). at_once: it is there from the start, for Dash to check callbacks against."""
    waiting = [dcc.Store(id={"type": PART, "of": component.id}, data=component.to_plotly_json()), messages.loading()]
    return html.Div(component if at_once else waiting, id={"type": HOME, "of": component.id}, className="late")


def register(app: Dash) -> None:
    """The first picture is there → the part."""
    app.clientside_callback(
        ClientsideFunction("late", "come"),
        Output({"type": HOME, "of": MATCH}, "children"),
        Input({"type": PART, "of": MATCH}, "data"),
    )
