"""The bulletin's sentences, made from its figures: nothing is said that no number stands behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from dashboard.bulletin.changes import against, said
from dashboard.bulletin.comparing import FEW
from dashboard.bulletin.content import Headline
from dashboard.formats import count, name_of, number, unit_word
from dashboard.languages import _, language
from data import intervals
from data.figures import CATALOGUE, Figure, PlaceFigures


def joined(parts: Sequence[str]) -> str:
    """Parts of a sentence, those that say something, between commas."""
    return _("，").join(part for part in parts if part)


def ended(text: str) -> str:
    """With a full stop."""
    whole = text + _("。")
    return whole[0].upper() + whole[1:] if language() == "en" else whole


def run_on(sentences: Iterable[str]) -> str:
    """Sentences after one another: a space between them in English, none in Chinese."""
    return (" " if language() == "en" else "").join(sentences)


def told(headline: Headline) -> str:
    """A figure with both comparisons."""
    return joined(
        [
            said(headline.figure, headline.value),
            against(headline.figure, headline.before, _("环比")),
            against(headline.figure, headline.year, _("同比")),
        ]
    )


def overview(place: str, period: str, found: Mapping[str, Headline]) -> list[str]:
    """How much there was, how well it was handled, what is left."""
    begun = _("{period}，{place}共上报案件 {n} 件").format(period=period, place=place, n=count(found["reported"].value))
    reported = joined(
        [
            begun,
            against("reported", found["reported"].before, _("环比")),
            against("reported", found["reported"].year, _("同比")),
        ]
    )
    handled = [told(found[name]) for name in ("on_time_rate", "completion_rate", "handling_hours")]
    left = joined([said("open", found["open"].value), said("overdue_open", found["overdue_open"].value)])
    return [
        run_on(ended(one) for one in (reported, joined([told(found["registered"]), told(found["closed"])]))),
        run_on(ended(one) for one in handled),
        ended(_("截至统计时点，{left}").format(left=left)),
    ]


def three_rates(found: Mapping[str, Headline]) -> list[str]:
    """响应率, 解决率, 满意率 and their score; without call-backs, that there were none."""
    score = found["three_rate_score"]
    if not score.n:
        return [ended(_("本期没有有效回访，三率无数据"))]
    begun = _("本期有效回访 {n} 件").format(n=count(score.n))
    rates = [told(found[name]) for name in ("response_rate", "resolution_rate", "satisfaction_rate")]
    return [run_on([ended(begun), *(ended(one) for one in rates)]), ended(told(score))]


def spread(figure: str, rows: Sequence[PlaceFigures], level: str) -> list[str]:
    """Which places stand highest and lowest, of those with enough cases, where the two can be told apart by more than chance;
    how many have too few."""
    known = [(row.name, row.figures[figure]) for row in rows if row.located and row.figures[figure].value is not None]
    enough = [one for one in known if (one[1].denominator or 0) >= FEW]
    few, title = len(known) - len(enough), name_of(CATALOGUE[figure].zh, CATALOGUE[figure].en)
    sentences = []
    if len(enough) > 1:
        ordered = sorted(enough, key=lambda one: float(one[1].value or 0), reverse=True)
        high, low = ordered[0], ordered[-1]
        apart = wilson(high[1])[0] > wilson(low[1])[1]
        pattern = (
            _("{figure}最高的{level}是{high}，最低的是{low}")
            if apart
            else _("各{level}{figure}在 {low} 与 {high} 之间，最高与最低之差未超出统计误差（95%）")
        )
        ends = [_end(name, one, figure) for name, one in (high, low)]
        sentences.append(pattern.format(figure=title, level=level, high=ends[0], low=ends[1]))
    if few:
        sentences.append(
            _("另有 {n} 个{level}样本不足 {least} 件，只列数值，不作高低比较").format(n=few, level=level, least=FEW)
        )
    return [run_on(ended(one) for one in sentences)] if sentences else []


def _end(name: str, figure: Figure, of: str) -> str:
    value = f"{name} {number(figure.value, CATALOGUE[of].unit)}{unit_word(CATALOGUE[of].unit)}"
    return _("{value}（n {n}）").format(value=value, n=count(figure.denominator))


def wilson(figure: Figure) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson 1927)."""
    low, high = intervals.wilson(np.array([figure.numerator or 0.0]), np.array([figure.denominator or 0.0]))
    return float(low[0]), float(high[0])


def categories(rows: Sequence[Sequence[object]], whole: float | None) -> list[str]:
    """What there was most of, and its share; what grew most, of those with enough cases."""
    if not rows or not whole:
        return [ended(_("本期没有按类别上报的案件"))]
    first = [row for row in rows[:3] if isinstance(row[1], (int, float)) and row[1]]
    named = _("、").join(f"{row[0]} {count(_float(row[1]))} {unit_word('cases')}" for row in first)
    share = sum(_float(row[1]) for row in first) / whole
    text = _("上报最多的类别是{named}，合计占 {share}%").format(named=named, share=number(share, "share"))
    grown = [row for row in rows if _float(row[1]) >= FEW and _float(row[3]) > 0 and row[2] and _float(row[2]) >= FEW]
    if not grown:
        return [ended(text)]
    most = max(grown, key=lambda row: _float(row[3]))
    more = _("增长最快的是{name}，环比增长 {n}%").format(name=most[0], n=number(_float(most[3]), "share"))
    return [run_on([ended(text), ended(more)])]


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def overdue(n: float | None, shown: int, where: Sequence[tuple[str, float]]) -> list[str]:
    """How many are open past their deadline, and where most of them are."""
    if not n:
        return [ended(_("截至统计时点没有超期未结的案件"))]
    text = _("截至统计时点，超期未结 {n} 件").format(n=count(n))
    most = [(name, k) for name, k in where if k][:3]
    named = _("、").join(f"{name} {count(k)} {unit_word('cases')}" for name, k in most)
    parts = [text, _("较多的是{named}").format(named=named) if named else ""]
    return [run_on([ended(joined(parts)), ended(_("下表列出到期最久的 {n} 件").format(n=shown))])]
