"""A natural key where a file has no id: what says where, when and what, and does not change while a ticket is worked on.

Every column that tells tickets apart goes in, because two tickets alike in all of them become one. What another column
already determines adds nothing, and what tomorrow's export may say differently would make a new ticket of an old one.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from etl.guess_areas import inside
from etl.guess_proposal import Findings
from etl.guess_sample import Column, Sample
from etl.vocabulary import field_match, is_person

_CHANGING = ("status", "registered_at", "handled_at", "closed_at", "due_at", "handle_due_at", "updated_at", "called_back_at",
             "unit", "unit_code", "on_time", "on_time_late", "contacted", "resolved", "satisfaction")  # fmt: skip
_PAIRS = (("lon", "lat"), ("x", "y"))


def write_key(sample: Sample, personal: set[str], findings: Findings) -> None:
    """Put [key] down, with how unique it is."""
    changing = {column for field in _CHANGING if (column := findings.column(field))}
    stable = [
        name
        for name, column in sample.columns.items()
        if name not in changing
        and column.distinct > 2
        and column.null_share < 0.98
        and max(field_match(field, name).score for field in _CHANGING) < 0.6
        and not is_person(name)
    ]
    start = findings.lines and findings.column("reported_at")
    parts = [part for line in findings.lines if line.key == ("fields", "reported_at") and isinstance(line.value, dict)
             for part in line.value.get("columns", [])]  # fmt: skip
    first = parts or ([start] if start else [])
    stable = [name for name in stable if name not in first and not _other_point(name, stable, findings)]
    stable = [name for name in stable if not _determined(sample.columns[name], stable, sample)]
    chosen = [*first, *stable]
    best = unique(sample, chosen)
    for name in [name for name in chosen if name in personal]:
        fewer = [each for each in chosen if each != name]
        if unique(sample, fewer) >= best - 0.0005:
            chosen = fewer
    share = unique(sample, chosen)
    if not chosen:
        return
    findings.add("key", "columns", value=chosen, confidence=0.35 + 0.5 * share, reasons=[("key", {"share": share})])
    findings.ask("no_id", count=round((1 - share) * sample.rows))


def _other_point(name: str, names: list[str], findings: Findings) -> bool:
    """Whether it is a coordinate the location does not use, though it uses another pair."""
    mapped = {line.value for line in findings.lines if line.key[0] == "location" and len(line.key) == 2}
    pairs = [each for pair in _PAIRS for each in pair]
    return (
        name not in mapped
        and bool(mapped & set(names))
        and max(field_match(field, name).score for field in pairs) > 0.8
    )


def _determined(column: Column, names: list[str], sample: Sample) -> bool:
    """Whether another column, finer and not a number of its own for every row, says it already."""
    finer = [
        sample.columns[name]
        for name in names
        if name != column.name and column.distinct < sample.columns[name].distinct < 0.3 * sample.rows
    ]
    return any(inside(other, column) > 0.9995 and other.null_share <= column.null_share + 0.001 for other in finer)


def unique(sample: Sample, names: list[str]) -> float:
    """Share of distinct rows over these columns, over the rows read."""
    if not names:
        return 0.0
    texts = [sample.columns[name].whole.cast(pa.string()) for name in names]
    joined = pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace", null_replacement="")
    return float(pc.count_distinct(joined).as_py() / max(len(joined), 1))
