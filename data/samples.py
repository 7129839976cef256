"""What a figure rests on in each unit, as its statistics need it: shares as successes of n, rates as events over exposure,
means as how many cases were given what, medians as the values themselves in order.

The numbers are those of `figures`: counted from the same slices by the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.figure_catalogue import CATALOGUE, FigureDef, Parts
from data.figure_marks import Part
from data.figure_places import NOWHERE, Listing
from data.figure_question import Asked
from data.figure_rows import Rows, group_of, parts_of
from data.intervals import Column

if TYPE_CHECKING:
    from data.store import Store


@dataclass(frozen=True, eq=False)
class Samples:
    """A figure of every unit. n: the cases (households, of a rate) it rests on; value: NaN where there is none.

    numerator: successes, events or points; given, counts: what a case can be given, and how many were, of a mean; hours, first:
    all units' values in order, and where each unit's begin, of a median. excluded, excluded_calls: cases, and call-backs, left out by
    decision.
    """

    figure: FigureDef
    units: Listing
    n: Column
    value: Column
    numerator: Column
    excluded: Column
    excluded_calls: Column
    given: Column = field(default_factory=lambda: np.zeros(0))
    counts: Column = field(default_factory=lambda: np.zeros((0, 0)))
    hours: Column = field(default_factory=lambda: np.zeros(0))
    first: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def samples(store: Store, asked: Asked, figure: str) -> Samples:
    """The samples of every unit of the question's level; what is not located at it is left out."""
    definition, rows = CATALOGUE[figure], Rows(store, asked)
    counted, parts = rows.counted(definition), parts_of(asked, definition)
    there = rows.places.ids != NOWHERE
    units = Listing(
        rows.places.ids[there],
        [code for code, known in zip(rows.places.codes, there, strict=True) if known],
        [name for name, known in zip(rows.places.names, there, strict=True) if known],
    )
    n = counted.numerator if counted.denominator is None else counted.denominator
    none = np.zeros(len(there))
    excluded, calls = (counted.left_out.get(reason, none)[there] for reason in ("excluded", "call_back_excluded"))
    sized = np.nan_to_num(n)[there]
    found = Samples(definition, units, sized, counted.value[there], counted.numerator[there], excluded, calls)
    if definition.type in ("weighted mean", "composite"):
        top = 1.0 if definition.unit == "share" else float(sum(asked.question.weights))
        cases = _inside(asked, rows.marked(group_of(definition)), units)
        given, counts = cells(cases, parts, units, top)
        return Samples(**{**vars(found), "given": given, "counts": counts})
    if definition.type == "quantile":
        hours, first, of_each = in_order(_inside(asked, rows.timed(parts), units), units)
        return Samples(**{**vars(found), "hours": hours, "first": first, "n": of_each})
    return found


def _inside(asked: Asked, cases: pa.Table, units: Listing) -> pa.Table:
    """The cases with the place each counts in; every one counts in the district."""
    if asked.question.level != "district":
        return cases
    at = pa.array(np.full(len(cases), units.ids[0]))
    return cases.set_column(cases.column_names.index("place_id"), "place_id", at)


def cells(cases: pa.Table, parts: Parts, units: Listing, top: float) -> tuple[Column, Column]:
    """What a case can be given (from 0 to `top`, in order), and how many cases of each unit were given it: (units, values)."""
    kinds, marks = pd.factorize(cases.column("marks").cast(pa.int64()).fill_null(0).to_numpy())
    given = sum((weight * _fits(marks, part) for weight, part in parts.numerator), start=np.zeros(len(marks)))
    values = np.unique(np.round(np.concatenate([[0.0, top], given]), 9))
    class_of = np.searchsorted(values, np.round(given, 9))
    place = units.positions(cases.column("place_id").cast(pa.int64()).fill_null(NOWHERE).to_numpy())
    counts = (_fits(marks, parts.denominator) if parts.denominator else np.ones(len(marks), bool))[kinds] & (place >= 0)
    at = place[counts] * len(values) + class_of[kinds[counts]]
    found = np.bincount(at, minlength=len(units.ids) * len(values)).reshape(-1, len(values))
    return values, found.astype(np.float64)


def in_order(cases: pa.Table, units: Listing) -> tuple[Column, NDArray[np.int64], Column]:
    """Each unit's values in order, one unit after another; where each begins; how many each has."""
    place = units.positions(cases.column("place_id").cast(pa.int64()).fill_null(NOWHERE).to_numpy())
    hours = cases.column("hours").to_numpy()[place >= 0]
    place = place[place >= 0]
    n = np.bincount(place, minlength=len(units.ids))
    return hours[np.lexsort((hours, place))], np.concatenate([[0], np.cumsum(n)[:-1]]), n.astype(np.float64)


def _fits(marks: NDArray[np.int64], part: Part) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (marks & int(part.has | part.lacks)) == int(part.has)
    return found
