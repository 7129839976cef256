"""The table of places beside the map: the chosen figure with its n, what is open, and the row of what could not be placed."""

from __future__ import annotations

from math import isnan
from typing import Any

import dash_ag_grid as dag
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from dashboard import choice as choices
from dashboard import grids
from dashboard.desk import Desk, off_loop
from dashboard.formats import name_of, unit_word
from dashboard.languages import _
from dashboard.late import late
from dashboard.one_map.rail import CHOSEN, ON_MAP, level_name
from dashboard.one_map.values import NOWHERE, Numbers, Values, values
from dashboard.questions import Asked, resolve
from data.figures import CATALOGUE
from data.store import Store

TABLE = "places"
BESIDE = ("overdue_open",)  # shown beside the chosen figure


def layout(desk: Desk | None, exports: Any = None) -> html.Div:
    """The grid; rows and columns come with the choice. exports: links that stand above it."""
    grid = dag.AgGrid(
        id=TABLE,
        className="grid",
        columnDefs=[],
        rowData=[],
        getRowId="params.data.place",
        eventListeners={"cellKeyDown": ["openPlace(params)"]},
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
        dashGridOptions=grids.options(postSortRows={"function": f"lastOfAll(params, '{NOWHERE}')"}),
        style={"height": "100%", "width": "100%"},
    )
    return html.Div(
        [exports, late(grid, at_once=desk is None)] if exports else late(grid, at_once=desk is None), className="places"
    )


def table(store: Store, choice: choices.Choice) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and rows for a choice."""
    asked = resolve(store, choice)
    return columns(asked), rows(store, asked)


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


def rows(store: Store, asked: Asked) -> list[dict[str, Any]]:
    """One row a place, then one of what is not located; None where a rate rests on nothing."""
    shown = [values(store, asked, name) for name in dict.fromkeys((asked.figure, *BESIDE))]
    found = _rows(shown, shown[0].codes, shown[0].names)
    nowhere = [one.nowhere for one in shown if one.nowhere is not None]
    if nowhere and nowhere[0].n.any():
        found += _rows(nowhere, [NOWHERE], [_("未定位到本层级")])
    return found


def _rows(shown: list[Values], codes: list[str], names: list[str]) -> list[dict[str, Any]]:
    denominator = shown[0].denominator
    columns = {
        "place": codes,
        "name": names,
        "n": [None] * len(codes) if denominator is None else _plain(denominator),
        **{one.figure: _plain(one.value) for one in shown},
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(column: Numbers) -> list[float | None]:
    """Numbers as they are sent: whole ones as integers, NaN as null."""
    if not (column % 1).any():
        whole: list[float | None] = column.astype(np.int64).tolist()
        return whole
    return [None if isnan(x) else x for x in column.tolist()]


def register(app: Dash, desk: Desk) -> None:
    """chosen → table; a click in the table → picked."""

    @app.callback(Output(TABLE, "columnDefs"), Output(TABLE, "rowData"), Input(ON_MAP, "data"))
    async def fill(chosen: dict[str, Any] | None) -> tuple[Any, Any]:
        if chosen is None:  # the table comes late: its first rows are asked for when it is there
            return no_update, no_update
        return await off_loop(table, desk.store, choices.of_values(chosen))

    app.clientside_callback(
        ClientsideFunction("places", "pick"),
        Input(TABLE, "cellClicked"),
        State(CHOSEN, "data"),
        prevent_initial_call=True,
    )
