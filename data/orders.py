"""What people and programs ask of cases: to open one, to move one. Checked and written by data/engine.py.

Instants carry a zone; `key` names the request, so that sending it twice does it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data.actors import Actor

FIRST_YEAR, LAST_YEAR = (
    1970,
    2199,
)  # of the times an order may name; what lies outside is a slip, or meant to break something


def out_of_time(*instants: datetime | None) -> bool:
    """Whether one of some instants lies outside the years that can be."""
    return any(at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR for at in instants)


@dataclass(frozen=True)
class Answer:
    """What somebody said when called back."""

    contacted: bool
    resolved: bool | None = None
    satisfaction: str | None = None  # satisfied basic unsatisfied; null not said


@dataclass(frozen=True)
class Order:
    """One move of a case, as its kind's definition names it.

    expected_seq: the last line the sender had seen; null moves the case whatever happened since. occurred_at: when it
    happened, null is now (a phone without a connection sends later). unit_id: the unit that gets it; co_units: those that
    help. evidence: names of pictures. level: of an escalation. other: the case it is linked to. values: what was found of
    the figures of the move's test (data/verdicts.py).
    """

    case_id: int
    move: str
    key: str
    actor: Actor
    expected_seq: int | None = None
    occurred_at: datetime | None = None
    note: str | None = None
    reason: str | None = None
    unit_id: int | None = None
    co_units: tuple[int, ...] | None = None
    category_id: int | None = None
    urgency: str | None = None
    due_at: datetime | None = None
    handle_due_at: datetime | None = None
    evidence: tuple[str, ...] = ()
    level: str | None = None
    answer: Answer | None = None
    other: int | None = None
    values: tuple[float | None, ...] = ()
    marks: tuple[str, ...] = ()  # the program's own: which rung of the ladder this is


@dataclass(frozen=True)
class Located:
    """Where a case lies in one atlas, as `etl/locate.py` found it: how, and the ids by level."""

    atlas_id: int
    located: str
    ids: Mapping[str, int] = field(default_factory=dict)  # street community grid micro_grid estate building block


@dataclass(frozen=True)
class Opening:
    """A new case. places: whom an order with parts goes to; units: whom a whistle calls.

    source: the system it comes from, with its `external_id` where it has one. reference: the hotline's own number.
    """

    kind: str
    key: str
    actor: Actor
    occurred_at: datetime | None = None
    note: str | None = None
    category_id: int | None = None
    track: str | None = None
    channel: str | None = None
    urgency: str | None = None
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    named_place: str | None = None
    flags: int = 0
    located: tuple[Located, ...] = ()
    unit_id: int | None = None
    units: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    due_at: datetime | None = None
    other: int | None = None
    item: str | None = None  # what is asked of grids, as the admission list names it
    pictures: int = 0  # how many each part has to send with its report
    evidence: tuple[str, ...] = ()
    source: str = "jingwei"
    external_id: str | None = None

    @property
    def case_id(self) -> int:
        """It has none yet."""
        return 0
