"""New cases, one line each: a row in its starting state and the ledger's first line, for a whole set at once.

A case with parts (an order to many grids, a whistle for several units) brings them along; each is a case of the same kind that
names it as its parent. The rows are written as they were before anything happened, and the first line goes through the
same step as every other (`data/moves.py` `append`), so nothing here knows what a line does to a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from data import lives
from data.actors import Place
from data.admission import Chains, refuse_unlisted
from data.database import Connection
from data.definitions import KindVersion
from data.deployment import zone_of
from data.errors import InputError, NotFound
from data.hiding import next_case_id
from data.kinds import PROGRAM_ROLE
from data.lookups import source_of
from data.moves import INCOMING, Receipt, append, payload_text
from data.orders import Located, Opening, out_of_time
from data.rules import FIELDS, Timing, length_end
from data.sights import ATLAS_NOW, chains_of, district_id

_MEANS = {"unit": "unit_id", "category": "category_id"}
_DECIDED = ("unit", "units", "places", "due_at", "pictures")  # who gets it and until when: not the reporter's to say
_SKELETON: dict[str, Any] = {
    "suspended": False, "voided": False, "excluded": False, "reworked": 0, "extended": 0, "seq": 0, "last_hash": b"",
    "on_time_source": "dates",
}  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """An opening that may go ahead: the role it is made in, the places it goes to with all above each, where it lies itself."""

    opening: Opening
    version: KindVersion
    role: str
    chains: Chains
    chain: tuple[int, ...]


@dataclass(frozen=True)
class _Shared:
    """What a case and its parts have in common: worked out once, an order may go to a thousand grids."""

    row: dict[str, Any]
    line: dict[str, Any]
    clocks: dict[str, lives.Ticking]
    together: tuple[Located, ...]  # the lowest place that holds all the places it goes to


@dataclass
class _New:
    """A case on its way in."""

    row: dict[str, Any]
    line: dict[str, Any]
    located: tuple[Located, ...]
    payload: dict[str, Any]


def prepare(con: Connection, opening: Opening, version: KindVersion, now: datetime) -> Prepared:
    """Check an opening against its kind. Raises InputError, NotFound or Refused."""
    rule = version.kind.opening
    _refuse_incomplete(opening, version, now)
    refuse_unknown(con, opening.other)
    chains = chains_of(con, opening.places) if opening.places else {}
    above = [[place.place_id for place in chain] for chain in chains.values()] or [list(_chain(con, opening))]
    roles = [_role(opening, version, chain) for chain in above]
    if rule.admitted and chains:
        refuse_unlisted(con, opening.item or "", chains, opening.actor, roles[0], now)
    return Prepared(opening, version, roles[0], chains, _chain(con, opening))


def write(con: Connection, prepared: Sequence[Prepared], timing: Timing, now: datetime) -> list[Receipt]:
    """Write openings in the caller's transaction; the receipt of each, in order."""
    first = next_case_id(con)
    zone = zone_of(con)
    fresh: list[_New] = []
    own: list[int] = []
    for item in prepared:
        own.append(len(fresh))
        fresh += _cases(con, item, timing, now, first + len(fresh), zone)
    _put_rows(con, fresh)
    con.register("first_lines", pa.Table.from_pylist([new.line for new in fresh], schema=INCOMING))
    written = {case_id: (seq, digest) for _, case_id, seq, digest in append(con, "first_lines", now)}
    con.unregister("first_lines")
    lives.put(con, {n.row["case_id"]: lives.after(None, "reported", n.payload) for n in fresh}, had=())
    receipts = []
    for item, i, end in zip(prepared, own, [*own[1:], len(fresh)], strict=True):
        case_id, happened = fresh[i].row["case_id"], fresh[i].line["occurred_at"]
        seq, digest = written[case_id]
        parts = tuple(part.row["case_id"] for part in fresh[i + 1 : end])
        receipts.append(Receipt(case_id, seq, "reported", happened, now, item.opening.key, digest, parts))
        if item.opening.other is not None:
            link(con, case_id, item.opening.other, now, item.role)
    return receipts


def refuse_unknown(con: Connection, other: int | None) -> None:
    """Refuse to join a case with one that is none, before anything of it is written. Raises NotFound."""
    if other is not None and not con.execute("SELECT 1 FROM cases WHERE case_id = ?", [other]).fetchone():
        raise NotFound("there is no such case.", where=f"case {other}")


