"""A mapping proposed from a file nobody has described: `import --guess FILE`.

It says how sure it is of each line and why, asks what it cannot know, and lists what it leaves out; a person edits the
result. It prefers a question to a silent guess: what a figure depends on and the file does not say is asked.
Runs in a worker process: it only reads the file, and the district's tree where one is handed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from etl.dates import join_columns
from etl.fileoptions import NULL_MARKERS
from etl.guess_address import write_address
from etl.guess_areas import write_areas
from etl.guess_columns import best, fit, personal, write_code, write_id
from etl.guess_crs import Ground
from etl.guess_dates import Reading
from etl.guess_keys import write_key
from etl.guess_location import write_location
from etl.guess_names import name_of
from etl.guess_places import is_places, propose_places
from etl.guess_proposal import Finding, Findings, Proposal, build, render
from etl.guess_reasons import Reason
from etl.guess_roles import ask_about_order, time_roles, write_times
from etl.guess_sample import Column, Sample, read_sample
from etl.guess_service import write_service
from etl.guess_sources import KnownSource, write_source
from etl.guess_times import offset_of, read_times, tag_is_wrong, tag_shift
from etl.guess_values import filled_when_closed, write_answers, write_flag, write_status
from etl.mapping import PLACE_FIELDS, TICKET_FIELDS
from etl.vocabulary import field_match, is_cjk

__all__ = ["Proposal", "guess", "render"]

_WORDS = ("channel", "category", "unit", "track")
_COLUMN_KEYS = ("lon", "lat", "x", "y", "point", "address", "column")


def guess(
    path: str | Path,
    *,
    zone: str | None = None,
    kind: str | None = None,
    level: str | None = None,
    sample_rows: int = 5000,
    trees: Sequence[pa.Table] = (),
    crs: str | None = None,
    language: str = "en",
    known: Sequence[KnownSource] = (),
) -> Proposal:
    """A mapping for the file. kind: "tickets" or "places" where a person knows; zone: of its local times; level: of
    places; trees: atlas trees of the deployment, to check points and names against; crs: its metric system, suggested
    (never assumed) for numbers without one; language: "en" or "zh"; known: the sources of the store, the latest first.

    Raises FileError when the file cannot be opened at all.
    """
    path = Path(path)
    if kind == "places" or (kind is None and is_places(path)):
        return propose_places(path, level=level, crs=crs, language=language)
    sample = read_sample(path, rows=sample_rows)
    return propose_tickets(sample, zone, crs, list(trees), language, known)


def propose_tickets(
    sample: Sample,
    zone: str | None,
    crs: str | None,
    trees: list[pa.Table],
    language: str,
    known: Sequence[KnownSource] = (),
) -> Proposal:
    """The proposal for a file of tickets."""
    findings = Findings()
    times = read_times(sample.columns)
    people = {name for name, column in sample.columns.items() if personal(column)}
    people -= {name for name in people if _at_work(sample.columns[name])}
    roles = time_roles(sample.columns, times)
    if "closed_at" not in roles:
        free = [name for name in times if name not in {column for column, _ in roles.values()}]
        if name := filled_when_closed(sample, free, people | set(times)):
            roles["closed_at"] = (name, 0.8)
    write_file(sample, findings)
    has_id = write_id(sample, people | set(times), findings)
    write_times(sample.columns, times, roles, findings)
    ask_about_order(times, roles, findings)
    findings.used |= {part for read in times.values() for part in read.columns}
    barred = findings.used | set(times)
    findings.used |= barred
    closing = sample.columns[roles["closed_at"][0]] if findings.column("closed_at") else None
    write_status(sample, closing, findings)
    write_flag(sample, times, {field: role for field, role in roles.items() if findings.column(field)}, findings)
    write_answers(sample, findings)
    ground = Ground(trees)
    write_location(sample, zone, crs, ground, findings)
    write_areas(sample, trees, findings)
    write_address(sample, trees, findings)
    _write_words(sample, people, findings)
    _write_note(sample, people, findings)
    write_service(sample, findings)
    _write_zone(sample, times, roles, zone, findings)
    _ask_closing(findings)
    if not has_id:
        write_key(sample, people, findings)
    write_nulls(sample, findings)
    name = name_of(sample.path)
    source = write_source(name, sample.columns.keys(), known, findings)
    _write_dropped(sample, people, times, findings)
    head = [
        Finding(("format",), 1, 1.0, [("version", {})]),
        Finding(("name",), name, 0.9, [("from_file", {})]),
        Finding(("kind",), "tickets", 0.95, [("kind_tickets", {"count": len(times), "rows": sample.rows})]),
        source,
    ]
    return build(findings, "tickets", head, language)


def write_file(sample: Sample, findings: Findings) -> None:
    """[file]: what is not what a reader would find by itself, so that tomorrow's export is read the same way."""
    if sample.kind in ("csv", "ndjson", "json") and sample.encoding.replace("-", "").casefold() not in (
        "",
        "utf8",
        "utf8sig",
    ):
        findings.add("file", "encoding", value=sample.encoding, confidence=0.9, reasons=[("encoding", {})])
    if sample.kind == "csv" and sample.delimiter not in ("", ","):
        findings.add("file", "delimiter", value=sample.delimiter, confidence=0.97, reasons=[("delimiter", {})])
    if sample.file.header_row > 1:
        findings.add("file", "header_row", value=sample.file.header_row, confidence=0.9, reasons=[("header_row", {})])
    for key, value in (("sheet", sample.file.sheet), ("records", sample.file.records)):
        if value and key == "records":
            findings.add("file", key, value=value, confidence=0.9, reasons=[("given", {})])


