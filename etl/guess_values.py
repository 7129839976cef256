"""What the values of a column mean: status words to stages, flags to on time or late, answers to yes and no.

Every distinct value gets its own line, since one wrong word turns a city's figures round. A word nobody knows is
judged by its rows: those with a closing time are closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from etl.guess_columns import best, fit, known_share
from etl.guess_dates import Reading
from etl.guess_proposal import Findings
from etl.guess_reasons import Reason
from etl.guess_sample import Column, Sample
from etl.vocabulary import field_match, truth, value_match

_OPEN_TARGETS = frozenset(
    {"open", "reported", "registered", "dispatched", "accepted", "handled", "verified", "returned"}
)
_MOST = 80  # more different values than this are no status
_FEW = 5  # fewer open tickets than this prove nothing


@dataclass(frozen=True)
class Ends:
    """How many rows of each value there are, and how many of them have a closing time."""

    rows: dict[str, int]
    closed: dict[str, int]

    def share(self, value: str) -> float:
        """Share of a value's rows with a closing time."""
        return self.closed.get(value, 0) / self.rows[value]


def ends(column: Column, closing: Column | None) -> Ends | None:
    """Closing times by value, over every row read; None without a closing time."""
    if closing is None:
        return None
    texts = column.whole.cast("string")
    filled = pc.and_(texts.is_valid(), closing.whole.is_valid())
    both = pc.if_else(filled, texts, None).drop_null().value_counts()
    closed = dict(zip(both.field("values").to_pylist(), both.field("counts").to_pylist(), strict=True))
    return Ends(column.counts, closed)


def write_status(sample: Sample, closing: Column | None, findings: Findings) -> None:
    """The status column and a line for each of its values."""
    column, confidence, by_header = _status_column(sample, findings.used)
    if column is None or column.distinct > _MOST:
        return
    reason: Reason = ("header", {"column": column.name, "meaning": "status"})
    findings.add(
        "fields", "status", value=column.name, confidence=confidence,
        reasons=[reason if by_header else ("values_say", {"meaning": "status"}), ("distinct", {"count": column.distinct})],
    )  # fmt: skip
    findings.used.add(column.name)
    when = ends(column, closing)
    odd = 0
    for value, count in column.counts.items():
        target, sure, reasons = status_of(value, count, when)
        findings.add("status", "values", value, value=target, confidence=sure, reasons=reasons)
        if sure < 0.7:
            findings.ask("status_word", word=value, count=count, target=target)
        if when is not None and target in _OPEN_TARGETS:
            odd += when.closed.get(value, 0)
        elif when is not None and target == "closed":
            odd += count - when.closed.get(value, 0)
    reasons = [("contradiction", {"count": odd}), ("status_wins", {})] if odd else [("status_wins", {})]
    findings.add("status", "contradiction", value="status", confidence=0.9 if not odd else 0.7, reasons=reasons)
    if odd:
        findings.ask("contradiction", count=odd)
    findings.add("status", "other", value="quarantine", confidence=0.8, reasons=[("unknown_other", {})])


def filled_when_closed(sample: Sample, names: Iterable[str], taken: set[str]) -> str | None:
    """The column of `names` that is filled where the status says closed, and empty where it does not."""
    column, _, _ = _status_column(sample, taken)
    if column is None or column.distinct > _MOST:
        return None
    known = {value: value_match("status", value) for value in column.counts}
    shut = [value for value, (target, sure) in known.items() if target == "closed" and sure >= 0.8]
    open_ones = [value for value, (target, _) in known.items() if target in _OPEN_TARGETS]
    for name in names:
        when = ends(column, sample.columns[name])
        if when is None or not shut or sum(column.counts[value] for value in open_ones) < _FEW:
            continue
        if _filled(when, shut) > 0.95 and _filled(when, open_ones) < 0.05:
            return name
    return None


def _filled(when: Ends, values: list[str]) -> float:
    return sum(when.closed.get(value, 0) for value in values) / sum(when.rows[value] for value in values)


