"""A drawn area in the drawer: it is picked in a place's stead as "~" and the letters of its outline (data/areas.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html

from dashboard import choice as choices
from dashboard.formats import count, no_data, number
from dashboard.languages import _
from dashboard.one_map import orders
from dashboard.questions import Asked, ask, ask_trend
from data.areas import Homes, area_of, homes
from data.atlas import atlas_on
from data.errors import NotFound, QuestionError
from data.figures import Filter, PlaceFigures, Question
from data.periods import Period
from data.store import Store
from data.trends import Point

MARK = "~"
HECTARE = 10_000.0
SQUARE_KILOMETRE = 1_000_000.0
WITHOUT = ("without_point", "default_point")  # reasons of the repeat rate: its cases are those with a point


def is_area(place: str) -> bool:
    """Whether what was picked is an outline and no place."""
    return place.startswith(MARK) and len(place) > len(MARK)


def question(asked: Asked, place: str, only: str | None = None) -> Question:
    """The question about everything in the outline."""
    whole = asked.question("district", only=only)
    return replace(whole, filters=(*whole.filters, Filter("area", (place.removeprefix(MARK),))))


def trend(store: Store, asked: Asked, place: str, periods: tuple[Period, ...]) -> tuple[str, list[Point] | None]:
    """The area's name and its figure over time; the district's stays where the outline is none."""
    try:
        return _("所画区域"), ask_trend(store, question(asked, place), asked.figure, periods)
    except (NotFound, QuestionError):
        return store.deployment.name, None


def title(store: Store, asked: Asked, place: str) -> list[Any]:
    """What the area is: its size, who lives in it, and which cases are not counted because they have no point."""
    drawn = area_of((place.removeprefix(MARK),))
    lived = homes(store, drawn, atlas_on(store, asked.period.last_day(store.zone)).atlas_id)
    shown = [
        html.Strong(_("所画区域")),
        html.Span(size(drawn.square_metres(store.deployment.crs)), className="chip"),
        html.Span(households(lived), className="quiet"),
        html.Span(choices.text_of(asked.period), className="quiet"),
        *without_point(ask(store, asked.question("district"))[0]),
    ]
    if drawn.crossed:
        shown.append(html.Span(_("线条自相交，按其围住的全部范围计算"), className="quiet"))
    return [*shown, *orders.of_area(store, place.removeprefix(MARK))]


def size(square_metres: float) -> str:
    """'4,300 平方米', '12.34 公顷', '3.21 平方公里'."""
    if square_metres < HECTARE:
        return _("{n} 平方米").format(n=count(square_metres))
    if square_metres < SQUARE_KILOMETRE:
        return _("{n} 公顷").format(n=f"{square_metres / HECTARE:,.2f}")
    return _("{n} 平方公里").format(n=f"{square_metres / SQUARE_KILOMETRE:,.2f}")


def households(lived: Homes) -> str:
    """Households, and how they were worked out."""
    if lived.n is None:
        return _("户数：{n}").format(n=no_data())
    way = (
        _("约 {n} 户（{places} 个微网格，边上的按面积比例折算）")
        if lived.level == "micro_grid"
        else _("约 {n} 户（{places} 个网格，边上的按面积比例折算）")
    )
    return way.format(n=count(lived.n), places=number(lived.places, "cases"))


def without_point(district: PlaceFigures) -> list[Any]:
    """The district's cases without a point, which no outline can hold; each number opens its cases."""
    left = district.figures["repeat_rate"].left_out
    words = {
        "without_point": _("全区另有 {n} 件没有坐标，不在其内"),
        "default_point": _("{n} 件只有默认坐标，不在其内"),
    }
    return [
        html.Button(
            words[reason].format(n=count(left[reason])),
            className="link",
            **{"data-place": "", "data-figure": "repeat_rate", "data-part": reason, "type": "button"},
        )
        for reason in WITHOUT
        if left.get(reason)
    ]
