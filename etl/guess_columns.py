"""Which columns are the id, the status, the category and so on: headers weighed against what the values look like."""

from __future__ import annotations

import re
from itertools import pairwise

import pyarrow.compute as pc

from etl.guess_proposal import Findings
from etl.guess_reasons import Reason
from etl.guess_sample import Column, Sample
from etl.vocabulary import field_match, is_address, is_cjk, is_person, value_match

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)|^\+?[\d ()-]{9,17}$")
_IDENTITY = re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
# How many different values a field has in practice: (fewest, most usual, more than that is another thing).
_SIZES = {
    "status": (1, 40, 80), "channel": (1, 60, 200), "track": (1, 12, 40), "category": (2, 400, 3000),
    "unit": (1, 400, 3000), "contacted": (1, 8, 20), "resolved": (1, 12, 30), "satisfaction": (1, 15, 40),
    "on_time": (1, 6, 15), "on_time_late": (1, 6, 15),
}  # fmt: skip


def fit(field: str, column: Column) -> float:
    """How well a column fits a field of words, 0 to 1: its header, weighed by how many values it has."""
    if not column.filled:
        return 0.0
    header = field_match(field, column.name).score
    if field in ("category", "unit", "channel") and _is_code(column):
        header *= 0.6
    fewest, usual, most = _SIZES[field]
    count = column.distinct
    if count < fewest or (count > most and count > 0.2 * column.filled):
        return header * 0.3
    if count > usual:
        return header * 0.8
    if field == "category":  # one kind of trouble is no table of categories, and neither is every text its own
        header *= {1: 0.3, 2: 0.6, 3: 0.8, 4: 0.9}.get(count, 1.0) * (1 - 0.02 * max(0.0, count / 40 - 1))
    return header * (1 - 0.25 * column.null_share)


def _is_code(column: Column) -> bool:
    """Whether its values are numbers or the header says id."""
    values = column.values[:1000]
    return sum(1 for value in values if value.isdigit()) > 0.8 * len(values) and not is_hotline(column)


def is_hotline(column: Column) -> bool:
    """12345 and 12319 are names of channels, though they are numbers."""
    return any(value in column.values[:5000] for value in ("12345", "12319", "12328", "110", "311", "1999"))


def best(field: str, sample: Sample, taken: set[str]) -> tuple[Column, float] | None:
    """The free column that fits a field best, if any fits at all."""
    fits = [(fit(field, column), column) for name, column in sample.columns.items() if name not in taken]
    score, column = max(fits, key=lambda pair: pair[0], default=(0.0, None))
    return (column, score) if column is not None and score >= 0.4 else None


def personal(column: Column) -> bool:
    """Whether a column is about a person: by its header, or by phone, identity numbers or addresses in it."""
    if is_person(column.name) or is_address(column.name):
        return True
    values = column.values[:500]
    if not values or column.length > 60:
        return False
    hits = sum(1 for value in values if _IDENTITY.search(value) or _MAIL.search(value))
    if field_match("id", column.name).score < 0.4:
        hits += sum(
            1 for value in values if re.search(r"\D|^1[3-9]\d{9}$", value) and _PHONE.search(value) and _digits(value)
        )
    return hits > 0.3 * len(values)


def _digits(value: str) -> bool:
    """At least nine digits and no letters or signs of a date, a time or a coordinate."""
    return sum(letter.isdigit() for letter in value) >= 9 and not re.search(r"[:./,年A-Za-z]|\d{4}-\d\d-\d\d", value)


