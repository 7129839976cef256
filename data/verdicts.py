"""What the figures of a test are, for one case: read before the move is sent, because a figure takes longer than a move may.

The values go with the order and are written into the ledger, so that everybody can see what was found when the case ended.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from data.errors import NotFound
from data.figures import Question, figures
from data.kinds import MoveRule
from data.levels import LEVELS
from data.predicates import Predicate

if TYPE_CHECKING:
    from data.store import Store

_LOWEST_FIRST = ("estate", "micro_grid", "grid", "community", "street")
EVER = timedelta(days=3650)


def values_of(store: Store, case_id: int, rule: MoveRule) -> tuple[float | None, ...]:
    """The value of every predicate of a move's test, in order; None for counts, which the engine reads itself."""
    return tuple(_value(store, case_id, part) for part in rule.test.parts) if rule.test else ()


def _value(store: Store, case_id: int, part: Predicate) -> float | None:
    if part.count is not None:
        return None
    if part.clock is not None:
        return _used(store, case_id, part.clock)
    level, code = _place(store, case_id, part.place)
    now = store.now()
    length = timedelta(days=part.days) if part.days else EVER
    value = _figure(store, part.figure or "", level, code, now - length, now)
    if part.against is None or value is None:
        return value
    opened = now - length
    if part.against == "opening":
        opened = store.rows("SELECT reported_at FROM cases WHERE case_id = ?", [case_id])[0]["reported_at"]
    before = _figure(store, part.figure or "", level, code, opened - length, opened)
    return None if not before else value / before


def _figure(store: Store, name: str, level: str, code: str, start: object, end: object) -> float | None:
    asked = Question(level, start, end, as_of=end, figures=(name,))  # type: ignore[arg-type]
    return next((row.figures[name].value for row in figures(store, asked) if row.place == code), None)


def _used(store: Store, case_id: int, clock: str) -> float | None:
    """The share of a running clock's time that is used."""
    rows = store.rows("SELECT started_at, due_at FROM case_clock WHERE case_id = ? AND clock = ?", [case_id, clock])
    if not rows:
        return None
    length = (rows[0]["due_at"] - rows[0]["started_at"]).total_seconds()
    used: float = (store.now() - rows[0]["started_at"]).total_seconds()
    return used / length if length > 0 else 1.0


def _place(store: Store, case_id: int, wanted: str) -> tuple[str, str]:
    """The place a predicate means: the lowest the case is known to lie in, or that of a level. Raises NotFound."""
    levels = [level for level in LEVELS if level != "district"]
    columns = ", ".join(f"{level}_id" for level in levels)
    rows = store.rows(
        f"""SELECT {columns} FROM case_place WHERE case_id = ? AND atlas_id = (
                SELECT arg_max(atlas_id, effective_from) FROM atlas WHERE current)""",
        [case_id],
    )
    known = rows[0] if rows else {}
    tried = _LOWEST_FIRST if wanted == "case" else (wanted,)
    level = next((name for name in tried if known.get(f"{name}_id") is not None), None)
    if level is None:
        raise NotFound(f"it is not known in which {wanted} the case lies.", where=f"case {case_id}")
    code = store.rows("SELECT code FROM place WHERE place_id = ?", [known[f"{level}_id"]])[0]["code"]
    return level, code
