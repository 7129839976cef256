"""Which date format a column is written in.

Values are grouped by shape (99/99/9999 99:99:99 aa), each shape gives the formats it could mean, and each of these is
tried with the importer's own reader, so a format proposed here is one that reads. Day and month are told apart by
values above 12; where no value is, by what the other columns say and by the order of events (see `settle`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.dates import parse_times
from etl.guess_sample import Column
from etl.mapping import TIMES
from etl.vocabulary import field_match, load, phrase_match, plain

NAT = np.iinfo(np.int64).min
_DAY = 86_400_000_000
_MERIDIEM = r"(?:[AaPp]\.?\s?[Mm]\.?|上午|下午|午前|午後|오전|오후|凌晨|早上|中午|晚上)"
_CLOCK = (r"(?P<h>\d{1,2})(?P<hs>[:.h]|时|時|点|시\s?)(?P<mi>\d{1,2})(?:(?P<ms>[:.]|分|분\s?)(?P<s>\d{1,2})?"
          r"(?P<ss>秒|초)?(?P<f>[.,]\d+)?)?")  # fmt: skip
_MONTHS = r"(?P<b>[A-Za-z]{3,9})"
_DATES = (
    r"(?P<Y>\d{4})(?P<d1>[-/.]|年\s?|년\s?)(?P<m>\d{1,2})(?P<d2>[-/.]|月\s?|월\s?)(?P<d>\d{1,2})(?P<d3>日|일|(?=\D|$))",
    r"(?P<n1>\d{1,2})(?P<d1>[-/.])(?P<n2>\d{1,2})(?P<d2>[-/.])(?P<Y>\d{4})",
    r"(?P<n1>\d{1,2})(?P<d1>[-/.])(?P<n2>\d{1,2})(?P<d2>[-/.])(?P<y>\d{2})(?=\D|$)",
    rf"(?P<d>\d{{1,2}})(?P<d1>[-/. ]){_MONTHS}(?P<d2>[-/. ]|, )(?:(?P<Y>\d{{4}})|(?P<y>\d{{2}}))(?=\D|$)",
    rf"{_MONTHS}(?P<d1>[-/. ])(?P<d>\d{{1,2}})(?P<d2>,? |[-/.])(?P<Y>\d{{4}})",
    r"(?P<Y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)",
)


@dataclass(frozen=True)
class Reading:
    """One column read as times: `formats` for the mapping (none for typed columns), `share` of the filled cells that
    parse, wall-clock microseconds a sampled row (NAT where none), and the reading with day and month exchanged
    where the values allow both."""

    column: str
    formats: tuple[str, ...]
    share: float
    wall: npt.NDArray[np.int64]
    day_only: bool
    zoned: bool
    other: Reading | None = None
    evidence: str = ""  # how day and month were told apart
    columns: tuple[str, ...] = ()  # where date and time stand apart

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Rows with a time."""
        known: npt.NDArray[np.bool_] = self.wall != NAT
        return known


def says_time(header: str) -> bool:
    """Whether a header speaks of a time at all; numbers are only taken for dates under such headers."""
    vocabulary = load("vocabulary")
    words = [
        (word, 1.0) for word in (*vocabulary["date_words"], *vocabulary["time_words"], "datetime", "dt", "timestamp")
    ]
    return phrase_match(words, header).score > 0 or max(field_match(field, header).score for field in TIMES) >= 0.6


def read_dates(column: Column) -> Reading | None:
    """The column as times, or None where it is none."""
    if column.typed:
        return _read_typed(column)
    if not _might_be(column):
        return None
    shapes = Counter(_shape(value) for value in column.values)
    examples: dict[str, str] = {}
    for value in column.values:
        examples.setdefault(_shape(value), value)
    frequent = [shape for shape, count in shapes.most_common(12) if count >= 0.002 * len(column.values)]
    timely = says_time(column.name)
    options = [(shape, formats) for shape in frequent if (formats := formats_of(examples[shape], timely))]
    return _best(column, [choices for _, choices in options]) if options else None


