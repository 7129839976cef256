"""How a figure stands against another period: risen, fallen, unchanged, too few cases to say."""

from __future__ import annotations

from dashboard.bulletin.content import Change
from dashboard.formats import number
from data.directions import good
from data.figures import CATALOGUE, Figure

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
    return Change("up" if by > 0 else "down", by, good(name, up=by > 0))
