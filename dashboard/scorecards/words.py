"""The words of the scorecards' pages, and how a part's value, a flag and a reason are said."""

from __future__ import annotations

import re
from typing import Any

from dashboard.formats import count, name_of, no_data, number, with_unit
from dashboard.languages import _, marked
from data.figure_catalogue import CATALOGUE
from data.scorecards import Card, Part
from data.scoring import MISSING, SMALL, TOO_MUCH, VETOED, PartScore, Scored

PEERS = {
    "commodity": marked("商品房"), "resettlement": marked("还建"), "work_unit": marked("家属院"), "mixed": marked("混合"),
    "residential": marked("居住"), "industrial": marked("工业"), "international": marked("国际"), "transitional": marked("过渡"),
}  # fmt: skip
STATES = {
    "draft": marked("草稿"),
    "publicity": marked("公示中"),
    "final": marked("已定稿"),
    "withdrawn": marked("已撤回"),
}
STEPS = {
    "drafted": marked("起草"), "recounted": marked("重新计算"), "published": marked("公示"), "made final": marked("定稿"),
    "withdrawn": marked("撤回草稿"), "appealed": marked("申诉"), "appeal upheld": marked("申诉成立"),
    "appeal rejected": marked("申诉不成立"),
}  # fmt: skip
UNITS = {"month": marked("月"), "quarter": marked("季度"), "half": marked("半年"), "year": marked("年")}
_REASON = re.compile(r"(\w+)( against previous)? (<=|>=|!=|<|>|=) (\S+) = (\S+)")
_SIGNS = {">=": "≥", "<=": "≤", "!=": "≠"}


def peers_name(peers: str) -> str:
    """A peer group's name; empty where all are peers."""
    return _(PEERS.get(peers, peers)) if peers else ""


def flags_of(card: Card, one: Scored) -> list[str]:
    """What is remarkable about a row, in words."""
    found = []
    for flag in one.flags:
        word, _sign, name = flag.partition(":")
        part = card.part(name)
        if word == MISSING and part:
            found.append(_("缺{part}").format(part=name_of(part.name.zh, part.name.en)))
        elif word == SMALL:
            found.append(_("样本不足（{n}）").format(n=count(one.n)))
        elif word == TOO_MUCH:
            found.append(_("缺项过多，不排名"))
        elif word == VETOED:
            names = [name_of(v.name.zh, v.name.en) for v in card.vetoes if v.id in one.vetoes]
            found.append(_("一票否决：{names}").format(names=_("、").join(names)))
    return found


def reasons_of(one: Scored) -> list[str]:
    """Why a colour: each comparison that held."""
    found = []
    for text in one.reasons:
        match = _REASON.fullmatch(text)
        if match and match[1] in CATALOGUE:
            figure = CATALOGUE[match[1]]
            name, value = name_of(figure.zh, figure.en), float(match[5])
            shown = _("上期的 {n} 倍").format(n=f"{value:.2f}") if match[2] else with_unit(value, figure.unit)
            limit = match[4] if match[2] else number(float(match[4]), figure.unit)
            found.append(
                _("{name} {value}（{sign} {limit}）").format(
                    name=name, value=shown, sign=_SIGNS.get(match[3], match[3]), limit=limit
                )
            )
    return found


def value_of(card: Card, part: Part, own: PartScore) -> str:
    """The value of a part as one reads it."""
    value = own.value.value
    if value is None:
        return no_data()
    if part.against:
        return _("上期的 {n} 倍").format(n=f"{value:.2f}")
    if part.figure:
        return with_unit(value, CATALOGUE[part.figure].unit)
    if part.judgement:
        high = card.range_of(part)[1]
        return _("{value} / {most} 分").format(value=f"{value:g}", most=f"{high:g}")
    if part.how == "sum":
        return _("{n} 分").format(n=f"{value:+g}" if value else "0")
    return (_("有") if value else _("无")) if own.value.denominator == 1 else with_unit(value, "share")


def pair_of(part: Part, own: PartScore) -> str:
    """What a value is made of: "94 ÷ 100"."""
    n, of = own.value.numerator, own.value.denominator
    if n is None or of is None or (part.register_ and of == 1):
        return ""
    return f"{n:,.10g} ÷ {of:,.10g}"


def source_of(part: Part) -> str:
    """Where a part comes from."""
    if part.figure:
        figure = CATALOGUE[part.figure]
        return name_of(figure.formula_zh, figure.formula)
    return _("人工评分") if part.judgement else _("台账")


def words() -> dict[str, Any]:
    """What assets/scorecards writes."""
    lost = _("没有连上服务器，操作未确认。再按一次“确定”不会重复。")
    return {"lost": lost, "close": _("关闭"), "score": score_words()}


