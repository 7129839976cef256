"""The cases behind a number: page by page, sorted and filtered, as they stood at the instant the number speaks of.

A list is chosen by the same marks the figure was counted with, so its length is the number. Without sorting or filtering
only the cases of the page are looked up; newest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.errors import NotFound, QuestionError
from data.figure_cache import slices
from data.figure_catalogue import CATALOGUE
from data.figure_marks import HELPERS, SQL, STANDING, Mark, Part
from data.figure_places import LISTED, named
from data.figure_question import Asked, Question, ask
from data.figure_rows import group_of, parts_of
from data.figure_sql import COLUMNS, PLACE_LEVELS, with_companies
from data.fold import PAST, fold
from data.list_filters import ColumnFilter, Sort, conditions, order
from data.quality import Quality

if TYPE_CHECKING:
    from data.store import Store

NOT_LOCATED = ""
BATCH_ROWS = 20_000

_FLAGS = ", ".join(f"CASE WHEN flags & {int(flag)} <> 0 THEN '{flag.label}' END" for flag in Quality)
_NAMED = ("street", "community", "grid", "micro_grid", "estate")
_JUDGED = f"""CASE WHEN {SQL[Mark.ON_TIME]} THEN 'on_time' WHEN decided THEN 'late' WHEN {SQL[Mark.PAUSED]} THEN 'suspended'
    WHEN {SQL[Mark.NOT_YET_DUE]} THEN 'not_yet_due' WHEN {SQL[Mark.NO_FLAG]} THEN 'without_flag'
    ELSE 'without_deadline' END"""

# What a list shows, in this order; SQL over `standing` joined to names.
COLUMNS_SHOWN: dict[str, str] = {
    "case_id": "case_id",
    "external_id": "external_id",
    "stage": "stage",
    "judged": _JUDGED,
    "category": "k.name",
    "track": "standing.track",
    "channel": "channel",
    "unit": "u.name",
    "reported_at": "reported_at",
    "registered_at": "registered_at",
    "due_at": "due_at",
    "handled_at": "handled_at",
    "closed_at": "closed_at",
    **{level: f"{level}_name.name" for level in _NAMED},
    "located": "located",
    "suspended": "suspended",
    "voided": "voided",
    "excluded": "excluded",
    "reworked": "reworked",
    "extended": "extended",
    "flags": f"concat_ws(' ', {_FLAGS})",
    "lon": "lon",
    "lat": "lat",
}


@dataclass(frozen=True)
class Listed:
    """One page: how many cases there are in all, and the rows asked for (columns of COLUMNS_SHOWN)."""

    total: int
    rows: pa.Table


def cases_of(
    store: Store,
    question: Question,
    figure: str = "reported",
    part: str = "numerator",
    place: str | None = None,
    *,
    offset: int = 0,
    limit: int | None = 100,
    sort: Sequence[Sort] = (),
    filters: Sequence[ColumnFilter] = (),
) -> Listed:
    """The cases of one part of a figure: numerator, denominator or a reason of left_out.

    place: code of a place (unit, company) of the question's level; NOT_LOCATED ("") for what is not located at it; None
    for all. Raises QuestionError and NotFound.
    """
    asked = ask(store, replace(question, figures=(figure,)))
    chosen, params, tables = _chosen(store, asked, figure, part, place)
    params |= {"t": asked.key.t}
    if asked.key.published is not None:
        params["published"] = asked.key.published
    with store.read() as con:
        for name, table in tables.items():
            con.register(name, table)
        con.execute(f"CREATE TEMP TABLE chosen AS {chosen}", {k: v for k, v in params.items() if f"${k}" in chosen})
        total = int((con.execute("SELECT count(*) FROM chosen").fetchone() or (0,))[0])
        where, bound = conditions(filters, COLUMNS_SHOWN, store.zone)
        page = f" LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
        simple = not sort and not filters
        if simple and page:
            con.execute(f"CREATE TEMP TABLE page AS SELECT * FROM chosen ORDER BY case_id DESC{page}")
        rows = f"""SELECT {", ".join(COLUMNS_SHOWN)} FROM ({_details(asked, "page" if simple and page else "chosen")})
            WHERE {where} ORDER BY {order(sort, COLUMNS_SHOWN)}"""
        bound |= {"t": asked.key.t}
        if filters:
            counted = con.execute(f"SELECT count(*) FROM ({rows})", bound).fetchone()
            total = int((counted or (0,))[0])
        found = con.execute(rows if simple else rows + page, bound).to_arrow_table()
    return Listed(total, found)


def export(
    store: Store, question: Question, figure: str, part: str, place: str | None, **chosen: Any
) -> Iterator[pa.Table]:
    """The whole list in tables of some thousand rows; `chosen`: sort and filters as in `cases_of`."""
    rows = cases_of(store, question, figure, part, place, limit=None, **chosen).rows
    for start in range(0, max(len(rows), 1), BATCH_ROWS):
        yield rows.slice(start, BATCH_ROWS)


def _chosen(
    store: Store, asked: Asked, figure: str, part: str, place: str | None
) -> tuple[str, dict[str, Any], dict[str, pa.Table]]:
    """SQL of the cases of a part with their places, its parameters and the tables it reads."""
    group = group_of(CATALOGUE[figure])
    tables = {"slice": slices(store).get(store, group, asked.key)}
    if asked.companies:
        tables["companies"] = asked.ground.places.companies()
    params = dict(asked.where.params)
    where = f"{asked.where.sql} AND ({_part_sql(asked, figure, part)})"
    level = asked.question.level
    if place is not None and level in COLUMNS:
        column = COLUMNS[level]
        where += f" AND {column} IS NULL" if place == NOT_LOCATED else f" AND {column} = $place"
        if place != NOT_LOCATED:
            params["place"] = _place_id(store, asked, level, place)
    columns = ", ".join(["case_id", "located", "unit_id", *(COLUMNS[name] for name in PLACE_LEVELS)])
    return f"SELECT {columns} FROM {with_companies(asked.companies)} WHERE {where}", params, tables


def _part_sql(asked: Asked, figure: str, part: str) -> str:
    parts = parts_of(asked, CATALOGUE[figure])
    known: dict[str, list[Part]] = {reason: [cases] for reason, cases in parts.left_out.items()}
    known["numerator"] = [cases for _, cases in parts.numerator]
    known["denominator"] = [parts.denominator] if parts.denominator else known["numerator"]
    if not known["numerator"]:
        known["numerator"] = known["denominator"]
    if part not in known:
        raise QuestionError(f"{figure} has no part {part!r}.", where="part", todo=f"One of {', '.join(known)}.")
    return " OR ".join(cases.sql for cases in known[part]) or "false"


def _place_id(store: Store, asked: Asked, level: str, code: str) -> int:
    if level in LISTED:
        listed = named(store, level)
        found = [int(place) for place, known in zip(listed.ids.tolist(), listed.codes, strict=True) if known == code]
    else:
        found = asked.ground.places.with_code(code, level)
    if not found:
        raise NotFound(f"there is no {level} {code!r}.", where="place")
    return found[0]


def _details(asked: Asked, chosen: str) -> str:
    """SQL of everything a list shows of the cases of the table `chosen`; parameter $t."""
    identity = (
        "c.external_id, c.track, c.channel, c.category_id, c.flags, c.on_time_source, c.reported_at, c.lon, c.lat"
    )
    own = f"{chosen}.* EXCLUDE (unit_id), {chosen}.unit_id AS attributed_id"
    if asked.key.published is not None:
        ids = f"SELECT case_id FROM {chosen}"
        past = ", ".join(f"p.{name}" for name in PAST)
        states = f"""SELECT {own}, {identity}, {past} FROM {chosen} JOIN cases c USING (case_id)
            JOIN ({fold(asked.key.t, asked.key.published, ids)}) p USING (case_id)"""
    else:
        states = f"""SELECT {own}, {identity}, {", ".join(f"c.{name}" for name in PAST)}
            FROM {chosen} JOIN cases c USING (case_id) WHERE c.since <= $t
            UNION ALL SELECT {own}, {identity}, {", ".join(f"p.{name}" for name in PAST)} FROM {chosen}
            JOIN (SELECT * FROM case_past WHERE valid_from <= $t AND valid_to > $t) p USING (case_id)
            JOIN cases c USING (case_id)"""
    names = " ".join(
        f"""LEFT JOIN (SELECT place_id, arg_max(name, effective_from) AS name FROM place_version GROUP BY place_id)
            {level}_name ON {level}_name.place_id = {level}_id"""
        for level in _NAMED
    )
    shown = ", ".join(f"{sql} AS {name}" for name, sql in COLUMNS_SHOWN.items())
    return f"""SELECT {shown} FROM (SELECT *, {STANDING} FROM (SELECT *, {HELPERS} FROM ({states}))) standing
        LEFT JOIN category k USING (category_id) LEFT JOIN unit u ON u.unit_id = attributed_id {names}"""
