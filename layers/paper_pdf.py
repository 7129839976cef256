"""A drawing on a page of a PDF, as vectors and real words, with the typeface embedded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from layers.paper import POINT, TYPEFACE, Area, Drawing, Line, Mark, Text

if TYPE_CHECKING:  # the writer is imported where a document is made: a server's start does without
    from fpdf import FPDF

FACE = "noto"
HEAVY = 0.028  # how much the strokes of bold words are thickened, in parts of their size


def document(width: float = 210, height: float = 297, *, title: str, made: datetime) -> FPDF:
    """An empty document with the typeface; nothing breaks by itself."""
    from fpdf import FPDF

    pdf = FPDF(unit="mm", format=(width, height))
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    pdf.c_margin = 0
    pdf.add_font(FACE, fname=TYPEFACE)
    pdf.set_title(title)
    pdf.set_creator("Jingwei")
    pdf.set_creation_date(made.astimezone(UTC))
    return pdf


def page(drawing: Drawing, *, title: str, made: datetime) -> bytes:
    """One page with one drawing."""
    pdf = document(drawing.width, drawing.height, title=title, made=made)
    pdf.add_page()
    lay(pdf, drawing)
    return bytes(pdf.output())


def lay(pdf: FPDF, drawing: Drawing, x: float = 0, y: float = 0) -> None:
    """Lay a drawing on the page, its corner at x, y."""
    with pdf.local_context():
        for mark in drawing.marks:
            _mark(pdf, mark, x, y)


def _mark(pdf: FPDF, mark: Mark, x: float, y: float) -> None:
    if isinstance(mark, Area):
        _area(pdf, mark, x, y)
    elif isinstance(mark, Line):
        _line(pdf, mark, x, y)
    else:
        write(pdf, mark, x, y)


def _area(pdf: FPDF, mark: Area, x: float, y: float) -> None:
    if mark.fill:
        pdf.set_fill_color(mark.fill)
    if mark.line:
        pdf.set_draw_color(mark.line)
        pdf.set_line_width(mark.width)
    style = ("D" if mark.line else "") + ("F" if mark.fill else "")
    if len(mark.rings) == 1:
        pdf.polygon([(a + x, b + y) for a, b in mark.rings[0].tolist()], style=style)
        return
    from fpdf.drawing import PaintedPath
    from fpdf.enums import IntersectionRule

    path = PaintedPath()
    for ring in mark.rings:
        points = ring.tolist()
        path.move_to(points[0][0] + x, points[0][1] + y)
        for a, b in points[1:]:
            path.line_to(a + x, b + y)
        path.close()
    path.style.fill_color, path.style.stroke_color = mark.fill, mark.line
    path.style.stroke_width, path.style.intersection_rule = mark.width, IntersectionRule.EVENODD
    with pdf.drawing_context() as canvas:
        canvas.add_item(path)


def _line(pdf: FPDF, mark: Line, x: float, y: float) -> None:
    pdf.set_draw_color(mark.colour)
    pdf.set_line_width(mark.width)
    if mark.dash:
        pdf.set_dash_pattern(mark.dash, mark.dash)
    pdf.polyline([(a + x, b + y) for a, b in mark.points.tolist()])
    if mark.dash:
        pdf.set_dash_pattern()


def write(pdf: FPDF, mark: Text, x: float = 0, y: float = 0) -> None:
    """Words; bold ones are thickened, because one weight of the typeface is embedded."""
    pdf.set_font(FACE, size=mark.size)
    if mark.halo:
        _thick(pdf, mark, x, y, mark.halo, 0.28 * mark.size * POINT)
    pdf.set_text_color(mark.colour)
    if mark.bold:
        _thick(pdf, mark, x, y, mark.colour, HEAVY * mark.size * POINT)
        return
    pdf.text(mark.left + x, mark.base + y, mark.text)


def _thick(pdf: FPDF, mark: Text, x: float, y: float, colour: str, width: float) -> None:
    from fpdf.enums import TextMode

    with pdf.local_context(text_mode=TextMode.FILL_STROKE, line_width=width):
        pdf.set_draw_color(colour)
        pdf.set_text_color(colour)
        pdf.text(mark.left + x, mark.base + y, mark.text)
