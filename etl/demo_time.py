"""The hands on the demo's clock: faster, slower, a pause, a jump, a rainstorm; from a screen or from the command line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from data.calendars import calendar
from data.clock import set_clock, simulated_clock
from data.errors import InputError
from data.progress import Progress
from data.simulation import simulation
from data.store import Store
from etl.demo_live import Runner
from etl.demo_rhythm import Rhythm

_RUNNERS: WeakKeyDictionary[Store, Runner] = WeakKeyDictionary()
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def start(store: Store) -> Runner | None:
    """Let a store that is a simulation live on; null for any other. `stop` before the store is closed."""
    if not store.clock.simulated or simulation(store) is None:
        return None
    runner = _RUNNERS[store] = Runner(store)
    runner.start()
    return runner


def stop(store: Store) -> None:
    """End what `start` began; twice does no harm."""
    runner = _RUNNERS.pop(store, None)
    if runner is not None:
        runner.close()


def speed(store: Store, rate: float) -> None:
    """Simulated seconds a second from now on; 0 is a pause. Raises InputError, and Refused where time is real."""
    clock = simulated_clock(store.clock)
    clock.run_at(rate)
    shown = clock.now()
    store.writer.run(lambda con: set_clock(con, shown, rate), label="clock", touches=()).result()
    _wake(store)


def pause(store: Store) -> None:
    """Let the time stand."""
    speed(store, 0)


def jump(store: Store, hours: float) -> datetime:
    """Move the time on; where it leads. A running simulation takes the steps up to there one after the other."""
    goal = simulated_clock(store.clock).jump(timedelta(hours=hours))
    _wake(store)
    return goal


def storm(store: Store) -> datetime:
    """Let a rainstorm begin with the next minute; when it does."""
    runner = _RUNNERS.get(store) or Runner(store)
    begins_at = runner.storm()
    runner.wake()
    return begins_at


def set_time(store: Store, args: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """What `python app.py demo-time` does: args speed, pause, jump, storm; how the time stands then."""
    clock = simulated_clock(store.clock)
    began = storm(store) if args.get("storm") else None
    if args.get("speed") is not None:
        speed(store, float(args["speed"]))
    if args.get("pause"):
        pause(store)
    if args.get("jump"):
        jump(store, hours_of(str(args["jump"])))
        if store not in _RUNNERS:
            Runner(store).catch_up(progress)
    made, runner = simulation(store), _RUNNERS.get(store)
    return {
        "now": clock.now(),
        "goal": clock.goal(),
        "speed": clock.speed,
        "running": clock.running,
        "worked_until": runner.arrived_until if runner else made.arrived_until if made else None,
        "storm": began,
    }


def hours_of(text: str) -> float:
    """The hours of "6h", "2d" or "30m". Raises InputError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([mhd])", text.strip())
    if found is None:
        raise InputError(f'"{text}" is no span of time.', where="--jump", todo="Write 30m, 6h or 2d.")
    return timedelta(**{_UNITS[found[2]]: float(found[1])}).total_seconds() / 3600


def storms(store: Store) -> list[datetime]:
    """When the rainstorms of a simulation began, the year's own and those somebody ordered; none anywhere else."""
    made = simulation(store)
    if made is None:
        return []
    days = calendar(store.deployment.calendar, store.deployment.zone)
    return sorted([*Rhythm(days, made.seed, made.begins, made.tickets).storms, *made.storms])


def _wake(store: Store) -> None:
    runner = _RUNNERS.get(store)
    if runner is not None:
        runner.wake()
