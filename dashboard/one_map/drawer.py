"""The drawer under the map: one place's figures, the cases behind the number that was clicked, what else is known of the
place (placecard.py), and one case in full (casecard.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard import boxes, grids, messages
from dashboard import choice as choices
from dashboard.casetable import case_columns
from dashboard.desk import Desk, off_loop
from dashboard.formats import count, name_of, with_unit
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.late import late
from dashboard.one_map import area, casecard, orders, placecard
from dashboard.one_map.headlines import card
from dashboard.one_map.picked import (
    PAGE,
    PICKED,
    Picked,
    asked_of,
    export_address,
    page_of_cases,
    place_question,
    row_of,
)
from dashboard.one_map.rail import CHOSEN, ON_MAP, basis_name, level_name
from dashboard.one_map.values import NOWHERE
from dashboard.questions import Asked, ask, kept, resolve
from data.errors import NotFound, QuestionError
from data.figures import CATALOGUE, Figure, PlaceFigures
from data.profiles import Profile, profile
from data.store import Store

DRAWER, HEAD, CARDS, CASES, PART, CLOSE = (
    "drawer",
    "drawer-head",
    "drawer-cards",
    "cases",
    "choose-part",
    "close-drawer",
)
CASE, TABS = "case", "drawer-tabs"
PANELS = {"estates": marked("小区"), "care": marked("物业与力量"), "history": marked("沿革")}
PARTS = {"denominator": marked("分母"), "numerator": marked("分子")}
LEFT_OUT = {
    "voided": marked("作废"),
    "excluded": marked("剔除"),
    "suspended": marked("缓办"),
    "without_deadline": marked("无时限"),
    "without_flag": marked("无按期标记"),
    "not_yet_due": marked("未到期"),
    "closed_without_time": marked("结案时间不明"),
    "handled_without_time": marked("处置时间不明"),
    "inconsistent": marked("时间矛盾"),
    "unregistered": marked("未立案"),
    "not_closed": marked("未结案"),
    "call_back_excluded": marked("回访剔除"),
    "unknown_level": marked("层级不明"),
    "without_point": marked("无坐标"),
    "default_point": marked("默认坐标"),
}


def layout(desk: Desk | None, picked: dict[str, Any]) -> html.Section:
    """The drawer, closed until something is picked."""
    return html.Section(
        [
            dcc.Store(id=PICKED, data=picked),
            html.Div(
                [
                    *boxes.live_box(HEAD, "drawer-title"),
                    dmc.UnstyledButton(
                        icon("x"), id=CLOSE, className="switch", n_clicks=0, **{"aria-label": _("关闭")}
                    ),
                ],
                className="drawer-bar",
            ),
            html.Div(
                [*boxes.live_box(CARDS, "drawer-cards"), _tabs(at_once=desk is None)],
                className="drawer-body",
            ),
            html.Div(id=CASE, className="case"),
        ],
        id=DRAWER,
        className="drawer",
        **{"aria-label": _("明细")},
    )


def _tabs(*, at_once: bool) -> dmc.Tabs:
    """The cases behind the number, and what else is known of the place."""
    panels = {name: _(text) for name, text in PANELS.items()}
    return dmc.Tabs(
        [
            dmc.TabsList(
                [dmc.TabsTab(_("案件"), value="cases"), *(dmc.TabsTab(t, value=v) for v, t in panels.items())]
            ),
            dmc.TabsPanel(_cases(at_once=at_once), value="cases", className="drawer-cases"),
            *(dmc.TabsPanel(html.Div(id=f"place-{v}"), value=v, className="drawer-panel") for v in panels),
        ],
        id=TABS,
        value="cases",
        keepMounted=True,
        className="drawer-tabs",
    )


def _cases(*, at_once: bool) -> list[Any]:
    grid = dag.AgGrid(
        id=CASES,
        className="grid",
        rowModelType="infinite",
        columnDefs=case_columns(),
        eventListeners={
            "modelUpdated": ["fitColumns(params)"],
            "cellClicked": ["openCase(params)"],
            "cellKeyDown": ["openCase(params)"],
        },
        defaultColDef={"sortable": True, "resizable": True, "filter": False},
        dashGridOptions=grids.options(
            cacheBlockSize=PAGE,
            maxBlocksInCache=20,
            infiniteInitialRowCount=1,
            rowBuffer=0,
        ),
        style={"height": "100%", "width": "100%"},
    )
    return [
        html.Div(
            [
                html.Div(id="cases-title", className="cases-title"),
                dmc.SegmentedControl(
                    id=PART,
                    value="denominator",
                    fullWidth=False,
                    size="xs",
                    data=[{"value": p, "label": _(t)} for p, t in PARTS.items()],
                ),
                html.A([icon("download"), "CSV"], id="cases-export", className="button", href="#"),
                html.A(
                    [icon("download"), "XLSX"],
                    className="button",
                    href="#",
                    **{"data-export": "/export/cases.xlsx", "data-beside": "cases-export"},
                ),
            ],
            className="cases-bar",
        ),
        late(grid, at_once=at_once),
    ]


def contents(store: Store, choice: choices.Choice, picked: Picked) -> tuple[list[Any], list[Any]]:
    """Title and cards."""
    asked = asked_of(store, choice, picked)
    question = place_question(store, asked, picked)
    row = row_of(ask(store, question), picked)
    shown = [n for n in CATALOGUE if n in row.figures and CATALOGUE[n].type != "none"]
    return title_of(store, asked, picked), [_card(row, n, picked) for n in shown]


def title_of(store: Store, asked: Asked, picked: Picked) -> list[Any]:
    """The place's way down from the district, its level, code and facts, and the days meant."""
    days = html.Span(choices.text_of(asked.period), className="quiet")
    if picked.place == NOWHERE:
        return [html.Strong(_("未定位到本层级")), html.Span(level_name(asked.level), className="chip"), days]
    if area.is_area(picked.place):
        return area.title(store, asked, picked.place)
    found = profile_of(store, asked, picked.place)
    return [
        placecard.crumbs(found.chain),
        html.Span(level_name(found.level), className="chip"),
        html.Span(found.code, className="quiet"),
        days,
        *placecard.facts(found),
        *orders.of_place(store, found.level, found.code, found.name),
    ]


