"""From what a person chose to the questions the figures answer, and the answers kept while the store stands still."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from dashboard.choice import Choice, as_of_of, before, period_of, year_before
from dashboard.languages import _
from data.atlas import atlases
from data.errors import QuestionError
from data.figure_cache import slices
from data.figure_filters import Filter
from data.figure_question import DEFAULT_WEIGHTS
from data.figures import CATALOGUE, PlaceFigures, Question, figures
from data.levels import LEVELS
from data.on_map import levels_with_places, newest_report
from data.periods import Period, to_minute
from data.reporting import reporting
from data.store import Store
from data.trends import Point, trend

KEPT = 128  # answers
FRESH = 60.0  # seconds a comparison is kept
T = TypeVar("T")

_answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_pending: dict[tuple[Any, ...], Lock] = {}
_before: dict[tuple[str, Question], tuple[float, list[PlaceFigures]]] = {}
_lock = Lock()


@dataclass(frozen=True)
class Asked:
    """A choice with everything filled in: what the screen's parts all ask about."""

    choice: Choice
    level: str
    figure: str
    basis: str  # the one in use
    period: Period
    as_of: datetime
    filters: tuple[Filter, ...]
    weights: tuple[float, float, float] = DEFAULT_WEIGHTS

    def question(self, level: str | None = None, *, only: str | None = None, within: str | None = None) -> Question:
        """The question about every place of a level (default: the level chosen) or of those within one, about every figure
        or one. A figure that cannot be counted on the basis chosen keeps its own."""
        basis = self.choice.basis or None
        return Question(
            level=level or self.level,
            start=self.period.start,
            end=self.period.end,
            as_of=self.as_of,
            basis=(CATALOGUE[only].basis_for(basis, strict=False) or None) if only else basis,
            filters=self.filters,
            within=within,
            figures=(only,) if only else None,
            weights=self.weights,
        )

    def earlier(self) -> Asked:
        """The same, one period before, seen after the same lapse of time: a month half over is compared with the half of the
        month before, and one long past with one that has had as long to be closed."""
        return self._moved(before(self.period))

    def year_earlier(self) -> Asked:
        """The same, a year before, seen after the same lapse of time."""
        return self._moved(year_before(self.period))

    def of_days(self, days: Period) -> Asked:
        """The same about these days; what is open is taken as it stood at their end."""
        ends = min(days.end, self.as_of) if not CATALOGUE[self.figure].bases else self.as_of
        return replace(self, period=days, as_of=ends)

    def _moved(self, period: Period) -> Asked:
        return replace(self, period=period, as_of=self.as_of - (self.period.start - period.start))


def resolve(store: Store, choice: Choice, now: datetime | None = None) -> Asked:
    """Fill in what the choice leaves open. QuestionError for a level or figure there is not.

    now: by default the moment the figures take for theirs, one for all parts of a screen until something is written.
    """
    now = now or slices(store).now(store)
    levels = levels_here(store)
    level = choice.level or default_level(levels)
    if level not in levels:
        raise QuestionError(_("这里没有这一层级的边界"), where=level, todo=_("请选择其他层级，或先导入边界。"))
    if choice.figure not in CATALOGUE:
        raise QuestionError(_("没有这个指标"), where=choice.figure, todo=_("请在左侧重新选择指标。"))
    zone = store.zone
    return Asked(
        choice=choice,
        level=level,
        figure=choice.figure,
        basis=CATALOGUE[choice.figure].basis_for(choice.basis or None, strict=False),
        period=period_of(choice, newest(store), now, zone, reporting(store).begins),
        as_of=as_of_of(choice, now, zone),
        filters=tuple(Filter(name, values) for name, values in choice.filters),
        weights=reporting(store).three_rates.weights,
    )


def levels_here(store: Store) -> list[str]:
    """The levels that can be drawn, from the district down."""
    there = levels_drawn(store)
    return [level for level in LEVELS if level in there]


def levels_drawn(store: Store) -> dict[str, int]:
    """The levels that have places with a shape → how many, from memory while the places stay the same."""
    plans = tuple((atlas.atlas_id, atlas.digest) for atlas in atlases(store))
    return kept((str(store.path), "levels", plans), lambda: levels_with_places(store))


def default_level(levels: list[str]) -> str:
    """What a first visit sees: communities, else the finest administrative level there is."""
    for level in ("community", "street", "grid", *levels):
        if level in levels:
            return level
    raise QuestionError(_("还没有任何边界"), todo=_("请先导入街道、社区或网格的边界。"))


def newest(store: Store) -> datetime | None:
    """The time of the newest report, kept for a minute while nothing is written."""
    return kept((str(store.path), store.version, "newest", to_minute(store.now())), lambda: newest_report(store))


def ask(store: Store, question: Question) -> list[PlaceFigures]:
    """The figures, from memory while nothing was written since."""
    return kept((str(store.path), store.version, question), lambda: figures(store, question))


def ask_trend(store: Store, question: Question, figure: str, periods: tuple[Period, ...]) -> list[Point]:
    """One figure over several periods, from memory while nothing was written since."""
    return kept(
        (str(store.path), store.version, question, figure, periods), lambda: trend(store, question, figure, periods)
    )


def kept(key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """An answer from memory, or made; the key holds what it is true for. The parts of a screen ask at once: one makes the
    answer, the others wait for it."""
    with _lock:
        making = _pending.setdefault(key, Lock())
    with making:
        with _lock:
            found = key in _answers
            if found:
                _answers.move_to_end(key)
        answer: T = _answers[key] if found else make()
        with _lock:
            _answers[key] = answer
            while len(_answers) > KEPT:
                _answers.popitem(last=False)
            _pending.pop(key, None)
    return answer


def ask_before(store: Store, question: Question) -> list[PlaceFigures]:
    """The figures of an earlier period for comparison: up to a minute old, taken anew when the hour they are seen at is another.
    A screen that lives would else count the past again with every ticket of today."""
    key = (
        str(store.path),
        replace(question, as_of=question.as_of and question.as_of.replace(minute=0, second=0, microsecond=0)),
    )
    with _lock:
        found = _before.get(key)
        if found is not None and monotonic() - found[0] < FRESH:
            return found[1]
    answer = figures(store, question)
    with _lock:
        _before[key] = (monotonic(), answer)
        while len(_before) > KEPT:
            _before.pop(next(iter(_before)))
    return answer