def write_nulls(sample: Sample, findings: Findings) -> None:
    """[file] null: markers beyond the usual ones, where mapped columns hold them."""
    written = _written(findings)
    seen: dict[str, int] = {}
    for column in (sample.columns[name] for name in written):
        for marker, count in column.markers.items():
            seen[marker] = seen.get(marker, 0) + count
    extra = [marker for marker in seen if marker not in NULL_MARKERS]
    if extra:
        listed = sorted(seen, key=lambda marker: -seen[marker])
        counts = ", ".join(f'"{marker}" {seen[marker]:,}' for marker in listed[:6])
        sure = 0.9 if not any(is_cjk(marker) for marker in extra) else 0.75
        empty = ["", *dict.fromkeys([*NULL_MARKERS[1:], *extra])]
        findings.add("file", "null", value=empty, confidence=sure, reasons=[("markers", {"counts": counts})])


def _at_work(column: Column) -> bool:
    """Words such as 承办人 are personal, 承办单位 is not, though both hold 承办."""
    return any(field_match(field, column.name).score > 0.85 for field in ("unit", "channel", "category", "status"))


def _write_words(sample: Sample, people: set[str], findings: Findings) -> None:
    for field in _WORDS:
        found = best(field, sample, findings.used | people)
        if found is None:
            continue
        column, score = found
        reasons: list[Reason] = [
            ("header", {"column": column.name, "meaning": field}),
            ("distinct", {"count": column.distinct}),
        ]
        if column.null_share > 0.01:
            reasons.append(("filled", {"share": 1 - column.null_share}))
        active = score >= 0.5
        findings.add("fields", field, value=column.name, confidence=score, reasons=reasons, active=active)
        if active:
            findings.used.add(column.name)
        else:
            findings.ask("low", field=field, column=column.name, confidence=round(score, 2))
    write_code("category_code", "category", sample, findings)
    write_code("unit_code", "unit", sample, findings)
    parents = [
        (field_match("parent_id", name).score, name) for name in sample.columns if name not in findings.used | people
    ]
    score, name = max(parents, default=(0.0, ""))
    if score >= 0.75 and sample.columns[name].filled:
        findings.add("fields", "parent_id", value=name, confidence=score * 0.9,
                     reasons=[("header", {"column": name, "meaning": "parent_id"})])  # fmt: skip
        findings.used.add(name)