def profile_of(store: Store, asked: Asked, place: str) -> Profile:
    """What is known of the place on the period's last day, from memory while nothing was written since."""
    day = asked.period.last_day(store.zone)
    try:
        return kept((str(store.path), store.version, "profile", place, day), lambda: profile(store, place, day))
    except NotFound as error:
        raise NotFound(_("没有这个地方"), where=place, todo=_("它可能属于另一版网格方案。")) from error


def _card(row: PlaceFigures, name: str, picked: Picked) -> html.Button:
    made = card(row, name)
    if name == picked.figure:
        made.className = "card is-chosen"
    made.__setattr__("data-place", picked.place)
    return made


def cases_title(figure: Figure, picked: Picked) -> list[Any]:
    """Which cases these are, the figure in one line, and what was left out of it and why; each n opens its cases."""
    definition = CATALOGUE[picked.figure]
    parts: list[Any] = [
        html.Strong(name_of(definition.zh, definition.en)),
        html.Span(with_unit(figure.value, definition.unit)),
        html.Span(name_of(definition.formula_zh, definition.formula), className="quiet"),
    ]
    if figure.basis:
        parts.append(html.Span(_("口径：{basis}").format(basis=basis_name(figure.basis)), className="quiet"))
    left = [_left_out(reason, n, picked) for reason, n in figure.left_out.items() if n]
    if left:
        parts.append(html.Span([_("未计入："), *left], className="quiet left-out"))
    return parts


def _left_out(reason: str, n: int, picked: Picked) -> html.Button:
    return html.Button(
        f"{_(LEFT_OUT.get(reason, reason))} {count(n)}",
        className="link is-chosen" if reason == picked.part else "link",
        **{"data-place": picked.place, "data-figure": picked.figure, "data-part": reason, "type": "button"},
    )


