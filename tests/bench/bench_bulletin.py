"""A full monthly bulletin of the standard demo: counted, told, and printed as PDF, Word and workbook, with two maps and three charts.
Budget: under 15 s. Beside it the same printing without the worker, and one map as a picture and as a page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from dashboard.bulletin.asking import about, latest
from dashboard.bulletin.counting import bulletin_of
from dashboard.bulletin.issuing import issue
from dashboard.bulletin.printing import printed
from dashboard.bulletin.template import template, word_template
from dashboard.printed_map import printed_map
from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.demo import build

BUDGET = "15 s"


def timed(what: Callable[[], Any]) -> tuple[Any, float]:
    """What it gave, and in how many seconds."""
    begun = perf_counter()
    return what(), perf_counter() - begun


def run() -> list[dict[str, Any]]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "var")
        build(settings.home, "standard", progress=Quiet(), settings=settings)
        with Store.open(settings.home, settings) as store:
            return measured(store)


def measured(store: Store) -> list[dict[str, Any]]:
    """Cold and warm, and the parts."""
    period, found = latest(store, "monthly", store.now()), template(store.home)
    _one, cold = timed(lambda: issue(store, "monthly", period, "", Quiet()))
    _two, warm = timed(lambda: issue(store, "monthly", period, "", Quiet()))
    content, count = timed(
        lambda: bulletin_of(store, about(store, "monthly", period, "", store.now()), found, 1, Quiet())
    )
    word = str(word_template(store.home, "zh"))
    files, print_ = timed(lambda: dict(printed(content, found, word, progress=Quiet())))
    sheet = next(section for section in content.sections if section.maps).maps[0]
    rows = [
        {"what": "monthly bulletin, first", "seconds": round(cold, 2), "budget": BUDGET},
        {"what": "monthly bulletin, again", "seconds": round(warm, 2), "budget": BUDGET},
        {"what": "of it: the figures, again", "seconds": round(count, 2), "budget": ""},
        {"what": "of it: three files, in this process", "seconds": round(print_, 2), "budget": ""},
    ]
    for form in ("png", "pdf"):
        _made, took = timed(lambda form=form: list(printed_map(sheet, form, store.now(), progress=Quiet())))  # type: ignore[misc]
        rows.append({"what": f"one map of communities as {form}", "seconds": round(took, 2), "budget": ""})
    sizes = ", ".join(f"{form} {len(file) / 1000:,.0f} kB" for form, file in files.items())
    return [*rows, {"what": f"sizes: {sizes}", "seconds": "", "budget": ""}]
