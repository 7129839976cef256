"""The lines of the hot log: one JSON object each, behind the hash that chains it to the line before.

A line is `HASH {"n": …}`, HASH over the hash of the line before and the text, so that a line that is torn, changed or
missing is noticed. The kinds of line: the head of a piece (whose store, which line it follows), a set (what was asked and
the ledger lines it became), a void (that an earlier set was taken back, so nobody was told that it was done), and what was
done beside the sets (an import, a setting), told but not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from data.actors import Actor, Grant, Place
from data.moves import Move, Receipt
from data.orders import Answer, Located, Opening, Order

Asked = Move | Order | Opening
Line = dict[str, Any]

FORM = 1
DIGITS = 32  # of a line's hash
SHORT = 16  # of a ledger line's hash: enough to tell whether it is the same line
ENDING = ".jsonl"
CLASSES: dict[str, type[Asked]] = {"move": Move, "order": Order, "opening": Opening}
NAMES = {one: name for name, one in CLASSES.items()}
INSTANTS = ("occurred_at", "due_at", "handle_due_at")
TUPLES = ("co_units", "evidence", "values", "marks", "units", "places")
UNSAID = {one: {field.name: field.default for field in fields(one)} for one in NAMES}


@dataclass(frozen=True)
class Written:
    """One thing of a set as it was acknowledged: what was asked, and the ledger line it became."""

    asked: Asked
    case_id: int
    seq: int
    digest: str


def chained(previous: str, text: bytes) -> str:
    """The hash of a line."""
    return sha256(previous.encode() + text).hexdigest()[:DIGITS]


def packed(line: Line) -> bytes:
    """A line's text."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def set_line(number: int, at: datetime, done: Sequence[tuple[Asked, Receipt]]) -> Line:
    """What a set was asked and what came of it. Actors stand once, however many of its lines they asked for."""
    actors: dict[int, tuple[int, Actor]] = {}
    lines = [[*_asked(one, actors), r.case_id, r.seq, r.hash.hex()[:SHORT]] for one, r in done]
    return {"n": number, "at": at.isoformat(), "actors": [_actor(one) for _, one in actors.values()], "set": lines}


def written(line: Line) -> list[Written]:
    """The set of a line, as it was asked."""
    actors = [_actor_of(one) for one in line["actors"]]
    return [
        Written(_asked_of(name, said, actors), case_id, seq, digest) for name, said, case_id, seq, digest in line["set"]
    ]


@dataclass
class Piece:
    """A piece of the log as it is read: `last` and `hash` follow the lines; `torn` is what was wrong with the line it ends at."""

    file: Path
    last: int = 0
    hash: str = ""
    follows: tuple[int, str] = (0, "")
    torn: str = ""

    def lines(self) -> Iterator[Line]:
        """Its lines but the head, in order, as far as the chain holds."""
        with self.file.open("rb") as stream:
            for raw in stream:
                digest, _, text = raw.rstrip(b"\n").partition(b" ")
                line = _read(text) if raw.endswith(b"\n") else None
                if line is not None and "form" in line:
                    self.last, self.hash = self.follows = (line["follows"][0], line["follows"][1])
                if line is None or chained(self.hash, text).encode() != digest:
                    self.torn = "torn" if line is None else "changed"
                    return
                self.hash = digest.decode()
                if "form" not in line:
                    self.last = line["n"]
                    yield line


def pieces(folder: Path, store_id: str) -> list[Path]:
    """The pieces of a store's log, the oldest first."""
    return sorted(folder.glob(f"{store_id}-*{ENDING}"))


def _read(text: bytes) -> Line | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _asked(one: Asked, actors: dict[int, tuple[int, Actor]]) -> tuple[str, Line]:
    unsaid = UNSAID[type(one)]
    said = {name: value for name, value in vars(one).items() if value is not None and value != unsaid[name]}
    if "actor" in said:
        actor = said["actor"]
        said["actor"] = actors.setdefault(id(actor), (len(actors), actor))[0]
    if "located" in said:
        said["located"] = [[at.atlas_id, at.located, dict(at.ids)] for at in said["located"]]
    if "answer" in said:
        said["answer"] = vars(said["answer"])
    return NAMES[type(one)], said


def _asked_of(name: str, said: Line, actors: Sequence[Actor]) -> Asked:
    given: Line = dict(said)
    given |= {key: datetime.fromisoformat(given[key]) for key in INSTANTS if key in given}
    given |= {key: tuple(given[key]) for key in TUPLES if key in given}
    if "actor" in given:
        given["actor"] = actors[given["actor"]]
    if "located" in given:
        given["located"] = tuple(Located(*one) for one in given["located"])
    if "answer" in given:
        given["answer"] = Answer(**given["answer"])
    return CLASSES[name](**given)


def _actor(one: Actor) -> Line:
    grants = [[grant.role, sorted(grant.places)] for grant in one.grants]
    said = {"kind": one.kind, "name": one.name, "label": one.label, "grants": grants, "unit_id": one.unit_id}
    return said | ({"places": sorted(one.places)} if one.places else {})


def _actor_of(said: Mapping[str, Any]) -> Actor:
    grants = tuple(Grant(role, _places(places)) for role, places in said["grants"])
    return Actor(said["kind"], said["name"], said["label"], grants, said["unit_id"], _places(said.get("places", ())))


def _places(said: Sequence[Sequence[Any]]) -> frozenset[Place]:
    return frozenset(Place(level, place_id) for level, place_id in said)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in the hot log")
