"""Orders that came from the console: handed to the writer together, answered one by one.

Some may be refused while the others are made, so the answer to each is said in words, and a refused one carries why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboard.console.fields import order_of
from dashboard.formats import moment
from dashboard.said import parts_of
from data.acting import acting
from data.actors import Actor
from data.allowances import Allowance, allowances
from data.casework import number_of_case
from data.errors import InputError, JingweiError, StaleMove
from data.moves import Receipt
from data.orders import Order
from data.sights import LARGEST
from data.store import Store
from data.verdicts import values_of
from etl.masking import mask_text

Said = dict[str, Any]
Reader = Callable[[Store, Mapping[str, Any], Actor], Order]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+00:00")
MOST = 200  # orders sent at once


def take(store: Store, body: Any, read: Reader = order_of) -> Said:
    """Make what was asked: {"orders": [...]}; the result of each in the same order. Raises InputError for what is none.

    read: how what a screen sent becomes an order.
    """
    asked = body.get("orders") if isinstance(body, Mapping) else None
    if not isinstance(asked, list) or not asked or len(asked) > MOST or not all(isinstance(o, Mapping) for o in asked):
        raise InputError(f"send a list of 1 to {MOST} orders.", where="orders")
    answers = answered(store, _tested(store, [_prepared(store, said, read) for said in asked]))
    return {"results": [said_of(store, said, answer) for said, answer in zip(asked, answers, strict=True)]}


def answered(store: Store, ready: Sequence[Order | JingweiError]) -> list[Receipt | JingweiError]:
    """The answer to each order; the writer takes them as one set."""
    orders = [one for one in ready if isinstance(one, Order)]
    futures = iter(store.writer.submit_all(orders) if orders else [])
    return [_result(next(futures)) if isinstance(one, Order) else one for one in ready]


def _prepared(store: Store, said: Mapping[str, Any], read: Reader) -> Order | JingweiError:
    try:
        order = read(store, said, acting())
        if not order.key:
            raise InputError("an order has a key, so that sending it twice does it once.", where="key")
        return _masked(order)
    except JingweiError as error:
        return error


def _masked(order: Order) -> Order:
    """Without anybody's phone or identity number."""
    return replace(
        order,
        note=mask_text(order.note) if order.note else None,
        reason=mask_text(order.reason) if order.reason else None,
    )


def _tested(store: Store, ready: Sequence[Order | JingweiError]) -> list[Order | JingweiError]:
    """With what was found of the figures of a move's test, where it has one."""
    seen = {one.case_id: one.expected_seq for one in ready if isinstance(one, Order) and one.expected_seq is not None}
    known = allowances(store, seen, acting())
    return [_with_values(store, one, known.get(one.case_id)) if isinstance(one, Order) else one for one in ready]


def _with_values(store: Store, order: Order, known: Allowance | None) -> Order | JingweiError:
    rule = known.version.kind.move(order.move) if known else None
    if rule is None or rule.test is None:
        return order
    try:
        return replace(order, values=values_of(store, order.case_id, rule))
    except JingweiError as error:
        return error


def _result(future: Future[Receipt]) -> Receipt | JingweiError:
    try:
        return future.result()
    except JingweiError as error:
        return error


def said_of(store: Store, said: Mapping[str, Any], answer: Receipt | JingweiError) -> Said:
    """One answer in the reader's language. stale: somebody was first, look at the case again."""
    case_id = said.get("case_id")
    known = {"case_id": case_id if isinstance(case_id, (int, str)) else None, "number": _number(store, said)}
    if isinstance(answer, Receipt):
        return {**known, "ok": True, "seq": answer.seq}
    told = parts_of(answer)
    text = " ".join(part for part in (_local(store, told["what"]), told["todo"]) if part)
    return {**known, "ok": False, "status": answer.status, "stale": isinstance(answer, StaleMove), "text": text}


def _local(store: Store, text: str) -> str:
    """A text whose instants are read on the clock of the place."""
    return _INSTANT.sub(lambda found: moment(datetime.fromisoformat(found[0]), store.zone), text)


def _number(store: Store, said: Mapping[str, Any]) -> str:
    case_id = said.get("case_id")
    return number_of_case(store, case_id) if isinstance(case_id, int) and abs(case_id) <= LARGEST else ""
