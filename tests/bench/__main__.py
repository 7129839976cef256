"""Runs the benches and keeps their tables in docs/benchmarks.md: `make bench`, or `python -m tests.bench import figures`."""

from __future__ import annotations

import datetime
import importlib
import re
import sys
from pathlib import Path

from tests.bench.report import machine, markdown, print_rows

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "benchmarks.md"
HEAD = "# Benchmarks\n\nFrom `make bench`. Each figure stands beside an alternative measured in the same run.\n"


def sections(text: str) -> dict[str, str]:
    """The page's sections by their titles."""
    return {part.splitlines()[0]: part for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]}


def section(title: str, about: str, table: str) -> str:
    """A bench's section: when and where it ran, what it measures, the table."""
    today = datetime.datetime.now(datetime.UTC).date()
    return f"{title}\n\n{about}\n\nMeasured {today} on {machine()}.\n\n{table}\n\n"


def main(chosen: list[str]) -> None:
    """Run the chosen benches, or all; each replaces its own section of the page."""
    for name in sorted(path.stem for path in HERE.glob("bench_*.py")):
        if chosen and name.removeprefix("bench_") not in chosen:
            continue
        module = importlib.import_module(f"tests.bench.{name}")
        print(f"\n{name}", flush=True)
        rows = module.run()
        print_rows(rows)
        title = name.removeprefix("bench_").replace("_", " ").capitalize()
        kept = sections(DOCS.read_text("utf-8")) | {
            title: section(title, (module.__doc__ or "").strip(), markdown(rows))
        }
        body = "".join(f"## {kept[title].rstrip()}\n\n" for title in sorted(kept))
        DOCS.write_text(f"{HEAD}\n{body.rstrip()}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
