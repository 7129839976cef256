"""What the first visitor of a started server would else wait for: the tree of places, the one map as it opens, then the leader's page, the
heatmap and the rankings. All run after the server answers, on the thread that serves live screens; the later ones are handed to it one by
one, so that whoever comes in between is served first.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from dashboard.choice import Choice
from dashboard.heatmap.screen import heat_shown
from dashboard.leader import canvas as leader_map
from dashboard.leader.screen import PARTS
from dashboard.one_map import canvas, headlines
from dashboard.rankings.choice import of_values, resolve
from dashboard.rankings.league import league
from dashboard.wall import channels as walls
from dashboard.wall.protocol import Spot
from dashboard.wall.spots import spot_of
from data.errors import JingweiError
from data.store import Store
from data.targets import leader


def first_map(store: Store) -> None:
    """Count, colour and encode what the map opens with; a store without boundaries has none."""
    with contextlib.suppress(JingweiError):
        canvas.painted(store, Choice())


def first_cards(store: Store) -> None:
    """Count what stands beside it."""
    with contextlib.suppress(JingweiError):
        headlines.cards(store, Choice())


def first_leader(part: Callable[[Store, Spot], list[Any]], store: Store) -> None:
    """Make a part of the leader's page of the district."""
    with contextlib.suppress(JingweiError):
        part(store, spot_of(store, store.deployment.code))


def first_leaders_map(store: Store) -> None:
    """Colour the map beside it."""
    with contextlib.suppress(JingweiError, LookupError):
        leader_map.painted(store, spot_of(store, store.deployment.code), leader(store).figure[0].figure)


def first_heatmap(store: Store) -> None:
    """Colour what the heatmap opens with."""
    with contextlib.suppress(JingweiError, LookupError):
        heat_shown(store, "")


def first_ranking(store: Store) -> None:
    """Make the table the rankings open with."""
    with contextlib.suppress(JingweiError):
        league(store, resolve(store, of_values({})))


AT_ONCE: tuple[Callable[[Store], None], ...] = (walls.warm, first_map, first_cards)
LATER: tuple[Callable[[Store], None], ...] = (
    *(partial(first_leader, part) for part in PARTS.values()),
    first_leaders_map,
    first_heatmap,
    first_ranking,
)
REST = 2.0  # seconds between the start and what comes later
