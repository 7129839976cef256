"""挂牌整治 in the demo: the estates with most tickets were listed in the spring, their task forces worked, and fewer people complain since.

Which estates they are hangs on the ground and the seed alone (`etl/demo_draws.py` thins out what comes from them); the cases are opened
and moved through the engine as on those days, so that their ledgers, notes and measured tests are those of any other listing. One of
them is not done when its term is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from data.actors import LEADER, OPERATOR, Actor, Grant
from data.clock import Clock
from data.definitions import kinds_in_force
from data.errors import Refused
from data.orders import Order
from data.rectification import open_listing, units_for
from data.verdicts import values_of

if TYPE_CHECKING:
    from data.store import Store

LISTED = 8
ONE_IN = 12  # of few estates fewer are listed
AFTER = 267  # days into the year until they are
EASED = 0.45  # of what would have come from a listed estate comes from elsewhere
NOTES = {
    "start": "专班进驻，逐户摸排诉求，建立问题台账。",
    "progress": "电梯维修、停车规范、垃圾清运三类高频问题已逐项销号，余项按台账推进。",
    "report": "台账问题已全部销号，近 30 天诉求量明显下降，申请验收。",
    "close": "现场复核，数据达标，同意摘牌，转入常态管理。",
}
STEPS = (("start", 2), ("progress", 20), ("report", 62))  # days after the listing
END = "close"
EXAMINED = range(64, 84)  # days after it, among which is the first with nothing overdue: then its test is tried
BY = Actor("program", "demo", "", (Grant(LEADER), Grant(OPERATOR)))


class Standing(Clock):
    """A clock that stands at a moment of the past."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """That moment."""
        return self._at


def listed_on(begins: date) -> date:
    """The day of the listing; from the next on fewer tickets come."""
    return begins + timedelta(days=AFTER)


def worst(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The rows of the estates that most tickets are expected from, the first first."""
    most = min(LISTED, len(weights) // ONE_IN)
    return np.argsort(-weights, kind="stable")[:most].astype(np.int64)


def list_estates(store: Store, estates: Sequence[int], begins: date) -> int:
    """Open the listings and lead all but the last through to their end, as far as their tests pass; how many."""
    day = datetime.combine(listed_on(begins), time(9, 40), store.zone)
    for n, estate in enumerate(estates):
        _lead(store, estate, day + timedelta(minutes=7 * n), last=n == len(estates) - 1 and n > 0)
    return len(estates)


def _lead(store: Store, estate: int, day: datetime, *, last: bool) -> None:
    unit = units_for(store, estate)[0]["id"]
    note = "诉求量居全区前列，成立专班整治：问题不解决、专班不撤回。"
    case = open_listing(store, estate, "listing", unit, note, BY, f"demo listing {estate}", day)
    for move, after in STEPS[:2] if last else STEPS:
        at = day + timedelta(days=after, hours=1)
        order = Order(case, move, f"demo {move} {case}", BY, occurred_at=at, note=NOTES[move])
        store.writer.submit(order).result()
    quiet = None if last else _quiet(store, estate, [day + timedelta(days=after, hours=5) for after in EXAMINED])
    if quiet is not None:
        _take_off(store, case, quiet)


def _quiet(store: Store, estate: int, moments: list[datetime]) -> datetime | None:
    """The first moment at which nothing of an estate was overdue."""
    rows = store.rows(
        """SELECT min(m.moment) AS moment FROM (SELECT unnest($moments::TIMESTAMPTZ[]) AS moment) m WHERE NOT EXISTS (
               SELECT 1 FROM cases c JOIN case_place p USING (case_id) WHERE p.estate_id = $estate AND c.kind = 'event'
                   AND c.due_at <= m.moment AND c.reported_at <= m.moment AND (c.closed_at IS NULL OR c.closed_at > m.moment))""",
        {"moments": moments, "estate": estate},
    )
    found: datetime | None = rows[0]["moment"]
    return found


def _take_off(store: Store, case: int, at: datetime) -> None:
    """Take an estate off the list, if the test of that moment passes."""
    with store.read() as con:
        rule = kinds_in_force(con)["listing"].kind.move(END)
    with seen_at(store, at):
        values = values_of(store, case, rule) if rule else ()
    order = Order(case, END, f"demo close {case} {at:%m%d}", BY, occurred_at=at, note=NOTES["close"], values=values)
    with suppress(Refused):
        store.writer.submit(order).result()


@contextmanager
def seen_at(store: Store, moment: datetime) -> Iterator[None]:
    """What is asked meanwhile is asked as of that moment."""
    own, store.clock = store.clock, Standing(moment)
    try:
        yield
    finally:
        store.clock = own
