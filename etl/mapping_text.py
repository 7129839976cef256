"""A mapping as text: what the guess and the import page write for a person to edit.

tomlkit and not a plain dump, because the reasons belong beside the lines they explain.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table as TomlTable

from etl.mapping import Mapping


def dump_mapping(mapping: Mapping, comments: Table[str, str] | None = None, header: str = "") -> str:
    """The TOML text of a mapping. `comments` by key path ("fields.closed_at") stand above their line."""
    document = tomlkit.document()
    for line in header.splitlines():
        document.add(tomlkit.comment(line) if line.strip() else tomlkit.nl())
    body = mapping.model_dump(mode="python", exclude_defaults=True, exclude_none=True)
    _fill(document, {"format": mapping.format, **body}, dict(comments or {}), "")
    return tomlkit.dumps(document)


def save_mapping(path: Path, mapping: Mapping, comments: Table[str, str] | None = None, header: str = "") -> None:
    """Write the mapping to a file, comments included."""
    path.write_text(dump_mapping(mapping, comments, header), encoding="utf-8")


def _fill(table: tomlkit.TOMLDocument | TomlTable, body: Table[str, Any], comments: dict[str, str], at: str) -> None:
    """Plain values first, then tables, since TOML has no way back from a table to its parent."""
    inline = at == "fields"
    for key, value in sorted(body.items(), key=lambda item: _is_table(item[1]) and not inline):
        path = f"{at}.{key}" if at else key
        whole = _is_table(value) and not inline
        if path in comments and not whole:
            for line in comments[path].splitlines():
                table.add(tomlkit.comment(line))
        if inline:
            table.add(key, _source(value))
        elif isinstance(value, dict):
            table.add(key, _table(value, comments, path))
        elif whole:
            rows = tomlkit.aot()
            for number, row in enumerate(value):
                rows.append(_table(row, comments, f"{path}.{number}"))
            table.add(key, rows)
        else:
            table.add(key, list(value) if isinstance(value, tuple) else value)


def _table(body: Table[str, Any], comments: dict[str, str], path: str) -> TomlTable:
    table = tomlkit.table()
    for line in comments.get(path, "").splitlines():
        table.add(tomlkit.comment(line))
    _fill(table, body, comments, path)
    return table


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, (tuple, list)) and bool(value) and isinstance(value[0], dict))


def _source(value: dict[str, Any]) -> Any:
    """A field as people write it: a plain column name, or an inline table."""
    if set(value) == {"column"}:
        return value["column"]
    inline = tomlkit.inline_table()
    for key, part in value.items():
        single = key == "format" and len(part) == 1
        inline.add(key, part[0] if single else list(part) if isinstance(part, tuple) else part)
    return inline
