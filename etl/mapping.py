"""How a city's file becomes ours: one TOML file a person can read and edit. docs/mapping.md is the reference.

The model is strict (an unknown key is an error with its path), because a misspelt key that is silently ignored
would drop a column nobody misses until the figures are wrong. Shipped mappings lie in etl/mappings/.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Table
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from data.errors import MappingError
from etl.fileoptions import FileOptions

SHIPPED = Path(__file__).parent / "mappings"

# fmt: off
TIMES = ("reported_at", "registered_at", "handled_at", "closed_at", "due_at", "handle_due_at", "updated_at",
         "called_back_at")
TICKET_FIELDS = frozenset(TIMES) | {
    "id", "parent_id", "kind", "status", "channel", "track", "category", "category_code", "unit", "unit_code",
    "on_time", "on_time_late", "contacted", "resolved", "satisfaction", "note"}
# fmt: on
PLACE_FIELDS = frozenset(
    {"code", "name", "parent", "households", "kind", "old", "aliases", "company", "level", "effective_from"}
)
LEVELS = ("district", "street", "community", "grid", "micro_grid", "estate", "building", "block")

Level = Literal["district", "street", "community", "grid", "micro_grid", "estate", "building", "block"]
Clock = Literal["natural", "working"]
Target = Literal[
    "open",
    "reported",
    "registered",
    "dispatched",
    "accepted",
    "handled",
    "verified",
    "closed",
    "returned",
    "suspended",
    "voided",
]


class Part(BaseModel):
    """Base of every table of the mapping: no unknown keys, no changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TimeOptions(Part):
    """[time]: the zone of local times, and whether the file's own zone tags are wrong."""

    zone: str | None = None
    ignore_tag: bool = False

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str | None) -> str | None:
        try:
            return str(ZoneInfo(zone)) if zone else None
        except (KeyError, ValueError, OSError):
            raise ValueError(f'no time zone is called "{zone}"; write for example "Asia/Shanghai"') from None


class FieldSource(Part):
    """Where one field comes from: a column, several columns joined by a space, or a constant."""

    column: str | None = None
    columns: tuple[str, ...] | None = None
    value: str | None = None
    format: tuple[str, ...] | None = None  # tried in order

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"column": given}
        if isinstance(given, dict) and isinstance(given.get("format"), str):
            return {**given, "format": [given["format"]]}
        return given

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(part is not None for part in (self.column, self.columns, self.value)) != 1:
            raise ValueError("give exactly one of column, columns or value")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns read, in order; none for a constant."""
        return (self.column,) if self.column is not None else self.columns or ()


class PlaceColumn(Part):
    """[[location.places]]: a column that names or codes a place of one level. `values` translates first."""

    level: Level
    column: str
    by: Literal["name", "code"] = "name"
    values: dict[str, str] = {}


class Location(Part):
    """[location]: a point (two columns, or one column of text), an address as text, and named places, lowest first."""

    lon: str | None = None
    lat: str | None = None
    x: str | None = None
    y: str | None = None
    point: str | None = None
    order: Literal["lat,lon", "lon,lat"] | None = None
    crs: str = "EPSG:4326"
    address: tuple[str, ...] = ()  # one column, or several whose texts follow one another
    places: tuple[PlaceColumn, ...] = ()

    @field_validator("address", mode="before")
    @classmethod
    def _one_address(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _whole(self) -> Self:
        pairs = [pair for pair in ((self.lon, self.lat), (self.x, self.y)) if any(pair)]
        if any(not all(pair) for pair in pairs):
            raise ValueError("a point needs both of its columns: lon and lat, or x and y")
        if len(pairs) + (self.point is not None) > 1:
            raise ValueError("give the point once: lon and lat, or x and y, or point")
        if self.x and "crs" not in self.model_fields_set:
            raise ValueError('x and y need crs, for example crs = "EPSG:31983"')
        return self

    @field_validator("crs")
    @classmethod
    def _crs(cls, crs: str) -> str:
        from etl.coordinates import known_crs

        return known_crs(crs)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the point: one, two or none."""
        pair = (self.x, self.y) if self.x else (self.lon, self.lat)
        return (self.point,) if self.point else tuple(name for name in pair if name)


class Status(Part):
    """[status]: the source's words for our stages."""

    values: dict[str, Target] = {}
    other: Literal["quarantine", "open"] = "quarantine"
    contradiction: Literal["status", "date"] = "status"


class OnTime(Part):
    """[on_time]: where "on time" comes from. dates: closed_at against due_at; flag: the source only says so."""

    source: Literal["dates", "flag", "none"] | None = None
    values: dict[str, bool] = {}
    closes: bool = False


class Words(Part):
    """A vocabulary: the source's word = ours. Words not listed stay as they are."""

    values: dict[str, str] = {}


class Satisfaction(Part):
    """[satisfaction.values]: the source's answers."""

    values: dict[str, Literal["satisfied", "basic", "unsatisfied"]] = {}


class YesNo(Part):
    """[contacted.values], [resolved.values]: the source's answers."""

    values: dict[str, bool] = {}


class Category(Part):
    """[categories."name"]: its track, its code, and its service level where the source gives no due date."""

    track: str | None = None
    code: str | None = None
    hours: float | None = Field(default=None, gt=0)
    clock: Clock | None = None


class ServiceLevel(Part):
    """[service_level]: for categories that have none of their own."""

    default_hours: float | None = Field(default=None, gt=0)
    default_clock: Clock = "natural"


class Key(Part):
    """[key]: the columns that together identify a ticket where the source has no id."""

    columns: tuple[str, ...] = Field((), min_length=1)


