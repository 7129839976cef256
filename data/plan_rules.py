"""What a plan of grids is asked for: target and band, walls, estates whole, what may be moved, how compact, which posts.

The settings are TOML (`data/plan_rules/*.toml`, a city's own in `definitions/plan_rules` of its home). A draft has its own copy,
in which each rule may be made softer or harder: a hard one that is broken keeps the draft from going into review.
"""

from __future__ import annotations

from math import ceil
from typing import Annotated

from pydantic import Field, model_validator

from data.errors import InputError
from data.kinds import Identifier, Name, Part

Share = Annotated[float, Field(ge=0, le=1)]
SOFT = (
    "grid",
    "micro_grid",
    "walls",
    "contiguous",
    "estates",
    "micro_estates",
    "moved",
    "compactness",
)  # the rules that can be hard or soft


class Band(Part):
    """Households a part should have, from low to high, the target between."""

    target: float = Field(gt=0)
    band: tuple[float, float]
    hard: bool = True

    @model_validator(mode="after")
    def _between(self) -> Band:
        low, high = self.band
        if not 0 <= low <= self.target <= high:
            raise ValueError("the target lies within the band")
        return self


class Plain(Part):
    """A rule without a number."""

    hard: bool = True


class Most(Part):
    """A share that should not be passed."""

    most: Share
    hard: bool = False


class Least(Part):
    """A share that should be reached."""

    least: Share
    hard: bool = False


class Posts(Part):
    """Posts of a kind: so many each grid, each micro-grid, or one for each so many households begun."""

    kind: Identifier
    grid: int = Field(0, ge=0)
    micro_grid: int = Field(0, ge=0)
    households: float | None = Field(None, gt=0)

    def needed(self, households: int, micro_grids: int) -> int:
        """How many a grid of that size needs."""
        people = 0 if self.households is None else ceil(households / self.households)
        return self.grid + self.micro_grid * micro_grids + people


class PlanRules(Part):
    """All rules of a plan."""

    id: Identifier
    name: Name
    grid: Band
    micro_grid: Band
    walls: Plain = Plain()
    contiguous: Plain = Plain()
    estates: Plain = Plain(hard=False)
    micro_estates: Plain = Plain(hard=False)
    moved: Most = Most(most=0.1)
    compactness: Least = Least(least=0.2)
    posts: tuple[Posts, ...] = ()

    def is_hard(self, rule: str) -> bool:
        """Whether a rule of `SOFT` must hold."""
        return bool(getattr(self, rule).hard)

    def posts_needed(self, households: int, micro_grids: int) -> int:
        """How many posts a grid of homes needs in all."""
        return sum(one.needed(households, micro_grids) for one in self.posts)


def changed_rules(rules: PlanRules, rule: str, said: dict[str, object]) -> PlanRules:
    """The rules with one of them changed: {"hard"} and the numbers it has. Raises InputError."""
    if rule not in SOFT:
        raise InputError("there is no such rule.", where=rule, todo=f"One of {', '.join(SOFT)}.")
    own = getattr(rules, rule)
    unknown = sorted(set(said) - set(type(own).model_fields))
    if unknown:
        raise InputError("this rule has no such setting.", where=f"{rule}.{unknown[0]}")
    try:
        made = type(own).model_validate({**own.model_dump(), **said})
    except ValueError as error:
        raise InputError("this is no value of the rule.", where=rule, todo="Give the lower figure first.") from error
    return rules.model_copy(update={rule: made})
