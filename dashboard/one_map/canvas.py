"""The map: which places in which colour, the legend that says so, and what is not on it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import dash_leaflet as dl
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard import boxes, formats, messages
from dashboard import choice as choices
from dashboard.desk import Desk, off_loop
from dashboard.formats import count, name_of, with_unit
from dashboard.languages import _
from dashboard.live.channels import digest
from dashboard.one_map import caselegend, things, tools, zoom_levels
from dashboard.one_map.colouring import Found, coloured
from dashboard.one_map.rail import CHOSEN, ON_MAP, basis_name
from dashboard.one_map.values import NOWHERE, Values, believed_values, values
from dashboard.questions import Asked, resolve
from data.atlas import atlas_on
from data.figures import CATALOGUE
from data.store import Store
from layers import worker
from layers.base_map import base_map
from layers.boundaries import Boundaries
from layers.classes import Classes
from layers.codec import NO_DATA, OUTSIDE, TOO_FEW
from layers.registry import layer_of

MAP, VALUES, LEGEND, NOTE, PERIOD_TEXT = "map", "values", "legend", "map-note", "period-text"


@dataclass(frozen=True)
class Painted:
    """A map's answer: what the browser paints, and what the legend and the note say."""

    asked: Asked
    places: Values
    district: float | None  # the figure of the whole
    shapes: Boundaries
    classes: Classes
    found: Found  # class of each place, or TOO_FEW, NO_DATA
    colours: dict[str, list[str]]
    base: str  # address of the base map
    layers: dict[str, dict[str, Any]]  # of dashboard/one_map/things.py
    steps: list[
        tuple[str, float]
    ]  # levels the map's zoom chooses from, and the side of a mean place, as a share of the world
    within: str | None = None  # only the places inside this one are coloured


def layout(desk: Desk | None) -> html.Div:
    """The map with its controls; what it shows comes through the store of values."""
    tiles = desk.settings.tiles if desk else ""
    attribution = desk.settings.tiles_attribution if desk else ""
    layers: list[Any] = [dl.ScaleControl(imperial=False, maxWidth=160)]
    if tiles:
        layers.append(dl.TileLayer(url=tiles, attribution=attribution))
    return html.Div(
        [
            dcc.Store(id=VALUES),
            dl.Map(
                layers,
                id=MAP,
                center=[30, 114],
                zoom=10,
                zoomControl=False,
                attributionControl=bool(tiles and attribution),
                zoomSnap=0.25,
                className="map",
            ),
            html.Div([*caselegend.layout(), *boxes.live_box(LEGEND, "legend")], className="legends"),
            *boxes.live_box(NOTE, "map-note"),
        ],
        className="canvas",
    )


def painted(store: Store, choice: choices.Choice, now: datetime | None = None) -> Painted:
    """Everything the map shows for a choice."""
    return painted_of(store, resolve(store, choice, now))


def painted_of(store: Store, asked: Asked, within: str | None = None) -> Painted:
    """The same for a choice with everything filled in; `within`: of the places inside one place alone."""
    places, whole = values(store, asked, within=within), values(store, asked, level="district")
    district = whole.of(whole.codes[0]) if whole.codes else None
    places = believed_values(store, asked, places, district, within)
    atlas = atlas_on(store, asked.period.last_day(store.zone))
    layer = layer_of(asked.level)
    if layer is None or layer.polygons is None:
        raise LookupError(asked.level)
    shapes = layer.polygons(store, atlas.atlas_id, atlas.digest, asked.level)
    classes, found, colours = coloured(places, district, asked)
    steps = zoom_levels.steps(store, atlas)
    base = base_map(store).address
    layers = things.addresses(store, atlas)
    return Painted(asked, places, district, shapes, classes, found, colours, base, layers, steps, within)


def browser_data(p: Painted) -> dict[str, Any]:
    """What the map's script needs: addresses of the polygons and their names, three numbers a polygon in their order (class,
    value, n: base64 of bytes, float32, uint32), colours of both themes, words. mark: names what the numbers say."""
    definition = CATALOGUE[p.asked.figure]
    base = f"/layers/cells/{p.asked.level}/{p.shapes.digest}"
    codes = p.places.codes
    found = text_of(p.shapes.column(codes, p.found, OUTSIDE if p.within else NO_DATA, "u1"))
    numbers = text_of(p.shapes.column(codes, p.places.value, np.nan, "<f4"))
    counts = text_of(p.shapes.column(codes, p.places.cases, 0, "<u4"))
    return {
        "mark": digest(f"{base} {found} {numbers} {counts} {p.classes.breaks} {p.colours}"),
        "address": f"{base}/cells.bin" if p.shapes.n else "",
        "names": f"{base}/names.json" if p.shapes.n else "",
        "worker": worker.address(),
        "base": p.base,
        "layers": p.layers,
        "level": p.asked.level,
        "steps": p.steps,
        "bounds": p.shapes.around(codes, p.places.n),
        "values": found,
        "numbers": numbers,
        "counts": counts,
        "figure": {
            "name": name_of(definition.zh, definition.en),
            "unit": definition.unit,
            "word": formats.unit_word(definition.unit),
        },
        "colours": p.colours,
        "tools": tools.browser_words(),
        "texts": {
            "none": formats.no_data(),
            "few": _("（样本不足）") if p.places.unsure is None else _("（样本不足，或与全区难分）"),
            "home": _("看全图"),
            "in": _("放大"),
            "out": _("缩小"),
            "keys": _("地图：方向键移到相邻区域，回车打开，加减号缩放"),
            "fallback": _("这个浏览器缺少 Worker 或 OffscreenCanvas，地图在页面中绘制，会慢一些"),
            "failed": _("地图边界没有取到，请重新载入页面"),
            "far": _("放大后显示："),
        },
    }


