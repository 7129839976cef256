"""What leaves the screen as a file: tables with what was asked written on top, and the map as a sheet of paper.

Every file is made from the same choice as the screen, read from the same address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pyarrow as pa
from dash import html
from fastapi import FastAPI, Request
from starlette.responses import Response

from dashboard import choice as choices
from dashboard.bulletin.maps import sheet_of
from dashboard.desk import Desk, off_loop
from dashboard.formats import unit_word
from dashboard.heatmap.sheet import printed_of
from dashboard.icons import icon
from dashboard.languages import _
from dashboard.one_map import area, places
from dashboard.one_map.asked_words import asked_words
from dashboard.one_map.canvas import painted
from dashboard.one_map.picked import Picked, asked_cases, opened_by
from dashboard.one_map.rail import level_name
from dashboard.one_map.values import NOWHERE
from dashboard.printed_map import MAP_FORMS, printed_map
from dashboard.questions import resolve
from dashboard.rights import EXPORT
from data.acting import acting
from data.errors import InputError, QuestionError
from data.figures import CATALOGUE
from data.listings import export
from data.on_map import place_by_code
from data.store import Store
from etl.exports import csv_bytes
from etl.jobs import run_in_worker
from etl.sheets import FORMS, Sheet, as_csv, as_file, making
from etl.sheets import sheet_of as table_sheet

SMALL = 2_000  # rows of a workbook that may be written beside the event loop


def add(app: FastAPI, desk: Desk) -> None:
    """The addresses of exports."""

    @app.get("/export/cases.{form}")
    async def export_cases(request: Request, form: str) -> Response:
        return answer("cases", form, await off_loop(cases_file, desk.store, request.url.query, form))

    @app.get("/export/places.{form}")
    async def export_places(request: Request, form: str) -> Response:
        return answer("places", form, await off_loop(places_file, desk.store, request.url.query, form))

    @app.get("/export/map.{form}")
    async def export_map(request: Request, form: str) -> Response:
        return answer("map", form, await off_loop(map_file, desk.store, request.url.query, form))


def answer(name: str, form: str, content: bytes) -> Response:
    """A file to be saved."""
    kind = {**FORMS, **MAP_FORMS}[form]
    return Response(content, media_type=kind, headers={"content-disposition": f"attachment; filename={name}.{form}"})


def links() -> html.Div:
    """The table's and the map's files; assets/exports.js adds the choice from the address."""
    made = [
        html.A([icon("download"), text], href=f"/export/{name}", className="button", **{"data-export": f"/export/{name}"})
        for name, text in (
            ("places.csv", "CSV"), ("places.xlsx", "XLSX"), ("map.png", _("地图 PNG")), ("map.pdf", _("地图 PDF")),
        )
    ]  # fmt: skip
    return html.Div(made if EXPORT.allows(acting()) else [], className="export-links")


def places_file(store: Store, query: str, form: str) -> bytes:
    """The table of places as it stands beside the map. Raises InputError for a form there is not."""
    asked = resolve(store, choices.of_search(query))
    columns = places.columns(asked)
    rows = places.rows(store, asked)
    names = [_("编码"), *(column["headerName"] for column in columns)]
    fields = ["place", *(column["field"] for column in columns)]
    units = ["", *("" if name in ("name", "n") else CATALOGUE[name].unit for name in fields[1:])]
    forms = tuple({"share": "share", "cases": "cases"}.get(unit, "number" if unit else "") for unit in units)
    lines = [["" if row["place"] == NOWHERE else row["place"], *(row[name] for name in fields[1:])] for row in rows]
    sheet = Sheet(
        level_name(asked.level),
        asked_words(store, asked),
        [_plain(name, unit) for name, unit in zip(names, units, strict=True)],
        lines,
        forms,
    )
    return made(form, sheet, len(lines))


def _plain(name: str, unit: str) -> str:
    """A share stands in its cell as a share, not in per cent: the heading says no %."""
    return name.removesuffix(f" {unit_word(unit)}") if unit == "share" else name


def cases_file(store: Store, query: str, form: str) -> bytes:
    """The cases a drawer shows, all of them, in a file a spreadsheet opens without running anything."""
    choice = choices.of_search(query)
    picked = Picked.of(opened_by(parse_qs(query, keep_blank_values=True)), choice.figure)
    if picked is None:
        raise QuestionError("an export needs a place and a figure", where="place, cases")
    question, place = asked_cases(store, choice, picked)
    tables = list(export(store, question, picked.figure, picked.part, place))
    about = [
        *asked_words(store, resolve(store, choice)),
        (_("地方"), _place_name(store, place)),
        (_("所列案件"), f"{picked.figure} · {picked.part}"),
    ]
    if form == "csv":
        head = as_csv([Sheet("", about, (), ())]).rstrip(b"\r\n")
        return (
            head
            + b"\r\n\r\n"
            + b"".join(
                csv_bytes(one, store.zone, header=i == 0).removeprefix(b"\xef\xbb\xbf") for i, one in enumerate(tables)
            )
        )
    whole = pa.concat_tables(tables)
    return made(form, table_sheet(_("案件"), about, whole, store.zone), whole.num_rows)


def _place_name(store: Store, place: str | None) -> str:
    if area.is_area(place or ""):
        return _("圈选的区域")
    found = place_by_code(store, place) if place else None
    return str(found["name"]) if found else place or store.deployment.name


def made(form: str, sheet: Sheet, rows: int) -> bytes:
    """The file, by a worker where it is large."""
    if form not in FORMS:
        raise InputError(f'there is no format "{form}".', where="format", todo=f"Choose one of {', '.join(FORMS)}.")
    if form == "csv" or rows <= SMALL:
        return as_file(form, [sheet])
    kept = Sheet(sheet.name, sheet.about, sheet.columns, [list(row) for row in sheet.rows], sheet.forms, sheet.note)
    return _one(run_in_worker(making, {"form": form, "sheets": [kept]}))


def map_file(store: Store, query: str, form: str) -> bytes:
    """The map of a choice as a sheet of paper, the one map's or (heatmap=1) the heatmap's: PNG or PDF."""
    if form not in MAP_FORMS:
        raise InputError(f'there is no format "{form}".', where="format", todo=f"Choose one of {', '.join(MAP_FORMS)}.")
    if "heatmap" in parse_qs(query):
        asked = vars(printed_of(store, query))
    else:
        asked = {"sheet": sheet_of(store, painted(store, choices.of_search(query)))}
    return _one(run_in_worker(printed_map, asked | {"form": form, "made": store.now()}))


def _one(made_in_worker: Iterator[Any]) -> bytes:
    found: bytes = next(iter(list(made_in_worker)))
    return found
