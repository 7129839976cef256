"""Boxes: what changes several times a minute and holds no component that calls back: legends, cards, titles.

Each of Dash's components listens to every change of any other: a page pays for all of them whenever one of its parts changes, and
twelve cards are hundreds. The content of a box is one value of a store; assets/boxes.js draws it with the page's own React.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component


def live_box(name: str, look: str, content: Component | None = None, *, of: Callable[..., Any] = html.Div) -> list[Any]:
    """An empty box of this class and the store of what stands in it; content: before the first answer."""
    tree = None if content is None else content.to_plotly_json()
    return [of(id=name, className=look), dcc.Store(id=_store(name), data=tree)]


def filled(name: str) -> Output:
    """What a callback answers with to fill the box: components of `html` and texts."""
    return Output(_store(name), "data")


def piece(name: str) -> str:
    """The box's content among the pieces of a channel."""
    return f"#{name}"


def register(app: Dash, *names: str) -> None:
    """store → box."""
    for name in names:
        app.clientside_callback(ClientsideFunction("boxes", "fill"), Input(_store(name), "data"))


def _store(name: str) -> str:
    return f"{name}-content"
