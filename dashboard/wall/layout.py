"""Layouts: which panels a wall has and where each stands, as TOML.

Shipped ones lie in `layouts/`; a city's own in `definitions/walls` of its home, where a file of the same name takes the place
of the shipped one. All are read and checked when the server starts; a wrong one stops the start with file and key path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from dashboard.wall.protocol import LevelName, Options, Panel
from dashboard.wall.registry import PANELS
from data.definitions import FOLDER, Definition, checked, read_as, text_of
from data.errors import InputError
from data.kinds import Name, Part

SHIPPED = Path(__file__).parent / "layouts"
OWN = "walls"
LEVELS = ("district", "street", "community")  # of the places that can have a wall
EMPTY = "."
Track = Annotated[str, StringConstraints(pattern=r"^(\d+(\.\d+)?(fr|rem)|auto)$")]


class Rotation(Part):
    """What a wall goes through by itself. over: "streets", "communities" or "layouts"; empty: nothing. every, pause:
    seconds each stands, and seconds after which it goes on where somebody stopped it."""

    over: Annotated[str, StringConstraints(pattern=r"^(streets|communities|layouts|)$")] = ""
    every: int = Field(30, ge=5, le=3600)
    pause: int = Field(120, ge=5, le=3600)


class Text(Part):
    """The text of a layout. levels: of the places it is the usual one for; areas: a line a row, a word a column."""

    name: Name
    levels: list[LevelName] = Field(default_factory=list)
    columns: list[Track] = Field(min_length=1, max_length=12)
    rows: list[Track] = Field(min_length=1, max_length=12)
    areas: list[str]
    rotate: Rotation = Rotation()
    panels: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], dict[str, Any]]


@dataclass(frozen=True)
class Box:
    """A panel in its place."""

    id: str
    panel: Panel
    options: Options


@dataclass(frozen=True)
class Layout:
    """A layout that was checked."""

    id: str
    text: Text
    boxes: dict[str, Box]


@cache
def layouts(home: Path) -> dict[str, Layout]:
    """Every layout by its name, a city's own first. Raises InputError naming file and key path."""
    files = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    own = {path.stem: path for path in sorted((home / FOLDER / OWN).glob("*.toml"))}
    for name, path in own.items():
        if not re.fullmatch(r"[a-z0-9_-]+", name):
            raise InputError("a layout's file is called by small letters, digits, - and _.", where=str(path))
    ordered = {**own, **{name: path for name, path in files.items() if name not in own}}
    return {name: read(name, text_of(f"wall/{name}", path, shipped=name not in own)) for name, path in ordered.items()}


@cache
def version(home: Path) -> str:
    """Names all layouts as they are: a page made with others loads itself anew."""
    return blake2b(repr([one.text for one in layouts(home).values()]).encode(), digest_size=8).hexdigest()


def layout_for(home: Path, level: str, name: str = "") -> Layout:
    """The layout of this name, else the usual one of a level. Raises InputError where there is none."""
    known = layouts(home)
    if name and name not in known:
        raise InputError("there is no such layout.", where=name, todo=f"There are {', '.join(known)}.")
    return known[name] if name else usual(home, level)


def usual(home: Path, level: str) -> Layout:
    """The first layout that says it is for a level; else the first there is."""
    known = layouts(home)
    return next((one for one in known.values() if level in one.text.levels), next(iter(known.values())))


def read(name: str, definition: Definition) -> Layout:
    """A layout from its text. Raises InputError with file and key path of the first thing that is wrong."""
    text = read_as(Text, definition.body, definition.where)
    for path, what in faults(text):
        raise InputError(f"{what}.", where=f"{definition.where}: {path}", todo="Mend the layout.")
    return Layout(name, text, {box: _box(box, raw, definition.where) for box, raw in text.panels.items()})


def faults(text: Text) -> Iterator[tuple[str, str]]:
    """What is wrong with how the panels stand: (key path, what)."""
    rows = [row.split() for row in text.areas]
    if len(rows) != len(text.rows):
        yield "areas", f"there are {len(text.rows)} rows, but {len(rows)} lines of areas"
    for i, row in enumerate(rows):
        if len(row) != len(text.columns):
            yield f"areas.{i}", f"there are {len(text.columns)} columns, but {len(row)} words"
            return
    named = dict.fromkeys(word for row in rows for word in row if word != EMPTY)
    for area in named:
        if area not in text.panels:
            yield "areas", f"the area {area!r} has no panel; write [panels.{area}]"
        elif not _rectangular(rows, area):
            yield "areas", f"the area {area!r} is no rectangle"
    for box, raw in text.panels.items():
        if box not in named:
            yield f"panels.{box}", f"no area is called {box!r}"
        if raw.get("panel", box) not in PANELS:
            yield f"panels.{box}.panel", f"there is no panel {raw.get('panel', box)!r}; there are {', '.join(PANELS)}"


def _rectangular(rows: list[list[str]], area: str) -> bool:
    cells = [(i, j) for i, row in enumerate(rows) for j, word in enumerate(row) if word == area]
    lines, columns = {i for i, _ in cells}, {j for _, j in cells}
    return len(cells) == (max(lines) - min(lines) + 1) * (max(columns) - min(columns) + 1)


def _box(box: str, raw: dict[str, Any], where: str) -> Box:
    """A panel's options, checked by the panel; a panel that is called as its area need not say which it is."""
    said = {"panel": box, **raw}
    panel = PANELS[said["panel"]]
    return Box(box, panel, checked(panel.options, said, where, f"panels.{box}"))
