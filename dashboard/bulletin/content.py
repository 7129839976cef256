"""What a bulletin says, as plain values: made where the store is, printed in another process that has none.

Numbers stay numbers until they are printed, so that a test can hold each one against the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from layers.print_map import MapSheet


@dataclass(frozen=True)
class Change:
    """Against another period. by: the difference (of counts as a share of then); None: there is nothing to compare with.

    how: up, down, same (no more than chance explains), few (too few cases to say), none. good: None where neither is.
    """

    how: str
    by: float | None = None
    good: bool | None = None


@dataclass(frozen=True)
class Span:
    """From where to where something lies."""

    low: float
    high: float


Value = str | float | Change | Span | None


@dataclass(frozen=True)
class Headline:
    """A figure of the place with its n and both comparisons (环比, 同比)."""

    figure: str
    name: str
    unit: str
    value: float | None
    n: float | None
    before: Change
    year: Change


@dataclass(frozen=True)
class Column:
    """A column of a table. unit: of figures, "rank", "days", "change", else "text"; wide: its share of the width; figure: whose
    changes it holds."""

    name: str
    unit: str = "text"
    wide: float = 1.0
    figure: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a title and what has to be said below it."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    last_is_whole: bool = False  # the last row is the whole, not one more part


@dataclass(frozen=True)
class Series:
    """A line or a row of bars."""

    name: str
    values: tuple[float | None, ...]
    ends: tuple[tuple[float, float] | None, ...] = ()  # of bars: from where to where each may lie


@dataclass(frozen=True)
class Chart:
    """A chart. kind: "lines" over time, "bars" of names."""

    key: str
    kind: str
    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Section:
    """A part of the bulletin. sheets: tables that go only into the workbook."""

    key: str
    title: str
    paragraphs: tuple[str, ...] = ()
    headlines: tuple[Headline, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    maps: tuple[MapSheet, ...] = ()
    sheets: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Bulletin:
    """All of it. about: name and value of what was asked, as it stands on top of every sheet of the workbook."""

    what: str
    language: str
    place: str
    title: str
    issue: str  # "2026年第6期"
    issuer: str
    period: str
    made: str  # the day it was made, in words
    made_at: datetime
    sections: tuple[Section, ...]
    method: tuple[str, ...]
    about: tuple[tuple[str, str], ...]
    closing: tuple[tuple[str, str], ...] = field(default=())
