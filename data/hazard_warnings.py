"""Weather and hazard warnings: taken in, touching places, updated, cancelled, expired.

A message comes as Common Alerting Protocol 1.2 (read by `etl/cap.py`); here it is kept, tied to the places it touches, and
ended: by a cancel or an update that refers to it, or by itself when it expires. One that touches nothing of the district is
kept and raises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from data import audit
from data.actors import DISPATCHER, LEADER, OPERATOR, Actor
from data.alarm_rules import Colour
from data.atlas import atlas_on, tree
from data.below import common_place
from data.database import Connection
from data.errors import NotFound, Refused
from data.settled import settled

if TYPE_CHECKING:
    from data.store import Store

TOUCHED_LEVELS = ("grid", "community", "street")  # the first of them that has shapes here
KEEPERS = (OPERATOR, DISPATCHER, LEADER, "administrator")
_COLUMNS = (
    "warning_id", "sender", "identifier", "part", "sent_at", "exercise", "language", "event", "colour", "urgency", "severity",
    "certainty", "headline", "description", "instruction", "sender_name", "area", "onset_at", "expires_at", "codes",
    "place_id", "received_at", "ended_at", "ended_by",
)  # fmt: skip


@dataclass(frozen=True)
class Info:
    """One block of a message: what is warned of, where, until when. area_wkb: null where it names places by code only."""

    language: str | None
    event: str
    colour: Colour
    urgency: str
    severity: str
    certainty: str
    area: str
    expires_at: datetime
    onset_at: datetime | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    sender_name: str | None = None
    area_wkb: bytes | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """A message as it came. references: (sender, identifier) of earlier ones; infos: in the language that is read here."""

    sender: str
    identifier: str
    sent_at: datetime
    kind: Literal["Alert", "Update", "Cancel"]
    exercise: bool = False
    references: tuple[tuple[str, str], ...] = ()
    infos: tuple[Info, ...] = ()


@dataclass(frozen=True)
class Hazard:
    """A warning as it is kept. place_id: the lowest place that holds all it touches, null where that is nothing here."""

    warning_id: int
    sender: str
    identifier: str
    part: int
    sent_at: datetime
    exercise: bool
    language: str | None
    event: str
    colour: Colour
    urgency: str
    severity: str
    certainty: str
    headline: str | None
    description: str | None
    instruction: str | None
    sender_name: str | None
    area: str
    onset_at: datetime | None
    expires_at: datetime
    codes: tuple[str, ...]
    place_id: int | None
    received_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    wkb: bytes | None = field(repr=False, default=None)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.headline or self.event


@dataclass(frozen=True)
class Touched:
    """A place a warning touches."""

    place_id: int
    level: str
    code: str
    name: str
    households: int | None


@dataclass(frozen=True)
class Outcome:
    """What became of a message: the warnings it made or had made before, and how many earlier ones it ended."""

    warnings: tuple[int, ...]
    ended: int
    known: bool = False


def take(store: Store, message: Message, actor: Actor) -> Outcome:
    """Keep a message; sent twice it is kept once. Raises Refused without the right, and for one that has expired."""
    role = actor.require(KEEPERS, to="take in a warning") if actor.kind != "program" else ""
    now = store.now()
    lasting = [one for one in message.infos if one.expires_at > now]
    if message.infos and not lasting:
        raise Refused(
            f"the warning expired at {message.infos[0].expires_at.isoformat()}.",
            where=message.identifier,
            todo="Send the one that holds now, or look at the clocks of both systems.",
        )
    places = [[one.place_id for one in touched_by(store, info.area_wkb, info.codes)] for info in lasting]

    def job(con: Connection) -> Outcome:
        known = _kept(con, message)
        if known:
            return Outcome(known, 0, known=True)
        ended = _end_referred(con, message, now)
        made = tuple(
            _keep(con, message, part, info, common_place(con, places[part]), now) for part, info in enumerate(lasting)
        )
        said = {"warning": message.identifier, "from": message.sender, "kind": message.kind, "ended": ended}
        audit.put(con, now, audit.Entry("warning", actor, role, detail=said))
        return Outcome(made, ended)

    outcome = store.writer.run(job, label="warning", quiet=True).result()
    if not outcome.known:
        store.watch.changed()
        store.watch.look(now)
    return outcome


def end_expired(con: Connection, now: datetime) -> int:
    """Let warnings go whose time is over; how many. Inside a transaction."""
    rows = con.execute(
        """UPDATE hazard_warning SET ended_at = expires_at, ended_by = 'expired'
           WHERE ended_at IS NULL AND expires_at <= $now RETURNING warning_id""",
        {"now": now},
    ).fetchall()
    return len(rows)


def in_force(store: Store) -> list[Hazard]:
    """The warnings that hold now, the gravest first, then the latest."""
    rows = _selected(store, "ended_at IS NULL AND expires_at > $now", {"now": store.now()})
    rank = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    return sorted(rows, key=lambda one: (rank[one.colour], -one.sent_at.timestamp(), one.warning_id))


def between(store: Store, since: datetime, until: datetime) -> list[Hazard]:
    """The warnings that held at some time in [since, until), the earliest first."""
    held = "received_at < $until AND coalesce(ended_at, expires_at) > $since"
    return sorted(_selected(store, held, {"since": since, "until": until}), key=lambda one: one.received_at)


def warning(store: Store, warning_id: int) -> Hazard:
    """One warning. Raises NotFound."""
    found = _selected(store, "warning_id = $id", {"id": warning_id})
    if not found:
        raise NotFound("there is no such warning.", where=f"warning {warning_id}")
    return found[0]


def touched(store: Store, one: Hazard) -> list[Touched]:
    """The grids a warning touches (where there are none: communities, streets), by code."""
    return touched_by(store, one.wkb, one.codes)


def touched_by(store: Store, wkb: bytes | None, codes: Sequence[str]) -> list[Touched]:
    """The places that share ground with an area, or that lie in a place of one of the codes."""
    ground = settled(store, "touchable places", lambda: _Ground.of(store))
    hit = set[int]()
    if wkb is not None and len(ground.places):
        area = shapely.from_wkb(wkb)
        near = ground.index.query(area, predicate="intersects")
        inside = shapely.area(shapely.intersection(ground.shapes[near], area)) > 0
        hit |= {int(i) for i in near[inside]}
    if codes:
        hit |= {i for i, path in enumerate(ground.paths) if any(_covers(code, path) for code in codes)}
    return [ground.places[i] for i in sorted(hit)]


@dataclass(frozen=True, eq=False)
class _Ground:
    """The places a warning can touch, their shapes with an index, and the codes of each with all above it."""

    places: list[Touched]
    shapes: np.ndarray[Any, Any]
    index: shapely.STRtree
    paths: list[tuple[str, ...]]

    @staticmethod
    def of(store: Store) -> _Ground:
        rows = tree(store, atlas_on(store).atlas_id).to_pylist()
        by_id = {row["place_id"]: row for row in rows}
        there = {row["level"] for row in rows}
        level = next((one for one in TOUCHED_LEVELS if one in there), "district")
        mine = sorted((row for row in rows if row["level"] == level), key=lambda row: str(row["code"]))
        shapes = np.array([shapely.from_wkb(row["geometry"]) if row["geometry"] else shapely.Polygon() for row in mine])
        places = [Touched(r["place_id"], level, r["code"], r["name"], r["households"]) for r in mine]
        return _Ground(places, shapes, shapely.STRtree(shapes), [_path(by_id, row) for row in mine])


def _path(by_id: dict[int, dict[str, Any]], row: dict[str, Any]) -> tuple[str, ...]:
    path: list[str] = []
    here: dict[str, Any] | None = row
    while here is not None:
        path.append(str(here["code"]))
        here = by_id.get(here["parent_id"]) if here["parent_id"] is not None else None
    return tuple(path)


def _covers(code: str, path: tuple[str, ...]) -> bool:
    """Whether a code as warnings give it names a place of the path, or a city or province above its district.

    Division codes are padded: 371300 is all of 3713, 371302003000 is the street 371302003.
    """
    if code in path:
        return True
    if not code.isdigit():
        return False
    bare = code
    while len(bare) > 6 and bare.endswith("000"):
        bare = bare[:-3]
    if bare in path:
        return True
    district = path[-1]
    while len(bare) == 6 and bare.endswith("00") and bare[:2] != "00":
        bare = bare[:-2]
        if bare.endswith("00") and len(bare) == 4:
            bare = bare[:-2]
    return len(bare) in (2, 4) and len(district) == 6 and district.startswith(bare)


def _kept(con: Connection, message: Message) -> tuple[int, ...]:
    rows = con.execute(
        "SELECT warning_id FROM hazard_warning WHERE sender = ? AND identifier = ? ORDER BY part",
        [message.sender, message.identifier],
    ).fetchall()
    return tuple(row[0] for row in rows)


def _end_referred(con: Connection, message: Message, now: datetime) -> int:
    if message.kind == "Alert":
        return 0
    how = "cancelled" if message.kind == "Cancel" else "updated"
    ended = 0
    for sender, identifier in message.references:
        rows = con.execute(
            """UPDATE hazard_warning SET ended_at = ?, ended_by = ?
               WHERE sender = ? AND identifier = ? AND ended_at IS NULL RETURNING warning_id""",
            [now, how, sender, identifier],
        ).fetchall()
        ended += len(rows)
    return ended


def _keep(con: Connection, message: Message, part: int, info: Info, place_id: int | None, now: datetime) -> int:
    plain = ("language", "event", "colour", "urgency", "severity", "certainty", "headline", "description", "instruction",
             "sender_name", "area", "onset_at", "expires_at")  # fmt: skip
    given = {name: getattr(info, name) for name in plain}
    given |= {"sender": message.sender, "identifier": message.identifier, "part": part, "sent_at": message.sent_at}
    given |= {"exercise": message.exercise, "place_id": place_id, "received_at": now}
    row = con.execute(
        f"""INSERT INTO hazard_warning BY NAME
            SELECT nextval('warning_ids')::INTEGER AS warning_id, {", ".join(f"${name} AS {name}" for name in given)},
                $codes::VARCHAR[] AS codes, ST_GeomFromWKB($wkb::BLOB) AS geometry RETURNING warning_id""",
        {**given, "codes": list(info.codes), "wkb": info.area_wkb},
    ).fetchone()
    return int(row[0]) if row else 0


def _selected(store: Store, which: str, given: dict[str, Any]) -> list[Hazard]:
    rows = store.rows(
        f"SELECT {', '.join(_COLUMNS)}, ST_AsWKB(geometry)::BLOB AS wkb FROM hazard_warning WHERE {which}", given
    )
    return [Hazard(**{**row, "codes": tuple(row["codes"])}) for row in rows]
