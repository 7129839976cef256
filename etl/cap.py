"""Reads warnings written in the Common Alerting Protocol 1.2 (OASIS, 2010), as weather offices send them.

A message comes from outside, so nothing in it is trusted: a document type is refused before it can declare an entity, size,
depth and number of elements are limited, and every element the standard requires is looked for by name. The block in
Chinese is preferred; without one the first language is taken. The colour is the one people call the warning by where the
headline or event names one (暴雨橙色预警), else the severity's: Extreme red, Severe orange, Moderate yellow, Minor blue.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from xml.parsers import expat

import shapely

from data.alarm_rules import Colour
from data.errors import FileError, InputError
from data.hazard_warnings import Info, Message
from data.orders import FIRST_YEAR, LAST_YEAR

MOST_BYTES = 512 * 1024
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
DEEPEST, MOST_ELEMENTS, MOST_CORNERS, MOST_INFOS, LONGEST_TEXT = 12, 5000, 20_000, 50, 4000
MOST_CROSSED = 200  # corners of a polygon that crosses itself: mending it takes the square of them
LASTS = timedelta(hours=24)  # what says no end holds a day
SUFFIXES = (".xml", ".cap")
STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
KINDS = ("Alert", "Update", "Cancel", "Ack", "Error")
VALUES: dict[str, tuple[str, ...]] = {
    "scope": ("Public", "Restricted", "Private"),
    "category": ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Extreme", "Severe", "Moderate", "Minor", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}  # fmt: skip
SEVERITY: dict[str, Colour] = {
    "Extreme": "red", "Severe": "orange", "Moderate": "yellow", "Minor": "blue", "Unknown": "blue",
}  # fmt: skip
CALLED: dict[str, Colour] = {
    "红色": "red", "橙色": "orange", "黄色": "yellow", "蓝色": "blue",
    "red warning": "red", "orange warning": "orange", "yellow warning": "yellow", "blue warning": "blue",
}  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
_DECLARED = re.compile(rb"""(\s*<\?xml[^>]{0,80}?encoding\s*=\s*["'])([A-Za-z0-9._-]{1,40})(["'])""")
CHINESE = (b"gb2312", b"gbk", b"gb18030", b"cp936")  # the last of the first three holds the others
_EARTH = 6371.0088  # kilometres


@dataclass
class _Element:
    """An element: its name without the namespace, what it says, what it holds. path: where it stands, for people."""

    name: str
    path: str
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def all(self, name: str) -> list[_Element]:
        return [child for child in self.children if child.name == name]

    def said(self, name: str) -> str | None:
        """The text of the first element of that name; None where it is not there or says nothing."""
        return next((text for child in self.all(name) if (text := child.text.strip()[:LONGEST_TEXT])), None)

    def required(self, name: str) -> str:
        found = self.said(name)
        if found is None:
            raise InputError(
                f"it has no {name}.", where=self.path, todo="CAP 1.2 requires it; ask the sender to mend it."
            )
        return found


def read_file(path: Path) -> Message:
    """The message in a file. Raises FileError and InputError."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise FileError(f"the file cannot be read ({error.strerror}).", where=str(path)) from None
    if size > MOST_BYTES:
        raise _too_large(size)
    return read(content)


def read(content: bytes) -> Message:
    """The message in some bytes. Raises InputError that says where and what to do."""
    if len(content) > MOST_BYTES:
        raise _too_large(len(content))
    alert = _parsed(content)
    status, kind = _word_of(alert, "status", STATUS), _word_of(alert, "msgType", KINDS)
    _word_of(alert, "scope", VALUES["scope"])
    if status not in ("Actual", "Exercise"):
        raise InputError(
            f"its status is {status}.", where="alert.status", todo="Only Actual and Exercise are taken in."
        )
    if kind not in ("Alert", "Update", "Cancel"):
        raise InputError(f"it is an {kind}, no warning.", where="alert.msgType", todo="Send Alert, Update or Cancel.")
    sent = _instant_of(alert, "sent")
    infos = _of_one_language(alert.all("info"))
    if kind != "Cancel" and not infos:
        raise InputError("it has no info.", where="alert", todo="CAP 1.2 requires it of an Alert and an Update.")
    return Message(
        sender=_referable(alert, "sender"),
        identifier=_referable(alert, "identifier"),
        sent_at=sent,
        kind="Alert" if kind == "Alert" else "Update" if kind == "Update" else "Cancel",
        exercise=status == "Exercise",
        references=_references(alert, kind),
        infos=tuple(_block(one, sent) for one in infos) if kind != "Cancel" else (),
    )


def _parsed(content: bytes) -> _Element:
    """The alert element of a document, without a document type, entities, or more than a message can have."""
    reader = _Reader()
    try:
        reader.parser.Parse(_in_utf8(content), True)
    except expat.ExpatError as error:
        raise InputError(
            f"this is not well-formed XML: {expat.ErrorString(error.code)}.",
            where=f"line {error.lineno}, column {error.offset + 1}",
            todo="Ask the sender to mend it.",
        ) from None
    except (LookupError, ValueError):  # the second: one it knows, and cannot read
        raise InputError("the encoding it names is not known.", where="line 1", todo="Send it as UTF-8.") from None
    if reader.root is None:
        raise InputError("it holds no element.", where="line 1")
    return reader.root


def _in_utf8(content: bytes) -> bytes:
    """A message in one of the Chinese encodings, which expat does not read, as UTF-8; any other as it is."""
    declared = _DECLARED.match(content)
    if declared is None or declared[2].lower() not in CHINESE:
        return content
    head = declared[1] + b"UTF-8" + declared[3]
    try:
        return head + content[declared.end() :].decode("gb18030").encode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"this is no text in {declared[2].decode()}.", where=f"byte {declared.end() + error.start + 1}",
            todo="Send it as UTF-8.",
        ) from None  # fmt: skip


class _Reader:
    """Builds the elements. expat reads no entity and no file of itself; a document type ends it at once."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._count = 0

    def _doctype(self, *_: object) -> None:
        raise InputError(
            "it declares a document type.", where=self._here(), todo="A warning needs none; it is refused for safety."
        )

    def _start(self, name: str, _attributes: object) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self._open and (local != "alert" or namespace != NAMESPACE):
            raise InputError(
                f"it begins with {local} of {namespace or 'no namespace'}.",
                where=self._here(),
                todo=f"A warning is an alert of {NAMESPACE}.",
            )
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise InputError("it has more elements than a warning can have.", where=self._here())
        parent = self._open[-1] if self._open else None
        number = len(parent.all(local)) if parent else 0
        path = f"{parent.path}.{local}" if parent else local
        made = _Element(local, f"{path}[{number + 1}]" if number else path)
        if parent is None:
            self.root = made
        elif namespace == NAMESPACE:  # what others add (a signature) is passed over
            parent.children.append(made)
        self._open.append(made)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _here(self) -> str:
        return f"line {self.parser.CurrentLineNumber}"


def _of_one_language(infos: Sequence[_Element]) -> list[_Element]:
    """The blocks in Chinese; without any, those in the language of the first."""
    if len(infos) > MOST_INFOS:
        raise InputError(f"it has more than {MOST_INFOS} blocks of information.", where="alert")
    spoken = [(one.said("language") or "en-US").lower() for one in infos]
    chinese = [one for one, tongue in zip(infos, spoken, strict=True) if tongue.startswith("zh")]
    return chinese or [one for one, tongue in zip(infos, spoken, strict=True) if tongue == spoken[0]]


def _block(info: _Element, sent: datetime) -> Info:
    for one in info.all("category") or [info]:
        _permitted(one.text.strip() if one is not info else info.required("category"), "category", info.path)
    event, severity = info.required("event"), _word_of(info, "severity", VALUES["severity"])
    onset = _instant_of(info, "onset") if info.said("onset") else None
    begins = onset or (_instant_of(info, "effective") if info.said("effective") else sent)
    expires = _instant_of(info, "expires") if info.said("expires") else begins + LASTS
    if expires <= sent:
        raise InputError("it expires before it was sent.", where=f"{info.path}.expires")
    areas = info.all("area")
    if not areas:
        raise InputError("it has no area.", where=info.path, todo="Without an area nobody knows whom it concerns.")
    shape, codes = _covered(areas)
    return Info(
        language=info.said("language"),
        event=event,
        colour=_colour(info.said("headline") or "", event, severity),
        urgency=_word_of(info, "urgency", VALUES["urgency"]),
        severity=severity,
        certainty=_word_of(info, "certainty", VALUES["certainty"]),
        area="；".join(area.required("areaDesc") for area in areas),
        expires_at=expires,
        onset_at=onset,
        headline=info.said("headline"),
        description=info.said("description"),
        instruction=info.said("instruction"),
        sender_name=info.said("senderName"),
        area_wkb=shape,
        codes=codes,
    )


def _colour(headline: str, event: str, severity: str) -> Colour:
    for text in (headline.lower(), event.lower()):
        named = {colour for word, colour in CALLED.items() if word in text}
        if len(named) == 1:
            return named.pop()
    return SEVERITY[severity]


def _covered(areas: Sequence[_Element]) -> tuple[bytes | None, tuple[str, ...]]:
    """What the areas cover as WKB in EPSG:4326, and the codes they name."""
    shapes: list[shapely.Geometry] = []
    codes: list[str] = []
    for area in areas:
        shapes += [_polygon(one) for one in area.all("polygon")] + [_circle(one) for one in area.all("circle")]
        codes += [one.required("value") for one in area.all("geocode")]
    if not shapes and not codes:
        raise InputError(
            "its area has no polygon, circle or geocode.",
            where=areas[0].path,
            todo="A description alone cannot be drawn.",
        )
    if sum(int(shapely.get_num_coordinates(shape)) for shape in shapes) > MOST_CORNERS:
        raise InputError(f"its area has more than {MOST_CORNERS} corners.", where=areas[0].path, todo="Simplify it.")
    whole = shapely.union_all(shapes) if shapes else None
    return (None if whole is None else shapely.to_wkb(whole)), tuple(dict.fromkeys(codes))


def _polygon(said: _Element) -> shapely.Geometry:
    points = [_corner(text, said.path) for text in said.text.split()]
    if len(points) < 4:
        raise InputError("a polygon needs four points, the last the same as the first.", where=said.path)
    if points[0] != points[-1]:
        raise InputError(
            "the polygon is not closed.", where=said.path, todo="Its last point must be the same as its first."
        )
    shape = shapely.Polygon(points)
    if len(points) > MOST_CROSSED and not shapely.is_valid(shape):
        raise InputError(
            f"the polygon has more than {MOST_CROSSED} corners and crosses itself.", where=said.path,
            todo="Ask the sender for its outline.",
        )  # fmt: skip
    whole = shape if shapely.is_valid(shape) else shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if not shapely.area(whole) > 0:
        raise InputError("the polygon encloses nothing.", where=said.path)
    return whole


def _circle(said: _Element) -> shapely.Geometry:
    """A circle as a polygon of 64 corners on the sphere."""
    centre, _, radius = said.text.strip().partition(" ")
    lon, lat = _corner(centre, said.path)
    try:
        reach = float(radius)
    except ValueError:
        reach = math.nan
    if not 0 <= reach <= 5000:
        raise InputError(
            "the radius is no number of kilometres.", where=said.path, todo="Write latitude,longitude radius."
        )
    reach = max(reach, 0.05)  # a radius of 0 is a point
    north = math.degrees(reach / _EARTH)
    east = north / max(math.cos(math.radians(lat)), 0.01)
    turns = [2 * math.pi * i / 64 for i in range(64)]
    return shapely.Polygon([(lon + east * math.cos(turn), lat + north * math.sin(turn)) for turn in turns])


def _corner(text: str, where: str) -> tuple[float, float]:
    """ "latitude,longitude" as (longitude, latitude)."""
    latitude, _, longitude = text.partition(",")
    try:
        lat, lon = float(latitude), float(longitude)
    except ValueError:
        lat = lon = math.nan
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lon) <= 180):
        raise InputError(
            f"{text[:40]} is no point on the globe.", where=where, todo="Write latitude,longitude in degrees."
        )
    if abs(lat) > 90:
        raise InputError(
            f"the latitude {lat:g} lies beyond the poles.", where=where,
            todo="CAP writes latitude first, then longitude; these look exchanged.",
        )  # fmt: skip
    return lon, lat


