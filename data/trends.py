"""A figure over time: one place's value in each of many adjoining periods, from one query.

A trend is counted from one slice over all the periods, in which every case also carries the time it belongs to, so thirty
days cost what one month costs. All periods are seen from the same as-of instant and in the plan in force at the end of the
last, so that a place is compared with itself; where that plan held all along each point equals `figures` of its period. What
is open has no period: it is counted as it stood at the end of each, or at the as-of instant if that comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.areas import homes, inside
from data.errors import QuestionError
from data.figure_cache import slices
from data.figure_catalogue import CATALOGUE, FigureDef, Parts
from data.figure_changes import Changed
from data.figure_counts import counted
from data.figure_marks import HELPERS, STANDING, Part, marks_sql
from data.figure_places import LISTED
from data.figure_question import Asked, Question, ask
from data.figure_rows import REPORTED, group_of, parts_of, wanted
from data.figure_sql import COLUMNS, IDENTITY, ONLY, PLACE_LEVELS, POINT, STATE, atlas_of, with_companies
from data.fold import PAST
from data.periods import Period

if TYPE_CHECKING:
    from data.store import Store

Column = NDArray[np.float64]
MOST = 400  # periods in one trend

# The time by which a case belongs to a period, for each basis; handling has a deadline of its own.
_MOMENTS = {
    "reported": "reported_at",
    "registered": "registered_at",
    "due": "judged_at",
    "closed": "closed_at",
    "called_back": "call_completed_at",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a trend; as in `Figure`, a rate over nothing has no value and a count no denominator."""

    period: Period
    numerator: float | None
    denominator: float | None
    value: float | None


def trend(store: Store, question: Question, figure: str, periods: Sequence[Period]) -> list[Point]:
    """The figure in each of the periods, which adjoin one another in order of time.

    question: as for `figures`; its period and figures are not read, and with `within` (a place of its level) it is about that
    place, else about everything. Raises QuestionError, NotFound.
    """
    _check(question, figure, periods)
    whole = replace(question, start=periods[0].start, end=periods[-1].end, figures=(figure,))
    asked = ask(store, whole)
    definition = CATALOGUE[figure]
    if definition.type == "none":
        return [Point(period, None, None, None) for period in periods]
    parts = parts_of(asked, definition)
    cases = (
        _standing(store, asked, periods) if group_of(definition) is STATE else _dated(store, asked, definition, periods)
    )
    numerator, denominator, value = _counted(store, asked, definition, parts, cases, len(periods))
    return [
        Point(period, _plain(numerator[i]), None if denominator is None else _plain(denominator[i]), _plain(value[i]))
        for i, period in enumerate(periods)
    ]


def _check(question: Question, figure: str, periods: Sequence[Period]) -> None:
    if figure not in CATALOGUE:
        raise QuestionError(f"There is no figure {figure!r}.", where="figure", todo=f"One of {', '.join(CATALOGUE)}.")
    if not 0 < len(periods) <= MOST:
        raise QuestionError(f"A trend has 1 to {MOST} periods, not {len(periods)}.", where="period")
    if any(a.end != b.start for a, b in pairwise(periods)):
        raise QuestionError("The periods of a trend adjoin one another.", where="period")
    if question.published is not None:
        raise QuestionError("A trend cannot be had as it was published.", where="published")


def _dated(store: Store, asked: Asked, definition: FigureDef, periods: Sequence[Period]) -> pa.Table:
    """The cases chosen: place_id (the number of the period each belongs to), marks, hours."""
    basis = wanted(asked, definition).basis
    moment = "handle_due_at" if definition.name == "on_time_handling_rate" and basis == "due" else _MOMENTS[basis]
    group = group_of(definition)
    carries = tuple(dict.fromkeys((*group.carries, moment)))
    cases = slices(store).get(store, replace(group, name=f"{group.name} by {moment}", carries=carries), asked.key)
    hours = "(epoch_us(closed_at) - epoch_us(registered_at)) / 3.6e9" if definition.type == "quantile" else "NULL"
    chosen = store.arrow(
        f"""SELECT epoch_us({moment}) AS moment, marks, {hours}::DOUBLE AS hours
            FROM {with_companies(asked.companies)} WHERE {asked.where.sql} AND {moment} IS NOT NULL""",
        asked.where.params,
        slice=cases,
        **_companies(asked),
    )
    starts = np.array([_micros(period.start) for period in periods])
    number = np.searchsorted(starts, chosen.column("moment").to_numpy(), side="right") - 1
    inside = (number >= 0) & (chosen.column("moment").to_numpy() < _micros(periods[-1].end))
    return chosen.append_column("place_id", pa.array(np.where(inside, number, -1)))


def _standing(store: Store, asked: Asked, periods: Sequence[Period]) -> pa.Table:
    """Cases open at the end of each period: a row a case and period, place_id its number."""
    ends = [min(period.end, asked.key.t) for period in periods]
    name = f"standing at {len(ends)} of {ends[0].isoformat()}"
    everywhere = replace(asked.key, area=None)

    def make(some: Changed | None) -> pa.Table:
        given = {} if some is None else {"some_cases": some.ids}
        return store.arrow(_standing_sql(asked, ONLY if given else ""), _moments(asked, ends), **given)

    cases = slices(store).kept(store, name, everywhere, make)
    if asked.key.area is not None:
        cases = inside(cases, asked.key.area)
    return store.arrow(
        f"SELECT number AS place_id, marks, NULL::DOUBLE AS hours FROM {with_companies(asked.companies)} WHERE {asked.where.sql}",
        asked.where.params,
        slice=cases,
        **_companies(asked),
    )


def _moments(asked: Asked, ends: list[datetime]) -> dict[str, object]:
    return {"kind": asked.question.kind, "ends": ends, "first": min(ends), "last": max(ends)}


