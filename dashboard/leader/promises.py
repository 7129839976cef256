"""Promises due: what was ordered or extended with a date in the next seven days, or past it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dash import html

from dashboard import messages
from dashboard.console.rows import kind_name, stage_name
from dashboard.console.tabs import kinds_of
from dashboard.formats import count
from dashboard.languages import _
from dashboard.leader.spot import within
from dashboard.wall.protocol import Spot
from data.promises import EXTENDED, Count, promises
from data.queues import Waiting
from data.store import Store


def listed(store: Store, spot: Spot) -> list[Any]:
    """How many of each sort, and the first of them."""
    now = store.now()
    found = promises(store, now, within=within(spot))
    if not found.counts:
        return [messages.empty(_("七天内没有到期的承诺"), _("督办、约谈、挂牌和延期的案件快到期时列在这里。"))]
    names = {kind: kind_name(version, kind) for kind, version in kinds_of(store).items()}
    chips = [_chip(names, one) for one in found.counts]
    rows = [_line(store, now, sort, one, names) for sort, one in found.listed]
    return [html.Div(chips, className="leader-chips"), html.Ul(rows, className="leader-due")]


def _chip(names: dict[str, str], one: Count) -> html.Span:
    parts: list[Any] = [html.Strong(_("延期") if one.sort == EXTENDED else names.get(one.sort, one.sort))]
    parts += [html.Span(_("逾期 {n}").format(n=count(one.late)), className="is-late")] if one.late else []
    parts += [html.Span(_("七天内 {n}").format(n=count(one.soon)))] if one.soon else []
    return html.Span(parts, className="leader-chip")


def _line(store: Store, now: datetime, sort: str, one: Waiting, names: dict[str, str]) -> html.Li:
    stage = stage_name(kinds_of(store).get(one.kind), one.stage)
    what = _("延期") if sort == EXTENDED else names.get(one.kind, one.kind)
    unit = one.unit if one.place else None
    about = " · ".join(part for part in (one.category, unit, stage) if part)
    late = " is-late" if one.due_at and one.due_at <= now else ""
    return html.Li(
        [
            html.Span(what, className="leader-sort"),
            html.A([one.place or one.unit or one.external_id], href=f"/case/{one.case_id}"),
            html.Span(about, className="quiet leader-about"),
            html.Span(due_text(store, now, one.due_at), className=f"leader-date{late}"),
        ]
    )  # fmt: skip


def due_text(store: Store, now: datetime, at: datetime | None) -> str:
    """The date, and how far it is: '7-02 · 还有 2 天'."""
    if at is None:
        return ""
    local = at.astimezone(store.zone)
    days = abs(at - now) // timedelta(days=1)
    if at <= now:
        left = _("逾期 {n} 天").format(n=days) if days else _("今天逾期")
    else:
        left = _("还有 {n} 天").format(n=days) if days else _("不到一天")
    return f"{local.month}-{local.day:02d} · {left}"
