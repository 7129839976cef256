"""Opening a case of any kind: what its definition says it must carry becomes a form, and the form an opening.

Nothing is known here of any kind by name. A kind that is sent to places (an order to grids) is opened where places are chosen
on the map (dashboard/dispatch); all the others in the console. A case may be opened about another one: then it lies where that
one does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.console.fields import MOST_PICTURES, instant_of, key_of, number_of, numbers_of, pictures_of, text_of
from dashboard.console.intake import placed_of
from dashboard.console.tabs import kinds_of
from dashboard.formats import name_of
from data.acting import acting
from data.admission import items
from data.casework import case_of_number, number_of_case, spot_of
from data.definitions import KindVersion
from data.errors import InputError
from data.orders import Opening
from data.store import Store
from etl.masking import mask_text

Said = dict[str, Any]
ASKED = (
    "place", "places", "units", "unit", "category", "urgency", "due_at", "handle_due_at", "pictures", "other", "note", "evidence",
)  # fmt: skip


def forms(store: Store) -> list[Said]:
    """The kinds this post may open somewhere, each with what its form asks."""
    actor, listed = acting(), items(store)
    return [
        form_of(version, listed) for version in kinds_of(store).values() if actor.has(*version.kind.opening.roles)
    ]  # fmt: skip


def form_of(version: KindVersion, listed: list[tuple[str, str]]) -> Said:
    """One kind's form. items: what the admission list has, where the kind goes by it."""
    kind = version.kind
    rule = kind.opening
    asked = [name for name in ASKED if name in rule.needs or name in rule.takes]
    return {
        "kind": kind.id,
        "name": name_of(kind.name.zh, kind.name.en),
        "fields": [{"name": name, "needed": name in rule.needs} for name in asked],
        "spread": "places" in rule.needs,
        "about": "other" in asked,
        "items": [list(one) for one in listed] if rule.admitted else [],
    }


def open_any(store: Store, said: Mapping[str, Any]) -> Said:
    """Open a case: {"case_id", "number", "parts"}. Raises what refuses it."""
    receipt = store.writer.submit(opening_of(store, said)).result()
    return {
        "case_id": receipt.case_id,
        "number": number_of_case(store, receipt.case_id),
        "parts": len(receipt.parts),
    }


def opening_of(store: Store, said: Mapping[str, Any]) -> Opening:
    """The opening a form sent. Raises InputError or NotFound."""
    key, note = key_of(said, acting()), text_of(said, "note")
    if not key:
        raise InputError("an order has a key, so that sending it twice does it once.", where="key")
    other = text_of(said, "other")
    return Opening(
        kind=text_of(said, "kind") or "",
        key=key,
        actor=acting(),
        note=mask_text(note) if note else None,
        category_id=number_of(said, "category"),
        urgency=text_of(said, "urgency"),
        unit_id=number_of(said, "unit"),
        units=tuple(numbers_of(said, "units")),
        places=tuple(numbers_of(said, "places")),
        due_at=instant_of(store, said, "due_at"),
        other=None if other is None else case_of_number(store, other),
        item=text_of(said, "item"),
        pictures=_pictures(said),
        evidence=pictures_of(store, said),
        **_where(store, said, other),
    )


def _pictures(said: Mapping[str, Any]) -> int:
    n = number_of(said, "pictures") if said.get("pictures") not in (0, "0") else 0
    if (n or 0) > MOST_PICTURES:
        raise InputError(f"nobody is asked for more than {MOST_PICTURES} pictures.", where="pictures")
    return n or 0


def _where(store: Store, said: Mapping[str, Any], other: str | None) -> Said:
    """A place that was named or pointed at; else where the case it is about lies."""
    placed = placed_of(store, said)
    if placed is not None:
        return placed.as_opening()
    return spot_of(store, case_of_number(store, other)) if other is not None else {}
