"""How the shipped Word templates were made: `python -m dashboard.bulletin.word_template` writes them anew.

An office edits a copy in Word (definitions/bulletin/bulletin.zh.docx of its home); this only gives it something to begin with.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell

from dashboard.bulletin.template import SHIPPED, WORD
from dashboard.languages import marked
from dashboard.languages import words as in_language

RED, GREY = RGBColor(0xC0, 0, 0), RGBColor(0x55, 0x60, 0x6E)
FACES = {
    "zh": ("FangSong", "SimHei"),
    "en": ("Calibri", "Calibri"),
}  # body and headings; Word has them or takes another
WORDS = {
    "figure": marked("指标"), "value": marked("数值"), "before": marked("环比"), "year": marked("同比"),
    "method": marked("指标口径"), "line": marked("{name}：{value}"),
}  # fmt: skip
CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def made(language: str) -> Any:
    """The template of a language."""
    document = Document()
    words = {name: in_language(language).get(text, text) for name, text in WORDS.items()}
    _page(document, language)
    _line(document, "{{ title }}", 26, language, bold=True, colour=RED, centre=True, heading=True)
    _line(document, "{{ issue }}", 14, language, centre=True)
    _issuer(document, language)
    _line(document, "{{ place }} · {{ period }}", 16, language, bold=True, centre=True, heading=True)
    _line(document, "{%p for s in sections %}", 10, language)
    title = _line(document, "{{ loop.index }}  {{ s.title }}", 16, language, bold=True, heading=True)
    title.paragraph_format.space_before = Pt(12)
    _line(document, "{%p for text in s.paragraphs %}", 10, language)
    _line(document, "{{ text }}", 14, language, indent=language == "zh")
    _line(document, "{%p endfor %}", 10, language)
    _line(document, "{%p if s.headlines %}", 10, language)
    _headlines(document, language, words)
    _line(document, "{%p endif %}", 10, language)
    _line(document, "{%p for t in s.tables %}", 10, language)
    _line(document, "{{ t.title }}", 12, language, bold=True, heading=True)
    _table(document, language)
    _line(document, "{{ t.note }}", 9, language, colour=GREY).paragraph_format.space_before = Pt(4)
    _line(document, "{%p endfor %}", 10, language)
    _line(document, "{%p for picture in s.pictures %}", 10, language)
    _line(document, "{{ picture }}", 10, language, centre=True)
    _line(document, "{%p endfor %}", 10, language)
    _line(document, "{%p endfor %}", 10, language)
    _line(document, words["method"], 14, language, bold=True, heading=True).paragraph_format.space_before = Pt(12)
    _line(document, "{%p for text in method %}", 10, language)
    _line(document, "{{ text }}", 9, language, colour=GREY).paragraph_format.space_after = Pt(1)
    _line(document, "{%p endfor %}", 10, language)
    _line(document, "{%p for one in closing %}", 10, language)
    signed = _line(document, words["line"].format(name="{{ one.name }}", value="{{ one.text }}"), 14, language)
    signed.paragraph_format.keep_with_next = True
    _ruled(signed, "top", "000000", 6)
    _line(document, "{%p endfor %}", 10, language)
    return document


def _page(document: Any, language: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FACES[language][0], Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FACES[language][0])
    style.paragraph_format.space_after = Pt(4)


def _line(
    document: Any, text: str, size: float, language: str, *, bold: bool = False, colour: Any = None, centre: bool = False,
    heading: bool = False, indent: bool = False,
) -> Any:  # fmt: skip
    paragraph = document.add_paragraph()
    _run(paragraph, text, size, language, bold=bold, colour=colour, heading=heading)
    if centre:
        paragraph.alignment = CENTRE
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)
    if heading:
        paragraph.paragraph_format.keep_with_next = True
    return paragraph


def _run(
    paragraph: Any,
    text: str,
    size: float,
    language: str,
    *,
    bold: bool = False,
    colour: Any = None,
    heading: bool = False,
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.bold = Pt(size), bold
    face = FACES[language][heading]
    run.font.name = face
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    if colour is not None:
        run.font.color.rgb = colour


def _issuer(document: Any, language: str) -> None:
    """The issuer at the left, the day at the right, the red line below."""
    paragraph = _line(document, "{{ issuer }}\t{{ made }}", 12, language)
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(166), alignment=2)
    paragraph.paragraph_format.space_after = Pt(14)
    _ruled(paragraph, "bottom", "C00000", 18)


def _ruled(paragraph: Any, side: str, colour: str, eighths: int) -> None:
    paragraph._p.get_or_add_pPr().append(_borders("w:pBdr", [(f"w:{side}", eighths, colour)], space=6))


def _borders(name: str, lines: list[tuple[str, int, str]], *, space: int = 0) -> Any:
    """Of each side its line's width in eighths of a point, and its colour."""
    found = OxmlElement(name)
    for side, eighths, colour in lines:
        line = OxmlElement(side)
        for key, value in (("val", "single"), ("sz", str(eighths)), ("space", str(space)), ("color", colour)):
            line.set(qn(f"w:{key}"), value)
        found.append(line)
    return found


