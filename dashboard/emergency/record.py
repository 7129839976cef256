"""The record of an emergency as a page one can print: why, by whom, how long, what came in, what was done, who was on duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from dashboard.build import build
from dashboard.emergency.state import ending_word, place_path
from dashboard.emergency.words import COLOURS, alarm_text, levels_said, plan_name
from dashboard.formats import count, moment, name_of
from dashboard.languages import _, tag
from dashboard.one_map.things import word
from dashboard.plain_pages import ROLE_NAMES
from data.alarms import past_alarms
from data.emergency import Emergency, emergency
from data.emergency_record import record_now
from data.muster import Mustered, muster, totals, units_of
from data.store import Store

PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {brand}</title>
<link rel="icon" type="image/svg+xml" href="/assets/early/favicon.svg">
<script src="/assets/early/theme.js"></script>
<link rel="stylesheet" href="/assets/tokens.css?m={build}">
<link rel="stylesheet" href="/assets/early/record.css?m={build}">
</head>
<body>
<main>
<nav><a href="/emergency">{back}</a></nav>
<h1>{title}</h1>
{body}
</main>
</body>
</html>"""
NARROW = ("grid_head", "full_time", "part_time", "micro_grid_head", "guide", "building_head")


def printed(store: Store, emergency_id: int) -> HTMLResponse:
    """The page. Raises NotFound."""
    one = emergency(store, emergency_id)
    title = _("{place} {plan}应急记录").format(place=one.place, plan=plan_name(one.plan))
    parts = [_facts(store, one), _counts(store, one), _alarm_lines(store, one), _units(store, one), _muster(store, one)]
    text = PAGE.format(
        lang=tag(),
        title=escape(title),
        brand=escape(_("经纬")),
        back=escape(_("返回应急页")),
        build=build(),
        body="\n".join(parts),
    )
    return HTMLResponse(text, headers={"cache-control": "no-store"})


def _facts(store: Store, one: Emergency) -> str:
    rows = [
        (_("地点"), place_path(store, one.chain)),
        (_("转入时间"), _act(store, one.declared_at, one.declared_role, one.declared_by)),
        (_("原因"), one.reason),
    ]
    if one.ended_at is not None:
        rows += [
            (_("解除时间"), _act(store, one.ended_at, one.ended_role or "", one.ended_by or "")),
            (_("解除原因"), one.end_reason or ""),
        ]
    else:
        rows.append((_("状态"), _("应急中，以下为截至 {time} 的数").format(time=moment(store.now(), store.zone))))
    rows.append((_("时限缩短"), _("；").join(levels_said(one.plan)) or _("无")))
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in rows)}</dl>"


def _act(store: Store, at: datetime, role: str, who: str) -> str:
    name = _(ROLE_NAMES.get(role, role))
    return f"{moment(at, store.zone)}  {_(who)}" + (
        "" if _(who) == name or not role else _("（{role}）").format(role=name)
    )


def _counts(store: Store, one: Emergency) -> str:
    record = record_now(store, one)
    cases, tasks, alarms = record["cases"], record["tasks"], record["alarms"]
    figures = [
        (_("历时"), span(record["minutes"])),
        (_("上报案件"), count(cases["reported"])),
        (_("其中缩短时限类别"), count(cases["listed"])),
        (_("已结案"), count(cases["closed"])),
        (_("超期"), count(cases["late"])),
        (_("任务"), _("{orders} 项，{done}／{parts} 个网格完成").format(**tasks) if tasks["orders"] else "0"),
        (_("告警"), _alarm_sum(alarms)),
    ]
    cards = "".join(f"<div><span>{escape(n)}</span><strong>{escape(text)}</strong></div>" for n, text in figures)
    categories = [(row["name"], count(row["n"]), count(row["closed"])) for row in cases["categories"]]
    warnings = [
        (
            row["title"],
            _(COLOURS[row["colour"]]),
            _iso(store, row["from"]),
            _iso(store, row["to"]),
            ending_word(row["ended_by"]),
        )
        for row in record["warnings"]
    ]
    return (
        f'<section class="figures">{cards}</section>'
        + _table(_("上报最多的类别"), (_("类别"), _("上报"), _("已结案")), categories, _("没有上报的案件。"))
        + _table(
            _("期间预警"), (_("预警"), _("等级"), _("收到"), _("结束"), _("方式")), warnings, _("没有涉及本区的预警。")
        )
    )


