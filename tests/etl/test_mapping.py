"""A mapping file: what is taken, what is refused with which key path, and what is written back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from data.errors import MappingError
from etl.mapping import PLACE_FIELDS, TICKET_FIELDS, Mapping, build_mapping, load_mapping, parse_mapping, shipped
from etl.mapping_text import dump_mapping, save_mapping

LEAST: dict[str, Any] = {"name": "x", "kind": "tickets", "fields": {"id": "no", "reported_at": "opened"}}
PLACES: dict[str, Any] = {"name": "p", "kind": "places", "level": "community", "fields": {"name": "NAME"}}


def refusal(**changes: Any) -> MappingError:
    with pytest.raises(MappingError) as told:
        build_mapping({**LEAST, **changes}, "city.toml")
    return told.value


def test_the_least_a_mapping_needs() -> None:
    mapping = build_mapping(LEAST)
    assert mapping.columns == ("no", "opened")
    assert mapping.source_name == "x"
    assert mapping.on_time_source == "none"
    assert mapping.location.columns == ()


def test_columns_are_listed_once_in_order() -> None:
    mapping = build_mapping(
        {
            **LEAST,
            "fields": {
                "id": "no",
                "reported_at": {"columns": ["day", "hour"]},
                "unit": {"value": "office"},
                "note": "day",
            },
            "location": {"lon": "lo", "lat": "la", "places": [{"level": "community", "column": "hood"}]},
        }
    )
    assert mapping.columns == ("no", "day", "hour", "lo", "la", "hood")


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        ({"statuss": {}}, "city.toml: statuss", "there is no such key"),
        ({"fields": {"id": "no", "reported_at": {"column": "a", "fromat": "iso"}}},
         "city.toml: fields.reported_at.fromat", "there is no such key"),
        ({"fields": {"id": "no", "reported_at": {"column": "a", "value": "b"}}},
         "city.toml: fields.reported_at", "exactly one of column, columns or value"),
        ({"fields": {"id": "no", "reported_at": {"column": "a", "format": "yyyy"}}},
         "city.toml: fields", 'reported_at: "yyyy" is no date format'),
        ({"fields": {"id": "no", "reported_at": "a", "colour": "b"}}, "city.toml", "no field of tickets is called colour"),
        ({"fields": {"id": "no"}}, "city.toml", "fields.reported_at"),
        ({"fields": {"reported_at": "a"}}, "city.toml", "fields.id: tickets need an id"),
        ({"fields": {"id": "no", "reported_at": "a", "status": "s"}}, "city.toml", "status.values"),
        ({"time": {"zone": "Mars/Base"}}, "city.toml: time.zone", 'no time zone is called "Mars/Base"'),
        ({"location": {"lon": "a"}}, "city.toml: location", "needs both of its columns"),
        ({"location": {"x": "a", "y": "b"}}, "city.toml: location", "x and y need crs"),
        ({"location": {"lon": "a", "lat": "b", "crs": "EPSG:99999"}}, "city.toml: location.crs", "no coordinate system"),
        ({"location": {"lon": "a", "lat": "b", "point": "c"}}, "city.toml: location", "give the point once"),
        ({"location": {"places": [{"level": "village", "column": "c"}]}}, "city.toml: location.places.0.level", "Input"),
        ({"status": {"values": {"Done": "finished"}}}, "city.toml: status.values.Done", "Input"),
        ({"on_time": {"source": "flag"}}, "city.toml", "on_time.values"),
        ({"format": 2}, "city.toml: format", "Input should be 1"),
        ({"only": {"a": ["b"]}}, "city.toml", "rows of tickets are never left out"),
        ({"kind": "plan"}, "city.toml", "no field of plan is called id, reported_at"),
    ],
)  # fmt: skip
def test_faults_are_told_with_their_key_path(changes: dict[str, Any], where: str, what: str) -> None:
    error = refusal(**changes)
    assert error.where == where
    assert what in error.what
    assert error.todo


def test_places_need_a_level_and_a_name() -> None:
    assert build_mapping(PLACES).level == "community"
    with pytest.raises(MappingError, match="level: say which level"):
        build_mapping({key: value for key, value in PLACES.items() if key != "level"})
    with pytest.raises(MappingError, match="places need a name or a code"):
        build_mapping({**PLACES, "fields": {"households": "HH"}})


def test_text_that_is_not_toml_is_told_by_line() -> None:
    with pytest.raises(MappingError, match=r"not valid TOML.*line 2"):
        parse_mapping('name = "x"\nkind = tickets\n', "city.toml")


def test_a_missing_mapping_names_the_shipped_ones() -> None:
    with pytest.raises(MappingError, match="boston-311"):
        load_mapping("bosten-311")


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_mapping_loads_under_its_own_name(name: str) -> None:
    assert load_mapping(name).name == name


def test_the_shipped_mappings() -> None:
    assert shipped() == [
        "boston-311", "boston-neighborhoods", "boston-tracts", "cambridge-parcels", "nyc-311",
        "nyc-community-districts", "pingshan-minsheng", "saopaulo-156", "saopaulo-districts",
        "shenzhen-communities", "shenzhen-streets",
    ]  # fmt: skip


@pytest.mark.parametrize("name", shipped())
def test_written_and_read_again_a_mapping_is_the_same(name: str, tmp_path: Path) -> None:
    mapping = load_mapping(name)
    save_mapping(tmp_path / "copy.toml", mapping, {"fields.name": "sure"}, "a header")
    assert load_mapping(tmp_path / "copy.toml") == mapping


def test_comments_stand_above_their_line() -> None:
    mapping = build_mapping({**LEAST, "location": {"lon": "lo", "lat": "la"}})
    text = dump_mapping(mapping, {"fields.id": "95 %: every value is different", "location": "sure"}, "Proposed.")
    assert text == (
        "# Proposed.\n"
        "format = 1\n"
        'name = "x"\n'
        'kind = "tickets"\n'
        "\n"
        "[fields]\n"
        "# 95 %: every value is different\n"
        'id = "no"\n'
        'reported_at = "opened"\n'
        "\n"
        "[location]\n"
        "# sure\n"
        'lon = "lo"\n'
        'lat = "la"\n'
    )


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({}, "none"),
        ({"fields": {**LEAST["fields"], "due_at": "due"}}, "dates"),
        ({"categories": {"lamp": {"hours": 48}}}, "dates"),
        ({"service_level": {"default_hours": 24}}, "dates"),
        ({"fields": {**LEAST["fields"], "on_time": "flag"}, "on_time": {"values": {"1": True}}}, "flag"),
        ({"fields": {**LEAST["fields"], "due_at": "due"}, "on_time": {"source": "none"}}, "none"),
    ],
)
def test_where_on_time_comes_from(changes: dict[str, Any], source: str) -> None:
    mapping: Mapping = build_mapping({**LEAST, **changes})
    assert mapping.on_time_source == source


DOCUMENT = Path(__file__).parents[2] / "docs" / "mapping.md"


def test_the_reference_names_every_field_and_key() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    keys = set(Mapping.model_fields) - {"fields", "case_kind"} | TICKET_FIELDS | PLACE_FIELDS | {"case_kind.values"}
    assert [key for key in sorted(keys) if key not in text] == []


def test_the_examples_of_the_reference_can_be_read() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert parse_mapping(blocks[0]).location.crs == "GCJ-02"
    base = 'name = "x"\nkind = "tickets"\n'
    assert parse_mapping(f"{base}[fields]\n{blocks[1]}").fields["closed_at"].format == ("%d.%m.%Y %H:%M", "iso")
    service = parse_mapping(f'{base}[fields]\nid = "a"\nreported_at = "b"\n{blocks[2]}')
    assert service.categories["Street Light Outages"].hours == 80
