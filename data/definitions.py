"""Definitions: what is shipped beside the code, what a city changed, and every version that was ever in force.

A city's own stand in `definitions/` of its home and take the place of the shipped one of the same name, so an upgrade never
overwrites them. They are read and checked when the store opens; a wrong one stops the start with file and key path. Each
activated version is stored with its digest, and a case refers to the version it was opened under.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from data import audit, scorecards
from data.actors import PROGRAM, Actor
from data.alarm_rules import AlarmRule
from data.attention_rules import AttentionRule
from data.database import Connection
from data.emergency_plans import Plan
from data.errors import InputError, NotFound
from data.kinds import Kind, faults
from data.plan_rules import PlanRules
from data.reporting import Reporting
from data.scorecards import Card
from data.targets import Leader

SHIPPED = Path(__file__).parent
FOLDER = "definitions"
SETS = {
    "kind": "kinds",
    "alarm": "alarms",
    "emergency": "emergencies",
    "scorecard": "scorecards",
    "attention": "attention",
    "plan_rules": "plan_rules",
}  # what begins their ids → their folder
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Definition:
    """A text as it stands in its file. id: "kind/event", "service_levels" …; where: the file, for people."""

    id: str
    body: str
    where: str

    @property
    def digest(self) -> str:
        """What names this version: the first 16 digits of the text's SHA-256."""
        return sha256(self.body.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class KindVersion:
    """A kind in a version."""

    kind: Kind
    digest: str


def kind_definitions(home: Path | None) -> dict[str, Definition]:
    """The text of every kind in force, by the kind's name; a city's own come first."""
    return definitions_of(home, "kind")


def definitions_of(home: Path | None, what: str) -> dict[str, Definition]:
    """The text of every definition of a set of `SETS` in force, by its name; a city's own come first."""
    files = {path.stem: path for path in sorted((SHIPPED / SETS[what]).glob("*.toml"))}
    shipped = dict(files)
    if home is not None:
        files |= {path.stem: path for path in sorted((home / FOLDER / SETS[what]).glob("*.toml"))}
    return {
        name: Definition(f"{what}/{name}", _text(path), _shown(path, shipped.get(name) == path))
        for name, path in files.items()
    }


def definition(home: Path | None, name: str) -> Definition:
    """One of the other definitions ("service_levels"): the city's own, or the shipped one."""
    own = None if home is None else home / FOLDER / f"{name}.toml"
    path = own if own is not None and own.is_file() else SHIPPED / f"{name}.toml"
    return Definition(name, _text(path), _shown(path, path != own))


def text_of(name: str, path: Path, *, shipped: bool) -> Definition:
    """A definition of some other room, from its file."""
    return Definition(name, _text(path), _shown(path, shipped))


def read_kind(body: str, where: str) -> Kind:
    """A kind from its text. Raises InputError with file and key path of the first thing that is wrong."""
    kind = read_as(Kind, body, where)
    if wrong := faults(kind):
        path, what = wrong[0]
        raise InputError(f"{what}.", where=f"{where}: {path}", todo=_more(len(wrong)))
    return kind


def read_card(body: str, where: str) -> Card:
    """A scorecard from its text. Raises InputError with file and key path of the first thing that is wrong."""
    card = read_as(Card, body, where)
    if wrong := scorecards.faults(card):
        path, what = wrong[0]
        raise InputError(f"{what}.", where=f"{where}: {path}", todo=_more(len(wrong)))
    return card


def read_as(model: type[M], body: str, where: str) -> M:
    """A definition of some shape from its text. Raises InputError with file and key path."""
    try:
        raw = tomllib.loads(body)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is not TOML: {error}.", where=where, todo="Mend the file.") from None
    return checked(model, raw, where)


def checked(model: type[M], raw: Any, where: str, path: str = "") -> M:
    """A part of a definition as it was parsed; `path`: where in the file it stands. Raises InputError with file and key path."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        wrong = error.errors()
        first = wrong[0]
        what = str(first["msg"]).removeprefix("Value error, ")
        key = ".".join(filter(None, (path, _key_path(first["loc"], raw))))
        raise InputError(f"{what}.", where=f"{where}: {key}", todo=_more(len(wrong))) from None


def activate(con: Connection, home: Path, at: datetime, actor: Actor = PROGRAM) -> list[str]:
    """Check all definitions and write down those whose text is new; the ids of what changed. Inside a transaction."""
    texts = [text for what in SETS for text in definitions_of(home, what).values()]
    for text in texts:
        _check_named(text)
    changed = []
    read_as(Reporting, (reporting := definition(home, "reporting")).body, reporting.where)
    read_as(Leader, (leading := definition(home, "leader")).body, leading.where)
    for text in (*texts, definition(home, "service_levels"), reporting, leading):
        row = con.execute(
            "SELECT digest FROM definition WHERE definition_id = ? ORDER BY rowid DESC LIMIT 1",
            [text.id],
        ).fetchone()
        if row is None or row[0] != text.digest:
            con.execute("INSERT INTO definition VALUES (?, ?, ?, ?)", [text.id, text.digest, at, text.body])
            said = {"what": text.id, "version": text.digest, "file": text.where}
            audit.put(con, at, audit.Entry("definition", actor, detail=said))
            changed.append(text.id)
    return changed


def _check_named(text: Definition) -> None:
    """A definition of a set is whole and bears the name of its file. Raises InputError with file and key path."""
    what, _, name = text.id.partition("/")
    special: dict[str, Callable[[str, str], Kind | Card]] = {"kind": read_kind, "scorecard": read_card}
    read = special[what](text.body, text.where) if what in special else read_as(MODELS[what], text.body, text.where)
    called = read.id
    if called != name:
        raise InputError(f"the {what} is called {called}.", where=f"{text.where}: id", todo=f"Call it {name}.")


def kinds_in_force(con: Connection) -> dict[str, KindVersion]:
    """The latest version of every kind that was activated."""
    rows = con.execute(
        """SELECT definition_id, arg_max(digest, rowid), arg_max(body, rowid)
           FROM definition WHERE starts_with(definition_id, 'kind/') GROUP BY definition_id ORDER BY 1"""
    ).fetchall()
    return {name.removeprefix("kind/"): KindVersion(_parsed(body), digest) for name, digest, body in rows}


def kind_version(con: Connection, digest: str) -> KindVersion:
    """The kind a case was opened under. Raises NotFound."""
    row = con.execute("SELECT body FROM definition WHERE digest = ? LIMIT 1", [digest]).fetchone()
    if row is None:
        raise NotFound("the store does not know this version of a definition.", where=digest)
    return KindVersion(_parsed(row[0]), digest)


MODELS: dict[str, type[AlarmRule] | type[Plan] | type[AttentionRule] | type[PlanRules]] = {
    "alarm": AlarmRule,
    "emergency": Plan,
    "attention": AttentionRule,
    "plan_rules": PlanRules,
}


def version_of(con: Connection, digest: str, model: type[M]) -> M:
    """A definition in the version something was made under. Raises NotFound."""
    row = con.execute("SELECT body FROM definition WHERE digest = ? LIMIT 1", [digest]).fetchone()
    if row is None:
        raise NotFound("the store does not know this version of a definition.", where=digest)
    return stored(model, row[0])


def stored(model: type[M], body: str) -> M:
    """A definition from its stored text; it was checked when it was activated."""
    return cast(M, _stored(model, body))


@lru_cache(maxsize=128)
def _stored(model: type[BaseModel], body: str) -> BaseModel:
    return model.model_validate(tomllib.loads(body))


@lru_cache(maxsize=64)
def _parsed(body: str) -> Kind:
    """A stored text; it was checked when it was activated."""
    return Kind.model_validate(tomllib.loads(body))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text: {error}.", where=str(path), todo="Save it as UTF-8.") from None


def _shown(path: Path, shipped: bool) -> str:
    return f"{path.parent.name}/{path.name} (shipped)" if shipped else str(path)


def _key_path(loc: tuple[int | str, ...], raw: Mapping[str, Any]) -> str:
    """The key path of a fault; a table of a list is named by its id where it has one."""
    path: list[str] = []
    here: Any = raw
    for key in loc:
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            here = None
        path.append(str(here["id"]) if isinstance(key, int) and isinstance(here, dict) and "id" in here else str(key))
    return ".".join(path) or "the whole"


def _more(faults_found: int) -> str:
    return "Mend the definition." if faults_found == 1 else f"Mend the definition; it has {faults_found} faults."
