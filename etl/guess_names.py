"""A name for a proposed mapping, from the file's: the same for today's export and tomorrow's.

Ids are unique within a source, and the source is called after the file where nothing better is known. So what changes
from one export to the next (dates, counters, "export", 导出, 副本) must not be part of it.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final

_SUFFIXES: Final = (
    ".gz", ".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".ndjson", ".jsonl", ".parquet", ".geojson",
    ".gpkg", ".shp",
)  # fmt: skip
_MONTHS: Final = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|" \
                 "nov(?:ember)?|dec(?:ember)?"  # fmt: skip
_CHINESE: Final = re.compile(
    r"\d+年(?:\d+月)?(?:\d+[日号])?|\d+月(?:\d+[日号])?|\d+[日号]|上半年|下半年|第?[一二三四]季度|月份"
    r"|第\d+[批次期版]|导出|输出|下载|副本|备份|最新|截至|截止|至今"
)
_DATE: Final = re.compile(
    r"(?<!\d)(?:19|20)\d{2}(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?[0-3]\d(?:[-_. t]?[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:]?[0-5]\d)?)?)?"
    r"|[-_ ]?[hq][1-4]|[-_ ]?w\d{1,2})?(?!\d)"
)
_COPY: Final = re.compile(r"[(\[]\s*\d+\s*[)\]]")
_PASSING: Final = re.compile(
    rf"(?:exports?|exported|extract|dump|download|copy|kopie|copia|final|latest|newest|new|today|yesterday|snapshot|"
    rf"delta|{_MONTHS}|[hq][1-4]|w\d\d?|v\d+|\d{{1,2}}|\d{{4}}|\d{{6,}})"
)
_TAIL: Final = re.compile(r"(?<=[^\W\d])(?:\d{4}|\d{6}|\d{8,})$")


def stem_of(path: Path) -> str:
    """The file's name without the endings that say what kind of file it is."""
    stem = path.name
    while Path(stem).suffix.lower() in _SUFFIXES:
        stem = Path(stem).stem
    return stem


def name_of(path: Path) -> str:
    """A name for the mapping: letters, digits and hyphens, without what changes from export to export.

    >>> name_of(Path("tickets_0702.csv")) == name_of(Path("Tickets_0703 (1).csv")) == "tickets"
    True
    >>> name_of(Path("boston311_2011H2.csv.gz"))
    'boston311'
    """
    text = unicodedata.normalize("NFKC", stem_of(path)).casefold()
    for passing in (_COPY, _CHINESE, _DATE):
        text = passing.sub(" ", text)
    words = [_TAIL.sub("", word) for word in re.split(r"[\W_]+", text)]
    return "-".join(word for word in words if word and not _PASSING.fullmatch(word)) or "tickets"