def drawn(store: Store, chosen: Mapping[str, Any], picked: Picked) -> tuple[Any, ...]:
    """The drawer's outputs: title, cards, what the cases are, the address of their export, the case; an error takes the cards'
    place, in words."""
    choice = choices.of_values(chosen)
    try:
        title, cards = contents(store, choice, picked)
        asked = asked_of(store, choice, picked)
        row = row_of(ask(store, place_question(store, asked, picked)), picked)
        shown = [cards, cases_title(row.figures[picked.figure], picked), export_address(chosen, picked)]
    except (NotFound, QuestionError) as error:
        title, shown = _title_still(store, choice, picked), [[messages.failure_of(error)], [], "#"]
    if picked.case is None:
        return title, *shown, []
    try:
        title, case = casecard.drawn(store, picked.case)
    except NotFound as error:
        return title, *shown, [messages.failure_of(error)]
    return title, *shown, case


def _title_still(store: Store, choice: choices.Choice, picked: Picked) -> list[Any]:
    """A place without figures in this period may still have a name and a past."""
    try:
        return title_of(store, asked_of(store, choice, picked), picked)
    except (NotFound, QuestionError):
        return []


def place_panels(store: Store, chosen: Mapping[str, Any], picked: Picked) -> tuple[Any, ...]:
    """Estates, care and history of the place."""
    if area.is_area(picked.place):
        return (messages.empty(_("所画区域不是一个地方"), _("点地图上的地方，可看它的小区、力量和沿革。")),) * 3
    if picked.place == NOWHERE:
        return (messages.empty(_("没有对应的地方"), _("这些案件没有定位到本层级。")),) * 3
    try:
        found = profile_of(store, resolve(store, choices.of_values(chosen)), picked.place)
    except (NotFound, QuestionError) as error:
        return (messages.failure_of(error),) * 3
    return placecard.estates(found), placecard.care(found), placecard.history(found)


def register(app: Dash, desk: Desk) -> None:
    """picked and chosen → title, cards, cases."""

    @app.callback(
        boxes.filled(HEAD),
        boxes.filled(CARDS),
        Output("cases-title", "children"),
        Output("cases-export", "href"),
        Output(CASE, "children"),
        Input(PICKED, "data"),
        Input(ON_MAP, "data"),
        prevent_initial_call=True,
    )
    async def show(data: dict[str, Any] | None, chosen: dict[str, Any] | None) -> tuple[Any, ...]:
        picked = Picked.of(data, (chosen or {}).get("figure") or "")
        if picked is None or chosen is None:
            return [], [], [], "#", []
        return await off_loop(drawn, desk.store, chosen, picked)

    boxes.register(app, HEAD, CARDS)

    @app.callback(
        Output(CASES, "getRowsResponse"),
        Input(CASES, "getRowsRequest"),
        State(PICKED, "data"),
        State(CHOSEN, "data"),
        prevent_initial_call=True,
    )
    async def page(
        request: dict[str, Any] | None, data: dict[str, Any] | None, chosen: dict[str, Any] | None
    ) -> dict[str, Any]:
        picked = Picked.of(data, (chosen or {}).get("figure") or "")
        if picked is None or request is None or chosen is None:
            return {"rowData": [], "rowCount": 0}
        try:
            return await off_loop(page_of_cases, desk.store, choices.of_values(chosen), picked, request)
        except (NotFound, QuestionError):  # the cards say so
            return {"rowData": [], "rowCount": 0}

    @app.callback(
        *(Output(f"place-{name}", "children") for name in PANELS),
        Input(PICKED, "data"),
        Input(ON_MAP, "data"),
        prevent_initial_call=True,
    )
    async def tell(data: dict[str, Any] | None, chosen: dict[str, Any] | None) -> tuple[Any, ...]:
        picked = Picked.of(data, (chosen or {}).get("figure") or "")
        if picked is None or chosen is None:
            return (no_update,) * len(PANELS)
        return await off_loop(place_panels, desk.store, chosen, picked)

    app.clientside_callback(ClientsideFunction("drawer", "open"), Output(DRAWER, "className"), Input(PICKED, "data"))
    app.clientside_callback(ClientsideFunction("drawer", "refresh"), Input(PICKED, "data"), Input(ON_MAP, "data"))
    app.clientside_callback(ClientsideFunction("drawer", "close"), Input(CLOSE, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("drawer", "part"), Output(PART, "value"), Input(PICKED, "data"))
    app.clientside_callback(
        ClientsideFunction("drawer", "choosePart"),
        Input(PART, "value"),
        State(PICKED, "data"),
        prevent_initial_call=True,
    )
