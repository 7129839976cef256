"""What a request for features asks, read from its parameters; what cannot be read is said and not guessed (400)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from data.errors import QuestionError
from data.published import Source
from data.published_pages import Asked, Key
from layers.reference_systems import CRS84, System, boxed

USUAL, MOST = 100, 10_000
OURS = ("f", "limit", "bbox", "bbox-crs", "crs", "datetime", "after", "before", "api_key")
OPEN = ("", "..")
_ID = re.compile(r"(\d{1,18})(?:-(\d{8}))?")
_DAY_LONG = timedelta(days=1) - timedelta(microseconds=1)


@dataclass(frozen=True)
class Wanted:
    """A page of a source, in a system."""

    asked: Asked
    system: System


def wanted(given: Sequence[tuple[str, str]], source: Source, systems: Mapping[str, System], zone: ZoneInfo) -> Wanted:
    """The page a request asks for. Raises QuestionError, which names the parameter."""
    known = {*OURS, *source.texts, *source.numbers}
    check_names([name for name, _value in given], known)
    said = dict(given)
    since, until = moments(said["datetime"], zone) if "datetime" in said else (None, None)
    asked = Asked(
        limit=limit_of(said.get("limit")),
        after=_page_key("after", said.get("after")),
        before=_page_key("before", said.get("before")),
        area=_asked_area(said, systems),
        since=since,
        until=until,
        equal={name: _asked_value(name, value, source) for name, value in said.items() if name not in OURS},
    )
    return Wanted(asked, asked_system(said.get("crs"), "crs", systems))


def check_names(given: Sequence[str], known: set[str] | frozenset[str]) -> None:
    """Raises QuestionError where a parameter is unknown or comes twice."""
    for name in given:
        if name not in known:
            todo = f"There are {', '.join(sorted(known - {'api_key'}))}."
            raise QuestionError("the parameter is not known here.", where=name, todo=todo)
        if given.count(name) > 1:
            raise QuestionError("the parameter comes twice.", where=name)


def limit_of(text: str | None) -> int:
    """How many features; more than the most is the most."""
    if text is None:
        return USUAL
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < 1:
        raise QuestionError("a limit is a whole number above 0.", where="limit", todo=f"At most {MOST} come in a page.")
    return min(int(text), MOST)


def asked_system(uri: str | None, name: str, systems: Mapping[str, System]) -> System:
    """The system of a URI; CRS84 where none is asked."""
    found = systems.get(uri or CRS84)
    if found is None:
        raise QuestionError("the coordinate system is not offered.", where=name, todo=f"Offered: {', '.join(systems)}.")
    return found


def _asked_area(said: Mapping[str, str], systems: Mapping[str, System]) -> object:
    system = asked_system(said.get("bbox-crs"), "bbox-crs", systems)
    if "bbox" not in said:
        return None
    try:
        numbers = [float(word) for word in said["bbox"].split(",")]
        if len(numbers) == 6:
            numbers = [numbers[i] for i in (0, 1, 3, 4)]
        if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
            raise ValueError
        west, south, east, north = numbers
        return boxed(west, south, east, north, system)
    except ValueError:
        todo = "Write the lower corner, then the upper one: bbox=116.3,39.8,116.5,40.0."
        raise QuestionError("a box is four or six numbers, the lower corner first.", where="bbox", todo=todo) from None


def moments(text: str, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """(since, until) of an instant, a day or an interval; open ends are the ends of time."""
    first, slash, last = text.partition("/")
    start = datetime.min.replace(tzinfo=UTC) if slash and first in OPEN else _moment(first, zone, last=False)
    end_text = last if slash else first
    end = datetime.max.replace(tzinfo=UTC) if slash and last in OPEN else _moment(end_text, zone, last=True)
    if start > end:
        raise QuestionError("the interval ends before it begins.", where="datetime")
    return start, end


def _moment(text: str, zone: ZoneInfo, *, last: bool) -> datetime:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            begin = datetime.combine(date.fromisoformat(text), time(), zone)
            return (begin + _DAY_LONG if last else begin).astimezone(UTC)
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", text):
            raise ValueError
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        todo = "Write 2026-07-01T00:00:00Z, 2026-07-01, or two of them with a slash between; .. is an open end."
        raise QuestionError("a moment cannot be read.", where="datetime", todo=todo) from None


def key_of(text: str) -> Key | None:
    """The key a feature's id stands for; None for what is no id."""
    found = _ID.fullmatch(text)
    return (int(found[1]), int(found[2] or 0)) if found else None


def id_of(a: int, b: int) -> str:
    """A feature's id: its number, and the day its version began where that is not the beginning."""
    return f"{a}-{b}" if b else str(a)


def _page_key(name: str, text: str | None) -> Key | None:
    if text is None:
        return None
    found = key_of(text)
    if found is None:
        raise QuestionError("it is the id of no feature.", where=name, todo="Follow the links of the page before.")
    return found


def _asked_value(name: str, text: str, source: Source) -> str | float:
    if name in source.texts:
        return text
    try:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError
    except ValueError:
        raise QuestionError("a number is needed.", where=name) from None
    return number
