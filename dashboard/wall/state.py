"""How a place stands: in peace, or in an emergency (data/emergency.py) that changes its walls."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.formats import name_of
from dashboard.languages import _
from dashboard.questions import kept
from dashboard.wall.protocol import Spot
from data.emergency import emergencies_now
from data.store import Store


@dataclass(frozen=True)
class Standing:
    """word: what the badge says; emergency: whether it is one; layout: the layout walls go over to, empty for their own."""

    word: str
    emergency: bool = False
    layout: str = ""


def standing(store: Store, spot: Spot) -> Standing:
    """The state of a place now: the emergency that was declared first for it or a place above it."""
    held = kept((str(store.path), "emergencies", store.watch.mark), lambda: emergencies_now(store))
    covering = next((one for one in held if one.covers(spot.chain)), None)
    if covering is None:
        return Standing(_("平时"))
    plan = covering.plan
    return Standing(name_of(plan.name.zh, plan.name.en), emergency=True, layout=plan.screen.layout)