def _alarm_sum(alarms: Mapping[str, Any]) -> str:
    if not alarms["raised"]:
        return "0"
    return _("{raised} 次，{acknowledged} 次已确认，{escalated} 次升级").format(**alarms)


def _alarm_lines(store: Store, one: Emergency) -> str:
    until = one.ended_at or store.now()
    rows = [
        (
            moment(found.raised_at, store.zone),
            name_of(found.rule.name.zh, found.rule.name.en),
            place_path(store, found.chain),
            alarm_text(found),
            f"{moment(found.acknowledged_at, store.zone)} {_(found.acknowledged_by[0])}"
            if found.acknowledged_by
            else _("未确认"),
        )
        for found in reversed(past_alarms(store, one.declared_at, until))
        if one.place_id in found.chain
    ]
    return _table(_("告警经过"), (_("时间"), _("告警"), _("地点"), _("内容"), _("确认")), rows, _("期间没有告警。"))


def _units(store: Store, one: Emergency) -> str:
    """The place's own units, those of one place in one line."""
    by_place: dict[str, list[str]] = {}
    for name, place in units_of(store, one.place_id):
        by_place.setdefault(place, []).append(name)
    rows = [(place, _("、").join(names)) for place, names in by_place.items()]
    return _table(_("辖区单位"), (_("地点"), _("单位")), rows, _("没有登记单位。"))


def _muster(store: Store, one: Emergency) -> str:
    listed = muster(store, one.place_id, one.plan.muster)
    kinds = [kind for kind in NARROW if any(kind in row.posts for row in listed)]
    kinds += sorted({kind for row in listed for kind in row.posts} - set(kinds))
    sums = totals(listed)
    rows = [("", _("合计"), "", *(_posts(sums.get(kind)) for kind in kinds))] if listed else []
    rows += [_muster_row(row, kinds) for row in listed]
    head = (_("所属"), _("网格"), _("户数"), *(word(kind) for kind in kinds))
    said = _("点名册：各网格岗位在岗数／应到数（{day}）").format(day=moment(store.now(), store.zone)[:10])
    return _table(said, head, rows, _("没有登记岗位。"))


def _muster_row(row: Mustered, kinds: Sequence[str]) -> tuple[str, ...]:
    homes = "" if row.households is None else count(row.households)
    return (" · ".join(row.above), row.name, homes, *(_posts(row.posts.get(kind)) for kind in kinds))


def _posts(counts: tuple[int | None, int | None, int | None] | None) -> str:
    if counts is None:
        return "–"
    required, _actual, on_duty = counts
    return f"{'?' if on_duty is None else on_duty} / {'?' if required is None else required}"


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], nothing: str) -> str:
    lines = list(rows)
    if not lines:
        return f'<section><h2>{escape(title)}</h2><p class="quiet">{escape(nothing)}</p></section>'
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr{_sum(row)}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in lines)
    return (
        f"<section><h2>{escape(title)}</h2><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></section>"
    )


def _sum(row: Sequence[str]) -> str:
    """A row that belongs to nothing above it stands out: a total, a community over its grids."""
    return "" if row[0] else ' class="is-sum"'


def span(minutes: int) -> str:
    """A length of time in words."""
    days, hours, left = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return _("{d} 天 {h} 小时").format(d=days, h=hours)
    return _("{h} 小时 {m} 分").format(h=hours, m=left) if hours else _("{n} 分钟").format(n=left)


def _iso(store: Store, text: str) -> str:
    return moment(datetime.fromisoformat(text), store.zone)
