"""The words for how a figure stands against another period: up, down, unchanged, too few to say."""

from __future__ import annotations

from dashboard.bulletin.comparing import shows
from dashboard.bulletin.content import Change
from dashboard.formats import name_of, number, unit_word, with_unit
from dashboard.languages import _
from data.figures import CATALOGUE


def amount(name: str, found: Change) -> str:
    """How much: '8.3%' of a count, '1.2 个百分点' of a rate, else with the unit."""
    definition, by = CATALOGUE[name], abs(found.by or 0.0)
    if definition.type == "count":
        return f"{by * 100:.1f}%"
    if definition.unit == "share":
        return _("{n} 个百分点").format(n=number(by, "share"))
    return with_unit(by, definition.unit)


def short(name: str, found: Change) -> str:
    """For a table's cell: '↑ 1.2', '持平 +0.3' (no more than chance explains), '持平', '样本不足', '–'."""
    definition, by = CATALOGUE[name], found.by or 0.0
    text = f"{abs(by) * 100:.1f}%" if definition.type == "count" else number(abs(by), definition.unit)
    if found.how in ("up", "down"):
        return f"{'↑' if found.how == 'up' else '↓'} {text}"
    if found.how == "same" and shows(name, by):
        return _("持平 {by}").format(by=f"{_sign(by)}{text}")
    return {"same": _("持平"), "few": _("样本不足")}.get(found.how, "–")


def _sign(by: float) -> str:
    return "+" if by > 0 else "−"


def against(name: str, found: Change, word: str) -> str:
    """Part of a sentence: '环比上升 1.2 个百分点'. Empty where there is nothing to compare with."""
    if found.how == "none":
        return ""
    if found.how == "few":
        return _("{word}样本不足，不作比较").format(word=word)
    if found.how == "same" and shows(name, found.by or 0.0):
        by = f"{_sign(found.by or 0.0)}{amount(name, found)}"
        return _("{word}基本持平（{by}）").format(word=word, by=by)
    if found.how == "same":
        return _("{word}持平").format(word=word)
    counted = CATALOGUE[name].type == "count"
    pattern = {
        ("up", True): _("{word}增长 {amount}"),
        ("down", True): _("{word}下降 {amount}"),
        ("up", False): _("{word}上升 {amount}"),
        ("down", False): _("{word}回落 {amount}"),
    }[found.how, counted]
    return pattern.format(word=word, amount=amount(name, found))


def said(name: str, value: float | None) -> str:
    """'按期办结率 94.2%': a figure with its value, as a sentence has it."""
    definition = CATALOGUE[name]
    title = name_of(definition.zh, definition.en)
    if value is None:
        return _("{figure}无数据").format(figure=title)
    unit = unit_word(definition.unit)
    joined = f"{number(value, definition.unit)}{unit if unit == '%' else f' {unit}'}"
    return _("{figure} {value}").format(figure=title, value=joined)
