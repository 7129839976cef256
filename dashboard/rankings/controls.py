"""What can be chosen: whom, by which figure, when, against whom; and the weights of the three rates."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard.desk import Desk
from dashboard.formats import name_of
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.one_map.rail import level_name
from dashboard.questions import newest
from dashboard.rankings.choice import CUSTOM, Choice, figures
from data.figure_question import DEFAULT_WEIGHTS
from data.figures import CATALOGUE
from data.rankings import SUBJECTS
from data.reporting import reporting

CHOSEN, ORDER, WEIGHTS, RANGE_BOX, WEIGHTS_BOX = (
    "rank-chosen", "rank-names", "rank-weights", "rank-range-box", "rank-weights-box",
)  # fmt: skip
SUBJECT, FIGURE, PERIOD, RANGE, PEERS = "rank-subject", "rank-figure", "rank-period", "rank-range", "rank-peers"
CSV, XLSX = "rank-csv", "rank-xlsx"
CONTROLS = {
    "subject": (SUBJECT, "value"), "figure": (FIGURE, "value"), "period": (PERIOD, "value"), "range": (RANGE, "value"),
    "peers": (PEERS, "value"), "weights": (WEIGHTS, "data"),
}  # fmt: skip
SHARES = {"response": marked("响应"), "resolution": marked("解决"), "satisfaction": marked("满意")}
PERIOD_NAMES = {
    "month": marked("本月"), "last_month": marked("上月"), "quarter": marked("本季"), "last_quarter": marked("上季"),
    "half": marked("本半年"), "last_half": marked("上半年度"), "year": marked("本年"), "last_year": marked("上年"),
    CUSTOM: marked("自选日期"),
}  # fmt: skip


def layout(desk: Desk | None, choice: Choice) -> html.Div:
    """The bar of controls with the choice's values."""
    store = desk.store if desk else None
    latest = newest(store) if store else None
    weights = choice.weights or (reporting(store).three_rates.weights if store else DEFAULT_WEIGHTS)
    days = [day.isoformat() for day in choice.range] if choice.range else [None, None]
    calendar = dmc.DatePickerInput(
        id=RANGE, type="range", value=days, valueFormat="YYYY-MM-DD", monthLabelFormat=_("YYYY年M月"), size="sm",
        defaultDate=latest.astimezone(store.zone).date().isoformat() if store and latest else None,
        label=_("自选日期"), placeholder=_("开始日期 – 结束日期"),
    )  # fmt: skip
    return html.Div(
        [
            dcc.Store(id=CHOSEN),
            dcc.Store(id=ORDER, data=list(CONTROLS)),
            dcc.Store(id=WEIGHTS, data=",".join(f"{one:g}" for one in choice.weights) if choice.weights else ""),
            _select(SUBJECT, _("排谁"), [(one, level_name(one)) for one in SUBJECTS], choice.subject),
            _select(FIGURE, _("指标"), [(n, name_of(CATALOGUE[n].zh, CATALOGUE[n].en)) for n in figures()], choice.figure),
            _select(PERIOD, _("时段"), [(one, _(name)) for one, name in PERIOD_NAMES.items()], choice.period),
            html.Div(calendar, id=RANGE_BOX, className="is-hidden"),
            _select(PEERS, _("与谁比"), [(choice.peers, "")], choice.peers),
            html.Div(
                [
                    dmc.NumberInput(id=f"{WEIGHTS}-{name}", label=_(word), value=weight, min=0, max=100, size="sm", hideControls=True)
                    for (name, word), weight in zip(SHARES.items(), weights, strict=True)
                ],
                id=WEIGHTS_BOX,
                className="is-hidden",
            ),
            html.Div(
                [html.A([icon("download"), name], id=one, className="button", href="#") for one, name in ((CSV, "CSV"), (XLSX, "XLSX"))],
                className="rank-exports",
            ),
        ],
        className="rank-bar",
    )  # fmt: skip


def _select(name: str, label: str, options: list[tuple[str, str]], value: str) -> Any:
    data = [{"value": one, "label": text} for one, text in options]
    return dmc.Select(
        id=name,
        label=label,
        data=data,
        value=value,
        allowDeselect=False,
        size="sm",
        nothingFoundMessage=_("没有匹配项"),
    )


def register(app: Dash, desk: Desk) -> None:  # noqa: ARG001  every part is registered in the same way
    """Controls → chosen, and the address."""
    app.clientside_callback(
        ClientsideFunction("rankings", "choose"),
        Output(CHOSEN, "data"),
        *(Input(*one) for one in CONTROLS.values()),
        State(ORDER, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("rankings", "weights"),
        Output(WEIGHTS, "data"),
        *(Input(f"{WEIGHTS}-{name}", "value") for name in SHARES),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("rankings", "shown"),
        Output(RANGE_BOX, "className"),
        Output(WEIGHTS_BOX, "className"),
        Input(PERIOD, "value"),
        Input(FIGURE, "value"),
    )
