"""What each part of the page shows for a choice, as a channel carries it: made by the same functions that draw the page, but
asking only for the figures the part needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs

from dashboard import boxes
from dashboard import choice as choices
from dashboard.live.channels import Channel, Shown
from dashboard.one_map import canvas, distribution, drawer, headlines, places, trends
from dashboard.one_map.charted import Charted
from dashboard.one_map.picked import Picked, opened_by
from dashboard.questions import resolve
from dashboard.studio import channels as studio
from dashboard.wall import channels as walls
from data.store import Store

# Pieces named "#box" are what stands in that box of the page; the script fills it.


def shown(store: Store, channel: Channel) -> Shown:
    """What the channel shows now. Raises what the parts raise: a question that makes no sense, a place there is not."""
    show = SHOWS.get(channel.part, walls.shown)
    return show(store, channel.search)


def map_shown(store: Store, search: str) -> Shown:
    """The map's values, its legend, what is not on it."""
    p = canvas.painted(store, choices.of_search(search))
    data = canvas.browser_data(p)
    numbers = {name: data.pop(name) for name in ("values", "numbers", "counts")}
    del data["bounds"]  # where the map looks is the person's
    beside = {
        boxes.piece(canvas.LEGEND): canvas.legend(p),
        boxes.piece(canvas.NOTE): canvas.note(p),
        boxes.piece(canvas.PERIOD_TEXT): canvas.period_words(p),
    }
    mark = data.pop("mark")
    return Shown.of({"frame": data, **numbers, **beside}, mark)


def cards_shown(store: Store, search: str) -> Shown:
    """The district's cards."""
    return Shown.of({boxes.piece(headlines.HEADLINES): headlines.cards(store, choices.of_search(search))})


def places_shown(store: Store, search: str) -> Shown:
    """The table's rows."""
    return Shown.of({"rows": places.rows(store, resolve(store, choices.of_search(search)))})


def drawer_shown(store: Store, search: str) -> Shown:
    """The drawer's figures; its cases are asked for again by the page."""
    choice = choices.of_search(search)
    picked = Picked.of(opened_by(parse_qs(search, keep_blank_values=True)), choice.figure)
    if picked is None or picked.case is not None:
        return Shown.of({})
    title, cards = drawer.contents(store, choice, picked)
    return Shown.of({boxes.piece(drawer.HEAD): title, boxes.piece(drawer.CARDS): cards})


def chart_shown(store: Store, search: str, chart: Charted) -> Shown:
    """A chart's title and what it is drawn from."""
    place = opened_by(parse_qs(search, keep_blank_values=True))["place"]
    title, drawn = chart.drawn(store, choices.of_search(search), place)
    return Shown.of({boxes.piece(chart.title): title, "chart": drawn})


SHOWS: dict[str, Callable[[Store, str], Shown]] = {
    "map": map_shown,
    "cards": cards_shown,
    "places": places_shown,
    "drawer": drawer_shown,
    "trend": partial(chart_shown, chart=trends.CHARTED),
    "distribution": partial(chart_shown, chart=distribution.CHARTED),
    studio.PART: studio.shown,
}
