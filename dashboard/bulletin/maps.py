"""A map of the screen as a sheet of paper: the same places, classes, colours and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc

from dashboard.choice import text_of
from dashboard.formats import count, moment, name_of, unit_word, with_unit
from dashboard.languages import _
from dashboard.one_map.asked_words import filter_words
from dashboard.one_map.canvas import Painted, class_words
from dashboard.one_map.colouring import Found
from dashboard.one_map.rail import basis_name, level_name
from dashboard.questions import Asked
from data.atlas import atlas_on, tree
from data.base_map import features
from data.figures import CATALOGUE
from data.levels import PARENTS
from data.store import Store
from layers.codec import NO_DATA, OUTSIDE, TOO_FEW
from layers.print_map import LegendLine, MapSheet

MOST_BASE = 4_000  # features of the base map worth drawing on paper


def sheet_of(store: Store, p: Painted, place: str = "") -> MapSheet:
    """What the screen shows, as a sheet. place: whose name stands in the title (default: the district)."""
    definition = CATALOGUE[p.asked.figure]
    name = name_of(definition.zh, definition.en)
    return MapSheet(
        title=" ".join((place or store.deployment.name, level_name(p.asked.level), name)),
        subtitle=" · ".join([text_of(p.asked.period), *filter_words(p.asked)]),
        legend_title=f"{name} ({unit_word(definition.unit)})",
        legend_note=_reference(p),
        legend=tuple(_legend(p)),
        foot=tuple(_foot(store, p)),
        colours=tuple(p.colours["light"]),
        bounds=p.shapes.around(p.places.codes, p.places.n),
        none=_("这一层级没有边界"),
        **ground(store),
        **places_on(store, p.asked, p.places.codes, p.found, within=p.within),
    )


def ground(store: Store) -> dict[str, Any]:
    """What any sheet of the district has: where it lies, the base map, words of the scale."""
    base = features(store, ("park", "water", "road")).filter(pc.field("rank") <= 3).slice(0, MOST_BASE)
    return {"crs": store.deployment.crs, "base": base, "scale_words": (_("米"), _("公里"))}


def places_on(store: Store, asked: Asked, codes: Sequence[str], found: Found, *, within: str | None) -> dict[str, Any]:
    """The places of a level on a sheet, each in the class found for its code, and the outlines of those above them."""
    atlas = atlas_on(store, asked.period.last_day(store.zone))
    table = tree(store, atlas.atlas_id).select(["level", "code", "name", "geometry"])
    own = table.filter(pc.equal(table["level"], asked.level))
    number = {code: i for i, code in enumerate(codes)}
    at = [number.get(code, -1) for code in own["code"].to_pylist()]
    elsewhere = OUTSIDE if within else NO_DATA
    above = next((one for one in PARENTS[asked.level] if one in set(table["level"].to_pylist())), "")
    upper = table.filter(pc.equal(table["level"], above))["geometry"].to_pylist() if not within else []
    return {
        "names": tuple(own["name"].to_pylist()),
        "shapes": tuple(own["geometry"].to_pylist()),
        "found": np.array([found[i] if i >= 0 else elsewhere for i in at], np.uint8),
        "upper": tuple(upper),
    }


def _reference(p: Painted) -> str:
    if p.classes.below is None or p.district is None:
        return ""
    return _("以全区 {value} 为界").format(value=with_unit(p.district, CATALOGUE[p.asked.figure].unit))


def _legend(p: Painted) -> list[LegendLine]:
    """As the screen's legend: the classes with their real breaks and how many places each holds."""
    words = class_words(p.classes, CATALOGUE[p.asked.figure].unit)
    held = np.bincount(p.found, minlength=256).tolist()
    lines = [LegendLine(words[i], count(held[i]), p.colours["light"][i]) for i in reversed(range(p.classes.n))]
    if held[TOO_FEW]:
        lines.append(LegendLine(_("样本不足"), count(held[TOO_FEW]), few=True))
    if held[NO_DATA]:
        lines.append(LegendLine(_("无数据"), count(held[NO_DATA])))
    return lines


def _foot(store: Store, p: Painted) -> list[str]:
    """Where it comes from, what it rests on, what is not on it, when it was made."""
    off = float(p.places.nowhere.n.sum()) if p.places.nowhere else 0.0
    rests = float(p.places.cases.sum())
    return [
        _("来源：{name} 经纬网格治理平台").format(name=store.deployment.name),
        _("统计口径：{basis}").format(basis=basis_name(p.asked.basis or "state")),
        f"n = {count(rests)}",
        *([_("不在图上：{n} 件").format(n=count(off))] if off else []),
        _("截至 {time}").format(time=moment(p.asked.as_of, store.zone)),
    ]
