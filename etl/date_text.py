"""Text to wall-clock times, a column at a time, exact about what it refuses.

The usual written forms have fixed widths, so their digits are picked straight out of Arrow's character buffer
(0.1 s a million); whatever does not fit goes through pandas, which also knows month names and unpadded numbers.
Arrow's own strptime is not used: it takes 02/30 for a day in March.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NAMED: Final = ("iso", "epoch", "epoch_ms", "excel")
DIRECTIVES: Final = set("YmdyHIMSpfbBaAjz%")
_WIDTH: Final = {"Y": 4, "m": 2, "d": 2, "y": 2, "H": 2, "I": 2, "M": 2, "S": 2, "p": 2}
_DAY: Final = 86_400_000_000
_ISO_LAYOUTS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
_HALVES: Final = (
    ("上午|午前|오전|凌晨|早上|清晨|[Aa]\\. ?[Mm]\\.", "AM"),
    ("下午|午後|오후|中午|晚上|傍晚|[Pp]\\. ?[Mm]\\.", "PM"),
)
_TAIL: Final = r"^(?P<head>.*\d[:T ]\d.*?\d)\s?(?P<zone>Z|z|UTC|[+-]\d\d(?::?\d\d)?)$"
_BEHIND: Final = r"^(?:[.,](?P<fraction>\d{1,9}))?\s?(?P<zone>Z|z|UTC|[+-]\d\d(?::?\d\d)?)?$"
_FRACTION: Final = r"^(?P<head>.*\d:\d\d:\d\d)[.,](?P<fraction>\d{1,9})$"


@dataclass(frozen=True)
class Wall:
    """What a column of text says. `wall`: microseconds since 1970 as the clock showed; `offset`: microseconds east
    of UTC where the text says so (`zoned`); `day`: a date without a time; `ok`: it could be read."""

    wall: Int64
    offset: Int64
    zoned: Mask
    day: Mask
    ok: Mask


def check_format(where: str, text: str) -> None:
    """ValueError with a sentence for the mapping's author when a format is not one we can read."""
    if text in NAMED:
        return
    used = re.findall(r"%-?(.)", text)
    if not used:
        raise ValueError(f'{where}"{text}" is no date format; write one such as "%Y-%m-%d %H:%M:%S", or one of: '
                         f"{', '.join(NAMED)}")  # fmt: skip
    if strange := [letter for letter in used if letter not in DIRECTIVES]:
        raise ValueError(f'{where}"%{strange[0]}" in "{text}" cannot be read; zone names belong in [time]')
    if "z" in used and not text.endswith("%z"):
        raise ValueError(f'{where}%z is read at the end of a time only, not as in "{text}"')


def empty(size: int) -> Wall:
    """Nothing read yet."""
    no = np.zeros((3, size), np.bool_)
    return Wall(np.zeros(size, np.int64), np.zeros(size, np.int64), no[0], no[1], no[2])


def read_text(values: pa.Array, formats: tuple[str, ...]) -> Wall:
    """The formats are tried in order; a value keeps the first that reads it. Nulls are not ok."""
    found = empty(len(values))
    if any("%p" in text for text in formats):
        values = _english_halves(values)
    for text in formats:
        todo = np.flatnonzero(~found.ok & _valid(values))
        if not todo.size:
            break
        part = _read(values if todo.size == len(values) else values.take(pa.array(todo)), text)
        found.wall[todo], found.offset[todo] = part.wall, part.offset
        found.zoned[todo], found.day[todo], found.ok[todo] = part.zoned, part.day, part.ok
    return found


def _english_halves(values: pa.Array) -> pa.Array:
    """下午 5:24, 5:24 p.m. and 오후 5:24 with the AM and PM that formats know."""
    for pattern, half in _HALVES:
        if pc.any(pc.match_substring_regex(values, pattern)).as_py():
            values = pc.replace_substring_regex(values, pattern, half)
    return values


def _read(values: pa.Array, text: str) -> Wall:
    if text == "iso":
        return _iso(values)
    if text in NAMED:
        return numbers_to_wall(_floats(values), text)
    heads, offset, zoned = split_offset(values) if text.endswith("%z") else (values, *_no_offset(len(values)))
    text = text.removesuffix("%z").rstrip()
    wall, ok = _fixed(heads, text.replace("%-", "%"))
    rest = np.flatnonzero(~ok & _valid(heads))
    if rest.size:
        _pandas(heads, rest, text.replace("%-", "%"), wall, ok)
    return Wall(wall, offset, zoned, np.full(len(ok), not re.search("%[HIMSf]", text)), ok)


