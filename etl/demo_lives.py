"""What becomes of a ticket: its whole life, worked out from the chances it was drawn with.

A ticket is registered, dispatched (to the wrong unit now and then, which sends it back), accepted, worked at the pace of its
unit, held up, prolonged, urged, escalated, handled, checked, sent back, closed, called back about, and reopened. How long
the work takes is a multiple of the category's service level, so slow and careless units are late more often, and nothing
else makes them so. Everything is computed for all tickets at once; times are microseconds UTC, NEVER where a thing does
not happen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from data.calendars import WorkingCalendar
from etl.demo_categories import CATEGORIES, CHANNELS
from etl.demo_draws import Chance, Drawn, Floats, Spread
from etl.demo_spots import Ground, Rows
from etl.demo_units import Units

Times = npt.NDArray[np.int64]
Masks = npt.NDArray[np.bool_]
NEVER = np.iinfo(np.int64).min
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
HANDLED = 0.8  # of the time a case has, after which work is to be done; as data/kinds/event.toml says
LONGEST_WORK = {"working": 250.0, "natural": 1000.0}  # hours
LONGEST_LIFE_DAYS = 130  # a life that began earlier has ended

# Lines in the order in which they stand when they happen at the same instant: name of the line, action, who.
SLOTS = (
    ("reported", "reported", "caller"),
    ("registered", "registered", "dispatcher"),
    ("voided", "voided", "dispatcher"),
    ("dispatched", "dispatched", "dispatcher"),
    ("returned", "returned", "handler"),
    ("redispatched", "redispatched", "dispatcher"),
    ("accepted", "accepted", "handler"),
    ("suspended", "suspended", "handler"),
    ("resumed", "resumed", "handler"),
    ("extended", "extended", "dispatcher"),
    ("urged", "urged", "caller"),
    ("escalated", "escalated", "supervisor"),
    ("handled", "handled", "handler"),
    ("reworked", "reworked", "verifier"),
    ("handled2", "handled", "handler"),
    ("reworked2", "reworked", "verifier"),
    ("handled3", "handled", "handler"),
    ("verified", "verified", "verifier"),
    ("closed", "closed", "dispatcher"),
    ("reopened", "reopened", "dispatcher"),
    ("handled4", "handled", "handler"),
    ("verified2", "verified", "verifier"),
    ("closed2", "closed", "dispatcher"),
)
ACTIONS = [action for _, action, _ in SLOTS]
ROLES = [role for _, _, role in SLOTS]
NAMES = [name for name, _, _ in SLOTS]
SATISFACTION = ("satisfied", "basic", "unsatisfied")

SLA = np.array([one.hours for one in CATEGORIES])
WORKING = np.array([one.clock == "working" for one in CATEGORIES])
TEAM = np.array([one.lead in ("micro", "patrol") for one in CATEGORIES])
ROUTINE = WORKING | (SLA > 24)  # nobody works on it at night
CALLED = np.array([0.72, 0.03, 0.25, 0.62, 0.0])  # by channel: how often a closed ticket is called back about
ASKED = np.array([True, False, True, True, False])  # by channel: whether somebody waits for an answer


@dataclass
class Lives:
    """Lines (by ticket, in order) and call-backs of some tickets. unit, by_unit: row of the units, -1: none."""

    ticket: Rows
    at: Times
    slot: Rows
    due: Times
    handle_due: Times
    unit: Rows
    by_unit: Rows
    called_ticket: Rows
    called_at: Times
    contacted: Masks
    resolved: Masks
    satisfaction: Rows
    lead: Rows = field(default_factory=lambda: np.empty(0, np.int64))  # of each ticket

    def seq(self) -> Rows:
        """Number of each line in its ticket's ledger."""
        starts = np.flatnonzero(np.r_[True, self.ticket[1:] != self.ticket[:-1]]) if len(self.ticket) else self.ticket
        counts = np.diff(np.r_[starts, len(self.ticket)])
        return np.arange(len(self.ticket)) - np.repeat(starts, counts) + 1


