"""What figures should reach, and which of them the leader's page shows over how many months or weeks.

`leader.toml` beside this file holds the defaults; a city's own in its home takes its place. A target is met when the value is at least
as good, which way the figure is good (`data/directions.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from data.directions import GOOD_WHEN_LOW, NEITHER
from data.figure_catalogue import CATALOGUE
from data.kinds import Part
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store


class Trend(Part):
    """The periods of the small lines."""

    period: Literal["month", "week"] = "month"
    n: int = Field(12, ge=3, le=24)


class Target(Part):
    """A figure and what it should reach; none is only shown."""

    figure: str
    target: float | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.figure not in CATALOGUE or CATALOGUE[self.figure].type == "none":
            raise ValueError(f"there is no figure {self.figure!r}")
        if self.target is not None and self.figure in NEITHER:
            raise ValueError(f"neither more nor less of {self.figure} is better, so it has no target")
        return self

    def met(self, value: float | None) -> bool | None:
        """Whether a value is as good as the target; None where there is nothing to say."""
        if value is None or self.target is None:
            return None
        return value <= self.target if self.figure in GOOD_WHEN_LOW else value >= self.target


class Leader(Part):
    """`leader.toml`. figure: what the page shows; targets: what other figures should reach."""

    trend: Trend = Trend()
    figure: tuple[Target, ...] = Field(min_length=1, max_length=6)
    targets: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _told_once(self) -> Self:
        shown = {one.figure for one in self.figure}
        for name, value in self.targets.items():
            if name in shown:
                raise ValueError(f"{name} is among the figures shown and has its target there")
            Target(figure=name, target=value)
        return self

    def target(self, figure: str) -> float | None:
        """What a figure should reach, in its own unit (a share from 0 to 1); None where nobody set it a target."""
        shown = {one.figure: one.target for one in self.figure}
        return shown.get(figure, self.targets.get(figure))


def leader(store: Store) -> Leader:
    """What is in force. Raises InputError with file and key path."""
    return settled(store, "leader", lambda: read(store.home))


def read(home: Path | None) -> Leader:
    """The city's own, or the shipped one. Raises InputError with file and key path."""
    from data.definitions import definition, read_as

    text = definition(home, "leader")
    return read_as(Leader, text.body, text.where)
