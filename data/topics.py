"""The topic of the month (每月一题): which category of complaint deserves the district's attention most.

Five things are said of each category, each a number somebody can check: how many cases were reported (volume), how many more than in the
period before (growth), which share was late (overdue), which share of those called back was not satisfied (dissatisfaction), and which
share was reported at a repeat point (repeats). They have no common unit, so they are combined by rank: in each a category stands at the
share of the others it exceeds (equal values share their place), and the score is the mean of what is known, times a hundred.
At least three of the five must be known, and the category must have `FEWEST` cases; the others are listed without a score.

Growth is of counts to which `STEADY` cases are added on either side, so that two cases becoming six is no tripling. Shares rest on
at least `LEAST` cases, else they are not known. Default rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from data.figure_cache import slices
from data.figure_catalogue import CATALOGUE
from data.figure_counts import counted
from data.figure_question import Asked, Question, ask
from data.figure_rows import REPORTED, group_of, parts_of
from data.figure_sql import PERIOD, Group, with_companies

if TYPE_CHECKING:
    from data.figure_marks import Part
    from data.store import Store

Column = NDArray[np.float64]
FEWEST, LEAST, STEADY, KNOWN = 30, 10, 10.0, 3
PARTS = ("volume", "growth", "overdue", "dissatisfaction", "repeats")


@dataclass(frozen=True, eq=False)
class Topics:
    """Categories by score, the highest first, then those without one by volume. parts: name of `PARTS` → its values (NaN: not known);
    n: name → how many cases it rests on; places: name → the share of the others exceeded, 0 … 1."""

    ids: NDArray[np.int64]
    names: list[str]
    above: list[str]
    parts: Mapping[str, Column]
    n: Mapping[str, Column]
    places: Mapping[str, Column]
    score: Column


@dataclass(frozen=True)
class Delay:
    """How long a category takes: hours to the closing at the median and the ninetieth of a hundred, of n; hours past the deadline of
    those late, at the median, of late."""

    n: int
    median: float | None
    ninth: float | None
    late: int
    overdue: float | None


def topics(store: Store, question: Question, before: Question) -> Topics:
    """All categories of a question's cases. before: the same about the period before. Raises QuestionError, NotFound."""
    now, then = _category_sums(store, question), _category_sums(store, before)
    ids = np.array(sorted({*now["reported"], *then["reported"]} - {-1}), dtype=np.int64)

    def laid(of: Mapping[str, Mapping[int, float]], name: str) -> Column:
        return np.array([of[name].get(int(one), 0.0) for one in ids])

    volume, earlier = laid(now, "reported"), laid(then, "reported")
    n = {"volume": volume, "growth": earlier}
    parts = {"volume": volume, "growth": (volume + STEADY) / (earlier + STEADY) - 1}
    for name, bad, of in (
        ("overdue", laid(now, "due") - laid(now, "in_time"), laid(now, "due")),
        ("dissatisfaction", laid(now, "called") - laid(now, "satisfied"), laid(now, "called")),
        ("repeats", laid(now, "repeated"), laid(now, "pointed")),
    ):
        n[name] = of
        parts[name] = np.divide(bad, of, out=np.full(len(ids), np.nan), where=of >= LEAST)
    places = {name: standing(parts[name], volume >= FEWEST) for name in PARTS}
    score = combined(np.array([places[name] for name in PARTS]))
    order = np.lexsort((-volume, -np.nan_to_num(score, nan=-1.0)))
    names = _names(store, ids[order].tolist())
    return Topics(
        ids[order], [one[0] for one in names], [one[1] for one in names], {k: v[order] for k, v in parts.items()},
        {k: v[order] for k, v in n.items()}, {k: v[order] for k, v in places.items()}, score[order],
    )  # fmt: skip


def standing(values: Column, among: NDArray[np.bool_]) -> Column:
    """The share of the others each value exceeds, equal ones in the middle; NaN outside, and where fewer than two are known."""
    found = np.full(len(values), np.nan)
    own = np.flatnonzero(among & ~np.isnan(values))
    if len(own) > 1:
        found[own] = (stats.rankdata(values[own]) - 1) / (len(own) - 1)
    return found


