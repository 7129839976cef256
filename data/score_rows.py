"""The rows of a run: what a scorecard gave everybody, written once and read back as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.database import Connection
from data.definitions import stored
from data.errors import NotFound
from data.scorecards import Card
from data.scoring import PartScore, Scored, Subject, Value

if TYPE_CHECKING:
    from data.store import Store

DRAFT, PUBLICITY, FINAL, WITHDRAWN = "draft", "publicity", "final", "withdrawn"
_COLUMNS = """run_id, card, digest, level, period, starts_at, ends_at, counted_at, state, made_at, published_at, publicity_until,
    final_at"""
_ITEM = pa.schema(
    {
        "subject_id": pa.int32(), "code": pa.string(), "name": pa.string(), "peers": pa.string(), "estates": pa.list_(pa.int32()),
        "n": pa.float64(), "score": pa.float64(), "missing": pa.float64(), "place": pa.int32(), "of": pa.int32(),
        "band": pa.string(), "lists": pa.list_(pa.string()), "flags": pa.list_(pa.string()), "reasons": pa.list_(pa.string()),
        "vetoes": pa.list_(pa.string()),
    }
)  # fmt: skip
_PART = pa.schema(
    {
        "subject_id": pa.int32(), "part": pa.string(), "numerator": pa.float64(), "denominator": pa.float64(),
        "value": pa.float64(), "percentile": pa.float64(), "peers_n": pa.int32(), "share": pa.float64(), "weight": pa.float64(),
        "points": pa.float64(),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A run as it stands. digest: the version of its definition; counted_at: the instant its figures are of."""

    run_id: int
    card: str
    digest: str
    level: str
    period: str
    starts_at: datetime
    ends_at: datetime
    counted_at: datetime
    state: str
    made_at: datetime
    published_at: datetime | None
    publicity_until: datetime | None
    final_at: datetime | None


def cards(store: Store) -> dict[str, tuple[Card, str]]:
    """The scorecards in force: id → card, digest."""
    rows = store.rows(
        """SELECT definition_id AS id, arg_max(digest, rowid) AS digest, arg_max(body, rowid) AS body FROM definition
           WHERE starts_with(definition_id, 'scorecard/') GROUP BY 1 ORDER BY 1"""
    )
    return {row["id"].removeprefix("scorecard/"): (stored(Card, row["body"]), row["digest"]) for row in rows}


def card_of(store: Store, digest: str) -> Card:
    """The card in the version a run was made under. Raises NotFound."""
    rows = store.rows("SELECT body FROM definition WHERE digest = ? LIMIT 1", [digest])
    if not rows:
        raise NotFound("the store does not know this version of a definition.", where=digest)
    return stored(Card, rows[0]["body"])


def run_of(store: Store, run_id: int) -> Run:
    """One run. Raises NotFound."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM score_run WHERE run_id = ?", [run_id])
    if not rows:
        raise NotFound("there is no such run.", where=f"run {run_id}")
    return Run(**rows[0])


def runs(store: Store, *, card: str = "") -> list[Run]:
    """All runs that were not withdrawn, the latest period first."""
    rows = store.rows(
        f"""SELECT {_COLUMNS} FROM score_run WHERE state <> 'withdrawn' AND ($card = '' OR card = $card)
            ORDER BY starts_at DESC, card, level, run_id DESC""",
        {"card": card},
    )
    return [Run(**row) for row in rows]


def steps(store: Store, run_id: int) -> list[dict[str, Any]]:
    """What became of a run: happened_at, action, by_role, actor, note."""
    return store.rows(
        "SELECT happened_at, action, by_role, actor, note FROM score_step WHERE run_id = ? ORDER BY rowid", [run_id]
    )


def items(store: Store, run_id: int, subject_id: int | None = None) -> list[Scored]:
    """What everybody got, as it was written: the best first, those that are not ranked last."""
    given = {"run": run_id, "one": subject_id}
    which = "run_id = $run AND ($one IS NULL OR subject_id = $one)"
    made: dict[int, list[PartScore]] = {}
    for row in store.rows(f"SELECT * EXCLUDE (run_id) FROM score_part WHERE {which} ORDER BY rowid", given):
        made.setdefault(row["subject_id"], []).append(
            PartScore(
                row["part"], Value(row["numerator"], row["denominator"], row["value"]), row["percentile"], row["peers_n"],
                row["share"], row["weight"], row["points"],
            )
        )  # fmt: skip
    rows = store.rows(f"SELECT * EXCLUDE (run_id, estates) FROM score_item WHERE {which} ORDER BY rowid", given)
    return [_item(row, tuple(made.get(row["subject_id"], ()))) for row in rows]


def estates_of(store: Store, run_id: int) -> dict[int, tuple[int, ...]]:
    """The estates each subject of a run stood for."""
    rows = store.rows("SELECT subject_id, estates FROM score_item WHERE run_id = ?", [run_id])
    return {row["subject_id"]: tuple(row["estates"]) for row in rows}


def put(con: Connection, run_id: int, scored: Sequence[Scored], estates: Mapping[int, Sequence[int]]) -> None:
    """Write what everybody got, in place of what stood there; in the caller's transaction."""
    for name, rows in (("score_item", _item_rows(scored, estates)), ("score_part", _part_rows(scored))):
        con.execute(f"DELETE FROM {name} WHERE run_id = ?", [run_id])
        con.register("scored", rows)
        con.execute(f"INSERT INTO {name} BY NAME SELECT {run_id:d}::INTEGER AS run_id, * FROM scored")
        con.unregister("scored")


