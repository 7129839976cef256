"""The admission list (减负准入): what may be asked of grids, written or uploaded as lines, and what was refused, of whom and how often."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from collections.abc import Sequence
from datetime import date
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard import messages
from dashboard.administration.parts import field, rows_table
from dashboard.desk import Desk, off_loop
from dashboard.formats import count, moment
from dashboard.languages import _
from dashboard.plain_pages import ROLE_NAMES
from data.acting import acting
from data.admission import Admitted, admitted, put_admissions, refusals, refusals_by_post
from data.casework import place_names
from data.errors import InputError, JingweiError
from data.grants import place_of
from data.store import Store

TEXT, FILE, FROM, SAVE, SAID, LIST = (
    "admission-text", "admission-file", "admission-from", "admission-save", "admission-said", "admission-list",
)  # fmt: skip
MOST_LINES = 20_000
COLUMNS = 3  # item, name, place


def layout(desk: Desk | None) -> html.Div:
    """The list and its refusals, the lines beside them."""
    store = desk.store if desk else None
    upload = dcc.Upload(html.Span(_("选择 CSV 文件")), id=FILE, className="button", accept=".csv,.txt,text/csv")
    form = [
        field(
            _("清单（每行一项）"),
            dmc.Textarea(
                id=TEXT,
                value=as_lines(store) if store else "",
                minRows=12,
                maxRows=24,
                autosize=True,
                className="lines",
            ),
            _(
                "事项编码,名称,地方。地方写成 grid=编码、community=编码或 street=编码，留空为全区。清单为空时不拒绝任何任务。"
            ),
        ),
        upload,
        field(_("生效日期"), dmc.TextInput(id=FROM, placeholder="2027-01-01", value=_today(store) if store else "")),
        html.Div([dmc.Button(_("保存清单"), id=SAVE, n_clicks=0)], className="admin-buttons"),
        html.Div(id=SAID, role="status"),
    ]
    return html.Div(
        [html.Section(overview(store) if store else None, id=LIST), html.Section(form, className="admin-form")],
        className="admin",
    )


def overview(store: Store) -> list[Any]:
    """The list in force, and the refusals by item and place and by post."""
    return [*_listed(store), *_refused(store)]


def _listed(store: Store) -> list[Any]:
    lines = admitted(store)
    if not lines:
        return [messages.empty(_("清单是空的，任务不受限制"), _("在右侧写入或上传后保存，即只允许下达清单内的事项。"))]
    names = place_names(store, [line.place_id for line, _place in lines if line.place_id is not None])
    rows = [
        (line.item, line.name, names.get(line.place_id, ("", place))[1] if line.place_id is not None else _("全区"))
        for line, place in lines
    ]
    return [rows_table([_("事项编码"), _("名称"), _("地方")], rows)]


def _refused(store: Store) -> list[Any]:
    by_place, by_post = refusals(store), refusals_by_post(store)
    if not by_place:
        return []
    names = place_names(store, [one.place_id for one in by_place])
    places = [
        (
            one.item,
            names.get(one.place_id, ("", str(one.place_id)))[1],
            count(one.refused),
            moment(one.last, store.zone),
        )
        for one in by_place
    ]
    posts = [
        (name, _(ROLE_NAMES.get(role, role)), item, count(n), moment(last, store.zone))
        for name, role, item, n, last in by_post
    ]
    return [
        html.H3(_("被拒的任务：按事项和地方")),
        rows_table([_("事项编码"), _("地方"), _("次数"), _("最近")], places),
        html.H3(_("被拒的任务：按岗位")),
        rows_table([_("岗位"), _("角色"), _("事项编码"), _("次数"), _("最近")], posts),
    ]


def as_lines(store: Store) -> str:
    """The list as it is written."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows((line.item, line.name, place) for line, place in admitted(store))
    return out.getvalue()


def read_lines(store: Store, text: str) -> list[Admitted]:
    """The lines of a list. Raises InputError with the line's number."""
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        if not any(cell.strip() for cell in row):
            continue
        item, name, place = _cells(row, number)
        if number > MOST_LINES:
            raise InputError(f"a list has at most {MOST_LINES} lines.", where=f"line {number}")
        found.append(Admitted(item, name, place_of(store, place).place_id if place else None))
    twice = len(found) - len({(one.item, one.place_id) for one in found})
    if twice:
        raise InputError(f"{twice} lines stand there twice.")
    return found


def _cells(row: Sequence[str], number: int) -> tuple[str, str, str]:
    cells = [cell.strip() for cell in row] + [""] * (COLUMNS - len(row))
    if len(row) > COLUMNS or not cells[0] or not cells[1]:
        raise InputError("a line has an item, its name, and a place or nothing.", where=f"line {number}")
    return cells[0], cells[1], cells[2]


def save(store: Store, text: str, day: str) -> str:
    """Make the list anew from a day on; what was done, in words. Raises InputError."""
    try:
        effective = date.fromisoformat(day)
    except ValueError:
        raise InputError("this is no day.", where="effective_from") from None
    n = put_admissions(store, read_lines(store, text), acting(), effective)
    return _("已保存 {n} 行，自 {day} 起生效。").format(n=count(n), day=day)


def uploaded(contents: str) -> str:
    """The text of a file the browser read: UTF-8, or GB 18030 as spreadsheets here write it."""
    content = b64decode(contents.partition(",")[2])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _today(store: Store) -> str:
    return store.now().astimezone(store.zone).date().isoformat()


def register(app: Dash, desk: Desk) -> None:
    """A file fills the lines; the button makes them the list."""

    @app.callback(Output(TEXT, "value"), Input(FILE, "contents"), prevent_initial_call=True)
    async def fill(contents: str | None) -> Any:
        return no_update if not contents else await off_loop(uploaded, contents)

    @app.callback(
        Output(SAID, "children"),
        Output(LIST, "children"),
        Input(SAVE, "n_clicks"),
        State(TEXT, "value"),
        State(FROM, "value"),
        prevent_initial_call=True,
    )
    async def keep(_clicks: int, text: str | None, day: str | None) -> tuple[Any, Any]:
        try:
            said = await off_loop(save, desk.store, text or "", day or "")
        except JingweiError as error:
            return messages.failure_of(error), no_update
        return said, await off_loop(overview, desk.store)
