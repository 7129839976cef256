"""Past imports: what came in, when, and how much of it was not taken."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard import messages
from dashboard.desk import Desk
from dashboard.formats import count, moment
from dashboard.languages import _, marked
from data.on_map import past_imports

PATH = "/imports"

KINDS = {"tickets": marked("工单"), "places": marked("边界"), "plan": marked("网格方案")}
STATUSES = {
    "done": marked("完成"), "running": marked("进行中"), "refused": marked("已拒绝"), "cancelled": marked("已取消"),
    "failed": marked("失败"),
}
COUNTS = {
    "rows_read": marked("读取"), "new": marked("新增"), "updated": marked("更新"), "unchanged": marked("未变"),
    "exact_duplicates": marked("重复"), "quarantined": marked("隔离"),
}


def title() -> str:
    """The page's name in the header."""
    return _("导入")


def layout(desk: Desk | None, search: str) -> Any:  # noqa: ARG001  every page is drawn in the same way
    """The list of imports, the newest first."""
    found = past_imports(desk.store) if desk else []
    if desk is None or not found:
        body: Any = messages.empty(_("还没有导入过数据"), _("在命令行运行 python app.py import tickets 文件 --mapping 映射"))
    else:
        head = [_("文件"), _("内容"), _("完成时间"), _("状态"), *(_(text) for text in COUNTS.values())]
        body = html.Table(
            [html.Thead(html.Tr([html.Th(text) for text in head])), html.Tbody([_row(one, desk) for one in found])],
            className="plain-table",
        )
    return html.Div([html.H1(_("导入记录")), body], className="plain-page")


def _row(one: dict[str, Any], desk: Desk) -> html.Tr:
    numbers = [html.Td("" if one[name] is None else count(one[name]), className="is-number") for name in COUNTS]
    return html.Tr(
        [
            html.Td(one["file"]),
            html.Td(_(KINDS.get(one["kind"], one["kind"]))),
            html.Td(moment(one["finished_at"] or one["started_at"], desk.store.zone)),
            html.Td(_(STATUSES.get(one["status"], one["status"]))),
            *numbers,
        ]
    )


def register(app: Dash, desk: Desk) -> None:
    """Nothing moves here yet."""
