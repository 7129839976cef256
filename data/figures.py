"""The figures: every count and rate of the glossary, for any period, moment, level, filter and plan.

    figures(store, Question("grid", start, end))      one query for all places; every place of the level has a row
    table(store, question)                             the same as columns, for maps of many places
    data.listings.cases_of(...)                        the cases behind any number

What a figure counts is written once, in `figure_catalogue.py`; this module asks the slices and puts rows together. Rates
over nothing have no value; counts have no denominator. Totals are counted anew at their own level, so they pool
numerators and denominators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from data.figure_catalogue import BASES, CATALOGUE, FigureDef
from data.figure_filters import FIELDS, Filter
from data.figure_places import NOWHERE, QUESTION_LEVELS
from data.figure_question import DEFAULT_WEIGHTS, Question, ask
from data.figure_rows import Column, Counted, Rows, wanted

if TYPE_CHECKING:
    from data.store import Store

__all__ = [
    "BASES", "CATALOGUE", "DEFAULT_WEIGHTS", "FIELDS", "QUESTION_LEVELS", "Figure", "FigureDef", "Filter",
    "PlaceFigures", "Question", "figures", "table",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one place. left_out: n by reason. extra: further values (p90, working hours, other levels)."""

    numerator: float | None
    denominator: float | None
    value: float | None
    basis: str | None
    left_out: Mapping[str, int]
    extra: Mapping[str, float | None] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As it is printed; the extra values stand beside the value."""
        shown = {"numerator": self.numerator, "denominator": self.denominator, "value": self.value}
        return shown | {"basis": self.basis, "left_out": dict(self.left_out)} | dict(self.extra)


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """The figures of one place. place is its code; null with located False: what is not located at this level.

    n: cases reported in the period there, whatever figures were asked for.
    """

    place: str | None
    place_id: int | None
    name: str
    level: str
    located: bool
    n: int
    figures: Mapping[str, Figure]

    def as_dict(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            "place": self.place,
            "name": self.name,
            "level": self.level,
            "not_located": not self.located,
            "n": self.n,
            "figures": {name: figure.as_dict() for name, figure in self.figures.items()},
        }


def figures(store: Store, question: Question) -> list[PlaceFigures]:
    """The figures of every place of the level in order of code, then of what is not located at it (if anything is).

    At the level district: one row with everything, or with all inside `within`. Raises QuestionError, NotFound.
    """
    asked = ask(store, question)
    rows = Rows(store, asked)
    built = {figure.name: _objects(rows.counted(figure), wanted(asked, figure).basis or None) for figure in asked.defs}
    places = zip(rows.places.ids.tolist(), rows.places.codes, rows.places.names, rows.n.tolist(), strict=True)
    return [
        PlaceFigures(
            code,
            None if place == NOWHERE else place,
            name,
            question.level,
            place != NOWHERE,
            int(n),
            {figure: of_places[i] for figure, of_places in built.items()},
        )
        for i, (place, code, name, n) in enumerate(places)
    ]


def table(store: Store, question: Question) -> pa.Table:
    """The same as columns: place_id, place, name, n, and of each figure NAME.numerator, NAME.denominator, NAME.value."""
    asked = ask(store, question)
    rows = Rows(store, asked)
    columns: dict[str, Any] = {
        "place_id": pa.array(rows.places.ids, pa.int32(), mask=rows.places.ids == NOWHERE),
        "place": pa.array(rows.places.codes, pa.string()),
        "name": pa.array(rows.places.names, pa.string()),
        "n": rows.n.astype(np.int64),
    }
    for figure in asked.defs:
        counted = rows.counted(figure)
        for part, values in (
            ("numerator", counted.numerator),
            ("denominator", counted.denominator),
            ("value", counted.value),
        ):
            if values is not None:
                columns[f"{figure.name}.{part}"] = pa.array(values, pa.float64(), from_pandas=True)
    return pa.table(columns)


def _objects(counted: Counted, basis: str | None) -> list[Figure]:
    rows = len(counted.value)
    numerator, value = _plain(counted.numerator), _plain(counted.value)
    denominator = [None] * rows if counted.denominator is None else _plain(counted.denominator)
    left_out = _records({reason: column.astype(np.int64).tolist() for reason, column in counted.left_out.items()}, rows)
    extra = _records({name: _plain(column) for name, column in counted.extra.items()}, rows)
    columns = zip(numerator, denominator, value, left_out, extra, strict=True)
    return [Figure(n, d, v, basis, left, more) for n, d, v, left, more in columns]


def _records(columns: dict[str, list[Any]], rows: int) -> list[dict[str, Any]]:
    if not columns:
        return [{}] * rows
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(column: Column) -> list[float | None]:
    """Numbers as they are printed: whole ones as integers, NaN as null."""
    whole = column == np.floor(column)
    if whole.all():
        integers: list[float | None] = column.astype(np.int64).tolist()
        return integers
    return [None if isnan(x) else int(x) if x.is_integer() else x for x in column.tolist()]
