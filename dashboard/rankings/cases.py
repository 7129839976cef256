"""The cases behind an n of the table, under it: page by page, each a click away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard import grids
from dashboard.casetable import case_columns, case_rows
from dashboard.desk import Desk, off_loop
from dashboard.formats import name_of
from dashboard.icons import icon
from dashboard.languages import _
from dashboard.one_map.drawer import LEFT_OUT
from dashboard.rankings.choice import Choice, of_values, resolve
from dashboard.rankings.controls import CHOSEN
from data.errors import NotFound, QuestionError
from data.figures import CATALOGUE
from data.list_filters import from_grid
from data.listings import cases_of
from data.store import Store

OPENED, LIST, BOX, HEAD, CLOSE = "rank-opened", "rank-cases", "rank-cases-box", "rank-cases-title", "rank-cases-close"
PAGE = 100
CALL_BACKS = "call_back_excluded"


def layout(choice: Choice) -> html.Section:
    """The list, closed until an n is clicked or the address names one."""
    code, _colon, part = choice.cases.rpartition(":")
    opened = {"code": code, "name": code, "part": part} if code and part else None
    grid = dag.AgGrid(
        id=LIST,
        className="grid",
        rowModelType="infinite",
        columnDefs=case_columns(),
        eventListeners={
            "modelUpdated": ["fitColumns(params)"],
            "cellClicked": ["openRankedCase(params)"],
            "cellKeyDown": ["openRankedCase(params)"],
        },
        defaultColDef={"sortable": True, "resizable": True, "filter": False},
        dashGridOptions=grids.options(cacheBlockSize=PAGE, maxBlocksInCache=20, infiniteInitialRowCount=1, rowBuffer=0),
        style={"height": "100%", "width": "100%"},
    )
    close = dmc.UnstyledButton(icon("x"), id=CLOSE, className="switch", n_clicks=0, **{"aria-label": _("关闭")})
    return html.Section(
        [
            dcc.Store(id=OPENED, data=opened),
            html.Div([html.Div(id=HEAD, className="rank-cases-title"), close], className="rank-cases-bar"),
            grid,
        ],
        id=BOX,
        className="rank-cases",
        **{"aria-label": _("案件")},
    )


def page_of_cases(
    store: Store, choice: Choice, opened: Mapping[str, Any], request: Mapping[str, Any]
) -> dict[str, Any]:
    """One block of the list."""
    first, last = int(request.get("startRow") or 0), int(request.get("endRow") or PAGE)
    filters, sort = from_grid(request.get("filterModel"), request.get("sortModel"))
    found = cases_of(
        store, resolve(store, choice).question, choice.figure, part_of(choice, opened), str(opened["code"]),
        offset=first, limit=min(last - first, PAGE), sort=sort, filters=filters,
    )  # fmt: skip
    return {"rowData": case_rows(found.rows, store.zone), "rowCount": found.total}


def part_of(choice: Choice, opened: Mapping[str, Any]) -> str:
    """The part of the figure that is listed. A rate's n are households; its cases are the numerator."""
    part = str(opened.get("part") or "denominator")
    return "numerator" if part == "denominator" and CATALOGUE[choice.figure].type in ("rate", "count") else part


def title(choice: Choice, opened: Mapping[str, Any]) -> list[Any]:
    """Whose cases these are, and which."""
    definition, part = CATALOGUE[choice.figure], part_of(choice, opened)
    parts: list[Any] = [html.Strong(str(opened["name"])), html.Span(name_of(definition.zh, definition.en))]
    if part in LEFT_OUT:
        parts.append(html.Span(_(LEFT_OUT[part]), className="chip"))
    return parts


def register(app: Dash, desk: Desk) -> None:
    """opened → the list."""

    @app.callback(Output(HEAD, "children"), Input(OPENED, "data"), State(CHOSEN, "data"), prevent_initial_call=False)
    async def say(opened: dict[str, Any] | None, chosen: dict[str, Any] | None) -> list[Any]:
        if not opened:
            return []
        try:
            return title(of_values(chosen or {}), opened)
        except QuestionError:
            return []

    @app.callback(
        Output(LIST, "getRowsResponse"),
        Input(LIST, "getRowsRequest"),
        State(OPENED, "data"),
        State(CHOSEN, "data"),
        prevent_initial_call=True,
    )
    async def page(
        request: dict[str, Any] | None, opened: dict[str, Any] | None, chosen: dict[str, Any] | None
    ) -> dict[str, Any]:
        if not request or not opened or not chosen:
            return {"rowData": [], "rowCount": 0}
        try:
            return await off_loop(page_of_cases, desk.store, of_values(chosen), opened, request)
        except (NotFound, QuestionError):  # what stands above the table says so
            return {"rowData": [], "rowCount": 0}

    app.clientside_callback(ClientsideFunction("rankings", "open"), Output(BOX, "className"), Input(OPENED, "data"))
    app.clientside_callback(
        ClientsideFunction("rankings", "close"),
        Output(OPENED, "data"),
        Input(CLOSE, "n_clicks"),
        Input(CHOSEN, "data"),
        prevent_initial_call=True,
    )
