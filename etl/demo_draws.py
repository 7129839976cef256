"""The chances of the demo: what is reported when and where, drawn a day at a time.

A day's tickets hang on the seed and the day alone, a rainstorm's on the seed and its first minute; whoever asks for
them, the building of a year or the runner that lives on from it, gets the same. Every ticket carries the chances its whole
life is made from (`Chance`, `Spread`), so that a life is worked out for any number of tickets at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, auto

import numpy as np
import numpy.typing as npt

from etl.demo_categories import CATEGORIES, CHANNELS, DAYS, MIXES
from etl.demo_listings import EASED, listed_on, worst
from etl.demo_rhythm import Rhythm, storm_hours, storm_weights
from etl.demo_spots import Ground, Rows
from etl.demo_units import Units

Floats = npt.NDArray[np.float64]
HOT_SHARE = 0.035  # of the tickets come from places people report again and again
HOT_TIMES = 9  # about how often a year each of them


class Chance(IntEnum):
    """Columns of chances, each in [0, 1)."""

    CATEGORY = 0
    HOUR = auto()
    MOMENT = auto()
    CHANNEL = auto()
    PLACE = auto()
    HOT = auto()
    ADDRESS = auto()
    WRITING = auto()
    VOID = auto()
    QUICK = auto()
    WRONG = auto()
    WHERE_WRONG = auto()
    STUCK = auto()
    SUSPEND = auto()
    PAUSE = auto()
    EXTEND = auto()
    URGE = auto()
    ESCALATE = auto()
    REWORK = auto()
    AGAIN = auto()
    CALL = auto()
    CALL_AFTER = auto()
    CONTACT = auto()
    RESOLVED = auto()
    SATISFIED = auto()
    REOPEN = auto()
    MORNING = auto()
    SECOND_CALL = auto()
    SECOND_RESOLVED = auto()
    SECOND_SATISFIED = auto()


class Spread(IntEnum):
    """Columns of standard normal values."""

    EAST = 0
    NORTH = auto()
    REGISTER = auto()
    DISPATCH = auto()
    RETURN = auto()
    ACCEPT = auto()
    WORK = auto()
    VERIFY = auto()
    CLOSE = auto()
    REDO = auto()


@dataclass(frozen=True)
class Drawn:
    """Tickets in order of their report. reported: microseconds UTC; point: row of the ground."""

    name: npt.NDArray[np.str_]
    reported: npt.NDArray[np.int64]
    category: Rows
    channel: Rows
    point: Rows
    storm: npt.NDArray[np.bool_]
    chance: Floats
    spread: Floats

    def __len__(self) -> int:
        return len(self.reported)

    def take(self, rows: npt.NDArray[np.generic]) -> Drawn:
        """Some of them, by position or mask."""
        return Drawn(*(getattr(self, name)[rows] for name in Drawn.__dataclass_fields__))


def joined(parts: Iterable[Drawn]) -> Drawn:
    """Several sets as one, in order of report."""
    sets = list(parts)
    whole = Drawn(*(np.concatenate([getattr(one, name) for one in sets]) for name in Drawn.__dataclass_fields__))
    return whole.take(np.lexsort((whole.name, whole.reported)))


class Draws:
    """Draws the tickets of a ground."""

    def __init__(self, ground: Ground, units: Units, rhythm: Rhythm) -> None:
        self.ground, self.units, self.rhythm = ground, units, rhythm
        self._pools = _Pools(ground, units, rhythm)
        self._hours = np.concatenate([k + _running(np.array(DAYS[name], float)) for k, name in enumerate(DAYS)])
        self._day = np.array([list(DAYS).index(one.day) for one in CATEGORIES])
        self._mixes = np.concatenate([k + _running(np.array(mix)) for k, mix in enumerate(MIXES.values())])
        self._mix = np.array([list(MIXES).index(one.mix) for one in CATEGORIES])

    def days(self, first: date, last: date) -> Drawn:
        """Everything reported from the first day to the last, both included, in the year's own storms too."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        start, stop = self.rhythm.midnight(first), self.rhythm.midnight(last + timedelta(days=1))
        storms = [self.storm(one) for one in self.rhythm.storms]
        near = [one.take((one.reported >= start) & (one.reported < stop)) for one in storms]
        return joined([*(self.day(day) for day in days), *near])

    def day(self, day: date) -> Drawn:
        """The tickets of a day, storms left out."""
        count = self.rhythm.count(day)
        luck = np.random.default_rng([self.rhythm.seed, 3, day.toordinal()])
        chance, spread = luck.random((count, len(Chance))), luck.standard_normal((count, len(Spread)))
        category = np.searchsorted(_running(self.rhythm.category_weights(day)), chance[:, Chance.CATEGORY], "right")
        hour = np.searchsorted(self._hours, self._day[category] + chance[:, Chance.HOUR], "right") % 24
        reported = self.rhythm.midnight(day) + _micros(3600 * (hour + chance[:, Chance.MOMENT]))
        eased = day > listed_on(self.rhythm.begins)
        return self._drawn(f"QH{day:%y%m%d}", reported, category, chance, spread, storm=False, eased=eased)

    def storm(self, begins_at: datetime) -> Drawn:
        """The tickets of a rainstorm."""
        minute = int(begins_at.timestamp() // 60)
        luck = np.random.default_rng([self.rhythm.seed, 4, minute])
        count = self.rhythm.storm_size
        chance, spread = luck.random((count, len(Chance))), luck.standard_normal((count, len(Spread)))
        category = np.searchsorted(_running(storm_weights()), chance[:, Chance.CATEGORY], "right")
        hours = storm_hours(chance[:, Chance.HOUR])
        reported = round(begins_at.timestamp() * 1_000_000) + _micros(3600 * hours)
        name = f"QH{begins_at.astimezone(self.rhythm.zone):%y%m%d%H%M}Y"
        return self._drawn(name, reported, category, chance, spread, storm=True)

    @property
    def listed(self) -> Rows:
        """The rows of the estates that are put right (`etl/demo_listings.py`)."""
        return self._pools.listed

    def _drawn(
        self, stem: str, reported: npt.NDArray[np.int64], category: Rows, chance: Floats, spread: Floats, *, storm: bool,
        eased: bool = False,
    ) -> Drawn:  # fmt: skip
        order = np.argsort(reported, kind="stable")
        category, chance = category[order], chance[order]
        channel = np.searchsorted(self._mixes, self._mix[category] + chance[:, Chance.CHANNEL], "right")
        point = self._pools.points(category, chance[:, Chance.PLACE], chance[:, Chance.HOT], storm=storm)
        if eased:
            point = self._pools.eased(category, chance[:, Chance.PLACE], point)
        count = len(order)
        numbers = np.char.zfill((np.arange(count) + 1).astype(np.str_), 5) if count else np.empty(0, np.str_)
        return Drawn(
            np.char.add(stem, numbers).astype("U24"),
            reported[order],
            category,
            channel - self._mix[category] * len(CHANNELS),
            point,
            np.full(count, storm),
            chance,
            spread[order],
        )


class _Pools:
    """Where each category is found: points with running sums of their weights, and the places that come up again and again."""

    def __init__(self, ground: Ground, units: Units, rhythm: Rhythm) -> None:
        self._total = rhythm.total
        luck = np.random.default_rng([rhythm.seed, 5])
        weights = self._weights(ground, units, luck)
        low = 0.03 + 3.0 * ground.low**2
        self._points = np.concatenate([np.arange(len(ground.x))] * (2 * len(weights)))
        names = list(weights)
        sums = [_running(one) for one in weights.values()] + [_running(one * low) for one in weights.values()]
        self._sums = np.concatenate([k + one for k, one in enumerate(sums)])
        self._pool = np.array(
            [
                names.index("property" if one.lead == "property" and one.where == "home" else one.where)
                for one in CATEGORIES
            ]
        )
        self._storm = len(names)
        self._hot, self._hot_first, self._hot_count = self._hot_places(luck)
        self._estate = ground.estate
        self.listed = worst(self._expected(ground, list(weights.values())))

    def points(self, category: Rows, place: Floats, hot: Floats, *, storm: bool) -> Rows:
        """The point of each ticket. A share of them, by `hot`, comes from the category's own few places."""
        pool = self._pool[category] + (self._storm if storm else 0)
        at = np.minimum(np.searchsorted(self._sums, pool + place, "right"), len(self._points) - 1)
        found = self._points[at]
        if storm:
            return found
        again = hot < HOT_SHARE
        nth = np.floor((hot / HOT_SHARE) % 1 * self._hot_count[category]).astype(np.int64)
        return np.where(again, self._hot[self._hot_first[category] + np.where(again, nth, 0)], found)

    def eased(self, category: Rows, place: Floats, point: Rows) -> Rows:
        """The points, where a share of what lies in a listed estate comes from elsewhere in its pool."""
        again = np.isin(self._estate[point], self.listed) & (place * 9973 % 1 < EASED)
        at = np.searchsorted(self._sums, self._pool[category] + (place + 0.5) % 1, "right")
        return np.where(again, self._points[np.minimum(at, len(self._points) - 1)], point)

    def _expected(self, ground: Ground, weights: list[Floats]) -> Floats:
        """The share of all tickets that each estate is likely to have."""
        share = np.bincount(self._pool, [one.weight for one in CATEGORIES], minlength=len(weights))
        points = sum(
            (part * one / one.sum() for part, one in zip(share, weights, strict=True)), np.zeros(len(ground.x))
        )
        home = ground.estate >= 0
        found = np.bincount(ground.estate[home], points[home], minlength=len(ground.estates.names))
        return np.asarray(found, dtype=np.float64)

    def _weights(self, ground: Ground, units: Units, luck: np.random.Generator) -> dict[str, Floats]:
        """Weight of every point in each pool; no point is without any."""
        noise = np.exp(0.6 * luck.standard_normal(len(ground.x)))
        home = ground.kind == "home"
        per_estate = np.exp(0.35 * luck.standard_normal(len(ground.estates.names) + 1))
        per_community = np.exp(0.22 * luck.standard_normal(len(ground.communities.names)))
        kind = np.array(
            [{"resettlement": 1.2, "work_unit": 1.1}.get(k or "", 1.0) for k in [*ground.estate_kind, None]]
        )
        old = np.append(np.where(ground.estate_old, 1.2, 0.95), 1.0)
        homes = home * ground.households * (per_estate * kind * old)[ground.estate] * per_community[ground.community]
        company = np.append(ground.company, -1)[ground.estate]
        care = np.where(company >= 0, units.care[units.property[company]] if len(units.property) else 1.0, 1.1)
        homes = homes * np.where(company >= 0, care**0.4, 1.0)
        pools = {"home": homes, "property": homes * care**0.9, "tower": homes * (ground.tower + 1e-6) * care**0.9}
        public = noise * per_community[ground.community]
        spots = {name: (ground.kind == name) * public for name in ("road", "green", "market", "office", "works")}
        shops, diggings = (
            spots["road"] * (luck.random(len(public)) < 0.3),
            spots["road"] * (luck.random(len(public)) < 0.06),
        )
        pools |= {"road": spots["road"], "green": spots["green"], "office": _mixed(spots["office"], shops, 0.6)}
        pools |= {"market": _mixed(spots["market"], shops, 0.4), "works": _mixed(spots["works"], diggings, 0.4)}
        pools["water"] = (ground.low**2 + 1e-6) * (home * ground.households / 40 + (ground.kind == "road"))
        return {name: weight + 1e-12 * (ground.kind == "home") for name, weight in pools.items()}

    def _hot_places(self, luck: np.random.Generator) -> tuple[Rows, Rows, Rows]:
        """A few points of each category's pool: as many as make each come up HOT_TIMES a year."""
        weight = np.array([one.weight for one in CATEGORIES])
        count = np.maximum(1, np.round(self._total * HOT_SHARE * weight / weight.sum() / HOT_TIMES)).astype(np.int64)
        first = np.cumsum(count) - count
        pool = np.repeat(self._pool, count)
        at = np.searchsorted(self._sums, pool + luck.random(len(pool)), "right")
        return self._points[np.minimum(at, len(self._points) - 1)], first, count


def _mixed(first: Floats, second: Floats, share: float) -> Floats:
    """Two sets of weights as one, of which the first has a share; the other alone where there is none."""
    if not first.any() or not second.any():
        return first + second
    return np.asarray(share * first / first.sum() + (1 - share) * second / second.sum())


def _running(weights: Floats) -> Floats:
    """Running sums, ending in 1 (a hair below, so that a chance never lies beyond the end)."""
    sums = np.cumsum(weights) / weights.sum()
    sums[-1] = 1.0
    return np.asarray(sums)


def _micros(seconds: Floats) -> npt.NDArray[np.int64]:
    return np.floor(seconds).astype(np.int64) * 1_000_000
