"""Ranks, and how sure they are.

The place of a unit is that of its value; equal values share one. Where it may truly stand: its true value and everybody
else's are drawn ten thousand times from a seed (Marshall and Spiegelhalter, 1998), and the middle 95 % of its ranks are the
interval. Beyond `MOST_DRAWN` units so many draws would take seconds, and what they tend to is computed instead: given its own
value, a unit's rank is one more than a sum of independent yes and no, whose mean and variance come from everybody's
distribution at `NODES` points each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.intervals import TAILS, Column, Pair, Z
from data.spreads import Draws, Spread

DRAWS = 10_000
SEED = 20_110_701
MOST_DRAWN = 200  # units whose ranks are drawn
NODES = 16
_AT = (np.arange(NODES) + 0.5) / NODES


def ranks(values: Column, *, low_is_first: bool = False) -> Column:
    """1 for the first; equal values (to nine digits) share the better rank."""
    ordered = np.round(values if low_is_first else -values, 9)
    return np.asarray(np.searchsorted(np.sort(ordered), ordered, side="left") + 1, dtype=np.float64)


def rank_intervals(spread: Spread, *, low_is_first: bool = False, seed: int = SEED) -> Pair:
    """The best and the worst rank each unit may truly have, with 95 %."""
    if len(spread) <= MOST_DRAWN:
        return of_draws(spread.draw(DRAWS, np.random.default_rng(seed)), low_is_first=low_is_first)
    return computed(spread, low_is_first=low_is_first)


def of_draws(draws: Draws, *, low_is_first: bool = False) -> Pair:
    """From draws, a row a draw. Equal draws share the better rank."""
    n, units = draws.shape
    ordered = draws if low_is_first else -draws
    order = np.argsort(ordered, axis=1)
    place = np.broadcast_to(np.arange(1, units + 1, dtype=np.int16), (n, units))
    along = np.take_along_axis(ordered, order, axis=1)
    same = along[:, 1:] == along[:, :-1]
    if same.any():
        place = place.copy()
        place[:, 1:][same] = 0  # its rank is that of the one before
        np.maximum.accumulate(place, axis=1, out=place)
    drawn = np.empty((n, units), dtype=np.int16)
    np.put_along_axis(drawn, order, place, axis=1)
    at = [max(int(np.ceil(p * n)) - 1, 0) for p in TAILS]
    found = np.partition(np.ascontiguousarray(drawn.T), at, axis=1)
    return found[:, at[0]].astype(np.float64), found[:, at[1]].astype(np.float64)


def computed(spread: Spread, *, low_is_first: bool = False) -> Pair:
    """What the draws tend to, for many units."""
    sign = 1.0 if low_is_first else -1.0
    points = sign * spread.quantiles(np.array([*TAILS, *_AT]))
    ends = np.sort(points[:, :2], axis=1)
    field = _Field(np.sort(points[:, 2:], axis=1))
    own = np.array(TAILS)  # a unit is not before itself
    first, last = (field.before(ends[:, side]) - own[side] for side in (0, 1))
    middle, span = (first + last) / 2, np.maximum((last - first) / (2 * Z), 1e-9)
    chance = np.maximum((field.noise(ends[:, 0]) + field.noise(ends[:, 1])) / 2, 0.0)
    # What is left to chance once a unit's value is known: beside a wide span a little more of the tails, else the span itself.
    more = Z * span * (np.sqrt(1 + np.minimum(chance / span**2, 1.0)) - 1)
    least = np.where(chance > span**2, Z * np.sqrt(span**2 + chance), 0.0)
    first = np.minimum(first - more, middle - least)
    last = np.maximum(last + more, middle + least)
    return np.clip(np.round(first + 1), 1, len(spread)), np.clip(np.round(last + 1), 1, len(spread))


class _Field:
    """Everybody's distribution: how many lie before a value, and how much that may vary. points: (units, NODES), in order."""

    def __init__(self, points: Column) -> None:
        order = np.argsort(points, axis=None)
        self._points = points.ravel()[order]
        varies = np.tile((1 - 2 * _AT) / NODES, len(points))
        self._noise = np.concatenate([[0.0], np.cumsum(varies[order])])

    def before(self, values: Column) -> Column:
        """The mean number of units before each value."""
        found: Column = (self._at(values) / NODES).astype(np.float64)
        return found

    def noise(self, values: Column) -> Column:
        """The variance of that number."""
        return self._noise[self._at(values)]

    def _at(self, values: Column) -> NDArray[np.int64]:
        return np.searchsorted(self._points, values, side="left")
