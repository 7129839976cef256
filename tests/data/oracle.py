"""The figures a second time, from the glossary alone: plain loops over plain dictionaries, slow and readable.

Nothing here knows the store's tables or its SQL. A case is a dictionary of what its source said (`kind`, `parent`, `track`,
`channel`, `category`, `source`: dates, flag or none), `lines` (its ledger, in order), `calls` (its call-backs) and
`lies`: for each plan the code of its place by level. A line is {action, at, recorded} with due, handle_due, unit, payload
where it has them. A question is {level, start, end, t, r, kind, plan, filters}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

Case = Mapping[str, Any]
State = dict[str, Any]
RANK = {"micro_grid": 0, "grid": 1, "community": 2, "street": 3, "district": 4}
LEADS_TO = {
    **{name: name for name in ("reported", "registered", "dispatched", "accepted", "handled", "verified", "returned")},
    **dict.fromkeys(("redispatched", "reworked", "reopened"), "dispatched"),
}


def state(case: Case, t: datetime, r: datetime | None, units: Mapping[int, str | None]) -> State | None:
    """What is known of a case at t, as published at r: only lines that happened by t and were recorded by r are seen."""
    seen = [line for line in case["lines"] if line["at"] <= t and (r is None or line["recorded"] <= r)]
    if not any(line["action"] == "reported" for line in seen):
        return None
    now: State = dict.fromkeys(("registered", "handled", "closed", "due", "handle_due", "unit", "flag"), None)
    now |= dict.fromkeys(("is_closed", "suspended", "voided", "excluded"), False)
    now |= {"reworked": 0, "extended": 0, "reach": None, "closed_unit": None, "stage": None}
    for line in seen:
        _step(now, line, units)
    return now


def _step(now: State, line: Mapping[str, Any], units: Mapping[int, str | None]) -> None:
    action, payload = line["action"], line.get("payload") or {}
    known = None if payload.get("time_unknown") else line["at"]
    for name in ("due", "handle_due", "unit"):
        if line.get(name) is not None:
            now[name] = line[name]
    level = units.get(line.get("unit") or now["unit"] if action == "closed" else line.get("unit") or 0)
    if level is not None:
        now["reach"] = max(RANK[level], -1 if now["reach"] is None else now["reach"])
    if action in ("reported", "registered", "handled"):
        now[action] = known
    if action in ("reworked", "reopened"):
        now["reworked"] += payload.get("times", 1)
        now |= {"handled": None, "closed": None, "closed_unit": None, "is_closed": False}
    if action == "extended":
        now["extended"] += 1
    if action in ("suspended", "resumed"):
        now["suspended"] = action == "suspended"
    if action == "closed":
        now |= {"closed": known, "closed_unit": line.get("unit") or now["unit"], "is_closed": True, "suspended": False}
    if action in ("voided", "reopened"):
        now |= {"voided": action == "voided", "suspended": False}
    if action in ("excluded", "included"):
        now["excluded"] = action == "excluded"
    if "on_time" in payload:
        now["flag"] = payload["on_time"]
    if action == "corrected":
        now |= {name: value for name, value in payload.items() if name in now}


def call_back(case: Case, t: datetime, r: datetime | None) -> Mapping[str, Any] | None:
    """The last completed call-back."""
    done = [call for call in case["calls"] if call["at"] <= t and (r is None or call["recorded"] <= r)]
    return max(done, key=lambda call: call["at"]) if done else None


def _time(name: str, case: Case, now: State, call: Mapping[str, Any] | None) -> datetime | None:
    """The time of a case that a basis means."""
    moment: datetime | None
    if name == "called_back":
        return call["at"] if call else None
    if name == "due":
        moment = now["closed"] or now["registered"] or now["reported"]
        return {"flag": moment, "dates": now["due"]}.get(case["source"])
    if name == "handle_due":
        return now["handle_due"] if case["source"] == "dates" else None
    moment = now[name]
    return moment


class Looked:
    """One case as a question sees it: is it in the period on a basis, and what is so of it."""

    def __init__(self, case: Case, now: State, ask: Mapping[str, Any]) -> None:
        self.case, self.now, self.ask = case, now, ask
        self.t: datetime = ask["t"]
        self.call = call_back(case, self.t, ask["r"])
        self.open = not now["is_closed"] and not now["voided"]
        self.source = case["source"]

    def within(self, basis: str) -> bool:
        moment = _time(basis, self.case, self.now, self.call)
        return moment is not None and self.ask["start"] <= moment < self.ask["end"]

    def known_within(self) -> bool:
        """In the period by registration, else by report: where a case without the basis' own time is shown."""
        moment = self.now["registered"] or self.now["reported"]
        return bool(self.ask["start"] <= moment < self.ask["end"])

    def verdict(self) -> tuple[str, bool, bool]:
        """(decided or why not, closed, on time) by the deadline of closing."""
        now = self.now
        # A flag that says "on time" says that it ended in time, whatever the stage.
        closed = now["is_closed"] or (self.source == "flag" and bool(now["flag"]))
        if self.source == "none" or (self.source == "dates" and now["due"] is None):
            return "without_deadline", closed, False
        if self.source == "flag" and now["flag"] is None:
            return "without_flag", closed, False
        if now["suspended"] and not closed:
            return "suspended", False, False
        if self.source == "flag":
            return "decided", closed, now["flag"]
        if not closed and now["due"] > self.t:
            return "not_yet_due", False, False
        if closed and now["closed"] is None:
            return "closed_without_time", True, False
        return "decided", closed, closed and now["closed"] <= now["due"]

    def handling(self) -> tuple[str, bool]:
        """(decided or why not, on time) by the deadline of handling."""
        now = self.now
        handled = now["handled"] is not None
        if self.source != "dates" or now["handle_due"] is None:
            return "without_deadline", False
        if now["suspended"] and self.open and not handled:
            return "suspended", False
        if not handled and now["is_closed"]:
            return "handled_without_time", False
        if not handled and now["handle_due"] > self.t:
            return "not_yet_due", False
        return "decided", handled and now["handled"] <= now["handle_due"]


