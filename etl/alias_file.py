"""A city's own names for its places: definitions/aliases.toml in JINGWEI_HOME, which people edit and an upgrade leaves alone.

[[place]]
place = "E0012"                      # its code, or its name where only one place is called so
names = ["老纺织厂宿舍", "一纺院"]   # what people write
roads = ["望江路"]                   # which of several estates of one name is meant
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import MappingError
from etl.gazetteer import Alias

FILE: Final = Path("definitions") / "aliases.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    place: str = Field(min_length=1)
    names: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    place: tuple[_Entry, ...] = ()


def read_aliases(home: Path, trees: Sequence[pa.Table]) -> tuple[Alias, ...]:
    """The aliases of a deployment, none where there is no file. Raises MappingError, with the key path."""
    path = home / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"this cannot be read: {error}.", where=str(FILE), todo="Correct it.") from None
    try:
        entries = _File.model_validate(table).place
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise MappingError(
            f"{fault['msg']}.", where=f"{FILE}: {key}", todo="docs/mapping.md says what stands there."
        ) from None
    _check(entries, trees)
    return tuple(Alias(entry.place, entry.names, entry.roads) for entry in entries)


def add_alias(home: Path, trees: Sequence[pa.Table], place: str, name: str) -> None:
    """Write one more name of a place at the end of the list; what people wrote there stays as it is.

    place: its code. The list is there as a whole before and after. Raises MappingError where it cannot be read.
    """
    read_aliases(home, trees)  # a list that is broken already is not made longer
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    entry = f"[[place]]\nplace = {json.dumps(place, ensure_ascii=False)}\nnames = [{json.dumps(name, ensure_ascii=False)}]\n"
    aside = path.with_suffix(".new")
    aside.write_text(f"{before.rstrip()}\n\n{entry}" if before.strip() else entry, encoding="utf-8")
    aside.replace(path)


def _check(entries: tuple[_Entry, ...], trees: Sequence[pa.Table]) -> None:
    codes: set[str] = set()
    names: Counter[str] = Counter()
    for tree in trees:
        codes.update(tree["code"].to_pylist())
    for tree in trees[-1:]:
        names.update(tree["name"].to_pylist())
    for number, entry in enumerate(entries):
        if entry.place in codes or names[entry.place] == 1 or not trees:
            continue
        known = names[entry.place]
        what = f"{known} places are called" if known else "no place has the code or name"
        raise MappingError(
            f"{what} {entry.place}.", where=f"{FILE}: place.{number}.place", todo="Give the code of one place."
        )
