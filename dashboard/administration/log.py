"""The audit log: who (post and role), what, when; filtered, paged, exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import Dash, Input, Output, ctx, html

from dashboard import messages
from dashboard.administration.parts import field, rows_table
from dashboard.desk import Desk, off_loop
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.one_map.casecard import ACTIONS as MOVES
from dashboard.plain_pages import ROLE_NAMES
from data.audit import BUT_MOVES, MOST, Line, lines
from data.store import Store
from etl.sheets import Sheet
from etl.sheets import as_file as sheet_file

GROUPS = {
    BUT_MOVES: marked("除案件流转外"), "": marked("全部"), "sign_in": marked("登录"),
    "refusal": marked("拒绝"), "account": marked("账号与令牌"),
    "move": marked("案件流转"), "export": marked("导出"), "import": marked("导入"), "alarm": marked("告警与应急"),
    "scorecard": marked("榜单与考评"), "setting": marked("设置与定义"),
}  # fmt: skip
ACTIONS = {
    "signed_in": marked("登录"), "signed_out": marked("退出登录"), "sign_in_refused": marked("登录被拒"),
    "demo_role": marked("演示换角色"), "device_entered": marked("大屏进入"), "refused": marked("无权而被拒"),
    "account_added": marked("开设账号"), "account_changed": marked("修改账号"), "password_changed": marked("修改密码"),
    "token_made": marked("生成令牌"), "token_revoked": marked("收回令牌"), "move": marked("案件流转"),
    "export": marked("导出"), "import": marked("导入"), "setting": marked("修改设置"), "definition": marked("修改定义"),
    "calendar": marked("修改工作日历"), "admission_list": marked("修改准入清单"), "admission_refused": marked("清单外任务被拒"),
    "ledger_head": marked("封存当日流水"), "clock": marked("调整演示时间"),
    "alarm_acknowledged": marked("确认告警"), "emergency_declared": marked("转入应急"),
    "emergency_ended": marked("解除应急"), "warning": marked("接收预警"),
    "handover_left": marked("交班"), "handover_taken": marked("接班"), "bulletin_issued": marked("发布通报"), "draft": marked("网格草案"),
    "scorecard": marked("榜单"), "judgement": marked("录入评分"), "veto": marked("一票否决"), "veto_withdrawn": marked("撤回一票否决"),
    "register_entered": marked("登记台账"), "register_withdrawn": marked("撤回台账登记"),
}  # fmt: skip
KINDS = {"person": marked("岗位"), "device": marked("大屏"), "api": marked("程序"), "program": marked("命令行")}
DAYS = {"1": marked("最近 1 天"), "7": marked("最近 7 天"), "30": marked("最近 30 天"), "366": marked("最近一年")}
PAGE = 100
GROUP, WHO, SINCE, MORE, LINES, EXPORT = "log-group", "log-who", "log-since", "log-more", "log-lines", "log-export"


@dataclass(frozen=True)
class Asked:
    """What a reader of the log wants to see."""

    group: str = BUT_MOVES
    who: str = ""
    days: int = 7

    @staticmethod
    def of(group: str | None, who: str | None, days: str | None) -> Asked:
        """From the controls or an address; what is no choice of ours is the usual."""
        return Asked(
            group if group is not None and group in GROUPS else BUT_MOVES,
            (who or "")[:100],
            int(days) if days in DAYS and days is not None else 7,
        )


def layout(desk: Desk | None) -> html.Div:  # noqa: ARG001  every part is drawn in the same way
    """The filters and the lines."""
    filters = [
        field(
            _("做了什么"),
            dmc.Select(id=GROUP, data=[{"value": k, "label": _(n)} for k, n in GROUPS.items()], value=BUT_MOVES),
        ),
        field(_("谁"), dmc.TextInput(id=WHO, debounce=400, placeholder=_("账号、大屏、单位或角色"))),
        field(_("时间"), dmc.Select(id=SINCE, data=[{"value": k, "label": _(n)} for k, n in DAYS.items()], value="7")),
        html.A([icon("download"), _("导出")], id=EXPORT, className="button", href="#"),
    ]
    more = dmc.Button(_("更早的"), id=MORE, n_clicks=0, variant="default", size="xs")
    return html.Div([html.Div(filters, className="admin-filters"), html.Section(id=LINES), more], className="admin-log")


def found(store: Store, asked: Asked, *, limit: int, offset: int = 0) -> list[Line]:
    """The lines, the newest first; by the deployment's clock."""
    until = store.now() + timedelta(minutes=1)
    return lines(
        store, since=until - timedelta(days=asked.days), until=until, group=asked.group, who=asked.who, limit=limit,
        offset=offset,
    )  # fmt: skip