def link(con: Connection, case_id: int, other: int, at: datetime, by_role: str) -> None:
    """Join two cases that there are (`refuse_unknown`)."""
    con.execute("INSERT INTO case_link VALUES (?, ?, ?, ?)", [case_id, other, at, by_role])


def _refuse_incomplete(opening: Opening, version: KindVersion, now: datetime) -> None:
    rule, where = version.kind.opening, f"{version.kind.id} {opening.key}"
    lacking = [name for name in rule.needs if not _given(opening, name)]
    if lacking:
        raise InputError(f"a case of the kind {version.kind.id} needs {', '.join(lacking)}.", where=where)
    extra = [name for name in _DECIDED if name not in (*rule.needs, *rule.takes) and _given(opening, name)]
    if extra and opening.actor.kind != "program":
        raise InputError(f"a case of the kind {version.kind.id} cannot be opened with {', '.join(extra)}.", where=where)
    if any(at is not None and at.tzinfo is None for at in (opening.occurred_at, opening.due_at)):
        raise InputError("its times carry no zone.", where=where, todo="Send instants with an offset.")
    if out_of_time(opening.occurred_at, opening.due_at):
        raise InputError("its times lie outside the years that can be.", where=where)
    if opening.occurred_at is not None and opening.occurred_at > now:
        raise InputError("it lies ahead of now.", where=f"{where}: occurred_at")
    if (opening.lon is None) != (opening.lat is None):
        raise InputError("a point needs both coordinates.", where=where)
    if rule.parts is not None and opening.places and opening.units:
        raise InputError("its parts are either places or units.", where=where)
    for names in (opening.places, opening.units):
        if len(set(names)) != len(names):
            raise InputError("a part stands there twice.", where=where)


def _given(opening: Opening, name: str) -> bool:
    if name == "place":
        return opening.lon is not None or any(located.ids for located in opening.located)
    return getattr(opening, _MEANS.get(name, name), None) not in (None, (), "", 0)


def _chain(con: Connection, opening: Opening) -> tuple[int, ...]:
    now = con.execute(ATLAS_NOW).fetchone()
    here = next((located for located in opening.located if now and located.atlas_id == now[0]), None)
    return (*(here.ids.values() if here else ()), district_id(con))


def _role(opening: Opening, version: KindVersion, chain: Sequence[int]) -> str:
    roles, actor = version.kind.opening.roles, opening.actor
    if actor.kind == "program":
        return PROGRAM_ROLE
    return actor.require(roles, chain, to=f"open a case of the kind {version.kind.id}")


def _cases(con: Connection, item: Prepared, timing: Timing, now: datetime, first: int, zone: ZoneInfo) -> list[_New]:
    """The case, and after it its parts: one a place, or one a unit."""
    opening, rule = item.opening, item.version.kind.opening
    shared = _shared(con, item, timing, opening.occurred_at or now)
    number = opening.external_id or f"{shared.row['reported_at'].astimezone(zone):%Y%m%d}-{first}"
    fresh = [_whole(item, shared, first, number)]
    if rule.parts is None:
        return fresh
    now_held = con.execute(ATLAS_NOW).fetchone()
    parts = [(None, _at_place(now_held, chain), True) for chain in item.chains.values()]
    for i, (unit, located, elsewhere) in enumerate([*parts, *((u, opening.located, False) for u in opening.units)], 1):
        row = shared.row | (dict.fromkeys(_POINT) if elsewhere else {})
        row |= {"case_id": first + i, "external_id": f"{number}-{i}", "parent_case_id": first, "stage": rule.parts}
        line = shared.line | {"key": f"{opening.key}:{first + i}", "unit_id": unit}
        fresh.append(_new(item, shared, row, line, located, {}))
    return fresh


_POINT = ("lon", "lat", "x", "y")


def _whole(item: Prepared, shared: _Shared, case_id: int, number: str) -> _New:
    opening = item.opening
    stage = item.version.kind.opening.stage
    row = shared.row | {"case_id": case_id, "external_id": number, "parent_case_id": None, "stage": stage}
    line = shared.line | {"key": opening.key, "unit_id": opening.unit_id, "note": opening.note}
    own = {"evidence": list(opening.evidence) or None, "other": opening.other}
    return _new(item, shared, row, line, opening.located or shared.together, own)


