"""What a panel of a wall is: a name, what a layout may say of it, and what it shows of a place. A panel is a module in
`panels/`; the registry lists them.

What a panel shows is a dictionary of pieces, which travel as any channel's do (`dashboard/live/channels.py`): only pieces
that changed are sent. `body` is a list of Dash's HTML components, which the browser puts on the page and later changes in
place; any other piece is for a script of the panel's own (`jingwei.wall.draws` in assets/wall).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from dashboard.choice import Choice
from data.figure_cache import slices
from data.figure_filters import Filter
from data.figures import CATALOGUE, Question
from data.kinds import Name, Part
from data.levels import LEVELS
from data.periods import Period
from data.store import Store

PeriodName = Literal["today", "7d", "30d", "month"]
PERIODS: tuple[PeriodName, ...] = ("today", "7d", "30d", "month")
FilterName = Literal["track", "channel", "category", "unit"]


def _figure(name: str) -> str:
    if name not in CATALOGUE:
        raise ValueError(f"there is no figure {name!r}; there are {', '.join(CATALOGUE)}")
    return name


def _level(name: str) -> str:
    if name not in LEVELS:
        raise ValueError(f"there is no level {name!r}; there are {', '.join(LEVELS)}")
    return name


FigureName = Annotated[str, AfterValidator(_figure)]
LevelName = Annotated[str, AfterValidator(_level)]


class Options(Part):
    """What a layout may say of every panel. title: instead of the panel's own; filters: only cases with these values."""

    panel: str
    title: Name | None = None
    filters: dict[FilterName, list[str]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    """The place a wall shows. chain: its id and those of all places above it, the district's last."""

    place_id: int
    level: str
    code: str
    name: str
    chain: tuple[int, ...]

    @property
    def is_district(self) -> bool:
        """Whether it is all there is."""
        return self.level == "district"


@dataclass(frozen=True)
class Ask:
    """What a panel is asked: of which place, with which options, at which moment (null: now)."""

    store: Store
    spot: Spot
    options: Any
    at: datetime | None = None

    @property
    def now(self) -> datetime:
        """The moment everything on a wall is counted at: one for all its panels, until something is written."""
        return self.at or slices(self.store).now(self.store)

    @property
    def choice(self) -> Choice:
        """The filters of the layout as the one map's parts know them."""
        return Choice(filters=tuple((name, tuple(values)) for name, values in self.options.filters.items()))

    def period(self, name: PeriodName) -> Period:
        """Today, the last days with today as the last, or this month."""
        midnight = self.now.astimezone(self.store.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if name == "month":
            first = midnight.replace(day=1)
            return Period(first, (first + timedelta(days=32)).replace(day=1))
        days = {"today": 1, "7d": 7, "30d": 30}[name]
        return Period(midnight - timedelta(days=days - 1), midnight + timedelta(days=1))

    def question(self, period: Period, *figures: str, level: str = "") -> Question:
        """About the place itself, or about those of a level inside it."""
        return Question(
            level=level or self.spot.level,
            start=period.start,
            end=period.end,
            as_of=self.now,
            filters=tuple(Filter(name, tuple(values)) for name, values in self.options.filters.items()),
            within=None if self.spot.is_district else self.spot.code,
            figures=figures,
        )


@dataclass(frozen=True)
class Panel:
    """One kind of panel. title: its own, asked with the options; every: seconds between two looks at it, at least;
    classes: of its box on the page."""

    name: str
    title: Callable[[Any], str]
    shown: Callable[[Ask], dict[str, Any]]
    options: type[Options] = Options
    every: float = 1.0
    classes: tuple[str, ...] = field(default=())