def shown(store: Store, asked: Asked, pages: int) -> Any:
    """The lines as a table."""
    rows = found(store, asked, limit=min(PAGE * (pages + 1), MOST))
    if not rows:
        return messages.empty(_("这段时间没有记录"), _("换一段时间，或去掉筛选。"))
    return rows_table([_("时间"), _("谁"), _("角色"), _("做了什么"), _("内容")], [_row(store, line) for line in rows])


def _row(store: Store, line: Line) -> Sequence[str]:
    return (
        line.happened_at.astimezone(store.zone).strftime("%Y-%m-%d %H:%M:%S"),
        " ".join(part for part in (_(KINDS.get(line.actor_kind or "", "")), line.actor or "") if part),
        _roles(line),
        _(ACTIONS.get(line.action, line.action)),
        " ".join(part for part in (_case(line), *(_said(name, value) for name, value in line.detail.items())) if part),
    )


def _roles(line: Line) -> str:
    return _("、").join(_(ROLE_NAMES.get(role, role)) for role in (line.by_role or "").split(",") if role)


def _case(line: Line) -> str:
    return "" if line.case_id is None else _("案件 {n}").format(n=line.case_id)


def _said(name: str, value: Any) -> str:
    if name == "move":
        return _(MOVES.get(value, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_file(store: Store, asked: Asked, form: str) -> bytes:
    """The lines as CSV or XLSX: at most what a year's page can be turned through."""
    columns = [_("时间"), _("种类"), _("谁"), _("角色"), _("做了什么"), _("案件"), _("内容")]
    lines, offset = [], 0
    while part := found(store, asked, limit=MOST, offset=offset):
        for line in part:
            detail = json.dumps(dict(line.detail), ensure_ascii=False)
            when = line.happened_at.astimezone(store.zone).isoformat(timespec="seconds")
            kind, action = _(KINDS.get(line.actor_kind or "", "")), _(ACTIONS.get(line.action, line.action))
            lines.append((when, kind, line.actor, _roles(line), action, line.case_id, detail))
        offset += len(part)
        if offset >= 100 * MOST:
            break
    about: list[tuple[str, str]] = [(_("做了什么"), asked.group), (_("谁"), asked.who), (_("时段"), str(asked.days))]
    return sheet_file(form, [Sheet(_("日志"), [(name, value) for name, value in about if value], columns, lines)])


def register(app: Dash, desk: Desk) -> None:
    """The filters → the lines."""

    @app.callback(
        Output(LINES, "children"),
        Output(EXPORT, "href"),
        Input(GROUP, "value"),
        Input(WHO, "value"),
        Input(SINCE, "value"),
        Input(MORE, "n_clicks"),
    )
    async def show(group: str, who: str, days: str, more: int) -> tuple[Any, str]:
        asked = Asked.of(group, who, days)
        pages = more if ctx.triggered_id == MORE else 0
        href = f"/accounts/log.csv?{urlencode({'group': asked.group, 'who': asked.who, 'days': asked.days})}"
        return await off_loop(shown, desk.store, asked, pages), href
