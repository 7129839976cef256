"""A name for a proposed mapping, from the file's."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path


def name_of(path: Path) -> str:
    """A name for the mapping, from the file's: letters, digits and hyphens, dates of the export left out."""
    stem = path.name
    while Path(stem).suffix.lower() in (".gz", ".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".json", ".ndjson",
                                        ".jsonl", ".parquet", ".geojson", ".gpkg", ".shp"):  # fmt: skip
        stem = Path(stem).stem
    text = unicodedata.normalize("NFKC", stem)
    text = re.sub(r"(19|20)\d{2}([-_]?(0[1-9]|1[0-2])([-_]?[0-3]\d)?|[-_ ]?[hHqQ][1-4])?(?=\D|$)", "", text)
    return re.sub(r"[^\w]+|_+", "-", text).strip("-").casefold() or "tickets"
