"""The bulletin as a Word document, from a template the office edits in Word (docxtpl: Jinja2 in the document).

What a template may say is listed in docs/bulletin.md. A template cannot reach the program: it is rendered in Jinja2's sandbox, with
plain values only, and every text is escaped.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from dashboard.bulletin.cells import printed_cell, printed_heading
from dashboard.bulletin.changes import short
from dashboard.bulletin.content import Bulletin, Headline, Section, Table
from dashboard.formats import count, number, unit_word
from data.errors import InputError
from layers.paper import Drawing
from layers.paper_png import png

WIDE = 165.0  # of a picture or a table, in millimetres
TOGETHER = 3  # rows that stay with the heading of their table
RIGHT = WD_ALIGN_PARAGRAPH.RIGHT


def word(bulletin: Bulletin, template: Path, drawn: Mapping[str, Sequence[Drawing]]) -> bytes:
    """The template filled in. drawn: the pictures of each section, by its key. Raises InputError naming the template."""
    document = DocxTemplate(str(template))
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # docx tells of its own future
            document.render(_context(document, bulletin, drawn), environment, autoescape=True)
            _lay_out(document, bulletin)
            document.save(out)
    except TemplateError as error:
        raise InputError(
            f"the Word template cannot be filled in ({error}).",
            where=template.name,
            todo="Mend it in Word; see docs/bulletin.md.",
        ) from None
    return out.getvalue()


def _lay_out(document: DocxTemplate, bulletin: Bulletin) -> None:
    """The widths of each table's columns, numbers on the right. A table whose heading the office has changed stays as it is."""
    known = {
        tuple(printed_heading(one) for one in table.columns): table.columns
        for section in bulletin.sections
        for table in section.tables
    }
    for table in document.tables:
        columns = known.get(tuple(cell.text for cell in table.rows[0].cells))
        if columns is None:
            continue
        whole = sum(one.wide for one in columns)
        widths = [Mm(WIDE * one.wide / whole) for one in columns]
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = wide
        for number_of, row in enumerate(table.rows):
            for cell, column, wide in zip(row.cells, columns, widths, strict=True):
                cell.width = wide
                if column.unit != "text":
                    cell.paragraphs[0].alignment = RIGHT
                if number_of < TOGETHER:
                    cell.paragraphs[0].paragraph_format.keep_with_next = True


def _context(document: DocxTemplate, bulletin: Bulletin, drawn: Mapping[str, Sequence[Drawing]]) -> dict[str, Any]:
    sections = [_section(document, one, drawn[one.key]) for one in bulletin.sections]
    return {
        "title": bulletin.title, "issue": bulletin.issue, "issuer": bulletin.issuer, "place": bulletin.place,
        "period": bulletin.period, "made": bulletin.made, "method": list(bulletin.method),
        "closing": [{"name": name, "text": text} for name, text in bulletin.closing],
        "sections": sections, "section": {one["key"]: one for one in sections},
        "figure": {one["figure"]: one for section in sections for one in section["headlines"]},
    }  # fmt: skip


def _section(document: DocxTemplate, section: Section, drawn: Sequence[Drawing]) -> dict[str, Any]:
    pictures = [InlineImage(document, io.BytesIO(png(one)), width=Mm(WIDE)) for one in drawn]
    return {
        "key": section.key, "title": section.title, "paragraphs": list(section.paragraphs),
        "headlines": [_headline(one) for one in section.headlines], "tables": [_table(one) for one in section.tables if one.rows],
        "pictures": pictures,
    }  # fmt: skip


def _headline(one: Headline) -> dict[str, str]:
    unit = unit_word(one.unit) if one.value is not None else ""
    return {
        "figure": one.figure, "name": one.name, "value": f"{number(one.value, one.unit)}{'' if unit in ('', '%') else ' '}{unit}",
        "n": "–" if one.n is None else count(one.n), "before": short(one.figure, one.before), "year": short(one.figure, one.year),
    }  # fmt: skip


def _table(table: Table) -> dict[str, Any]:
    rows = [
        [printed_cell(value, column) for value, column in zip(row, table.columns, strict=True)] for row in table.rows
    ]
    return {
        "key": table.key,
        "title": table.title,
        "columns": [printed_heading(one) for one in table.columns],
        "rows": rows,
        "note": table.note,
    }