class Geometry(Part):
    """[geometry]: of places and plans; crs is needed when the file does not say."""

    crs: str | None = None


class Plan(Part):
    """[plan]: the grid plan the file belongs to."""

    name: str | None = None
    effective_from: date | None = None


class Mapping(Part):
    """One mapping file. `fields` has an entry a mapped field; everything not named is dropped."""

    format: Literal[1] = 1
    name: str = Field(min_length=1)
    kind: Literal["tickets", "places", "plan"]
    source: str | None = None  # tickets: the system that sends them; default: name
    level: Level | None = None  # places, plan: the level of every row, unless fields.level names a column
    file: FileOptions = FileOptions()
    time: TimeOptions = TimeOptions()
    fields: dict[str, FieldSource] = {}
    location: Location = Location()
    status: Status = Status()
    on_time: OnTime = OnTime()
    channel: Words = Words()
    track: Words = Words()
    case_kind: Words = Words()
    satisfaction: Satisfaction = Satisfaction()
    contacted: YesNo = YesNo()
    resolved: YesNo = YesNo()
    categories: dict[str, Category] = {}
    service_level: ServiceLevel = ServiceLevel()
    key: Key | None = None
    geometry: Geometry = Geometry()
    plan: Plan = Plan()
    only: dict[str, tuple[str, ...]] = {}  # places, plan: keep rows whose column has one of these values

    @field_validator("fields")
    @classmethod
    def _formats(cls, fields: dict[str, FieldSource]) -> dict[str, FieldSource]:
        from etl.dates import check_format

        for name, source in fields.items():
            for text in source.format or ():
                check_format(f"{name}: ", text)
        return fields

    @model_validator(mode="after")
    def _sense(self) -> Self:
        known = TICKET_FIELDS if self.kind == "tickets" else PLACE_FIELDS
        if unknown := sorted(set(self.fields) - known):
            raise ValueError(
                f"fields: no field of {self.kind} is called {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
            )
        if self.kind == "tickets":
            self._tickets()
        elif self.level is None and "level" not in self.fields:
            raise ValueError("level: say which level the rows are, or name its column in fields.level")
        elif "name" not in self.fields and "code" not in self.fields:
            raise ValueError("fields: places need a name or a code")
        return self

    def _tickets(self) -> None:
        if "reported_at" not in self.fields:
            raise ValueError("fields.reported_at: tickets need the time of the report")
        if "id" not in self.fields and self.key is None:
            raise ValueError(
                "fields.id: tickets need an id; where the source has none, list the columns that identify one in [key]"
            )
        if self.only:
            raise ValueError("only: rows of tickets are never left out")
        if "status" in self.fields and not self.status.values and self.status.other == "quarantine":
            raise ValueError('status.values: say what each status means, for example "Closed" = "closed"')
        if self.on_time.source == "flag" and not self.on_time.values:
            raise ValueError("on_time.values: say which value of the flag means on time (true) and late (false)")

    @property
    def source_name(self) -> str:
        """The system within which ids are unique."""
        return self.source or self.name

    @property
    def on_time_source(self) -> Literal["dates", "flag", "none"]:
        """As given; else dates where a deadline can be known, else the flag if there is one, else none."""
        if self.on_time.source:
            return self.on_time.source
        levels = self.service_level.default_hours or any(entry.hours for entry in self.categories.values())
        if "due_at" in self.fields or levels:
            return "dates"
        return "flag" if {"on_time", "on_time_late"} & set(self.fields) and self.on_time.values else "none"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file that the mapping names, once each, in the order of the mapping."""
        named = [name for source in self.fields.values() for name in source.sources]
        named += [*self.location.columns, *self.location.address, *(place.column for place in self.location.places)]
        named += [*(self.key.columns if self.key else ()), *self.only]
        return tuple(dict.fromkeys(named))


def shipped() -> list[str]:
    """Names of the mappings that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def mapping_text(reference: str | Path) -> tuple[str, str]:
    """(text, where) of a mapping given by path or by the name of a shipped one."""
    path = SHIPPED / f"{reference}.toml" if str(reference) in shipped() else Path(reference)
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except OSError:
        raise MappingError(
            "there is no such mapping.", where=str(reference), todo=f"Give a path or one of: {', '.join(shipped())}."
        ) from None
    except UnicodeDecodeError:
        raise MappingError(
            "the mapping is not UTF-8 text.", where=str(reference), todo="Save it again as UTF-8."
        ) from None


def load_mapping(reference: str | Path) -> Mapping:
    """The mapping at a path, or the shipped one of that name. MappingError names the key path."""
    return parse_mapping(*mapping_text(reference))


def parse_mapping(text: str, where: str = "mapping") -> Mapping:
    """A mapping from its TOML text; `where` is the file named in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(
            f"this is not valid TOML: {error}.", where=where, todo='Correct that line; text stands in "quotes".'
        ) from None
    return build_mapping(table, where)


def build_mapping(table: Table[str, Any], where: str = "mapping") -> Mapping:
    """A mapping from plain tables. The first fault is told, with its key path; the rest are counted."""
    try:
        return Mapping.model_validate(table)
    except ValidationError as error:
        faults = error.errors()
        path = ".".join(str(part) for part in faults[0]["loc"])
        said = faults[0]["msg"].removeprefix("Value error, ")
        if faults[0]["type"] == "extra_forbidden":
            said = "there is no such key"
        more = f" ({len(faults) - 1} more faults)" if len(faults) > 1 else ""
        raise MappingError(
            f"{said}{more}.",
            where=": ".join(part for part in (where, path) if part),
            todo="docs/mapping.md lists every key.",
        ) from None
