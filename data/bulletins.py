"""Bulletins that were issued (通报): of which place and period, from which version of the figures, in which files.

A bulletin is written once and never changed; another one of the same period is another issue with a number of its own. `published_at`
is the version of its figures: asked as published then, they are the same years later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from data import audit
from data.actors import ADMINISTRATOR, LEADER, OPERATOR, Actor
from data.database import Connection
from data.errors import NotFound
from data.periods import Period
from data.sights import chains_of

if TYPE_CHECKING:
    from data.store import Store

ROLES = (LEADER, OPERATOR, ADMINISTRATOR)  # who may issue one of a place
WHAT = ("monthly", "weekly", "other")
_COLUMNS = """bulletin_id, what, b.place_id, starts_at, ends_at, number, language, as_of, published_at, files, made_at, made_by,
    made_role, (SELECT name FROM place_version v WHERE v.place_id = b.place_id ORDER BY effective_from DESC LIMIT 1) AS place"""


@dataclass(frozen=True)
class File:
    """A file of a bulletin, in its folder."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Bulletin:
    """A bulletin as it was issued. place: null is the whole district; number: of its kind and place in its year."""

    bulletin_id: int
    what: str
    place_id: int | None
    place: str | None
    starts_at: datetime
    ends_at: datetime
    number: int
    language: str
    as_of: datetime
    published_at: datetime
    files: tuple[File, ...]
    made_at: datetime
    made_by: str
    made_role: str


def role_for(store: Store, place_id: int | None, actor: Actor) -> str:
    """The role by which somebody may issue a bulletin of a place. Raises Refused."""
    with store.read() as con:
        return actor.require(ROLES, _chain(con, place_id), to="issue a bulletin")


def next_number(store: Store, what: str, place_id: int | None, period: Period) -> int:
    """The number of the next bulletin of this kind and place in the year its period ends in."""
    year = period.last_day(store.zone).year
    return 1 + sum(
        one.what == what
        and one.place_id == place_id
        and Period(one.starts_at, one.ends_at).last_day(store.zone).year == year
        for one in issued(store)
    )


def new_id(store: Store) -> int:
    """An id no other bulletin has: its folder is called so."""
    row = store.writer.run(
        lambda con: con.execute("SELECT nextval('bulletin_ids')").fetchone(), label="bulletin", touches=(), quiet=True
    ).result()
    return int(row[0]) if row else 0


def put(store: Store, made: Bulletin, actor: Actor) -> None:
    """Write down that it was issued. Raises Refused."""
    files = json.dumps([vars(file) for file in made.files])
    values: Mapping[str, Any] = {
        name: getattr(made, name) for name in made.__dataclass_fields__ if name not in ("files", "place")
    }

    def job(con: Connection) -> None:
        role = actor.require(ROLES, _chain(con, made.place_id), to="issue a bulletin")
        con.execute(
            """INSERT INTO bulletin SELECT $bulletin_id, $what, $place_id, $starts_at, $ends_at, $number, $language, $as_of,
               $published_at, $files, $made_at, $made_by, $made_role""",
            {**values, "files": files, "made_role": role},
        )
        detail = {"bulletin": made.bulletin_id, "what": made.what}
        audit.put(con, made.made_at, audit.Entry("bulletin_issued", actor, role, detail=detail))

    store.writer.run(job, label="bulletin", touches=(), quiet=True).result()


def issued(store: Store, limit: int = 500) -> list[Bulletin]:
    """What was issued, the latest first."""
    return _chosen_bulletins(store, "ORDER BY made_at DESC, bulletin_id DESC LIMIT $limit", {"limit": limit})


def bulletin(store: Store, bulletin_id: int) -> Bulletin:
    """One of them. Raises NotFound."""
    found = _chosen_bulletins(store, "WHERE bulletin_id = $id", {"id": bulletin_id})
    if not found:
        raise NotFound("there is no such bulletin.", where=f"bulletin {bulletin_id}")
    return found[0]


def _chosen_bulletins(store: Store, which: str, params: Mapping[str, Any]) -> list[Bulletin]:
    rows: Sequence[Mapping[str, Any]] = store.rows(f"SELECT {_COLUMNS} FROM bulletin b {which}", dict(params))
    return [Bulletin(**{**row, "files": tuple(File(**one) for one in json.loads(row["files"]))}) for row in rows]


def _chain(con: Connection, place_id: int | None) -> list[int]:
    return [] if place_id is None else [place.place_id for place in chains_of(con, [place_id])[place_id]]
