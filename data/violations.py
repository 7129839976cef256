"""What a check found: one line a violation, with the ids of what is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Violation:
    """rule: its name in the catalogue (`data/checks.py`); places, cases: ids of the places or cases at fault."""

    rule: str
    text: str
    places: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()
