"""Lines other programs send: each opens a case or moves one, and carries a key of its own.

A line is a JSON object. `OpenLine` and `MoveLine` are its two shapes (and what the OpenAPI document says of them); codes stand
for categories, units and places, as a city's own systems know them. `read` makes of them what the case engine takes: places
located as an import locates them, phone and identity numbers masked, the text of an address dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from data.actors import Actor
from data.errors import InputError, JingweiError
from data.grants import place_of
from data.lives import NORMAL
from data.orders import Answer, Opening, Order
from data.quality import Quality
from data.responsibilities import ids_by_code
from data.store import Store
from etl.masking import mask_text
from etl.pictures import known_pictures
from etl.placing import LONGEST_ADDRESS, Placed, Placer, Spot

MOST_LINES = 5000
LONGEST_NOTE = 10_000
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


PlaceLevel = Literal["block", "building", "estate", "micro_grid", "grid", "community", "street"]
LOWEST_FIRST: tuple[PlaceLevel, ...] = get_args(PlaceLevel)


def _sensible(at: datetime) -> datetime:
    if not EARLIEST <= at < LATEST:
        raise ValueError("lies outside the years 1970 to 2199")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_sensible)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE)]
Code = Annotated[str, Field(min_length=1, max_length=200)]
CaseId = Annotated[int, Field(ge=1, le=2**53)]


class Line(BaseModel):
    """What both shapes have. Nothing unknown is taken, so that a misspelt field is not lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(min_length=1, max_length=200, description="names the line; sent again, it is done once")]
    occurred_at: Instant | None = Field(None, description="when it happened, with an offset; null: now")
    note: Text | None = Field(None, description="free text; phone and identity numbers in it are masked")
    unit: Code | None = Field(None, description="code of the unit that gets it")
    category: Code | None = Field(None, description="code of the category")
    urgency: Code | None = Field(None, description="normal, or an urgency of the service levels")
    due_at: Instant | None = None
    evidence: tuple[Code, ...] = Field((), max_length=20, description="names of attachments")
    other: CaseId | None = Field(None, description="the case it is linked to")


class OpenLine(Line):
    """Opens a case of the kind `open`."""

    open: Code = Field(description="the kind: event, task, whistle …")
    channel: Code | None = None
    lon: float | None = Field(None, ge=-180, le=180, description="degrees, WGS 84")
    lat: float | None = Field(None, ge=-90, le=90)
    address: Annotated[str, Field(max_length=LONGEST_ADDRESS)] | None = Field(
        None, description="read for estate, building and entrance, and not kept"
    )
    place: dict[PlaceLevel, Code] | None = Field(None, description='names by level: {"community": "…"}')
    units: tuple[Code, ...] = Field((), max_length=100, description="codes of the units a whistle calls")
    places: tuple[Code, ...] = Field((), max_length=1000, description="codes of the places an order goes to")
    item: Code | None = Field(None, description="what is asked of grids, as the admission list names it")
    source: Code = Field("api", description="the system it comes from")
    number: Code | None = Field(None, description="its number there")


class AnswerPart(BaseModel):
    """What somebody said when called back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    contacted: bool
    resolved: bool | None = None
    satisfaction: Annotated[str, Field(pattern="^(satisfied|basic|unsatisfied)$")] | None = None


class MoveLine(Line):
    """Makes the move `move` of a case."""

    move: Code = Field(description="as the kind's definition names it: register, dispatch, accept …")
    case: CaseId
    seq: Annotated[int, Field(ge=0, le=32_767)] | None = Field(None, description="the last line its sender has seen")
    reason: Text | None = None
    co_units: tuple[Code, ...] | None = Field(None, max_length=50)
    handle_due_at: Instant | None = None
    level: Code | None = None
    answer: AnswerPart | None = None


def read_line(text: bytes) -> OpenLine | MoveLine:
    """A line from its text. Raises InputError with the field and what is wrong with it."""
    shape = OpenLine if b'"open"' in text else MoveLine
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{str(first['msg']).removeprefix('Value error, ')}.", where=field) from None


@dataclass(frozen=True)
class Codes:
    """Ids by the codes of the city's systems."""

    store: Store
    units: Mapping[str, int]
    categories: Mapping[str, int]

    @staticmethod
    def of(store: Store) -> Codes:
        """As they are now."""
        return Codes(store, ids_by_code(store, "unit"), ids_by_code(store, "category"))

    def unit(self, code: str) -> int:
        """The unit with a code. Raises InputError."""
        if code not in self.units:
            raise InputError("there is no unit with this code.", where=f"unit {code}")
        return self.units[code]

    def category(self, code: str) -> int:
        """The category with a code. Raises InputError."""
        if code not in self.categories:
            raise InputError("there is no category with this code.", where=f"category {code}")
        return self.categories[code]


