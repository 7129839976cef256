"""What the administrator's forms and tables are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from data.atlas import atlas_on, tree
from data.store import Store

LEVELS = ("street", "community", "grid")
MOST_OF_A_LEVEL = 2000  # of more, a form takes the level above


def field(name: str, control: Any, hint: str = "") -> html.Div:
    """A control under its name, with what helps to fill it."""
    control.label = name
    return html.Div([control, *([html.Div(hint, className="quiet hint")] if hint else [])])


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> html.Table:
    """A plain table that scrolls in its section."""
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in columns]))
    return html.Table(
        [head, html.Tbody([html.Tr([html.Td(value) for value in row]) for row in rows])], className="admin-table"
    )


def places_of(store: Store | None) -> list[dict[str, str]]:
    """The places a role or a wall can be bound to, as choices: code → name."""
    if store is None:
        return []
    current = tree(store, atlas_on(store).atlas_id).select(["level", "code", "name"]).to_pylist()
    levels = {level: [row for row in current if row["level"] == level] for level in LEVELS}
    few = [row for level in LEVELS if len(levels[level]) <= MOST_OF_A_LEVEL for row in levels[level]]
    seen: dict[str, str] = {row["code"]: f"{row['name']} {row['code']}" for row in few}
    return [{"value": code, "label": label} for code, label in seen.items()]
