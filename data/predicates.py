"""Predicates: one grammar for exit tests, triggers, vetoes and alarms.

A predicate names what is looked at (a figure of the catalogue, a clock of the case, or a count of the case's own), where and
over which period, and compares it. `Test` joins several. This module only knows what a well-formed predicate is; whoever
can see cases and figures gives the value (`data/verdicts.py`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from data.figure_catalogue import CATALOGUE
from data.levels import LEVELS

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
COUNTS = {
    "parts": "parts the case has",
    "parts_open": "parts that have not ended",
    "parts_arrived": "parts that were handled or where somebody arrived",
    "evidence": "pictures in the ledger of the case",
    "reopened": "times it was sent back or reopened",
}


def _known_figure(name: str) -> str:
    if name not in CATALOGUE:
        raise ValueError(f"there is no figure {name}")
    return name


class Predicate(BaseModel):
    """One comparison.

    figure: counted over the period that ends now; clock: the share of its time used, over 1 when it has run out; count: one of
    `COUNTS`. place: "case" (the lowest place the case is known to lie in), or that place's "estate", "grid" …
    against: "opening" divides the figure by what it was in an equal period before the case was opened, "previous" by what it was in
    the period before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: Annotated[str, AfterValidator(_known_figure)] | None = None
    clock: str | None = None
    count: str | None = None
    place: str = "case"
    period: str | None = Field(None, pattern=r"^[1-9][0-9]{0,2} days$")
    against: Literal["opening", "previous"] | None = None
    operator: Literal["=", "!=", "<", "<=", ">", ">="]
    value: float

    @model_validator(mode="after")
    def _one_subject(self) -> Predicate:
        if sum(part is not None for part in (self.figure, self.clock, self.count)) != 1:
            raise ValueError("names exactly one of figure, clock, count")
        if self.count is not None and self.count not in COUNTS:
            raise ValueError(f"there is no count {self.count}; known: {', '.join(COUNTS)}")
        if self.place not in ("case", *LEVELS):
            raise ValueError(f"there is no place {self.place}; known: case, {', '.join(LEVELS)}")
        if (self.period or self.against) and self.figure is None:
            raise ValueError("only a figure has a period")
        return self

    @property
    def days(self) -> int | None:
        """The length of its period in days."""
        return None if self.period is None else int(self.period.split()[0])

    def text(self) -> str:
        """The comparison as it is written."""
        subject = self.figure or self.clock or self.count
        period = f" over {self.period}" if self.period else ""
        against = f" against {self.against}" if self.against else ""
        return f"{subject}{period}{against} {self.operator} {self.value:g}"


class Test(BaseModel):
    """Several predicates: all of them, or any."""

    __test__ = False  # not for the test runner

    model_config = ConfigDict(frozen=True, extra="forbid")

    all: tuple[Predicate, ...] = ()
    any: tuple[Predicate, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Test:
        if bool(self.all) == bool(self.any):
            raise ValueError("names either all or any")
        return self

    @property
    def parts(self) -> tuple[Predicate, ...]:
        return self.all or self.any

    def verdict(self, values: Sequence[float | None]) -> Verdict:
        """Whether it passes with these values, one a predicate, in order; a missing value passes nothing."""
        held = [
            value is not None and OPERATORS[part.operator](value, part.value)
            for part, value in zip(self.parts, values, strict=True)
        ]
        failing = [
            f"{part.text()} (is {'unknown' if value is None else f'{value:g}'})"
            for part, value, good in zip(self.parts, values, held, strict=True)
            if not good
        ]
        passed = all(held) if self.all else any(held)
        return Verdict(passed, tuple(failing), tuple(values))


@dataclass(frozen=True)
class Verdict:
    """What came of a test: `failing` says which comparisons did not hold, with the value found."""

    passed: bool
    failing: tuple[str, ...]
    values: tuple[float | None, ...]