class _Clocks:
    """Adding service hours to instants, in the clock of each ticket's category."""

    def __init__(self, days: WorkingCalendar, working: Masks) -> None:
        self._days, self._working = days, working
        offset = datetime(2025, 7, 1, tzinfo=days.zone).utcoffset()
        self._offset = 0 if offset is None else round(offset.total_seconds() * 1_000_000)

    def add(self, at: Times, hours: Floats) -> Times:
        """Each instant plus so many hours of its category's clock; NEVER stays."""
        there = at != NEVER
        plain = np.where(there, at, 0) + np.floor(np.maximum(hours, 0) * HOUR).astype(np.int64)
        rows = np.flatnonzero(self._working & there)
        plain[rows] = self._worked(at[rows], hours[rows])
        return np.where(there, plain, NEVER)

    def prolonged(self, due: Times, paused: Times, resumed: Times) -> Times:
        """Deadlines moved by the working time of a pause, as the store does it."""
        rows = np.flatnonzero((paused != NEVER) & (due != NEVER))
        result = due.copy()
        start, end = (moment[rows].view("datetime64[us]") for moment in (paused, resumed))
        result[rows] = self._worked(due[rows], self._days.hours_between(start, end))
        return result

    def present(self, at: Times, morning: Floats) -> Times:
        """The instant, or, where it falls into the night, some time the next morning (7:30 to 9:15)."""
        local = np.where(at == NEVER, 0, at + self._offset)
        day, into = np.divmod(local, DAY)
        begins = np.floor((7.5 + 1.75 * morning) * HOUR).astype(np.int64)
        late = into >= 21 * HOUR
        shifted = np.where(late, (day + 1) * DAY + begins, np.where(into < 7.5 * HOUR, day * DAY + begins, local))
        return np.where(at == NEVER, NEVER, shifted - self._offset)

    def _worked(self, at: Times, hours: Floats) -> Times:
        ended = self._days.add_hours(at.view("datetime64[us]"), np.maximum(hours, 0))
        return np.asarray(ended.view(np.int64))


def live(drawn: Drawn, ground: Ground, units: Units, days: WorkingCalendar) -> Lives:
    """The lives of some tickets, from their report to their end, however far ahead that lies."""
    return _Life(drawn, ground, units, days).lives()


def _after(at: Times, minutes: Floats, spread: Floats, scale: float = 0.7) -> Times:
    """Instants some minutes later (a median, lognormal)."""
    later = at + np.floor(minutes * np.exp(scale * spread) * MINUTE).astype(np.int64)
    return np.where(at == NEVER, NEVER, later)


def _if(condition: Masks, at: Times) -> Times:
    return np.where(condition, at, NEVER)


