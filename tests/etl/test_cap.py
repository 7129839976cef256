"""Warnings in CAP 1.2: what a good one says, and what each bad one is told. Samples: tests/warnings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely

from data.errors import InputError
from etl import cap

SAMPLES = Path(__file__).parents[1] / "warnings"
GOOD = (SAMPLES / "rainstorm.xml").read_bytes()


def test_a_warning_is_read_in_chinese_with_its_colour_times_and_area() -> None:
    message = cap.read_file(SAMPLES / "rainstorm.xml")
    assert (message.sender, message.identifier, message.kind) == (
        "weather.example.cn",
        "37130241600000_20240712164000",
        "Alert",
    )
    assert (message.exercise, message.references, len(message.infos)) == (False, (), 1)
    info = message.infos[0]
    assert (info.language, info.event, info.colour, info.severity) == ("zh-CN", "暴雨", "orange", "Severe")
    assert info.onset_at == datetime(2024, 7, 12, 9, tzinfo=UTC)
    assert info.expires_at == datetime(2024, 7, 12, 14, 40, tzinfo=UTC)
    assert info.headline == "青禾区气象台发布暴雨橙色预警"
    assert shapely.from_wkb(info.area_wkb).bounds == (118.302, 35.002, 118.318, 35.018)  # longitude first from here on


def test_without_a_block_in_chinese_the_first_language_is_taken() -> None:
    info = cap.read(GOOD.replace(b"zh-CN", b"fr-FR")).infos[0]
    assert (info.language, info.event, info.colour) == ("en-US", "Rainstorm", "orange")


def test_the_colour_comes_from_the_severity_where_no_colour_is_named() -> None:
    assert cap.read_file(SAMPLES / "circle.xml").infos[0].colour == "yellow"


def test_a_circle_is_kilometres_around_latitude_and_longitude() -> None:
    shape = shapely.from_wkb(cap.read_file(SAMPLES / "circle.xml").infos[0].area_wkb)
    west, south, east, north = shape.bounds
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((118.305, 35.005))
    assert (north - south) / 2 == pytest.approx(0.2 / 111.195, rel=1e-4)
    assert (east - west) / (north - south) == pytest.approx(1 / 0.81910, rel=1e-4)  # cos 35.005°


def test_a_cancel_refers_and_needs_no_info() -> None:
    message = cap.read_file(SAMPLES / "cancel.xml")
    assert (message.kind, message.infos) == ("Cancel", ())
    assert message.references == (("weather.example.cn", "37130241600000_20240712164000"),)


@pytest.mark.parametrize(
    ("sample", "where", "what", "todo"),
    [
        ("no_identifier.xml", "alert", "it has no identifier.", "CAP 1.2 requires it; ask the sender to mend it."),
        ("open_polygon.xml", "alert.info[2].area.polygon", "the polygon is not closed.",
         "Its last point must be the same as its first."),
        ("exchanged.xml", "alert.info[2].area.polygon", "the latitude 118.302 lies beyond the poles.",
         "CAP writes latitude first, then longitude; these look exchanged."),
        ("entity_bomb.xml", "line 2", "it declares a document type.", "A warning needs none; it is refused for safety."),
        ("outside_file.xml", "line 2", "it declares a document type.", "A warning needs none; it is refused for safety."),
    ],
)  # fmt: skip
def test_a_bad_sample_is_told_what_where_and_what_to_do(sample: str, where: str, what: str, todo: str) -> None:
    with pytest.raises(InputError) as caught:
        cap.read_file(SAMPLES / sample)
    assert (caught.value.where, caught.value.what, caught.value.todo) == (where, what, todo)


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        (b"cap:1.2", b"cap:1.1", "line 2", "it begins with alert of urn:oasis:names:tc:emergency:cap:1.1."),
        (b"<status>Actual", b"<status>Test", "alert.status", "its status is Test."),
        (b"<msgType>Alert", b"<msgType>Ack", "alert.msgType", "it is an Ack, no warning."),
        (b"<msgType>Alert", b"<msgType>Update", "alert.references", "an Update names no earlier message."),
        (b"Severe", b"Terrible", "alert.info[2].severity", "a severity cannot be Terrible."),
        (b"<category>Met", b"<category>Weather", "alert.info[2].category", "a category cannot be Weather."),
        (b"16:40:00+08:00</sent>", b"16:40:00Z</sent>", "alert.sent", "2024-07-12T16:40:00Z is no time with its offset."),
        (b"2024-07-12T22:40", b"2024-07-12T12:40", "alert.info[2].expires", "it expires before it was sent."),
        (b"<identifier>3713", b"<identifier>3713 ", "alert.identifier", "the identifier cannot be referred to."),
        (b"35.018,118.318", b"35.018;118.318", "alert.info[2].area.polygon", "35.018;118.318 is no point on the globe."),
        (b"</alert>", b"", "line 36, column 1", "this is not well-formed XML: no element found."),
    ],
)  # fmt: skip
def test_what_the_standard_requires_is_asked_for_by_name(old: bytes, new: bytes, where: str, what: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        cap.read(GOOD.replace(old, new))
    assert (caught.value.where, caught.value.what) == (where, what)


def test_a_message_larger_or_deeper_than_a_warning_is_refused() -> None:
    with pytest.raises(InputError, match="bytes"):
        cap.read(GOOD + b" " * cap.MOST_BYTES)
    with pytest.raises(InputError, match="more elements"):
        cap.read(GOOD.replace(b"<event>", b"<a>" * 20 + b"<event>", 1))


def test_a_signature_of_another_standard_is_passed_over() -> None:
    signed = GOOD.replace(b"</alert>", b'<s:Signature xmlns:s="urn:x"><s:sent>never</s:sent></s:Signature></alert>')
    assert cap.read(signed) == cap.read(GOOD)


@pytest.mark.parametrize("name", ["GBK", "gb2312", "GB18030"])
def test_a_message_in_a_chinese_encoding_is_read(name: str) -> None:
    text = GOOD.decode().replace('encoding="UTF-8"', f'encoding="{name}"')
    assert f'"{name}"' in text
    assert cap.read(text.encode(name)) == cap.read(GOOD)


def test_an_encoding_that_is_none_or_cannot_be_read_is_told() -> None:
    for name in (b"big5", b"utf-7", b"zlib"):
        with pytest.raises(InputError, match="the encoding it names is not known"):
            cap.read(GOOD.replace(b"UTF-8", name, 1))
    with pytest.raises(InputError, match="this is no text in GBK"):
        cap.read(GOOD.replace(b"UTF-8", b"GBK", 1).replace(b"</sender>", b"\xff</sender>", 1))


def test_an_intricate_polygon_that_crosses_itself_is_refused_before_it_is_mended() -> None:
    corners = [f"35.{n * 7919 % 1000:03},118.{n * 104729 % 1000:03}" for n in range(cap.MOST_CROSSED)]
    before, _, rest = GOOD.rpartition(b"<polygon>")
    message = before + b"<polygon>" + " ".join([*corners, corners[0]]).encode() + rest[rest.index(b"</polygon>") :]
    with pytest.raises(InputError, match="crosses itself"):
        cap.read(message)


def test_a_time_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(InputError, match="no time with its offset"):
        cap.read(GOOD.replace(b"<expires>2024", b"<expires>9999"))