def _standing_sql(asked: Asked, of: str) -> str:
    """The state each open case was in at each of the instants $ends, in the columns of a slice. of: of which cases.

    A state that holds still begins at `since`; one that has ended stands in case_past. A task's parent is left out from
    when its first sub-case was reported.
    """
    places = ", ".join(f"p.{level}_id" for level in PLACE_LEVELS)
    identity = ", ".join(f"c.{name}" for name in IDENTITY)
    matters = "({0}stage <> 'closed' OR {0}voided)"
    return f"""
        WITH tick AS (SELECT unnest(list_distinct($ends)) AS t),
        parent AS MATERIALIZED (
            SELECT parent_case_id AS case_id, min(reported_at) AS parent_from FROM cases
            WHERE parent_case_id IS NOT NULL AND kind = $kind GROUP BY 1),
        state AS (
            SELECT {identity}, {", ".join(f"c.{name}" for name in PAST)}, c.since AS valid_from, NULL AS valid_to
            FROM (FROM cases{of}) c WHERE c.kind = $kind AND c.reported_at <= $last AND c.since <= $last AND {matters.format("c.")}
            UNION ALL
            SELECT {identity}, {", ".join(f"s.{name}" for name in PAST)}, s.valid_from, s.valid_to
            FROM (FROM case_past{of}) s JOIN (FROM cases{of}) c USING (case_id)
            WHERE c.kind = $kind AND c.reported_at <= $last AND s.valid_from <= $last AND s.valid_to > $first
                AND {matters.format("s.")}),
        held AS (
            SELECT state.*, t FROM state JOIN tick ON valid_from <= t AND (valid_to IS NULL OR valid_to > t) AND reported_at <= t
            LEFT JOIN parent USING (case_id) WHERE parent_from IS NULL OR parent_from > t),
        placed AS (
            SELECT s.*, {HELPERS}, {places}, coalesce(p.located, 'none') AS located
            FROM held s LEFT JOIN (FROM case_place{of}) p ON p.case_id = s.case_id AND p.atlas_id = {atlas_of(asked.key.atlases)}),
        standing AS (SELECT *, {STANDING.replace("$t", "t")} FROM placed)
        SELECT number, case_id, {", ".join(COLUMNS[level] for level in PLACE_LEVELS)}, located,
            CASE WHEN closed THEN coalesce(closed_unit_id, unit_id) ELSE unit_id END AS unit_id,
            category_id, track, channel, flags, {POINT}, {marks_sql(STATE.marks)} AS marks
        FROM standing JOIN (SELECT unnest($ends) AS t, unnest(range(len($ends))) AS number) USING (t)"""


def _counted(
    store: Store, asked: Asked, definition: FigureDef, parts: Parts, cases: pa.Table, n: int
) -> tuple[Column, Column | None, Column]:
    """Numerator, denominator and value of each period; NaN is no value."""
    used = {f"n{i}": part for i, (_, part) in enumerate(parts.numerator)} | {"d": parts.denominator or REPORTED}
    used |= {f"s{i}": part for i, part in enumerate(parts.said)}
    columns = _laid(counted(cases, used), n)
    numerator = sum((w * columns[f"n{i}"] for i, (w, _) in enumerate(parts.numerator)), start=np.zeros(n))
    if definition.type == "quantile":
        return np.full(n, np.nan), columns["d"], _medians(cases, parts.denominator or REPORTED, n)
    if definition.type == "count":
        return numerator, None, numerator
    if definition.type == "rate":
        households = np.full(n, _households(store, asked))
        return numerator, households, 100 * _ratio(numerator, households)
    value = _ratio(numerator, columns["d"])
    for i in range(len(parts.said)):
        value = np.where(columns[f"s{i}"] > 0, value, np.nan)
    return numerator, columns["d"], value


def _laid(table: pa.Table, n: int) -> dict[str, Column]:
    """The counts of `counted` in order of the periods, 0 where a period has none."""
    number = table.column("place_id").fill_null(-1).to_numpy()
    inside = number >= 0
    laid: dict[str, Column] = {}
    for name in table.column_names:
        if name != "place_id":
            laid[name] = np.zeros(n)
            laid[name][number[inside]] = table.column(name).to_numpy()[inside]
    return laid


def _medians(cases: pa.Table, timed: Part, n: int) -> Column:
    marks = cases.column("marks").to_numpy()
    fits = (marks & int(timed.has | timed.lacks)) == int(timed.has)
    number, hours = cases.column("place_id").to_numpy(), cases.column("hours").to_numpy()
    medians = np.full(n, np.nan)
    for i in range(n):
        if len(chosen := hours[fits & (number == i)]):
            medians[i] = np.median(chosen)
    return medians


def _households(store: Store, asked: Asked) -> float:
    question, tree = asked.question, asked.ground.places
    if question.level in LISTED:
        return np.nan
    if (area := asked.key.area) is not None:
        n = homes(store, area, asked.key.atlases[-1][0]).n if question.level == "district" else None
        return np.nan if n is None else n
    inner = None if question.within is None else tree.find(question.within, question.level)[0]
    return float(tree.households_of(tree.listing(question.level, inner).ids[:1])[0])


def _companies(asked: Asked) -> dict[str, pa.Table]:
    return {"companies": asked.ground.places.companies()} if asked.companies else {}


def _ratio(numerator: Column, denominator: Column) -> Column:
    ratio: Column = np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=denominator > 0)
    return ratio


def _micros(moment: datetime) -> int:
    return int(np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us").astype(np.int64))


def _plain(value: float) -> float | None:
    """As `figures` gives numbers: whole ones as integers, none as null."""
    if np.isnan(value):
        return None
    return int(value) if float(value).is_integer() else float(value)
