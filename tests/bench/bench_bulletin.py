"""A full monthly bulletin of the standard demo: counted, told, and printed as PDF, Word and workbook, with maps and charts. Seconds of the
clock; those of the processors, of this process and its worker, stand in rows of their own. Beside the PDF the usual way, Word's file
converted by LibreOffice where it is installed; beside the table of categories one question a category.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from dashboard.bulletin.asking import About, about, latest
from dashboard.bulletin.counting import bulletin_of
from dashboard.bulletin.issuing import issue
from dashboard.bulletin.pdf import pdf
from dashboard.bulletin.pictures import pictures
from dashboard.bulletin.tables import OF_CATEGORY
from dashboard.bulletin.template import template, word_template
from dashboard.bulletin.word import word
from dashboard.bulletin.workbook import workbook
from data.figures import Filter, figures
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.demo import build
from tests.bench.report import Row

BUDGET = "< 15 s"
CONVERTER = "soffice"


def timed(what: Callable[[], Any]) -> tuple[Any, float]:
    """What it gave, and in how many seconds."""
    begun = perf_counter()
    return what(), perf_counter() - begun


def processors() -> float:
    """Seconds of the processors so far, of this process and of those it has ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "var")
        build(settings.home, "standard", progress=Quiet(), settings=settings)
        with Store.open(settings.home, settings) as store:
            return measured(store, Path(folder))


def measured(store: Store, folder: Path) -> list[Row]:
    """Of the district and a street, of a month and a week, and the parts."""
    rows = []
    street = store.rows("SELECT code FROM place WHERE level = 'street' ORDER BY code LIMIT 1")[0]["code"]
    for name, what, code in (
        ("monthly bulletin of the district, first", "monthly", ""), ("the same again", "monthly", ""),
        ("weekly bulletin of the district", "weekly", ""), ("monthly bulletin of a street", "monthly", street),
    ):  # fmt: skip
        before, period = processors(), latest(store, what, store.now())
        _made, took = timed(lambda what=what, code=code, period=period: issue(store, what, period, code, Quiet()))  # type: ignore[misc]
        rows += [Row(name, took, "s", BUDGET), Row("of the processors", processors() - before, "s")]
    of = about(store, "monthly", latest(store, "monthly", store.now()), "", store.now())
    return [*rows, *_parts(store, of, folder)]


def _parts(store: Store, of: About, folder: Path) -> list[Row]:
    found = template(store.home)
    content, count = timed(lambda: bulletin_of(store, of, found, 1, Quiet()))
    drawn, draw = timed(lambda: {section.key: pictures(section) for section in content.sections})
    own, lay = timed(lambda: pdf(content, found, drawn))
    file, fill = timed(lambda: word(content, word_template(store.home, "zh"), drawn))
    (folder / "bulletin.docx").write_bytes(file)
    usual = converted(folder / "bulletin.docx")
    book, write = timed(lambda: workbook(content))
    sizes = [f"{len(one) / 1000:,.0f} kB" for one in (own, file, book)]
    grouped, alone = categories(store, of)
    return [
        Row("of it: the figures, again", count, "s"),
        Row("its table of categories", grouped, "s", "", "one question a category", alone),
        Row("charts and maps, each drawn once", draw, "s"),
        Row(f"PDF, {sizes[0]}", lay, "s", "", "Word's file by LibreOffice" if usual else "", usual),
        Row(f"Word, {sizes[1]}", fill, "s"),
        Row(f"workbook, {sizes[2]}", write, "s"),
    ]


def categories(store: Store, of: About) -> tuple[float, float]:
    """Seconds of all categories in one question, and of a question each."""
    together = replace(of.question("category"), figures=OF_CATEGORY)
    names, grouped = timed(lambda: [row.name for row in figures(store, together) if row.located])
    whole = replace(of.question(of.level), figures=OF_CATEGORY)
    asked = [replace(whole, filters=(Filter("category", (name,)),)) for name in names]
    return grouped, timed(lambda: [figures(store, one) for one in asked])[1]


def converted(file: Path) -> float | None:
    """Seconds LibreOffice takes for a PDF of it; None where it is not installed."""
    program = shutil.which(CONVERTER)
    if program is None:
        return None
    arguments = [program, "--headless", "--convert-to", "pdf", "--outdir", str(file.parent), str(file)]
    return timed(lambda: subprocess.run(arguments, check=True, capture_output=True))[1]
