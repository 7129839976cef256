"""The lenses that doubt: which places are hot or cold beyond chance now, and what became of the hot ones over twelve weeks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dashboard.choice import text_of
from dashboard.formats import count, name_of
from dashboard.heatmap.choice import Choice
from dashboard.heatmap.compared import Compared, compared
from dashboard.heatmap.drawn import AGAINST_NAMES, Drawn, Line, about, legend, shapes_of
from dashboard.languages import _, marked
from dashboard.questions import Asked, kept
from data.atlas import atlas_on
from data.emerging import Weeks, courses, tells
from data.figure_places import ground
from data.figures import CATALOGUE
from data.neighbours import neighbours_of
from data.spots import COURSES, LEVEL, spots, standardised
from layers.classes import Values
from layers.codec import NO_DATA, TOO_FEW

if TYPE_CHECKING:
    from data.store import Store

STRICT = 0.01
BY_HOUSEHOLDS = marked("件数按户数标准化（Assunção–Reis）后再检验；没有户数的区域不参与")
# Cold to hot; the two in the middle of a side hold q up to 0.05.
SPOT_NAMES = (
    marked("冷点，q ≤ 0.01"), marked("冷点，q ≤ 0.05"), marked("不显著"), marked("热点，q ≤ 0.05"), marked("热点，q ≤ 0.01"),
)  # fmt: skip
SPOT_COLOURS = {
    "light": ["#1A659E", "#86BBDD", "#F4F2EE", "#EBA668", "#B85410"],
    "dark": ["#79C4F2", "#3C7CAB", "#29323D", "#9A5A2B", "#F08A3C"],
}
COURSE_NAMES = {
    "none": marked("不是热点"), "new": marked("新增热点"), "growing": marked("加剧热点"), "persistent": marked("持续热点"),
    "occasional": marked("偶发热点"), "fading": marked("消退热点"),
}  # fmt: skip
COURSE_ORDER = ("none", "fading", "occasional", "persistent", "growing", "new")
COURSE_COLOURS = {
    "light": ["#F4F2EE", "#86BBDD", "#F5D9B8", "#C98B4B", "#B85410", "#7A1F5C"],
    "dark": ["#29323D", "#3C7CAB", "#6B4A2B", "#B5773C", "#F08A3C", "#E58AC6"],
}


def hot_and_cold(store: Store, choice: Choice, asked: Asked) -> Drawn:
    """Gi* of what the map would colour; what is hatched there takes no part."""
    found = compared(store, replace(choice, within=""), asked)
    atlas = atlas_on(store, asked.period.last_day(store.zone))
    pairs = neighbours_of(store, atlas.atlas_id, asked.level, found.places.codes)
    shown, by_households = tested_values(store, asked, found)
    tested = spots(shown, pairs)
    sides = np.where(tested.z > 0, 1, -1) * ((tested.q <= LEVEL).astype(int) + (tested.q <= STRICT))
    hatched = np.where(np.isnan(found.value), NO_DATA, TOO_FEW)
    homeless = np.isnan(shown) & ~np.isnan(found.shown)
    painted = np.where(np.isnan(tested.z), np.where(homeless, NO_DATA, hatched), 2 + sides)
    definition = CATALOGUE[asked.figure]
    words = [_(one) for one in SPOT_NAMES]
    plain = name_of(definition.zh, definition.en)
    if found.differs:
        plain = _("{name} · {against}").format(name=plain, against=_(AGAINST_NAMES[choice.against]))
    name = _("{name} · 冷热点").format(name=plain)
    rests = (
        _("Gi*，邻接权重含自身；正态近似双侧检验，Benjamini–Hochberg 控制错误发现率"),
        *([_(BY_HOUSEHOLDS)] if by_households else []),
        *about(choice, asked, found),
    )
    made = Drawn(
        asked, shapes_of(store, asked), found.places.codes, painted.astype(np.uint8), tested.z, found.n, SPOT_COLOURS,
        tuple(legend(words, painted, SPOT_COLOURS)), name, "", "z", signed=True, about=rests, words=tuple(words),
    )  # fmt: skip
    return inside(store, made, choice.within)


def tested_values(store: Store, asked: Asked, found: Compared) -> tuple[Values, bool]:
    """What is tested: the values of the map, counts standardised by households where enough places have them; and whether they are."""
    if CATALOGUE[asked.figure].type != "count" or found.differs:
        return found.shown, False
    places = ground(store, "period_end", asked.period.last_day(store.zone)).places
    units = places.listing(asked.level)
    number = dict(zip(units.codes, places.households_of(units.ids).tolist(), strict=True))
    households = np.array([number.get(code, np.nan) for code in found.places.codes])
    return (standardised(found.shown[:, None], households)[:, 0], True) if tells(households) else (found.shown, False)


def weeks_of(store: Store, asked: Asked) -> Weeks:
    """The twelve weeks up to the choice's moment, from memory while nothing was written since."""
    at = min(asked.as_of, asked.period.end)
    key = (str(store.path), store.version, "weeks", asked.level, at.date(), asked.filters)
    return kept(key, lambda: courses(store, asked.level, None, at, asked.filters))


def became(store: Store, choice: Choice, asked: Asked) -> Drawn:
    """What became of each place's hot spot."""
    found = weeks_of(store, asked)
    place = np.array([COURSE_ORDER.index(one) for one in COURSES])
    painted = np.where(np.isnan(found.z[:, -1]), NO_DATA, place[found.course.kind])
    n, codes = found.counts.sum(axis=1), [str(code) for code in found.units.codes]
    words = [_(COURSE_NAMES[one]) for one in COURSE_ORDER]
    lines = part_takers(legend(words, painted, COURSE_COLOURS))
    rests = (
        _("上报数，逐周，共 12 周"),
        f"n = {count(float(n.sum()))}",
        _(BY_HOUSEHOLDS) if found.by_households else _("按件数检验：多数区域没有户数，大的区域件数本来就多"),
        _("每周 Gi* 与 Benjamini–Hochberg；趋势为 Mann–Kendall"),
    )
    made = Drawn(
        asked, shapes_of(store, asked), codes, painted.astype(np.uint8), found.z[:, -1], n, COURSE_COLOURS, lines,
        _("热点演变"), "", "z", signed=True, about=rests, words=tuple(words), days=text_of(found.period),
    )  # fmt: skip
    return inside(store, made, choice.within)


def part_takers(lines: list[Line]) -> tuple[Line, ...]:
    """The legend, where what is hatched takes no part in the test."""
    return tuple(replace(one, text=_("不参与（没有户数）")) if one.hatch == "none" else one for one in lines)


def inside(store: Store, made: Drawn, within: str) -> Drawn:
    """The places inside one: tested among all, shown alone."""
    if not within:
        return made
    places = ground(store, "period_end", made.asked.period.last_day(store.zone)).places
    level = made.asked.level
    own = {str(code) for code in places.listing(level, places.find(within, level)[0]).codes}
    at = np.array([i for i, code in enumerate(made.codes) if code in own], dtype=np.int64)
    found = made.found[at]
    return replace(
        made, codes=[made.codes[i] for i in at], found=found, value=made.value[at], n=made.n[at], within=within,
        lines=tuple(_same_words(made.lines, legend(list(made.words), found.astype(np.int64), made.colours))),
    )  # fmt: skip


def _same_words(before: tuple[Line, ...], lines: list[Line]) -> list[Line]:
    """Lines that call what is hatched as the whole map's do."""
    said = {one.hatch: one.text for one in before if one.hatch}
    return [replace(one, text=said.get(one.hatch, one.text)) for one in lines]
