"""Changes a person makes to a mapping without typing TOML: which column a field comes from.

The text stays the one truth; comments and everything not touched stay as they are.
"""

from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from data.errors import MappingError
from etl.mapping import TIMES

SHOWN = {
    "tickets": ("id", "reported_at", "registered_at", "due_at", "handled_at", "closed_at", "status", "on_time", "category",
                "unit", "channel", "called_back_at", "contacted", "resolved", "satisfaction", "note"),
    "places": ("code", "name", "parent", "households", "kind", "old", "aliases", "company"),
}  # fmt: skip


def kind_of(text: str) -> str:
    """tickets, or places (a plan is made of places too); tickets when the text cannot be read yet."""
    try:
        return "tickets" if tomllib.loads(text).get("kind", "tickets") == "tickets" else "places"
    except tomllib.TOMLDecodeError:
        return "tickets"


def columns_of(text: str) -> dict[str, str]:
    """Field → the column it comes from, for fields that come from exactly one."""
    try:
        fields = tomllib.loads(text).get("fields", {})
    except tomllib.TOMLDecodeError:
        return {}
    found = {name: _column(source) for name, source in fields.items()}
    return {name: column for name, column in found.items() if column}


def _column(source: Any) -> str:
    if isinstance(source, str):
        return source
    column = source.get("column") if isinstance(source, dict) else None
    return column if isinstance(column, str) else ""


def with_field(text: str, field: str, column: str | None) -> str:
    """The text with `field` taken from `column`, or from nowhere (None). A time gets the format of another time.

    Raises MappingError when the text is no TOML.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise MappingError(f"this is not valid TOML: {error}.", where="TOML", todo="Correct the text first.") from None
    fields = document.setdefault("fields", tomlkit.table())
    if not column:
        fields.pop(field, None)
    elif isinstance(fields.get(field), dict) and "column" in fields[field]:
        fields[field]["column"] = column
    else:
        fields[field] = _source(fields, field, column)
    return tomlkit.dumps(document)


def _source(fields: Any, field: str, column: str) -> Any:
    formats = [
        source["format"]
        for name, source in fields.items()
        if name in TIMES and isinstance(source, dict) and "format" in source
    ]
    if field not in TIMES or not formats:
        return column
    source = tomlkit.inline_table()
    source.update({"column": column, "format": formats[0]})
    return source