class _Life:
    """The columns of some tickets' lives, step by step."""

    def __init__(self, drawn: Drawn, ground: Ground, units: Units, days: WorkingCalendar) -> None:
        self._d, self._units = drawn, units
        self._c = drawn.chance.T
        self._z = drawn.spread.T
        self._working = WORKING[drawn.category]
        self._clocks = _Clocks(days, self._working)
        self._sla = SLA[drawn.category]
        self._routine = ROUTINE[drawn.category]
        self._brisk = np.minimum(1.0, self._sla / 16)  # what has to be done in hours is passed on in minutes
        estate, community = ground.estate[drawn.point], ground.community[drawn.point]
        self.lead = units.answering(ground, drawn.category, community, estate)
        self._local = units.local_pace(ground, community, estate)
        self._care = units.care[self.lead]
        self._asked = ASKED[drawn.channel]
        self.at: dict[str, Times] = dict.fromkeys(NAMES, np.full(len(drawn), NEVER))
        self.due: dict[str, Times] = {}
        self._calls: list[tuple[Times, Masks, Masks, Rows]] = []

    def lives(self) -> Lives:
        """All lines of all tickets, and the call-backs."""
        self._register()
        self._dispatch()
        self._work()
        self._check()
        self._call_back()
        return self._laid()

    def _present(self, at: Times) -> Times:
        """When somebody is there for it: at once for what is urgent."""
        return np.where(self._routine, self._clocks.present(at, self._c[Chance.MORNING]), at)

    def _register(self) -> None:
        patrol = self._d.channel == CHANNELS.index("网格员上报")
        minutes = np.where(patrol, 3.0, np.where(self._asked, 11.0, 6.0)) * self._brisk
        registered = _after(self._d.reported, minutes, self._z[Spread.REGISTER])
        void = self._c[Chance.VOID] < 0.008
        self._quick = TEAM[self._d.category] & patrol & (self._c[Chance.QUICK] < 0.82) & ~void
        self.at["reported"] = self._d.reported
        self.at["voided"] = _if(void, _after(registered, np.full(len(void), 90.0), self._z[Spread.DISPATCH]))
        self.at["registered"] = _if(~void, registered)
        self._due = self._clocks.add(self.at["registered"], self._sla)
        self._handle_due = self._clocks.add(self.at["registered"], HANDLED * self._sla)
        self.due["registered"] = self._due

    def _dispatch(self) -> None:
        slow = (self.at["registered"] != NEVER) & ~self._quick
        sent = self._present(_after(_if(slow, self.at["registered"]), 14 * self._brisk, self._z[Spread.DISPATCH]))
        wrong = slow & (self._c[Chance.WRONG] < 0.045)
        back = self._present(_after(_if(wrong, sent), 150 * self._brisk, self._z[Spread.RETURN]))
        again = self._present(_after(back, 35 * self._brisk, -self._z[Spread.RETURN]))
        self.at |= {"dispatched": sent, "returned": back, "redispatched": again}
        accepted = _after(np.where(wrong, again, sent), 28 * self._brisk, self._z[Spread.ACCEPT])
        self.at["accepted"] = self._present(accepted)

    def _work(self) -> None:
        """How long it takes, what holds it up, and what is done about that."""
        c, clocks = self._c, self._clocks
        pace = self._units.pace[self.lead] * self._local * np.where(self._d.storm, 1.35, 1.0)
        part = np.exp(-1.25 + 0.62 * self._z[Spread.WORK]) * pace
        stuck = c[Chance.STUCK]
        part = np.where(stuck < 0.014, part * (5 + 500 * stuck), part)
        most = np.where(self._working, LONGEST_WORK["working"], LONGEST_WORK["natural"])
        hours = np.minimum(part * self._sla, most)
        accepted = self.at["accepted"]
        held = (accepted != NEVER) & (c[Chance.SUSPEND] < 0.016) & (self._sla >= 24)
        paused = _if(held, clocks.add(accepted, 0.4 * hours))
        length = np.floor((2 + 16 * c[Chance.PAUSE]) * DAY).astype(np.int64)
        resumed = np.where(held, clocks.present(_if(held, paused + length), c[Chance.MORNING]), NEVER)
        handled = clocks.add(np.where(held, resumed, accepted), np.where(held, 0.6, 1.0) * hours)
        handled = np.where(self._working, handled, self._present(handled))
        self.at |= {"suspended": paused, "resumed": resumed}
        self._due = clocks.prolonged(self._due, paused, resumed)
        self._handle_due = clocks.prolonged(self._handle_due, paused, resumed)
        self.due["resumed"] = self._due
        self._prolong(handled, held)
        quick = _after(self.at["registered"], np.full(len(handled), 22.0), self._z[Spread.WORK])
        self.at["handled"] = np.where(self._quick, quick, handled)

    def _prolong(self, handled: Times, held: Masks) -> None:
        """Extensions, urging and escalation: what the clock brings about while the work goes on."""
        c, clocks = self._c, self._clocks
        asked_for = clocks.add(self.at["registered"], 0.8 * self._sla)
        fits = (self.at["accepted"] != NEVER) & ~held & (asked_for > self.at["accepted"]) & (asked_for < handled)
        extended = fits & (c[Chance.EXTEND] < 0.34) & (self._sla >= 16)
        self.at["extended"] = _if(extended, asked_for)
        self._due = np.where(extended, clocks.add(self._due, 0.5 * self._sla), self._due)
        self._handle_due = np.where(extended, clocks.add(self._handle_due, 0.5 * self._sla), self._handle_due)
        self.due["extended"] = self._due
        urged = clocks.add(self.at["registered"], 0.95 * self._sla)
        fits = self._asked & ~held & (urged > self.at["accepted"]) & (urged < handled) & (c[Chance.URGE] < 0.3)
        self.at["urged"] = _if(fits & (self.at["accepted"] != NEVER), urged)
        late = self._present(self._due + np.floor((1 + 7 * c[Chance.ESCALATE]) * HOUR).astype(np.int64))
        fits = (self.at["accepted"] != NEVER) & (late < handled) & (c[Chance.ESCALATE] < 0.45)
        self.at["escalated"] = _if(fits, late)

    def _check(self) -> None:
        """Verification, which sends some back once or twice, and the closing."""
        count = len(self.lead)
        seen = self._checked(self.at["handled"], self._z[Spread.VERIFY])
        worse = 0.033 * self._care
        bad = (seen != NEVER) & ~self._quick & (self._c[Chance.REWORK] < worse)
        redone = self._redone(_if(bad, seen), 0.22)
        seen_again = self._checked(redone, self._z[Spread.CLOSE])
        worst = bad & (self._c[Chance.AGAIN] < 4 * worse)
        redone_again = self._redone(_if(worst, seen_again), 0.15)
        self.at |= {"reworked": _if(bad, seen), "handled2": redone}
        self.at |= {"reworked2": _if(worst, seen_again), "handled3": redone_again}
        last = np.where(worst, self._checked(redone_again, self._z[Spread.REGISTER]), np.where(bad, seen_again, seen))
        self.at["verified"] = _if(~self._quick, last)
        quick = _after(self.at["handled"], np.full(count, 4.0), self._z[Spread.CLOSE])
        slow = _after(self.at["verified"], 16 * self._brisk, self._z[Spread.CLOSE])
        self.at["closed"] = np.where(self._quick, quick, slow)

    def _checked(self, handled: Times, spread: Floats) -> Times:
        return self._present(_after(handled, 75 * self._brisk, spread))

    def _redone(self, at: Times, share: float) -> Times:
        hours = 0.7 + share * self._sla * np.exp(0.4 * self._z[Spread.REDO])
        return self._clocks.add(at, np.minimum(hours, 60.0))

    def _call_back(self) -> None:
        """One call-back for many; who says that nothing was resolved may have it opened again, and is called once more."""
        c = self._c
        late = self.at["closed"] > self._due
        closed = self.at["closed"]
        wanted = (closed != NEVER) & (c[Chance.CALL] < CALLED[self._d.channel])
        after = np.floor((4 + 66 * c[Chance.CALL_AFTER]) * HOUR).astype(np.int64)
        called = self._clocks.present(_if(wanted, closed + after), c[Chance.MORNING])
        contacted = c[Chance.CONTACT] < 0.968
        good = 0.945 - 0.10 * late - 0.05 * (self.at["reworked"] != NEVER) - 0.075 * (self._care - 1)
        resolved = contacted & (c[Chance.RESOLVED] < good)
        self._said(called, contacted, resolved, c[Chance.SATISFIED])
        again = wanted & contacted & ~resolved & (c[Chance.REOPEN] < 0.4)
        reopened = self._present(_after(_if(again, called), np.full(len(again), 40.0), self._z[Spread.DISPATCH]))
        self.due["reopened"] = self._clocks.add(reopened, 0.6 * self._sla)
        self._handle_due_again = self._clocks.add(reopened, 0.5 * self._sla)
        redone = self._present(self._redone(reopened, 0.2))
        self.at |= {"reopened": reopened, "handled4": redone}
        self.at["verified2"] = self._checked(redone, self._z[Spread.VERIFY])
        self.at["closed2"] = _after(self.at["verified2"], np.full(len(again), 16.0), self._z[Spread.CLOSE])
        later = np.floor((6 + 60 * c[Chance.SECOND_CALL]) * HOUR).astype(np.int64)
        second = self._clocks.present(_if(again, self.at["closed2"] + later), c[Chance.MORNING])
        self._said(second, contacted, c[Chance.SECOND_RESOLVED] < 0.8, c[Chance.SECOND_SATISFIED])

    def _said(self, at: Times, contacted: Masks, resolved: Masks, chance: Floats) -> None:
        """A call-back and what was said: a bad company leaves fewer satisfied even where the matter is resolved."""
        content = np.clip(0.86 - 0.13 * (self._care - 1), 0.45, 0.95)
        happy = np.where(chance < content, 0, np.where(chance < content + 0.12, 1, 2))
        sad = np.where(chance < 0.07, 0, np.where(chance < 0.30, 1, 2))
        self._calls.append((at, contacted, resolved, np.where(resolved, happy, sad)))

    def _laid(self) -> Lives:
        """The columns laid out as lines, in order of ticket and time."""
        times = np.stack([self.at[name] for name in NAMES], axis=1)
        ticket, slot = np.nonzero(times != NEVER)
        at = times[ticket, slot]
        order = np.lexsort((slot, at, ticket))
        ticket, slot, at = ticket[order], slot[order], at[order]
        due, handle_due = np.full(len(at), NEVER), np.full(len(at), NEVER)
        ends = {"registered": self._first_handle_due(), "resumed": self._handle_due, "extended": self._handle_due}
        ends["reopened"] = self._handle_due_again
        for name, by in ends.items():
            rows = np.flatnonzero(slot == NAMES.index(name))
            due[rows], handle_due[rows] = self.due[name][ticket[rows]], by[ticket[rows]]
        called = [np.flatnonzero(moment != NEVER) for moment, *_ in self._calls]
        said = [[column[rows] for column in one] for one, rows in zip(self._calls, called, strict=True)]
        call_at, contacted, resolved, satisfied = (np.concatenate(columns) for columns in zip(*said, strict=True))
        unit, by_unit = self._units_of(ticket, slot)
        calls = np.concatenate(called)
        return Lives(
            ticket, at, slot, due, handle_due, unit, by_unit, calls, call_at, contacted, resolved, satisfied, self.lead
        )

    def _first_handle_due(self) -> Times:
        return self._clocks.add(self.at["registered"], HANDLED * self._sla)

    def _units_of(self, ticket: Rows, slot: Rows) -> tuple[Rows, Rows]:
        """The unit each line gives the ticket to, and the one that did it."""
        wrong = self.at["returned"] != NEVER
        others = np.flatnonzero(np.array(self._units.kind) == "department")
        pick = others[np.floor(self._c[Chance.WHERE_WRONG] * len(others)).astype(np.int64)]
        pick = np.where(pick == self.lead, others[0] if len(others) else 0, pick)
        first = np.where(wrong, pick, self.lead)
        unit = np.full(len(ticket), -1)
        for name, of in (("dispatched", first), ("redispatched", self.lead)):
            rows = slot == NAMES.index(name)
            unit[rows] = of[ticket[rows]]
        rows = (slot == NAMES.index("handled")) & self._quick[ticket]
        unit[rows] = self.lead[ticket[rows]]
        by_unit = np.full(len(ticket), -1)
        own = np.isin(slot, [at for at, role in enumerate(ROLES) if role == "handler"])
        by_unit[own] = self.lead[ticket[own]]
        back = slot == NAMES.index("returned")
        by_unit[back] = first[ticket[back]]
        up = slot == NAMES.index("escalated")
        by_unit[up] = self._units.upper[self.lead[ticket[up]]]
        return unit, by_unit