def _write_note(sample: Sample, people: set[str], findings: Findings) -> None:
    """The content, only where header and texts both say that it is one."""
    ranked = []
    for name, column in sample.columns.items():
        score = field_match("note", name).score
        long = column.length >= (8 if is_cjk("".join(column.values[:20])) else 25)
        if name not in findings.used | people and score >= 0.6 and long and column.distinct > 0.4 * column.filled:
            ranked.append((score, name))
    if ranked:
        score, name = max(ranked)
        length = round(sample.columns[name].length)
        findings.add("fields", "note", value=name, confidence=score * 0.9,
                     reasons=[("header", {"column": name, "meaning": "note"}), ("content", {"length": length})])  # fmt: skip
        findings.used.add(name)
        findings.ask("note", column=name)


def _write_zone(
    sample: Sample, times: dict[str, Reading], roles: dict[str, tuple[str, float]], zone: str | None, findings: Findings
) -> None:
    if zone is not None:
        findings.add("time", "zone", value=zone, confidence=0.95, reasons=[("zone_given", {})])
    start = times[roles["reported_at"][0]] if "reported_at" in roles else None
    if start is None:
        return
    if not start.zoned:
        if zone is None and not any(text.startswith("epoch") for text in start.formats):
            findings.ask("zone")
        return
    shift: float | None = offset_of(None, _longitude(sample))
    if zone is not None:
        cells = join_columns([sample.columns[name].cells for name in start.columns or (start.column,)])
        shift = tag_shift(cells, start.formats, zone)
    if shift is None:
        return
    wrong, written, shifted = tag_is_wrong(start, shift)
    if wrong:
        findings.add("time", "ignore_tag", value=True, confidence=0.75,
                     reasons=[("tag_wrong", {"written": written, "shifted": shifted})])  # fmt: skip
        findings.ask("tag")
    else:
        findings.ask("tag_kept")


def _longitude(sample: Sample) -> float | None:
    """The middle longitude of the file, from whatever column holds one."""
    for name, column in sample.columns.items():
        if field_match("lon", name).score > 0.8 and column.filled:
            from etl.coordinates import read_numbers

            numbers, _ = read_numbers(column.cells)
            middle = float(np.nanmedian(numbers)) if np.isfinite(numbers).any() else 999.0
            return middle if abs(middle) <= 180 else None
    return None


def _ask_closing(findings: Findings) -> None:
    if findings.column("closed_at") is None and findings.column("status") is not None:
        changed = findings.column("updated_at")
        hint: Reason | str = ("close_hint", {"column": changed}) if changed else ""
        findings.ask("no_close", hint=hint)


def _write_dropped(sample: Sample, people: set[str], times: dict[str, Reading], findings: Findings) -> None:
    mapped = {field: findings.column(field) for field in TICKET_FIELDS | PLACE_FIELDS if findings.column(field)}
    written = _written(findings)
    for name, column in sample.columns.items():
        if name in written or ("service", {"column": name}) in findings.questions:
            continue
        if name in people:
            findings.dropped.append(("personal", {"column": name}))
        elif not column.filled:
            findings.dropped.append(("empty", {"column": name}))
        elif column.distinct == 1 and column.filled == sample.rows:
            findings.dropped.append(("constant", {"column": name}))
        else:
            findings.dropped.append(_weaker(name, column, name in times, mapped))


def _weaker(name: str, column: Column, timely: bool, mapped: dict[str, str | None]) -> Reason:
    """The field it would have been, had another column not fitted better."""
    for field, other in mapped.items():
        score = field_match(field, name).score if field in TICKET_FIELDS else 0.0
        if (field in _WORDS and fit(field, column) >= 0.5) or (timely and field.endswith("_at") and score >= 0.5):
            return "weaker", {"column": name, "meaning": field, "other": other}
    return "unused", {"column": name}


def _written(findings: Findings) -> set[str]:
    """Columns the written lines name."""
    names: set[str] = set()
    for line in findings.lines:
        names_column = line.key[0] in ("fields", "key") or line.key[-1] in _COLUMN_KEYS
        if names_column and line.active:
            values = (
                line.value.get("columns", [line.value.get("column")]) if isinstance(line.value, dict) else line.value
            )
            names |= set(values) if isinstance(values, list) else {values}
    return names
