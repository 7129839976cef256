"""What was clicked, as the drawer's store and the address hold it, and the questions it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dashboard import choice as choices
from dashboard.casetable import case_rows
from dashboard.languages import _
from dashboard.one_map import area
from dashboard.one_map.values import NOWHERE
from dashboard.questions import Asked, resolve
from data.errors import NotFound, QuestionError
from data.figures import CATALOGUE, PlaceFigures, Question
from data.list_filters import from_grid
from data.listings import NOT_LOCATED, cases_of
from data.on_map import place_by_code
from data.periods import Period
from data.store import Store

PICKED = "picked"  # the store: {open, place, figure, part, days, case}; written by assets/drawer.js
PAGE = 100  # cases a request


@dataclass(frozen=True)
class Picked:
    """What was clicked: a place ('' is the district, NOWHERE what is not located), a figure, and which of its parts."""

    place: str
    figure: str
    part: str
    days: str = ""  # '2024-03-01~2024-03-31': only these days of the figure
    case: int | None = None  # one case, shown instead of the list

    @classmethod
    def of(cls, data: Mapping[str, Any] | None, figure: str) -> Picked | None:
        """The store's content; None while the drawer is closed."""
        if not data or not data.get("open"):
            return None
        case = str(data.get("case") or "")
        return cls(
            data.get("place") or "",
            data.get("figure") or figure,
            data.get("part") or "denominator",
            data.get("days") or "",
            int(case) if case.isascii() and case.isdigit() and len(case) < 19 else None,
        )


def opened_by(search: Mapping[str, list[str]]) -> dict[str, Any]:
    """The store's content for an address ('place=…&cases=figure:part:days&case=…', 'area=…' for a drawn one).
    assets/address.js reads it the same."""
    drawn = [area.MARK + search["area"][-1]] if "area" in search else None
    place, case = drawn or search.get("place"), (search.get("case") or [""])[-1]
    figure, part, days = [*(search.get("cases") or [""])[-1].split(":", 2), "", ""][:3]
    return {
        "open": place is not None or bool(figure) or bool(case),
        "place": place[-1] if place else "",
        "figure": figure or None,
        "part": part or None,
        "days": days or None,
        "case": case or None,
    }


def days_of(text: str, zone: ZoneInfo) -> Period:
    """The period of '2024-03-01~2024-03-31', both days in it. QuestionError for anything else."""
    try:
        first, last = (date.fromisoformat(day) for day in text.split("~"))
        starts, ends = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    except (ValueError, OverflowError) as error:
        raise QuestionError(_("日期无法识别：{value}").format(value=text), where="cases") from error
    return Period(starts, ends)


def asked_of(store: Store, choice: choices.Choice, picked: Picked) -> Asked:
    """The choice, narrowed to the days picked; what is open is then taken at their end."""
    asked = replace(resolve(store, choice), figure=picked.figure)
    if picked.figure not in CATALOGUE:
        raise QuestionError(_("没有这个指标"), where=picked.figure, todo=_("请在左侧重新选择指标。"))
    return asked.of_days(days_of(picked.days, store.zone)) if picked.days else asked


def place_question(store: Store, asked: Asked, picked: Picked, only: str | None = None) -> Question:
    """The question whose answer holds the picked place: its own level, only what lies in it."""
    if picked.place == "":
        return asked.question("district", only=only)
    if picked.place == NOWHERE:
        return asked.question(only=only)
    if area.is_area(picked.place):
        return area.question(asked, picked.place, only)
    found = place_by_code(store, picked.place)
    if found is None:
        raise NotFound(_("没有这个地方"), where=picked.place, todo=_("它可能属于另一版网格方案。"))
    within = None if found["level"] == "district" else picked.place
    return asked.question(found["level"], only=only, within=within)


def row_of(rows: list[PlaceFigures], picked: Picked) -> PlaceFigures:
    """The picked place's row. NotFound when the period's plan does not have it."""
    for row in rows:
        if (
            picked.place == ""
            or area.is_area(picked.place)
            or (picked.place == NOWHERE and not row.located)
            or (row.located and row.place == picked.place)
        ):
            return row
    raise NotFound(_("这一时段的方案里没有这个地方"), where=picked.place, todo=_("请换一个时段或地方。"))


def page_of_cases(store: Store, choice: choices.Choice, picked: Picked, request: Mapping[str, Any]) -> dict[str, Any]:
    """One block of the cases' grid: {"rowData", "rowCount"}."""
    question, place = asked_cases(store, choice, picked)
    first, last = int(request.get("startRow") or 0), int(request.get("endRow") or PAGE)
    filters, sort = from_grid(request.get("filterModel"), request.get("sortModel"))
    found = cases_of(
        store,
        question,
        picked.figure,
        picked.part,
        place,
        offset=first,
        limit=min(last - first, PAGE),
        sort=sort,
        filters=filters,
    )
    return {"rowData": case_rows(found.rows, store.zone), "rowCount": found.total}


def asked_cases(store: Store, choice: choices.Choice, picked: Picked) -> tuple[Question, str | None]:
    """The question and the place as cases_of takes them."""
    question = place_question(store, asked_of(store, choice, picked), picked, picked.figure)
    if picked.place == "" or area.is_area(picked.place):
        return question, None
    return question, NOT_LOCATED if picked.place == NOWHERE else picked.place


def export_address(chosen: Mapping[str, Any], picked: Picked) -> str:
    """The address of the CSV with the same cases."""
    pairs = [(name, one) for name in choices.NAMES for one in _listed(chosen.get(name))]
    return "/export/cases.csv?" + urlencode(
        [*pairs, ("place", picked.place), ("cases", ":".join(filter(None, (picked.figure, picked.part, picked.days))))]
    )


def _listed(value: Any) -> list[str]:
    return [str(v) for v in (value if isinstance(value, list) else [value]) if v not in (None, "")]
