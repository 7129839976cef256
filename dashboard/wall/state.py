"""How a place stands: in peace, or in an emergency that changes its walls. Whoever declares one says so here."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.languages import _
from dashboard.wall.protocol import Spot
from data.store import Store


@dataclass(frozen=True)
class Standing:
    """word: what the badge says; emergency: whether it is one; layout: the layout walls go over to, empty for their own."""

    word: str
    emergency: bool = False
    layout: str = ""


def standing(store: Store, spot: Spot) -> Standing:  # noqa: ARG001  an emergency is of a store and a place
    """The state of a place now."""
    return Standing(_("平时"))
