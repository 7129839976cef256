"""The mapping: what the program took each column for, how sure it is and why; a person corrects it here."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard import messages
from dashboard.desk import Desk, off_loop
from dashboard.importing.drop import GUESS
from dashboard.importing.edit import SHOWN, columns_of, kind_of, with_field
from dashboard.importing.ids import CHOICE, ENDED, PREVIEW, RETRY, TAKE, TEXT
from dashboard.languages import _, marked
from dashboard.said import in_a_line
from data.errors import JingweiError, MappingError
from data.imports import import_report
from data.store import Store
from etl.mapping import mapping_text

FIELD = "import-field"
SURE = (
    (0.85, "is-sure", marked("较有把握")),
    (0.6, "is-fair", marked("请核对")),
    (0.0, "is-unsure", marked("没有把握")),
)
FIELDS = {
    "id": marked("编号"), "reported_at": marked("上报时间"), "registered_at": marked("立案时间"), "due_at": marked("办结时限"),
    "handled_at": marked("处置时间"), "closed_at": marked("结案时间"), "status": marked("状态"), "on_time": marked("按期标记"),
    "category": marked("类别"), "unit": marked("主办单位"), "channel": marked("来源"), "called_back_at": marked("回访时间"),
    "contacted": marked("是否联系"), "resolved": marked("是否解决"), "satisfaction": marked("满意度"), "note": marked("诉求内容"),
    "code": marked("编码"), "name": marked("名称"), "parent": marked("上级编码"), "households": marked("户数"),
    "kind": marked("类型"), "old": marked("老旧"), "aliases": marked("别名"), "company": marked("物业公司"),
}  # fmt: skip


def layout() -> html.Section:
    """The fields on the left, the whole text on the right, the two buttons below."""
    return html.Section(
        [
            html.H2(_("映射")),
            html.Div(
                [
                    html.Div(
                        messages.empty(_("还没有映射"), _("拖入文件后，程序会推断一份映射。")),
                        id="import-fields",
                        className="import-fields",
                    ),
                    html.Div(
                        [
                            html.Label(_("完整映射（TOML，可直接修改）"), htmlFor=TEXT, className="quiet"),
                            dcc.Textarea(id=TEXT, value="", className="import-text", spellCheck="false"),
                        ],
                        className="import-source",
                    ),
                ],
                className="import-mapping",
            ),
            html.Div(
                [
                    dmc.Button(_("预览前 100 行"), id=PREVIEW, variant="default", n_clicks=0),
                    dmc.Button(_("导入"), id=TAKE, n_clicks=0),
                ],
                className="import-buttons",
            ),
        ],
        className="import-proposal",
    )


def fields(found: dict[str, Any], text: str) -> list[Any]:
    """A row a field: its column to choose, how sure, why; then the questions and what is left out."""
    said = {line["key"]: line for line in found["lines"]}
    columns, chosen = found["columns"], columns_of(text)
    rows = [_row(name, columns, chosen.get(name), said.get(f"fields.{name}")) for name in SHOWN[kind_of(text)]]
    return [
        html.Table([html.Thead(html.Tr([html.Th(_("字段")), html.Th(_("来自列")), html.Th(_("把握与理由"))])), html.Tbody(rows)],
                   className="import-table"),
        *_list(_("请您决定"), found["questions"]),
        *_list(_("不导入的列"), found["dropped"]),
    ]  # fmt: skip


def _row(name: str, columns: list[str], column: str | None, line: dict[str, Any] | None) -> html.Tr:
    label = _(FIELDS[name])
    options = list(dict.fromkeys([*columns, *([column] if column else [])]))
    select = dmc.Select(
        id={"type": FIELD, "field": name}, data=options, value=column, clearable=True, searchable=True, size="xs",
        placeholder=_("无"), nothingFoundMessage=_("没有匹配项"),
        clearButtonProps={"aria-label": _("清除")}, **{"aria-label": label},
    )  # fmt: skip
    return html.Tr([html.Th(label, scope="row"), html.Td(select), html.Td(_sure(line) if line else "")])


def _sure(line: dict[str, Any]) -> list[Any]:
    share = line["confidence"]
    level, word = next((css, word) for limit, css, word in SURE if share >= limit)
    return [
        html.Span(f"{share:.0%}", className=f"sure {level}", title=_(word)),
        html.Span(line["reason"], className="quiet"),
    ]


def _list(title: str, texts: list[str]) -> list[Any]:
    return [html.H3(title), html.Ul([html.Li(text) for text in texts])] if texts else []


def text_for(store: Store, choice: str, guessed: str) -> str:
    """The mapping's text for a choice: the guess, a shipped one, one of an earlier import. NotFound, MappingError."""
    where, _colon, name = choice.partition(":")
    if where == "shipped":
        return mapping_text(name)[0]
    if where == "import":
        return str(import_report(store, int(name))["mapping"])
    return guessed


def corrected(text: str, changes: dict[str, str | None]) -> str:
    """The text with every field that was chosen otherwise."""
    known = columns_of(text)
    for field, column in changes.items():
        if (column or "") != known.get(field, "") and (column or field in known):
            text = with_field(text, field, column)
    return text


def register(app: Dash, desk: Desk) -> None:
    """A guess that ended → the fields; guess, choice or a field's column → the text."""

    @app.callback(
        Output("import-fields", "children"), Input(ENDED, "data"), Input(TEXT, "value"), prevent_initial_call=True
    )
    async def show(ended: dict[str, Any] | None, text: str) -> Any:
        found = desk.jobs.last_result("guess")
        if found is None:
            error = desk.jobs.get(ended["id"]).error if ended and ended["kind"] == "guess" else None
            return messages.failure_of(error) if error else no_update
        return fields(found, text or found["mapping_text"])

    @app.callback(
        Output(TEXT, "value"),
        Input(ENDED, "data"),
        Input(CHOICE, "value"),
        Input(RETRY, "value"),
        Input({"type": FIELD, "field": ALL}, "value"),
        State(TEXT, "value"),
        prevent_initial_call=True,
    )
    async def compose(ended: dict[str, Any] | None, choice: str, retry: str, _values: list[Any], text: str) -> Any:
        try:
            if isinstance(ctx.triggered_id, dict):
                changes = {one["id"]["field"]: one.get("value") for one in ctx.inputs_list[3]}
                new = corrected(text or "", changes)
                return new if new != text else no_update
            if ctx.triggered_id == ENDED and (ended is None or ended["kind"] != "guess"):
                return no_update
            guessed = (desk.jobs.last_result("guess") or {}).get("mapping_text", "")
            chosen = f"import:{retry}" if retry != "none" else choice or GUESS
            return await off_loop(text_for, desk.store, chosen, guessed)
        except MappingError:
            return no_update
        except JingweiError as error:
            return f"# {in_a_line(error)}"
