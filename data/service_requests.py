"""Cases as Open311 sees them: services (categories), and service requests (events), by the standard's filters.

What leaves here may be shown to the public: no note of a case that was not reported through Open311 itself (a hotline's text is
not the city's to publish), no unit's internal stage, never who reported it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data.database import Connection, records
from data.definitions import kind_version
from data.fold import ENDS
from data.kinds import Kind
from data.lives import NORMAL
from data.quality import NO_POINT
from data.service_levels import allowed
from data.sights import ATLAS_NOW

if TYPE_CHECKING:
    from data.store import Store

SOURCE = "open311"  # the source of cases that came this way
KIND = "event"
MOST = 1000
_LEVELS = ("street", "community", "grid", "micro_grid", "estate", "building", "block")


@dataclass(frozen=True)
class Service:
    """A category a request can be made for. group: the one above it; hours: its service level, null where none applies."""

    code: str
    name: str
    group: str | None
    track: str | None
    hours: float
    worked: bool


@dataclass(frozen=True)
class Sought:
    """Which requests. case_ids alone, or by service, time of report [start, end], and whether they are still open."""

    case_ids: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    still_open: bool | None = None


@dataclass(frozen=True)
class ServiceRequest:
    """One event. public: what its reporter is told of its stage, by language; places: (code, name) by level."""

    case_id: int
    number: str
    still_open: bool
    stage: str
    public: dict[str, str]
    code: str | None
    name: str | None
    unit: str | None
    note: str | None
    picture: str | None
    reported_at: datetime
    changed_at: datetime
    due_at: datetime | None
    handle_due_at: datetime | None
    lon: float | None
    lat: float | None
    places: dict[str, tuple[str, str]]


def services(store: Store, code: str | None = None) -> list[Service]:
    """Every category that has none below it, by name; or the one with a code."""
    with store.read() as con:
        rows = con.execute(
            """SELECT k.category_id, k.code, k.name, g.name, coalesce(k.track, g.track) FROM category k
               LEFT JOIN category g ON g.category_id = k.parent_id
               WHERE k.category_id NOT IN (SELECT parent_id FROM category WHERE parent_id IS NOT NULL)
                   AND ($code IS NULL OR k.code = $code) ORDER BY g.name NULLS LAST, k.name, k.code""",
            {"code": code},
        ).fetchall()
        levels = [allowed(con, store.engine.levels, category_id, NORMAL) for category_id, *_ in rows]
    names = ("code", "name", "group", "track")
    return [
        Service(**dict(zip(names, row, strict=True)), hours=level.hours, worked=level.worked)
        for (_, *row), level in zip(rows, levels, strict=True)
    ]


def requests(store: Store, sought: Sought) -> list[ServiceRequest]:
    """The requests sought, the newest first, at most MOST of them."""
    where, params = _where(sought)
    names = ", ".join(f"p.{level}_id" for level in _LEVELS)
    with store.read() as con:
        found = con.execute(
            f"""WITH chosen AS (
                SELECT c.* FROM cases c LEFT JOIN category k USING (category_id) WHERE {" AND ".join(where)}
                ORDER BY c.reported_at DESC, c.case_id DESC LIMIT {MOST})
            SELECT c.case_id, c.external_id, c.stage, c.kind, l.digest, k.code, k.name, u.name AS unit, n.body AS note,
                t.payload ->> '$.evidence[0]' AS picture, c.reported_at, c.since, c.due_at, c.handle_due_at,
                CASE WHEN c.flags & {NO_POINT} = 0 THEN c.lon END AS lon, CASE WHEN c.flags & {NO_POINT} = 0 THEN c.lat END AS lat,
                {names}
            FROM chosen c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
            LEFT JOIN source s USING (source_id) LEFT JOIN case_life l USING (case_id)
            LEFT JOIN transition t ON t.case_id = c.case_id AND t.seq = 1 AND s.name = '{SOURCE}'
            LEFT JOIN note n ON n.note_id = t.note_id
            LEFT JOIN case_place p ON p.case_id = c.case_id AND p.atlas_id = ({ATLAS_NOW})
            ORDER BY c.reported_at DESC, c.case_id DESC""",
            params,
        )
        rows = records(found)
        titles = _titles(con, [row[f"{level}_id"] for row in rows for level in _LEVELS if row[f"{level}_id"]])
        kinds = _kinds(store, con, rows)
        return [_request(row, titles, kinds) for row in rows]


def case_of_key(store: Store, key: str) -> int | None:
    """The case that was opened under a key; null while there is none."""
    rows = store.rows(
        "SELECT case_id FROM transition JOIN cases USING (case_id) WHERE transition.seq = 1 AND key = ?", [key]
    )
    return int(rows[0]["case_id"]) if rows else None


def place_level(store: Store, code: str) -> str | None:
    """The level of the place with a code, the lowest where several have it; null where none has."""
    rows = store.rows("SELECT level FROM place WHERE code = ? AND NOT retired ORDER BY place_id DESC LIMIT 1", [code])
    return str(rows[0]["level"]) if rows else None


def _where(sought: Sought) -> tuple[list[str], dict[str, Any]]:
    where, params = ["c.kind = $kind", "c.parent_case_id IS NULL"], dict[str, Any](kind=KIND)
    if sought.case_ids:
        return [*where, "c.case_id IN (SELECT unnest($ids::BIGINT[]))"], params | {"ids": list(sought.case_ids)}
    if sought.codes:
        where.append("list_contains($codes, k.code)")
        params["codes"] = list(sought.codes)
    for name, sign in (("start", ">="), ("end", "<=")):
        if (at := getattr(sought, name)) is not None:
            where.append(f"c.reported_at {sign} ${name}")
            params[name] = at
    if sought.still_open is not None:
        where.append(f"c.stage {'NOT IN' if sought.still_open else 'IN'} {ENDS}")
    return where, params


def _titles(con: Connection, place_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = con.execute(
        """SELECT v.place_id, p.code, arg_max(v.name, v.effective_from) FROM place_version v JOIN place p USING (place_id)
           WHERE v.place_id IN (SELECT unnest($ids::INTEGER[])) GROUP BY 1, 2""",
        {"ids": sorted(set(place_ids))},
    ).fetchall()
    return {place_id: (code, name) for place_id, code, name in rows}


def _kinds(store: Store, con: Connection, rows: Sequence[dict[str, Any]]) -> dict[str | None, Kind]:
    """The kind each row was opened under, by its digest; of rows from elsewhere the one in force."""
    kinds: dict[str | None, Kind] = {None: store.engine.kinds(con)[KIND].kind}
    for digest in {row["digest"] for row in rows if row["digest"] is not None}:
        kinds[digest] = kind_version(con, digest).kind
    return kinds


def _request(
    row: dict[str, Any], titles: dict[int, tuple[str, str]], kinds: dict[str | None, Kind]
) -> ServiceRequest:  # fmt: skip
    stage = kinds[row["digest"]].stages.get(row["stage"])
    public = stage.public if stage else None
    places = {level: titles[row[f"{level}_id"]] for level in _LEVELS if row[f"{level}_id"] in titles}
    return ServiceRequest(
        case_id=row["case_id"],
        number=row["external_id"],
        still_open=row["stage"] not in ENDS,
        stage=row["stage"],
        public={"zh": public.zh, "en": public.en} if public else {},
        changed_at=row["since"],
        places=places,
        **{
            name: row[name]
            for name in (
                "code", "name", "unit", "note", "picture", "reported_at", "due_at", "handle_due_at", "lon", "lat"
            )
        },
    )  # fmt: skip
