"""A rule of what a leader is told without asking: what is looked at, where, and how much it weighs against the others.

The settings are TOML (`data/attention/*.toml`, a city's own in `definitions/attention` of its home, where `off = true` turns a
shipped one off). `data/attention.py` looks; this module is the shape and what must hold in it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from data.figure_catalogue import CATALOGUE
from data.kinds import Identifier, Name, Part

Subject = Literal["bottom_tenth", "hot_spot", "overdue_case", "listed"]
Level = Literal["street", "community", "grid", "micro_grid", "estate", "unit", "company"]
State = Literal["new", "growing", "persistent", "occasional", "fading"]
NEEDS: dict[str, tuple[str, ...]] = {
    "bottom_tenth": ("levels", "figure"),
    "hot_spot": ("levels", "states"),
    "overdue_case": ("kinds",),
    "listed": ("levels", "card", "list"),
}
PLACES = ("street", "community", "grid", "micro_grid", "estate")


class When(Part):
    """What is looked at.

    bottom_tenth: in the bottom tenth of its peers in each of the last `times` whole periods; hot_spot: a place whose hot spot is in
    one of the `states`, of all tickets, of one of `categories` (names) or of the `leading` ones, with `least` tickets in its
    last week; overdue_case: an open case of the `kinds` whose clock ran out at least `days` ago; listed: on a `list` of the
    latest published run of a `card`, and at least `least` tickets in the last `days`.
    """

    subject: Subject
    levels: tuple[Level, ...] = ()
    figure: str = ""
    period: Literal["month", "quarter"] = "month"
    times: int = Field(2, ge=1, le=8)
    states: tuple[State, ...] = ()
    categories: tuple[str, ...] = ()
    leading: int = Field(0, ge=0, le=50)
    kinds: tuple[Identifier, ...] = ()
    days: int = Field(7, ge=0, le=365)
    card: str = ""
    list: str = ""
    least: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _whole(self) -> When:
        lacking = [name for name in NEEDS[self.subject] if not getattr(self, name)]
        if lacking:
            raise ValueError(f"{self.subject} needs {', '.join(lacking)}")
        if self.subject == "bottom_tenth" and (self.figure not in CATALOGUE or CATALOGUE[self.figure].type == "none"):
            raise ValueError(f"there is no figure {self.figure!r} to rank by")
        if self.subject == "hot_spot" and not set(self.levels) <= set(PLACES):
            raise ValueError(f"a hot spot is of {', '.join(PLACES)}")
        return self


class AttentionRule(Part):
    """A rule. weight: the heavier stands first; of two lines of one rule the second stands behind the first of every other."""

    id: Identifier
    name: Name
    weight: float = Field(gt=0, le=1000)
    off: bool = False
    when: When
