"""The times of a file together: date and time in two columns, day or month first, and zone tags that cannot be right.

No column is read alone where its neighbours know more: nothing is closed before it is opened, an export covers a few
months and not the same day of every month, and people report problems by day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.dates import join_columns, parse_times
from etl.guess_dates import Reading, read_dates, reading, says_time, stem, time_format
from etl.guess_sample import Column
from etl.vocabulary import field_match, plain

_HOUR = 3_600_000_000
_MIDDAY = 13.2  # mean hour of reports in every city looked at: 12.6 to 13.9 local time
_PARTS = (
    {"day", "dia", "dd", "jour", "tag", "giorno", "日"},
    {"month", "mes", "mm", "mois", "monat", "mese", "月"},
    {"year", "any", "ano", "yyyy", "annee", "jahr", "anno", "年"},
)


def read_times(columns: dict[str, Column]) -> dict[str, Reading]:
    """Every column that holds times, by name; a date column takes its time of day from the column beside it."""
    found = {name: read for name, column in columns.items() if (read := read_dates(column)) is not None}
    found |= _three_columns({name: column for name, column in columns.items() if name not in found})
    _join_clocks(columns, found)
    return settle(found)


def _join_clocks(columns: dict[str, Column], found: dict[str, Reading]) -> None:
    clocks = {name: text for name, column in columns.items() if name not in found and (text := time_format(column))}
    for name, clock in clocks.items():
        wanted = stem(name, "time_words")
        dates = [date for date, read in found.items() if read.day_only and stem(date, "date_words") == wanted]
        if not dates and len(clocks) == 1 and not wanted:
            dates = [date for date, read in found.items() if read.day_only][:1]
        if not dates or len(found[dates[0]].columns) > 1:
            continue
        read, parts = found[dates[0]], [columns[dates[0]], columns[name]]
        found[dates[0]] = _joined(read, parts, clock)


def _joined(read: Reading, parts: list[Column], clock: str) -> Reading:
    cells = join_columns([part.text for part in parts])
    whole = [text for text in read.formats if text != "iso"] or [_iso_date(parts[0])]
    joined = reading(read.column, cells, tuple(f"{text} {clock}" for text in whole))
    if joined.share < 0.999 and parts[1].null_share > 0:  # a date may stand without its time
        joined = reading(read.column, cells, (*joined.formats, *read.formats))
    other = _joined(replace(read.other, other=None), parts, clock) if read.other else None
    return replace(joined, columns=tuple(part.name for part in parts), other=other, evidence=read.evidence)


def _iso_date(column: Column) -> str:
    """The date part of ISO texts as a format, a midnight that says nothing included as it stands."""
    example = column.values[0]
    return "%Y-%m-%d" + (example[10:] if len(example) > 10 else "")


def _three_columns(columns: dict[str, Column]) -> dict[str, Reading]:
    """Dates in three columns of numbers: DIA_DATA_ALTA, MES_DATA_ALTA, ANY_DATA_ALTA."""
    stems: dict[str, dict[int, str]] = {}
    for name in columns:
        words = plain(name).split()
        for place, names in enumerate(_PARTS):
            if len(words) > 1 and (hit := names & set(words)):
                stems.setdefault(" ".join(word for word in words if word not in hit), {})[place] = name
    found = {}
    for places in stems.values():
        if len(places) == 3:
            parts = [columns[places[place]] for place in range(3)]
            cells = join_columns([pa.array(part.text) for part in parts])
            read = reading(parts[0].name, cells, ("%d %m %Y",))
            if read.share > 0.9:
                found[parts[0].name] = replace(read, columns=tuple(part.name for part in parts))
    return found


def settle(found: dict[str, Reading]) -> dict[str, Reading]:
    """Decide day or month first where a column's own values leave it open.

    In this order: a neighbour written the same way whose values do decide; the order of events; the shorter span,
    since the wrong reading scatters a month's days over the year. Else it stays open (`other` is kept).
    """
    open_ones = {name for name, read in found.items() if read.other is not None}
    decided = {_first(read) for read in found.values() if read.evidence == "over_12"}
    result = dict(found)
    if len(decided) == 1:
        wanted = decided.pop()
        for name in open_ones:
            result[name] = replace(_pick(found[name], wanted), other=None, evidence="neighbour")
        return result
    if not open_ones:
        return result
    for wanted, evidence in ((_by_order(found, open_ones), "order"), (_by_span(found, open_ones), "span")):
        if wanted:
            for name in open_ones:
                chosen = _pick(found[name], wanted)
                kept = found[name] if chosen is found[name].other else found[name].other
                result[name] = replace(chosen, other=kept if evidence == "span" else None, evidence=evidence)
            break
    return result


def _first(read: Reading) -> str:
    """ "d" or "m": which of the two the formats put first; empty where the year stands first."""
    text = read.formats[0] if read.formats else ""
    day, month = text.find("%d"), text.find("%m")
    return "" if min(day, month) < 0 or text.startswith("%Y") else "d" if day < month else "m"


def _pick(read: Reading, wanted: str) -> Reading:
    return read.other if read.other is not None and _first(read) != wanted else read


def _by_order(found: dict[str, Reading], names: set[str]) -> str:
    """The reading under which fewer tickets are closed, or due, before they are opened."""
    starts = [name for name in found if field_match("reported_at", name).score > 0.5]
    ends = [name for name in found if max(field_match(field, name).score for field in ("closed_at", "due_at")) > 0.5]
    wrong: dict[str, float] = {}
    for wanted in "dm":
        shares = [
            disorder(_pick(found[start], wanted), _pick(found[end], wanted))
            for start in starts
            for end in ends
            if start != end and {start, end} & names
        ]
        wrong[wanted] = sum(shares) / len(shares) if shares else 0.0
    if abs(wrong["d"] - wrong["m"]) < 0.02:
        return ""
    return min(wrong, key=lambda wanted: wrong[wanted])


def _by_span(found: dict[str, Reading], names: set[str]) -> str:
    spans = {}
    for wanted in "dm":
        walls = [_pick(found[name], wanted) for name in names]
        spans[wanted] = sum(_span(read) for read in walls)
    if min(spans.values()) * 1.6 > max(spans.values()):
        return ""
    return min(spans, key=lambda wanted: spans[wanted])


def _span(read: Reading) -> float:
    known = read.wall[read.known]
    return float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) if len(known) else 0.0


def disorder(first: Reading, second: Reading) -> float:
    """Share of rows with both times in which the second lies before the first by more than a day's rounding."""
    both = first.known & second.known
    if not both.any():
        return 0.0
    slack = 24 * _HOUR if first.day_only != second.day_only else 0
    return float((second.wall[both] + slack < first.wall[both]).mean())


