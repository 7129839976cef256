"""The words the phone's scripts write, in the reader's language, handed over with the page."""

from __future__ import annotations

import json

from dashboard.console.words import time_words
from dashboard.languages import LANGUAGES, _, language


def words() -> str:
    """JSON of every text the phone needs, also without a connection."""
    return json.dumps({**time_words(), **_list(), **_case(), **_forms(), **_report(), **_outbox()}, ensure_ascii=False)


def _list() -> dict[str, object]:
    return {
        "title": _("我的案件"),
        "all": _("要办"),
        "others": _("等他人"),
        "empty": _("没有要办的案件。"),
        "empty_group": _("这一组没有案件。"),
        "cut": _("案件太多，只显示最先到期的 {n} 件。"),
        "first": _("还没有取到案件，连上网络后会自动取来。"),
        "report": _("随手报"),
        "offline": _("没有连接：显示 {time} 的案件，操作会先存在手机里"),
        "offline_first": _("没有连接"),
        "refused_list": _("没有取到案件：{text}"),
        "near": _("{n} 米"),
        "far": _("{n} 公里"),
        "by_distance": _("按距离"),
        "by_time": _("按时限"),
        "no_position": _("没有取到手机的位置，请在系统设置中允许定位。"),
        "menu": _("菜单"),
        "desktop": _("一张图"),
        "language": LANGUAGES["en" if language() == "zh" else "zh"],
        "leave": _("退出登录"),
        "leave_waiting": _("有 {n} 条还没有发送。退出后它们留在手机里，只有用同一岗位登录才会发送。"),
        "leave_anyway": _("仍然退出"),
        "install": _("可用浏览器菜单的“添加到主屏幕”装成应用。"),
        "install_now": _("装到主屏幕"),
        "updated": _("程序已更新"),
        "reload": _("刷新"),
        "sign_in_first": _("登录已过期，登录后自动发送。"),
        "sign_in": _("登录"),
        "cancel": _("取消"),
        "pending": _("待发送"),
    }


def _case() -> dict[str, object]:
    return {
        "back": _("返回"),
        "loading": _("正在载入"),
        "ledger": _("流转记录"),
        "text": _("诉求内容"),
        "pictures": _("现场照片"),
        "picture": _("照片 {n}"),
        "more_moves": _("更多…"),
        "no_moves": _("现在轮到其他岗位，不用操作。"),
        "photo": _("拍照"),
        "photo_note": _("现场照片"),
        "distance": _("距您 {far}"),
        "kept_only": _("没有连接，只显示手机里存的内容。"),
        "gone": _("这件案件不在您的清单里了。"),
        "all_lines": _("显示全部 {n} 条"),
        "due": _("时限 {time}"),
    }


def _forms() -> dict[str, object]:
    return {
        "field": {
            "unit": _("主办单位"),
            "co_units": _("协办单位"),
            "level": _("升级到"),
            "due_at": _("办结时限"),
            "handle_due_at": _("处置时限"),
            "other": _("另一案件的编号"),
            "reason": _("理由"),
            "note": _("说明"),
        },
        "needed": _("必填"),
        "note_hint": _("做了什么、结果如何。不要写姓名、电话"),
        "reason_hint": _("写明原因。不要写姓名、电话"),
        "missing": _("请填写：{fields}"),
        "pictures_needed": _("须附照片 {n} 张"),
        "add_picture": _("添加照片"),
        "remove_picture": _("移除照片 {n}"),
        "bad_picture": _("这个文件不是能读的图片。"),
        "unit_hint": _("输入名称查找"),
        "close": _("关闭"),
    }


def _report() -> dict[str, object]:
    return {
        "what": _("是什么"),
        "search_category": _("查找其他类别"),
        "other_category": _("其他类别"),
        "no_category": _("没有这样的类别"),
        "where": _("在哪里"),
        "finding": _("正在定位…"),
        "no_fix": _("没有取到位置，请在地图上点选或输入地址。"),
        "accuracy": _("误差约 {n} 米"),
        "picked": _("地图点选"),
        "pick": _("地图"),
        "address": _("地址"),
        "address_hint": _("小区、楼栋、道路"),
        "use_position": _("当前位置"),
        "use_this": _("用这个位置"),
        "tap_map": _("点一下地图上的地点"),
        "outside": _("此点不在本区范围内，请在地图上调整。"),
        "not_mine": _("此点不在您的网格内，请在地图上调整。"),
        "say_more": _("说明（可不填）"),
        "text_hint": _("看到了什么。不要写姓名、电话"),
        "send": _("提交上报"),
        "same": _("附近 24 小时内可能是同一件事"),
        "same_this": _("是这件，关联上报"),
        "missing_category": _("请选择类别"),
        "missing_place": _("请给出位置"),
        "reported": _("已上报 {number}"),
        "reported_later": _("已存在手机里，有连接时自动发送"),
        "another": _("再报一件"),
        "done": _("完成"),
        "close_report": _("放弃这次上报？照片和文字会丢失。"),
        "discard": _("丢弃"),
    }


def _outbox() -> dict[str, object]:
    return {
        "outbox": _("待发送"),
        "waiting_n": _("{n} 条等待发送"),
        "refused_n": _("{n} 条没有成功，请处理"),
        "sending": _("正在发送 {n} 条"),
        "sent": _("{move}：{number} 已完成"),
        "saved": _("{move}：已存在手机里，有连接时自动发送"),
        "before": _("前一步没有成功，这一步没有发送。"),
        "look": _("看案件，再决定"),
        "mend": _("改好再报"),
        "throw": _("丢弃"),
        "throw_sure": _("丢弃后找不回来，确定吗？"),
        "state": {"waiting": _("等待发送"), "refused": _("没有成功")},
        "of_another": _("这是“{post}”写的，请用该岗位登录后发送。"),
        "nothing": _("没有等待发送的内容。"),
        "pictures_n": _("照片 {n} 张"),
        "no_room": _("手机存不下了，没有保存。请保持页面打开，连上网络再试。"),
        "send_now": _("现在发送"),
    }
