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

from data.areas import homes
from data.figure_cache import slices
from data.figure_catalogue import FigureDef, Parts, Wanted
from data.figure_counts import counted
from data.figure_filters import EVERY
from data.figure_marks import GONE, Mark, Part
from data.figure_places import LISTED, NOWHERE, Listing, Numbers, named
from data.figure_question import Asked
from data.figure_sql import (
    CALLS,
    COLUMNS,
    PERIOD,
    REPEATS,
    STATE,
    Group,
    hours_of_cases_sql,
    hours_sql,
    marks_of_places_sql,
)

if TYPE_CHECKING:
    from data.store import Store

Column = NDArray[np.float64]
REPORTED = Part(Mark.IN_REPORTED, GONE)


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
        self._columns = {
            (group, name): column for group, table in tables.items() for name, column in self._laid(table, 0.0).items()
        }

    @property
    def n(self) -> Column:
        """Cases reported in the period, a row each."""
        return self._column(PERIOD, REPORTED)

    def counted(self, figure: FigureDef) -> Counted:
        """The columns of one figure."""
        group, parts = group_of(figure), self._parts[figure.name]
        none = np.full(len(self.places.ids), np.nan)
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

    def marked(self, group: Group) -> pa.Table:
        """The cases of a group of figures, as `figure_counts.counted` takes them: place_id and marks, a row a case."""
        asked, level = self._asked, self._asked.question.level
        marked = slices(self._store).get(self._store, group, asked.key)
        if asked.companies or asked.where.sql != EVERY:
            sql = marks_of_places_sql(level, where=asked.where.sql, companies=asked.companies)
            return self._store.arrow(sql, asked.where.params, slice=marked, **self._companies)
        place = marked.column(COLUMNS[level]) if level in COLUMNS else pa.array(np.zeros(len(marked), np.int64))
        return pa.table({"place_id": place, "marks": marked.column("marks")})  # nothing to ask the database

    def timed(self, parts: Parts) -> pa.Table:
        """How long each timed case took: place_id, hours."""
        asked = self._asked
        cases = slices(self._store).get(self._store, PERIOD, asked.key)
        sql = hours_of_cases_sql(
            asked.question.level, (parts.denominator or REPORTED).sql, where=asked.where.sql, companies=asked.companies
        )
        return self._store.arrow(sql, asked.where.params, slice=cases, **self._companies)

    def _count(self, group: Group, parts: list[Part]) -> pa.Table:
        return counted(self.marked(group), {_name(part): part for part in parts})

    def _hours(self, parts: Parts, left_out: dict[str, Column]) -> Counted:
        asked = self._asked
        timed = parts.denominator or REPORTED
        cases = slices(self._store).with_working_hours(self._store, PERIOD, asked.key)
        sql = hours_sql(asked.question.level, timed.sql, where=asked.where.sql, companies=asked.companies)
        found = self._store.arrow(sql, asked.where.params, slice=cases, **self._companies)
        laid = self._laid(found, np.nan)
        median = laid.pop("median")
        return Counted(np.full(len(median), np.nan), self._column(PERIOD, timed), median, left_out, laid)

    def _households(self) -> Column:
        if self._asked.question.level in ("unit", "category"):
            return np.full(len(self.places.ids), np.nan)
        if self._asked.question.level == "company" and self._asked.key.area is None:
            return self._asked.ground.places.households_of_companies(self.places.ids)
        if (area := self._asked.key.area) is not None:  # of places cut by the line nobody knows
            whole = self._asked.question.level == "district"
            n = homes(self._store, area, self._asked.key.atlases[-1][0]).n if whole else None
            return np.full(len(self.places.ids), np.nan if n is None else n)
        return self._asked.ground.places.households_of(self.places.ids)

    def _column(self, group: Group, part: Part) -> Column:
        return self._columns[group.name, _name(part)]

    def _laid(self, table: pa.Table, missing: float) -> dict[str, Column]:
        """The columns of a query in the order of the places."""
        rows = self.places.positions(self._ids(table))
        laid: dict[str, Column] = {}
        for name in table.column_names:
            if name != "place_id":
                laid[name] = np.full(len(self.places.ids), missing)
                laid[name][rows] = table.column(name).cast(pa.float64()).fill_null(np.nan).to_numpy()
        return laid

    def _ids(self, table: pa.Table) -> Numbers:
        """Which place each row of a query is about."""
        if self._asked.question.level == "district":
            return np.full(len(table), self.places.ids[0])
        ids: Numbers = table.column("place_id").fill_null(NOWHERE).to_numpy().astype(np.int64)
        return ids

    def _places(self, tables: Mapping[str, pa.Table]) -> Listing:
        question, tree = self._asked.question, self._asked.ground.places
        if question.level in LISTED:
            self.places = named(self._store, question.level)
        else:
            inner = None if question.within is None else tree.find(question.within, question.level)[0]
            self.places = tree.listing(question.level, inner)
        if question.level == "district":
            return self.places
        met = np.unique(np.concatenate([self._ids(table) for table in tables.values()]))
        further = met[self.places.positions(met) < 0]
        listed = self._with_former(self.places, further[further != NOWHERE].tolist())
        return listed.plus([NOWHERE], [None], [""]) if NOWHERE in further else listed

    def _with_former(self, listed: Listing, ids: list[int]) -> Listing:
        """The listing with places that are no longer in force but have cases in this answer."""
        if not ids:
            return listed
        rows = self._store.rows(
            """SELECT place_id, any_value(code) AS code, arg_max(name, effective_from) AS name
               FROM place JOIN place_version USING (place_id) WHERE list_contains($ids, place_id)
               GROUP BY place_id ORDER BY code""",
            {"ids": ids},
        )
        return listed.plus(*([row[name] for row in rows] for name in ("place_id", "code", "name")))


def _name(part: Part) -> str:
    return f"m{int(part.has)}_{int(part.lacks)}"


def _ratio(numerator: Column, denominator: Column) -> Column:
    ratio: Column = np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator > 0)
    return ratio
