"""`python app.py import warning FILE`: a warning from a file, taken in here or by the server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data import hazard_warnings
from data.acting import acting
from data.hazard_warnings import Message
from data.store import Store
from etl import cap

Arguments = dict[str, Any]


def taken(store: Store, message: Message) -> dict[str, Any]:
    """Keep a message for whoever acts; what a program and a terminal are told."""
    outcome = hazard_warnings.take(store, message, acting())
    kept = [hazard_warnings.warning(store, number) for number in outcome.warnings]
    return {
        "identifier": message.identifier,
        "known": outcome.known,
        "ended": outcome.ended,
        "warnings": [_said(store, one) for one in kept],
    }


def _said(store: Store, one: hazard_warnings.Hazard) -> dict[str, Any]:
    places = hazard_warnings.touched(store, one)
    return {
        "warning": one.warning_id,
        "title": one.title,
        "colour": one.colour,
        "expires_at": one.expires_at.isoformat(),
        "places": len(places),
        "households": sum(place.households or 0 for place in places),
    }


def import_warning(store: Store, args: Arguments, progress: Any) -> dict[str, Any]:
    """file: a CAP 1.2 message."""
    progress.step("read the warning", 0, None)
    return taken(store, cap.read_file(Path(args["file"])))


WARNING_COMMANDS = {"import_warning": import_warning}
