"""A question to the figures, and what it means in this store: which instant, which atlas, which cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from data.areas import Area, area_of
from data.errors import QuestionError
from data.figure_cache import SliceKey, slices
from data.figure_catalogue import BASES, CATALOGUE, FigureDef
from data.figure_filters import AREA, Filter, Where, occurs, where
from data.figure_places import QUESTION_LEVELS, Ground, ground
from data.periods import Period

if TYPE_CHECKING:
    from data.store import Store

DEFAULT_WEIGHTS = (10.0, 50.0, 40.0)
# Kinds of case there may be none of yet; any other must occur.
KINDS = ("event", "task", "whistle", "request", "listing", "supervision", "interview", "project")


@dataclass(frozen=True)
class Question:
    """What is asked. start, end: a half-open period; as_of: null is now; published: as it was published at that time.

    basis: the time that must lie in the period, null for each figure's own; plan: "period_end", "at_event" or "plan:ID";
    within: code of a place whose inside is meant; figures: null for all; weights: of response, resolution, satisfaction.
    """

    level: str
    start: datetime
    end: datetime
    as_of: datetime | None = None
    kind: str = "event"
    basis: str | None = None
    filters: tuple[Filter, ...] = ()
    plan: str = "period_end"
    published: datetime | None = None
    within: str | None = None
    figures: tuple[str, ...] | None = None
    weights: tuple[float, float, float] = DEFAULT_WEIGHTS


@dataclass(frozen=True)
class Asked:
    """A question resolved against the store."""

    question: Question
    key: SliceKey
    ground: Ground
    where: Where
    defs: tuple[FigureDef, ...]

    @property
    def companies(self) -> bool:
        """Whether it has to be known which company looks after which estate."""
        return self.where.companies or self.question.level == "company"


def ask(store: Store, question: Question) -> Asked:
    """Check a question and resolve its times, places and filters. Raises QuestionError, NotFound."""
    _check(store, question)
    last_day = Period(question.start, question.end).last_day(store.zone)
    on = ground(store, question.plan, last_day)
    key = SliceKey(
        store.version,
        question.kind,
        question.start,
        question.end,
        question.as_of or slices(store).now(store),
        question.published,
        on.atlases,
        _area(question),
    )
    condition = where(store, question.filters, on.places, question.level, question.within)
    return Asked(question, key, on, condition, tuple(CATALOGUE[name] for name in question.figures or CATALOGUE))


def _area(question: Question) -> Area | None:
    drawn = [chosen.values for chosen in question.filters if chosen.field == AREA and chosen.values]
    if len(drawn) > 1:
        raise QuestionError("A question has one area.", where=AREA, todo="Write several outlines as one MULTIPOLYGON.")
    return area_of(drawn[0]) if drawn else None


def _check(store: Store, question: Question) -> None:
    _known("level", question.level, QUESTION_LEVELS)
    if question.kind not in KINDS and not occurs(store, "kind", question.kind):
        _known("kind", question.kind, KINDS)
    if question.basis is not None:
        _known("basis", question.basis, BASES)
    for name in question.figures or ():
        _known("figure", name, tuple(CATALOGUE))
    for moment in (question.as_of, question.published):
        if moment is not None and moment.tzinfo is None:
            raise QuestionError("An instant needs a time zone.", where="as_of")


def _known(what: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise QuestionError(f"There is no {what} {name!r}.", where=what, todo=f"One of {', '.join(names)}.")