def unit_of(now: State) -> Any:
    """Who answers for a case: the unit at the closing, else at t."""
    closed = now["is_closed"] and not now["voided"]
    return (now["closed_unit"] if closed else None) or now["unit"]


def place_of(case: Case, now: State, ask: Mapping[str, Any], world: Mapping[str, Any]) -> Any:
    """The code of a case's place at the question's level; None: not located there."""
    level = ask["level"]
    if level == "unit":
        return unit_of(now)
    lies = case["lies"][ask["plan_at"](case)]
    if level == "district":
        return world["district"]
    return world["company_of"].get(lies.get("estate")) if level == "company" else lies.get(level)


def chosen(case: Case, now: State, ask: Mapping[str, Any], world: Mapping[str, Any]) -> bool:
    """Whether a case is of the kind and passes the filters."""
    if case["kind"] != ask["kind"]:
        return False
    lies = case["lies"][ask["plan_at"](case)]
    values = {
        **{name: {case[name]} for name in ("track", "channel", "category")},
        "unit": {unit_of(now)},
        "company": {world["company_of"].get(lies.get("estate"))},
        "place": set(lies.values()) - {None},
        "located": {lies["located"]},
    }
    return all(values[name] & set(wanted) for name, wanted in ask["filters"].items())


Answer = dict[str, Any]


def figures(
    cases: Sequence[Case], ask: Mapping[str, Any], world: Mapping[str, Any], bases: Mapping[str, str | None]
) -> dict[Any, dict[str, Answer]]:
    """Every figure of every place that has cases. bases: the basis each figure is counted on."""
    looked: dict[Any, list[Looked]] = {}
    parents = {
        case["parent"]
        for case in cases
        if case["parent"] and case["kind"] == ask["kind"] and state(case, ask["t"], ask["r"], world["units"])
    }
    for case in cases:
        now = state(case, ask["t"], ask["r"], world["units"])
        if now is None or not chosen(case, now, ask, world):
            continue
        if case["id"] in parents:
            continue
        looked.setdefault(place_of(case, now, ask, world), []).append(Looked(case, now, ask))
    return {
        place: {name: FIGURES[name](those, basis or "", ask) for name, basis in bases.items()}
        for place, those in looked.items()
    }


