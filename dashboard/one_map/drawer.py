"""The drawer under the map: one place's figures and the cases behind the number that was clicked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard import choice as choices
from dashboard import grids, messages
from dashboard.casetable import case_columns, case_rows
from dashboard.desk import Desk, off_loop
from dashboard.formats import count, name_of, with_unit
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.one_map.canvas import NOWHERE
from dashboard.one_map.headlines import card
from dashboard.one_map.ids import PICKED
from dashboard.one_map.rail import CHOSEN, basis_name, level_name
from dashboard.questions import Asked, ask, resolve
from data.errors import NotFound, QuestionError
from data.figures import CATALOGUE, Figure, PlaceFigures, Question
from data.list_filters import from_grid
from data.listings import NOT_LOCATED, cases_of
from data.on_map import place_by_code
from data.store import Store

DRAWER, HEAD, CARDS, CASES, PART, CLOSE = (
    "drawer",
    "drawer-head",
    "drawer-cards",
    "cases",
    "choose-part",
    "close-drawer",
)
PAGE = 100  # cases a request
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


@dataclass(frozen=True)
class Picked:
    """What was clicked: a place ('' is the district, NOWHERE what is not located), a figure, and which of its parts."""

    place: str
    figure: str
    part: str

    @classmethod
    def of(cls, data: Mapping[str, Any] | None, figure: str) -> Picked | None:
        """The store's content; None while the drawer is closed."""
        if not data or not data.get("open"):
            return None
        return cls(data.get("place") or "", data.get("figure") or figure, data.get("part") or "denominator")


def opened_by(search: Mapping[str, list[str]]) -> dict[str, Any]:
    """The store's content for an address ('place=…&cases=figure:part')."""
    place = search.get("place")
    figure, _colon, part = (search.get("cases") or [""])[-1].partition(":")
    return {
        "open": place is not None or bool(figure),
        "place": place[-1] if place else "",
        "figure": figure or None,
        "part": part or None,
    }


def layout(picked: dict[str, Any]) -> html.Section:
    """The drawer, closed until something is picked."""
    return html.Section(
        [
            dcc.Store(id=PICKED, data=picked),
            html.Div(
                [
                    html.Div(id=HEAD, className="drawer-title"),
                    dmc.UnstyledButton(
                        icon("x"), id=CLOSE, className="switch", n_clicks=0, **{"aria-label": _("关闭")}
                    ),
                ],
                className="drawer-bar",
            ),
            html.Div(
                [
                    html.Div(id=CARDS, className="drawer-cards"),
                    html.Div(
                        [
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
                                    html.A(
                                        [icon("download"), _("导出")], id="cases-export", className="button", href="#"
                                    ),
                                ],
                                className="cases-bar",
                            ),
                            dag.AgGrid(
                                id=CASES,
                                className="grid",
                                rowModelType="infinite",
                                columnDefs=case_columns(),
                                eventListeners={"modelUpdated": ["fitColumns(params)"]},
                                defaultColDef={"sortable": True, "resizable": True, "filter": False},
                                dashGridOptions=grids.options(
                                    cacheBlockSize=PAGE,
                                    maxBlocksInCache=20,
                                    infiniteInitialRowCount=1,
                                    rowBuffer=0,
                                ),
                                style={"height": "100%", "width": "100%"},
                            ),
                        ],
                        className="drawer-cases",
                    ),
                ],
                className="drawer-body",
            ),
        ],
        id=DRAWER,
        className="drawer",
        **{"aria-label": _("明细")},
    )


def place_question(store: Store, asked: Asked, picked: Picked, only: str | None = None) -> Question:
    """The question whose answer holds the picked place: its own level, only what lies in it."""
    if picked.figure not in CATALOGUE:
        raise QuestionError(_("没有这个指标"), where=picked.figure, todo=_("请在左侧重新选择指标。"))
    if picked.place == "":
        return asked.question("district", only=only)
    if picked.place == NOWHERE:
        return asked.question(only=only)
    found = place_by_code(store, picked.place)
    if found is None:
        raise NotFound(_("没有这个地方"), where=picked.place, todo=_("它可能属于另一版网格方案。"))
    return asked.question(found["level"], only=only)


def row_of(rows: list[PlaceFigures], picked: Picked) -> PlaceFigures:
    """The picked place's row. NotFound when the period's plan does not have it."""
    for row in rows:
        if (
            picked.place == ""
            or (picked.place == NOWHERE and not row.located)
            or (row.located and row.place == picked.place)
        ):
            return row
    raise NotFound(_("这一时段的方案里没有这个地方"), where=picked.place, todo=_("请换一个时段或地方。"))


