"""What a phone sends, now or when it has a connection again: a move, a report. Each answers in words, whatever became of it.

Nothing is decided here that the engine does not decide: role, place, stage and expected line are asked where the case is
moved. Keys are the sender's own (`etl/case_lines.py` `scoped`), so the same one sent twice does one thing. A phone's clock may be
wrong, so it says how long ago it was tapped, not when.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dashboard.console import intake, orders
from dashboard.console.fields import key_of, number_of, order_of, text_of
from dashboard.languages import marked
from dashboard.said import parts_of
from data.acting import acting
from data.actors import Actor
from data.allowances import allowance
from data.casework import case_of_number, number_of_case
from data.errors import InputError, JingweiError, Refused
from data.moves import REMEMBERED
from data.orders import Opening, Order
from data.store import Store
from etl.masking import mask_text
from etl.pictures import known_pictures

Said = dict[str, Any]
CHANNEL = marked("网格员上报")
NOW = timedelta(seconds=30)  # what was tapped since then happened now
MOST_PICTURES = 20


def move(store: Store, said: Mapping[str, Any]) -> Said:
    """Make one move: {"ok", "seq"}, or {"ok": false, "status", "stale", "text"}."""
    return _in_words(said, lambda: _moved(store, said))


def report(store: Store, said: Mapping[str, Any]) -> Said:
    """Open a case: {"ok", "case_id", "number", "path", "duplicates"}, or why not, as a move's answer."""
    return _in_words(said, lambda: _reported(store, said))


def _in_words(said: Mapping[str, Any], work: Callable[[], Said]) -> Said:
    try:
        _refuse_another(said)
        return work()
    except JingweiError as error:
        told = parts_of(error)
        text = " ".join(part for part in (told["what"], told["todo"]) if part)
        return {"ok": False, "status": error.status, "stale": False, "text": text}


def _refuse_another(said: Mapping[str, Any]) -> None:
    """What one post has tapped is never sent in the name of the next that uses the phone."""
    if text_of(said, "post") != acting().name:
        raise Refused("another post has signed in on this phone since.", todo="Sign in as the post that wrote it.")


def _moved(store: Store, said: Mapping[str, Any]) -> Said:
    found: Said = orders.take(store, {"orders": [said]}, _order)["results"][0]
    return found


def _order(store: Store, said: Mapping[str, Any], actor: Actor) -> Order:
    """The order of a phone: with pictures, and when it was tapped, but not before the case stood where it stands."""
    order = order_of(store, said, actor)
    at = _tapped(store, said)
    if at is not None:
        at = max(at, allowance(store, order.case_id, actor).sight.row["since"])
    return replace(order, evidence=_pictures(store, said, order.case_id), occurred_at=at)


def _reported(store: Store, said: Mapping[str, Any]) -> Said:
    opening = _opening(store, said, acting())
    receipt = store.writer.submit(opening).result()
    offered = intake.offer(store, said)
    return {
        "ok": True,
        "case_id": receipt.case_id,
        "number": number_of_case(store, receipt.case_id),
        "path": [place["name"] for place in offered["path"][1:]],
        "duplicates": [one for one in offered["duplicates"] if one["id"] != receipt.case_id],
    }


def _opening(store: Store, said: Mapping[str, Any], actor: Actor) -> Opening:
    """A report as a new case. Raises InputError."""
    call, key, other = intake.call_of(store, said), key_of(said, actor), text_of(said, "other")
    if not key:
        raise InputError("an order has a key, so that sending it twice does it once.", where="key")
    if call.where is None or (call.where.lon is None and not call.where.chain):
        raise InputError("say where it is: an address or a point of the map.", where="place")
    return Opening(
        intake.KIND,
        key,
        actor,
        note=mask_text(call.text) if call.text else None,
        category_id=call.category_id,
        channel=CHANNEL,
        occurred_at=_tapped(store, said),
        evidence=_pictures(store, said),
        other=None if other is None else case_of_number(store, other),
        **call.where.as_opening(),
    )


def _tapped(store: Store, said: Mapping[str, Any]) -> datetime | None:
    """When it was tapped; None for just now. Keys are remembered for a week, so nothing older is believed."""
    ago = timedelta(milliseconds=min(number_of(said, "ago") or 0, REMEMBERED / timedelta(milliseconds=1)))
    return None if ago < NOW else store.now() - ago


def _pictures(store: Store, said: Mapping[str, Any], case_id: int | None = None) -> tuple[str, ...]:
    names = said.get("evidence") or []
    if not isinstance(names, list) or len(names) > MOST_PICTURES:
        raise InputError("this is no list.", where="evidence")
    return known_pictures(store, [str(name) for name in names], case_id)
