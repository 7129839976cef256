"""An emergency plan: what changes when a place goes from peace to emergency (平急转换), one TOML file a kind of emergency.

The settings are TOML (`data/emergencies/*.toml`, a city's own in `definitions/emergencies` of its home). A plan says which
roles may declare it, how long new cases of which categories may take, who musters, what the wall shows, which warnings
belong to it, and which task such a warning proposes.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from data.alarm_rules import Colour
from data.kinds import Identifier, Name, Part, Role


class ShorterLevel(Part):
    """How long new cases of some categories (codes or names, each with all below it) may take while it lasts."""

    categories: tuple[str, ...] = Field(min_length=1)
    hours: float = Field(gt=0)
    clock: Literal["working", "natural"] = "natural"


class Screen(Part):
    """What screens show. layout: of the wall; layers: switched on on maps."""

    layout: Identifier = "emergency"
    colour: Colour = "orange"
    layers: tuple[Identifier, ...] = ("warnings",)


class Proposal(Part):
    """The task that a warning proposes to the grids it touches. item: as the admission list names it."""

    note: Name
    hours: float = Field(gt=0, le=24 * 14)
    item: str = Field(min_length=1)


class Plan(Part):
    """A kind of emergency. declare, stand_down: roles that may; events: words of a warning's event that make it one of these.

    muster: kinds of posts that are called.
    """

    id: Identifier
    name: Name
    off: bool = False
    declare: tuple[Role, ...] = Field(min_length=1)
    stand_down: tuple[Role, ...] = Field(min_length=1)
    events: tuple[str, ...] = ()
    muster: tuple[str, ...] = ()
    screen: Screen = Screen()
    task: Proposal | None = None
    levels: tuple[ShorterLevel, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Plan:
        named = [name for level in self.levels for name in level.categories]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} stands in two levels")
        return self

    def about(self, event: str) -> bool:
        """Whether a warning of this event belongs to it."""
        said = event.lower()
        return any(word.lower() in said for word in self.events)
