"""What is true of a case at the as-of instant, one bit each: the sentences of "How figures count" in SQL.

A figure's parts ("decided and closed by the deadline") are then only a set of bits that must be there and a set that
must not, so every figure counts, and lists, the same cases by the same words. Parameters: $start, $end (the half-open
period), $t (the as-of instant).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, auto

from data.quality import Quality


class Mark(IntFlag):
    """Bits of a case in a slice. Those that begin with IN say that a time of the case lies in the period."""

    IN_REPORTED = auto()
    IN_REGISTERED = auto()
    IN_DUE = auto()
    IN_HANDLE_DUE = auto()
    IN_CLOSED = auto()
    IN_CALLED_BACK = auto()
    IN_KNOWN = auto()  # its registration, else its report: where a case belongs whose own time is missing
    VOIDED = auto()
    EXCLUDED = auto()
    CLOSED = auto()
    OPEN = auto()
    SUSPENDED = auto()  # open and suspended
    DONE = auto()  # closed, or the source's flag says on time
    NO_DEADLINE = auto()
    NO_FLAG = auto()  # the source judges by a flag, which is not set
    PAUSED = auto()  # has a deadline, but stands still
    NOT_YET_DUE = auto()
    DECIDED = auto()
    ON_TIME = auto()
    UNTIMED = auto()  # closed, nobody knows when, and only the dates could say whether in time
    NO_CLOSING_TIME = auto()
    HANDLE_NO_DEADLINE = auto()
    HANDLE_PAUSED = auto()
    HANDLE_NOT_YET_DUE = auto()
    HANDLE_UNTIMED = auto()
    HANDLE_DECIDED = auto()
    HANDLE_ON_TIME = auto()
    REWORKED = auto()
    EXTENDED = auto()
    TIMED = auto()  # closed, and not before it was registered
    INCONSISTENT = auto()  # closed before it was registered
    UNREGISTERED = auto()  # closed at a known time without ever having been registered
    REACH_KNOWN = auto()
    WITHIN_MICRO_GRID = auto()
    WITHIN_GRID = auto()
    WITHIN_COMMUNITY = auto()
    WITHIN_STREET = auto()
    CALLED_BACK = auto()
    CALL_EXCLUDED = auto()
    CONTACTED = auto()
    RESOLVED = auto()
    SATISFIED = auto()
    BASIC = auto()
    CONTACT_SAID = auto()
    RESOLVED_SAID = auto()
    SATISFACTION_SAID = auto()
    NO_POINT = auto()
    DEFAULT_POINT = auto()
    REPEATED = auto()


NONE = Mark(0)
GONE = Mark.VOIDED | Mark.EXCLUDED


@dataclass(frozen=True)
class Part:
    """Cases with all of the bits `has` and none of `lacks`."""

    has: Mark
    lacks: Mark = NONE

    def plus(self, has: Mark, lacks: Mark = NONE) -> Part:
        """The part narrowed by further bits."""
        return Part(self.has | has, self.lacks | lacks)

    @property
    def sql(self) -> str:
        """The condition on a slice's column `marks`."""
        return f"(marks & {int(self.has | self.lacks)}) = {int(self.has)}"


def in_period(moment: str) -> str:
    """Whether an instant lies in the half-open period."""
    return f"({moment} >= $start AND {moment} < $end)"


def in_period_by_now(moment: str) -> str:
    """Whether it also lay behind us at the as-of instant."""
    return f"({moment} >= $start AND {moment} < $end AND {moment} <= $t)"


# Helper columns, computed first. A flag's time is the closing, else the registration, else the report.
HELPERS = """
    stage = 'closed' AS closed,
    stage <> 'closed' AND NOT voided AS open,
    coalesce(registered_at, reported_at) AS known_at,
    CASE on_time_source WHEN 'flag' THEN coalesce(closed_at, registered_at, reported_at)
                        WHEN 'dates' THEN due_at END AS judged_at,
    stage = 'closed' OR (on_time_source = 'flag' AND coalesce(on_time, false)) AS done,
    CASE on_time_source WHEN 'flag' THEN on_time IS NOT NULL WHEN 'dates' THEN due_at IS NOT NULL ELSE false END
        AS has_deadline"""
STANDING = """
    suspended AND NOT done AND NOT voided AS paused,
    has_deadline AND NOT (suspended AND NOT done AND NOT voided)
        AND (judged_at <= $t OR (closed AND on_time_source = 'dates')) AS decided,
    suspended AND handled_at IS NULL AND open AS handle_paused,
    handle_due_at IS NOT NULL AND NOT (suspended AND handled_at IS NULL AND open)
        AND (handled_at IS NOT NULL OR closed OR handle_due_at <= $t) AS handle_decided"""

