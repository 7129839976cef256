"""Counting a question: one query a group of figures, its columns laid beside the list of places.

Places without cases keep their row, with counts of 0 and rates without a value. Cases that lie in no place of the level
are the last row. A case counted in a place that is not in force at the end of the period (the plan "at the time of the
event") adds that place to the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.figure_cache import slices
from data.figure_catalogue import FigureDef, Parts, Wanted
from data.figure_marks import GONE, Mark, Part
from data.figure_places import named
from data.figure_question import Asked
from data.figure_sql import CALLS, PERIOD, REPEATS, STATE, Group, counts_sql, hours_sql

if TYPE_CHECKING:
    from data.store import Store

Column = NDArray[np.float64]
FEW_PLACES = ("district", "street", "unit", "company")
REPORTED = Part(Mark.IN_REPORTED, GONE)


@dataclass(frozen=True)
class Place:
    """One row of the answer; without code and id: not located at the level."""

    place_id: int | None
    code: str | None
    name: str


@dataclass(frozen=True)
class Counted:
    """One figure of all places, as columns. NaN is no value."""

    numerator: Column
    denominator: Column | None
    value: Column
    left_out: dict[str, Column]
    extra: dict[str, Column] = field(default_factory=dict)


def group_of(figure: FigureDef) -> Group:
    """The slices a figure is counted in."""
    if not figure.bases:
        return STATE
    if figure.bases[0] == "called_back":
        return CALLS
    return REPEATS if figure.name == "repeat_rate" else PERIOD


def wanted(asked: Asked, figure: FigureDef) -> Wanted:
    """What the figure's parts depend on in this question."""
    basis = figure.basis_for(asked.question.basis, strict=asked.question.figures is not None)
    return Wanted(basis, asked.question.level, asked.question.weights)


def parts_of(asked: Asked, figure: FigureDef) -> Parts:
    """The figure's parts in this question."""
    return figure.parts(wanted(asked, figure))


