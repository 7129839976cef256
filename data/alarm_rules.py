"""A rule of an alarm: what is looked at, where, compared with what; who has to acknowledge it, and who is told next.

The settings are TOML (`data/alarms/*.toml`, a city's own in `definitions/alarms` of its home, where `off = true` turns a
shipped one off). The comparison follows the predicates of `data/predicates.py`: what, place, period, operator, value.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from data.fold import LEVEL_RANK
from data.kinds import Identifier, Name, Part, Role

Colour = Literal["blue", "yellow", "orange", "red"]
COLOURS: tuple[Colour, ...] = ("blue", "yellow", "orange", "red")  # the four of China's warnings, the mildest first
PLACE_LEVELS = ("district", "street", "community", "grid")
SUBJECTS = ("new_cases", "unaccepted", "overdue_share", "repeat_case", "warning")
NEEDS: dict[str, tuple[str, ...]] = {
    "new_cases": ("minutes", "value"),
    "unaccepted": ("minutes",),
    "overdue_share": ("value",),
    "repeat_case": ("minutes", "value"),
    "warning": ("colour",),
}
LONGEST = 24 * 60.0


def _rung_level(name: str) -> str:
    if name not in LEVEL_RANK:
        raise ValueError(f"there is no level {name}; known: {', '.join(LEVEL_RANK)}")
    return name


class When(Part):
    """What is looked at.

    new_cases: events reported in the last `minutes`, counted by place; unaccepted: a case that nobody has accepted for
    `minutes`; overdue_share: overdue among the open cases of a place that has at least `least`; repeat_case: a new case where
    `value` cases of its category, itself included, lie within 50 m and 90 days; warning: a hazard warning of that colour or a
    higher one. categories: codes or names, each with all below it; none means any.
    """

    subject: Literal["new_cases", "unaccepted", "overdue_share", "repeat_case", "warning"]
    place: Literal["district", "street", "community", "grid"] = "grid"
    categories: tuple[str, ...] = ()
    urgency: tuple[Identifier, ...] = ()
    minutes: float = Field(60, gt=0, le=LONGEST)
    operator: Literal[">", ">="] = ">="
    value: float = Field(0, ge=0)
    least: int = Field(1, ge=1)
    colour: Colour = "yellow"

    @model_validator(mode="after")
    def _whole(self) -> When:
        lacking = [name for name in NEEDS[self.subject] if name not in self.model_fields_set]
        if lacking:
            raise ValueError(f"{self.subject} needs {', '.join(lacking)}")
        if self.subject == "overdue_share" and self.value > 1:
            raise ValueError("a share lies between 0 and 1")
        return self


class Rung(Part):
    """So many minutes after it was raised, if nobody has acknowledged it, it goes up to a level."""

    after: float = Field(gt=0)
    to: Annotated[str, AfterValidator(_rung_level)]


class AlarmRule(Part):
    """An alarm. rest: minutes after its end before the same is raised again."""

    id: Identifier
    name: Name
    colour: Colour
    off: bool = False
    when: When
    roles: tuple[Role, ...] = Field(min_length=1)
    ladder: tuple[Rung, ...] = ()
    rest: float = Field(0, ge=0)

    @model_validator(mode="after")
    def _upwards(self) -> AlarmRule:
        for low, high in pairwise(self.ladder):
            if high.after <= low.after or LEVEL_RANK[high.to] <= LEVEL_RANK[low.to]:
                raise ValueError("each step of the ladder comes later and leads higher than the one before")
        return self