def read(
    store: Store, placer: Placer, actor: Actor, lines: Sequence[OpenLine | MoveLine]
) -> list[Opening | Order | JingweiError]:  # fmt: skip
    """What the engine takes for each line, in order, or why it cannot."""
    codes = Codes.of(store)
    openings = [(i, line) for i, line in enumerate(lines) if isinstance(line, OpenLine)]
    placed = dict(zip((i for i, _ in openings), placer.place([_spot(line) for _, line in openings]), strict=True))
    made: list[Opening | Order | JingweiError] = []
    for i, line in enumerate(lines):
        try:
            if isinstance(line, OpenLine):
                made.append(opening(codes, actor, line, placed[i]))
            else:
                made.append(_order(codes, actor, line))
        except JingweiError as error:
            made.append(error)
    return made


def opening(codes: Codes, actor: Actor, line: OpenLine, place: Placed | InputError) -> Opening:
    """An opening from its line. Raises InputError or NotFound."""
    if isinstance(place, InputError):
        raise place
    shared = _shared(codes, actor, line)
    masked = line.note is not None and shared["note"] != line.note
    fields = place.as_opening() | {"flags": place.flags | (int(Quality.MASKED_TEXT) if masked else 0)}
    return Opening(
        kind=line.open,
        **shared,
        **fields,
        channel=line.channel,
        units=tuple(codes.unit(code) for code in line.units),
        places=tuple(place_of(codes.store, code).place_id for code in line.places),
        item=line.item,
        source=line.source,
        external_id=line.number,
    )


def _order(codes: Codes, actor: Actor, line: MoveLine) -> Order:
    return Order(
        case_id=line.case,
        move=line.move,
        **_shared(codes, actor, line),
        expected_seq=line.seq,
        reason=None if line.reason is None else mask_text(line.reason),
        co_units=None if line.co_units is None else tuple(codes.unit(code) for code in line.co_units),
        handle_due_at=line.handle_due_at,
        level=line.level,
        answer=None if line.answer is None else Answer(**line.answer.model_dump()),
    )


def _shared(codes: Codes, actor: Actor, line: Line) -> dict[str, Any]:
    urgencies = {NORMAL, *codes.store.engine.levels.urgency}
    if line.urgency is not None and line.urgency not in urgencies:
        raise InputError("there is no such urgency.", where="urgency", todo=f"Known: {', '.join(sorted(urgencies))}.")
    return {
        "key": scoped(actor, line.key),
        "actor": actor,
        "occurred_at": line.occurred_at,
        "note": None if line.note is None else mask_text(line.note),
        "unit_id": None if line.unit is None else codes.unit(line.unit),
        "category_id": None if line.category is None else codes.category(line.category),
        "urgency": line.urgency,
        "due_at": line.due_at,
        "evidence": known_pictures(codes.store, line.evidence, line.case if isinstance(line, MoveLine) else None),
        "other": line.other,
    }


def scoped(actor: Actor, key: str) -> str:
    """A sender's key in the ledger: two senders may use the same one."""
    return f"{actor.kind}:{actor.name}:{key}"


def _spot(line: OpenLine) -> Spot:
    named = "|".join(f"{level}={name}" for level, name in _lowest_first(line.place or {}))
    return Spot(line.lon, line.lat, line.address, named or None)


def _lowest_first(place: Mapping[PlaceLevel, str]) -> list[tuple[str, str]]:
    return [(level, place[level].replace("|", " ")) for level in LOWEST_FIRST if level in place]