def write_id(sample: Sample, taken: set[str], findings: Findings) -> bool:
    """Put the id line down; False where no column can be one."""
    ranked = sorted(
        ((_id_fit(column, sample), name) for name, column in sample.columns.items() if name not in taken), reverse=True
    )
    if not ranked or ranked[0][0] < 0.5:
        return False
    score, name = ranked[0]
    column = sample.columns[name]
    missing = sample.rows - column.distinct
    reasons: list[Reason] = []
    if field_match("id", name).score >= 0.4:
        reasons.append(("header", {"column": name, "meaning": "id"}))
    if missing == 0:
        reasons.append(("unique" if sample.whole else "unique_read", {"rows": sample.rows}))
    else:
        reasons.append(("repeats", {"count": missing, "rows": sample.rows}))
        if missing > 0.002 * sample.rows:
            findings.ask("id_repeats", column=name, count=missing)
    if is_counter(column):
        reasons.append(("counter", {}))
        findings.ask("counter_id", column=name)
    findings.add("fields", "id", value=name, confidence=score, reasons=reasons)
    findings.used.add(name)
    return True


def _id_fit(column: Column, sample: Sample) -> float:
    if column.null_share > 0.02 or not column.filled or column.length > 64:
        return 0.0
    unique = column.distinct / sample.rows
    header = field_match("id", column.name).score
    if unique < 0.7 or (unique < 0.98 and header < 0.8):
        return 0.0
    plain = all(
        re.fullmatch(r"[\w.#/:\-()\[\]]{1,64}", value) and not is_cjk(value[1:]) for value in column.values[:200]
    )
    if not plain or all(re.fullmatch(r"-?\d+[.,]\d+", value) for value in column.values[:200]):
        return 0.0
    if header < 0.6:  # a header that says little: only where every value differs and looks like a number of something
        anything = unique == 1 and not personal(column) and not _measures(column)
        header = 0.6 if anything else header if header >= 0.4 else 0.0
    return header * unique**2 * (0.75 if is_counter(column) else 1.0)


def _measures(column: Column) -> bool:
    return any(field_match(field, column.name).score > 0.5 for field in ("x", "y", "lon", "lat", "note", "point"))


def is_counter(column: Column) -> bool:
    """1, 2, 3, … in the order of the rows."""
    values = column.text.slice(0, 50).to_pylist()
    if len(values) < 10 or any(value is None or not value.isdigit() for value in values):
        return False
    numbers = [int(value) for value in values]
    return numbers[0] <= 1 and all(after - before == 1 for before, after in pairwise(numbers))


def write_code(field: str, of: str, sample: Sample, findings: Findings) -> None:
    """The code beside a name (category_code beside category): its header says so and each name has one code."""
    name = findings.column(of)
    if name is None:
        return
    found = [
        (field_match(field, column.name).score + _kinship(name, column.name), column)
        for column in sample.columns.values()
        if column.name not in findings.used
        and column.filled
        and 0.9 < column.distinct / max(sample.columns[name].distinct, 1) < 1.1
    ]
    score, code = max(found, key=lambda pair: pair[0], default=(0.0, None))
    if code is None or score < 0.6 or one_to_one(sample.columns[name], code) < 0.97:
        return
    findings.add(
        "fields", field, value=code.name, confidence=min(0.95, score) * 0.9 + 0.05,
        reasons=[("code_column", {"other": name}), ("pairs", {"other": name})],
    )  # fmt: skip
    findings.used.add(code.name)


def _kinship(name: str, code: str) -> float:
    """0.6 where two headers differ only in name/code: SUB_TYPE_NAME, SUB_TYPE_ID."""
    strip = re.compile(r"(?i)[_ ]?(name|description|desc|id|code|名称|编码|代码|编号)$")
    return 0.6 if strip.sub("", name) == strip.sub("", code) and name != code else 0.0


def one_to_one(name: Column, code: Column) -> float:
    """Share of the distinct pairs that a one-to-one table would have: 1.0 where each name has one code and back."""
    pairs = pc.binary_join_element_wise(name.text, code.text, "\x1f")
    found = int(pc.count_distinct(pairs, mode="only_valid").as_py())
    most = max(len(set(name.values)), len(set(code.values)))
    return most / found if found else 0.0


def known_share(table: str, column: Column) -> float:
    """Share of the rows whose value a table of words knows."""
    known = sum(count for value, count in column.counts.items() if value_match(table, value)[1] >= 0.75)
    return known / column.filled if column.filled else 0.0
