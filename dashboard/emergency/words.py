"""The words of alarms, emergencies and warnings, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dashboard.formats import count, name_of
from dashboard.languages import _, marked
from dashboard.one_map.rail import level_name
from data.alarms import Alarm
from data.emergency import Emergency
from data.emergency_plans import Plan

COLOURS = {"blue": marked("蓝色"), "yellow": marked("黄色"), "orange": marked("橙色"), "red": marked("红色")}
STEPS = {
    "raised": marked("告警"), "escalated": marked("升级"), "acknowledged": marked("确认"), "ended": marked("结束"),
}  # fmt: skip
ENDINGS = {"expired": marked("到期失效"), "cancelled": marked("已解除"), "updated": marked("已更新")}


def alarm_text(one: Alarm) -> str:
    """What an alarm says was found."""
    when, value = one.rule.when, one.value or 0.0
    if one.rule.when.subject == "warning":
        return one.warning or ""
    texts = {
        "new_cases": _("{minutes} 分钟内上报 {n} 件"),
        "unaccepted": _("{case} {category}，{minutes} 分钟无人签收"),
        "overdue_share": _("在办案件 {share} % 已超期"),
        "repeat_case": _("{category}，50 米内 90 天第 {n} 次"),
    }
    return texts[when.subject].format(
        minutes=f"{when.minutes:g}",
        n=count(value),
        share=f"{value * 100:.1f}",
        case=one.case or "",
        category=one.category or "",
    )


def plan_name(plan: Plan) -> str:
    """A plan's name in the reader's language."""
    return name_of(plan.name.zh, plan.name.en)


def state_word(emergencies: list[Emergency], *, short: bool = False) -> str:
    """The state of a place in a word or two: 平时, or which emergencies hold."""
    if not emergencies:
        return _("平时")
    names = dict.fromkeys(plan_name(one.plan) for one in emergencies)
    return _("、").join(name if short else _("{plan}应急").format(plan=name) for name in names)


def path_of(chain: tuple[int, ...], names: Mapping[int, tuple[str, str]]) -> str:
    """A place with those above it, the highest first, the district left out unless it is the place itself."""
    known = [names[place] for place in reversed(chain) if place in names]
    below = [name for level, name in known if level != "district"]
    return " · ".join(below or [name for _level, name in known])


def strip_words() -> str:
    """What the strip's script says by itself."""
    return json.dumps(
        {
            "acknowledge": _("确认"),
            "acknowledged": _("{who} 已确认"),
            "up": _("已升级到{level}"),
            "others": _("另有 {n} 条"),
            "fewer": _("收起"),
            "muted": _("告警声已关"),
            "sounding": _("告警声已开"),
            "refused": _("声音未开启：点按此处允许"),
            "standing": _("应急中：{where}"),
            "failed": _("没有送达，请再试一次。"),
            "alarms": _("告警"),
            "colours": {name: _(word) for name, word in COLOURS.items()},
            **spans(),
        },
        ensure_ascii=False,
    )


def spans() -> dict[str, str]:
    """How long something lasts, for the scripts: the same words as the console's countdowns."""
    return {
        "day_hour": _("{d} 天 {h} 小时"), "hour_minute": _("{h} 小时 {m} 分"), "minute": _("{n} 分钟"),
        "soon_over": _("不到 1 分钟"), "day": _("{n} 天"),
    }  # fmt: skip


def page_words() -> str:
    """What the page's script says by itself."""
    return json.dumps(
        {
            "state": _("平急状态"), "peace": _("平时"), "peace_text": _("全区平时，没有处于应急的地方。"),
            "declare": _("转入应急"), "stand_down": _("解除应急"), "plan": _("预案"), "place": _("地点"), "reason": _("原因"),
            "reason_hint": _("写明依据，例如预警名称或险情；将记入应急记录和审计日志。"),
            "declare_sure": _("确认将 {place} 转入 {plan}应急"), "stand_down_sure": _("确认解除 {place} 的 {plan}应急"),
            "cancel": _("取消"), "since": _("{time} 起，历时 {span}"), "by": _("{role} {who}"),
            "record": _("过程记录与点名册"), "levels": _("时限缩短"), "layers": _("图层"), "wall": _("大屏"),
            "warnings": _("生效预警"), "no_warnings": _("没有生效的预警。预警以 CAP 1.2 文件或接口进入，到期自动失效。"),
            "until": _("{time} 失效"), "touched": _("涉及 {n} 个网格、{households} 户"), "untouched": _("不涉及本区"),
            "exercise": _("演练"), "propose": _("拟下达任务"), "hours": _("时限（小时）"), "task": _("任务要求"),
            "order": _("确认下达给 {n} 个网格"), "ordered": _("任务 {number} 已下达"), "more": _("详情"),
            "alarms": _("告警"), "no_alarms": _("没有告警。告警按规则自动产生，规则见运维文档。"), "acknowledge": _("确认"),
            "acknowledged": _("{who} 已确认"), "waits": _("待确认"), "ended": _("已结束"), "up": _("已升级到{level}"),
            "past": _("历次应急"), "no_past": _("还没有应急记录。"), "lasted": _("历时 {span}"), "failed": _("没有送达，请再试一次。"),
            "covers": _("覆盖下辖各处"), "on_duty": _("在岗 {n}／应到 {of}"), "choose": _("请选择"), "loading": _("正在载入…"),
            "no_right": _("转入应急由领导、派遣员或管理员操作。"), "when": _("时间"), "what": _("内容"), "where": _("地点"),
            "status": _("状态"), "cases": _("{n} 件上报"), "semicolon": _("；"), "colon": _("："), "comma": _("、"), **spans(),
            "colours": {name: _(word) for name, word in COLOURS.items()},
            "level_names": {level: level_name(level) for level in ("district", "street", "community")},
        },
        ensure_ascii=False,
    )  # fmt: skip


def levels_said(plan: Plan) -> list[str]:
    """The shorter service levels of a plan, a line each."""
    return [
        _("{categories}：{hours} 小时").format(categories=_("、").join(level.categories), hours=f"{level.hours:g}")
        for level in plan.levels
    ]
