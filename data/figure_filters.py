"""Filters of a question: names and codes in, a condition over a slice and its parameters out.

A value that names nothing (no such category, no such flag) is an error, because "no cases" would be a wrong answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data.areas import area_of
from data.errors import QuestionError
from data.figure_places import Places
from data.figure_sql import COLUMNS
from data.quality import Quality

if TYPE_CHECKING:
    from data.store import Store

FIELDS = ("track", "channel", "category", "unit", "company", "place", "flag", "located", "area")
AREA = "area"
EVERY = "true"  # the condition of every case
LOCATED = ("point", "block", "building", "estate", "micro_grid", "grid", "community", "street", "none")


@dataclass(frozen=True)
class Filter:
    """Cases whose `field` has one of the `values`. Several filters must all hold."""

    field: str
    values: tuple[str, ...]


@dataclass
class Where:
    """A condition over a slice with its parameters; `companies`: it reads company_id."""

    sql: str = EVERY
    params: dict[str, Any] = field(default_factory=dict)
    companies: bool = False

    def add(self, sql: str, value: object = None) -> None:
        """One more condition; `{}` in it stands for the parameter that holds `value`."""
        name = f"w{len(self.params)}"
        if "{}" in sql:
            self.params[name] = value
        self.sql += f" AND ({sql.replace('{}', f'${name}')})"


def where(store: Store, filters: Iterable[Filter], places: Places, level: str, within: str | None) -> Where:
    """The condition for a question's filters and for the place it is asked within."""
    result = Where()
    for chosen in filters:
        if chosen.field not in _ADD:
            raise QuestionError(
                f"Cases cannot be filtered by {chosen.field!r}.", where="filter", todo=f"Filter by {', '.join(FIELDS)}."
            )
        if not chosen.values:
            raise QuestionError(f"The filter {chosen.field!r} has no value.", where="filter")
        _ADD[chosen.field](result, store, chosen.values, places)
    if within is not None:
        place, outer = places.find(within, level)
        if outer in COLUMNS:
            result.add(f"{COLUMNS[outer]} = {{}}", place)
    return result


def _texts(column: str) -> Callable[[Where, Store, tuple[str, ...], Places], None]:
    def add(result: Where, store: Store, values: tuple[str, ...], _: Places) -> None:
        for value in values:
            if not occurs(store, column, value):
                raise QuestionError(f"There is no {column} {value!r}.", where="filter")
        result.add(f"list_contains({{}}, {column})", list(values))

    return add


def occurs(store: Store, column: str, value: str) -> bool:
    """Whether any case has the value in the column; stops at the first one that has."""
    return bool(store.rows(f"SELECT 1 FROM cases WHERE {column} = $value LIMIT 1", {"value": value}))


def _category(result: Where, store: Store, values: tuple[str, ...], _: Places) -> None:
    """A category includes those under it."""
    ids = _ids(store, "category", values)
    under = store.rows(
        """WITH RECURSIVE below AS (
               SELECT unnest($ids) AS category_id UNION SELECT c.category_id FROM category c JOIN below b
               ON c.parent_id = b.category_id)
           SELECT category_id FROM below""",
        {"ids": ids},
    )
    result.add("list_contains({}, category_id)", [row["category_id"] for row in under])


def _unit(result: Where, store: Store, values: tuple[str, ...], _: Places) -> None:
    result.add("list_contains({}, unit_id)", _ids(store, "unit", values))


def _company(result: Where, store: Store, values: tuple[str, ...], _: Places) -> None:
    result.companies = True
    result.add("list_contains({}, company_id)", _ids(store, "company", values))


def _place(result: Where, _: Store, values: tuple[str, ...], places: Places) -> None:
    conditions: list[str] = []
    for value in values:
        place, level = places.find(value)
        conditions.append("true" if level == "district" else f"{COLUMNS[level]} = {place}")
    result.add(" OR ".join(f"coalesce({condition}, false)" for condition in conditions))


def _flag(result: Where, _: Store, values: tuple[str, ...], __: Places) -> None:
    labels = {flag.label: int(flag) for flag in Quality}
    _known("flag", values, labels)
    result.add("(flags & {}) <> 0", sum(labels[value] for value in set(values)))


def _located(result: Where, _: Store, values: tuple[str, ...], __: Places) -> None:
    _known("located", values, LOCATED)
    result.add("list_contains({}, located)", list(values))


def _area(_: Where, __: Store, values: tuple[str, ...], ___: Places) -> None:
    """Outlines as in `areas.py`; the slices themselves hold only what lies inside (`figure_cache.py`)."""
    area_of(values)


_ADD: dict[str, Callable[[Where, Store, tuple[str, ...], Places], None]] = {
    "track": _texts("track"),
    "channel": _texts("channel"),
    "category": _category,
    "unit": _unit,
    "company": _company,
    "place": _place,
    "flag": _flag,
    "located": _located,
    AREA: _area,
}


def _ids(store: Store, table: str, values: tuple[str, ...]) -> list[int]:
    """Ids of what has one of the values as its code or name."""
    rows = store.rows(
        f"SELECT {table}_id AS id, code, name FROM {table} WHERE list_contains($values, code) OR list_contains($values, name)",
        {"values": list(values)},
    )
    for value in values:
        if not any(value in (row["code"], row["name"]) for row in rows):
            raise QuestionError(f"There is no {table} {value!r}.", where="filter")
    return [int(row["id"]) for row in rows]


def _known(name: str, values: tuple[str, ...], vocabulary: Iterable[str]) -> None:
    known = list(vocabulary)
    for value in values:
        if value not in known:
            raise QuestionError(f"There is no {name} {value!r}.", where="filter", todo=f"Known: {', '.join(known)}.")
