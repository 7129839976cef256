"""A line of attention as a sentence: what, since when, against what, and where the evidence is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from dashboard.console.rows import kind_name, stage_name
from dashboard.console.tabs import kinds_of
from dashboard.formats import count, name_of, with_unit
from dashboard.languages import _, marked
from data.attention import Line
from data.figures import CATALOGUE
from data.score_rows import cards
from data.store import Store

STATES = {
    "new": marked("新出现的热点"), "growing": marked("持续升温的热点"), "persistent": marked("长期热点"),
    "occasional": marked("时有反复的热点"), "fading": marked("正在消退的热点"),
}  # fmt: skip
EVIDENCE = {
    "bottom_tenth": marked("看排名"), "hot_spot": marked("看地图"), "overdue_case": marked("看案件"), "listed": marked("看诉求"),
}  # fmt: skip
LAST = {"month": "last_month", "quarter": "last_quarter"}


@dataclass(frozen=True)
class Sentence:
    """A line in words. title: whom or what it is about; reason: why it stands here; address: its evidence, and what that is called."""

    title: str
    reason: str
    address: str
    evidence: str


def sentence(store: Store, line: Line) -> Sentence:
    """The line in the reader's language."""
    subject = line.rule.when.subject
    title, reason, address = SAID[subject](store, line)
    return Sentence(title, reason, address, _(EVIDENCE[subject]))


def _bottom_tenth(store: Store, line: Line) -> tuple[str, str, str]:  # noqa: ARG001  all are asked in the same way
    facts, definition = line.facts, CATALOGUE[line.rule.when.figure]
    figure = name_of(definition.zh, definition.en)
    text = (
        _("{figure}连续 {times} 个月排在同类末位十分之一：最近一月 {value}（n {n}），排第 {rank} / {ranked}，再办好 {gap} 件才能出列。")
        if line.rule.when.period == "month"
        else _("{figure}连续 {times} 季排在同类末位十分之一：最近一季 {value}（n {n}），排第 {rank} / {ranked}，再办好 {gap} 件才能出列。")
    )  # fmt: skip
    reason = text.format(
        figure=figure, times=facts["times"], value=with_unit(facts["values"][0], definition.unit), n=count(facts["n"]),
        ranked=facts["ranked"], rank=facts["rank"], gap=facts["gap"],
    )  # fmt: skip
    asked = {"subject": line.level, "figure": line.rule.when.figure, "period": LAST[line.rule.when.period]}
    return line.name, reason, f"/rankings?{urlencode(asked)}"


def _hot_spot(store: Store, line: Line) -> tuple[str, str, str]:
    facts = line.facts
    category = facts["category"] or _("全部诉求")
    usual = sum(facts["counts"][:-1]) / max(1, len(facts["counts"]) - 1)
    text = _("{category}：{state}，最近一周 {n} 件，此前每周平均 {usual} 件，连同周边明显多于全区各处（p = {p}）。")
    reason = text.format(
        category=category, state=_(STATES[facts["state"]]), n=facts["counts"][-1], usual=f"{usual:.1f}", p=f"{facts['p']:.3f}"
    )  # fmt: skip
    today = store.now().astimezone(store.zone).date()
    asked = [
        ("level", line.level),
        ("figure", "reported"),
        ("period", "custom"),
        *_days(today, 7),
        ("place", line.code),
    ]
    asked += [("category", facts["category"])] if facts["category"] else []
    return line.name, reason, f"/?{urlencode(asked)}"


def _overdue_case(store: Store, line: Line) -> tuple[str, str, str]:
    facts, version = line.facts, kinds_of(store).get(line.facts["kind"])
    kind, stage = kind_name(version, facts["kind"]), stage_name(version, facts["stage"])
    unit = facts["unit"] or _("未指定单位")
    if facts["days"] >= 1:
        text = _("{kind}已过期限 {days} 天，仍在“{stage}”，由{unit}负责。")
    else:
        text = _("{kind}今天到期后仍在“{stage}”，由{unit}负责。")
    return line.name, text.format(kind=kind, days=facts["days"], stage=stage, unit=unit), f"/case/{line.code}"


def _listed(store: Store, line: Line) -> tuple[str, str, str]:
    facts = line.facts
    card = cards(store)[facts["card"]][0] if facts["card"] in cards(store) else None
    name = name_of(card.name.zh, card.name.en) if card else facts["card"]
    rule = next((one for one in card.lists if one.id == facts["list"]), None) if card else None
    which = name_of(rule.name.zh, rule.name.en) if rule else facts["list"]
    reason = _("在 {period} 的{card}列入{list}，近 {days} 天又有 {n} 件新诉求。").format(
        period=facts["period"], card=name, list=which, days=facts["days"], n=count(facts["n"])
    )
    last = store.now().astimezone(store.zone).date()
    asked = [("subject", line.level), ("figure", "reported"), ("period", "custom"), *_days(last, facts["days"] + 1)]
    return line.name, reason, f"/rankings?{urlencode([*asked, ('cases', f'{line.code}:numerator')])}"


def _days(last: date, n: int) -> list[tuple[str, str]]:
    """So many days up to the last as an address has them."""
    return [("range", (last - timedelta(days=n - 1)).isoformat()), ("range", last.isoformat())]


SAID: dict[str, Callable[[Store, Line], tuple[str, str, str]]] = {
    "bottom_tenth": _bottom_tenth,
    "hot_spot": _hot_spot,
    "overdue_case": _overdue_case,
    "listed": _listed,
}
