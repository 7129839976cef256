"""The dossier as PDF, A4: summary and map, the table of changed grids, a form and a drawing each, the buildings that change grid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from dashboard.languages import _
from dashboard.studio.dossier import Dossier, Form, Row
from data.progress import Progress
from layers.paper import Drawing, fitted, lines_of
from layers.paper_pdf import document, lay

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT, EDGE = 210.0, 297.0, 18.0
INNER = WIDTH - 2 * EDGE
LINE = 6.2
QUIET, RULE = "#55606E", "#C9CFD7"
GRID_WIDTHS = (0.28, 0.22, 0.11, 0.11, 0.10, 0.09, 0.09)
MOVED_WIDTHS = (0.26, 0.08, 0.19, 0.19, 0.28)
PASSING_WIDTHS = (0.22, 0.24, 0.08, 0.20, 0.16, 0.10)


def as_pdf(one: Dossier, progress: Progress) -> bytes:
    """The bytes of the PDF."""
    pdf = document(title=one.title, made=one.made)
    before = tables(_("网格调整表"), one.heads, one.grids, GRID_WIDTHS)
    after = tables(_("换网格的住户"), one.moved_heads, one.moved, MOVED_WIDTHS)
    after += tables(_("岗位与职责的接续"), one.passing_heads, one.passings, PASSING_WIDTHS)
    before.insert(0, both_maps(one))
    count = 1 + len(before) + len(one.forms) + len(after)
    pages = chain([cover(one)], before, (form_page(one, form) for form in one.forms), after)
    for number, page in enumerate(pages, start=1):
        progress.step("dossier", number, count + 1)
        foot(page, one, number, count)
        put(pdf, page)
    return bytes(pdf.output())


def put(pdf: FPDF, page: Drawing) -> None:
    """One more page."""
    pdf.add_page()
    lay(pdf, page)


def sheet() -> Drawing:
    """An empty page."""
    return Drawing(WIDTH, HEIGHT)


def cover(one: Dossier) -> Drawing:
    """Title, summary, the whole map."""
    page = sheet()
    page.words(EDGE, EDGE + 6, fitted(one.title, 20, INNER), 20, bold=True)
    page.words(EDGE, EDGE + 16, fitted(one.subtitle, 9, INNER), 9, colour=QUIET)
    y = EDGE + 28
    for said in one.said:
        for text in lines_of(said, 11, INNER):
            page.words(EDGE, y, text, 11)
            y += LINE
    page.lay(one.maps.district(INNER, HEIGHT - y - EDGE - 16), EDGE, y + 4)
    page.words(EDGE, HEIGHT - EDGE - 6, _("橙色：换网格的楼栋"), 9, colour=QUIET)
    return page


def both_maps(one: Dossier) -> Drawing:
    """The whole map before and after."""
    page, height = sheet(), (HEIGHT - 2 * EDGE - 40) / 2
    for number, word in enumerate((_("现行方案"), _("草案"))):
        y = EDGE + number * (height + 16)
        page.words(EDGE, y + 4, word, 14, bold=True)
        page.lay(one.maps.district(INNER, height, now=bool(number)), EDGE, y + 8)
    return page


def tables(title: str, heads: Row, rows: Sequence[Row], widths: Sequence[float]) -> list[Drawing]:
    """A table over as many pages as it takes; no page where it has no rows."""
    room = int((HEIGHT - 2 * EDGE - 34) // LINE)
    return [table(title, heads, rows[at : at + room], widths) for at in range(0, len(rows), room)]


def table(title: str, heads: Row, rows: Sequence[Row], widths: Sequence[float]) -> Drawing:
    """One page of it."""
    page = sheet()
    page.words(EDGE, EDGE + 4, title, 14, bold=True)
    y = EDGE + 16
    line(page, heads, widths, y, colour=QUIET)
    for row in rows:
        y += LINE
        page.rule(EDGE, y - LINE / 2, WIDTH - EDGE, y - LINE / 2, RULE, 0.1)
        line(page, row, widths, y)
    return page


def line(page: Drawing, row: Row, widths: Sequence[float], y: float, colour: str = "#17202B") -> None:
    """One line of a table."""
    x = EDGE
    for text, share in zip(row, widths, strict=True):
        page.words(x, y, fitted(text, 9, share * INNER - 2), 9, colour=colour)
        x += share * INNER


def form_page(one: Dossier, form: Form) -> Drawing:
    """A changed grid: its form, its drawing before and after."""
    page = sheet()
    page.words(EDGE, EDGE + 4, fitted(form.name, 16, INNER), 16, bold=True)
    page.words(EDGE, EDGE + 12, form.place, 9, colour=QUIET)
    widths, y = (0.3, 0.35, 0.35), EDGE + 24
    line(page, ("", _("现行方案"), _("草案")), widths, y, colour=QUIET)
    for row in form.rows:
        y += LINE
        page.rule(EDGE, y - LINE / 2, WIDTH - EDGE, y - LINE / 2, RULE, 0.1)
        line(page, row, widths, y)
    height = (HEIGHT - EDGE - 14 - y - 2 * 12) / 2
    for word, drawn in zip((_("现行方案"), _("草案")), one.maps.pair(form.label, INNER, height), strict=True):
        page.words(EDGE, y + 9, word, 10, bold=True)
        page.lay(drawn, EDGE, y + 13)
        y += height + 12
    return page


def foot(page: Drawing, one: Dossier, number: int, pages: int) -> None:
    """What stands under every page."""
    page.words(EDGE, HEIGHT - 10, fitted(one.title, 8, INNER * 0.8), 8, colour=QUIET)
    page.words(WIDTH - EDGE, HEIGHT - 10, f"{number} / {pages}", 8, colour=QUIET, align="right")
