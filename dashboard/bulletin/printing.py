"""The printing of a bulletin, in a process of its own: from plain values to the files' bytes. Opens no store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dashboard.bulletin.content import Bulletin
from dashboard.bulletin.pdf import pdf
from dashboard.bulletin.pictures import pictures
from dashboard.bulletin.template import Template
from dashboard.bulletin.word import word
from dashboard.bulletin.workbook import workbook
from dashboard.languages import use
from data.progress import Progress

FORMS = ("pdf", "docx", "xlsx")


def printed(
    bulletin: Bulletin, template: Template, word_file: str, *, progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """Each file's ending and content."""
    use(bulletin.language)
    drawn = {section.key: pictures(section) for section in bulletin.sections}
    making = {
        "pdf": lambda: pdf(bulletin, template, drawn),
        "docx": lambda: word(bulletin, Path(word_file), drawn),
        "xlsx": lambda: workbook(bulletin),
    }
    for i, form in enumerate(FORMS):
        progress.check()
        progress.step("print", i, len(FORMS))
        yield form, making[form]()
    progress.step("print", len(FORMS), len(FORMS))