def _iso(values: pa.Array) -> Wall:
    wall, ok, day = np.zeros(len(values), np.int64), np.zeros(len(values), np.bool_), np.zeros(len(values), np.bool_)
    for layout in _ISO_LAYOUTS:
        part, fits = _fixed(values, layout)
        wall, ok = np.where(fits, part, wall), ok | fits
        day |= fits & (layout == "%Y-%m-%d")
        if ok.all():
            break
    offset, zoned = _no_offset(len(values))
    for rows, step in _tails(values, np.flatnonzero(~ok & _valid(values))):
        wall[rows], ok[rows] = step.wall, step.ok
        offset[rows], zoned[rows] = step.offset, step.zoned
    rest = np.flatnonzero(~ok & _valid(values))
    if rest.size:
        heads, offset[rest], zoned[rest] = split_offset(values.take(pa.array(rest)))
        wall[rest], ok[rest], day[rest] = _iso_rest(heads)
    return Wall(wall, offset, zoned, day, ok)


def _tails(values: pa.Array, rows: npt.NDArray[np.intp]) -> Iterator[tuple[npt.NDArray[np.intp], Wall]]:
    """The usual form with seconds and something behind them: a fraction, an offset, or both."""
    for layout in _ISO_LAYOUTS[:2]:
        if not rows.size:
            return
        texts = values.take(pa.array(rows))
        wall, ok = _fixed(pc.utf8_slice_codeunits(texts, 0, 19), layout)
        coded = pc.utf8_slice_codeunits(texts, 19).dictionary_encode()
        parts = pc.extract_regex(coded.dictionary, _BEHIND)
        codes = coded.indices.to_numpy()
        ok &= parts.is_valid().to_numpy(zero_copy_only=False)[codes]
        micros = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.struct_field(parts, "fraction"), 6, "0"), 0, 6)
        behind = pc.fill_null(pc.cast(micros, pa.int64()), 0).to_numpy(zero_copy_only=False)[codes]
        zones = pc.fill_null(pc.struct_field(parts, "zone"), "").dictionary_encode()
        steps = np.array([_offset(zone) if zone else 0 for zone in zones.dictionary.to_pylist()] or [0], np.int64)
        given = np.array([bool(zone) for zone in zones.dictionary.to_pylist()] or [False])
        zone = zones.indices.to_numpy()[codes]
        no_day = np.zeros(len(ok), np.bool_)
        yield rows[ok], Wall((wall + behind)[ok], steps[zone][ok], given[zone][ok], no_day[ok], ok[ok])
        rows = rows[~ok]


def _iso_rest(heads: pa.Array) -> tuple[Int64, Mask, Mask]:
    """ISO texts whose offset has been taken off: fractions of seconds, then the compact and the rare forms."""
    parts = pc.extract_regex(heads, _FRACTION)
    fraction = pc.struct_field(parts, "fraction")
    whole = pc.coalesce(pc.struct_field(parts, "head"), heads)
    wall, ok, day = np.zeros(len(heads), np.int64), np.zeros(len(heads), np.bool_), np.zeros(len(heads), np.bool_)
    for layout in _ISO_LAYOUTS:
        part, fits = _fixed(whole, layout)
        wall, ok = np.where(fits, part, wall), ok | fits
    micros = pc.cast(pc.utf8_slice_codeunits(pc.utf8_rpad(fraction, 6, "0"), 0, 6), pa.int64())
    wall = wall + pc.fill_null(micros, 0).to_numpy(zero_copy_only=False)
    sized = pc.and_(pc.greater_equal(pc.utf8_length(heads), 8), pc.match_substring_regex(heads, r"^\d{4}-?\d\d-?\d\d"))
    rest = np.flatnonzero(~ok & pc.fill_null(sized, False).to_numpy(zero_copy_only=False))
    if rest.size:
        _pandas(heads, rest, "ISO8601", wall, ok)
        day[rest] = pc.less_equal(pc.utf8_length(heads.take(pa.array(rest))), 10).to_numpy(zero_copy_only=False)
    return wall, ok, day


def split_offset(values: pa.Array) -> tuple[pa.Array, Int64, Mask]:
    """(texts without their offset, offset in microseconds, whether there was one)."""
    parts = pc.extract_regex(values, _TAIL)
    zones = pc.struct_field(parts, "zone").dictionary_encode()
    steps = np.array([_offset(zone) for zone in zones.dictionary.to_pylist()] or [0], dtype=np.int64)
    codes = pc.fill_null(zones.indices, -1).to_numpy(zero_copy_only=False)
    zoned = codes >= 0
    return pc.coalesce(pc.struct_field(parts, "head"), values), np.where(zoned, steps[codes], 0), zoned


def _offset(zone: str) -> int:
    if zone in ("Z", "z", "UTC"):
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return (-minutes if zone[0] == "-" else minutes) * 60_000_000


