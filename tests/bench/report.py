"""One form for every bench: the figure, the budget, the alternative's figure of the same run, the ratio."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

HEADER = ("what", "figure", "budget", "alternative", "its figure", "ratio ours/alternative")


@dataclass(frozen=True)
class Row:
    """One line: `figure` and `other` in `unit`; `other` is None where nothing was run beside it."""

    what: str
    figure: float
    unit: str
    budget: str = ""
    alternative: str = ""
    other: float | None = None

    def cells(self) -> tuple[str, ...]:
        """The line as text."""
        other = "" if self.other is None else f"{self.other:,.3g} {self.unit}"
        ratio = "" if not self.other else f"{self.figure / self.other:.2f}"
        return (self.what, f"{self.figure:,.4g} {self.unit}", self.budget, self.alternative, other, ratio)


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADER, tuple("---" for _ in HEADER), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def print_rows(rows: Iterable[Row]) -> None:
    """Print the table."""
    print(markdown(rows), flush=True)


def machine() -> str:
    """One line that names the machine."""
    memory = psutil.virtual_memory().total / 2**30
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            model = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}"