def _headlines(document: Any, language: str, words: dict[str, str]) -> None:
    """Five columns of fixed widths, the numbers on the right."""
    names = [words["figure"], words["value"], "n", words["before"], words["year"]]
    fields = ["{{ h.name }}", "{{ h.value }}", "{{ h.n }}", "{{ h.before }}", "{{ h.year }}"]
    table = _grid(document, 4, 5)
    _fill(table, 0, names, language, bold=True)
    _whole(table, 1, "{%tr for h in s.headlines %}", language)
    _fill(table, 2, fields, language)
    _whole(table, 3, "{%tr endfor %}", language)
    for column, wide in zip(table.columns, (46, 32, 22, 33, 33), strict=True):
        for cell in column.cells:
            cell.width = Mm(wide)
    for row in (0, 2):
        for cell in table.rows[row].cells[1:]:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _table(document: Any, language: str) -> None:
    """Any number of columns: a cell is repeated for each."""
    table = _grid(document, 4, 1)
    _repeated(table, 0, "t.columns", language, bold=True)
    _whole(table, 1, "{%tr for row in t.rows %}", language)
    _repeated(table, 2, "row", language)
    _whole(table, 3, "{%tr endfor %}", language)


def _grid(document: Any, rows: int, columns: int) -> Any:
    """A table with lines between its rows only; its first row stands again on every page, and no row is torn in two."""
    table = document.add_table(rows=rows, cols=columns)
    look = table._tbl.tblPr
    look.append(
        _borders("w:tblBorders", [("w:top", 8, "17202B"), ("w:bottom", 8, "17202B"), ("w:insideH", 4, "C9CFD7")])
    )
    margins = OxmlElement("w:tblCellMar")
    for side, wide in (("top", 30), ("left", 60), ("bottom", 30), ("right", 60)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(wide))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look.append(margins)
    for number, row in enumerate(table.rows):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if number == 0:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
            if number == 0:
                _shaded(cell)
    return table


def _shaded(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", "F4F6F8")):
        shade.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
    cell.paragraphs[0].paragraph_format.keep_with_next = True


def _fill(table: Any, row: int, texts: list[str], language: str, *, bold: bool = False) -> None:
    for cell, text in zip(table.rows[row].cells, texts, strict=True):
        _run(cell.paragraphs[0], text, 10, language, bold=bold, heading=bold)


def _whole(table: Any, row: int, text: str, language: str) -> None:
    _run(table.rows[row].cells[0].paragraphs[0], text, 10, language)


def _repeated(table: Any, row: int, what: str, language: str, *, bold: bool = False) -> None:
    """{%tc for …%} {{ cell }} {%tc endfor %}: three cells of the template, of which the middle one is repeated."""
    line = table.rows[row]._tr
    first = line.tc_lst[0]
    cells = [first, deepcopy(first), deepcopy(first)]
    for cell in cells[1:]:
        line.append(cell)
    for element, text in zip(cells, (f"{{%tc for cell in {what} %}}", "{{ cell }}", "{%tc endfor %}"), strict=True):
        _run(_Cell(element, table).paragraphs[0], text, 9, language, bold=bold, heading=bold)


def main() -> None:
    """Write both."""
    for language in FACES:
        made(language).save(str(SHIPPED / WORD.format(language=language)))


if __name__ == "__main__":
    main()