def _status_column(sample: Sample, taken: set[str]) -> tuple[Column | None, float, bool]:
    """(column, confidence, whether its header says so). Where two fit, the one whose words are known wins."""
    ranked = [
        (fit("status", column) * (0.4 + 0.6 * known_share("status", column)), name)
        for name, column in sample.columns.items()
        if name not in taken and fit("status", column) >= 0.4
    ]
    if ranked:
        score, name = max(ranked)
        known = known_share("status", sample.columns[name])
        return sample.columns[name], min(0.98, score + 0.15 * (1 - known)), True
    for name, column in sample.columns.items():
        others = ("category", "contacted", "resolved", "satisfaction", "on_time", "on_time_late")
        if (
            name in taken
            or not 2 <= column.distinct <= 15
            or max(field_match(each, name).score for each in others) > 0.5
        ):
            continue
        whole = [value_match("status", value) for value in column.counts]
        targets = {target for target, sure in whole if sure == 1.0}
        if all(sure >= 0.8 for _, sure in whole) and "closed" in targets and targets & _OPEN_TARGETS:
            return column, 0.7, False
    return None, 0.0, False


def status_of(value: str, count: int, when: Ends | None) -> tuple[str, float, list[Reason]]:
    """(stage, confidence, reasons) of one status word."""
    target, sure = value_match("status", value)
    share = when.share(value) if when is not None else None
    reasons: list[Reason] = []
    if target is not None:
        reasons.append(("word", {"word": value, "meaning": target}))
    if share is None:
        reasons.append(("rows", {"count": count}))
        return (target, 0.95 * sure, reasons) if target is not None else ("open", 0.3, reasons)
    reasons.append(("with_close", {"share": share, "count": count}))
    if target is None:
        return ("closed", 0.4 + 0.35 * share, reasons) if share > 0.5 else ("open", 0.75 - 0.35 * share, reasons)
    if target in ("voided", "suspended"):
        return target, 0.9 * sure, reasons
    if sure < 1 and count >= 20 and (share > 0.97 or share < 0.03):  # half a word weighs less than all its rows
        if target in _OPEN_TARGETS and share > 0.97:
            return "closed", 0.6, reasons
        if target == "closed" and share < 0.03:
            return "open", 0.6, reasons
    agrees = share if target == "closed" else 1 - share
    return target, sure * (0.6 + 0.38 * agrees), reasons


def write_flag(
    sample: Sample, times: dict[str, Reading], roles: dict[str, tuple[str, float]], findings: Findings
) -> None:
    """The on-time flag and what each value means; dates are preferred where they are there to compare."""
    found = _flag_column(sample, findings.used)
    dates = "due_at" in roles and ("closed_at" in roles)
    if found is None:
        if dates:
            findings.add("on_time", "source", value="dates", confidence=0.95, reasons=[("dates_there", {})])
        return
    column, field, words, sure = found
    field_sure = fit(field, column) if fit(field, column) >= 0.4 else 0.75
    reasons: list[Reason] = [("header", {"column": column.name, "meaning": field})]
    agrees = agreement(column, field, words, times, roles) if dates else None
    if agrees is not None:
        share, count = agrees
        reasons.append(("flag_agrees", {"share": share, "count": count}))
        if share < 1:
            findings.ask("flag_differs", count=round((1 - share) * count))
    findings.add("fields", field, value=column.name, confidence=field_sure, reasons=reasons)
    findings.used.add(column.name)
    if dates:
        findings.add("on_time", "source", value="dates", confidence=0.95, reasons=[("dates_known", {})])
    else:
        findings.add("on_time", "source", value="flag", confidence=0.9, reasons=[("flag_only", {})])
        if "closed_at" not in roles and findings.column("status") is None:
            findings.add("on_time", "closes", value=True, confidence=0.85, reasons=[("flag_closes", {})])
    for value, means in words.items():
        count = column.counts[value]
        said = "true" if means == (field == "on_time") else "false"
        findings.add(
            "on_time", "values", value, value=means, confidence=sure,
            reasons=[("word", {"word": value, "meaning": said}), ("rows", {"count": count})],
        )  # fmt: skip
    for value, count in column.counts.items():
        if value not in words:
            findings.ask("flag_word", word=value, column=column.name, count=count)


