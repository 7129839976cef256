"""One case in full: what and where it is, its deadlines, and the line of its ledger. Notes and contacts are not shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import html

from dashboard.casetable import LOCATED, STAGES
from dashboard.formats import moment
from dashboard.icons import icon
from dashboard.languages import _, marked
from dashboard.one_map.placecard import crumbs
from dashboard.one_map.rail import TRACK_NAMES
from data.cases import Case, detail
from data.profiles import whereabouts
from data.store import Store

ACTIONS = {
    **{
        name: STAGES[name]
        for name in ("reported", "registered", "dispatched", "accepted", "handled", "verified", "closed")
    },
    "returned": marked("退单"),
    "redispatched": marked("转派"),
    "urged": marked("催办"),
    "reworked": marked("返工"),
    "reopened": marked("重开"),
    "extended": marked("延期"),
    "suspended": marked("缓办"),
    "resumed": marked("恢复"),
    "voided": marked("作废"),
    "excluded": marked("剔除"),
    "included": marked("恢复计入"),
    "escalated": marked("升级"),
    "rated": marked("评价"),
    "corrected": marked("更正"),
}
SATISFACTION = {"satisfied": marked("满意"), "basic": marked("基本满意"), "unsatisfied": marked("不满意")}
ALARMS = frozenset({"urged", "reworked", "reopened", "returned", "escalated", "voided"})


def drawn(store: Store, case_id: int, now: datetime | None = None) -> tuple[list[Any], list[Any]]:
    """Title and body of a case. Raises NotFound."""
    case = detail(store, case_id)
    located, chain = whereabouts(store, case_id)
    row = case.row
    back = html.Button([icon("list"), _("回到列表")], className="button", type="button", **{"data-back": "1"})
    title = [
        back,
        html.Strong(row["external_id"]),
        html.Span(row["category"] or "", className="quiet"),
        crumbs(chain, here=False),
    ]
    body = [
        html.Section([html.H3(_("案件详情")), _facts(case, store, located, now or datetime.now(UTC))]),
        html.Section([html.H3(_("流转记录")), _ledger(case, store)]),
        html.Section([html.H3(_("回访")), _call_backs(case, store)]),
    ]
    return title, body


def _facts(case: Case, store: Store, located: str, now: datetime) -> html.Dl:
    row = case.row
    stage = _("缓办") if row["suspended"] else _(STAGES.get(row["stage"], row["stage"]))
    pairs = [
        (_("环节"), stage),
        (_("时限"), _deadline(row, now)),
        (_("到期"), moment(row["due_at"], store.zone)),
        (_("处置时限"), moment(row["handle_due_at"], store.zone)),
        (_("主办单位"), row["unit"]),
        (_("跑道"), _(TRACK_NAMES.get(row["track"] or "", row["track"] or ""))),
        (_("来源"), row["channel"]),
        (_("系统"), row["source"]),
        (_("定位"), _(LOCATED.get(located, located))),
        (_("上报"), moment(row["reported_at"], store.zone)),
        (_("立案"), moment(row["registered_at"], store.zone)),
        (_("处置"), moment(row["handled_at"], store.zone)),
        (_("结案"), moment(row["closed_at"], store.zone)),
        (_("返工"), str(row["reworked"]) if row["reworked"] else None),
        (_("延期"), str(row["extended"]) if row["extended"] else None),
    ]
    return html.Dl(
        [part for name, value in pairs if value for part in (html.Dt(name), html.Dd(value))], className="facts"
    )


def _deadline(row: dict[str, Any], now: datetime) -> Any:
    """On time or late, and by how much; a state always has its word."""
    if row["voided"]:
        return _("作废")
    if row["on_time_source"] == "flag":
        if row["on_time"] is None:
            return _("无按期标记")
        return html.Span(_("按期"), className="is-good") if row["on_time"] else html.Span(_("超期"), className="is-bad")
    if row["due_at"] is None:
        return _("无时限")
    ended = row["closed_at"] if row["stage"] == "closed" else None
    if row["stage"] == "closed" and ended is None:
        return _("结案时间不明")
    if row["suspended"] and ended is None:
        return _("缓办，不计时")
    left = (row["due_at"] - (ended or now)).total_seconds()
    text = (_("超期 {time}") if left < 0 else _("提前 {time}") if ended else _("剩余 {time}")).format(
        time=_span(abs(left))
    )
    return html.Span(text, className="is-bad" if left < 0 else "is-good" if ended else "")


def _span(seconds: float) -> str:
    for size, text in ((86400, _("{n} 天")), (3600, _("{n} 小时")), (60, _("{n} 分钟"))):
        if seconds >= size:
            return text.format(n=f"{seconds / size:,.0f}")
    return _("不到 1 分钟")


def _ledger(case: Case, store: Store) -> html.Ol:
    """The transitions, oldest first: when, what, by which unit, and the deadline where it changed."""
    lines, due = [], None
    for line in case.transitions:
        parts: list[Any] = [
            html.Time(moment(line["occurred_at"], store.zone)),
            html.Strong(
                _(ACTIONS.get(line["action"], line["action"])), className="is-bad" if line["action"] in ALARMS else ""
            ),
        ]
        if line["unit"]:
            parts.append(html.Span(line["unit"]))
        if line["due_at"] and line["due_at"] != due:
            due = line["due_at"]
            parts.append(html.Span(_("时限 {time}").format(time=moment(due, store.zone)), className="quiet"))
        lines.append(html.Li(parts))
    return html.Ol(lines, className="ledger")


def _call_backs(case: Case, store: Store) -> Any:
    if not case.call_backs:
        return html.P(_("没有回访"), className="quiet")
    lines = []
    for call in case.call_backs:
        words = [
            {True: _("已联系"), False: _("未联系上"), None: None}[call["contacted"]],
            {True: _("已解决"), False: _("未解决"), None: None}[call["resolved"]],
            _(SATISFACTION[call["satisfaction"]]) if call["satisfaction"] in SATISFACTION else None,
            _("已剔除") if call["excluded"] else None,
        ]
        said = _("、").join(word for word in words if word)
        lines.append(html.Li([html.Time(moment(call["completed_at"], store.zone)), html.Span(said)]))
    return html.Ol(lines, className="ledger")
