"""Which column is the address of the event: its header says so, and its texts name places the district has.

An address nobody can place is of no use and says where somebody lives, so without that evidence the column stays out, like every
personal one. The home of a caller is never proposed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from etl.address_match import Matcher
from etl.gazetteer import AREAS, Gazetteer
from etl.guess_proposal import Findings
from etl.guess_sample import Column, Sample
from etl.vocabulary import is_address

_TEXTS: Final = 300  # distinct ones that are read
_LEAST: Final = 0.3  # share of them that must name an estate, surely or nearly
_HEADER: Final = re.compile(r"地址|地点|位置|住所|(?i:address|location)")
_HOME: Final = re.compile(r"联系|户籍|家庭|身份|来电人|当事人|申请人|(?i:home|mail|contact|caller|ip)")


def write_address(sample: Sample, trees: Sequence[pa.Table], findings: Findings) -> None:
    """Put location.address down where a free column holds addresses of the district."""
    columns = [
        column
        for name, column in sample.columns.items()
        if name not in findings.used and not column.typed and column.filled and _by_header(name)
    ]
    if not columns or not trees:
        return
    gazetteer = Gazetteer.of(list(trees))
    if not gazetteer.estates:
        return
    matcher = Matcher(gazetteer)
    share, column = max(((_share(column, matcher), column) for column in columns), key=lambda pair: pair[0])
    if share < _LEAST:
        return
    findings.add(
        "location", "address", value=column.name, confidence=0.5 + share / 2,
        reasons=[("header", {"column": column.name, "meaning": "address"}), ("addresses", {"share": share})],
    )  # fmt: skip
    findings.used.add(column.name)


def _by_header(name: str) -> bool:
    return (is_address(name) or bool(_HEADER.search(name))) and not _HOME.search(name)


def _share(column: Column, matcher: Matcher) -> float:
    """Share of the distinct texts that name an estate, or something that is nearly one."""
    texts = list(dict.fromkeys(column.values))[:_TEXTS]
    return sum(_names_estate(matcher, text) for text in texts) / max(len(texts), 1)


def _names_estate(matcher: Matcher, text: str) -> bool:
    found = matcher.read(text)
    if found.row < 0:
        return bool(found.candidates)
    return matcher.known.level[found.row] not in AREAS
