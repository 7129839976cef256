"""The words the map of an order is written in, beside those of the console."""

from __future__ import annotations

from dashboard.dispatch.progress import state_names
from dashboard.languages import _


def words() -> dict[str, object]:
    """Every text of assets/dispatch."""
    return {
        "dispatch": {
            "title": _("一键调度"),
            "task_title": _("{number} 进度"),
            "begin": _("在地图上圈选、画圆，点选网格，或按名称添加地方。"),
            "search": _("街道、社区、小区或网格名"),
            "add_place": _("添加地方"),
            "clear": _("清空"),
            "outline": _("区域 {n}"),
            "households": _("{n} 户"),
            "on_duty": _("在岗 {n} / 应到 {all}"),
            "no_posts": _("岗位无数据"),
            "no_households": _("户数无数据"),
            "in_hand": _("在办 {n}"),
            "brushed": _("只沾边"),
            "refused": _("不在准入清单"),
            "closed": _("不在管辖范围"),
            "chosen": _("已选"),
            "none": _("未选"),
            "refusing": _("{n} 个网格的准入清单没有此事项，不会派往；发送时不计入拒绝。"),
            "closed_n": _("{n} 个网格不在本岗位管辖范围内，不会派往。"),
            "send": _("下达到 {n} 个网格"),
            "nothing": _("还没有选中网格。"),
            "no_right": _("这个岗位不能下达任务。可以圈选查看网格、户数和在岗情况。"),
            "no_item": _("请选择准入事项"),
            "item_none": _("未选择"),
            "what": _("要求做什么"),
            "what_hint": _("任务内容。不要写姓名、电话"),
            "due": _("办结时限"),
            "all_states": _("全部"),
            "states": state_names(),
            "case": _("打开任务"),
            "lost": _("没有连上服务器，未确认是否已下达。再按一次不会重复。"),
        }
    }
