"""The year of work of the demo district: written once, in batches, as the ledger of everything that happened.

The year ends a few hours before the moment the demo's clock shows at first, so that a visitor finds a morning in full swing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from data import address_review, repeats
from data.errors import InputError
from data.histories import History, write
from data.progress import Progress, Quiet
from data.simulation import Simulation, begin
from data.store import Store
from etl.demo_rhythm import YEAR
from etl.demo_world import SOURCE, World, make_world, micros

TICKETS = {"standard": 350_000, "hills": 167_000, "tiny": 6_000, "megacity": 10_000_000}
BATCH = 60_000  # tickets worked out at a time
NOW = (date(2026, 6, 30), time(10, 20))  # a Tuesday morning, thirteen days after the second rainstorm
BEGINS = NOW[0] - timedelta(days=YEAR)


@dataclass(frozen=True)
class Worked:
    """What was made. listed: place ids of the estates that are put right;
    addresses: tickets that came with one, by the level of the place it means; `open`: uncertain."""

    tickets: int
    lines: int
    repeat_points: int
    addresses: dict[str, int]
    listed: tuple[int, ...] = ()


def first_moment(zone: ZoneInfo) -> datetime:
    """What the demo's clock shows at first; for `Store.create(..., shown_at=…)`."""
    return datetime.combine(*NOW, tzinfo=zone).astimezone(UTC)


def tickets_of(preset: str) -> int:
    """How many tickets a preset's year has. Raises InputError."""
    if preset not in TICKETS:
        raise InputError(f'there is no preset "{preset}".', where="--preset", todo=f"One of {', '.join(TICKETS)}.")
    return TICKETS[preset]


def work_a_year(
    store: Store, preset: str, seed: int, progress: Progress | None = None, *, total: int | None = None
) -> Worked:
    """Write the units, categories, responsibility list and the year's tickets of a store that has its places.

    The store's clock says when the year's story stops. total: tickets of the year, if not the preset's.
    """
    progress = progress or Quiet()
    progress.step("draw the ground", 0, None)
    total = total or tickets_of(preset)
    now = store.now()
    world = make_world(store, seed=seed, begins=BEGINS, total=total, new=True)
    days = _batches(world, now)
    count = sum(size for _, _, size in days)
    written = write(
        store, SOURCE, _histories(world, days, now, progress), count=count, file=f"demo {preset}", progress=progress
    )
    simulation = Simulation(preset, seed, BEGINS, BEGINS + timedelta(days=YEAR), total, now, now)
    store.writer.run(lambda con: begin(con, simulation), label="simulation").result()
    progress.step("find repeat points", 0, None)
    points = repeats.rebuild(store)
    listed = tuple(int(world.ground.estates.ids[row]) for row in world.draws.listed)
    return Worked(written.cases, written.lines, points, address_review.by_level(store), listed)


def _batches(world: World, now: datetime) -> list[tuple[date, date, int]]:
    """Runs of days with about BATCH tickets: first day, last day, tickets reported by now."""
    today = now.astimezone(world.rhythm.zone).date()
    storms = [moment.astimezone(world.rhythm.zone).date() for moment in world.rhythm.storms]
    batches: list[tuple[date, date, int]] = []
    day, first, waiting = BEGINS, BEGINS, 0
    while day <= today:
        waiting += world.rhythm.count(day) + world.rhythm.storm_size * storms.count(day)
        if waiting >= BATCH or day == today:
            batches.append((first, day, waiting))
            first, waiting = day + timedelta(days=1), 0
        day += timedelta(days=1)
    return _exact(world, batches, now)


def _exact(world: World, batches: list[tuple[date, date, int]], now: datetime) -> list[tuple[date, date, int]]:
    """The last batch counted as far as it has been reported by now; storms that run over midnight belong to one batch."""
    found = []
    for first, last, _ in batches:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        size = sum(world.rhythm.count(day) for day in days if day < now.astimezone(world.rhythm.zone).date())
        start, stop = world.rhythm.midnight(first), world.rhythm.midnight(last + timedelta(days=1))
        end = min(stop, micros(now) + 1)
        for moment in world.rhythm.storms:
            reported = world.draws.storm(moment).reported
            size += int(((reported >= start) & (reported < end)).sum())
        if days[-1] == now.astimezone(world.rhythm.zone).date():
            size += int((world.draws.day(days[-1]).reported < end).sum())
        found.append((first, last, size))
    return found


def _histories(
    world: World, batches: list[tuple[date, date, int]], now: datetime, progress: Progress
) -> Iterator[History]:
    first, until = 0, micros(now)
    for start, last, _ in batches:
        progress.check()
        drawn = world.draws.days(start, last)
        drawn = drawn.take(np.flatnonzero(drawn.reported <= until))
        yield world.history(drawn, world.lives(drawn), first, until)
        first += len(drawn)
