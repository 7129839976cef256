"""The map on paper: the places of a level in the colours of the screen, with everything that makes a map a document.

Classes, colours and borders are those of the screen (`classes.py`, `palettes.py`, `boundaries.py`); what is here is their place on a
sheet: title, legend with the real breaks, scale, date, source and n. Lengths are true: the map is laid out in the deployment's
metric projection. A sheet is plain values, so that it can be drawn in another process; nothing here asks the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from layers.boundaries import areas
from layers.codec import NO_DATA, OUTSIDE, TOO_FEW
from layers.paper import POINT, Drawing, fitted, lines_of, width_of

INK, QUIET, FRAME, GROUND, EDGE = "#17202B", "#55606E", "#C9CFD7", "#F7F8FA", "#FFFFFF"
HATCH_GROUND, HATCH_LINE, UPPER = "#F4F5F7", "#A9B3BF", "#3F4B59"
BASE = {"park": "#E3ECDF", "water": "#CFE0EE", "river": "#B9D3E8", "road": "#FFFFFF", "rail": "#9AA5B1"}
LEGEND, PAD, SWATCH = 44.0, 4.0, 4.2
HATCH_STEP = 1.5
FINE = 0.04  # millimetres: what a border may be off
NAMED_AT_MOST = 160  # places whose names are written, where they find room
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class LegendLine:
    """A class in the legend: its colour (None: hatched; few: the other way round), what it holds, how many places."""

    text: str
    n: str
    colour: str | None = None
    few: bool = False


@dataclass(frozen=True)
class MapSheet:
    """A map with all its words. shapes: WKB in EPSG:4326 in the order of `found`, each place's class as on the screen.

    upper: borders of the level above; base: features of the base map; bounds: west, south, east, north in degrees.
    """

    title: str
    subtitle: str
    legend_title: str
    legend_note: str
    legend: tuple[LegendLine, ...]
    foot: tuple[str, ...]  # source, n, what is not on the map, when it was made
    scale_words: tuple[str, str]  # "米", "公里"
    names: tuple[str, ...]
    shapes: tuple[bytes | None, ...]
    found: npt.NDArray[np.uint8]
    colours: tuple[str, ...]
    crs: str
    upper: tuple[bytes | None, ...] = ()
    base: pa.Table | None = None
    bounds: tuple[float, float, float, float] | None = None
    none: str = ""  # what stands in an empty map


@dataclass(frozen=True)
class View:
    """How a piece of the world lies in the map's frame. millimetres: how many a metre is."""

    crs: str
    x: float
    y: float
    width: float
    height: float
    west: float
    north: float
    millimetres: float

    @property
    def frame(self) -> Any:
        """The map's frame."""
        return shapely.box(self.x, self.y, self.x + self.width, self.y + self.height)

    def laid(self, shapes: Any) -> Any:
        """Geometries in degrees as they lie on the sheet, simplified to what can be seen."""
        metric = shapely.transform(shapes, _metric(self.crs))

        def put(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            return np.column_stack(
                [
                    self.x + (points[:, 0] - self.west) * self.millimetres,
                    self.y + (self.north - points[:, 1]) * self.millimetres,
                ]
            )

        return shapely.simplify(shapely.transform(metric, put), FINE)


def drawn(sheet: MapSheet, width: float = 180, height: float = 130) -> Drawing:
    """The sheet at a size in millimetres."""
    drawing = Drawing(width, height)
    drawing.box(0, 0, width, height, "#FFFFFF")
    top = head(drawing, sheet)
    below = foot(drawing, sheet)
    frame = (0.2, top, width - LEGEND - PAD, height - below - top)
    shapes = areas(shapely.from_wkb(np.array(sheet.shapes, object)))
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (sheet.found != OUTSIDE)
    drawing.box(*frame, GROUND)
    if there.any():
        view = view_of(sheet, shapes[there], frame)
        _map(drawing, sheet, view, shapes, there)
        _scale(drawing, sheet, view)
    else:
        drawing.words(frame[0] + frame[2] / 2, top + frame[3] / 2, sheet.none, 10, colour=QUIET, align="middle")
    drawing.box(*frame, line=FRAME, stroke=0.2)
    legend(drawing, sheet, width - LEGEND, top, frame[3])
    return drawing


def view_of(sheet: MapSheet, shapes: Any, frame: tuple[float, float, float, float]) -> View:
    """The whole of the shapes (or of the sheet's bounds) in a frame, with a margin of 3 millimetres."""
    x, y, width, height = frame
    seen = np.array([shapely.box(*sheet.bounds)]) if sheet.bounds else shapes
    west, south, east, north = shapely.total_bounds(
        shapely.transform(shapely.segmentize(seen, 0.01), _metric(sheet.crs))
    )
    scale = min((width - 6) / max(east - west, 1), (height - 6) / max(north - south, 1))
    left, up = ((width / scale) - (east - west)) / 2, ((height / scale) - (north - south)) / 2
    return View(sheet.crs, x, y, width, height, west - left, north + up, scale)


@lru_cache(maxsize=2)  # one takes 45 ms to make
def _metric(crs: str) -> Any:
    transformer = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def project(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    return project


def _map(drawing: Drawing, sheet: MapSheet, view: View, shapes: Any, there: npt.NDArray[np.bool_]) -> None:
    """Under everything parks and water, then the places, their borders, roads, the borders above, names."""
    _ground(drawing, sheet, view)
    kept = np.flatnonzero(there)
    laid = shapely.intersection(view.laid(shapes[kept]), view.frame)
    found = sheet.found[kept]
    edge = _edge(laid)
    for shape, number in zip(laid, found.tolist(), strict=True):
        colour = HATCH_GROUND if number in (NO_DATA, TOO_FEW) else sheet.colours[number]
        drawing.shape(shape, fill=colour, line=EDGE if edge else colour, width=edge or 0.05)
    for value, slope in ((NO_DATA, 1), (TOO_FEW, -1)):
        _hatch(drawing, laid[found == value], slope, edge)
    _roads(drawing, sheet, view)
    upper = shapely.from_wkb(np.array([one for one in sheet.upper if one is not None], object))
    if len(upper):
        drawing.strokes(_inside(shapely.boundary(view.laid(upper)), view), UPPER, 0.28)
    if len(kept) <= NAMED_AT_MOST:
        _names(drawing, [sheet.names[i] for i in kept], laid)


def _edge(laid: Any) -> float:
    """How wide borders are: none where the places are smaller than a few millimetres, they would wash the colours out."""
    side = float(np.sqrt(np.median(shapely.area(laid)))) if len(laid) else 0.0
    return 0.0 if side < 1.2 else 0.12 if side < 6 else 0.22


def _hatch(drawing: Drawing, shapes: Any, slope: int, edge: float) -> None:
    """Lines over the places without a value, from one border to the other."""
    if not len(shapes):
        return
    together = shapely.union_all(shapes)
    west, south, east, north = together.bounds
    tall = north - south
    starts = np.arange(np.floor((west - tall) / HATCH_STEP) * HATCH_STEP, east + tall, HATCH_STEP)
    ends = ((0, tall), (tall, 0)) if slope > 0 else ((0, 0), (tall, tall))
    lines = [[(start + a, south + b) for a, b in ends] for start in starts]
    drawing.strokes(_parts(shapely.intersection(shapely.MultiLineString(lines), together)), HATCH_LINE, 0.14)
    drawing.strokes(_parts(shapely.boundary(shapes)), HATCH_LINE, max(edge, 0.1))


def _ground(drawing: Drawing, sheet: MapSheet, view: View) -> None:
    for theme in ("park", "water"):
        for shape, _kind in _features(sheet, view, theme, rank=3):
            drawing.shape(shape, fill=BASE[theme])
            drawing.strokes(shape, BASE["river"], 0.4)


def _roads(drawing: Drawing, sheet: MapSheet, view: View) -> None:
    """What helps to find one's way, over the colours: water, arterial roads."""
    for shape, _kind in _features(sheet, view, "water", rank=1):
        drawing.shape(shape, fill=BASE["river"])
        drawing.strokes(shape, BASE["river"], 0.5)
    for shape, kind in _features(sheet, view, "road", rank=1):
        drawing.strokes(shape, BASE["road"], 0.4 if kind == "arterial" else 0.25)


def _features(sheet: MapSheet, view: View, theme: str, *, rank: int) -> list[tuple[Any, str]]:
    """The features of a theme up to a rank, as they lie in the frame, with their kinds."""
    if sheet.base is None or not sheet.base.num_rows:
        return []
    theme_of, rank_of = sheet.base["theme"].to_pylist(), sheet.base["rank"].to_pylist()
    kept = [i for i in range(len(theme_of)) if theme_of[i] == theme and (rank_of[i] or 0) <= rank]
    if not kept:
        return []
    shapes = shapely.from_wkb(sheet.base["geometry"].take(kept).to_numpy(zero_copy_only=False))
    cut = shapely.intersection(view.laid(shapes), view.frame)
    kinds = sheet.base["kind"].take(kept).to_pylist()
    return [(_parts(shape), kind) for shape, kind in zip(cut, kinds, strict=True) if not shape.is_empty]


def _inside(shapes: Any, view: View) -> Any:
    return _parts(shapely.intersection(shapes, view.frame))


def _parts(shapes: Any) -> Any:
    """Simple parts, whatever they were together."""
    parts = shapely.get_parts(shapes)
    while any(part.geom_type.startswith(("Multi", "GeometryC")) for part in parts):
        parts = shapely.get_parts(parts)
    return parts


def _names(drawing: Drawing, names: list[str], laid: Any) -> None:
    """Each name where its place has room for it, the largest first, none over another."""
    taken: list[tuple[float, float, float, float]] = []
    for i in np.argsort(-shapely.area(laid)).tolist():
        if laid[i].is_empty:
            continue
        point = shapely.point_on_surface(laid[i])
        size = 7.0
        half, tall = width_of(names[i], size) / 2, size * POINT / 2
        west, _south, east, _north = laid[i].bounds
        box = (point.x - half, point.y - tall, point.x + half, point.y + tall)
        apart = all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in taken)
        if apart and 2 * half < (east - west) * 1.05:
            taken.append(box)
            drawing.words(point.x, point.y, names[i], size, colour=INK, align="middle", halo="#FFFFFF")


def head(drawing: Drawing, sheet: MapSheet) -> float:
    """Title and subtitle; where the map begins."""
    drawing.words(0, 3.2, fitted(sheet.title, 13, drawing.width), 13, bold=True, colour=INK)
    drawing.words(0, 9.2, fitted(sheet.subtitle, 9, drawing.width), 9, colour=QUIET)
    return 13.0


def foot(drawing: Drawing, sheet: MapSheet) -> float:
    """Source, n and date, in lines that fit; how much room they take."""
    lines = lines_of(chr(0x3000).join(sheet.foot), 7.5, drawing.width)
    tall = 3.8
    for i, line in enumerate(lines):
        drawing.words(0, drawing.height - (len(lines) - i - 0.5) * tall, line, 7.5, colour=QUIET)
    return len(lines) * tall + 1.5


def legend(drawing: Drawing, sheet: MapSheet, x: float, y: float, _height: float) -> None:
    """The classes with their breaks and how many places each holds, the highest first."""
    at = y + 3
    for line in lines_of(sheet.legend_title, 9, LEGEND):
        drawing.words(x, at, line, 9, bold=True, colour=INK)
        at += 4.6
    for line in lines_of(sheet.legend_note, 7.5, LEGEND) if sheet.legend_note else []:
        drawing.words(x, at, line, 7.5, colour=QUIET)
        at += 4
    at += 1.5
    for one in sheet.legend:
        _swatch(drawing, one, x, at - SWATCH / 2)
        drawing.words(x + SWATCH + 5, at, one.text, 8.5, colour=INK)
        drawing.words(x + LEGEND, at, one.n, 8, colour=QUIET, align="right")
        at += SWATCH + 1.6


def _swatch(drawing: Drawing, one: LegendLine, x: float, y: float) -> None:
    wide = SWATCH + 2.4
    drawing.box(x, y, wide, SWATCH, one.colour or HATCH_GROUND, line=FRAME, stroke=0.12)
    if one.colour is None:
        _hatch(drawing, np.array([shapely.box(x, y, x + wide, y + SWATCH)]), -1 if one.few else 1, 0.12)


def _scale(drawing: Drawing, sheet: MapSheet, view: View) -> None:
    """A bar of a round length near a fifth of the map's width, and where north is."""
    most = view.width / 5 / view.millimetres
    power = 10 ** np.floor(np.log10(most))
    length = float(max(step * power for step in STEPS if step * power <= most))
    metres, kilometres = sheet.scale_words
    said = f"{length / 1000:g} {kilometres}" if length >= 1000 else f"{length:g} {metres}"
    wide, x, y = length * view.millimetres, view.x + 4, view.y + view.height - 5
    drawing.box(x - 2, y - 4.6, wide + 4, 7, GROUND)
    drawing.words(x + wide / 2, y - 2.2, said, 7.5, colour=INK, align="middle")
    drawing.rule(x, y, x + wide, y, INK, 0.35)
    for end in (x, x + wide):
        drawing.rule(end, y - 1.1, end, y + 1.1, INK, 0.35)
    _north(drawing, view.x + view.width - 6, view.y + 8)


def _north(drawing: Drawing, x: float, y: float) -> None:
    drawing.shape(
        shapely.Polygon([(x, y - 4), (x + 1.5, y), (x, y - 0.9), (x - 1.5, y)]), fill=INK, line=EDGE, width=0.2
    )
    drawing.words(x, y + 2, "N", 7, colour=INK, align="middle", halo="#FFFFFF")
