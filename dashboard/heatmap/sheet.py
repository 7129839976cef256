"""The heatmap as a sheet of paper: the map of the address with title, legend, date, source and n."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from dashboard.bulletin.maps import ground, places_on
from dashboard.formats import count, moment
from dashboard.heatmap import density
from dashboard.heatmap.choice import Choice
from dashboard.heatmap.drawn import Drawn, Line, subtitle
from dashboard.heatmap.screen import map_of, parts, read, tree_of, two
from dashboard.languages import _
from dashboard.one_map.canvas import class_words
from dashboard.one_map.rail import level_name
from dashboard.questions import Asked
from data.atlas import atlas_on, tree
from layers.print_map import LegendLine, MapSheet
from layers.print_multiples import SmallMap

if TYPE_CHECKING:
    from data.store import Store

PAPER_WIDTH = 400  # metres of a hexagon where the address names none


@dataclass(frozen=True)
class Printed:
    """What is printed: a map, perhaps a second one, or little ones in the sheet's place."""

    sheet: MapSheet
    second: MapSheet | None = None
    cells: tuple[SmallMap, ...] = ()


def printed_of(store: Store, query: str) -> Printed:
    """The paper of an address. Raises QuestionError, NotFound."""
    choice, asked = read(store, query)
    if choice.lens == "hexagons":
        return Printed(_hexagons(store, asked, choice))
    place = place_name(store, asked, choice.within)
    if choice.view in ("months", "tracks") and choice.lens == "places":
        made = parts(store, choice, asked)
        cells = tuple(
            SmallMap(name, f"n = {count(float(np.nansum(one.n)))}", _places(store, one, place).found)
            for name, one in made
        )
        return Printed(_places(store, made[-1][1], place), cells=cells)
    if choice.view in ("beside", "swipe"):
        first, second = (_places(store, one, place) for one in two(store, choice, asked))
        return Printed(first, second)
    return Printed(_places(store, map_of(store, choice, asked), place))


def place_name(store: Store, asked: Asked, within: str) -> str:
    """Whose map it is."""
    if not within:
        return store.deployment.name
    places = tree_of(store, asked)
    return str(places.name[places.row_of[places.find(within, asked.level)[0]]])


def _places(store: Store, d: Drawn, place: str) -> MapSheet:
    return MapSheet(
        title=" ".join((place, level_name(d.asked.level), d.name)),
        subtitle=subtitle(d.asked, d.days),
        legend_title=f"{d.name} ({d.word})" if d.word else d.name,
        legend_note=d.note,
        legend=tuple(_line(one) for one in d.lines),
        foot=_foot(store, d.asked, d.about),
        colours=tuple(d.colours["light"]),
        bounds=None if d.within else d.shapes.around(d.codes, np.maximum(np.nan_to_num(d.n), 1e-9)),
        none=_("这一层级没有边界"),
        **ground(store),
        **places_on(store, d.asked, d.codes, d.found, within=d.within),
    )


def _hexagons(store: Store, asked: Asked, choice: Choice) -> MapSheet:
    found, classes = density.counted(store, asked, choice.hexagon or PAPER_WIDTH)
    corners = found.corners(store.deployment.crs)
    colours, words = density.colours_of(classes), class_words(classes, "cases")
    number = classes.of(found.n.astype(np.float64)).astype(np.uint8)
    held = np.bincount(number, minlength=classes.n).tolist()
    atlas = atlas_on(store, asked.period.last_day(store.zone))
    table = tree(store, atlas.atlas_id).select(["level", "code", "geometry"])
    shapes = shapely.polygons(corners) if len(corners) else np.zeros(0, object)
    return MapSheet(
        title=f"{place_name(store, asked, choice.within)} {_('案件密度')}",
        subtitle=subtitle(asked),
        legend_title=_("每个六边形的案件数"),
        legend_note=_("宽 {n} 米").format(n=found.width),
        legend=tuple(LegendLine(words[i], count(held[i]), colours["light"][i]) for i in reversed(range(classes.n))),
        foot=_foot(store, asked, (f"n = {count(float(found.n.sum()))}",)),
        names=("",) * len(corners),
        shapes=tuple(shapely.to_wkb(shapes).tolist()),
        found=number,
        colours=tuple(colours["light"]),
        upper=tuple(table.filter(pc.equal(table["level"], "street"))["geometry"].to_pylist()),
        bounds=bounds_of(table.filter(pc.equal(table["code"], choice.within))) if choice.within else None,
        none=_("这段时间没有带坐标的案件"),
        **ground(store),
    )


def bounds_of(rows: pa.Table) -> tuple[float, float, float, float] | None:
    """West, south, east and north of some places; None where none has a shape."""
    west, south, east, north = shapely.total_bounds(shapely.from_wkb(rows["geometry"].to_numpy(zero_copy_only=False)))
    return None if np.isnan(west) else (float(west), float(south), float(east), float(north))


def _line(one: Line) -> LegendLine:
    return LegendLine(one.text, count(one.n), one.light or None, few=one.hatch == "few")


def _foot(store: Store, asked: Asked, about: tuple[str, ...]) -> tuple[str, ...]:
    """Source, what it rests on, when it was made."""
    source = _("来源：{name} 经纬网格治理平台").format(name=store.deployment.name)
    return source, *about, _("截至 {time}").format(time=moment(asked.as_of, store.zone))
