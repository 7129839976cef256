"""Which columns of a place file hold the codes and the names.

Headers decide. Where they say nothing (c_qu, l_qu; TEXT_1), what differs from row to row decides, and it is asked: without
a code or a name no place can be taken at all.
"""

from __future__ import annotations

import re

from etl.guess_columns import is_counter
from etl.guess_proposal import Findings
from etl.guess_reasons import Reason
from etl.guess_sample import Column
from etl.vocabulary import place_field_match

_LEAST_CODE, _LEAST_NAME = 0.35, 0.3
_ENDING = re.compile(r"(?i)[_ ]?(id|code|cod|nr|no|num|number|编码|代码|编号)$")


def write_names(columns: dict[str, Column], findings: Findings) -> tuple[Column | None, Column | None]:
    """Put the lines of code and name down and hand the columns back; each stands in for the other where one is missing."""
    code, sure = _by_header(columns)
    name, fit = _name_by_header(columns, code)
    if name is None:
        name = _by_kinship(columns, code) or _by_words(columns, code)
        if name is not None and _several(columns, code):
            findings.ask("names", column=name.name)
    if code is None:
        code = _by_form(columns, name)
        if code is not None:
            findings.ask("codes", column=code.name)
    if code is not None:
        header: Reason = ("header", {"column": code.name, "meaning": "code"})
        findings.add("fields", "code", value=code.name, confidence=sure or 0.5,
                     reasons=[header if sure else ("values_say", {"meaning": "code"}), _uniqueness(code)])  # fmt: skip
    elif name is not None:
        findings.ask("no_code")
    if name is not None:
        header = ("header", {"column": name.name, "meaning": "name"})
        findings.add("fields", "name", value=name.name, confidence=max(fit, 0.5),
                     reasons=[header if fit else ("values_say", {"meaning": "name"}), ("distinct", {"count": name.distinct})])  # fmt: skip
    elif code is not None:
        findings.add("fields", "name", value=code.name, confidence=0.6, reasons=[("same_as_code", {})])
    findings.used |= {column.name for column in (code, name) if column is not None}
    return code, name


def _by_header(columns: dict[str, Column]) -> tuple[Column | None, float]:
    ranked = [
        (place_field_match("code", name).score * _unique(column) ** 4, name)
        for name, column in columns.items()
        if column.null_share < 0.05 and not _is_measure(column)
    ]
    score, best = max(ranked, default=(0.0, ""))
    return (columns[best], score) if score >= _LEAST_CODE else (None, 0.0)


def _name_by_header(columns: dict[str, Column], code: Column | None) -> tuple[Column | None, float]:
    ranked = [
        (place_field_match("name", name).score * (0.4 + 0.6 * _unique(column)), name)
        for name, column in columns.items()
        if column is not code and column.filled and not all(value.isdigit() for value in column.values[:200])
    ]
    score, best = max(ranked, default=(0.0, ""))
    return (columns[best], score) if score >= _LEAST_NAME else (None, 0.0)


def _by_kinship(columns: dict[str, Column], code: Column | None) -> Column | None:
    """SUBURB beside SUBURB_ID."""
    stem = _ENDING.sub("", code.name).casefold() if code else ""
    return next((column for column in _worded(columns, code) if stem and column.name.casefold().startswith(stem)), None)


def _by_words(columns: dict[str, Column], code: Column | None) -> Column | None:
    """Words, different in every row: without digits rather than with, long rather than short."""
    return max(
        _worded(columns, code), key=lambda column: (not _numbered(column), column.length), default=None
    )  # fmt: skip


def _several(columns: dict[str, Column], code: Column | None) -> bool:
    return len(_worded(columns, code)) > 1


def _worded(columns: dict[str, Column], code: Column | None) -> list[Column]:
    return [
        column
        for column in columns.values()
        if column is not code and column.filled and _unique(column) > 0.95 and column.length < 60
        and all(re.search(r"[^\W\d_]{2}", value) for value in column.values[:200])
    ]  # fmt: skip


def _by_form(columns: dict[str, Column], name: Column | None) -> Column | None:
    """A number or short sign without spaces, different in every row, that does not just count the rows."""
    found = [
        column
        for column in columns.values()
        if column is not name and column.null_share == 0 and _unique(column) == 1 and column.length <= 24
        and not _is_measure(column) and not is_counter(column)
        and place_field_match("code", column.name).score == 0  # objectid and the like say what they are
        and all(re.fullmatch(r"[\w.:/-]*\d[\w.:/-]*", value) for value in column.values[:200])
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _unique(column: Column) -> float:
    return column.distinct / max(len(column.whole), 1)


def _uniqueness(column: Column) -> Reason:
    rows = len(column.whole)
    return (
        ("unique", {"rows": rows})
        if column.distinct == rows
        else ("repeats", {"count": rows - column.distinct, "rows": rows})
    )


def _is_measure(column: Column) -> bool:
    """Areas and lengths are unique too, but name nothing."""
    return any("." in value and value.replace(".", "").replace("-", "").isdigit() for value in column.values[:20])


def _numbered(column: Column) -> bool:
    return any(re.search(r"\d", value) for value in column.values[:50])