def contents(store: Store, choice: choices.Choice, picked: Picked) -> tuple[list[Any], list[Any]]:
    """Title and cards."""
    asked = resolve(store, choice)
    question = place_question(store, asked, picked)
    row = row_of(ask(store, question), picked)
    name = row.name if row.located else _("未定位到本层级")
    code = row.place if row.located and row.place else ""
    title = [
        html.Strong(name),
        html.Span(level_name(question.level), className="chip"),
        html.Span(code, className="quiet"),
        html.Span(choices.text_of(asked.period), className="quiet"),
    ]
    shown = [n for n in CATALOGUE if n in row.figures and CATALOGUE[n].type != "none"]
    return title, [_card(row, n, picked) for n in shown]


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


def page_of_cases(store: Store, choice: choices.Choice, picked: Picked, request: Mapping[str, Any]) -> dict[str, Any]:
    """One block of the cases' grid: {"rowData", "rowCount"}."""
    question, place = asked_cases(store, choice, picked)
    first, last = int(request.get("startRow") or 0), int(request.get("endRow") or PAGE)
    filters, sort = from_grid(request.get("filterModel"), request.get("sortModel"))
    found = cases_of(
        store,
        question,
        picked.figure,
        picked.part,
        place,
        offset=first,
        limit=min(last - first, PAGE),
        sort=sort,
        filters=filters,
    )
    return {"rowData": case_rows(found.rows, store.zone), "rowCount": found.total}


def asked_cases(store: Store, choice: choices.Choice, picked: Picked) -> tuple[Question, str | None]:
    """The question and the place as cases_of takes them."""
    question = place_question(store, resolve(store, choice), picked, picked.figure)
    if picked.place == "":
        return question, None
    return question, NOT_LOCATED if picked.place == NOWHERE else picked.place


def export_address(chosen: Mapping[str, Any], picked: Picked) -> str:
    """The address of the CSV with the same cases."""
    pairs = [(name, one) for name in choices.NAMES for one in _listed(chosen.get(name))]
    return "/export/cases.csv?" + urlencode(
        [*pairs, ("place", picked.place), ("cases", f"{picked.figure}:{picked.part}")]
    )


def _listed(value: Any) -> list[str]:
    return [str(v) for v in (value if isinstance(value, list) else [value]) if v not in (None, "")]


def register(app: Dash, desk: Desk) -> None:
    """picked and chosen → title, cards, cases."""

    @app.callback(
        Output(HEAD, "children"),
        Output(CARDS, "children"),
        Output("cases-title", "children"),
        Output("cases-export", "href"),
        Input(PICKED, "data"),
        Input(CHOSEN, "data"),
        prevent_initial_call=True,
    )
    async def show(data: dict[str, Any] | None, chosen: dict[str, Any] | None) -> tuple[Any, ...]:
        picked = Picked.of(data, (chosen or {}).get("figure") or "")
        if picked is None or chosen is None:
            return [], [], [], "#"
        return await off_loop(drawn, desk.store, chosen, picked)

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

    app.clientside_callback(ClientsideFunction("drawer", "open"), Output(DRAWER, "className"), Input(PICKED, "data"))
    app.clientside_callback(ClientsideFunction("drawer", "refresh"), Input(PICKED, "data"), Input(CHOSEN, "data"))
    app.clientside_callback(ClientsideFunction("drawer", "close"), Input(CLOSE, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("drawer", "part"), Output(PART, "value"), Input(PICKED, "data"))
    app.clientside_callback(
        ClientsideFunction("drawer", "choosePart"),
        Input(PART, "value"),
        State(PICKED, "data"),
        prevent_initial_call=True,
    )


def drawn(store: Store, chosen: Mapping[str, Any], picked: Picked) -> tuple[Any, ...]:
    """The drawer's four outputs; an error takes the cards' place, in words."""
    choice = choices.of_values(chosen)
    try:
        title, cards = contents(store, choice, picked)
        asked = resolve(store, choice)
        row = row_of(ask(store, place_question(store, asked, picked)), picked)
    except (NotFound, QuestionError) as error:
        return [], [messages.failure_of(error)], [], "#"
    return title, cards, cases_title(row.figures[picked.figure], picked), export_address(chosen, picked)
