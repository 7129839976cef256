"""The search field in the header: its place, and what the browser gets while a person types (assets/search.js)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard.casetable import STAGES
from dashboard.formats import moment
from dashboard.icons import icon
from dashboard.languages import _
from dashboard.one_map.rail import level_name
from data.search import FoundCase, FoundPlace, find_cases, find_places
from data.store import Store


def layout() -> list[Any]:
    """The field and the list under it; "/" anywhere on the page goes to the field."""
    words = _("搜索案件、小区、楼栋、网格")
    key = html.Kbd("/", className="search-key", **{"aria-hidden": "true"})
    field = dmc.TextInput(
        id="search",
        size="sm",
        placeholder=words,
        leftSection=icon("search"),
        rightSection=key,
        autoComplete="off",
        spellCheck="false",
        **{"aria-label": words},
    )
    listed = html.Div(id="search-results", className="search-results", role="listbox", **{"aria-label": _("搜索结果")})
    hints = {"data-none": _("没有找到。可输入案件编号、地名，或 15 位网格编码。")}
    return [html.Div([field, listed], className="search", role="search", **hints)]


def found(store: Store, text: str) -> dict[str, Any]:
    """Groups of what fits: {"groups": [{"name", "items": [{"label", "detail", "place" or "case", …}]}]}."""
    cases = find_cases(store, text)
    places = find_places(store, text, datetime.now(UTC).astimezone(store.zone).date())
    groups = [{"name": _("案件"), "items": [_case(case, store) for case in cases]}] if cases else []
    for level in dict.fromkeys(place.level for place in places):
        items = [_place(place) for place in places if place.level == level]
        groups.append({"name": level_name(level), "items": items})
    return {"groups": groups}


def _case(case: FoundCase, store: Store) -> dict[str, Any]:
    parts = (case.category, _(STAGES.get(case.stage, case.stage)), moment(case.reported_at, store.zone))
    return {"case": str(case.case_id), "label": case.external_id, "detail": " · ".join(part for part in parts if part)}


def _place(place: FoundPlace) -> dict[str, Any]:
    parts = [" › ".join(place.path), place.code, _("编码已作废") if place.retired else ""]
    at = [place.lat, place.lon] if place.lat is not None else None
    label = f"{place.path[-1]} {place.name}" if place.level in ("building", "block") and place.path else place.name
    code = "" if place.level == "district" else place.code
    return {"place": code, "level": place.level, "at": at, "label": label, "detail": " · ".join(p for p in parts if p)}
