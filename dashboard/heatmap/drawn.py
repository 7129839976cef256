"""One map of the heatmap with all its words, whatever is shown on it: what the browser paints and what goes onto paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dashboard import formats
from dashboard.choice import text_of
from dashboard.formats import count, name_of, with_unit
from dashboard.heatmap.choice import Choice
from dashboard.heatmap.compared import Compared, compared
from dashboard.languages import _, marked
from dashboard.one_map.asked_words import filter_words
from dashboard.one_map.canvas import class_words
from dashboard.one_map.canvas import text_of as packed
from dashboard.one_map.colouring import AROUND_DISTRICT, WORSE_WHEN_HIGH, colours_of
from dashboard.one_map.rail import basis_name, level_name
from dashboard.questions import Asked
from data.atlas import atlas_on
from data.directions import GOOD_WHEN_LOW, NEITHER
from data.figures import CATALOGUE
from layers import palettes, worker
from layers.base_map import base_map
from layers.boundaries import Boundaries
from layers.classes import Classes, Values, make
from layers.codec import NO_DATA, OUTSIDE, TOO_FEW
from layers.registry import layer_of

if TYPE_CHECKING:
    from data.store import Store

AGAINST_NAMES = {
    "none": marked("不对比"), "before": marked("环比（上一期）"), "year": marked("同比（上年同期）"),
    "target": marked("对目标"), "peers": marked("对同类"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A class in the legend. hatch: "", "none" (no data) or "few"."""

    text: str
    n: int
    light: str = ""
    dark: str = ""
    hatch: str = ""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A map: places by code with class, value and n; the legend's lines, the highest class first."""

    asked: Asked
    shapes: Boundaries
    codes: list[str]
    found: npt.NDArray[np.uint8]
    value: Values
    n: Values
    colours: dict[str, list[str]]
    lines: tuple[Line, ...]
    name: str
    unit: str
    word: str
    signed: bool = False
    note: str = ""
    about: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # of each class, where a class is more than a range
    days: str = ""  # where they are not the choice's
    within: str = ""


def drawn(store: Store, choice: Choice, asked: Asked, classes: Classes | None = None) -> Drawn:
    """The figure of a choice, or its difference. classes: those of several maps together. Raises QuestionError, NotFound."""
    found = compared(store, choice, asked)
    classes = classes or classes_of(choice, found, asked)
    return painted_as(store, choice, asked, found, classes)


def classes_of(choice: Choice, found: Compared, asked: Asked) -> Classes:
    """The classes: around zero of differences, around the district's value of shares, or as somebody said."""
    definition, n = CATALOGUE[asked.figure], asked.choice.classes
    digits = 3 if definition.unit == "share" else 0 if definition.type == "count" else 1
    method = "natural" if choice.method == "natural" else "quantile"
    if choice.method == "fixed" and (said := breaks_of(choice, asked.figure, found)):
        return fixed(found.shown, said, 0.0 if found.differs else None)
    if found.differs:
        return around_zero(found.shown, n, method, digits)
    around = found.whole if definition.type in AROUND_DISTRICT else None
    return make(found.shown, n, method=method, target=around, digits=digits)


def breaks_of(choice: Choice, figure: str, found: Compared) -> tuple[float, ...]:
    """The breaks somebody wrote, in the figure's own unit; else steps up to its target, or from it where less is better; else none."""
    share = CATALOGUE[figure].unit == "share"
    if choice.breaks:
        return tuple(one / 100 if share else one for one in choice.breaks)
    if found.differs or not found.target:
        return ()
    if figure in GOOD_WHEN_LOW:
        return tuple(round(found.target * times, 6) for times in (0.5, 1, 1.5, 2))
    step = 0.05 if share else found.target * 0.05
    return tuple(round(found.target - step * back, 6) for back in (3, 2, 1, 0))


