"""The demo lives on: as its time passes, tickets come in and are worked, from the same chances as the year before.

What happens in a stretch of time hangs on the seed and that stretch alone, however fast it was lived and however often the
program was started in between. The runner takes one bounded step after the other up to where the clock wants to be, and the
clock shows no time that has not been worked: a jump is many quick steps. It is a thread of its own and writes as anybody
does: moves through the writer's queue, new tickets as one keyed job a step. Up to the next thing that happens it sleeps.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import structlog

from data import repeats
from data.clock import simulated_clock
from data.database import Connection
from data.errors import JingweiError, Refused, StoreError
from data.histories import History, add, add_call_backs
from data.moves import Move
from data.progress import Progress, Quiet
from data.simulation import arrived, ids_of, known_keys, order_storm, simulation
from data.store import Store
from etl.demo_draws import Drawn, joined
from etl.demo_hurry import hurried_history, hurried_moves
from etl.demo_lives import ACTIONS, LONGEST_LIFE_DAYS, NAMES, NEVER, ROLES, Masks
from etl.demo_world import SOURCE, call_backs_of, make_world, micros

log = structlog.get_logger(__name__)

STEP, LONG_STEP = timedelta(minutes=30), timedelta(hours=2)
TICK, LONGEST_REST = 2.0, 60.0  # seconds between looks at the clock, at least and at most
DAYS_AT_A_TIME = 30
NEVER_YET = micros(datetime(9999, 1, 1, tzinfo=UTC))
REOPENED = NAMES.index("reopened")


@dataclass(frozen=True)
class Pulse:
    """What a step brought: the stretch lived, tickets that came in, moves made."""

    since: datetime
    until: datetime
    tickets: int
    moves: int


class Runner:
    """Lives a simulated store on. `catch_up` works here and now; `start` does so on a thread until `close`."""

    def __init__(self, store: Store) -> None:
        made = simulation(store)
        if made is None:
            raise Refused("this store is no simulation that could live on.", todo="Make one with `python app.py demo`.")
        self.store, self.clock, self._made = store, simulated_clock(store.clock), made
        self.arrived_until, self._moved_until = made.arrived_until, made.moved_until
        self._storms = list(made.storms)
        self._drawn_until: date | None = None
        self._next = 0  # nothing happens before (microseconds UTC)
        self._resumed = False
        self._lock, self._wake, self._stop = threading.RLock(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.clock.hold(self.arrived_until + STEP)

    # What others call.

    def start(self) -> None:
        """Let the clock go on, and live with it on a thread."""
        self.clock.start()
        self._thread = threading.Thread(target=self._run, name="demo-runner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the step under way and end the thread; the clock stands."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.clock.stop()

    def wake(self) -> None:
        """Look at the clock at once."""
        self._wake.set()

    def catch_up(self, progress: Progress | None = None) -> Pulse:
        """Live up to where the clock wants to be now; what happened on the way."""
        progress = progress or Quiet()
        since, tickets, moves, goal = self.arrived_until, 0, 0, self.clock.goal()
        while not self._stop.is_set() and goal > self.arrived_until:
            behind = goal - self.arrived_until
            pulse = self.step(min(goal, self.arrived_until + (LONG_STEP if behind > 12 * STEP else STEP)))
            tickets, moves = tickets + pulse.tickets, moves + pulse.moves
            progress.step("live on", (self.arrived_until - since).total_seconds(), (goal - since).total_seconds())
        return Pulse(since, self.arrived_until, tickets, moves)

    def storm(self) -> datetime:
        """Let a rainstorm begin with the next minute; when it does. Raises Refused when one has just begun."""
        with self._lock:
            moment = max(self.store.now(), self.arrived_until)
            begins_at = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
            if begins_at in self._storms:
                raise Refused("a rainstorm is about to begin.", todo="Wait a minute.")
            self.store.writer.run(lambda con: order_storm(con, begins_at), label="storm", touches=()).result()
            self._storms.append(begins_at)
            if self._drawn_until is not None:
                self._take([self.world.draws.storm(begins_at)])
        return begins_at

    def step(self, until: datetime) -> Pulse:
        """Live one stretch of time."""
        with self._lock:
            since, end = self.arrived_until, micros(until)
            self._load()
            self.clock.hold(until + STEP)
            if end < self._next and until.date() == since.date():
                self.arrived_until = self._moved_until = until
                return Pulse(since, until, 0, 0)
            self._draw_until(until.astimezone(self.store.zone).date())
            moves = self._move(end)
            fresh = np.flatnonzero((self._drawn.reported > micros(since)) & (self._drawn.reported <= end))
            history = self._arriving(fresh, end)
            calls = self._calls(end)
            if len(fresh) or moves or calls is not None or until.date() != since.date():
                self._write(since, until, history, calls)
            self.arrived_until = self._moved_until = until
            self._next = self._ahead(end)
            if until.astimezone(self.store.zone).date() != since.astimezone(self.store.zone).date():
                repeats.rebuild(self.store)
            return Pulse(since, until, len(fresh), moves)

    # The steps of a step.

    def _move(self, end: int) -> int:
        """Send the lines of known tickets in the stretch, each case's in its order; how many were taken."""
        lives, start = self._lives, micros(self._moved_until)
        known = self._drawn.reported <= micros(self.arrived_until)
        rows = np.flatnonzero((lives.at > start) & (lives.at <= end) & known[lives.ticket])
        keys = [f"{self._drawn.name[t]}:{s}" for t, s in zip(lives.ticket[rows], self._seq[rows], strict=True)]
        if not self._resumed:
            there = known_keys(self.store, keys, self._moved_until)
            rows, keys = rows[[key not in there for key in keys]], [key for key in keys if key not in there]
            self._resumed = True
        if not len(rows):
            return 0
        names = sorted({str(self._drawn.name[t]) for t in lives.ticket[rows]})
        cases = ids_of(self.store, names, SOURCE)
        moves = [move for row, key in zip(rows, keys, strict=True) if (move := self._as_move(int(row), key, cases))]
        taken = 0
        for future in self.store.writer.submit_all(hurried_moves(self.store, _in_hand(moves, cases))):
            try:
                future.result()
                taken += 1
            except StoreError:
                raise
            except JingweiError as error:
                log.info("a simulated move was refused", error=str(error))
        return taken

    def _as_move(self, row: int, key: str, cases: dict[str, tuple[int, int, str]]) -> Move | None:
        lives = self._lives
        case = cases.get(str(self._drawn.name[lives.ticket[row]]))
        if case is None:
            return None
        unit, by_unit = (int(column[row]) for column in (lives.unit, lives.by_unit))
        return Move(
            case_id=case[0],
            action=ACTIONS[lives.slot[row]],
            occurred_at=_moment(int(lives.at[row])) or self.arrived_until,
            key=key,
            due_at=_moment(int(lives.due[row])),
            handle_due_at=_moment(int(lives.handle_due[row])),
            unit_id=int(self.world.unit_ids[unit]) if unit >= 0 else None,
            by_role=ROLES[lives.slot[row]],
            by_unit=int(self.world.unit_ids[by_unit]) if by_unit >= 0 else None,
        )

    def _arriving(self, fresh: np.ndarray, end: int) -> History | None:
        if not len(fresh):
            return None
        drawn = self._drawn.take(fresh)
        return hurried_history(self.store, self.world.history(drawn, self.world.lives(drawn), 0, end))

    def _calls(self, end: int) -> pa.Table | None:
        """Call-backs of known tickets in the stretch, with their case ids."""
        lives, known = self._lives, self._drawn.reported <= micros(self.arrived_until)
        in_time = (lives.called_at > micros(self.arrived_until)) & (lives.called_at <= end)
        chosen: Masks = in_time & known[lives.called_ticket]
        if not chosen.any():
            return None
        names = [str(name) for name in self._drawn.name[lives.called_ticket[chosen]]]
        cases = ids_of(self.store, names, SOURCE)
        ids = np.array([cases.get(str(name), (0,))[0] for name in self._drawn.name])
        return call_backs_of(lives, chosen & (ids[lives.called_ticket] > 0), ids)

    def _write(self, since: datetime, until: datetime, history: History | None, calls: pa.Table | None) -> None:
        """One job: the tickets that came in, the call-backs, and how far it has got; done once, whatever happens."""
        touched: set[int] = set() if calls is None else set(calls["number"].to_pylist())
        job = partial(
            _step, store=self.store, until=until, history=history, calls=calls, speed=self.clock.speed, touched=touched
        )
        self.store.writer.run(job, label="tickets", key=f"demo {since.isoformat()}", touches=touched).result()

    # What is ahead.

    def _load(self) -> None:
        """The tickets that are not done with, from the days whose lives may reach beyond now."""
        if self._drawn_until is not None:
            return
        made, today = self._made, self.arrived_until.astimezone(self.store.zone).date()
        self.world = make_world(self.store, seed=made.seed, begins=made.begins, total=made.tickets)
        first = max(self.world.rhythm.begins, today - timedelta(days=LONGEST_LIFE_DAYS))
        parts, draws = [], self.world.draws
        while first <= today:
            last = min(today, first + timedelta(days=DAYS_AT_A_TIME - 1))
            parts.append(self._unfinished(draws.days(first, last)))
            first = last + timedelta(days=1)
        parts += [self._unfinished(draws.storm(moment)) for moment in self._storms]
        self._drawn_until = today
        self._drawn = parts[0].take(np.empty(0, dtype=np.int64))
        self._take(parts)

    def _draw_until(self, day: date) -> None:
        """Draw the days up to one, and forget tickets that are done with."""
        if self._drawn_until is None or day <= self._drawn_until:
            return
        self._drawn = self._unfinished(self._drawn)
        self._take([self.world.draws.days(self._drawn_until + timedelta(days=1), day)])
        self._drawn_until = day

    def _take(self, parts: Sequence[Drawn]) -> None:
        self._drawn = joined([self._drawn, *parts])
        self._lives = self.world.lives(self._drawn)
        self._seq = self._lives.seq()
        self._next = 0

    def _ahead(self, now: int) -> int:
        """When the next thing happens, or the next day begins and has to be drawn."""
        lives, midnight = self._lives, datetime.combine(self._day(now) + timedelta(days=1), time(), self.store.zone)
        times = (self._drawn.reported, lives.at, lives.called_at)
        return min([micros(midnight), *(int(at[at > now].min(initial=NEVER_YET)) for at in times)])

    def _day(self, at: int) -> date:
        return datetime.fromtimestamp(at / 1e6, self.store.zone).date()

    def _unfinished(self, drawn: Drawn) -> Drawn:
        """The tickets to which something will still happen."""
        lives, since = self.world.lives(drawn), micros(min(self._moved_until, self.arrived_until))
        ahead = np.concatenate([lives.ticket[lives.at > since], lives.called_ticket[lives.called_at > since]])
        return drawn.take(np.unique(ahead))

    # The thread.

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.catch_up()
            except Exception as error:
                if self._stop.is_set():
                    return
                log.error("the demo stands still", error=str(error), exc_info=error)
                self._stop.wait(10)
            self._wake.wait(self._pause())
            self._wake.clear()

    def _pause(self) -> float:
        """Seconds until something happens, or until the clock comes near to where it is held."""
        near = min(self.clock.seconds_until(self.arrived_until + STEP / 2), LONGEST_REST)
        happens = self.clock.seconds_until(datetime.fromtimestamp(self._next / 1e6, UTC))
        return max(min(TICK, near), min(happens, near))


def _step(
    con: Connection,
    *,
    store: Store,
    until: datetime,
    history: History | None,
    calls: pa.Table | None,
    speed: float,
    touched: set[int],
) -> int:
    """Write what came; `touched` is filled with the cases."""
    now = store.now()
    made = {} if history is None else add(con, SOURCE, history, now)
    touched.update(made.values())
    if calls is not None:
        add_call_backs(con, calls)
    arrived(con, until, until, now, speed)
    return len(made)


def _in_hand(moves: list[Move], cases: dict[str, tuple[int, int, str]]) -> list[Move]:
    """Without those of cases that somebody else has ended (or opened again) meanwhile: they are theirs now."""
    stage = {case_id: stage for case_id, _, stage in cases.values()}
    first: dict[int, str] = {}
    for move in moves:
        first.setdefault(move.case_id, move.action)
    own = {
        case
        for case, action in first.items()
        if (action == "reopened") == (stage[case] == "closed") and stage[case] != "voided"
    }
    return [move for move in moves if move.case_id in own]


def _moment(at: int) -> datetime | None:
    return None if at == NEVER else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
