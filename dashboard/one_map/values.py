"""One figure of every place of a level, as columns: what the map, the table and the distribution show.

A level may have 160,000 places; an object a place and a figure would take seconds. What is counted once is kept for all parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dashboard.questions import Asked, kept
from data.figures import CATALOGUE, table
from data.rankings import SUBJECTS, believed
from data.reporting import reporting
from data.store import Store

NOWHERE = "~"  # stands for a place's code where the cases could not be located at the level
MIN_COLOUR = 5  # cases a rate needs before a place is coloured (terms: min_n), unless the city says otherwise

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Values:
    """A figure of the places in the order of their codes; NaN is no value. The row of what is not located is left out."""

    figure: str
    codes: list[str]
    names: list[str]
    n: Numbers  # cases reported in the period
    value: Numbers
    denominator: Numbers | None  # of counts there is none
    nowhere: Values | None  # one row: what is not located at the level, where there is any
    fewest: int = MIN_COLOUR  # cases a rate needs before a place is coloured, here and now
    score: Numbers | None = None  # what each place is taken for among its peers, where that is what is coloured
    unsure: npt.NDArray[np.bool_] | None = None  # whether it may as well be as the whole district is

    @property
    def cases(self) -> Numbers:
        """How many cases each place's figure rests on."""
        return np.nan_to_num(self.value if self.denominator is None else self.denominator)

    @property
    def coloured(self) -> Numbers:
        """The values places are coloured by; NaN also where a rate rests on too few cases."""
        if self.denominator is None or CATALOGUE[self.figure].type == "count":
            return self.value
        shown = self.value if self.score is None else self.score
        few: Numbers = np.where(np.nan_to_num(self.denominator) < self.fewest, np.nan, shown)
        return few

    def of(self, code: str | None) -> float | None:
        """The value of a place; None where there is none."""
        at = self.codes.index(code) if code in self.codes else None
        return None if at is None or np.isnan(self.value[at]) else float(self.value[at])


def values(
    store: Store, asked: Asked, figure: str | None = None, level: str | None = None, within: str | None = None
) -> Values:
    """A figure (default: the one chosen) of every place of a level (default: the one chosen), or of those within one, from
    memory while nothing was written since."""
    name = figure or asked.figure
    question = asked.question(level, only=name, within=within)
    fewest = reporting(store).minimum.of(name, question.level, asked.period)[1]
    return kept(
        (str(store.path), store.version, "values", question), lambda: _columns(name, table(store, question), fewest)
    )


def believed_values(
    store: Store, asked: Asked, places: Values, whole: float | None, within: str | None = None
) -> Values:
    """The places with what they are taken for among their peers, if the choice asks for it and the figure has it."""
    figure = places.figure
    if asked.choice.value == "own" or asked.level not in SUBJECTS or CATALOGUE[figure].type in ("count", "none"):
        return places
    question = asked.question(only=figure, within=within)
    score, low, high = kept(
        (str(store.path), store.version, "believed", question), lambda: believed(store, question, figure)
    )
    unsure = (low <= whole) & (whole <= high) if whole is not None and asked.choice.value == "sure" else None
    return replace(places, score=score, unsure=unsure)


def _columns(figure: str, counted: pa.Table, fewest: int) -> Values:
    there = ~counted["place_id"].is_null().to_numpy()
    nowhere = None if there.all() else _rows(figure, counted.filter(pa.array(~there)), None, fewest)
    return _rows(figure, counted.filter(pa.array(there)), nowhere, fewest)


def _rows(figure: str, counted: pa.Table, nowhere: Values | None, fewest: int) -> Values:
    rates = f"{figure}.denominator" in counted.column_names
    return Values(
        figure,
        counted["place"].to_pylist(),
        counted["name"].to_pylist(),
        _column(counted["n"]),
        _column(counted[f"{figure}.value"]),
        _column(counted[f"{figure}.denominator"]) if rates else None,
        nowhere,
        fewest,
    )


def _column(column: pa.ChunkedArray) -> Numbers:
    found: Numbers = column.cast(pa.float64()).to_numpy()
    return found
