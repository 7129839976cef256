"""League tables: any figure of any level's units, ranked fairly among their peers.

    ranking(store, Question("community", start, end), "on_time_rate", before=the question of the period before)

Every unit is listed with n, value and interval. Those with fewer cases than the minimum are listed and not ranked. The others stand by
what they would be as one of their peers, each with the interval its rank may truly lie in (`estimates.py`, `ranks.py`, `tenths.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data import estimates, ranks, tenths
from data.directions import GOOD_WHEN_LOW, NEITHER
from data.errors import QuestionError
from data.estimates import Learning
from data.figure_catalogue import CATALOGUE
from data.figure_places import Listing, Numbers
from data.figure_question import Question, ask
from data.intervals import TAILS, Column
from data.peers import ALL, peer_groups
from data.periods import Period
from data.reporting import reporting
from data.samples import Samples, samples

if TYPE_CHECKING:
    from data.store import Store

SUBJECTS = ("street", "community", "grid", "micro_grid", "estate", "unit", "company")
Some = NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Units compared with one another. units: those with cases; ranked: those with enough; pooled: their value together."""

    name: str
    units: int
    ranked: int
    learning: Learning
    pooled: float | None


@dataclass(frozen=True, eq=False)
class Ranking:
    """A league table as columns, an entry a unit in order of code; NaN is none.

    group: place in `groups`; score: what it is ranked by; tenth: in the bottom tenth; cases_to_tenth: how far from its cut;
    before: rank in the period before; excluded: cases left out by decision.
    """

    figure: str
    question: Question
    minimum: int
    groups: tuple[Group, ...]
    samples: Samples
    group: Numbers
    low: Column
    high: Column
    score: Column
    rank: Column
    rank_low: Column
    rank_high: Column
    before: Column
    tenth: NDArray[np.bool_]
    cases_to_tenth: Column

    @property
    def units(self) -> Listing:
        """Who is listed."""
        return self.samples.units

    @property
    def low_is_first(self) -> bool:
        """Whether less is better."""
        return self.figure in GOOD_WHEN_LOW

    @property
    def judged(self) -> bool:
        """Whether there is a better and a worse."""
        return self.figure not in NEITHER

    @property
    def drawn(self) -> bool:
        """Whether every rank interval was drawn; else what the draws tend to was computed."""
        return all(group.ranked <= ranks.MOST_DRAWN for group in self.groups)


def ranking(
    store: Store, question: Question, figure: str, *, before: Question | None = None, peers: bool = True
) -> Ranking:
    """The league table of the question's level. before: the same about the period before; peers: whether kinds stand apart.
    Raises QuestionError, NotFound."""
    _check(question, figure)
    minimum = reporting(store).minimum.of(figure, question.level, Period(question.start, question.end))[0]
    table = _standing(store, question, figure, minimum, peers=peers)
    low, high = estimates.interval(table.samples)
    table = replace(table, low=low, high=high)
    for number in range(len(table.groups)):
        _certainty(table, number)
    if before is None:
        return table
    earlier = _standing(store, before, figure, minimum, peers=peers)
    return replace(table, before=_moved(table, earlier))


def believed(store: Store, question: Question, figure: str) -> tuple[Column, Column, Column]:
    """What every unit is taken for among its peers, and from where to where that may be with 95 %, in order of `figures`' rows
    of places; NaN where there is no value. Raises QuestionError, NotFound."""
    _check(question, figure)
    table = _standing(store, question, figure, 0, peers=True)
    low, high = estimates.interval(table.samples)
    for number, group in enumerate(table.groups):
        own = np.flatnonzero((table.group == number) & ~np.isnan(table.score) & (table.samples.n > 0))
        if group.learning.prior is not None and len(own):
            ends = estimates.spread(table.samples, own, group.learning.prior).quantiles(np.array(TAILS))
            low[own], high[own] = ends[:, 0], ends[:, 1]
    return table.score, low, high


def peers_value(store: Store, question: Question, figure: str) -> Column:
    """What the peers of every unit come to together, in order of `figures`' rows of places: cases pooled; of counts and medians, which
    do not pool, the mean of the units with a value. Raises QuestionError, NotFound."""
    _check(question, figure)
    table = _standing(store, question, figure, 0, peers=True)
    of_group = []
    for number, group in enumerate(table.groups):
        known = table.samples.value[(table.group == number) & ~np.isnan(table.samples.value)]
        mean = float(known.mean()) if len(known) else np.nan
        of_group.append(mean if group.pooled is None or table.samples.figure.type == "quantile" else group.pooled)
    return np.array(of_group)[table.group]