def _item_rows(scored: Sequence[Scored], estates: Mapping[int, Sequence[int]]) -> pa.Table:
    rows = [
        {
            "subject_id": one.subject.subject_id, "code": one.subject.code, "name": one.subject.name, "peers": one.subject.peers,
            "estates": list(estates.get(one.subject.subject_id, ())), "n": one.n, "score": one.score,
            "missing": one.missing, "place": one.place, "of": one.of, "band": one.band, "lists": list(one.lists),
            "flags": list(one.flags), "reasons": list(one.reasons), "vetoes": list(one.vetoes),
        }
        for one in scored
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_ITEM)


def _part_rows(scored: Sequence[Scored]) -> pa.Table:
    rows = [
        {
            "subject_id": one.subject.subject_id, "part": part.part, "numerator": part.value.numerator,
            "denominator": part.value.denominator, "value": part.value.value, "percentile": part.percentile,
            "peers_n": part.peers_n, "share": part.share, "weight": part.weight, "points": part.points,
        }
        for one in scored
        for part in one.parts
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_PART)


def _item(row: Mapping[str, Any], parts: tuple[PartScore, ...]) -> Scored:
    subject = Subject(row["subject_id"], row["code"], row["name"], row["peers"])
    several = {name: tuple(row[name]) for name in ("flags", "reasons", "lists", "vetoes")}
    return Scored(subject, parts, row["n"], row["score"], row["missing"], place=row["place"], of=row["of"], band=row["band"],
                  **several)  # fmt: skip


def history(store: Store, card: str, level: str, subject_id: int) -> list[dict[str, Any]]:
    """What somebody got in every period, the latest first: run_id, period, state, digest, score, place, of, band, lists."""
    return store.rows(
        """SELECT run_id, period, state, digest, score, place, "of", band, lists FROM score_run JOIN score_item USING (run_id)
           WHERE card = ? AND level = ? AND subject_id = ? AND state <> 'withdrawn' ORDER BY starts_at DESC, run_id DESC""",
        [card, level, subject_id],
    )


def tallies(store: Store) -> dict[int, dict[str, Any]]:
    """Of every run: n, how many are ranked, and how many stand on each list or in each band."""
    rows = store.rows(
        """SELECT run_id, count(*) AS n, count(place) AS ranked FROM score_item JOIN score_run USING (run_id)
           WHERE state <> 'withdrawn' GROUP BY 1"""
    )
    found = {row["run_id"]: {"n": row["n"], "ranked": row["ranked"], "lists": {}, "bands": {}} for row in rows}
    for name, column in (("lists", "unnest(lists)"), ("bands", "band")):
        for row in store.rows(
            f"SELECT run_id, name, count(*) AS n FROM (SELECT run_id, {column} AS name FROM score_item) GROUP BY ALL"
        ):
            if row["name"] is not None and row["run_id"] in found:
                found[row["run_id"]][name][row["name"]] = row["n"]
    return found