def numbers_to_wall(numbers: npt.NDArray[np.float64], text: str) -> Wall:
    """Seconds or milliseconds since 1970 (instants, so zoned), or Excel's days since 1899-12-30 (wall clock)."""
    scale, start = {"epoch": (1e6, 0), "epoch_ms": (1e3, 0), "excel": (float(_DAY), -25569 * _DAY)}[text]
    limit = {"epoch": 253_402_300_799.0, "epoch_ms": 253_402_300_799_000.0, "excel": 2_958_465.999}[text]
    ok = np.isfinite(numbers) & (np.abs(numbers) <= limit)
    wall = np.rint(np.where(ok, numbers, 0.0) * scale).astype(np.int64) + start
    if text == "excel":  # a double holds a serial to about a microsecond; people typed milliseconds at best
        wall = (wall + 500) // 1000 * 1000
    zoned = np.full(len(ok), text != "excel")
    return Wall(wall, np.zeros(len(ok), np.int64), zoned, (text == "excel") & (wall % _DAY == 0), ok)


def _floats(values: pa.Array) -> npt.NDArray[np.float64]:
    good = pc.match_substring_regex(values, r"^[+-]?\d+(\.\d*)?$")
    return pc.if_else(good, values, None).cast(pa.float64()).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _fixed(values: pa.Array, layout: str) -> tuple[Int64, Mask]:
    """(wall, ok) of the values that have exactly this layout of zero-padded numbers; the rest is not ok."""
    tokens = re.findall(r"%.|[^%]", layout)
    wall, ok = np.zeros(len(values), np.int64), np.zeros(len(values), np.bool_)
    if any(token[0] == "%" and token[1] not in _WIDTH for token in tokens):
        return wall, ok
    width = sum(_WIDTH[token[1]] if token[0] == "%" else len(token.encode()) for token in tokens)
    offsets, data = _characters(values)
    rows = np.flatnonzero((np.diff(offsets) == width) & _valid(values))
    if not rows.size:
        return wall, ok
    wall[rows], ok[rows] = _pick(data, offsets[:-1][rows], tokens)
    return wall, ok


def _pick(data: npt.NDArray[np.uint8], starts: Int64, tokens: list[str]) -> tuple[Int64, Mask]:
    ok = np.ones(len(starts), np.bool_)
    found: dict[str, Int64] = {}
    at = 0
    for token in tokens:
        if len(token) == 1:
            for byte in token.encode():
                ok &= data[starts + at] == byte
                at += 1
        elif token.endswith("p"):
            letters = data[starts + at] & 0xDF
            ok &= ((letters == ord("A")) | (letters == ord("P"))) & (data[starts + at + 1] & 0xDF == ord("M"))
            found["p"] = (letters == ord("P")).astype(np.int64)
            at += 2
        else:
            number = np.zeros(len(starts), np.int64)
            for _ in range(_WIDTH[token[1]]):
                digit = data[starts + at] - np.uint8(48)  # below "0" wraps round to above 9
                ok &= digit <= 9
                number = number * 10 + digit
                at += 1
            found[token[1]] = number
    return _civil(found, ok)


def _civil(found: dict[str, Int64], ok: Mask) -> tuple[Int64, Mask]:
    zero = np.zeros(len(ok), np.int64)
    if "y" in found:
        found["Y"] = found["y"] + np.where(found["y"] < 69, 2000, 1900)
    year, month, day = found.get("Y", zero + 1970), found.get("m", zero + 1), found.get("d", zero + 1)
    hour, minute, second = (found.get(part, zero) for part in "HMS")
    if "I" in found:
        ok &= (found["I"] >= 1) & (found["I"] <= 12)
        hour = found["I"] % 12 + 12 * found.get("p", zero)
    ok &= (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = (np.where(ok, year - 1970, 0) * 12 + np.where(ok, month - 1, 0)).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - first
    ok &= day <= length
    wall = (first + day - 1) * _DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000
    return np.where(ok, wall, 0), ok


def _pandas(values: pa.Array, rows: npt.NDArray[np.intp], text: str, wall: Int64, ok: Mask) -> None:
    """Read the given rows by pandas, once a distinct text, into `wall` and `ok`."""
    coded = values.take(pa.array(rows)).dictionary_encode()
    texts: Any = pd.Series(coded.dictionary.to_pylist(), dtype=object)
    try:
        read = pd.to_datetime(texts, format=text, errors="coerce")
        instants = read.to_numpy().astype("datetime64[us]")
    except (ValueError, OverflowError):  # mixed or impossible texts that coerce does not cover
        return
    codes = coded.indices.to_numpy()
    good = ~np.isnat(instants)[codes]
    wall[rows] = np.where(good, instants.astype(np.int64)[codes], 0)
    ok[rows] = good


def _characters(values: pa.Array) -> tuple[Int64, npt.NDArray[np.uint8]]:
    """(offsets, bytes) of a string array."""
    _, offsets, data = values.buffers()
    if not len(values) or data is None:
        return np.zeros(len(values) + 1, np.int64), np.zeros(0, np.uint8)
    all_offsets = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    return all_offsets.astype(np.int64), np.frombuffer(data, np.uint8)


def _valid(values: pa.Array) -> Mask:
    return values.is_valid().to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _no_offset(size: int) -> tuple[Int64, Mask]:
    return np.zeros(size, np.int64), np.zeros(size, np.bool_)
