"""Runs every bench and writes docs/benchmarks.md: `make bench`, or `python -m tests.bench import figures`."""

from __future__ import annotations

import datetime
import importlib
import sys
from pathlib import Path

from tests.bench.report import machine, markdown, print_rows

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "benchmarks.md"


def main(chosen: list[str]) -> None:
    """Run the chosen benches, or all; only a full run writes the page."""
    names = sorted(path.stem for path in HERE.glob("bench_*.py"))
    parts = []
    for name in names:
        if chosen and name.removeprefix("bench_") not in chosen:
            continue
        module = importlib.import_module(f"tests.bench.{name}")
        print(f"\n{name}", flush=True)
        rows = module.run()
        print_rows(rows)
        parts.append(
            f"## {name.removeprefix('bench_').capitalize()}\n\n{(module.__doc__ or '').strip()}\n\n{markdown(rows)}\n"
        )
    if not chosen:
        today = datetime.datetime.now(datetime.UTC).date()
        head = f"# Benchmarks\n\n`make bench` of {today}, on {machine()}.\n"
        head += "Each figure stands beside an alternative measured in the same run.\n"
        DOCS.write_text("\n".join([head, *parts]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
