"""What each time of a file means: reported, registered, handled, closed, due, changed, called back.

Headers decide first; the values then check them: what is closed lies after what is opened, and the report is there on
every row. Where the header says nothing, the earliest time that is always filled is taken for the report, and said so.
"""

from __future__ import annotations

from typing import Any

from etl.guess_dates import Reading
from etl.guess_proposal import Findings
from etl.guess_reasons import Reason
from etl.guess_sample import Column
from etl.guess_times import disorder, twelve_hour
from etl.mapping import TIMES
from etl.vocabulary import field_match

SURE = 0.45  # below it a header says nothing
STANDS_FOR = {"closed_at": "handled_at", "due_at": "handle_due_at"}  # what may take a field's place
ACTIVE = 0.5  # below it a line is written behind a #


def time_roles(columns: dict[str, Column], times: dict[str, Reading]) -> dict[str, tuple[str, float]]:
    """Field → (column, how well the header fits): one column a field, one field a column, best fits first."""
    usable = {name: read for name, read in times.items() if columns[name].filled}
    fits = sorted(
        ((field_match(field, name).score * min(1.0, read.share + 0.02), field, name)
         for name, read in usable.items() for field in TIMES),
        key=lambda fit: (-fit[0], TIMES.index(fit[1])),
    )  # fmt: skip
    roles: dict[str, tuple[str, float]] = {}
    for score, field, name in fits:
        if score >= SURE and field not in roles and name not in {column for column, _ in roles.values()}:
            roles[field] = (name, score)
    _settle_start(columns, usable, roles)
    if "closed_at" not in roles and "handled_at" in roles:
        name, score = roles.pop("handled_at")
        roles["closed_at"] = (name, 0.7 * score)
    if "due_at" not in roles and "handle_due_at" in roles and "handled_at" not in roles:
        name, score = roles.pop("handle_due_at")  # nothing to hold it against but the closing
        roles["due_at"] = (name, 0.7 * score)
    return roles


def _settle_start(columns: dict[str, Column], times: dict[str, Reading], roles: dict[str, tuple[str, float]]) -> None:
    """The report comes first. A registration without a report is the report; the wrong way round they change places."""
    if "reported_at" not in roles and "registered_at" in roles:
        roles["reported_at"] = roles.pop("registered_at")
    if "registered_at" in roles and "reported_at" in roles:
        first, second = times[roles["reported_at"][0]], times[roles["registered_at"][0]]
        if disorder(first, second) > 0.5:
            roles["reported_at"], roles["registered_at"] = roles["registered_at"], roles["reported_at"]
    if "reported_at" in roles:
        return
    taken = {column for column, _ in roles.values()}
    full = [name for name in times if name not in taken and columns[name].null_share < 0.05]
    if full:
        earliest = min(full, key=lambda name: sum(disorder(times[name], times[other]) for other in full))
        roles["reported_at"] = (earliest, 0.55)


def write_times(
    columns: dict[str, Column], times: dict[str, Reading], roles: dict[str, tuple[str, float]], findings: Findings
) -> None:
    """Put the lines of the times down, in the order of the fields."""
    start = roles.get("reported_at")
    for field in TIMES:
        if field not in roles:
            continue
        name, score = roles[field]
        read = times[name]
        reasons, sure = _reasons(field, read, columns[name], start and start[0], times)
        confidence = score * (0.5 + 0.5 * read.share) * sure
        if confidence < ACTIVE and field != "reported_at":
            findings.ask("low", field=field, column=name, confidence=round(confidence, 2))
        active = confidence >= ACTIVE or field == "reported_at"
        findings.add("fields", field, value=source_of(read), confidence=confidence, reasons=reasons, active=active)
        if active:
            findings.used |= set(read.columns or (name,))
        _ask_about(name, read, findings)
        if field == "due_at" and field_match("handle_due_at", name).score > field_match("due_at", name).score:
            findings.ask("due_handling", column=name)
        if field == "closed_at" and score < 0.75 and field_match("handled_at", name).score > SURE:
            reasons.append(("fallback_close", {}))
    if "reported_at" not in roles:
        findings.ask("no_report")


def source_of(read: Reading) -> Any:
    """The value of a fields line: a column name, or a table with columns and formats."""
    formats = list(read.formats)
    if not read.columns and formats in ([], ["iso"]):
        return read.column
    body: dict[str, Any] = {"columns": list(read.columns)} if read.columns else {"column": read.column}
    if formats:
        body["format"] = formats[0] if len(formats) == 1 else formats
    return body


def _reasons(
    field: str, read: Reading, column: Column, start: str | None, times: dict[str, Reading]
) -> tuple[list[Reason], float]:
    """(reasons, factor on the confidence)."""
    name = column.name
    reasons: list[Reason] = [_first_reason(field, name)]
    sure = 1.0
    if read.columns:
        reasons.append(("two_columns", {"count": len(read.columns)}))
    if read.formats:
        reasons.append(("parse", {"share": read.share, "format": " / ".join(read.formats)}))
    else:
        reasons.append(("typed", {}))
    if read.evidence:
        reasons.append((read.evidence, {}))
    if read.other is not None:
        sure *= 0.75 if read.evidence == "span" else 0.55
    if start and name != start:
        odd = disorder(times[start], read)
        reasons.append(("after", {"share": 1 - odd, "other": start}))
        if field != "updated_at":
            sure *= 1 - min(0.6, max(0.0, odd - 0.1))
    elif column.null_share > 0:
        reasons.append(("filled", {"share": 1 - column.null_share}))
        sure *= 1 - column.null_share
    return reasons, sure


def _first_reason(field: str, name: str) -> Reason:
    """What its header says; else what its values do."""
    for said in (field, STANDS_FOR.get(field, field)):
        if field_match(said, name).score >= SURE:
            return "header", {"column": name, "meaning": said}
    return ("earliest", {}) if field == "reported_at" else ("with_status", {})


def _ask_about(name: str, read: Reading, findings: Findings) -> None:
    if read.other is not None:
        findings.ask("day_month", column=name, format=" / ".join(read.formats))
    if twelve_hour(read):
        findings.ask("twelve_hour", column=name)


def ask_about_order(times: dict[str, Reading], roles: dict[str, tuple[str, float]], findings: Findings) -> None:
    """Ends that often lie before the beginning are asked about."""
    for field in ("closed_at", "handled_at", "due_at"):
        if field in roles and "reported_at" in roles:
            odd = disorder(times[roles["reported_at"][0]], times[roles[field][0]])
            if odd > 0.05:
                findings.ask("order_odd", share=odd, first=roles["reported_at"][0], second=roles[field][0])