def _might_be(column: Column) -> bool:
    """A look at a few hundred cells, since most columns are no times."""
    few = column.values[:: max(1, len(column.values) // 300)]
    timely = says_time(column.name)
    return sum(1 for value in few if formats_of(value, timely)) >= 0.5 * len(few) > 0


def _best(column: Column, options: list[list[str]]) -> Reading | None:
    """The better of day first and month first; both where they read equally well."""
    day_first = _chosen(column, [choices[0] for choices in options])
    month_first = _chosen(column, [choices[-1] for choices in options])
    if all(len(choices) == 1 for choices in options):
        return day_first if day_first.share >= 0.6 else None
    best, second = (day_first, month_first) if day_first.share >= month_first.share else (month_first, day_first)
    if best.share < 0.6:
        return None
    if second.share < best.share - 0.002:
        return replace(best, evidence="over_12")
    return replace(best, other=second)


def _chosen(column: Column, formats: list[str]) -> Reading:
    unique = tuple(dict.fromkeys(formats))
    return reading(column.name, column.cells, unique)


def reading(name: str, cells: pa.Array, formats: tuple[str, ...]) -> Reading:
    """The cells read with the formats, by the importer's own reader."""
    times = parse_times(cells, formats, "UTC", ignore_tag=True)
    wall = times.instants.view("int64").copy()
    filled = len(cells) - cells.null_count
    known = wall != NAT
    day_only = bool(known.any()) and bool((wall[known] % _DAY == 0).all())
    zoned = any(re.search(r"(Z|[+-]\d\d(:?\d\d)?|UTC)$", value) for value in _some(cells)) if formats else False
    share = 1 - int(times.bad.sum()) / filled if filled else 0.0
    return Reading(name, formats, share, wall, day_only, zoned)


def _some(cells: pa.Array) -> list[str]:
    return [str(value) for value in cells.drop_null().slice(0, 50).to_pylist() if ":" in str(value)]


def _read_typed(column: Column) -> Reading | None:
    kind = column.whole.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        found = reading(column.name, column.cells, ())
        return replace(found, zoned=pa.types.is_timestamp(kind) and kind.tz is not None)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)) or not says_time(column.name):
        return None
    formats = _number_format([value.removesuffix(".0") for value in column.values])
    return reading(column.name, column.cells, (formats,)) if formats else None


def _number_format(values: list[str]) -> str | None:
    """Seconds or milliseconds since 1970, days since 1900, or digits written together."""
    numbers = [float(value) for value in values if re.fullmatch(r"-?\d+(\.\d+)?", value)]
    if not numbers or len(numbers) < 0.9 * len(values):
        return None
    middle = sorted(numbers)[len(numbers) // 2]
    if 1.9e7 < middle < 2.1e7 and all(re.fullmatch(r"(19|20)\d{6}", value) for value in values[:50]):
        return "%Y%m%d"
    if 4.7e8 < middle < 2.4e9:  # 1985 to 2046
        return "epoch"
    if 4.7e11 < middle < 2.4e12:
        return "epoch_ms"
    return "excel" if 30_000 < middle < 62_000 else None  # 1982 to 2069


def _shape(value: str) -> str:
    letters = re.sub(r"[A-Za-z]{4,}", "A", re.sub(r"\d", "9", value))
    return re.sub(r"[A-Za-z]{2,3}", "a", letters)


def formats_of(value: str, timely: bool = True) -> list[str]:
    """The formats a value could be written in: one, or day first and month first. Nothing where it is no time."""
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return _digits(value) if timely else []
    if re.match(r"(\d{4})-(\d\d)-(\d\d)([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?\s?(Z|UTC|[+-]\d\d(:?\d\d)?)?$", value):
        return ["iso"]
    for pattern in _DATES:
        match = re.match(rf"(?P<w>[A-Za-z]{{3,9}},? )?{pattern}", value)
        if match and (tail := _tail(value[match.end() :])) is not None:
            return [head + tail for head in _heads(match)]
    return []


def _digits(value: str) -> list[str]:
    """The format of a time written as one number."""
    if re.fullmatch(r"(19|20)\d{12}", value):
        return ["%Y%m%d%H%M%S"]
    if re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])[0-3]\d[0-2]\d[0-5]\d", value):
        return ["%Y%m%d%H%M"]
    named = _number_format([value])
    return [named] if named else []


