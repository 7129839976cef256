"""How a figure stands against another period: what the rankings' engine says of it (`data/movements.py`), kept for the printed page."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.bulletin.asking import About
from dashboard.bulletin.content import Change
from dashboard.formats import number
from dashboard.questions import Asked, kept
from data.directions import good
from data.figures import CATALOGUE, Question
from data.movements import Measured, Movement, measured, movements
from data.store import Store

NONE = Change("none")
Changes = Mapping[str | None, Change]


def changes(store: Store, about: About, level: str, figure: str, then: Asked | None) -> Changes:
    """The change of a figure in every unit of a level inside the bulletin's place, by code. Empty where there is no period to
    compare with."""
    if then is None:
        return {}
    now, before = (_measured(store, about.question(level, asked), figure) for asked in (None, then))
    return {code: change(figure, one) for code, one in movements(now, before).items()}


def own_change(store: Store, about: About, figure: str, then: Asked | None) -> Change:
    """The change of a figure of the bulletin's place itself."""
    return next(iter(changes(store, about, about.level, figure, then).values()), NONE)


def _measured(store: Store, question: Question, figure: str) -> Measured:
    return kept(
        (str(store.path), store.version, "measured", question, figure), lambda: measured(store, question, figure)
    )


def change(figure: str, found: Movement) -> Change:
    """A movement for the printed page; what is too small to be printed is no change."""
    if found.how not in ("up", "down"):
        return Change(found.how, found.by)
    if not shows(figure, found.by or 0.0):
        return Change("same", found.by)
    return Change(found.how, found.by, good(figure, up=found.how == "up"))


def shows(figure: str, by: float) -> bool:
    """Whether a difference is more than zero as it is printed."""
    definition = CATALOGUE[figure]
    text = f"{abs(by) * 100:.1f}" if definition.type == "count" else number(abs(by), definition.unit)
    return float(text.replace(",", "")) > 0
