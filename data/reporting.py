"""How a city reports: when its month begins, what the three rates weigh, and how many cases a figure must rest on.

`reporting.toml` beside this file holds the defaults; a city's own in its home takes its place. It is read when the store opens
and whenever definitions are read again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from data.figure_catalogue import CATALOGUE
from data.kinds import Part
from data.levels import LEVELS
from data.periods import MonthStart, Period
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

Span = Literal["week", "month", "quarter", "half", "year"]
_DAYS: tuple[tuple[Span, int], ...] = (("week", 10), ("month", 45), ("quarter", 135), ("half", 270))


class Month(Part):
    """When it begins."""

    day: int = Field(1, ge=1, le=28)
    hour: int = Field(0, ge=0, le=23)


class ThreeRates(Part):
    """Weights in points; together 100."""

    response: float = Field(ge=0)
    resolution: float = Field(ge=0)
    satisfaction: float = Field(ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(sum(self.weights) - 100) > 1e-9:
            raise ValueError(f"the weights sum to {sum(self.weights):g}, not to 100")
        return self

    @property
    def weights(self) -> tuple[float, float, float]:
        """Of response, resolution, satisfaction."""
        return self.response, self.resolution, self.satisfaction


class Exception_(Part):
    """Another minimum where figure, level and period are these; null is any."""

    figure: str | None = None
    level: str | None = None
    period: Span | None = None
    rank: int | None = Field(None, ge=1)
    colour: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.figure is not None and self.figure not in CATALOGUE:
            raise ValueError(f"there is no figure {self.figure!r}")
        if self.level is not None and self.level not in (*LEVELS, "unit", "company"):
            raise ValueError(f"there is no level {self.level!r}")
        return self

    def fits(self, figure: str, level: str, period: Span) -> bool:
        """Whether it is about these."""
        return all(
            own in (None, asked)
            for own, asked in zip((self.figure, self.level, self.period), (figure, level, period), strict=True)
        )


class Minimum(Part):
    """Cases a unit needs."""

    rank: int = Field(30, ge=1)
    colour: int = Field(5, ge=1)
    exception: tuple[Exception_, ...] = ()

    def of(self, figure: str, level: str, period: Period) -> tuple[int, int]:
        """Cases to be ranked, and to be coloured."""
        rank, colour = self.rank, self.colour
        for one in self.exception:
            if one.fits(figure, level, span_of(period)):
                rank, colour = one.rank or rank, one.colour or colour
        return rank, colour


class Reporting(Part):
    """`reporting.toml`."""

    month: Month
    three_rates: ThreeRates
    minimum: Minimum

    @property
    def begins(self) -> MonthStart:
        """When a reporting month begins, as periods take it."""
        return MonthStart(self.month.day, self.month.hour)


def span_of(period: Period) -> Span:
    """Which of the usual lengths a period is nearest to."""
    days = (period.end - period.start).total_seconds() / 86_400
    return next((name for name, most in _DAYS if days < most), "year")


def reporting(store: Store) -> Reporting:
    """What is in force. Raises InputError with file and key path."""
    return settled(store, "reporting", lambda: read(store.home))


def read(home: Path | None) -> Reporting:
    """The city's own, or the shipped one. Raises InputError with file and key path."""
    from data.definitions import definition, read_as

    text = definition(home, "reporting")
    return read_as(Reporting, text.body, text.where)
