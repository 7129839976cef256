"""How a place stands: in peace, or in an emergency that changes its walls (data/emergency.py)."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.emergency.now import emergencies_of
from dashboard.emergency.words import plan_name, state_word
from dashboard.languages import _
from dashboard.wall.protocol import Spot
from data.store import Store


@dataclass(frozen=True)
class Standing:
    """word: what the badge says; emergency: whether it is one; layout: the layout walls go over to, empty for their own."""

    word: str
    emergency: bool = False
    layout: str = ""


def standing(store: Store, spot: Spot) -> Standing:
    """The state of a place now. One of its places in emergency is said, and changes no layout."""
    covering, inside = emergencies_of(store, spot.chain)
    if covering:
        return Standing(state_word(covering), True, covering[0].plan.screen.layout)
    if inside:
        said = [_("{place} {plan}应急").format(place=one.place, plan=plan_name(one.plan)) for one in inside[:2]]
        return Standing(_("、").join(said) + (" …" if len(inside) > len(said) else ""), True)
    return Standing(state_word([]))
