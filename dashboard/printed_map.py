"""One map on one page, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from data.progress import Progress
from layers.paper import Drawing
from layers.paper_pdf import page
from layers.paper_png import png
from layers.print_map import MapSheet, drawn

MAP_FORMS = {"png": "image/png", "pdf": "application/pdf"}
WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 12.0  # A4, lying


def printed_map(sheet: MapSheet, form: str, made: datetime, *, progress: Progress) -> Iterator[bytes]:
    """The sheet's bytes."""
    progress.check()
    paper = Drawing(WIDTH, HEIGHT)
    paper.lay(drawn(sheet, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN), MARGIN, MARGIN)
    yield png(paper) if form == "png" else page(paper, title=sheet.title, made=made)
