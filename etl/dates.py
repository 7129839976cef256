"""Times of a source column to UTC instants.

A local time that exists twice (clocks put back) is the first of the two; one that does not exist (clocks put
forward) is the first moment after the gap. Both keep the order of the wall clock, so a ticket never seems closed
before it was opened because of the rule itself. A deadline given as a date is the end of that local day, which in a
night of 25 hours is the later of the two midnights (terms.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.date_text import NAMED, Mask, Wall, check_format, empty, numbers_to_wall, read_text

__all__ = ["NAMED", "Times", "check_format", "join_columns", "join_texts", "parse_times"]

Instants = npt.NDArray[np.datetime64]
_DAY: Final = 86_400_000_000
_PLACEHOLDER: Final = int(np.datetime64("1902-01-01", "us").astype(np.int64))  # an earlier wall clock means "none"


@dataclass(frozen=True)
class Times:
    """One column: `instants` datetime64[us] in UTC, NaT where there is none; `bad`: something stands there that no
    format reads; `placeholder`: a date in 1901 or earlier (its instant is kept), or all zeros (NaT)."""

    instants: Instants
    bad: Mask
    placeholder: Mask


def parse_times(
    column: pa.Array, formats: tuple[str, ...], zone: str, *, ignore_tag: bool = False, end_of_day: bool = False
) -> Times:
    """Text, timestamps, dates or numbers to instants. No format means ISO 8601.

    ignore_tag: offsets and zone tags are wrong, the wall clock is local. end_of_day: a date without a time is
    23:59:59.999999 of that local day instead of its first moment.
    """
    read = _wall(column, formats or ("iso",))
    local = read.wall + np.where(end_of_day & read.day, _DAY - 1, 0)
    by_tag = read.zoned & (not ignore_tag)
    instants = _localise(local, zone, "latest" if end_of_day else "earliest", read.day)
    instants = np.where(by_tag, read.wall - read.offset, instants)
    zeros = _zeros(column)
    given = column.is_valid().to_numpy(zero_copy_only=False)
    instants = np.where(read.ok, instants, np.iinfo(np.int64).min)  # the integer behind NaT
    return Times(
        instants.view("datetime64[us]"),
        given & ~read.ok & ~zeros,
        (read.ok & (read.wall < _PLACEHOLDER)) | zeros,
    )


def join_columns(columns: list[pa.Array]) -> pa.Array:
    """Several columns as one text, joined by a space; null where the first is null, shorter where another is."""
    if len(columns) == 1:
        return columns[0]
    texts = [column if pa.types.is_string(column.type) else column.cast(pa.string()) for column in columns]
    return pc.if_else(texts[0].is_valid(), join_texts(texts, " "), None)


def join_texts(columns: list[pa.Array], separator: str) -> pa.Array:
    """The texts of each row that are there, joined. Arrow's own skipping of nulls loses rows that are all null."""
    joined = columns[0]
    for column in columns[1:]:
        joined = pc.coalesce(pc.binary_join_element_wise(joined, column, separator), joined, column)
    return joined


def _wall(column: pa.Array, formats: tuple[str, ...]) -> Wall:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return read_text(column.cast(pa.string()), formats)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _typed(column)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        named = next((text for text in formats if text in NAMED and text != "iso"), None)
        if named is not None:
            numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            return numbers_to_wall(numbers, named)
        return read_text(column.cast(pa.string()), formats)
    return read_text(column.cast(pa.string()), formats) if column.null_count < len(column) else empty(len(column))


def _typed(column: pa.Array) -> Wall:
    """Timestamps and dates of a typed file."""
    zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    plain = pc.local_timestamp(column) if zoned else column
    wall = _micros(plain)
    offset = wall - _micros(column.cast(pa.timestamp(column.type.unit))) if zoned else np.zeros(len(wall), np.int64)
    size = len(column)
    ok = column.is_valid().to_numpy(zero_copy_only=False)
    return Wall(wall, offset, np.full(size, zoned), np.full(size, pa.types.is_date(column.type)), ok)


def _micros(column: pa.Array) -> npt.NDArray[np.int64]:
    instants = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    return pc.fill_null(instants, 0).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _localise(wall: npt.NDArray[np.int64], zone: str, fold: str, day: Mask) -> npt.NDArray[np.int64]:
    """Wall clock of the zone to UTC microseconds."""

    def instants(ambiguous: str) -> npt.NDArray[np.int64]:
        local = pa.array(wall.view("datetime64[us]"))
        zoned = pc.assume_timezone(local, zone, ambiguous=ambiguous, nonexistent="latest")
        return zoned.cast(pa.int64()).to_numpy()  # type: ignore[no-any-return]

    first = instants("earliest")
    return np.where(day, instants("latest"), first) if fold == "latest" and day.any() else first


def _zeros(column: pa.Array) -> Mask:
    """0000-00-00: how some databases write "no date"."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return np.zeros(len(column), np.bool_)
    hits = pc.match_substring_regex(column, r"^0{2,4}[-/.]00[-/.]00+([ T][0:. ]*)?$")
    return pc.fill_null(hits, False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
