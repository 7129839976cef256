"""What is drawn for paper: areas, lines and words in millimetres, from the top left.

A drawing is made once and laid on whatever it is needed on: a picture (`paper_png.py`) or a page of a PDF, as vectors
(`paper_pdf.py`). So both show the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from unicodedata import category

import numpy as np
import numpy.typing as npt
import shapely
from PIL import ImageFont

TYPEFACE = Path(__file__).parents[1] / "assets" / "vendor" / "noto" / "NotoSansSC-GB2312.ttf"
POINT = 25.4 / 72  # millimetres
CLOSING = ("Pe", "Pf", "Po")  # Unicode's closing brackets and quotation marks, and full stops and commas
MEASURED = 1000  # size at which widths are measured
RISE = 0.36  # how far below the middle of a line its base line lies, in parts of its size

Points = npt.NDArray[np.float64]  # a row a point: x, y
Align = Literal["left", "middle", "right"]


@dataclass(frozen=True)
class Area:
    """A polygon with its holes, filled or stroked or both."""

    rings: tuple[Points, ...]
    fill: str | None = None
    line: str | None = None
    width: float = 0.1


@dataclass(frozen=True)
class Line:
    """A line of some width; dash: length of its strokes, 0 is whole."""

    points: Points
    colour: str
    width: float = 0.2
    dash: float = 0.0


@dataclass(frozen=True)
class Text:
    """Words whose line has its middle at y; size in points. halo: a colour around them, that they stand out from a map."""

    x: float
    y: float
    text: str
    size: float = 9
    colour: str = "#17202B"
    align: Align = "left"
    bold: bool = False
    halo: str | None = None

    @property
    def width(self) -> float:
        """Its width in millimetres."""
        return width_of(self.text, self.size)

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.x - self.width * {"left": 0.0, "middle": 0.5, "right": 1.0}[self.align]

    @property
    def base(self) -> float:
        """The height of its base line."""
        return self.y + RISE * self.size * POINT


Mark = Area | Line | Text


@dataclass
class Drawing:
    """A sheet of some size and what stands on it, the lowest first."""

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        """Lay something on top."""
        self.marks.extend(marks)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str | None = None, line: str | None = None,
        stroke: float = 0.1,
    ) -> None:  # fmt: skip
        """A rectangle."""
        self.add(Area((corners(x, y, width, height),), fill, line, stroke))

    def rule(
        self, x: float, y: float, to_x: float, to_y: float, colour: str, width: float = 0.2, dash: float = 0
    ) -> None:
        """A straight line."""
        self.add(Line(np.array([[x, y], [to_x, to_y]], float), colour, width, dash))

    def shape(self, shape: Any, **how: Any) -> None:
        """The polygons of a geometry."""
        for part in polygons(shape):
            self.add(Area(rings_of(part), **how))

    def strokes(self, shape: Any, colour: str, width: float) -> None:
        """The lines of a geometry."""
        for part in shapely.get_parts(shape):
            if part.geom_type == "LineString" and not part.is_empty:
                self.add(Line(shapely.get_coordinates(part), colour, width))

    def words(self, x: float, y: float, text: str, size: float = 9, **how: Any) -> float:
        """Words; how wide they are."""
        made = Text(x, y, text, size, **how)
        self.add(made)
        return made.width

    def lay(self, other: Drawing, x: float, y: float) -> None:
        """Another drawing on this one, its corner at x, y."""
        self.marks.extend(moved(mark, x, y) for mark in other.marks)


def moved(mark: Mark, x: float, y: float) -> Mark:
    """The same somewhere else."""
    by = np.array([x, y])
    if isinstance(mark, Area):
        return Area(tuple(ring + by for ring in mark.rings), mark.fill, mark.line, mark.width)
    if isinstance(mark, Line):
        return Line(mark.points + by, mark.colour, mark.width, mark.dash)
    return Text(mark.x + x, mark.y + y, mark.text, mark.size, mark.colour, mark.align, mark.bold, mark.halo)


def corners(x: float, y: float, width: float, height: float) -> Points:
    """A rectangle's corners."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], float)


def polygons(shape: Any) -> Iterable[Any]:
    """The polygons of a geometry, whatever else it holds."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield part
        elif part.geom_type in ("MultiPolygon", "GeometryCollection"):
            yield from polygons(part)


def rings_of(polygon: Any) -> tuple[Points, ...]:
    """Its border, then its holes."""
    return tuple(shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors))


@lru_cache(maxsize=64)
def face(size: int) -> ImageFont.FreeTypeFont:
    """The typeface at a size in pixels."""
    return ImageFont.truetype(str(TYPEFACE), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def width_of(text: str, size: float) -> float:
    """The width of a line of words in millimetres."""
    return float(face(MEASURED).getlength(text)) / MEASURED * size * POINT


def fitted(text: str, size: float, most: float) -> str:
    """The words, cut with an ellipsis where they are wider than `most` millimetres."""
    if width_of(text, size) <= most:
        return text
    kept = text
    while kept and width_of(f"{kept}…", size) > most:
        kept = kept[:-1]
    return f"{kept}…"


def lines_of(text: str, size: float, most: float) -> list[str]:
    """The words broken into lines no wider than `most`: between Chinese characters, else between words; no line begins
    with a full stop, a comma or a closing bracket."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width_of((line + piece).rstrip(), size) > most and category(piece[0]) not in CLOSING:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _pieces(text: str) -> Sequence[str]:
    """Chinese characters alone, runs of anything else up to a space together."""
    pieces: list[str] = []
    for character in text:
        wide = ord(character) > 0x2E7F
        if pieces and not wide and ord(pieces[-1][-1]) <= 0x2E7F and not pieces[-1].endswith(" "):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
