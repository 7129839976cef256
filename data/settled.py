"""Answers about places, plans and settings, kept while nothing but cases moves.

A screen that lives asks them again with every ticket, and they change a few times a year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from data.store import Store

T = TypeVar("T")

_KEPT: WeakKeyDictionary[Store, dict[str, tuple[int, Any]]] = WeakKeyDictionary()


def settled(store: Store, name: str, make: Callable[[], T]) -> T:
    """The answer of this name, made anew after any commit that may have touched more than cases."""
    kept, version = _KEPT.setdefault(store, {}), store.writer.touched.other
    found = kept.get(name)
    if found is None or found[0] != version:
        found = kept[name] = (version, make())
    answer: T = found[1]
    return answer