def text_of(content: bytes) -> str:
    """Bytes as JSON carries them."""
    return b64encode(content).decode()


def legend(p: Painted) -> list[Any]:
    """The classes with their real breaks, how many places each holds, and what the colours turn around."""
    definition = CATALOGUE[p.asked.figure]
    title = name_of(definition.zh, definition.en)
    unit = formats.unit_word(definition.unit)
    words = class_words(p.classes, definition.unit)
    held = np.bincount(p.found, minlength=256).tolist()
    lines = [
        _line(words[i], held[i], {"--light": p.colours["light"][i], "--dark": p.colours["dark"][i]})
        for i in reversed(range(p.classes.n))
    ]
    few = _("样本不足") if p.places.unsure is None else _("样本不足，或与全区难分")
    for value, words_of_it in ((TOO_FEW, few), (NO_DATA, _("无数据"))):
        if held[value]:
            lines.append(_line(words_of_it, held[value], None, few=value == TOO_FEW))
    reference = []
    if p.classes.below is not None and p.district is not None:
        whole = with_unit(p.district, definition.unit)
        reference = [html.Div(_("以全区 {value} 为界").format(value=whole), className="quiet hint")]
    if p.places.score is not None:
        reference.append(html.Div(_("按收缩值着色"), className="quiet hint"))
    head = html.Div([html.Strong(title), html.Span(unit, className="quiet")], className="legend-title")
    return [head, *reference, html.Div(lines, className="legend-lines")]


def class_words(classes: Classes, unit: str) -> list[str]:
    """What each class holds. Counts are whole: '0', '1 – 45'; others share their border: '67.3 – 74.3'."""
    words = []
    for i, (low, high) in enumerate(pairwise(classes.breaks)):
        top = high - 1 if unit == "cases" and i < classes.n - 1 else high
        words.append(formats.number(low, unit) + (f" – {formats.number(top, unit)}" if top > low else ""))
    return words


def _line(text: str, n: int, colours: dict[str, str] | None, *, few: bool = False) -> html.Div:
    hatched = "swatch is-hatched is-few" if few else "swatch is-hatched"
    swatch = html.Span(className="swatch" if colours else hatched, style=colours or {})
    return html.Div([swatch, html.Span(text), html.Span(count(n), className="quiet legend-n")], className="legend-line")


def note(p: Painted) -> list[Any]:
    """What is not on the map, and why there may be no map at all."""
    lines: list[Any] = []
    if p.shapes.n == 0:
        lines.append(messages.empty(_("这一层级没有边界"), _("导入边界后显示地图；表格不受影响。")))
    off = p.places.nowhere.n.sum() if p.places.nowhere else 0
    if off:
        opens = {"data-place": NOWHERE, "data-figure": "reported", "data-part": "numerator", "type": "button"}
        lines.append(html.Button(_("不在图上：{n} 件").format(n=count(off)), className="off-map link", **opens))
    return lines


def period_words(p: Painted) -> list[Any]:
    """The days and the basis in use."""
    basis = [html.Div(_("口径：{basis}").format(basis=basis_name(p.asked.basis)))] if p.asked.basis else []
    return [html.Div(choices.text_of(p.asked.period)), *basis]


def register(app: Dash, desk: Desk) -> None:
    """chosen → values, legend and note; values → the browser's map; once it is painted → on map."""

    @app.callback(
        Output(VALUES, "data"),
        boxes.filled(LEGEND),
        boxes.filled(NOTE),
        boxes.filled(PERIOD_TEXT),
        Input(CHOSEN, "data"),
        prevent_initial_call=True,
    )
    async def show(chosen: dict[str, Any]) -> tuple[Any, ...]:
        p = await off_loop(painted, desk.store, choices.of_values(chosen))
        return browser_data(p), legend(p), note(p), period_words(p)

    boxes.register(app, LEGEND, NOTE, PERIOD_TEXT)

    app.clientside_callback(
        ClientsideFunction("map", "paint"), Input(VALUES, "modified_timestamp"), State(VALUES, "data")
    )
    app.clientside_callback(ClientsideFunction("map", "shown"), Output(ON_MAP, "data"), Input(CHOSEN, "data"))
    app.clientside_callback(
        ClientsideFunction("live", "choice"),
        Input(CHOSEN, "modified_timestamp"),
        Input(VALUES, "modified_timestamp"),
        State(CHOSEN, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("map", "beside"), Input(CHOSEN, "modified_timestamp"), State(CHOSEN, "data")
    )
    app.clientside_callback(
        ClientsideFunction("map", "select"), Input("picked", "data"), Input(VALUES, "modified_timestamp")
    )
