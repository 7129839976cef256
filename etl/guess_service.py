"""Service levels where a file gives no deadline: a column of days or hours that is the same on all rows of a category."""

from __future__ import annotations

import re
from collections import Counter

from etl.guess_proposal import Findings
from etl.guess_sample import Sample
from etl.vocabulary import field_match, plain

_AMOUNT = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>\D*)$")
_HOURS = ("hour", "hrs", "小时", "時間", "horas", "heures", "stunden", "uren", "시간")
_WORKING = (
    "working",
    "business",
    "工作日",
    "uteis",
    "habiles",
    "ouvres",
    "werktage",
    "arbeitstage",
    "werkdagen",
    "営業日",
)
_MOST = 400


def write_service(sample: Sample, findings: Findings) -> None:
    """[categories] entries with hours and clock, where a service column is constant within the categories."""
    category = findings.column("category")
    if category is None or findings.column("due_at") is not None:
        return
    ranked = [
        (field_match("service_days", name).score, name)
        for name, column in sample.columns.items()
        if name not in findings.used and column.filled and hours_of(name, column.values[0]) is not None
    ]
    score, name = max(ranked, default=(0.0, ""))
    if score < 0.6 or sample.columns[category].distinct > _MOST:
        return
    by_category: dict[str, Counter[str]] = {}
    for kind, value in zip(
        sample.columns[category].text.to_pylist(), sample.columns[name].text.to_pylist(), strict=True
    ):
        if kind is not None and value is not None:
            by_category.setdefault(kind, Counter())[value] += 1
    total = sum(sum(counts.values()) for counts in by_category.values())
    constant = sum(counts.most_common(1)[0][1] for counts in by_category.values())
    if not total or constant < 0.95 * total:
        findings.ask("service_varies", column=name)
        return
    findings.ask("service", column=name)
    findings.used.add(name)
    for kind, counts in sorted(by_category.items()):
        value, count = counts.most_common(1)[0]
        level = hours_of(name, value)
        if level is None:
            continue
        hours, clock = level
        sure = score * 0.85 * count / sum(counts.values())
        findings.add("categories", kind, "hours", value=hours, confidence=sure,
                     reasons=[("service_constant", {"hours": f"{hours:g}"})])  # fmt: skip
        findings.add("categories", kind, "clock", value=clock, confidence=0.6 if clock == "natural" else 0.85,
                     reasons=[("clock_default", {}) if clock == "natural" else ("header", {"column": name, "meaning": clock})])  # fmt: skip


def hours_of(header: str, value: str) -> tuple[float, str] | None:
    """(hours, "natural" or "working") of an amount such as "5", "5 days", "24小时", "3个工作日"."""
    match = _AMOUNT.match(value.strip())
    if match is None:
        return None
    number = float(match["number"].replace(",", "."))
    words = f"{plain(match['unit'])} {plain(header)}"
    if number <= 0 or number > 5000:
        return None
    hours = number if any(word in words for word in _HOURS) else number * 24
    return hours, "working" if any(word in words for word in _WORKING) else "natural"
