"""The table of places beside the map: the chosen figure with its n, what is open, and the row of what could not be placed."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output, State, html

from dashboard import choice as choices
from dashboard import grids
from dashboard.desk import Desk, off_loop
from dashboard.formats import name_of, unit_word
from dashboard.languages import _
from dashboard.one_map.canvas import NOWHERE
from dashboard.one_map.rail import CHOSEN, level_name
from dashboard.questions import Asked, ask, resolve
from data.figures import CATALOGUE, PlaceFigures
from data.store import Store

TABLE = "places"
BESIDE = ("overdue_open",)  # shown beside the chosen figure


def layout() -> html.Div:
    """The grid; rows and columns come with the choice."""
    return html.Div(
        dag.AgGrid(
            id=TABLE,
            className="grid",
            columnDefs=[],
            rowData=[],
            getRowId="params.data.place",
            eventListeners={"cellKeyDown": ["openPlace(params)"]},
            defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
            dashGridOptions=grids.options(postSortRows={"function": f"lastOfAll(params, '{NOWHERE}')"}),
            style={"height": "100%", "width": "100%"},
        ),
        className="places",
    )


def table(store: Store, choice: choices.Choice) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and rows for a choice."""
    asked = resolve(store, choice)
    return columns(asked), rows(ask(store, asked.question()), asked)


def columns(asked: Asked) -> list[dict[str, Any]]:
    """The place, the chosen figure, its n, and the counts beside it."""
    definition = CATALOGUE[asked.figure]
    shown = [
        _column(
            asked.figure,
            f"{name_of(definition.zh, definition.en)} {unit_word(definition.unit)}",
            definition.unit,
            sort="desc",
            weight=7,
        )
    ]
    if definition.type != "count":
        shown.append(_column("n", "n", "cases", tooltip=_("样本数：该指标的分母"), weight=5))
    for name in BESIDE:
        if name != asked.figure:
            other = CATALOGUE[name]
            shown.append(_column(name, name_of(other.zh, other.en), other.unit))
    first = {"field": "name", "headerName": level_name(asked.level), "minWidth": 96, "flex": 11, "tooltipField": "name"}
    return [first, *shown]


def _column(
    field: str, name: str, unit: str, *, sort: str | None = None, tooltip: str = "", weight: int = 6
) -> dict[str, Any]:
    column: dict[str, Any] = {
        "field": field,
        "headerName": name,
        "type": "rightAligned",
        "flex": weight,
        "minWidth": 48,
        "wrapHeaderText": True,
        "autoHeaderHeight": True,
        "valueFormatter": grids.number_format(unit),
        "cellClass": "ag-right-aligned-cell opens",
        "comparator": {"function": "nullsLast"},
        "headerTooltip": tooltip or name,
    }
    return {**column, "sort": sort} if sort else column


def rows(found: list[PlaceFigures], asked: Asked) -> list[dict[str, Any]]:
    """One row a place; None where a rate rests on nothing."""
    names = dict.fromkeys((asked.figure, *BESIDE))
    return [
        {
            "place": row.place if row.located and row.place else NOWHERE,
            "name": row.name if row.located else _("未定位到本层级"),
            "n": row.figures[asked.figure].denominator,
            **{name: row.figures[name].value for name in names},
        }
        for row in found
        if row.located or row.n
    ]


def register(app: Dash, desk: Desk) -> None:
    """chosen → table; a click in the table → picked."""

    @app.callback(
        Output(TABLE, "columnDefs"), Output(TABLE, "rowData"), Input(CHOSEN, "data"), prevent_initial_call=True
    )
    async def fill(chosen: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        return await off_loop(table, desk.store, choices.of_values(chosen))

    app.clientside_callback(
        ClientsideFunction("places", "pick"),
        Input(TABLE, "cellClicked"),
        State(CHOSEN, "data"),
        prevent_initial_call=True,
    )
