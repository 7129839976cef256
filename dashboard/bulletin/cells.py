"""A table's values as they are printed."""

from __future__ import annotations

from dashboard.bulletin.content import Column, Value
from dashboard.formats import no_data, number, unit_word


def printed_cell(value: Value, column: Column) -> str:
    """'94.2', '↑ 1.2', '无数据'; the unit stands in the heading."""
    if column.unit == "text":
        return "" if value is None else str(value)
    if value is None:
        return "–" if column.unit == "change" else no_data()
    if isinstance(value, str):
        return value
    if column.unit == "change":
        return f"{'↑' if value > 0 else '↓' if value < 0 else ''} {abs(value) * 100:.1f}%".strip()
    if column.unit == "days":
        return f"{value:,.1f}"
    return number(value, column.unit)


def printed_heading(column: Column) -> str:
    """The heading with its unit, where it has one."""
    if column.unit in ("text", "change", "days") or column.name == "n":
        return column.name
    return f"{column.name} ({unit_word(column.unit)})" if column.unit != "cases" else column.name
