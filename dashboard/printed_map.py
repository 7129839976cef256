"""One map on one page, two of them, or many small ones, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from data.progress import Progress
from layers.paper import Drawing
from layers.paper_pdf import page
from layers.paper_png import png
from layers.print_map import MapSheet, drawn
from layers.print_multiples import SmallMap, multiples

MAP_FORMS = {"png": "image/png", "pdf": "application/pdf"}
LONG, SHORT, MARGIN, BETWEEN = 297.0, 210.0, 12.0, 8.0  # A4


def printed_map(
    sheet: MapSheet,
    form: str,
    made: datetime,
    *,
    progress: Progress,
    second: MapSheet | None = None,
    cells: tuple[SmallMap, ...] = (),
) -> Iterator[bytes]:
    """The sheet's bytes: lying; with a second map standing, one above the other; with little maps those in its place."""
    progress.check()
    if second is not None:
        paper = Drawing(SHORT, LONG)
        half = (LONG - 2 * MARGIN - BETWEEN) / 2
        for one, y in ((sheet, MARGIN), (second, MARGIN + half + BETWEEN)):
            paper.lay(drawn(one, SHORT - 2 * MARGIN, half), MARGIN, y)
    else:
        paper = Drawing(LONG, SHORT)
        size = (LONG - 2 * MARGIN, SHORT - 2 * MARGIN)
        paper.lay(multiples(sheet, cells, *size) if cells else drawn(sheet, *size), MARGIN, MARGIN)
    yield png(paper) if form == "png" else page(paper, title=sheet.title, made=made)