def mean_hour(wall: npt.NDArray[np.int64], offset_hours: float) -> float:
    """The circular mean of the hour of day: where a city's activity lies."""
    angles = ((wall / _HOUR + offset_hours) % 24) * (2 * np.pi / 24)
    return float(np.angle(np.exp(1j * angles).mean()) * 24 / (2 * np.pi) % 24)


def tag_is_wrong(read: Reading, offset_hours: float) -> tuple[bool, float, float]:
    """(whether the clock as written fits a city's day better than the clock after its tag is applied, both mean hours).

    offset_hours: what the tags add to the clock as written. Only told where the two readings lie at least two hours apart.
    """
    wall = read.wall[read.known]
    if len(wall) < 200 or abs(offset_hours) < 2:
        return False, 0.0, 0.0
    written, shifted = mean_hour(wall, 0), mean_hour(wall, offset_hours)
    far = [min(abs(hour - _MIDDAY), 24 - abs(hour - _MIDDAY)) for hour in (written, shifted)]
    return far[0] + 1 < far[1], written, shifted


def tag_shift(cells: pa.Array, formats: tuple[str, ...], zone: str) -> float | None:
    """By how many hours the clock of a zone differs from the clock as written, after the tags are applied.

    None where they agree, as on times that carry the zone's own offset, summer and winter: then nothing is to be asked.
    """
    tagged, plain = (parse_times(cells, formats, zone, ignore_tag=ignored).instants for ignored in (False, True))
    both = ~np.isnat(tagged) & ~np.isnat(plain)
    shift = (tagged[both] - plain[both]).astype(np.int64) / _HOUR
    if not len(shift) or (shift == 0).mean() > 0.99:  # the hour that summer time repeats is read in two ways
        return None
    return float(np.median(shift))


def offset_of(zone: str | None, longitude: float | None) -> float:
    """Hours from UTC: of the zone in January, else of the longitude."""
    if zone is not None:
        away = datetime(2019, 1, 15, tzinfo=ZoneInfo(zone)).utcoffset()
        return away.total_seconds() / 3600 if away is not None else 0.0
    return longitude / 15 if longitude is not None else 0.0


def twelve_hour(read: Reading) -> bool:
    """Whether hours run from 1 to 12 without AM or PM: half of the day is missing from the text."""
    known = read.wall[read.known]
    if len(known) < 200 or read.day_only or any("%I" in text for text in read.formats):
        return False
    hours = known // _HOUR % 24
    return bool(hours.max() == 12 and hours.min() >= 1)


__all__ = [
    "Reading",
    "disorder",
    "mean_hour",
    "offset_of",
    "read_times",
    "says_time",
    "settle",
    "tag_is_wrong",
    "tag_shift",
    "twelve_hour",
]
