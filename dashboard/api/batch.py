"""`POST /api/v1/cases:batch`: many openings and moves in one request, answered line by line.

NDJSON in, NDJSON out, in the same order. A line that cannot be taken leaves the others alone, and each carries a key, so a
client that saw no answer sends the whole batch again and gets the answers of what was done already.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from dashboard.desk import Desk, off_loop
from data.acting import acting
from data.actors import Actor
from data.cases import numbers, taken_numbers
from data.errors import InputError, JingweiError, Refused
from data.faults import known
from data.moves import Receipt
from data.orders import Opening, Order
from data.store import Store
from etl.case_lines import MOST_LINES, MoveLine, OpenLine, read, read_line
from etl.placing import Placer

PATH = "/api/v1/cases:batch"
MOST_BYTES = 8 * 1024 * 1024
NDJSON = "application/x-ndjson"
Asked = Opening | Order | JingweiError
Outcome = Receipt | JingweiError


def add(app: FastAPI, desk: Desk) -> None:
    """Put the route on the server."""

    @app.post(PATH, summary="Open and move many cases", openapi_extra=_document())
    async def batch(request: Request) -> Response:
        texts = [text for text in (await request.body()).splitlines() if text.strip()]
        if len(texts) > MOST_LINES:
            raise InputError(
                f"a batch has at most {MOST_LINES} lines.", where=f"{len(texts)} lines", todo="Send several."
            )
        actor = acting()
        asked, keys = await off_loop(take, desk.store, desk.placer, actor, texts)
        outcomes = await written(desk.store, asked)
        return Response(await off_loop(answer, desk.store, keys, outcomes), media_type=NDJSON)


def take(store: Store, placer: Placer, actor: Actor, texts: Sequence[bytes]) -> tuple[list[Asked], list[str | None]]:
    """What each line asks of the engine, or why it cannot be taken; and its key."""
    lines: list[OpenLine | MoveLine | InputError] = []
    for text in texts:
        try:
            lines.append(read_line(text))
        except InputError as error:
            lines.append(error)
    good = [line for line in lines if not isinstance(line, InputError)]
    made = iter(_without_known(store, read(store, placer, actor, good)))
    asked = [line if isinstance(line, InputError) else next(made) for line in lines]
    return asked, [None if isinstance(line, InputError) else line.key for line in lines]


def _without_known(store: Store, made: Sequence[Asked]) -> list[Asked]:
    """A number of another system opens one case: whoever sends it again under another key is told which."""
    named = {
        (one.source, one.external_id): one.key for one in reversed(made) if isinstance(one, Opening) and one.external_id
    }
    taken = taken_numbers(store, [(source, number) for source, number in named if number])
    checked: list[Asked] = []
    for one in made:
        pair = (one.source, one.external_id or "") if isinstance(one, Opening) else ("", "")
        again = isinstance(one, Opening) and store.writer.knows(one.key)
        if isinstance(one, Opening) and not again and (pair in taken or named.get(pair, one.key) != one.key):
            checked.append(
                Refused("there is a case of this number.", where=f"{pair[0]} {pair[1]}: {taken.get(pair, '')}")
            )
        else:
            checked.append(one)
    return checked


async def written(store: Store, asked: Sequence[Asked]) -> list[Outcome]:
    """Hand the good ones to the writer as one set and wait for all of them."""
    good = [one for one in asked if not isinstance(one, JingweiError)]
    futures = iter([asyncio.wrap_future(future) for future in store.writer.submit_all(good)])
    outcomes: list[Outcome] = []
    for one in asked:
        if isinstance(one, JingweiError):
            outcomes.append(one)
            continue
        try:
            outcomes.append(await next(futures))
        except JingweiError as error:
            outcomes.append(error)
        except Exception as error:  # the edge: one line's fault is that line's answer
            outcomes.append(known(error))
    return outcomes


def answer(store: Store, keys: Sequence[str | None], outcomes: Sequence[Outcome]) -> bytes:
    """The answers as NDJSON, a line each."""
    case_numbers = numbers(store, {one.case_id for one in outcomes if isinstance(one, Receipt)})
    told = []
    for line, (key, one) in enumerate(zip(keys, outcomes, strict=True), 1):
        said: dict[str, Any] = {"line": line, "key": key}
        if isinstance(one, Receipt):
            said |= {"status": 201 if one.action == "reported" else 200, "case": one.case_id}
            said |= {"number": case_numbers.get(one.case_id), "seq": one.seq, "action": one.action}
            said |= {"recorded_at": one.recorded_at.isoformat()}
        else:
            said |= {"status": one.status, "error": one.as_dict()}
        told.append(json.dumps(said, ensure_ascii=False))
    return "".join(f"{text}\n" for text in told).encode()


def _document() -> dict[str, Any]:
    """What the OpenAPI document says of body and answer; the shapes of a line are its components."""
    shapes = {"anyOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in (OpenLine, MoveLine)]}
    return {
        "requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}, "x-line": shapes}}},
        "responses": {"200": {"description": "An answer a line.", "content": {NDJSON: {"schema": {"type": "string"}}}}},
    }
