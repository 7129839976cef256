"""Open311 GeoReport v2: its documents in JSON and XML, its arguments, its errors.

The standard is wiki.open311.org/GeoReport_v2. Services are the categories, service requests the events; service_request_id is the
case's id. Names, telephones and e-mail addresses are accepted, as the standard wants, and go no further: no resident is a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from data.errors import InputError, NotFound
from data.lives import NORMAL
from data.service_levels import ServiceLevels
from data.service_requests import SOURCE, Service, ServiceRequest, Sought
from etl.case_lines import OpenLine

FORMS: Final = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
SPAN: Final = timedelta(days=90)
MOST_IDS: Final = 1000
LONGEST_DESCRIPTION: Final = 4000
DISCARDED: Final = ("email", "device_id", "account_id", "first_name", "last_name", "phone")
_ITEM: Final = {
    "services": "service", "attributes": "attribute", "values": "value", "service_requests": "request",
    "errors": "error", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
_NOT_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOWEST_FIRST: Final = ("block", "building", "estate")


def document(form: str, root: str, value: Any) -> bytes:
    """A document of the standard; lists are bare in JSON, and stand under `root` in XML."""
    if form == "json":
        return json.dumps(value, ensure_ascii=False).encode()
    element = ET.Element(root)
    _fill(element, value)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(element, "unicode")}'.encode()


def _fill(element: ET.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, part in value.items():
            _fill(ET.SubElement(element, name), part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            _fill(ET.SubElement(element, _ITEM[element.tag]), part)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _NOT_XML.sub("", str(value))


def errors(code: int, description: str) -> list[dict[str, Any]]:
    """An error as the standard has it."""
    return [{"code": code, "description": description}]


def discovery(root: str, changed: str, name: str) -> dict[str, Any]:
    """The service discovery document."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{root}/open311/v2",
        "changeset": changed,
        "type": "production",
        "formats": [kind.partition(";")[0] for kind in FORMS.values()],
    }
    key = "A key is made by the administrator: python app.py user token."
    return {"changeset": changed, "contact": name, "key_service": key, "endpoints": [endpoint]}


def service_list(services: Sequence[Service]) -> list[dict[str, Any]]:
    """GET services."""
    return [
        {
            "service_code": one.code,
            "service_name": one.name,
            "description": " / ".join(part for part in (one.group, one.name) if part),
            "metadata": True,
            "type": "realtime",
            "keywords": one.track or "",
            "group": one.group or "",
        }
        for one in services
    ]


def definition(service: Service, levels: ServiceLevels, language: str) -> dict[str, Any]:
    """GET service definition: how urgent it is can be said; how long it may take is told."""
    said = {"zh": ("紧急程度", "时限（小时）"), "en": ("Urgency", "Time allowed (hours)")}[language]
    names = {"zh": ("工作时间", "自然时间"), "en": ("working hours", "natural hours")}[language]
    values = [{"key": key, "name": getattr(one.name, language)} for key, one in levels.urgency.items()]
    allowed = f"{service.hours:g} ({names[0] if service.worked else names[1]})"
    return {
        "service_code": service.code,
        "attributes": [
            _attribute("urgency", True, "singlevaluelist", 1, said[0], values),
            _attribute("time_allowed", False, "string", 2, f"{said[1]}: {allowed}", []),
        ],
    }


def _attribute(
    code: str, variable: bool, kind: str, order: int, description: str, values: list[dict[str, str]]
) -> dict[str, Any]:  # fmt: skip
    head = {"variable": variable, "code": code, "datatype": kind, "required": False, "datatype_description": ""}
    return {**head, "order": order, "description": description, "values": values}


def request(one: ServiceRequest, language: str, zone: ZoneInfo, root: str, extended: bool) -> dict[str, Any]:
    """One service request."""
    doors = [one.places[level] for level in _LOWEST_FIRST if level in one.places]
    told = {
        "service_request_id": str(one.case_id),
        "status": "open" if one.still_open else "closed",
        "status_notes": one.public.get(language),
        "service_name": one.name,
        "service_code": one.code,
        "description": one.note,
        "agency_responsible": one.unit,
        "service_notice": None,
        "requested_datetime": _moment(one.reported_at, zone),
        "updated_datetime": _moment(one.changed_at, zone),
        "expected_datetime": _moment(one.due_at, zone),
        "address": "".join(name for _, name in reversed(doors)) or None,
        "address_id": doors[0][0] if doors else None,
        "zipcode": None,
        "lat": one.lat,
        "long": one.lon,
        "media_url": f"{root}/attachments/{one.picture}" if one.picture else None,
    }
    return told | ({"extended_attributes": _extended(one, zone)} if extended else {})


