"""A kind of case: stages, moves, clocks, escalation, as a definition says them.

The settings are TOML (`data/kinds/*.toml`, a city's own in `definitions/kinds` of its home); this module is their shape and
what must hold between their parts. `data/definitions.py` reads them, says what is wrong where, and keeps every version.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from data.actors import ROLES
from data.fold import ACTIONS, ENDS, LEVEL_RANK
from data.predicates import Test

PROGRAM_ROLE = "program"
KNOWN_ROLES = (*ROLES, PROGRAM_ROLE)
# What a move can carry. place: where; units: whom a case with parts calls; answer: of a call-back; pictures: how many the report
# of the work has to show.
CARRIED = (
    "note", "reason", "unit", "co_units", "units", "place", "places", "category", "urgency", "due_at", "handle_due_at",
    "evidence", "level", "answer", "other", "pictures",
)  # fmt: skip
STATES = ("suspended", "excluded")  # what the fold itself knows can stand where a mark stands

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]


def _role(name: str) -> str:
    if name not in KNOWN_ROLES:
        raise ValueError(f"there is no role {name}; known: {', '.join(KNOWN_ROLES)}")
    return name


def _action(name: str) -> str:
    if name not in ACTIONS or name == "reported":
        raise ValueError(f"there is no action {name}; known: {', '.join(ACTIONS[1:])}")
    return name


def _carried(name: str) -> str:
    if name not in CARRIED:
        raise ValueError(f"a move cannot carry {name}; known: {', '.join(CARRIED)}")
    return name


def _level(name: str) -> str:
    if name not in LEVEL_RANK:
        raise ValueError(f"there is no level {name}; known: {', '.join(LEVEL_RANK)}")
    return name


Role = Annotated[str, AfterValidator(_role)]
Carried = Annotated[str, AfterValidator(_carried)]


class Part(BaseModel):
    """What every table of a definition has in common: nothing unknown, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Name(Part):
    """A name in the two languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Opening(Part):
    """How a case begins. parts: the stage its parts begin in, one a place (`places`) or unit (`units`).

    admitted: its parts must be on the admission list of their grid.
    """

    stage: Identifier
    roles: tuple[Role, ...] = Field(min_length=1)
    needs: tuple[Carried, ...] = ()
    takes: tuple[Carried, ...] = ()
    parts: Identifier | None = None
    admitted: bool = False


class Stage(Part):
    """Where a case can stand. public: what the reporter is told, nothing where it is not theirs; queue: the console's."""

    name: Name
    public: Name | None = None
    queue: Identifier | None = None


class MoveRule(Part):
    """A move: from which stages, to which (none: stays), by whom, with what.

    action: what it is in the ledger, and does to the row. unit: a handler must belong to the unit in charge (lead) or to one
    that helps (help), or becomes the unit in charge (becomes). on: a whole case, a part of one, or both. with, without: marks
    the case must or must not bear. limit: a key of `limits` that the unit must be below.
    """

    id: Identifier
    name: Name
    action: Annotated[str, AfterValidator(_action)]
    from_: tuple[Identifier, ...] = Field(alias="from", min_length=1)
    to: Identifier | None = None
    roles: tuple[Role, ...] = Field(min_length=1)
    unit: Literal["lead", "help", "becomes"] | None = None
    on: Literal["whole", "part", "any"] = "any"
    needs: tuple[Carried, ...] = ()
    takes: tuple[Carried, ...] = ()
    evidence: int = Field(0, ge=0, description="pictures it must carry")
    marks: tuple[Identifier, ...] = ()
    unmarks: tuple[Identifier, ...] = ()
    with_: tuple[Identifier, ...] = Field((), alias="with")
    without: tuple[Identifier, ...] = ()
    limit: Identifier | None = None
    test: Test | None = None


class Clock(Part):
    """A time something must happen within. Either `hours`, or `limit`: the service level's, or a date somebody gave.

    field: the row's column it is; a clock without one is kept beside the row. worked: hours of the working calendar. warn: the
    share of the time after which it is about to run out. then: the move the program makes when it has.
    """

    name: Name
    field: Literal["due_at", "handle_due_at"] | None = None
    limit: Literal["service_level", "given"] | None = None
    hours: float | None = Field(None, gt=0)
    worked: bool = False
    share: float = Field(1.0, gt=0, le=1)
    starts: tuple[Identifier, ...] = Field(min_length=1)
    stops: tuple[Identifier, ...] = ()
    restarts: tuple[Identifier, ...] = ()
    warn: float = Field(0.8, gt=0, lt=1)
    then: Identifier | None = None

    @model_validator(mode="after")
    def _one_length(self) -> Clock:
        if (self.limit is None) == (self.hours is None):
            raise ValueError("names either limit or hours")
        if self.limit is not None and self.field is None:
            raise ValueError("a limit that is given or of the service level belongs to due_at or handle_due_at")
        return self


class Rung(Part):
    """A step of the ladder: so many working hours after the clock has run out, the case goes up to a level."""

    clock: Identifier
    after: float = Field(ge=0)
    to: Annotated[str, AfterValidator(_level)]


