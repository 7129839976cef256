"""The bulletin as a Word document, from a template the office edits in Word (docxtpl: Jinja2 in the document).

What a template may say is listed in docs/bulletin.md. A template cannot reach the program: it is rendered in Jinja2's sandbox, with
plain values only, and every text is escaped.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from dashboard.bulletin import charts
from dashboard.bulletin.cells import printed_cell, printed_heading
from dashboard.bulletin.changes import short
from dashboard.bulletin.content import Bulletin, Headline, Section, Table
from dashboard.formats import count, number, unit_word
from data.errors import InputError
from layers import print_map
from layers.paper_png import png

ACROSS, MAP_TALL = 165.0, 105.0


def word(bulletin: Bulletin, template: Path) -> bytes:
    """The template filled in. Raises InputError naming the template."""
    document = DocxTemplate(str(template))
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # docx tells of its own future
            document.render(_context(document, bulletin), environment, autoescape=True)
            document.save(out)
    except TemplateError as error:
        raise InputError(
            f"the Word template cannot be filled in ({error}).",
            where=template.name,
            todo="Mend it in Word; see docs/bulletin.md.",
        ) from None
    return out.getvalue()


def _context(document: DocxTemplate, bulletin: Bulletin) -> dict[str, Any]:
    sections = [_section(document, one) for one in bulletin.sections]
    return {
        "title": bulletin.title, "issue": bulletin.issue, "issuer": bulletin.issuer, "place": bulletin.place,
        "period": bulletin.period, "made": bulletin.made, "method": list(bulletin.method),
        "closing": [{"name": name, "text": text} for name, text in bulletin.closing],
        "sections": sections, "section": {one["key"]: one for one in sections},
        "figure": {one["figure"]: one for section in sections for one in section["headlines"]},
    }  # fmt: skip


def _section(document: DocxTemplate, section: Section) -> dict[str, Any]:
    drawings = [charts.drawn(one, ACROSS) for one in section.charts]
    drawings += [print_map.drawn(one, ACROSS, MAP_TALL) for one in section.maps]
    pictures = [InlineImage(document, io.BytesIO(png(one)), width=Mm(ACROSS)) for one in drawings]
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