def _sort(those: Sequence[Looked], basis: str, own: str = "") -> tuple[list[Looked], Answer]:
    """The cases in the period that count, and the n of those voided and excluded."""
    within = [one for one in those if one.within(own or basis)]
    left = {
        "voided": sum(one.now["voided"] for one in within),
        "excluded": sum(one.now["excluded"] and not one.now["voided"] for one in within),
    }
    return [one for one in within if not one.now["voided"] and not one.now["excluded"]], left


def _valid(those: Sequence[Looked]) -> list[Looked]:
    return [one for one in those if not one.now["voided"] and not one.now["excluded"]]


def _untimed(those: Sequence[Looked], basis: str) -> Answer:
    """Closed at an unknown time: on the basis closed they lie in no period, and are told with their registration."""
    if basis != "closed":
        return {}
    return {
        "closed_without_time": sum(
            one.now["is_closed"] and one.now["closed"] is None and one.known_within() for one in _valid(those)
        )
    }


def _answer(n: float, d: float | None, left: Answer, value: float | None = None) -> Answer:
    if d is not None:
        value = n / d if d else None
    return {"numerator": n, "denominator": d, "value": n if d is None else value, "left_out": left}


def _count(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    return _answer(len(counted), None, left)


def _closed(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    return _answer(sum(one.now["is_closed"] for one in counted), None, left | _untimed(those, basis))


def _completion(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    if basis == "due":
        left["without_deadline"] = _no_deadline(those)
    return _answer(sum(one.now["is_closed"] for one in counted), len(counted), left)


def _no_deadline(those: Sequence[Looked]) -> int:
    return sum(one.verdict()[0] == "without_deadline" and one.known_within() for one in _valid(those))


def _decided(those: Sequence[Looked], basis: str, timed: bool) -> tuple[list[Looked], Answer]:
    """Those decided (timed: and known when closed), and the others by reason."""
    counted, left = _sort(those, basis)
    found: list[Looked] = []
    left |= dict.fromkeys(("suspended", "without_deadline", "without_flag", "not_yet_due"), 0)
    if timed or basis == "closed":
        left["closed_without_time"] = 0
    for one in counted:
        verdict = one.verdict()[0]
        if verdict == "decided" or (verdict == "closed_without_time" and not timed):
            found.append(one)
        else:
            left[verdict] += 1
    if basis == "due":
        left["without_deadline"] = _no_deadline(those)
    return found, left | _untimed(those, basis)


def _on_time(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    found, left = _decided(those, basis, timed=True)
    return _answer(sum(one.verdict()[2] for one in found), len(found), left)


def _due_completion(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    found, left = _decided(those, basis, timed=False)
    return _answer(sum(one.verdict()[1] for one in found), len(found), left)


def _due(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    found, left = _decided(those, basis, timed=False)
    return _answer(len(found), None, left)


def _on_time_handling(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis, "handle_due" if basis == "due" else "")
    left |= dict.fromkeys(("suspended", "without_deadline", "not_yet_due", "handled_without_time"), 0)
    found = []
    for one in counted:
        verdict, in_time = one.handling()
        if verdict == "decided":
            found.append(in_time)
        else:
            left[verdict] += 1
    if basis == "due":
        left["without_deadline"] = sum(
            one.handling()[0] == "without_deadline" and one.known_within() for one in _valid(those)
        )
    return _answer(sum(found), len(found), left)


def _at_t(
    what: Callable[[Looked], bool], *reasons: str
) -> Callable[[Sequence[Looked], str, Mapping[str, Any]], Answer]:
    """A count of what is so at t, whatever the period."""

    def figure(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
        left = {
            "voided": sum(one.now["voided"] for one in those),
            "excluded": sum(one.open and one.now["excluded"] for one in those),
        }
        valid = [one for one in _valid(those) if one.open]
        left |= {reason: sum(one.verdict()[0] == reason for one in valid) for reason in reasons}
        return _answer(sum(what(one) for one in valid), None, left)

    return figure


def _rework(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    closed = [one for one in counted if one.now["is_closed"]]
    return _answer(sum(one.now["reworked"] > 0 for one in closed), len(closed), left | _untimed(those, basis))


def _extension(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    return _answer(sum(one.now["extended"] > 0 for one in counted), len(counted), left)


def _hours(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    left |= {"inconsistent": 0, "unregistered": 0, "closed_without_time": 0}
    if basis != "closed":
        left["not_closed"] = sum(not one.now["is_closed"] for one in counted)
    hours = []
    for one in counted:
        if not one.now["is_closed"]:
            continue
        if one.now["closed"] is None:
            left["closed_without_time"] += 1
        elif one.now["registered"] is None:
            left["unregistered"] += 1
        elif one.now["closed"] < one.now["registered"]:
            left["inconsistent"] += 1
        else:
            hours.append((one.now["closed"] - one.now["registered"]).total_seconds() / 3600)
    left |= _untimed(those, basis)
    median, p90 = (float(np.quantile(hours, q)) for q in (0.5, 0.9)) if hours else (None, None)
    return {"numerator": None, "denominator": len(hours), "value": median, "p90": p90, "left_out": left}


def _unreached(name: str, call: Mapping[str, Any]) -> bool:
    """Nobody was reached, so nothing was resolved and nobody satisfied: that is an answer."""
    return name != "contacted" and call["contacted"] is False


def _calls(*weights: tuple[str, Any, float]) -> Callable[[Sequence[Looked], str, Mapping[str, Any]], Answer]:
    """A weighted share of the valid call-backs; a share of which no call-back says anything has no value."""

    def figure(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
        counted, left = _sort([one for one in those if one.call], basis)
        called = [one.call for one in counted if one.call is not None]
        valid = [call for call in called if not call["excluded"]]
        left["call_back_excluded"] = len(called) - len(valid)
        total = sum(weight for call in valid for name, value, weight in weights if call[name] == value)
        silent = any(all(call[name] is None and not _unreached(name, call) for call in valid) for name, _, _ in weights)
        answer = _answer(total, len(valid), left)
        return answer | {"value": None} if silent else answer

    return figure


def _settled(those: Sequence[Looked], basis: str, ask: Mapping[str, Any]) -> Answer:
    counted, left = _sort(those, basis)
    closed = [one for one in counted if one.now["is_closed"]]
    known = [one for one in closed if one.now["reach"] is not None]
    left |= _untimed(those, basis) | {"unknown_level": len(closed) - len(known)}
    level = RANK.get(ask["level"], RANK["street"])
    top = min(level, RANK["street"])
    return _answer(sum(one.now["reach"] <= top for one in known), len(known), left)


FIGURES: dict[str, Callable[[Sequence[Looked], str, Mapping[str, Any]], Answer]] = {
    "reported": _count,
    "registered": _count,
    "closed": _closed,
    "completion_rate": _completion,
    "on_time_rate": _on_time,
    "due": _due,
    "due_completion_rate": _due_completion,
    "on_time_handling_rate": _on_time_handling,
    "open": _at_t(lambda one: True),
    "overdue_open": _at_t(
        lambda one: one.verdict()[:2] == ("decided", False), "suspended", "without_deadline", "without_flag"
    ),
    "suspended_open": _at_t(lambda one: one.now["suspended"]),
    "rework_rate": _rework,
    "extension_rate": _extension,
    "handling_hours": _hours,
    "response_rate": _calls(("contacted", True, 1)),
    "resolution_rate": _calls(("resolved", True, 1)),
    "satisfaction_rate": _calls(("satisfaction", "satisfied", 1), ("satisfaction", "basic", 0.9)),
    "three_rate_score": _calls(
        ("contacted", True, 10),
        ("resolved", True, 50),
        ("satisfaction", "satisfied", 40),
        ("satisfaction", "basic", 36),
    ),
    "settled_at_level": _settled,
}
