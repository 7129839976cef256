"""What a plan is asked for: the target, the band, and what matters how much. The studio's sliders are these numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from data.errors import InputError


@dataclass(frozen=True)
class Rules:
    """target: households a part. The band is `tolerance` around households / parts, or `band` (low, high) as given.

    What matters, per: `roundness` one of Polsby-Popper in one part, `cuts` one border between units of two parts,
    `border` one metre of it, `estates` one further part in an estate, `moved` one household that leaves its current part.
    parts: how many; else households / target in each community. disconnected: a community in several pieces is refused,
    or each piece is drawn `apart`. small: a community below the band is refused, or becomes `one` part.
    """

    target: float = 50.0
    tolerance: float = 0.1
    band: tuple[float, float] | None = None
    parts: int | None = None
    roundness: float = 1.0
    cuts: float = 0.1
    border: float = 0.001
    estates: float = 0.5
    moved: float = 0.02
    disconnected: Literal["refuse", "apart"] = "refuse"
    small: Literal["refuse", "one"] = "refuse"

    def __post_init__(self) -> None:
        if not np.isfinite(self.target) or self.target <= 0:
            raise InputError(
                f"The target of {self.target} households is not above 0.", where="target", todo="Give a target."
            )
        if self.band and not 0 <= self.band[0] <= self.band[1]:
            raise InputError(
                f"The band {self.band} is not low to high.", where="band", todo="Give the lower figure first."
            )
        if self.parts is not None and self.parts < 1:
            raise InputError(f"{self.parts} parts cannot be drawn.", where="parts", todo="Ask for one part or more.")

    def limits(self, households: float, parts: int) -> tuple[float, float]:
        """The band in households for that many parts."""
        if self.band:
            return self.band
        mean = households / parts
        return mean * (1 - self.tolerance), mean * (1 + self.tolerance)