def _references(alert: _Element, kind: str) -> tuple[tuple[str, str], ...]:
    said = (alert.said("references") or "").split()
    if kind != "Alert" and not said:
        raise InputError(f"an {kind} names no earlier message.", where="alert.references", todo="CAP 1.2 requires it.")
    return tuple(_reference(one) for one in said)


def _reference(text: str) -> tuple[str, str]:
    parts = text.split(",")
    if len(parts) != 3:
        raise InputError(
            f"{text[:80]} names no message.", where="alert.references", todo="Write sender,identifier,sent."
        )
    return parts[0], parts[1]


def _word_of(element: _Element, name: str, known: Sequence[str]) -> str:
    return _permitted(element.required(name), name, element.path, known)


def _permitted(value: str, name: str, path: str, known: Sequence[str] | None = None) -> str:
    allowed = known or VALUES[name]
    if value not in allowed:
        raise InputError(
            f"a {name} cannot be {value[:40]}.", where=f"{path}.{name}", todo=f"Known: {', '.join(allowed)}."
        )
    return value


def _referable(alert: _Element, name: str) -> str:
    """An identifier or a sender: no blanks, commas or angle brackets, as references are made of them."""
    value = alert.required(name)
    if re.search(r"[\s,<>&]", value) or len(value) > 200:
        raise InputError(
            f"the {name} cannot be referred to.", where=f"alert.{name}", todo="No blanks and no commas in it."
        )
    return value


def _instant_of(element: _Element, name: str) -> datetime:
    text = element.required(name)
    if not _MOMENT.fullmatch(text):
        raise InputError(
            f"{text[:40]} is no time with its offset.",
            where=f"{element.path}.{name}",
            todo="Write 2026-07-12T16:40:00+08:00, with the offset.",
        )
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InputError(f"{text[:40]} is no time with its offset.", where=f"{element.path}.{name}")
    return found


def _too_large(size: int) -> InputError:
    return InputError(f"it has {size} bytes.", where="the file", todo=f"A warning has at most {MOST_BYTES}.")


def looks_like_one(path: Path) -> bool:
    """Whether a dropped file is a warning rather than a table."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    with path.open("rb") as file:
        return NAMESPACE.encode() in file.read(64 * 1024)
