"""A table's values as they are printed."""

from __future__ import annotations

from dashboard.bulletin.changes import short
from dashboard.bulletin.content import Change, Column, Span, Value
from dashboard.formats import no_data, number, unit_word


def printed_cell(value: Value, column: Column) -> str:
    """'94.2', '↑ 1.2', '持平 +0.3', '无数据'; the unit stands in the heading."""
    if column.unit == "text":
        return "" if value is None else str(value)
    if value is None:
        return "–" if column.unit in ("change", "rank") else no_data()
    if isinstance(value, Change):
        return short(column.figure, value)
    if isinstance(value, str):
        return value
    if isinstance(value, Span):
        ends = [amount_of(end, column.unit) for end in (value.low, value.high)]
        return "–".join(dict.fromkeys(ends))
    return amount_of(value, column.unit)


def amount_of(value: float, unit: str) -> str:
    """A number without its unit."""
    return f"{value:.0f}" if unit == "rank" else number(value, unit)


def printed_heading(column: Column) -> str:
    """The heading with its unit, where it has one."""
    if column.unit in ("text", "change", "rank", "days") or column.name == "n":
        return column.name
    return f"{column.name} ({unit_word(column.unit)})" if column.unit != "cases" else column.name
