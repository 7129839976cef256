"""The bulletin as PDF: a red masthead, sections, tables, charts and maps as vectors, the typeface embedded.

Everything is placed in millimetres on A4; what does not fit on a page goes to the next with its heading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.bulletin.cells import printed_cell, printed_heading
from dashboard.bulletin.changes import short
from dashboard.bulletin.content import Bulletin, Change, Column, Headline, Section, Table
from dashboard.bulletin.pictures import ACROSS
from dashboard.bulletin.template import Template
from dashboard.formats import count, number, unit_word
from dashboard.inks import INK
from dashboard.languages import _
from layers.paper import Drawing, fitted, lines_of, width_of
from layers.paper_pdf import document, lay

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH, HEIGHT = 210.0, 297.0
SIDE, TOP, FOOT = (WIDTH - ACROSS) / 2, 18.0, 18.0
BODY, SMALL, LINE = 10.5, 8.5, 6.6  # sizes in points, height of a line in millimetres
GOOD, BAD = "#00714F", "#A84600"
TEXT, QUIET, RULE, SHADE = INK["light"]["text"], INK["light"]["quiet"], "#C9CFD7", "#F4F6F8"

Pictures = Mapping[str, Sequence[Drawing]]


@dataclass
class Page:
    """Where one is in the document."""

    pdf: FPDF
    bulletin: Bulletin
    colour: str
    y: float = TOP

    def room(self, needed: float) -> None:
        """Begin a page where there is not so much room left."""
        if self.y + needed > HEIGHT - FOOT:
            self.begin()

    def begin(self) -> None:
        """A new page."""
        self.pdf.add_page()
        self.y = TOP

    def draw(self, drawing: Drawing, x: float = SIDE) -> None:
        """A drawing at the height one is at; it takes its own height."""
        lay(self.pdf, drawing, x, self.y)
        self.y += drawing.height


def pdf(bulletin: Bulletin, template: Template, drawn: Pictures) -> bytes:
    """The whole document. drawn: the pictures of each section, by its key."""
    made = document(title=f"{bulletin.title} {bulletin.issue}", made=bulletin.made_at)
    page = Page(made, bulletin, template.pdf.colour)
    page.begin()
    _masthead(page)
    for number_of, section in enumerate(bulletin.sections, 1):
        _section(page, section, number_of, drawn[section.key])
    _closing(page)
    _numbers(made, bulletin)
    return bytes(made.output())


def _masthead(page: Page) -> None:
    """The title in red, the issue, the issuer and the day, the red line."""
    one, sheet = page.bulletin, Drawing(ACROSS, 38)
    size = min(26.0, 26.0 * ACROSS / max(width_of(one.title, 26), 1))
    sheet.words(ACROSS / 2, 9, one.title, size, bold=True, colour=page.colour, align="middle")
    sheet.words(ACROSS / 2, 21, one.issue, 12, colour=TEXT, align="middle")
    sheet.words(0, 30, fitted(one.issuer, 11, ACROSS / 2), 11, colour=TEXT)
    sheet.words(ACROSS, 30, one.made, 11, colour=TEXT, align="right")
    sheet.rule(0, 35, ACROSS, 35, page.colour, 0.8)
    page.draw(sheet)
    period = Drawing(ACROSS, 11)
    period.words(ACROSS / 2, 5, f"{one.place} · {one.period}", 13, bold=True, colour=TEXT, align="middle")
    page.draw(period)


def _section(page: Page, section: Section, place: int, drawn: Sequence[Drawing]) -> None:
    page.room(drawn[0].height + 16 if section.maps else 40)
    _heading(page, f"{place}  {section.title}")
    _paragraphs(page, section.paragraphs)
    if section.headlines:
        _cards(page, section.headlines)
    for table in section.tables:
        _tabled(page, table)
    for drawing in drawn:
        page.room(drawing.height + 4)
        page.y += 3
        page.draw(drawing)
        page.y += 2
    page.y += 3


def _heading(page: Page, text: str) -> None:
    head = Drawing(ACROSS, 11)
    head.box(0, 2.6, 1.4, 5.6, page.colour)
    head.words(4, 5.4, text, 14, bold=True, colour=TEXT)
    page.draw(head)


def _paragraphs(
    page: Page, paragraphs: tuple[str, ...], size: float = BODY, colour: str = TEXT, indent: bool = True
) -> None:
    tall = LINE * size / BODY
    for text in paragraphs:
        first = 2 * chr(0x3000) if indent and page.bulletin.language == "zh" else ""
        for line in lines_of(first + text, size, ACROSS):
            page.room(tall)
            sheet = Drawing(ACROSS, tall)
            sheet.words(0, tall / 2, line, size, colour=colour)
            page.draw(sheet)
        page.y += 1.2 if size == BODY else 0.2


def _cards(page: Page, headlines: tuple[Headline, ...]) -> None:
    """The figures in three columns: value, unit, n, both comparisons."""
    across, tall, columns = ACROSS / 3, 20.0, 3
    for start in range(0, len(headlines), columns):
        page.room(tall)
        sheet = Drawing(ACROSS, tall)
        for i, one in enumerate(headlines[start : start + columns]):
            _card(sheet, one, i * across, across)
        page.draw(sheet)
    page.y += 3


def _card(sheet: Drawing, one: Headline, x: float, across: float) -> None:
    sheet.box(x + 0.7, 0.7, across - 1.4, sheet.height - 1.4, SHADE)
    inner = across - 8
    sheet.words(x + 4, 4.2, fitted(one.name, SMALL, inner), SMALL, colour=QUIET)
    wide = sheet.words(x + 4, 10, number(one.value, one.unit), 15, bold=True, colour=TEXT)
    if one.value is not None:
        wide += 1 + sheet.words(x + 5 + wide, 10.6, unit_word(one.unit), SMALL, colour=QUIET)
    if one.n is not None:
        sheet.words(x + across - 4, 10.6, f"n {count(one.n)}", SMALL, colour=QUIET, align="right")
    at = x + 4
    for word, change in ((_("环比"), one.before), (_("同比"), one.year)):
        if change.how == "none":
            continue
        at += sheet.words(at, 15.8, f"{word} ", 8, colour=QUIET)
        at += sheet.words(at, 15.8, short(one.figure, change), 8, colour=_state(change)) + 3


def _state(change: Change) -> str:
    return {None: QUIET, True: GOOD, False: BAD}[change.good]


def _tabled(page: Page, table: Table) -> None:
    """Heading, rows with a light line below each, the whole in bold; the heading again on every page."""
    if not table.rows:
        return
    widths = [ACROSS * column.wide / sum(one.wide for one in table.columns) for column in table.columns]
    head = [
        lines_of(printed_heading(column), SMALL, wide - 2) for column, wide in zip(table.columns, widths, strict=True)
    ]
    tall = max(len(lines) for lines in head) * 4 + 2.6
    page.room(9 + tall + 7 * min(len(table.rows), 4))
    title = Drawing(ACROSS, 8)
    title.words(0, 4.2, table.title, BODY, bold=True, colour=TEXT)
    page.draw(title)
    _table_head(page, table.columns, head, widths, tall)
    for i, row in enumerate(table.rows):
        last = 9.0 if table.note and i == len(table.rows) - 1 else 0.0  # what is said below stays with a row
        if page.y + 6.4 + last > HEIGHT - FOOT:
            page.begin()
            _table_head(page, table.columns, head, widths, tall)
        _row(page, table, row, widths, bold=table.last_is_whole and i == len(table.rows) - 1)
    page.y += 1.5
    if table.note:
        _paragraphs(page, (table.note,), 8, QUIET, indent=False)
    page.y += 2


def _table_head(
    page: Page, columns: tuple[Column, ...], head: list[list[str]], widths: list[float], tall: float
) -> None:
    sheet, x = Drawing(ACROSS, tall), 0.0
    sheet.box(0, 0, ACROSS, tall, SHADE)
    for column, lines, wide in zip(columns, head, widths, strict=True):
        top = (tall - 4 * len(lines)) / 2 + 2
        for i, line in enumerate(lines):
            _cell(sheet, column, x, wide, top + 4 * i, line, TEXT, bold=True)
        x += wide
    sheet.rule(0, 0, ACROSS, 0, TEXT, 0.35)
    sheet.rule(0, tall, ACROSS, tall, TEXT, 0.2)
    page.draw(sheet)


def _row(page: Page, table: Table, row: tuple[object, ...], widths: list[float], *, bold: bool) -> None:
    sheet, x = Drawing(ACROSS, 6.4), 0.0
    for value, column, wide in zip(row, table.columns, widths, strict=True):
        text = fitted(printed_cell(value, column), SMALL, wide - 1.6)  # type: ignore[arg-type]
        _cell(sheet, column, x, wide, 3.2, text, QUIET if value is None else TEXT, bold=bold)
        x += wide
    sheet.rule(0, 6.4, ACROSS, 6.4, RULE, 0.12)
    page.draw(sheet)


def _cell(sheet: Drawing, column: Column, x: float, wide: float, y: float, text: str, ink: str, *, bold: bool) -> None:
    """A text within its column, on the side where the column has its numbers or words."""
    right = _right(column)
    at, side = (x + wide - 1, "right") if right else (x + 1, "left")
    sheet.words(at, y, text, SMALL, bold=bold, colour=ink, align=side)


def _right(column: Column) -> bool:
    """Numbers and changes stand right."""
    return column.unit != "text"


def _closing(page: Page) -> None:
    """How the figures are counted, then the lines to fill in."""
    page.room(40)
    _heading(page, _("指标口径"))
    _paragraphs(page, page.bulletin.method, 8, QUIET, indent=False)
    lines = page.bulletin.closing
    page.room(8.5 * len(lines) + 8)
    page.y += 4
    sheet = Drawing(ACROSS, 8.5 * len(lines) + 2)
    for i, (name, text) in enumerate(lines):
        y = 8.5 * i
        sheet.rule(0, y, ACROSS, y, TEXT, 0.3)
        sheet.words(1, y + 4.25, _("{name}：{value}").format(name=name, value=text), BODY, colour=TEXT)
    sheet.rule(0, 8.5 * len(lines), ACROSS, 8.5 * len(lines), TEXT, 0.3)
    if lines:
        page.draw(sheet)


def _numbers(made: FPDF, bulletin: Bulletin) -> None:
    """At the foot of each page: what it is, and the page's number of how many."""
    total = made.pages_count
    for number_of in range(1, total + 1):
        made.page = number_of
        sheet = Drawing(ACROSS, 6)
        sheet.rule(0, 0, ACROSS, 0, RULE, 0.15)
        sheet.words(0, 3.6, fitted(f"{bulletin.title} {bulletin.issue}", 8, ACROSS - 30), 8, colour=QUIET)
        sheet.words(ACROSS, 3.6, f"{number_of} / {total}", 8, colour=QUIET, align="right")
        lay(made, sheet, SIDE, HEIGHT - FOOT + 4)
