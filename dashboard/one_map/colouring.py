"""Which class of colour each place has, and why some have none."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dashboard.one_map.values import Values
from dashboard.questions import Asked
from data.figures import CATALOGUE
from layers import palettes
from layers.classes import Classes, make
from layers.codec import NO_DATA, TOO_FEW

WORSE_WHEN_HIGH = frozenset(
    {"rework_rate", "extension_rate", "repeat_rate", "handling_hours", "overdue_open", "suspended_open"}
)
AROUND_DISTRICT = frozenset({"proportion", "weighted mean", "composite"})

Found = npt.NDArray[np.uint8]


def coloured(places: Values, target: float | None, asked: Asked) -> tuple[Classes, Found, dict[str, list[str]]]:
    """The classes, each place's class (or TOO_FEW, NO_DATA), and the colours of both themes. target: the district's value."""
    definition = CATALOGUE[asked.figure]
    digits = 3 if definition.unit == "share" else 0 if definition.type == "count" else 1
    around = target if definition.type in AROUND_DISTRICT else None
    classes = make(places.coloured, asked.choice.classes, method=asked.choice.method, target=around, digits=digits)
    found = classes.of(places.coloured)
    hatched = np.where(np.isnan(places.value), NO_DATA, TOO_FEW)
    painted = np.where(found >= 0, found, hatched)
    if places.unsure is not None:
        painted = np.where((found >= 0) & places.unsure, TOO_FEW, painted)
    return classes, painted.astype(np.uint8), colours_of(classes, asked.figure)


def colours_of(classes: Classes, figure: str) -> dict[str, list[str]]:
    """Colours of both themes: around the district's value where there is one, else stronger for more."""
    themes = ("light", "dark")
    if classes.below is None:
        return {theme: palettes.ramp("single", theme, classes.n) if classes.n else [] for theme in themes}
    below, above = classes.below, classes.n - classes.below
    if figure in WORSE_WHEN_HIGH:
        return {theme: palettes.around(theme, above, below)[::-1] for theme in themes}
    return {theme: palettes.around(theme, below, above) for theme in themes}