def fixed(values: Values, breaks: tuple[float, ...], around: float | None = None) -> Classes:
    """Classes between said breaks, with the lowest and the highest value at the ends."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Classes(())
    low, high = min(float(known.min()), breaks[0]), max(float(known.max()), breaks[-1])
    inner = sorted({*breaks, *([around] if around is not None and low < around < high else [])})
    held = tuple(dict.fromkeys((low, *inner, high)))
    below = sum(1 for one in held[:-1] if one < around) if around is not None else None
    return Classes(held if len(held) > 1 else (low, high), below)


def around_zero(values: Values, n: int, method: str, digits: int) -> Classes:
    """Classes of differences: those below zero and those above never share one."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Classes(())
    if known.min() < 0 < known.max():
        found = make(values, n, method=method, target=0.0, digits=digits)
        if found.below is not None:
            return found
    plain = make(values, max(2, n // 2 + 1), method=method, digits=digits)
    return replace(plain, below=0 if float(known.sum()) >= 0 else plain.n)


def painted_as(store: Store, choice: Choice, asked: Asked, found: Compared, classes: Classes) -> Drawn:
    """The map of some values in some classes."""
    definition = CATALOGUE[asked.figure]
    number = classes.of(found.shown).astype(np.int64)
    hatched = np.where(np.isnan(found.value), NO_DATA, TOO_FEW)
    painted = np.where(number >= 0, number, hatched)
    if found.places.unsure is not None and not found.differs:
        painted = np.where((number >= 0) & found.places.unsure, TOO_FEW, painted)
    colours = tones(classes, asked.figure, differs=found.differs)
    words = range_words(classes, definition.unit, signed=found.differs)
    unit = _("百分点") if found.differs and definition.unit == "share" else formats.unit_word(definition.unit)
    name = name_of(definition.zh, definition.en)
    if found.differs:
        name = _("{name} · {against}").format(name=name, against=_(AGAINST_NAMES[choice.against]))
    return Drawn(
        asked, shapes_of(store, asked), found.places.codes, painted.astype(np.uint8), found.value, found.n, colours,
        tuple(legend(words, painted, colours)), name, definition.unit, unit, found.differs, note_of(choice, asked, found, classes),
        about(choice, asked, found), within=choice.within,
    )  # fmt: skip


def tones(classes: Classes, figure: str, *, differs: bool) -> dict[str, list[str]]:
    """Colours of both themes. Of differences of amounts that are neither good nor bad, more is the warm side."""
    if not differs:
        return colours_of(classes, figure)
    warm = figure in WORSE_WHEN_HIGH or figure in GOOD_WHEN_LOW or figure in NEITHER
    below, above = classes.below or 0, classes.n - (classes.below or 0)
    if warm:
        return {theme: palettes.around(theme, above, below)[::-1] for theme in ("light", "dark")}
    return {theme: palettes.around(theme, below, above) for theme in ("light", "dark")}


def range_words(classes: Classes, unit: str, *, signed: bool) -> list[str]:
    """What each class holds; differences with their sign."""
    if not signed:
        return class_words(classes, unit)
    said = [formats.number(one, unit) for one in classes.breaks]
    said = [f"+{one}" if float(one.replace(",", "")) > 0 else one.replace("-", "−") for one in said]
    return [f"{low} – {high}" if low != high else low for low, high in pairwise(said)]


def legend(words: list[str], painted: npt.NDArray[np.int64], colours: dict[str, list[str]]) -> list[Line]:
    """The classes, the highest first, and what is hatched, each with how many places it holds."""
    held = np.bincount(painted, minlength=256).tolist()
    lines = [Line(words[i], held[i], colours["light"][i], colours["dark"][i]) for i in reversed(range(len(words)))]
    lines += [Line(_("样本不足"), held[TOO_FEW], hatch="few")] if held[TOO_FEW] else []
    return lines + ([Line(_("无数据"), held[NO_DATA], hatch="none")] if held[NO_DATA] else [])


def note_of(choice: Choice, asked: Asked, found: Compared, classes: Classes) -> str:
    """What the colours turn around."""
    definition = CATALOGUE[asked.figure]
    if choice.against == "target":
        return target_words(choice, asked.figure, found)
    if choice.method == "fixed" and not choice.breaks and not found.differs:
        return target_words(choice, asked.figure, found) if found.target else _("这个指标没有设目标，按分位数分级")
    if not found.differs and classes.below is not None and found.whole is not None:
        return _("以全区 {value} 为界").format(value=with_unit(found.whole, definition.unit))
    return _("按收缩值着色") if found.places.score is not None and not found.differs else ""


def target_words(choice: Choice, figure: str, found: Compared) -> str:
    """The target, and whose it is."""
    sign = "≤" if figure in GOOD_WHEN_LOW else "≥"
    value = with_unit(found.target, CATALOGUE[figure].unit)
    whose = _("本区设定") if choice.target is None else _("页面上填写")
    return _("目标 {sign} {value}（{whose}）").format(sign=sign, value=value, whose=whose)


def about(choice: Choice, asked: Asked, found: Compared) -> tuple[str, ...]:
    """What the map rests on, in words."""
    off = float(found.places.nowhere.n.sum()) if found.places.nowhere else 0.0
    said = [f"n = {count(float(np.nansum(found.n)))}"]
    said += [_("不在图上：{n} 件").format(n=count(off))] if off and not choice.within else []
    if found.places.denominator is not None:
        said.append(_("少于 {n} 件的以斜线表示").format(n=count(float(found.places.fewest))))
    return (_("口径：{basis}").format(basis=basis_name(asked.basis or "state")), *said)


def shapes_of(store: Store, asked: Asked) -> Boundaries:
    """The polygons of the level."""
    atlas = atlas_on(store, asked.period.last_day(store.zone))
    layer = layer_of(asked.level)
    if layer is None or layer.polygons is None:
        raise LookupError(asked.level)
    return layer.polygons(store, atlas.atlas_id, atlas.digest, asked.level)


def subtitle(asked: Asked, days: str = "") -> str:
    """Days and filters."""
    return " · ".join([days or text_of(asked.period), *filter_words(asked)])


def told(store: Store, d: Drawn) -> dict[str, Any]:
    """What the browser's map needs: three numbers a polygon in their order, and the words."""
    shapes, address = d.shapes, f"/layers/cells/{d.asked.level}/{d.shapes.digest}"
    inside = [code for code in d.codes if code in shapes.number] if d.within else []
    boxes = shapes.boxes[[shapes.number[code] for code in inside]] if inside else None
    bounds = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()] if boxes is not None else None
    return {
        "address": f"{address}/cells.bin" if shapes.n else "",
        "names": f"{address}/names.json" if shapes.n else "",
        "worker": worker.address(),
        "base": base_map(store).address,
        "n": shapes.n,
        "level": d.asked.level,
        "level_name": level_name(d.asked.level),
        "bounds": bounds or shapes.around(d.codes, np.maximum(np.nan_to_num(d.n), 1e-9)),
        "values": packed(shapes.column(d.codes, d.found, OUTSIDE if d.within else NO_DATA, "u1")),
        "numbers": packed(shapes.column(d.codes, d.value, np.nan, "<f4")),
        "counts": packed(shapes.column(d.codes, np.nan_to_num(d.n), 0, "<u4")),
        "colours": d.colours,
        "figure": {"name": d.name, "unit": d.unit, "word": d.word, "signed": d.signed, "id": d.asked.figure},
        "title": d.name,
        "subtitle": subtitle(d.asked, d.days),
        "legend": [vars(line) for line in d.lines],
        "note": d.note,
        "about": list(d.about),
        "words": list(d.words),
        "kinds": bool(d.days),
    }
