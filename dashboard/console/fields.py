"""A move's form: what the browser has to ask for, and how what it sends becomes an order.

The form asks for exactly what the definition says the move needs or takes.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dashboard.formats import name_of
from data.actors import Actor
from data.casework import case_of_number
from data.definitions import KindVersion
from data.errors import InputError
from data.kinds import MoveRule
from data.orders import FIRST_YEAR, LAST_YEAR, Answer, Order
from data.store import Store
from etl.case_lines import scoped
from etl.pictures import known_pictures

ASKED = (
    "unit", "co_units", "category", "urgency", "level", "due_at", "handle_due_at", "other", "answer", "reason", "note", "evidence",
)  # fmt: skip
# Letters people know from the work; a move of another definition takes the first letter of its name that is free.
LETTERS = {
    "register": "r", "dispatch": "d", "redispatch": "t", "accept": "a", "return": "b", "handle": "h", "verify": "v",
    "rework": "w", "close": "c", "urge": "u", "escalate": "e", "annotate": "m", "link": "l", "void": "z", "assist": "i",
    "suspend": "s", "resume": "p", "grant_extension": "g", "refuse_extension": "f", "reopen": "o", "recategorise": "y",
}  # fmt: skip
TAKEN = frozenset("jknxq/?")  # the console's own keys
MOST_PICTURES = 9
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # signs nobody sees and nobody types
_NUMBER = re.compile(r"[1-9]\d{0,17}")


def moves_said(version: KindVersion) -> dict[str, Any]:
    """Every move of a version of a kind: name, letter, what its form asks ("needs" must be given)."""
    letters = letters_of(version)
    return {rule.id: move_said(rule, letters.get(rule.id, "")) for rule in version.kind.moves}


def move_said(rule: MoveRule, letter: str) -> dict[str, Any]:
    """One move as the browser gets it."""
    asked = [
        name for name in ASKED if name in rule.needs or name in rule.takes or (name == "evidence" and rule.evidence)
    ]
    return {
        "name": name_of(rule.name.zh, rule.name.en),
        "key": letter,
        "fields": [{"name": name, "needed": name in rule.needs} for name in asked],
        "pictures": max(rule.evidence, int("evidence" in rule.needs)),
        "reports": rule.action == "handled",  # then it shows as many pictures as the order asked for
    }


def letters_of(version: KindVersion) -> dict[str, str]:
    """A letter for each move, as far as letters reach."""
    found = {rule.id: LETTERS[rule.id] for rule in version.kind.moves if rule.id in LETTERS}
    free = [letter for letter in "abcdefghilmoprstuvwyz" if letter not in found.values() and letter not in TAKEN]
    for rule in version.kind.moves:
        if rule.id not in found and free:
            own = next((letter for letter in rule.id if letter in free), free[0])
            found[rule.id] = own
            free.remove(own)
    return found


def order_of(store: Store, said: Mapping[str, Any], actor: Actor) -> Order:
    """The order a form sent. Raises InputError."""
    case_id = number_of(said, "case_id")
    if case_id is None:
        raise InputError("it names no case.", where="case_id")
    return Order(
        case_id,
        text_of(said, "move") or "",
        key_of(said, actor) or "",
        actor,
        expected_seq=number_of(said, "expected_seq"),
        note=text_of(said, "note"),
        reason=text_of(said, "reason"),
        unit_id=number_of(said, "unit"),
        co_units=tuple(numbers_of(said, "co_units")) or None,
        category_id=number_of(said, "category"),
        urgency=text_of(said, "urgency"),
        due_at=instant_of(store, said, "due_at"),
        handle_due_at=instant_of(store, said, "handle_due_at"),
        evidence=pictures_of(store, said, case_id),
        level=text_of(said, "level"),
        answer=answer_of(said),
        other=_other(store, said),
    )


def _other(store: Store, said: Mapping[str, Any]) -> int | None:
    number = text_of(said, "other")
    return None if number is None else case_of_number(store, number)


def answer_of(said: Mapping[str, Any]) -> Answer | None:
    """What somebody said when called back: contacted, resolved (yes no), satisfaction."""
    value = said.get("answer")
    if not isinstance(value, Mapping) or text_of(value, "contacted") is None:
        return None
    satisfaction = text_of(value, "satisfaction")
    if satisfaction not in (None, "satisfied", "basic", "unsatisfied"):
        raise InputError("this is no satisfaction.", where="answer")
    resolved = text_of(value, "resolved")
    return Answer(value["contacted"] == "yes", None if resolved is None else resolved == "yes", satisfaction)


def pictures_of(store: Store, said: Mapping[str, Any], case_id: int | None = None) -> tuple[str, ...]:
    """The names of pictures that were sent before. Raises InputError for one that is not there, or too many for the case."""
    names = said.get("evidence") or []
    if not isinstance(names, list) or len(names) > MOST_PICTURES:
        raise InputError(f"send at most {MOST_PICTURES} pictures.", where="evidence")
    return known_pictures(store, [str(name) for name in names], case_id)


def text_of(said: Mapping[str, Any], name: str) -> str | None:
    """A text; null where nothing was written."""
    value = said.get(name)
    return _UNSEEN.sub("", value).strip()[:2000] or None if isinstance(value, str) else None


def key_of(said: Mapping[str, Any], actor: Actor) -> str | None:
    """The key the sender gave, as its own: nobody takes up, or is answered by, the key of another post or of the program."""
    key = text_of(said, "key")
    return key and scoped(actor, key)


def number_of(said: Mapping[str, Any], name: str) -> int | None:
    """A whole number, as one or as text."""
    value = said.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, bool) and _NUMBER.fullmatch(str(value)):
        return int(value)
    raise InputError("this is no number of ours.", where=name)


def numbers_of(said: Mapping[str, Any], name: str) -> list[int]:
    """Several of them."""
    values = said.get(name) or []
    if not isinstance(values, list):
        raise InputError("this is no list.", where=name)
    return [number for value in values if (number := number_of({name: value}, name)) is not None]


def instant_of(store: Store, said: Mapping[str, Any], name: str) -> datetime | None:
    """A day and time as people write it here, in the deployment's zone."""
    text = text_of(said, name)
    if text is None:
        return None
    found: datetime | None = None
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(text)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InputError("this is no time.", where=name)
    return found if found.tzinfo else found.replace(tzinfo=store.zone)
