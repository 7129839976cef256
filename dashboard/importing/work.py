"""What the import page has done for it, on a job's thread: propose a mapping, show rows as they will be, take them in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from dashboard.formats import moment
from dashboard.languages import _, marked
from dashboard.uploads import Upload
from data.atlas import atlas_on, tree
from data.errors import FileError, MappingError
from data.imports import source_mappings
from data.progress import Progress
from data.quality import flags_of
from data.store import Store
from etl.commands import quarantine_retry, run_import
from etl.guess_sources import known_sources
from etl.importing import context_of
from etl.jobs import run_in_worker
from etl.mapping import parse_mapping
from etl.preview import preview, propose

PARQUET = b"PAR1"
FIRST = ("row_number", "external_id", "flags", "place_id")  # what a person looks for comes first
CASE_KINDS = {
    "event": marked("事件"), "task": marked("任务"), "whistle": marked("吹哨"), "request": marked("三单"),
    "listing": marked("挂牌"), "supervision": marked("督办"), "interview": marked("约谈"),
}  # fmt: skip


def refuse_parquet(path: Path) -> None:
    """Parquet is a program's format with room for surprises; only a file a person names on the machine itself is read."""
    with path.open("rb") as file:
        if file.read(4) == PARQUET:
            raise FileError(
                "Parquet is not taken here.", where=path.name, todo="Import it with `python app.py import tickets`."
            )


def proposed(
    store: Store, upload: Upload, kind: str | None, level: str | None, language: str, progress: Progress
) -> dict[str, Any]:
    """The guess: mapping_text, lines, questions, dropped, kind, columns (of the file)."""
    refuse_parquet(upload.path)
    asked = {
        "file": str(upload.path), "kind": kind, "level": level, "language": language, "zone": store.deployment.zone,
        "crs": store.deployment.crs, "trees": [tree(store, atlas_on(store).atlas_id)],
        "known": known_sources(source_mappings(store)),
    }  # fmt: skip
    found: dict[str, Any] = next(iter(list(run_in_worker(propose, asked, progress=progress))))
    return found


def previewed(store: Store, upload: Upload, text: str, corrected: bool, progress: Progress) -> dict[str, Any]:
    """The first rows: {"kind", "columns", "rows", "quarantined", "dropped"}, everything as text a person can read."""
    refuse_parquet(upload.path)
    mapping = parse_mapping(text)
    asked = {
        "path": str(upload.path),
        "mapping": mapping,
        "context": context_of(store, mapping.source_name),
        "corrected": corrected,
    }
    found: dict[str, Any] = next(iter(list(run_in_worker(preview, asked, progress=progress))))
    rows = shown_rows(store, found["rows"])
    used = [name for name in (rows[0] if rows else {}) if any(row[name] not in ("", None, _("否")) for row in rows)]
    used.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    return {
        "kind": found["kind"],
        "columns": used,
        "rows": [{name: row[name] for name in used} for row in rows],
        "quarantined": found["quarantined"].to_pylist(),
        "dropped": found["dropped"],
    }


# Columns of a staged row that say nothing to a person looking at a preview, or say it twice.
_INNER = frozenset(
    {"content_hash", "x", "y", "parent_external_id", "on_time_source", "category_code", "unit_code", "place_level"}
)


def shown_rows(store: Store, table: pa.Table) -> list[dict[str, Any]]:
    """Rows with local times, names of places and words for flags."""
    if not table.num_rows:
        return []
    current = tree(store, atlas_on(store).atlas_id)
    names = dict(zip(current["place_id"].to_pylist(), current["name"].to_pylist(), strict=True))
    return [
        {name: _shown(name, value, names, store) for name, value in row.items() if name not in _INNER}
        for row in table.to_pylist()
    ]


def _shown(name: str, value: Any, names: dict[int, str], store: Store) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value, store.zone)
    if name == "place_id":
        return names.get(value, "")
    if name == "kind":
        return _(CASE_KINDS.get(value, value))
    if name == "flags":
        return _("、").join(flags_of(value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("、").join(map(str, value))
    return value


def taken(store: Store, upload: Upload, text: str, retry: int | None, progress: Progress) -> dict[str, Any]:
    """The import itself; its report. The mapping is checked before anything is read."""
    refuse_parquet(upload.path)
    if not text.strip():
        raise MappingError("there is no mapping.", todo="Let the program propose one, or choose one.")
    mapping = upload.path.parent.parent / f"{upload.token}.toml"
    mapping.write_text(text, encoding="utf-8")
    try:
        told = {"file": str(upload.path), "mapping": str(mapping)}
        return (
            run_import(store, told, progress)
            if retry is None
            else quarantine_retry(store, {**told, "import": retry}, progress)
        )
    finally:
        mapping.unlink(missing_ok=True)