def _flag_column(sample: Sample, taken: set[str]) -> tuple[Column, str, dict[str, bool], float] | None:
    """(column, field, value → true or false as the mapping wants it, confidence of the values)."""
    ranked: list[tuple[float, str, str, dict[str, bool], float]] = []
    for name, column in sample.columns.items():
        if name in taken or not 1 <= column.distinct <= 15:
            continue
        header = {field: fit(field, column) for field in ("on_time", "on_time_late")}
        said = {value: value_match("punctual", value) for value in column.counts}
        plain = {value: target == "yes" for value, (target, sure) in said.items() if sure == 1.0}  # fmt: skip
        if plain and (len(plain) == column.distinct or max(header.values()) >= 0.4):
            ranked.append((0.3 + max(*header.values(), 0.5), name, "on_time", plain, 0.97))
            continue
        field = max(header, key=lambda each: header[each])
        answers = {value: answer for value in column.counts if (answer := truth(value)) is not None}
        if header[field] >= 0.5 and answers and (column.distinct > 1 or "是否" in name):
            ranked.append((header[field], name, field, answers, 0.9 if len(answers) == column.distinct else 0.6))
    if not ranked:
        return None
    # where a city has both (in time, overtime), the one that says on time; the other is its mirror
    most = max(ranked)[0]
    _, name, field, words, sure = max(
        (one for one in ranked if one[0] > most - 0.15), key=lambda one: (one[2] == "on_time", one[0])
    )
    return sample.columns[name], field, words, sure


def agreement(
    column: Column, field: str, words: dict[str, bool], times: dict[str, Reading],
    roles: dict[str, tuple[str, float]],
) -> tuple[float, int] | None:  # fmt: skip
    """(share, rows): how often the flag says what closing and deadline say, over sampled closed rows with a deadline."""
    closed, due = times[roles["closed_at"][0]], times[roles["due_at"][0]]
    both = closed.known & due.known
    said = [words.get(value) if value is not None else None for value in column.text.to_pylist()]
    given = np.array([answer is not None for answer in said]) & both
    if not given.any():
        return None
    flag = np.array([bool(answer) for answer in said]) == (field == "on_time")
    end = due.wall + (86_399_999_999 if due.day_only else 0)
    return float((flag[given] == (closed.wall[given] <= end[given])).mean()), int(given.sum())


def write_answers(sample: Sample, findings: Findings) -> None:
    """What the caller said at the call-back: contacted, resolved, satisfaction."""
    for field, words in (("contacted", _yes_no), ("resolved", _yes_no), ("satisfaction", _satisfaction)):
        found = best(field, sample, findings.used)
        if found is None:
            continue
        column, score = found
        values = {value: answer for value in column.counts if (answer := words(field, value)) is not None}
        covered = sum(column.counts[value] for value in values) / column.filled
        if covered < 0.6 or score < 0.5:
            continue
        reasons: list[Reason] = [("header", {"column": column.name, "meaning": field})]
        findings.add("fields", field, value=column.name, confidence=score * (0.5 + 0.5 * covered), reasons=reasons)
        findings.used.add(column.name)
        for value, answer in values.items():
            findings.add(
                field, "values", value, value=answer, confidence=0.93,
                reasons=[("word", {"word": value, "meaning": field}), ("rows", {"count": column.counts[value]})],
            )  # fmt: skip


def _yes_no(field: str, value: str) -> bool | None:
    target, sure = value_match(field, value)
    return target == "yes" if target is not None and sure == 1.0 else truth(value)


def _satisfaction(field: str, value: str) -> str | None:
    target, sure = value_match(field, value)
    return target if sure >= 0.9 else None
