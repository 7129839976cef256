"""Whose page it is: the district's for a leader of the district, a street's or community's for a leader of that."""

from __future__ import annotations

from dashboard.choice import Choice
from dashboard.questions import Asked, resolve
from dashboard.wall.protocol import Spot
from dashboard.wall.spots import own_code, spot_of
from data.acting import acting
from data.figures import Question
from data.store import Store


def own_spot(store: Store) -> Spot:
    """The place of the post that asks."""
    return spot_of(store, own_code(store, acting()))


def asked_of(store: Store, figure: str = "") -> Asked:
    """The reporting month, seen from now; by the figure given."""
    return resolve(store, Choice(figure=figure) if figure else Choice())


def question_of(asked: Asked, spot: Spot, only: str | None = None) -> Question:
    """The question about the place itself."""
    return asked.question(spot.level, only=only, within=None if spot.is_district else spot.code)


def within(spot: Spot) -> tuple[int, ...]:
    """The place as a queue takes it; nothing for the district."""
    return () if spot.is_district else (spot.place_id,)
