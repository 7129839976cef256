"""The dossier as a Word document, to be edited further: the same words, tables and drawings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from dashboard.languages import _
from dashboard.studio.dossier import Dossier, Form, Row
from layers.paper import Drawing
from layers.paper_png import png

FACE = "SimSun"
SIDE = 78.0  # millimetres of a drawing
DPI = 150


def as_word(one: Dossier) -> bytes:
    """The bytes of the document."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name = FACE
    style.font.size = Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FACE)
    document.add_heading(one.title, 0)
    document.add_paragraph(one.subtitle)
    for said in one.said:
        document.add_paragraph(said)
    picture(document.add_paragraph(), one.maps.district(160, 150), 160)
    document.add_heading(_("网格调整表"), 1)
    table(document, one.heads, one.grids)
    for form in one.forms:
        grid(document, one, form)
    if one.moved:
        document.add_heading(_("换网格的住户"), 1)
        table(document, one.moved_heads, one.moved)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def table(document: Any, heads: Row, rows: Sequence[Row]) -> None:
    """A table with a line of heads."""
    made = document.add_table(rows=0, cols=len(heads), style="Table Grid")
    for row in (heads, *rows):
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text


def grid(document: Any, one: Dossier, form: Form) -> None:
    """A changed grid: its form, its drawings side by side."""
    document.add_heading(form.name, 2)
    document.add_paragraph(form.place)
    table(document, ("", _("现行方案"), _("草案")), form.rows)
    line = document.add_paragraph()
    for drawn in one.maps.pair(form.label, SIDE, SIDE):
        picture(line, drawn, SIDE)


def picture(paragraph: Any, drawn: Drawing, width: float) -> None:
    """A drawing in a paragraph."""
    paragraph.add_run().add_picture(io.BytesIO(png(drawn, DPI)), width=Mm(width))
