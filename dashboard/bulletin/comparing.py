"""How a figure stands against another period: risen, fallen, unchanged, too few cases to say."""

from __future__ import annotations

from dashboard.bulletin.content import Change
from dashboard.formats import number
from data.directions import GOOD_WHEN_LOW, NEITHER
from data.figures import CATALOGUE, Figure

LOWER_IS_BETTER = GOOD_WHEN_LOW | {"demand_per_100"}
FEW = 30  # cases a rate needs on both sides before one may say that it rose (terms: min_n)
NONE = Change("none")


def change(name: str, now: Figure, then: Figure | None) -> Change:
    """The change of a figure; what is too small to be printed is no change."""
    definition = CATALOGUE[name]
    if then is None or now.value is None or then.value is None:
        return NONE
    if definition.type == "count":
        if not then.value:
            return NONE
        by = (float(now.value) - float(then.value)) / float(then.value)
        shown = f"{abs(by) * 100:.1f}"
    else:
        if min(now.denominator or 0, then.denominator or 0) < FEW:
            return Change("few")
        by = float(now.value) - float(then.value)
        shown = number(abs(by), definition.unit)
    if not float(shown.replace(",", "")):
        return Change("same", 0.0)
    good = None if name in NEITHER else (by > 0) != (name in LOWER_IS_BETTER)
    return Change("up" if by > 0 else "down", by, good)
