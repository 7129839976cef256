"""A drawing as a picture. Pillow draws without smoothing, so it draws larger and the picture is made smaller."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from layers.paper import POINT, Area, Drawing, Line, Points, Text, face

DPI = 200
LARGER = 3
MOST_PIXELS = 60_000_000  # drawn; beyond it the smoothing is less
White = (255, 255, 255)


def png(drawing: Drawing, dpi: int = DPI) -> bytes:
    """The drawing on white, as PNG with its resolution."""
    size = [max(1, round(side / 25.4 * dpi)) for side in (drawing.width, drawing.height)]
    larger = LARGER if size[0] * size[1] * LARGER**2 <= MOST_PIXELS else 1
    scale = dpi / 25.4 * larger
    image = Image.new("RGB", (size[0] * larger, size[1] * larger), White)
    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        if isinstance(mark, Area):
            _area(image, pen, mark, scale)
        elif isinstance(mark, Line):
            _line(pen, mark, scale)
        else:
            _text(pen, mark, scale)
    kept = image.resize((size[0], size[1]), Image.Resampling.BOX) if larger > 1 else image
    out = io.BytesIO()
    kept.save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def _area(image: Image.Image, pen: ImageDraw.ImageDraw, mark: Area, scale: float) -> None:
    rings = [ring * scale for ring in mark.rings]
    if mark.fill and len(rings) == 1:
        pen.polygon(_pairs(rings[0]), fill=mark.fill)
    elif mark.fill:
        _with_holes(image, rings, mark.fill)
    if mark.line:
        for ring in rings:
            pen.line(_pairs(np.vstack([ring, ring[:1]])), fill=mark.line, width=max(1, round(mark.width * scale)))


def _with_holes(image: Image.Image, rings: list[Points], fill: str) -> None:
    """A polygon with holes: painted through a mask of its own box."""
    low, high = np.floor(rings[0].min(axis=0)), np.ceil(rings[0].max(axis=0)) + 1
    width, height = (int(side) for side in high - low)
    mask = Image.new("1", (width, height), 0)
    pen = ImageDraw.Draw(mask)
    pen.polygon(_pairs(rings[0] - low), fill=1)
    for hole in rings[1:]:
        pen.polygon(_pairs(hole - low), fill=0)
    image.paste(fill, (int(low[0]), int(low[1])), mask)


def _line(pen: ImageDraw.ImageDraw, mark: Line, scale: float) -> None:
    width = max(1, round(mark.width * scale))
    for points in [mark.points] if not mark.dash else dashes(mark.points, mark.dash):
        pen.line(_pairs(points * scale), fill=mark.colour, width=width, joint="curve")


def dashes(points: Points, dash: float) -> list[Points]:
    """A line as strokes of a length with gaps as long."""
    pieces: list[Points] = []
    for a, b in pairwise(points):
        length = float(np.hypot(*(b - a)))
        for at in np.arange(0, length, 2 * dash):
            ends = np.array([at, min(at + dash, length)]) / (length or 1)
            pieces.append(a + np.outer(ends, b - a))
    return pieces


def _text(pen: ImageDraw.ImageDraw, mark: Text, scale: float) -> None:
    pixels = mark.size * POINT * scale
    heavy = round(pixels / 40) if mark.bold else 0
    at, font = (mark.left * scale, mark.base * scale), face(max(1, round(pixels)))
    if mark.halo:
        pen.text(at, mark.text, mark.halo, font, anchor="ls", stroke_width=round(pixels / 7), stroke_fill=mark.halo)
    pen.text(at, mark.text, mark.colour, font, anchor="ls", stroke_width=heavy, stroke_fill=mark.colour)


def _pairs(points: Points) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points.tolist()]
