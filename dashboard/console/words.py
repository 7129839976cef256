"""The words the console's scripts write, in the reader's language, handed over with the page."""

from __future__ import annotations

from dashboard.console.openings import forms
from dashboard.console.tabs import tab_names
from dashboard.languages import _
from data.acting import acting
from data.actors import ADMINISTRATOR
from data.store import Store


def words(store: Store | None) -> dict[str, object]:
    """Every text the browser needs, and the kinds this post may open."""
    kinds = forms(store) if store is not None else []
    return {**_queue(), **_case(), **_forms(), **_intake(), **_openings(), "tabs": tab_names(), "openings": kinds}


def time_words() -> dict[str, str]:
    """What a clock that runs out says."""
    return {
        "left": _("剩 {time}"),
        "over": _("超 {time}"),
        "no_clock": _("无时限"),
        "paused": _("缓办"),
        "day": _("{n} 天"),
        "hour": _("{n} 小时"),
        "minute": _("{n} 分"),
        "day_hour": _("{d} 天 {h} 小时"),
        "hour_minute": _("{h} 小时 {m} 分"),
        "soon_over": _("不到 1 分钟"),
    }


def _queue() -> dict[str, object]:
    return {
        "columns": [_("编号"), _("类别"), _("地点"), _("主办单位"), _("环节"), _("剩余"), _("标记")],
        **time_words(),
        "selected": _("已选 {n} 件"),
        "none_selected": _("按 x 选择，? 看全部按键"),
        "clear": _("取消选择"),
        "more": _("显示前 {n} 件，共 {all} 件"),
        "window": _("第 {from} – {to} 件，共 {all} 件"),
        "most": _("一次最多选择 {n} 件"),
        "no_common": _("选中的案件没有共同可做的操作"),
        "failed": _("没有取到数据，稍后自动重试。"),
        "queue": _("案件队列"),
        "parts": _("{done}/{all} 已办"),
        "select": _("选择 {number}"),
    }


def _case() -> dict[str, object]:
    return {
        "nothing": _("选中一件案件，这里显示它的经过和可做的操作。"),
        "loading": _("正在载入"),
        "timeline": _("进程"),
        "ledger": _("流转记录"),
        "facts": _("案件信息"),
        "parts_title": _("子件"),
        "parts_done": _("{done} / {all} 已办结"),
        "links": _("已关联"),
        "duplicates": _("可能重复"),
        "link": _("关联"),
        "linked": _("已关联"),
        "metres": _("{n} 米"),
        "moves": _("可做的操作"),
        "no_moves": _("这个岗位现在不能操作此案件。"),
        "doubt": _("结案前请核实"),
        "call_backs": _("回访"),
        "pictures": _("图片 {n} 张"),
        "due": _("时限 {time}"),
        "open_page": _("单独打开"),
        "no_point": _("没有坐标，无法在地图上显示"),
        "more_moves": _("其他操作"),
        "text": _("诉求内容"),
        "title": _("案件 {number}"),
        "recompute": _("重算时限"),
        "may_recompute": acting().has(ADMINISTRATOR),
    }


