"""The dossier as a Word document, to be edited further: the same words, tables and drawings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from dashboard.languages import _
from dashboard.studio.dossier import Dossier, Form, Row
from data.progress import Progress
from layers.paper import Drawing
from layers.paper_png import png

FACE = "SimSun"
SIDE = 78.0  # millimetres of a drawing
DPI = 110


def as_word(one: Dossier, progress: Progress) -> bytes:
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
    for word, now in ((_("现行方案"), False), (_("草案"), True)):
        document.add_heading(word, 1)
        picture(document.add_paragraph(), one.maps.district(160, 150, now=now), 160)
    document.add_heading(_("网格调整表"), 1)
    table(document, one.heads, one.grids)
    for number, form in enumerate(one.forms):
        progress.step("dossier", number, len(one.forms) + 2)
        grid(document, one, form)
    progress.step("dossier", len(one.forms) + 1, len(one.forms) + 2)
    for title, heads, rows in (
        (_("换网格的住户"), one.moved_heads, one.moved),
        (_("岗位与职责的接续"), one.passing_heads, one.passings),
    ):
        if rows:
            document.add_heading(title, 1)
            table(document, heads, rows)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def table(document: Any, heads: Row, rows: Sequence[Row]) -> None:
    """A table with a line of heads."""
    made = document.add_table(rows=0, cols=len(heads), style="Table Grid")._tbl
    for row in (
        heads,
        *rows,
    ):  # written as XML: python-docx asks for the whole grid of cells at each, which is quadratic
        line = OxmlElement("w:tr")
        for text in row:
            cell, paragraph, run, words = (OxmlElement(name) for name in ("w:tc", "w:p", "w:r", "w:t"))
            words.text = text
            run.append(words)
            paragraph.append(run)
            cell.append(paragraph)
            line.append(cell)
        made.append(line)


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
