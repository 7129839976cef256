"""Sorting and filtering of lists, and AG Grid's model of them.

Columns are looked up in a fixed table and values are bound, so nothing a browser sends becomes SQL. The shape of the
grid's models is that of AG Grid's "server-side row model" (filterModel, sortModel).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import QuestionError
from data.periods import parse_moment

_TEXT = {
    "contains": "contains(lower({c}), lower({v}))",
    "notContains": "NOT coalesce(contains(lower({c}), lower({v})), false)",
    "equals": "lower({c}) = lower({v})",
    "notEqual": "lower({c}) IS DISTINCT FROM lower({v})",
    "startsWith": "starts_with(lower({c}), lower({v}))",
    "endsWith": "ends_with(lower({c}), lower({v}))",
}
_ORDERED = {
    "equals": "{c} = {v}",
    "notEqual": "{c} IS DISTINCT FROM {v}",
    "lessThan": "{c} < {v}",
    "lessThanOrEqual": "{c} <= {v}",
    "greaterThan": "{c} > {v}",
    "greaterThanOrEqual": "{c} >= {v}",
    "inRange": "{c} BETWEEN {v} AND {w}",
}
_BLANK = {"blank": "({c} IS NULL OR {c}::VARCHAR = '')", "notBlank": "{c}::VARCHAR <> ''"}
# A day is chosen in the grid; an instant lies in it.
_DAYS = {
    "equals": "{c} >= {v} AND {c} < {w}",
    "notEqual": "NOT coalesce({c} >= {v} AND {c} < {w}, false)",
    "lessThan": "{c} < {v}",
    "greaterThan": "{c} >= {w}",
    "inRange": "{c} >= {v} AND {c} < {w}",
}
_FORMS: dict[str, Mapping[str, str]] = {"text": _TEXT, "number": _ORDERED, "date": _DAYS}


@dataclass(frozen=True)
class Sort:
    """One column to sort by."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class ColumnFilter:
    """A condition on a column. kind: text, number or date; test: AG Grid's word ("contains", "inRange", "blank" …);
    several `tests` on one column are joined by `together` (AND or OR). value, upper: text, number or local day."""

    column: str
    kind: str
    tests: tuple[tuple[str, Any, Any], ...]
    together: str = "AND"


def from_grid(
    filter_model: Mapping[str, Any] | None, sort_model: Iterable[Mapping[str, Any]] | None
) -> tuple[tuple[ColumnFilter, ...], tuple[Sort, ...]]:
    """AG Grid's filterModel and sortModel as filters and sorts."""
    filters = tuple(_of_column(column, model) for column, model in (filter_model or {}).items())
    sorts = tuple(Sort(str(model["colId"]), model.get("sort") == "desc") for model in sort_model or ())
    return filters, sorts


def conditions(
    filters: Sequence[ColumnFilter], columns: Mapping[str, str], zone: ZoneInfo
) -> tuple[str, dict[str, Any]]:
    """The filters as SQL over the columns' names, and its parameters."""
    bound: dict[str, Any] = {}
    parts: list[str] = []
    for chosen in filters:
        _check(chosen.column, columns)
        if chosen.together not in ("AND", "OR"):
            raise QuestionError(f"Conditions are joined by AND or OR, not {chosen.together!r}.", where=chosen.column)
        tests = [_test(chosen, test, bound, zone) for test in chosen.tests]
        parts.append("(" + f" {chosen.together} ".join(tests) + ")")
    return " AND ".join(parts) or "true", bound


def order(sort: Sequence[Sort], columns: Mapping[str, str]) -> str:
    """The sorts as SQL; always ends with the case, newest first, so that pages do not overlap."""
    for chosen in sort:
        _check(chosen.column, columns)
    keys = [f"{chosen.column} {'DESC' if chosen.descending else 'ASC'} NULLS LAST" for chosen in sort]
    return ", ".join([*keys, "case_id DESC"])


def _test(chosen: ColumnFilter, asked: tuple[str, Any, Any], bound: dict[str, Any], zone: ZoneInfo) -> str:
    test, value, upper = asked
    form = _BLANK.get(test) or _FORMS.get(chosen.kind, {}).get(test)
    if form is None:
        raise QuestionError(f"There is no filter {chosen.kind} {test!r}.", where=chosen.column)
    if chosen.kind == "date" and test not in _BLANK:
        value, upper = _day(value, zone), _day(upper if test == "inRange" else value, zone) + timedelta(days=1)
    names = {}
    for mark, given in (("v", value), ("w", upper)):
        name = f"f{len(bound)}"
        names[mark] = f"${name}"
        if f"{{{mark}}}" in form:
            bound[name] = given
    return form.format(c=chosen.column, **names)


def _day(text: object, zone: ZoneInfo) -> datetime:
    return parse_moment(str(text)[:10], zone, where="filter")


def _of_column(column: str, model: Mapping[str, Any]) -> ColumnFilter:
    single = model.get("conditions") or [model[key] for key in ("condition1", "condition2") if key in model] or [model]
    kind = str(model.get("filterType", "text"))
    tests = tuple(
        (str(one.get("type", "")), one.get("filter", one.get("dateFrom")), one.get("filterTo", one.get("dateTo")))
        for one in single
    )
    return ColumnFilter(column, kind, tests, str(model.get("operator", "AND")))


def _check(column: str, columns: Mapping[str, str]) -> None:
    if column not in columns:
        raise QuestionError(f"A list has no column {column!r}.", where="list", todo=f"It has {', '.join(columns)}.")
