"""The bulletin's sentences, made from its figures: nothing is said that no number stands behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dashboard.bulletin.cells import printed_cell
from dashboard.bulletin.changes import against, said
from dashboard.bulletin.content import Change, Column, Headline
from dashboard.bulletin.standings import Standing, span
from dashboard.formats import count, name_of, number, unit_word
from dashboard.languages import _, language
from dashboard.rankings.league import Row
from data.figures import CATALOGUE


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


def spread(figure: str, standing: Standing) -> list[str]:
    """Who stands first and last of those ranked, where their rank intervals lie apart; how many have too few cases for a rank."""
    title, level = name_of(CATALOGUE[figure].zh, CATALOGUE[figure].en), standing.named
    ranked = [row for row in standing.rows if row["rank"] is not None]
    few = sum(row["rank"] is None and row["value"] is not None for row in standing.rows)
    sentences = []
    if len(ranked) > 1 and ranked[0]["rank"] < ranked[-1]["rank"]:
        first, last = ranked[0], ranked[-1]
        pattern = (
            _("{figure}排在最前的{level}是{first}，最后的是{last}")
            if first["rank_high"] < last["rank_low"]
            else _("{figure}排在最前的{level}是{first}，最后的是{last}，两者名次区间重叠，不能断定高低")
        )
        ends = [_end(one, figure) for one in (first, last)]
        sentences.append(pattern.format(figure=title, level=level, first=ends[0], last=ends[1]))
    if few:
        sentences.append(
            _("另有 {n} 个{level}样本不足 {least} 件，只列数值，不排名").format(
                n=few, level=level, least=standing.minimum
            )
        )
    return [run_on(ended(one) for one in sentences)] if sentences else []


def _end(row: Row, of: str) -> str:
    value = f"{row['name']} {number(row['value'], CATALOGUE[of].unit)}{unit_word(CATALOGUE[of].unit)}"
    places = printed_cell(span(row["rank_low"], row["rank_high"]), Column("", "rank"))
    return _("{value}（n\u00a0{n}，名次区间\u00a0{places}）").format(value=value, n=count(row["n"]), places=places)


def categories(rows: Sequence[Sequence[object]], whole: float | None) -> list[str]:
    """What there was most of, and its share; what grew most, of those that grew by more than chance."""
    if not rows or not whole:
        return [ended(_("本期没有按类别上报的案件"))]
    first = [row for row in rows[:3] if isinstance(row[1], (int, float)) and row[1]]
    named = _("、").join(f"{row[0]} {count(_float(row[1]))} {unit_word('cases')}" for row in first)
    share = sum(_float(row[1]) for row in first) / whole
    text = _("上报最多的类别是{named}，合计占 {share}%").format(named=named, share=number(share, "share"))
    grown = [(row[3].by or 0.0, row[0]) for row in rows if isinstance(row[3], Change) and row[3].how == "up"]
    if not grown:
        return [ended(text)]
    by, name = max(grown, key=lambda one: one[0])
    more = _("增长最快的是{name}，环比增长 {n}%").format(name=name, n=number(by, "share"))
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