def score_words() -> dict[str, Any]:
    """The words of the lists themselves."""
    return {
        "title": _("榜单与考评"),
        "hint": _("物业红黑榜、小区评星、社区考核等；起草、公示、申诉、定稿。"),
        "card": _("考评"),
        "level": _("对象"),
        "period": _("时段"),
        "draft": _("起草"),
        "counting": _("正在计算"),
        "ranked": _("参评 {n} / {all}"),
        "rated": _("评定 {n}"),
        "final_at": _("{time} 定稿"),
        "counted": _("计算于 {time}"),
        "until": _("公示至 {time}"),
        "none": _("还没有榜单。选择考评和时段，点“起草”。"),
        "no_right": _("这个岗位只能查看。"),
        "rank": _("名次"),
        "peer_rank": _("同类名次"),
        "name": _("名称"),
        "points": _("得分"),
        "parts": _("构成"),
        "band": _("等级"),
        "lists": _("榜"),
        "flags": _("说明"),
        "all": _("全部"),
        "unranked": _("未参评"),
        "peers": _("同类"),
        "all_peers": _("全部同类组"),
        "find": _("按名称或编号查找"),
        "more": _("再显示 {n} 行"),
        "nothing": _("没有符合条件的行。"),
        "of": _("{place} / {of}"),
        "publish": _("公示"),
        "finish": _("定稿"),
        "recount": _("重新计算"),
        "withdraw": _("撤回草稿"),
        "poster": _("公示页"),
        "print": _("打印"),
        "what_if": _("试调权重"),
        "back": _("全部榜单"),
        "open_row": _("打开 {name}"),
        "what_if_hint": _("只在这里试算，不保存。权重按比例折算为 {total}。"),
        "reset": _("还原"),
        "moved": _("{n} 个换了名次，{lists} 个进出榜单"),
        "no_move": _("名次和榜单都不变。"),
        "in": _("进{list}"),
        "out": _("出{list}"),
        "sure": _("提交"),
        "cancel": _("取消"),
        "sure_publish": _("公示后不能再改，只有申诉成立才能重新计算。"),
        "sure_finish": _("定稿后永久冻结。"),
        "sure_withdraw": _("草稿将不再显示。"),
        "done": _("已完成。"),
        "part": _("构成项"),
        "value": _("数值"),
        "weight": _("权重"),
        "earned": _("得分"),
        "pair": _("分子 ÷ 分母"),
        "percentile": _("同类 {n} 个中的 {p} 分位"),
        "cases": _("看案件"),
        "cases_n": _("{n} 件"),
        "first": _("列出前 {n} 件"),
        "numerator": _("分子"),
        "denominator": _("分母"),
        "history": _("历次"),
        "next": _("再得 {n} 分升为{band}"),
        "best": _("已是最高等级"),
        "room": _("可提高"),
        "grant": _("奖补 {n} 元/年"),
        "ledger": _("信用台账"),
        "evidence": _("依据"),
        "expires": _("有效期至"),
        "since": _("自"),
        "gone": _("已撤回：{why}"),
        "vetoes": _("一票否决"),
        "appeals": _("申诉"),
        "appeal": _("代为登记申诉"),
        "reason": _("理由"),
        "uphold": _("成立"),
        "reject": _("不成立"),
        "decision": _("处理意见"),
        "waiting": _("待处理"),
        "mark": _("录入评分"),
        "marks_file": _("从表格导入评分"),
        "marks_hint": _("表格两列：编号、得分；第三列可写说明。整份录入或整份不录入。"),
        "entered": _("已录入 {n} 个评分，重新计算后生效。"),
        "veto": _("登记一票否决"),
        "kind": _("事项"),
        "day": _("发生日期"),
        "listing": _("挂牌整治"),
        "open_listing": _("挂牌立案"),
        "unit": _("专班牵头单位"),
        "note": _("说明"),
        "opened": _("已立案 {number}"),
        "steps": _("经过"),
        "credit_entry": _("登记信用"),
        "credit_points": _("分值（扣分为负）"),
        "withdraw_entry": _("撤回"),
        "years": _("连续两年的规则需要两年都已定稿。"),
        "effect": _("整治成效"),
        "effect_none": _("还没有满 30 天的挂牌案件，成效满 30 天后显示。"),
        "effect_text": _(
            "挂牌小区 30 天内诉求 {listed}，同类未挂牌小区 {matched}；相差 {difference} 个百分点{interval}。"
        ),
        "effect_interval": _("（95 % 区间 {low} 至 {high}）"),
        "effect_few": _("（少于 5 个小区，不给区间）"),
        "effect_hint": _(
            "每个挂牌小区配 3 个此前诉求量最接近的同类未挂牌小区：一段时间里最差的，下一段本来就往往会好一些。"
        ),
        "before": _("前 30 天"),
        "after": _("后 30 天"),
        "matched": _("对照（前 / 后）"),
        "columns": [_("编号"), _("类别"), _("环节"), _("时限"), _("上报"), _("主办单位")],
        "back_to": _("返回榜单"),
        "publicity_dates": _("公示期 {dates}"),
        "least": _("样本不足 {n} 件的不参评"),
        "appeal_to": _("对名单有异议的，请在公示期内向本区社会治理主管部门提出。"),
        "nobody": _("无"),
        "reasons": _("原因"),
        "missing_field": _("请填写：{fields}"),
    }