def _extended(one: ServiceRequest, zone: ZoneInfo) -> dict[str, Any]:
    """What the standard has no field for: the number people know, both deadlines, the grid and what it lies in."""
    told: dict[str, Any] = {
        "number": one.number,
        "deadline": _moment(one.due_at, zone),
        "handling_deadline": _moment(one.handle_due_at, zone),
    }
    for level in ("street", "community", "grid", "micro_grid"):
        code, name = one.places.get(level, (None, None))
        told |= {level: code, f"{level}_name": name}
    return told


def _moment(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def sought(given: Mapping[str, str | None], now: datetime) -> Sought:
    """The filters of GET requests. Raises InputError for what cannot be, and for more than 90 days."""
    if given.get("service_request_id"):
        ids = [part for part in _listed(given["service_request_id"]) if part.isascii() and part.isdigit()]
        small = [int(part) for part in ids[:MOST_IDS] if len(part) < 16]
        return Sought(case_ids=tuple(small) or (0,))  # ids alone decide; 0 is no case
    start, end = (_time(given.get(name), name) for name in ("start_date", "end_date"))
    if start is None:
        end = end or now
        start = end - SPAN
    end = end or min(start + SPAN, max(now, start))
    if end - start > SPAN:
        raise InputError("start_date and end_date may not span more than 90 days", where="end_date")
    return Sought((), tuple(_listed(given.get("service_code"))), start, end, _status(given.get("status")))


def _status(text: str | None) -> bool | None:
    words = set(_listed(text))
    if words - {"open", "closed"}:
        raise InputError("status is open or closed", where="status")
    return None if len(words) != 1 else words == {"open"}


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _time(text: str | None, name: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))  # a plus sign that was not encoded
    except ValueError:
        raise InputError(f"{name} is no W3C date and time", where=name) from None
    if at.tzinfo is None:
        raise InputError(f"{name} needs a time zone (Z or an offset)", where=name)
    if not 1900 < at.year < 2200:
        raise InputError(f"{name} lies outside the years 1901 to 2199", where=name)
    return at


def line(form: Mapping[str, str], key: str, level: str | None, root: str) -> OpenLine:
    """A POST's arguments as the opening of an event. level: of the place `address_id` names. Raises InputError.

    A media_url is taken when it is a picture kept here; nothing is fetched from another host.
    """
    if not form.get("service_code"):
        raise InputError("service_code was not provided", where="service_code")
    if bool(form.get("lat")) != bool(form.get("long")):
        raise InputError("lat and long go together", where="lat")
    if not (form.get("lat") or form.get("address_string") or form.get("address_id")):
        raise InputError("a location was not provided: lat and long, address_string or address_id", where="lat")
    if len(form.get("description", "")) > LONGEST_DESCRIPTION:
        raise InputError(f"description is longer than {LONGEST_DESCRIPTION} signs", where="description")
    if form.get("address_id") and level is None:
        raise NotFound("address_id was not found", where="address_id")
    picture = form.get("media_url", "").removeprefix(root).removeprefix("/attachments/")
    said: dict[str, Any] = {
        "key": key, "open": "event", "category": form["service_code"], "channel": SOURCE, "source": SOURCE,
        "note": form.get("description"), "lon": form.get("long"), "lat": form.get("lat"),
        "address": form.get("address_string"), "urgency": form.get("attribute[urgency]") or NORMAL,
        "place": {level: form["address_id"]} if level else None,
        "evidence": [picture] if re.fullmatch(r"[0-9a-f]{32}\.jpg", picture) else [],
    }  # fmt: skip
    try:
        return OpenLine.model_validate({name: value for name, value in said.items() if value not in (None, "")})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