class Rows:
    """The answer to a question before it is put into objects: `places` and, a figure at a time, its columns."""

    def __init__(self, store: Store, asked: Asked) -> None:
        self._store, self._asked = store, asked
        self._companies = {"companies": asked.ground.places.companies()} if asked.companies else {}
        self._parts = {figure.name: parts_of(asked, figure) for figure in asked.defs}
        tables = {group.name: self._count(group, parts) for group, parts in self._by_group().items()}
        self.places = self._places(tables)
        self._index = {place.place_id: i for i, place in enumerate(self.places)}
        self._columns = {
            (group, name): self._laid(table, name) for group, table in tables.items() for name in table.column_names[1:]
        }

    @property
    def n(self) -> Column:
        """Cases reported in the period, a row each."""
        return self._column(PERIOD, REPORTED)

    def counted(self, figure: FigureDef) -> Counted:
        """The columns of one figure."""
        group, parts = group_of(figure), self._parts[figure.name]
        none = np.full(len(self.places), np.nan)
        left_out = {reason: self._column(group, part) for reason, part in parts.left_out.items()}
        if figure.type == "none":
            return Counted(none, none, none, {})
        if figure.type == "quantile":
            return self._hours(parts, left_out)
        numerator = sum(
            (weight * self._column(group, part) for weight, part in parts.numerator), start=np.zeros(len(none))
        )
        if figure.type == "count":
            return Counted(numerator, None, numerator, left_out)
        if figure.type == "rate":
            households = self._households()
            return Counted(numerator, households, 100 * _ratio(numerator, households), left_out)
        denominator = self._column(group, parts.denominator or REPORTED)
        value = _ratio(numerator, denominator)
        for part in parts.said:
            value = np.where(self._column(group, part) > 0, value, np.nan)
        extra = {name: _ratio(self._column(group, part), denominator) for name, part in parts.others.items()}
        return Counted(numerator, denominator, value, left_out, extra)

    def _by_group(self) -> dict[Group, list[Part]]:
        grouped: dict[Group, list[Part]] = {PERIOD: [REPORTED]}
        for figure in self._asked.defs:
            parts = self._parts[figure.name]
            used = [part for _, part in parts.numerator]
            used += [parts.denominator] if parts.denominator else []
            used += [*parts.left_out.values(), *parts.said, *parts.others.values()]
            if used:
                grouped.setdefault(group_of(figure), []).extend(used)
        return grouped

    def _count(self, group: Group, parts: list[Part]) -> pa.Table:
        asked = self._asked
        conditions = {_name(part): part.sql for part in parts}
        sql = counts_sql(
            asked.question.level,
            conditions,
            where=asked.where.sql,
            companies=asked.companies,
            few_places=asked.question.level in FEW_PLACES,
        )
        cases = slices(self._store).get(self._store, group, asked.key)
        return self._store.arrow(sql, asked.where.params, slice=cases, **self._companies)

    def _hours(self, parts: Parts, left_out: dict[str, Column]) -> Counted:
        asked = self._asked
        timed = parts.denominator or REPORTED
        cases = slices(self._store).with_working_hours(self._store, PERIOD, asked.key)
        sql = hours_sql(asked.question.level, timed.sql, where=asked.where.sql, companies=asked.companies)
        found = self._store.arrow(sql, asked.where.params, slice=cases, **self._companies)
        laid = {name: self._laid(found, name, np.nan) for name in ("median", "p90", "working_median", "working_p90")}
        median = laid.pop("median")
        return Counted(np.full(len(median), np.nan), self._column(PERIOD, timed), median, left_out, laid)

    def _households(self) -> Column:
        if self._asked.question.level in ("unit", "company"):
            return np.full(len(self.places), np.nan)
        return self._asked.ground.places.households_of([place.place_id for place in self.places])

    def _column(self, group: Group, part: Part) -> Column:
        return self._columns[group.name, _name(part)]

    def _laid(self, table: pa.Table, name: str, missing: float = 0.0) -> Column:
        """A column of the query in the order of the places."""
        laid = np.full(len(self.places), missing)
        values = table.column(name).cast(pa.float64()).fill_null(np.nan).to_numpy()
        laid[[self._index[place] for place in self._ids(table)]] = values
        return laid

    def _ids(self, table: pa.Table) -> list[int | None]:
        """Which place each row of a query is about."""
        if self._asked.question.level == "district":
            return [self.places[0].place_id] * len(table)
        ids: list[int | None] = table.column("place_id").to_pylist()
        return ids

    def _places(self, tables: Mapping[str, pa.Table]) -> list[Place]:
        question, tree = self._asked.question, self._asked.ground.places
        if question.level in ("unit", "company"):
            listed = [Place(**row) for row in named(self._store, question.level)]
        else:
            inner = None if question.within is None else tree.find(question.within, question.level)[0]
            rows = tree.rows(question.level, inner)
            if question.level == "district" and inner is not None:
                rows = np.array([tree.row_of[inner]])
            columns = (tree.ids[rows].tolist(), tree.code[rows].tolist(), tree.name[rows].tolist())
            listed = [Place(*row) for row in zip(*columns, strict=True)]
        if question.level == "district":
            return listed[:1]
        known = {place.place_id for place in listed}
        met = {place for table in tables.values() for place in table.column("place_id").to_pylist()} - known
        further = sorted(place for place in met if place is not None)
        return listed + self._former(further) + ([Place(None, None, "")] if None in met else [])

    def _former(self, ids: list[int]) -> list[Place]:
        """Places that are no longer in force but have cases in this answer."""
        if not ids:
            return []
        rows = self._store.rows(
            """SELECT place_id, any_value(code) AS code, arg_max(name, effective_from) AS name
               FROM place JOIN place_version USING (place_id) WHERE list_contains($ids, place_id) GROUP BY ALL ORDER BY code""",
            {"ids": ids},
        )
        return [Place(**row) for row in rows]


def _name(part: Part) -> str:
    return f"m{int(part.has)}_{int(part.lacks)}"


def _ratio(numerator: Column, denominator: Column) -> Column:
    ratio: Column = np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator > 0)
    return ratio