def _check(question: Question, figure: str) -> None:
    if figure not in CATALOGUE or CATALOGUE[figure].type == "none":
        raise QuestionError(f"There is no figure {figure!r} to rank by.", where="figure")
    if question.level not in SUBJECTS:
        raise QuestionError(
            f"{question.level} has no league table.", where="level", todo=f"One of {', '.join(SUBJECTS)}."
        )


def _standing(store: Store, question: Question, figure: str, minimum: int, *, peers: bool) -> Ranking:
    """Who stands where, without how sure that is."""
    asked = ask(store, replace(question, figures=(figure,)))
    found = samples(store, asked, figure)
    day = Period(question.start, question.end).last_day(store.zone)
    kinds = peer_groups(store, question.level, found.units, day) if peers else [ALL] * len(found.units.ids)
    listed = [kind for kind, value in zip(kinds, found.value, strict=True) if not np.isnan(value)]
    names = sorted(set(listed)) or [ALL]
    kinds = [
        kind if kind in names else names[0] for kind in kinds
    ]  # units of a kind without any case stand at the end of a list
    none = np.full(len(kinds), np.nan)
    table = Ranking(
        figure, question, 0 if found.figure.type == "count" else minimum, (), found,
        np.array([names.index(kind) for kind in kinds], dtype=np.int64),
        none, none, none, none.copy(), none.copy(), none.copy(), none, np.zeros(len(kinds), dtype=bool), none.copy(),
    )  # fmt: skip
    learnt = estimates.learn_all(
        found, [np.flatnonzero((table.group == number) & ~np.isnan(found.value)) for number in range(len(names))]
    )
    groups, score = [], none.copy()
    for name, (members, learning) in zip(names, learnt, strict=True):
        score[members] = estimates.shrunk(found, members, learning.prior)
        ranked = members[found.n[members] >= table.minimum]
        table.rank[ranked] = ranks.ranks(score[ranked], low_is_first=table.low_is_first)
        groups.append(Group(name, len(members), len(ranked), learning, _pooled(found, members)))
    return replace(table, groups=tuple(groups), score=score)


def _certainty(table: Ranking, number: int) -> None:
    """Rank intervals and the bottom tenth of one group, into the table's columns."""
    own = np.flatnonzero((table.group == number) & ~np.isnan(table.rank))
    if not len(own):
        return
    prior = table.groups[number].learning.prior
    spread = estimates.spread(table.samples, own, prior)
    low, high = ranks.rank_intervals(spread, low_is_first=table.low_is_first)
    # Units alike share the better rank, which none of them may have in any draw.
    table.rank_low[own], table.rank_high[own] = np.minimum(low, table.rank[own]), np.maximum(high, table.rank[own])
    if not table.judged:
        return
    scores = -table.score[own] if table.low_is_first else table.score[own]
    within, cut = tenths.bottom(scores)
    table.tenth[own] = within
    if cut is None:
        return
    if table.samples.figure.type == "quantile":
        inside, outside = (_at_most(table.samples, own, -edge) for edge in (cut.inside, cut.outside))
        table.cases_to_tenth[own] = tenths.median_distances(inside, outside, within, table.samples.n[own])
        return
    steps = estimates.steps(table.samples, own, prior)
    table.cases_to_tenth[own] = tenths.distances(scores, within, cut, steps)


def _at_most(found: Samples, own: Some, edge: float) -> Column:
    """How many values of each unit are at most the edge."""
    below = np.concatenate([[0], np.cumsum(found.hours <= edge)])
    last = found.first[own] + found.n[own].astype(np.int64)
    return np.asarray(below[last] - below[found.first[own]], dtype=np.float64)


def _moved(table: Ranking, earlier: Ranking) -> Column:
    """Each unit's rank in the table of the period before, where it was ranked among the same peers."""
    at = earlier.units.positions(table.units.ids)
    names = [group.name for group in table.groups], [group.name for group in earlier.groups]
    same = np.array(
        [i >= 0 and names[0][own] == names[1][int(earlier.group[i])] for own, i in zip(table.group, at, strict=True)],
        dtype=bool,
    )
    return np.where(same, earlier.rank[np.maximum(at, 0)], np.nan) if len(earlier.rank) else np.full(len(at), np.nan)


def _pooled(found: Samples, own: Some) -> float | None:
    """The value of some units together: their cases, never the mean of their values."""
    kind, n = found.figure.type, found.n[own].sum()
    if kind == "count" or not n:
        return None
    if kind == "quantile":
        hours = [found.hours[first : first + int(m)] for first, m in zip(found.first[own], found.n[own], strict=True)]
        return float(np.median(np.concatenate(hours)))
    share = float(found.numerator[own].sum() / n)
    return share * estimates.PER if kind == "rate" else share
