"""Numbers and times as people read them here: separators from four digits, rates with one decimal, always the unit."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.languages import _, language, marked

UNITS = {
    "cases": marked("件"),
    "hours": marked("小时"),
    "points": marked("分"),
    "per 100 households": marked("件"),
}


def count(n: float | None) -> str:
    """28114 → '28,114'; None → 无数据."""
    return no_data() if n is None else f"{n:,.0f}"


def no_data() -> str:
    """The words for a rate over nothing."""
    return _("无数据")


def number(value: float | None, unit: str) -> str:
    """A figure's value without its unit: a share becomes per cent."""
    if value is None:
        return no_data()
    if unit == "share":
        return f"{value * 100:.1f}"
    if unit == "cases":
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def unit_word(unit: str) -> str:
    """The unit in the reader's language."""
    return "%" if unit == "share" else _(UNITS.get(unit, unit))


def with_unit(value: float | None, unit: str) -> str:
    """'94.2 %', '28,114 件', '无数据'."""
    return no_data() if value is None else f"{number(value, unit)} {unit_word(unit)}"


def moment(instant: datetime | None, zone: ZoneInfo) -> str:
    """A time to the minute in the deployment's zone."""
    return "" if instant is None else instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def ago(instant: datetime | None, now: datetime) -> str:
    """How long ago something happened, in the largest fitting unit."""
    if instant is None:
        return _("尚无数据")
    seconds = max(0, int((now - instant).total_seconds()))
    for size, text in ((86400, _("{n} 天前")), (3600, _("{n} 小时前")), (60, _("{n} 分钟前"))):
        if seconds >= size:
            return text.format(n=seconds // size)
    return _("{n} 秒前").format(n=seconds)


def name_of(zh: str, en: str) -> str:
    """Of two names the one in the reader's language."""
    return en if language() == "en" and en else zh
