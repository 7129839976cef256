"""What stands above the table: what is ranked among whom, how many are not and why, and how it was done."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.formats import count, name_of, number, with_unit
from dashboard.languages import _, marked
from dashboard.one_map.rail import basis_name, level_name
from dashboard.rankings.choice import Asked, text_of
from dashboard.rankings.league import League, group_name
from data.figures import CATALOGUE
from data.shrinkage import Beta

INTERVALS = {
    "proportion": marked("区间：威尔逊法 95%"),
    "rate": marked("区间：泊松 95%"),
    "count": marked("区间：泊松 95%"),
    "weighted mean": marked("区间：自助法 95%"),
    "composite": marked("区间：参数自助法 95%"),
    "quantile": marked("区间：次序统计量 95%"),
}
LEARNT = {
    "peers": marked("先验由同类 {n} 个单位估计，相当于 {weight}"),
    "all": marked("同类不足 10 个，先验由全部单位估计，相当于 {weight}"),
    "none": marked("可比单位不足 10 个，不收缩，按原值排名"),
    "never": marked("此类指标不收缩，按原值排名"),
}


def title(asked: Asked, found: League) -> list[Any]:
    """Figure, who, which days, and the counts."""
    definition, group = CATALOGUE[asked.choice.figure], found.group
    parts: list[Any] = [
        html.H1(name_of(definition.zh, definition.en), title=name_of(definition.formula_zh, definition.formula)),
        html.Span(level_name(asked.choice.subject), className="chip"),
    ]
    if len(found.table.groups) > 1:
        parts.append(html.Span(group_name(found), className="chip"))
    parts.append(html.Span(text_of(asked.period), className="quiet"))
    if group.pooled is not None:
        parts.append(html.Span(_("合计 {value}").format(value=with_unit(group.pooled, definition.unit))))
    parts.append(html.Span(_("排名 {n} 个").format(n=count(group.ranked))))
    few, nothing = not_ranked(found)
    if few:
        short = _("样本不足 {n} 个（少于 {minimum}）").format(n=count(few), minimum=count(found.table.minimum))
        parts.append(html.Span(short, className="quiet"))
    if nothing:
        parts.append(html.Span(_("无数据 {n} 个").format(n=count(nothing)), className="quiet"))
    excluded = found.table.samples.excluded[found.own].sum() + found.table.samples.excluded_calls[found.own].sum()
    parts.append(html.Span(_("剔除 {n} 件").format(n=count(float(excluded))), className="quiet"))
    return parts


def not_ranked(found: League) -> tuple[int, int]:
    """How many have too few cases, and how many none."""
    table = found.table
    without = np.isnan(table.samples.value[found.own])
    return int((np.isnan(table.rank[found.own]) & ~without).sum()), int(without.sum())


def method(asked: Asked, found: League) -> list[Any]:
    """How ranks, intervals and shrinkage came about, in one line."""
    definition, learning = CATALOGUE[asked.choice.figure], found.group.learning
    basis = definition.basis_for(None, strict=False)
    lines = [_("口径：{basis}").format(basis=basis_name(basis or "state"))]
    lines.append(_(LEARNT[learning.learnt]).format(n=count(found.group.units), weight=_weight(found)))
    lines.append(_(INTERVALS[definition.type]))
    lines.append(_("名次区间：10,000 次抽样") if found.table.drawn else _("名次区间：单位较多，按抽样的极限计算"))
    if definition.type == "count":
        lines.append(_("数量随地方大小而变，未按规模调整"))
    return [html.Span(line) for line in lines]


def _weight(found: League) -> str:
    prior = found.group.learning.prior
    if prior is None:
        return ""
    if prior.weight >= 1e6:
        return _("完全按合计（各单位之间没有超出偶然的差别）")
    if isinstance(prior, Beta):
        return _("{n} 件、{value} 的案件").format(n=number(prior.weight, "cases"), value=with_unit(prior.mean, "share"))
    return _("{n} 户、每百户 {value} 件").format(n=number(prior.weight, "cases"), value=number(100 * prior.mean, ""))
