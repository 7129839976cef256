"""The optimiser at work on a draft: on a thread beside the server, its best plan so far on the map, stopped at any time.

The solver's kernels let go of the interpreter, so the server goes on answering. One draft is optimised at a time. What is found
becomes a line of the journal when a planner takes it, if nobody has changed the draft meanwhile.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import structlog

from dashboard.said import parts_of
from dashboard.studio.acts import corners, difference, whole_number
from dashboard.studio.sheets import Board, board, drawn, sheet, units
from dashboard.studio.told import column, since
from data.acting import acting
from data.actors import PLANNER
from data.draft_journal import put_change
from data.drafts import Drawing, draft, drawing
from data.errors import Fault, InputError, JingweiError, NotFound, Refused
from data.faults import known
from data.plan_rules import Band, PlanRules
from data.store import Store
from planning.drawing import Sheet
from planning.measures import measures, total
from planning.rules import Rules
from planning.scoped import Level, Wish, solved

if TYPE_CHECKING:
    from planning.solver import Progress

log = structlog.get_logger(__name__)

RUNNING, DONE, FAILED = "running", "done", "failed"
PACE = {"quick": 4_000, "normal": 25_000, "thorough": 80_000}  # proposals a unit
STARTS = ("current", "repair", "fresh")
WEIGHTS = ("roundness", "border", "cuts", "estates", "moved")
MOST_WEIGHT = 5.0
REST = 0.7  # seconds between two pictures of the best so far


@dataclass
class Run:
    """One piece of work. best: the sheet so far; done: 0 to 1."""

    draft_id: int
    began_on: Drawing
    wish: Wish
    status: str = RUNNING
    done: float = 0.0
    stage: str = "seed"
    best: Sheet | None = None
    error: JingweiError | None = None
    stop: bool = False
    pictured: float = 0.0


class Optimiser:
    """The work of one server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._run: Run | None = None
        self._thread: threading.Thread | None = None

    def launch(self, store: Store, draft_id: int, said: Mapping[str, Any]) -> dict[str, Any]:
        """Start. Raises InputError, and Refused while another draft is at it."""
        acting().require((PLANNER,), to="draw a plan")
        now = drawing(store, draft_id)
        one = board(store, now.cells)
        wish = wished(draft(store, draft_id).rules, now, one, said)
        with self._lock:
            if self._run is not None and self._run.status == RUNNING:
                raise Refused(
                    "the optimiser is at work.", where=f"draft {self._run.draft_id}", todo="Wait, or stop it."
                )
            run = self._run = Run(draft_id, now, wish)
            work = contextvars.copy_context().run
            self._thread = threading.Thread(target=work, args=(_work, run, one), name="optimiser", daemon=True)
            self._thread.start()
        return self.told(store, draft_id)

    def told(self, store: Store, draft_id: int) -> dict[str, Any]:
        """How it stands, and the best plan so far: the labels of the cells and its total figures."""
        run = self._run
        if run is None or run.draft_id != draft_id:
            return {"status": "none"}
        said: dict[str, Any] = {
            "status": run.status,
            "done": round(run.done, 3),
            "stage": run.stage,
            "seq": run.began_on.seq,
        }
        if run.error is not None:
            said["failure"] = parts_of(run.error)
        if run.best is not None:
            rules = draft(store, draft_id).rules
            one = board(store, run.began_on.cells)
            found = measures(drawn(one, run.best), rules)
            said |= {"grid": column(run.best.grid), "micro": column(run.best.micro), "total": vars(total(found, rules))}
        return said

    def stop(self, draft_id: int) -> None:
        """End early; the best so far stays."""
        run = self._mine(draft_id)
        run.stop = True
        if self._thread is not None:
            self._thread.join(timeout=20)

    def take(self, store: Store, draft_id: int) -> dict[str, Any]:
        """Write the best into the draft. Raises NotFound, StaleMove where the draft has changed since it began."""
        run = self._mine(draft_id)
        if run.status == RUNNING or run.best is None:
            raise Refused("the optimiser is at work.", where=f"draft {draft_id}", todo="Wait, or stop it.")
        put_change(store, draft_id, run.began_on.seq, "solve", difference(run.began_on, run.best), acting())
        self._run = None
        return since(store, draft_id, run.began_on.seq)

    def drop(self, draft_id: int) -> None:
        """Forget what was found."""
        self.stop(draft_id)
        self._run = None

    def close(self) -> None:
        """The server ends."""
        if self._run is not None:
            self._run.stop = True
        if self._thread is not None:
            self._thread.join(timeout=20)

    def _mine(self, draft_id: int) -> Run:
        if self._run is None or self._run.draft_id != draft_id:
            raise NotFound("nothing was optimised here.", where=f"draft {draft_id}")
        return self._run


def _work(run: Run, one: Board) -> None:
    def heard(progress: Progress, best: Callable[[], Sheet]) -> bool:
        run.done, run.stage = progress.done, progress.stage
        if time.monotonic() - run.pictured > REST:
            run.best, run.pictured = best(), time.monotonic()
        return not run.stop

    try:
        now = run.began_on
        run.best = solved(sheet(one, now), units(one, now, now.locked), run.wish, heard)
        run.done, run.status = 1.0, DONE
    except Exception as error:  # the edge of the work: whatever it was must reach the page
        run.error, run.status = known(error), FAILED
        if isinstance(run.error, Fault):
            log.error("the optimiser failed", exc_info=error)


def wished(rules: PlanRules, now: Drawing, one: Board, said: Mapping[str, Any]) -> Wish:
    """The wish of a request. Raises InputError."""
    level: Level = "micro_grid" if said.get("level") == "micro_grid" else "grid"
    start, pace = said.get("start", "current"), said.get("pace", "normal")
    if start not in STARTS or pace not in PACE:
        raise InputError("there is no such way to begin.", where="start, pace")
    band: Band = rules.micro_grid if level == "micro_grid" else rules.grid
    base = Rules()
    weights = {name: getattr(base, name) * weight(said, name) for name in WEIGHTS}
    asked = Rules(target=band.target, band=band.band, disconnected="apart", small="one", **weights)
    return Wish(level, scope(now, one, said.get("scope")), start, PACE[pace], asked)


def weight(said: Mapping[str, Any], name: str) -> float:
    """How much something matters, 1 being as usual. Raises InputError."""
    value = (said.get("weights") or {}).get(name, 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_WEIGHT:
        raise InputError(f"a weight lies between 0 and {MOST_WEIGHT:g}.", where=name)
    return float(value)


def scope(now: Drawing, one: Board, said: Any) -> frozenset[int]:
    """The grids of a request: all, those of a community, or those with most of their cells inside an outline. Raises InputError."""
    said = {} if said is None else said
    if not isinstance(said, Mapping):
        raise InputError("there is no such scope.", where="scope")
    if "community" in said:
        chosen = now.community == whole_number(said, "community")
    elif "outline" in said:
        outline = shapely.make_valid(
            shapely.Polygon(corners(said, "outline", 3))
        )  # one that crosses itself: all it goes around
        points = shapely.points(one.cells.lon, one.cells.lat)
        chosen = np.asarray(shapely.intersects(outline, points))
    else:
        chosen = np.ones(len(now.grid), np.bool_)
    labels, number = np.unique(now.grid, return_inverse=True)
    share = np.bincount(number, chosen) / np.bincount(number)
    found = frozenset(int(label) for label in labels[share > 0.5])
    if not found:
        raise InputError(
            "there are no grids to draw.", where="scope", todo="Choose grids of homes that are not locked."
        )
    return found