def _heads(match: re.Match[str]) -> list[str]:
    """The date part as a format; twice where two numbers could be day and month."""
    parts = match.groupdict()
    weekday = (
        "" if not parts["w"] else ("%a" if len(parts["w"].rstrip(", ")) == 3 else "%A") + parts["w"].lstrip(_LETTERS)
    )
    first, second = parts.get("d1") or "", parts.get("d2") or ""
    year = "%y" if parts.get("y") else "%Y"
    if parts.get("n1"):
        return [f"{weekday}{a}{first}{b}{second}{year}" for a, b in (("%d", "%m"), ("%m", "%d"))]
    month = "%m" if not parts.get("b") else "%b" if len(parts["b"]) == 3 else "%B"
    if match.start("d") < match.start("b" if parts.get("b") else "m"):
        return [f"{weekday}%d{first}{month}{second}{year}"]
    if parts.get("b"):
        return [f"{weekday}{month}{first}%d{second}{year}"]
    return [f"{weekday}%Y{first}%m{second}%d{parts.get('d3') or ''}"]


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _tail(text: str) -> str | None:
    """The format of what follows the date; None where it is no time of day."""
    if not text:
        return ""
    match = re.fullmatch(
        rf"(?P<gap>[,T\s]*(?:- )?)(?P<before>{_MERIDIEM}\s?)?{_CLOCK}(?P<space>\s?)(?P<after>{_MERIDIEM})?"
        rf"(?P<zone>\s?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?|[A-Z]{{2,4}}))?", text
    )  # fmt: skip
    return text[: match.start("h")].replace(match["before"] or "", "") + clock_format(match) if match else None


def clock_format(match: re.Match[str]) -> str:
    """The format of a matched time of day, 12-hour where AM or PM stands beside it."""
    before, after = match["before"], match["after"]
    seconds = f"{match['ms'] or ''}{'%S' if match['s'] else ''}{match['ss'] or ''}"
    clock = f"{'%I' if before or after else '%H'}{match['hs']}%M{seconds}"
    if match["f"]:
        clock += f"{match['f'][0]}%f"
    lead = f"%p{' ' if before and before.endswith(' ') else ''}" if before else ""
    zone = match["zone"] or ""
    if re.fullmatch(r"\s?(Z|UTC|[+-]\d\d(:?\d\d)?)", zone):
        zone = f"{' ' if zone[0] == ' ' else ''}%z"
    return f"{lead}{clock}{match['space'] + '%p' if after else match['space']}{zone}"


def time_format(column: Column) -> str | None:
    """The format of a column that holds times of day only, or None."""
    if column.typed or not column.values:
        return None
    pattern = rf"(?P<before>{_MERIDIEM}\s?)?{_CLOCK}(?P<space>\s?)(?P<after>{_MERIDIEM})?(?P<zone>)"
    matches = [re.fullmatch(pattern, value) for value in column.values]
    formats = Counter(clock_format(match) for match in matches if match)
    best = formats.most_common(1)
    return best[0][0] if best and best[0][1] >= 0.9 * len(column.values) else None


def stem(header: str, words: str) -> str:
    """A header without its date words ("date_words") or time words ("time_words"): what pairs two columns."""
    text = plain(header)
    for word in sorted(load("vocabulary")[words], key=len, reverse=True):
        text = re.sub(rf"\b{word}\b", "", text) if word.isascii() else text.replace(word, "")
    return " ".join(text.split())