SQL: dict[Mark, str] = {
    Mark.IN_REPORTED: in_period("reported_at"),
    Mark.IN_REGISTERED: in_period_by_now("registered_at"),
    Mark.IN_DUE: in_period("judged_at"),
    Mark.IN_HANDLE_DUE: in_period("handle_due_at"),
    Mark.IN_CLOSED: in_period_by_now("closed_at"),
    Mark.IN_CALLED_BACK: in_period("call_completed_at"),
    Mark.IN_KNOWN: in_period("known_at"),
    Mark.VOIDED: "voided",
    Mark.EXCLUDED: "excluded",
    Mark.CLOSED: "closed",
    Mark.OPEN: "open",
    Mark.SUSPENDED: "open AND suspended",
    Mark.DONE: "done",
    Mark.NO_DEADLINE: "NOT has_deadline AND on_time_source <> 'flag'",
    Mark.NO_FLAG: "NOT has_deadline AND on_time_source = 'flag'",
    Mark.PAUSED: "has_deadline AND paused",
    Mark.NOT_YET_DUE: "has_deadline AND NOT paused AND NOT decided",
    Mark.DECIDED: "decided",
    Mark.ON_TIME: "decided AND CASE on_time_source WHEN 'flag' THEN on_time ELSE closed AND closed_at <= due_at END",
    Mark.UNTIMED: "decided AND on_time_source = 'dates' AND closed AND closed_at IS NULL",
    Mark.NO_CLOSING_TIME: "closed AND closed_at IS NULL",
    Mark.HANDLE_NO_DEADLINE: "handle_due_at IS NULL",
    Mark.HANDLE_PAUSED: "handle_due_at IS NOT NULL AND handle_paused",
    Mark.HANDLE_NOT_YET_DUE: "handle_due_at IS NOT NULL AND NOT handle_paused AND NOT handle_decided",
    Mark.HANDLE_UNTIMED: "handle_decided AND closed AND handled_at IS NULL",
    Mark.HANDLE_DECIDED: "handle_decided",
    Mark.HANDLE_ON_TIME: "handle_decided AND handled_at <= handle_due_at",
    Mark.REWORKED: "reworked > 0",
    Mark.EXTENDED: "extended > 0",
    Mark.TIMED: "closed AND closed_at >= registered_at",
    Mark.INCONSISTENT: "closed AND closed_at < registered_at",
    Mark.UNREGISTERED: "closed AND closed_at IS NOT NULL AND registered_at IS NULL",
    Mark.REACH_KNOWN: "reach IS NOT NULL",
    Mark.WITHIN_MICRO_GRID: "reach <= 0",
    Mark.WITHIN_GRID: "reach <= 1",
    Mark.WITHIN_COMMUNITY: "reach <= 2",
    Mark.WITHIN_STREET: "reach <= 3",
    Mark.CALLED_BACK: "call_completed_at IS NOT NULL",
    Mark.CALL_EXCLUDED: "call_excluded",
    Mark.CONTACTED: "contacted",
    Mark.RESOLVED: "resolved",
    Mark.SATISFIED: "satisfaction = 'satisfied'",
    Mark.BASIC: "satisfaction = 'basic'",
    Mark.CONTACT_SAID: "contacted IS NOT NULL",
    Mark.RESOLVED_SAID: "resolved IS NOT NULL OR contacted = false",
    Mark.SATISFACTION_SAID: "satisfaction IS NOT NULL OR contacted = false",
    Mark.NO_POINT: f"(NOT pointed) AND (flags & {int(Quality.DEFAULT_POINT)}) = 0",
    Mark.DEFAULT_POINT: f"(flags & {int(Quality.DEFAULT_POINT)}) <> 0",
    Mark.REPEATED: "repeated_since <= $t",
}


def marks_sql(wanted: Mark) -> str:
    """The wanted marks of a row as one BIGINT; what is unknown is not marked.

    They are put together in pairs: of forty in a row the database takes as long to plan as to count a thousand cases.
    """
    bits = [f"CASE WHEN {SQL[mark]} THEN {int(mark)}::BIGINT ELSE 0::BIGINT END" for mark in Mark if mark in wanted]
    while len(bits) > 1:
        pairs = [f"({a} | {b})" for a, b in zip(bits[::2], bits[1::2], strict=False)]
        bits = pairs + bits[len(bits) - len(bits) % 2 :]
    return bits[0]