def combined(places: Column) -> Column:
    """The mean of what is known of each column of (parts, categories), times 100; NaN where too little is."""
    known = (~np.isnan(places)).sum(axis=0)
    sums = np.nansum(places, axis=0)
    return np.where(known >= KNOWN, 100 * sums / np.maximum(known, 1), np.nan)


def delay(store: Store, question: Question) -> Delay:
    """How long the cases of a question (its filters name the category) take; those closed, or due, in the period."""
    asked = ask(store, question)
    group = Group("period by due_at", PERIOD.marks, PERIOD.times, carries=(*PERIOD.carries, "due_at"))
    cases = slices(store).get(store, group, asked.key)
    closed, due = (CATALOGUE[name] for name in ("handling_hours", "on_time_rate"))
    timed, owed = parts_of(asked, closed).denominator or REPORTED, parts_of(asked, due).denominator or REPORTED
    kept = parts_of(asked, due).numerator[0][1]
    companies = {"companies": asked.ground.places.companies()} if asked.companies else {}
    row = store.arrow(
        f"""SELECT count(*) FILTER (timed) AS n, quantile_cont(hours, [0.5, 0.9]) FILTER (timed) AS taken,
                count(*) FILTER (late) AS late, quantile_cont(over, 0.5) FILTER (late) AS over
            FROM (SELECT ({timed.sql}) AS timed, ({owed.sql}) AND NOT ({kept.sql}) AND due_at IS NOT NULL AS late,
                    (epoch_us(closed_at) - epoch_us(registered_at)) / 3.6e9 AS hours,
                    (epoch_us(coalesce(closed_at, $t)) - epoch_us(due_at)) / 3.6e9 AS over
                  FROM {with_companies(asked.companies)} WHERE {asked.where.sql})""",
        asked.where.params | {"t": asked.key.t},
        slice=cases,
        **companies,
    ).to_pylist()[0]
    taken = row["taken"] or [None, None]
    return Delay(int(row["n"]), taken[0], taken[1], int(row["late"]), row["over"])


def _category_sums(store: Store, question: Question) -> dict[str, dict[int, float]]:
    """What the parts are made from, by category: name → category_id → weighted count."""
    found: dict[str, dict[int, float]] = {}
    asked = ask(store, question)
    found |= _counts(store, asked, PERIOD, {"reported": ((1.0, REPORTED),)})
    for figure, whole, good in (
        ("on_time_rate", "due", "in_time"), ("satisfaction_rate", "called", "satisfied"), ("repeat_rate", "pointed", "repeated"),
    ):  # fmt: skip
        definition = CATALOGUE[figure]
        parts = parts_of(asked, definition)
        terms = {whole: ((1.0, parts.denominator or REPORTED),), good: tuple(parts.numerator)}
        found |= _counts(store, asked, group_of(definition), terms)
    return found


def _counts(
    store: Store, asked: Asked, group: Group, terms: Mapping[str, tuple[tuple[float, Part], ...]]
) -> dict[str, dict[int, float]]:
    companies = {"companies": asked.ground.places.companies()} if asked.companies else {}
    cases = store.arrow(
        f"SELECT category_id AS place_id, marks FROM {with_companies(asked.companies)} WHERE {asked.where.sql}",
        asked.where.params,
        slice=slices(store).get(store, group, asked.key),
        **companies,
    )
    names = {f"{name}{i}": part for name, sums in terms.items() for i, (_, part) in enumerate(sums)}
    table: pa.Table = counted(cases, names)
    ids = table.column("place_id").fill_null(-1).to_pylist()
    made: dict[str, dict[int, float]] = {}
    for name, sums in terms.items():
        total = sum(
            (weight * table.column(f"{name}{i}").to_numpy() for i, (weight, _) in enumerate(sums)), np.zeros(len(ids))
        )
        made[name] = dict(zip(ids, total.tolist(), strict=True))
    return made


def _names(store: Store, ids: list[int]) -> list[tuple[str, str]]:
    """Each category's name, and that of the one above it."""
    rows = store.rows(
        "SELECT k.category_id AS id, k.name, p.name AS above FROM category k LEFT JOIN category p ON p.category_id = k.parent_id"
    )
    known = {row["id"]: (row["name"], row["above"] or "") for row in rows}
    return [known[one] for one in ids]
