"""What the first visitor of a started server would else wait for: the tree of places, and the one map as it opens."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from dashboard.choice import Choice
from dashboard.one_map import canvas, headlines
from dashboard.wall import channels as walls
from data.errors import JingweiError
from data.store import Store


def first_map(store: Store) -> None:
    """Count, colour and encode what the map opens with; a store without boundaries has none."""
    with contextlib.suppress(JingweiError):
        canvas.painted(store, Choice())


def first_cards(store: Store) -> None:
    """Count what stands beside it."""
    with contextlib.suppress(JingweiError):
        headlines.cards(store, Choice())


STEPS: tuple[Callable[[Store], None], ...] = (
    walls.warm,
    first_map,
    first_cards,
)  # one at a time, others may come between