def _forms() -> dict[str, object]:
    return {
        "field": {
            "unit": _("主办单位"),
            "co_units": _("协办单位"),
            "category": _("类别"),
            "urgency": _("紧急程度"),
            "level": _("升级到"),
            "due_at": _("办结时限"),
            "handle_due_at": _("处置时限"),
            "other": _("另一案件的编号"),
            "place": _("地点"),
            "places": _("派往的网格"),
            "units": _("呼叫的单位"),
            "pictures": _("反馈须附图片（张）"),
            "item": _("准入事项"),
            "evidence": _("图片"),
            "answer": _("回访结果"),
            "reason": _("理由"),
            "note": _("说明"),
        },
        "answer": {
            "contacted": _("是否联系上"),
            "resolved": _("是否解决"),
            "satisfaction": _("满意程度"),
            "yes": _("是"),
            "no": _("否"),
            "unsaid": _("未说明"),
            "satisfied": _("满意"),
            "basic": _("基本满意"),
            "unsatisfied": _("不满意"),
        },
        "send": _("确定"),
        "cancel": _("取消"),
        "needed": _("必填"),
        "moment": moment_words(),
        "other_unit": _("其他单位，输入名称查找"),
        "lead": _("权责清单主责"),
        "helps": _("配合单位"),
        "no_candidates": _("权责清单没有列出此类别的单位，请在下面查找。"),
        "done": _("{move}：{number} 已完成"),
        "done_many": _("{move}：{n} 件已完成"),
        "some": _("{move}：{ok} 件已完成，{no} 件未完成"),
        "refused": _("{move}：未完成"),
        "stale": _("已重新载入，请再看一遍。"),
        "sending": _("正在提交"),
        "lost": _("没有连上服务器，操作未确认。再按一次“确定”不会重复。"),
        "pictures_title": _("图片"),
        "picture_n": _("第 {n} 张图片，放大"),
        "picture_gone": _("图片已不在"),
        "picture_add": _("添加图片"),
        "picture_drop": _("去掉这张图片"),
        "pictures_coming": _("图片还在上传，请稍候。"),
        "pictures_least": _("须附图片至少 {n} 张。"),
        "for_many": _("{move}：{n} 件"),
        "missing": _("请填写：{fields}"),
        "unknown": _("没有这一项：{text}"),
        "close": _("关闭"),
        "keys_title": _("键盘操作"),
        "keys": [
            ["j / k  ↓ / ↑", _("下一件 / 上一件")],
            ["Enter", _("打开案件")],
            ["x", _("选择或取消选择")],
            ["Shift + X", _("全选或全不选")],
            ["1 – 7", _("切换队列")],
            ["n", _("接听登记")],
            ["Esc", _("返回")],
            ["?", _("显示按键")],
            ["/", _("搜索")],
        ],
    }


def _intake() -> dict[str, object]:
    return {
        "intake": _("接听登记"),
        "what": _("说了什么"),
        "what_hint": _("发生了什么。不要写姓名、电话"),
        "category": _("类别"),
        "category_hint": _("输入几个字查找"),
        "urgency": _("紧急程度"),
        "where": _("在哪里"),
        "where_hint": _("小区、楼栋、道路或网格，或在地图上点选"),
        "channel": _("来源"),
        "picked": _("地图点选 {lat}, {lon}"),
        "unit": _("主办单位"),
        "no_unit": _("权责清单未列出，立案后由派遣员指定"),
        "lies": _("所在"),
        "outside": _("此点不在本区范围内"),
        "register": _("登记"),
        "registered": _("{number} 已登记并立案"),
        "reported": _("{number} 已登记，未立案：{why}"),
        "same": _("可能是同一件事"),
        "same_link": _("登记并关联"),
        "same_none": _("附近 24 小时内没有同类案件"),
        "picture": _("图片"),
        "seconds": _("用时 {n} 秒"),
        "first": _("先选类别和地点，这里会显示主办单位和可能重复的案件。"),
        "new": _("接听登记 n"),
    }


def _openings() -> dict[str, object]:
    return {
        "open": _("新建"),
        "open_kind": _("新建{kind}"),
        "opened": _("{kind} {number} 已开立"),
        "opened_parts": _("{kind} {number} 已开立，含 {n} 个子件"),
        "about": _("关于 {number}"),
        "open_one": _("开立"),
        "progress": _("进度图"),
    }


def moment_words() -> dict[str, str]:
    """What a field of a day and time says (assets/console/moment.js)."""
    return {
        "hint": _("年-月-日 时:分"),
        "open": _("选择日期"),
        "wrong": _("请按“年-月-日 时:分”填写，例如 2026-11-22 14:05。"),
    }