def _shared(con: Connection, item: Prepared, timing: Timing, at: datetime) -> _Shared:
    opening = item.opening
    deadlines, clocks = _starting(item, timing, at)
    row = {
        **_SKELETON,
        **{
            name: getattr(opening, name) for name in ("kind", "channel", "category_id", "named_place", "flags", *_POINT)
        },
        "track": opening.track or _track(con, opening.category_id),
        "source_id": source_of(con, opening.source),
        "reported_at": at,
        "since": at,
    }
    line = {
        "round": 1,
        "action": "reported",
        "occurred_at": at,
        "by_role": item.role,
        "by_unit": opening.actor.unit_id,
        **deadlines,
    }
    return _Shared(row, line, clocks, _at_place(con.execute(ATLAS_NOW).fetchone(), _together(item.chains)))


def _new(
    item: Prepared, shared: _Shared, row: dict[str, Any], line: dict[str, Any], located: tuple[Located, ...],
    own: dict[str, Any],
) -> _New:  # fmt: skip
    """A case with its first line, which stands at the row's stage."""
    payload = {
        "move": "open",
        "digest": item.version.digest,
        "urgency": item.opening.urgency,
        "item": item.opening.item,
        "wanted": item.opening.pictures or None,
        "clocks": lives.said_clocks(shared.clocks) or None,
        **own,
    }
    payload = {name: value for name, value in payload.items() if value is not None}
    same = {"line": row["case_id"], "case_id": row["case_id"], "stage": row["stage"]}
    return _New(row, line | same | {"payload": payload_text(payload)}, located, payload)


def _starting(item: Prepared, timing: Timing, at: datetime) -> tuple[dict[str, datetime], dict[str, lives.Ticking]]:
    """The deadlines a case has from the beginning, and the clocks that run."""
    opening = item.opening
    fields = {"due_at": opening.due_at} if opening.due_at else {}
    own: dict[str, lives.Ticking] = {}
    for name, clock in item.version.kind.clocks.items():
        if "open" not in clock.starts:
            continue
        given = fields.get(clock.field or "")
        end = given or length_end(clock, at, timing, opening.category_id, opening.urgency or lives.NORMAL, item.chain)
        if end is None:
            continue
        own[name] = lives.Ticking(at, end)
        if clock.field is not None:
            fields[clock.field] = end
    return {name: fields[name] for name in FIELDS if name in fields}, own


def _track(con: Connection, category_id: int | None) -> str | None:
    row = con.execute("SELECT track FROM category WHERE category_id = ?", [category_id]).fetchone()
    return row[0] if row else None


def _together(chains: Chains) -> Sequence[Place]:
    """The places that hold all of some places, the lowest first; whoever may order there may also end the order."""
    if not chains:
        return ()
    first, *others = chains.values()
    return [place for place in first if all(place in chain for chain in others)]


def _at_place(atlas: tuple[Any, ...] | None, chain: Sequence[Place]) -> tuple[Located, ...]:
    """A part lies in its place and all above it. Whatever lies only in the district is located nowhere."""
    ids = {place.level: place.place_id for place in chain if place.level != "district"}
    return (Located(atlas[0], chain[0].level, ids),) if ids and atlas and atlas[0] is not None else ()


def _put_rows(con: Connection, fresh: Sequence[_New]) -> None:
    columns = dict(con.execute("SELECT column_name, column_type FROM (DESCRIBE case_hot)").fetchall())
    con.register("fresh_cases", pa.Table.from_pylist([new.row for new in fresh]))
    names = [name for name in columns if name in fresh[0].row]
    con.execute(
        f"""INSERT INTO case_hot BY NAME SELECT {", ".join(f"{name}::{columns[name]} AS {name}" for name in names)}
            FROM fresh_cases"""
    )
    con.unregister("fresh_cases")
    places = [
        {"case_id": new.row["case_id"], "atlas_id": at.atlas_id, "located": at.located, **_ids(at)}
        for new in fresh
        for at in new.located
    ]
    if places:
        con.register("fresh_places", pa.Table.from_pylist(places))
        con.execute("INSERT INTO case_place BY NAME SELECT * FROM fresh_places")
        con.unregister("fresh_places")


def _ids(located: Located) -> dict[str, int | None]:
    levels = ("street", "community", "grid", "micro_grid", "estate", "building", "block")
    return {f"{level}_id": located.ids.get(level) for level in levels}
