"""The page's answer to an address: one map, two, or many small ones, with the breadcrumb and where one may go down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.choice import text_of
from dashboard.heatmap import hotspots
from dashboard.heatmap.choice import LEVELS, Choice, of_search
from dashboard.heatmap.compared import Compared, compared
from dashboard.heatmap.drawn import Drawn, classes_of, drawn, legend, painted_as, range_words, shapes_of, told
from dashboard.languages import _
from dashboard.one_map.canvas import text_of as packed
from dashboard.one_map.rail import TRACK_NAMES
from dashboard.questions import Asked, levels_here, newest, resolve
from data.errors import QuestionError
from data.figure_places import Places, ground
from data.figures import CATALOGUE, Filter
from data.on_map import filter_values
from data.periods import Period, month_of, months
from data.reporting import reporting
from layers.codec import NO_DATA, OUTSIDE

if TYPE_CHECKING:
    from data.store import Store

MONTHS = 12
Said = dict[str, Any]


def heat_shown(store: Store, query: str) -> Said:
    """Everything the page shows of an address but hexagons and topics. Raises QuestionError, NotFound."""
    choice, asked = read(store, query)
    if choice.lens == "hexagons":
        choice = replace(choice, view="one")
    if choice.view in ("months", "tracks") and choice.lens == "places":
        return {**around(store, choice, asked), **small(store, choice, asked)}
    shown = two(store, choice, asked) if choice.view in ("beside", "swipe") else [map_of(store, choice, asked)]
    return {**around(store, choice, asked), "maps": [told(store, one) for one in shown]}


def read(store: Store, query: str) -> tuple[Choice, Asked]:
    """An address's choice, filled in. Raises QuestionError, NotFound."""
    choice = of_search(query)
    asked = resolve(store, choice.base)
    if asked.level not in LEVELS:
        raise QuestionError(_("这里没有这一层级的边界"), where=asked.level, todo=_("请选择其他层级，或先导入边界。"))
    if CATALOGUE[asked.figure].type == "none":
        raise QuestionError(_("没有这个指标"), where=asked.figure, todo=_("请重新选择指标。"))
    if choice.within:
        tree_of(store, asked).find(choice.within, asked.level)
    return choice, asked


def map_of(store: Store, choice: Choice, asked: Asked) -> Drawn:
    """One map through the lens chosen; hexagons lie over the plain one."""
    if choice.lens == "spots":
        return hotspots.hot_and_cold(store, choice, asked)
    if choice.lens == "emerging":
        return hotspots.became(store, choice, asked)
    return drawn(store, choice, asked)


def two(store: Store, choice: Choice, asked: Asked) -> list[Drawn]:
    """Two maps; of one figure they share their classes, so that a colour means the same on both."""
    second, when = other(store, choice)
    if choice.lens != "places" or second.base.figure != choice.base.figure:
        return [map_of(store, choice, asked), map_of(store, second, when)]
    found = [compared(store, choice, one) for one in (asked, when)]
    together = replace(found[0], shown=np.concatenate([one.shown for one in found]))
    classes = classes_of(choice, together, asked)
    found = [replace(one, whole=found[0].whole) for one in found]
    return [painted_as(store, choice, one, each, classes) for one, each in zip((asked, when), found, strict=True)]


def other(store: Store, choice: Choice) -> tuple[Choice, Asked]:
    """The second map's choice: another figure, another time, or both."""
    second = choice.second
    asked = resolve(store, second.base)
    if choice.when == "same":
        return second, asked
    return second, asked.earlier() if choice.when == "before" else asked.year_earlier()


def around(store: Store, choice: Choice, asked: Asked) -> Said:
    """Where one stands in the tree, and the level a click goes down to."""
    places, levels = tree_of(store, asked), [one for one in levels_here(store) if one in LEVELS]
    row = (
        int((places.level == "district").argmax())
        if not choice.within
        else places.row_of[places.find(choice.within, asked.level)[0]]
    )
    chain = []
    while row >= 0:
        chain.append([str(places.code[row]), str(places.name[row]), str(places.level[row])])
        row = int(places.parent[row])
    at = levels.index(asked.level)
    return {
        "crumbs": chain[::-1],
        "level": asked.level,
        "below": levels[at + 1] if at + 1 < len(levels) else "",
        "levels": levels,
        "period": text_of(asked.period),
        "lens": choice.lens,
        "view": choice.view,
    }


def tree_of(store: Store, asked: Asked) -> Places:
    """The places in force at the period's end."""
    return ground(store, "period_end", asked.period.last_day(store.zone)).places


def parts(store: Store, choice: Choice, asked: Asked) -> list[tuple[str, Drawn]]:
    """The maps of each month or track with their names, in classes of all together; legends count the places of all."""
    listed = by_month(store, asked) if choice.view == "months" else by_track(store, asked)
    if not listed:
        raise QuestionError(_("这些案件没有跑道"), where="view", todo=_("请选择其他排法。"))
    found: list[Compared] = [compared(store, choice, one) for _name, one in listed]
    together = replace(found[-1], shown=np.concatenate([one.shown for one in found]))
    classes = classes_of(choice, together, asked)
    made = [painted_as(store, choice, one, each, classes) for (_name, one), each in zip(listed, found, strict=True)]
    held = np.concatenate([one.found for one in made])
    lines = tuple(
        legend(range_words(classes, made[-1].unit, signed=made[-1].signed), held.astype(np.int64), made[-1].colours)
    )
    days = text_of(Period(listed[0][1].period.start, asked.period.end)) if choice.view == "months" else ""
    return [(name, replace(one, lines=lines, days=days)) for (name, _asked), one in zip(listed, made, strict=True)]


def small(store: Store, choice: Choice, asked: Asked) -> Said:
    """Small multiples: one map's shapes once, and the classes of each month or track."""
    made, shapes = parts(store, choice, asked), shapes_of(store, asked)
    cells = [
        {"name": name, "n": int(np.nansum(one.n)), "query": _query(choice, one.asked),
         "values": packed(shapes.column(one.codes, one.found, OUTSIDE if choice.within else NO_DATA, "u1"))}
        for name, one in made
    ]  # fmt: skip
    return {"maps": [told(store, made[-1][1])], "cells": cells}


def by_month(store: Store, asked: Asked) -> list[tuple[str, Asked]]:
    """The twelve reporting months up to the period's end, as far as there was anything."""
    begins = reporting(store).begins
    last = asked.period.end - (asked.period.end - asked.period.start) / 10**6
    latest = newest(store) or asked.as_of  # an old data set ends with its own last month
    year, month = month_of(max(asked.period.start, min(last, asked.as_of, latest)), store.zone, begins)
    made = []
    for back in reversed(range(MONTHS)):
        index = year * 12 + month - 1 - back
        period: Period = months(index // 12, index % 12 + 1, 1, store.zone, begins)
        made.append((f"{index // 12}-{index % 12 + 1:02d}", asked.of_days(period)))
    return made


def by_track(store: Store, asked: Asked) -> list[tuple[str, Asked]]:
    """The tracks that have any case."""
    plain = tuple(one for one in asked.filters if one.field != "track")
    there = filter_values(store)["track"]
    return [
        (_(name), replace(asked, filters=(*plain, Filter("track", (track,)))))
        for track, name in TRACK_NAMES.items()
        if track in there
    ]


def _query(choice: Choice, asked: Asked) -> Said:
    """What of the address makes a little map a large one."""
    if choice.view == "tracks":
        return {"view": "", "track": asked.filters[-1].values[0]}
    days = text_of(asked.period).split(" – ")
    return {"view": "", "period": "custom", "range": days}
