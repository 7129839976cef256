"""每月一题: the categories that deserve the district's attention, and one of them in full."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.choice import text_of
from dashboard.console.openings import forms
from dashboard.formats import number
from dashboard.heatmap.screen import read
from dashboard.languages import _, marked
from dashboard.one_map.rail import level_name
from dashboard.questions import Asked, kept
from data.figures import Filter, Question, figures
from data.rectification import DAYS
from data.topics import FEWEST, PARTS, Topics, delay, topics

if TYPE_CHECKING:
    from data.store import Store

PART_NAMES = {
    "volume": marked("件数"), "growth": marked("增长"), "overdue": marked("超期"), "dissatisfaction": marked("不满意"),
    "repeats": marked("重复点"),
}  # fmt: skip
SHOWN, LISTED = 30, 10
KIND = "listing"
Said = dict[str, Any]


def ranked(store: Store, query: str) -> Said:
    """The categories by score, with what it is made of."""
    _choice, asked = read(store, query)
    found = of_period(store, asked)
    rows = [_row(found, i) for i in range(min(SHOWN, len(found.ids)))]
    return {
        "period": text_of(asked.period),
        "parts": [[name, _(PART_NAMES[name])] for name in PARTS],
        "rows": rows,
        "of": int((~np.isnan(found.score)).sum()),
        "how": _("五项各按名次折成 0 – 1，取已知各项的平均 × 100；少于 {n} 件的不排").format(n=FEWEST),
    }


def of_period(store: Store, asked: Asked) -> Topics:
    """The topics of a choice's period; the filter by category is left out."""
    now, then = (_question(one) for one in (asked, asked.earlier()))
    return kept((str(store.path), store.version, "topics", now, then), lambda: topics(store, now, then))


def _question(asked: Asked, *more: Filter) -> Question:
    plain = tuple(one for one in asked.filters if one.field != "category")
    return Question("district", asked.period.start, asked.period.end, as_of=asked.as_of, filters=(*plain, *more))


def _row(found: Topics, i: int) -> Said:
    return {
        "name": found.names[i],
        "above": found.above[i],
        "score": None if isnan(found.score[i]) else round(float(found.score[i]), 1),
        "parts": {name: _part(found, name, i) for name in PARTS},
    }


def _part(found: Topics, name: str, i: int) -> Said:
    value, n, place = (float(column[name][i]) for column in (found.parts, found.n, found.places))
    text = (
        ""
        if isnan(value)
        else number(value, "cases")
        if name == "volume"
        else f"{value * 100:+.0f}%"
        if name == "growth"
        else f"{number(value, 'share')}%"
    )
    return {"text": text, "n": int(n), "place": None if isnan(place) else round(place, 3)}


def topic(store: Store, query: str, name: str) -> Said:
    """One category: its places, its units, its typical delay, and whether this post may open a listing about it."""
    choice, asked = read(store, query)
    only = Filter("category", (name,))
    question = _question(asked, only)
    told = delay(store, replace(question, figures=("handling_hours",)))
    form = next((one for one in forms(store) if one["kind"] == KIND), None)
    return {
        "name": name,
        "period": text_of(asked.period),
        "level": level_name(asked.level),
        "places": _worst(store, replace(question, level=asked.level, figures=("reported", "on_time_rate"), within=choice.within or None)),
        "units": _worst(store, replace(question, level="unit", figures=("due", "on_time_rate", "handling_hours"))),
        "delay": {
            "n": told.n, "median": _hours(told.median), "ninth": _hours(told.ninth), "late": told.late, "over": _hours(told.overdue),
        },
        "form": form,
        "place_key": asked.level,
        "days": DAYS,
    }  # fmt: skip


def _worst(store: Store, question: Question) -> list[Said]:
    """Where there are most, the first ten."""
    first = (question.figures or ())[0]
    rows = [one for one in figures(store, question) if one.located and (one.figures[first].value or 0) > 0]
    rows.sort(key=lambda one: -(one.figures[first].value or 0))
    return [
        _line(
            one.place or "", one.place_id, one.name, {name: one.figures[name].value for name in question.figures or ()}
        )
        for one in rows[:LISTED]
    ]


def _line(code: str, place_id: int | None, name: str, values: dict[str, float | None]) -> Said:
    n = values.get("reported", values.get("due"))
    rate = values.get("on_time_rate")
    return {
        "code": code, "id": place_id, "name": name, "n": int(n or 0), "on_time": "" if rate is None else f"{number(rate, 'share')}%",
        "hours": _hours(values.get("handling_hours")),
    }  # fmt: skip


def _hours(value: float | None) -> str:
    if value is None or isnan(value):
        return ""
    return _("{n} 小时").format(n=f"{value:,.1f}") if value < 48 else _("{n} 天").format(n=f"{value / 24:,.1f}")
