"""Where hot spots of reports are new, grow, persist or fade: Gi* week by week over the last twelve (`spots.py` has the rules).

Where at least half of the places have households, reports are standardised by them, so that a large place weighs no more than a small one
and a small one is no spot by luck; places without households (a mall, a market) then take no part. Else the counts themselves are tested.

emerging(store, "grid", None, at)          the spots that are new or grow, the strongest first
courses(store, "grid", "垃圾", at)          every place, of one category and those under it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.figure_cache import slices
from data.figure_counts import counted
from data.figure_filters import Filter
from data.figure_places import NOWHERE, Listing
from data.figure_question import Asked, Question, ask
from data.figure_rows import REPORTED
from data.figure_sql import COLUMNS, PERIOD
from data.neighbours import neighbours_of
from data.periods import Period
from data.spots import COURSES, GROWING, NEW, Course, course, standardised

if TYPE_CHECKING:
    from data.store import Store

Column = NDArray[np.float64]
WEEKS = 12
ENOUGH = 0.5  # share of the places with households


@dataclass(frozen=True)
class Emerging:
    """A hot spot. place: its code; z, p: of the last week, p as the control of false discoveries leaves it; weeks: how many of the
    twelve it was hot in; counts: its own reports a week, the last week last; kind: new, growing, persistent, occasional, fading."""

    place: str
    place_id: int
    name: str
    kind: str
    z: float
    p: float
    weeks: int
    counts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Weeks:
    """Every place of a level over the weeks. counts, z, q: (places, weeks); z is NaN of a place that takes no part. by_households: whether
    counts were standardised by households."""

    period: Period
    units: Listing
    counts: Column
    z: Column
    q: Column
    course: Course
    by_households: bool


def emerging(
    store: Store, level: str, category: str | None, at: datetime, *, kinds: Sequence[int] = (NEW, GROWING)
) -> list[Emerging]:
    """The spots of some kinds (default: new and growing) at an instant, the strongest first. category: its code or name, null
    for all. Raises QuestionError, NotFound."""
    found = courses(store, level, category, at)
    chosen = np.flatnonzero(np.isin(found.course.kind, kinds))
    return [_spot(found, i) for i in chosen[np.argsort(-found.z[chosen, -1], kind="stable")].tolist()]


def courses(store: Store, level: str, category: str | None, at: datetime, filters: tuple[Filter, ...] = ()) -> Weeks:
    """Every place of the level, over the twelve whole weeks up to the last midnight before `at`."""
    period = weeks_before(store, at)
    chosen = filters + ((Filter("category", (category,)),) if category else ())
    question = Question(level, period.start, period.end, as_of=at, filters=chosen, figures=("reported",))
    asked = ask(store, question)
    units = _with_shape(asked)
    counts = weekly(store, asked, units, period)
    pairs = neighbours_of(store, asked.key.atlases[-1][0], level, units.codes)
    households = asked.ground.places.households_of(units.ids)
    by_households = tells(households)
    told, z, q = course(standardised(counts, households) if by_households else counts, pairs)
    return Weeks(period, units, counts, z, q, told, by_households)


def tells(households: Column) -> bool:
    """Whether enough places have households for counts to be standardised by them."""
    return bool(len(households)) and float((np.nan_to_num(households) > 0).mean()) >= ENOUGH


def weeks_before(store: Store, at: datetime) -> Period:
    """Twelve weeks that end with the last midnight of the deployment's zone."""
    end = datetime.combine(at.astimezone(store.zone).date(), time(), store.zone)
    return Period(end - timedelta(weeks=WEEKS), end)


def weekly(store: Store, asked: Asked, units: Listing, period: Period) -> Column:
    """Reports of each unit and week."""
    by_day = replace(PERIOD, name="period by reported_at", carries=(*PERIOD.carries, "reported_at"))
    cases = slices(store).get(store, by_day, asked.key)
    companies = {"companies": asked.ground.places.companies()} if asked.companies else {}
    week = "date_diff('day', $first::DATE, (reported_at AT TIME ZONE $zone)::DATE) // 7"
    rows = store.arrow(
        f"""SELECT coalesce({COLUMNS[asked.question.level]}, {NOWHERE}) * {WEEKS} + {week} AS place_id, marks
            FROM slice WHERE {asked.where.sql} AND reported_at >= $start AND reported_at < $end""",
        asked.where.params
        | {"first": period.start.date(), "zone": store.zone.key, "start": period.start, "end": period.end},
        slice=cases,
        **companies,
    )
    found = counted(rows, {"n": REPORTED})
    number = found.column("place_id").fill_null(NOWHERE).to_numpy()
    place = units.positions(number // WEEKS)
    there = place >= 0
    made = np.zeros((len(units.ids), WEEKS))
    made[place[there], number[there] % WEEKS] = found.column("n").to_numpy()[there]
    return made


def _with_shape(asked: Asked) -> Listing:
    tree, within = asked.ground.places, asked.question.within
    inner = None if within is None else tree.find(within, asked.question.level)[0]
    return tree.listing(asked.question.level, inner)


def _spot(found: Weeks, i: int) -> Emerging:
    units, kind = found.units, COURSES[int(found.course.kind[i])]
    counts = tuple(int(n) for n in found.counts[i])
    z, q = float(found.z[i, -1]), float(found.q[i, -1])
    return Emerging(
        str(units.codes[i]), int(units.ids[i]), units.names[i], kind, z, q, int(found.course.weeks[i]), counts
    )
