"""What a form offers to choose from: units with their load and record, categories, urgencies, levels."""

from __future__ import annotations

from typing import Any

from dashboard.console.rows import urgency_name
from dashboard.formats import count, with_unit
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from data.acting import acting
from data.allowances import allowance
from data.casework import categories, channels, units
from data.dispatching import Candidate, candidates
from data.fold import LEVEL_RANK
from data.store import Store

Said = dict[str, Any]


def lists(store: Store) -> Said:
    """The lists that are the same for every case; a page asks for them once."""
    return {
        "units": [[one.id, one.name] for one in units(store)],
        "categories": [[one.id, one.name, one.within or ""] for one in categories(store)],
        "urgency": [[name, urgency_name(store, name)] for name in store.engine.levels.urgency],
        "level": [[name, level_name(name)] for name in LEVEL_RANK if name not in ("micro_grid", "grid")],
        "channels": channels(store),
    }


def units_for_case(store: Store, case_id: int) -> list[Said]:
    """The units that may get a case, as the responsibility list says. Raises NotFound."""
    sight = allowance(store, case_id, acting()).sight
    if sight.category_id is None:
        return []
    return [unit_said(one) for one in candidates(store, sight.category_id, sight.chain)]


def unit_said(one: Candidate) -> Said:
    """A unit with what it has in hand, and how it did in the last 90 days."""
    rate = one.on_time
    return {
        "id": one.unit_id,
        "name": one.name,
        "lead": one.lead,
        "level": level_name(one.place_level) if one.place_level else "",
        "load": _("在办 {n} 件").format(n=count(one.open)),
        "record": _("按期 {rate}（n {n}）").format(rate=with_unit(rate.value, "share"), n=count(rate.denominator or 0)),
    }
