"""What a post does with a run, and what it enters: each order checked here for its fields and by the store for the role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dashboard.console.fields import number_of, text_of
from data import appeals, judgements, registers, score_runs
from data.acting import acting
from data.actors import Actor
from data.casework import number_of_case
from data.errors import InputError
from data.judgements import About, Event, Mark
from data.rectification import open_listing
from data.registers import Fact
from data.score_rows import card_of, items, run_of
from data.store import Store
from etl.mark_files import read_marks
from etl.masking import mask_text

Said = dict[str, Any]
TURNS: dict[str, Callable[[Store, int, Actor], object]] = {
    "publish": score_runs.publish,
    "finish": score_runs.finish,
    "recount": score_runs.recount,
    "withdraw": score_runs.withdraw,
}


def draft_run(store: Store, said: Mapping[str, Any]) -> Said:
    """Draft a run: {"id"}."""
    wanted = [_needed(said, name) for name in ("card", "level", "period")]
    return {"id": score_runs.make_draft(store, wanted[0], wanted[1], wanted[2], acting())}


def turn(store: Store, run_id: int, said: Mapping[str, Any]) -> Said:
    """Publish, finish, recount or withdraw a run."""
    what = _needed(said, "what")
    if what not in TURNS:
        raise InputError(f"a run cannot {what}.", where="what", todo=f"One of {', '.join(TURNS)}.")
    TURNS[what](store, run_id, acting())
    return {"ok": True}


def mark(store: Store, run_id: int, said: Mapping[str, Any]) -> Said:
    """Enter a mark for one subject: {"n"}."""
    value = said.get("value")
    try:
        number = float(str(value).strip())
    except ValueError:
        raise InputError("a mark is a number.", where="value") from None
    one = Mark(_needed(said, "code"), number, _masked(said, "reason") or "")
    about = _about(store, run_id, _needed(said, "mark"))
    return {"n": judgements.enter(store, about, [one], acting(), _needed(said, "key"))}


def marks_of_file(store: Store, run_id: int, name: str, key: str, path: Path) -> Said:
    """Enter the marks of a file, all or none: {"n"}."""
    return {"n": judgements.enter(store, _about(store, run_id, name), read_marks(path), acting(), key)}


def veto(store: Store, run_id: int, said: Mapping[str, Any]) -> Said:
    """Enter a veto, or withdraw one."""
    if said.get("withdraw"):
        judgements.withdraw_veto(store, number_of(said, "withdraw") or 0, _masked(said, "reason") or "", acting())
        return {"ok": True}
    run = run_of(store, run_id)
    event = Event(
        run.card,
        _needed(said, "kind"),
        run.level,
        _needed(said, "code"),
        _date_said(said, "day"),
        _masked(said, "evidence") or "",
    )
    return {"id": judgements.enter_veto(store, event, acting(), _needed(said, "key"))}


def appeal(store: Store, run_id: int, said: Mapping[str, Any]) -> Said:
    """Take an appeal down, or decide one."""
    if said.get("appeal"):
        decision = _masked(said, "decision") or ""
        appeals.decide(store, number_of(said, "appeal") or 0, decision, acting(), upheld=said.get("upheld") is True)
        return {"ok": True}
    subject = number_of(said, "subject") or 0
    return {"id": appeals.lodge(store, run_id, subject, _masked(said, "reason") or "", acting(), _needed(said, "key"))}


def enter_ledger(store: Store, run_id: int, said: Mapping[str, Any]) -> Said:
    """Enter a line of the ledger a card adds up, or withdraw one."""
    if said.get("withdraw"):
        registers.withdraw(store, number_of(said, "withdraw") or 0, _masked(said, "reason") or "", acting())
        return {"ok": True}
    run = run_of(store, run_id)
    part = next((p for p in card_of(store, run.digest).parts if p.register_ and p.how == "sum"), None)
    if part is None or part.register_ is None:
        raise InputError("this card adds no ledger up.", where=run.card)
    try:
        points = float(str(said.get("points")).strip())
    except ValueError:
        raise InputError("points are a number.", where="points") from None
    until = _date_said(said, "until") if text_of(said, "until") else None
    fact = Fact(part.register_, run.level, number_of(said, "subject") or 0, points, _masked(said, "reason") or "",
                _masked(said, "evidence") or "", _date_said(said, "since"), until)  # fmt: skip
    return {"id": registers.enter(store, fact, acting(), _needed(said, "key"))}


def listing(store: Store, run_id: int, said: Mapping[str, Any]) -> Said:
    """Open the case of a listed estate: {"case_id", "number"}."""
    run, subject = run_of(store, run_id), number_of(said, "subject") or 0
    card = card_of(store, run.digest)
    found = items(store, run_id, subject)
    opens = next((rule.opens for rule in card.lists if rule.opens and found and rule.id in found[0].lists), None)
    if opens is None:
        raise InputError("it is on no list that opens a case.", where=f"run {run_id}")
    note, key = _masked(said, "note") or "", _needed(said, "key")
    case_id = open_listing(store, subject, opens, number_of(said, "unit") or 0, note, acting(), key)
    return {"case_id": case_id, "number": number_of_case(store, case_id)}


def _about(store: Store, run_id: int, mark_name: str) -> About:
    run = run_of(store, run_id)
    return About(run.card, mark_name, run.level, run.period)


def _needed(said: Mapping[str, Any], name: str) -> str:
    found = text_of(said, name)
    if not found:
        raise InputError("this is missing.", where=name)
    return found


def _masked(said: Mapping[str, Any], name: str) -> str | None:
    found = text_of(said, name)
    return mask_text(found) if found else None


def _date_said(said: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_needed(said, name))
    except ValueError:
        raise InputError("this is no day.", where=name, todo="Write it like 2026-03-31.") from None
