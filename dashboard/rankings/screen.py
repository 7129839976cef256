"""The page's answer to a choice: title, method, table, funnel, the groups to choose from, and where the files are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard import charts, messages
from dashboard.desk import Desk, off_loop
from dashboard.languages import _
from dashboard.rankings import funnel, measures, said, table
from dashboard.rankings.choice import NAMES, Choice, of_values, resolve
from dashboard.rankings.controls import CHOSEN, CSV, PEERS, XLSX
from dashboard.rankings.league import groups, league, rows
from data.errors import JingweiError, NotFound, QuestionError
from data.shortest import shortest
from data.store import Store

TITLE, METHOD, ENOUGH, END, FUNNEL_BOX = "rank-title", "rank-method", "rank-enough", "rank-end", "rank-funnel-box"


def layout() -> list[Any]:
    """Title, table and funnel, filled by the first choice."""
    help_text = _("漏斗图：每点一个单位，带状区域内的差别可以只是偶然")
    return [
        html.Div(
            [html.Div(id=TITLE, className="rank-title"), html.Div(id=METHOD, className="rank-method quiet")],
            className="rank-head",
        ),
        html.Div(
            [
                table.layout(),
                html.Section(
                    [
                        html.H2(_("漏斗图"), className="panel-title"),
                        html.P(
                            _("内带 95%、外带 99.8%：带内的差别可以只是偶然；带外较好的为三角，较差的为菱形"),
                            className="quiet hint",
                        ),
                        dcc.Store(id=funnel.DATA),
                        charts.frame(funnel.CHART, help_text, at_once=True),
                    ],
                    className="rank-funnel",
                    **{"aria-label": _("漏斗图")},
                ),
            ],
            className="rank-body",
        ),
        dcc.Store(id=ENOUGH),
        dcc.Store(id=END),
    ]


def answer(store: Store, choice: Choice) -> tuple[Any, ...]:
    """The outputs of the callback; an error takes the title's place, in words."""
    try:
        asked = resolve(store, choice)
        found = league(store, asked)
    except (NotFound, QuestionError) as error:
        return messages.failure_of(error), [], [], [], no_update, no_update, "#", "#", None
    addresses = [f"/export/ranking.{kind}?{query(choice)}" for kind in ("csv", "xlsx")]
    options = groups(found, choice.peers)
    end = asked.period.end.astimezone(store.zone).date().isoformat()
    listed = measures.rows_with_measures(store, choice.subject, rows(found))
    shown = (table.columns(asked, found), listed, funnel.both(asked, found), options)
    return said.title(asked, found), said.method(asked, found), *shown, *addresses, end


def query(choice: Choice) -> str:
    """The choice as the query of an address."""
    held = {
        "subject": choice.subject, "figure": choice.figure, "period": choice.period, "peers": choice.peers,
        "range": [day.isoformat() for day in choice.range] if choice.range else [],
        "weights": ",".join(f"{one:g}" for one in choice.weights) if choice.weights else [],
    }  # fmt: skip
    return urlencode([(name, held[name]) for name in NAMES if held.get(name)], doseq=True)


def enough(store: Store, choice: Choice) -> dict[str, int]:
    """The shortest period that reaches the minimum, of the units shown without a rank."""
    try:
        found = league(store, resolve(store, choice))
    except JingweiError:
        return {}
    own = {found.table.units.codes[i] for i in found.own}
    return {code: months for code, months in shortest(store, found.table).items() if code in own}


def register(app: Dash, desk: Desk) -> None:
    """chosen → everything; what takes longer comes after it."""

    @app.callback(
        Output(TITLE, "children"),
        Output(METHOD, "children"),
        Output(table.TABLE, "columnDefs"),
        Output(table.TABLE, "rowData"),
        Output(funnel.DATA, "data"),
        Output(PEERS, "data"),
        Output(CSV, "href"),
        Output(XLSX, "href"),
        Output(END, "data"),
        Input(CHOSEN, "data"),
    )
    async def show(chosen: dict[str, Any] | None) -> tuple[Any, ...]:
        if not chosen:
            return (no_update,) * 9
        try:
            return await off_loop(answer, desk.store, of_values(chosen))
        except QuestionError as error:
            return messages.failure_of(error), [], [], [], no_update, no_update, "#", "#", None

    @app.callback(
        Output(ENOUGH, "data"), Input(table.TABLE, "rowData"), State(CHOSEN, "data"), prevent_initial_call=True
    )
    async def later(listed: list[dict[str, Any]] | None, chosen: dict[str, Any] | None) -> dict[str, int]:
        if not chosen or not any(row["rank"] is None for row in listed or ()):
            return {}
        return await off_loop(enough, desk.store, of_values(chosen))

    app.clientside_callback(
        ClientsideFunction("rankings_table", "enough"), Input(ENOUGH, "data"), prevent_initial_call=True
    )
    app.clientside_callback(ClientsideFunction("rankings", "ends"), Input(END, "data"), prevent_initial_call=True)
    app.clientside_callback(
        ClientsideFunction("charts", "draw"),
        Output(funnel.CHART, "figure"),
        Input(funnel.DATA, "modified_timestamp"),
        State(funnel.DATA, "data"),
    )
