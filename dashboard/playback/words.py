"""The words the playback's scripts write, in the reader's language, handed over with the page."""

from __future__ import annotations

import json

from dashboard.console.words import moment_words
from dashboard.formats import name_of
from dashboard.languages import _
from dashboard.one_map.casecard import ACTIONS, ALARMS
from dashboard.playback.asked import COLOURED
from dashboard.playback.told import CODES
from data.figures import CATALOGUE

SPEEDS = (1, 10, 60, 600, 3600)


def words() -> str:
    """JSON of every text the browser needs."""
    said = {
        "actions": [_(ACTIONS[code]) for code in CODES] + [_("记录")],
        "alarms": [i for i, code in enumerate(CODES) if code in ALARMS],
        "codes": list(CODES),
        "counts": counts(),
        "coloured": list(COLOURED),
        "speeds": list(SPEEDS),
        **_page(),
    }
    return json.dumps(said, ensure_ascii=False)


def counts() -> dict[str, list[str]]:
    """Of each count its name and what it is of."""
    since = _("自回放开始")
    names = {
        name: name_of(CATALOGUE[name].zh, CATALOGUE[name].en) for name in ("open", "overdue_open", "suspended_open")
    }
    return {
        **{name: [text, _("此刻")] for name, text in names.items()},
        "reported": [name_of(CATALOGUE["reported"].zh, CATALOGUE["reported"].en), since],
        "closed": [name_of(CATALOGUE["closed"].zh, CATALOGUE["closed"].en), since],
        "on_time": [_("按期率"), _("按期 {n}，共 {all}")],
    }


def _page() -> dict[str, object]:
    return {
        "mark": _("回放"),
        "not_now": _("这是过去，不是现在"),
        "moment": moment_words(),
        "play": _("播放"),
        "pause": _("暂停"),
        "again": _("从头播放"),
        "waiting": _("正在取数据"),
        "failed": _("没有取到数据，稍后自动重试。"),
        "ended": _("回放结束"),
        "restarts": _("{n} 秒后从头播放"),
        "speed": _("速度"),
        "lasts": _("全长 {time}"),
        "minute_second": _("{m} 分 {s} 秒"),
        "hour_minute": _("{h} 小时 {m} 分"),
        "scrubber": _("回放进度"),
        "from": _("从"),
        "to": _("到"),
        "show": _("回放"),
        "place": _("范围"),
        "level": _("按"),
        "figure": _("着色"),
        "busy": _("高峰时段"),
        "busy_none": _("近一年没有明显高于平常的时段。"),
        "in_minutes": _("三分钟看完"),
        "feed": _("经过"),
        "feed_empty": _("这里逐条显示发生了什么。"),
        "cases": _("{name}：{n} 件"),
        "cases_more": _("列出最早的 {shown} 件"),
        "cases_in": _("{place} · {name}：{n} 件"),
        "back": _("返回"),
        "unknown": _("未分类"),
        "too_many": _("未结案件过多，地图上只显示新变动的"),
        "unit": _("件"),
        "none": _("无数据"),
        "reported": _("上报"),
        "closed": _("结案"),
        "lines": _("全部流转"),
        "wrong": _("开始必须早于结束"),
        "keys": _("空格：播放或暂停　←/→：后退或前进　↑/↓：快慢　Home/End：头尾　F：全屏"),
        "full": _("全屏"),
        "weekdays": [_("周日"), _("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六")],
        "legend": {"open": _("在办案件"), "overdue": _("超期未结"), "suspended": _("缓办"), "new": _("新上报")},
        "map": _("地图：回放时刻的案件分布"),
    }
