"""The check: every rule of the catalogue, every violation with its ids. It reads and never writes.

Rules are plain functions listed in one catalogue, after GerryChain's constraints: `check_places.py` for the tree and the
plans, `check_cases.py` for cases and the ledger.
"""

from __future__ import annotations

from data.check_cases import CASE_RULES
from data.check_places import PLACE_RULES, scenes
from data.errors import InputError
from data.progress import Progress, Quiet
from data.store import Store
from data.violations import Violation

RULES = (*PLACE_RULES, *CASE_RULES)

__all__ = ["RULES", "Violation", "check"]


def check(store: Store, progress: Progress | None = None, rules: tuple[str, ...] = RULES) -> list[Violation]:
    """All violations of the rules, in the order of the catalogue. What several intervals share is said once."""
    progress = progress or Quiet()
    unknown = [rule for rule in rules if rule not in RULES]
    if unknown:
        raise InputError(f"there is no rule {', '.join(unknown)}.", where="rules", todo=f"Known: {', '.join(RULES)}.")
    found: dict[Violation, None] = {}
    if any(rule in PLACE_RULES for rule in rules):
        for scene in scenes(store):
            for rule in rules:
                if rule in PLACE_RULES:
                    progress.step(f"{rule} {scene.label}", 0, None)
                    progress.check()
                    found.update(dict.fromkeys(PLACE_RULES[rule](scene)))
    for number, rule in enumerate(rules):
        if rule in CASE_RULES:
            progress.step(rule, number, len(rules))
            progress.check()
            found.update(dict.fromkeys(CASE_RULES[rule](store)))
    return sorted(found, key=lambda violation: RULES.index(violation.rule))