class Kind(Part):
    """A kind of case. `version` names the text it came from."""

    id: Identifier
    name: Name
    opening: Opening
    stages: dict[Identifier, Stage]
    moves: tuple[MoveRule, ...]
    clocks: dict[Identifier, Clock] = {}
    escalation: tuple[Rung, ...] = ()
    limits: dict[Identifier, int] = {}

    def move(self, name: str) -> MoveRule | None:
        """The move of that name, if the kind has it."""
        return next((move for move in self.moves if move.id == name), None)

    def from_stage(self, stage: str, *, part: bool = False) -> list[MoveRule]:
        """The moves that start at a stage, in the definition's order."""
        own = ("part", "any") if part else ("whole", "any")
        return [move for move in self.moves if stage in move.from_ and move.on in own]

    def clocks_of(self, field: str) -> list[tuple[str, Clock]]:
        """The clocks that are a column of the row."""
        return [(name, clock) for name, clock in self.clocks.items() if clock.field == field]


def faults(kind: Kind) -> list[tuple[str, str]]:
    """What does not fit together in a definition: (key path, what is wrong)."""
    names = [move.id for move in kind.moves]
    found = [(f"moves.{name}", "stands there twice") for name in sorted({n for n in names if names.count(n) > 1})]
    found += _unknown_stages(kind) + _unknown_moves(kind, names) + _unborne_marks(kind)
    return found or _stage_faults(kind)


def _unknown_stages(kind: Kind) -> list[tuple[str, str]]:
    named = [("opening.stage", kind.opening.stage)]
    named += [("opening.parts", kind.opening.parts)] if kind.opening.parts else []
    for move in kind.moves:
        named += [(f"moves.{move.id}.from", stage) for stage in move.from_]
        named += [(f"moves.{move.id}.to", move.to)] if move.to else []
    return [(where, f"there is no stage {stage}") for where, stage in named if stage not in kind.stages]


def _unknown_moves(kind: Kind, names: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, clock in kind.clocks.items():
        for key in ("starts", "stops", "restarts"):
            unknown = [move for move in getattr(clock, key) if move not in names and (key, move) != ("starts", "open")]
            found += [(f"clocks.{name}.{key}", f"there is no move {move}") for move in unknown]
        if clock.then is not None and (then := kind.move(clock.then)) is None:
            found.append((f"clocks.{name}.then", f"there is no move {clock.then}"))
        elif clock.then is not None and then is not None and PROGRAM_ROLE not in then.roles:
            found.append((f"clocks.{name}.then", f"the role {PROGRAM_ROLE} may not make the move {clock.then}"))
    for field in ("due_at", "handle_due_at"):
        several = [name for name, clock in kind.clocks.items() if clock.field == field]
        found += [(f"clocks.{name}.field", f"{several[0]} is {field} already") for name in several[1:]]
    for i, rung in enumerate(kind.escalation):
        if rung.clock not in kind.clocks:
            found.append((f"escalation.{i}.clock", f"there is no clock {rung.clock}"))
    if kind.escalation and not any(move.action == "escalated" and PROGRAM_ROLE in move.roles for move in kind.moves):
        found.append(("escalation", f"the role {PROGRAM_ROLE} has no move with the action escalated"))
    found += [
        (f"moves.{move.id}.limit", f"there is no limit {move.limit}")
        for move in kind.moves
        if move.limit is not None and move.limit not in kind.limits
    ]
    return found


def _unborne_marks(kind: Kind) -> list[tuple[str, str]]:
    borne = {mark for move in kind.moves for mark in move.marks} | set(STATES)
    asked = [(move.id, key, mark) for move in kind.moves for key in ("with_", "without") for mark in getattr(move, key)]
    return [
        (f"moves.{move}.{key.rstrip('_')}", f"no move marks {mark}") for move, key, mark in asked if mark not in borne
    ]


def _stage_faults(kind: Kind) -> list[tuple[str, str]]:
    """Ends that lead the wrong way, stages nothing leads to, and stages no end can be reached from."""
    found = [(f"stages.{end}", "is missing: a case must be able to end") for end in ENDS[:1] if end not in kind.stages]
    for move in kind.moves:
        ends = move.to if move.to in ENDS else None
        if (move.action in ENDS or ends) and move.action != move.to:
            found.append((f"moves.{move.id}.to", f"the action {move.action} cannot lead to {move.to}"))
    starts = {kind.opening.stage, *([kind.opening.parts] if kind.opening.parts else [])}
    reached = _reached(starts, [(stage, move.to) for move in kind.moves for stage in move.from_ if move.to])
    back = _reached(set(ENDS), [(move.to, stage) for move in kind.moves for stage in move.from_ if move.to])
    found += [(f"stages.{stage}", "cannot be reached") for stage in kind.stages if stage not in reached]
    found += [(f"stages.{stage}", "is a dead end") for stage in kind.stages if stage in reached and stage not in back]
    return found


def _reached(starts: set[str], steps: list[tuple[str, str]]) -> set[str]:
    reached, before = set(starts), set[str]()
    while reached != before:
        before = set(reached)
        reached |= {to for stage, to in steps if stage in reached}
    return reached
