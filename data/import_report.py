"""What became of a file's rows: the line an import leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

COUNTS = ("rows_read", "new", "updated", "unchanged", "exact_duplicates", "quarantined")


@dataclass(frozen=True)
class ImportReport:
    """What became of a file's rows; new + updated + unchanged + exact_duplicates + quarantined = rows_read."""

    import_id: int
    rows_read: int
    new: int
    updated: int
    unchanged: int
    exact_duplicates: int
    quarantined: int
    dropped_columns: tuple[str, ...] = ()
    flags: Mapping[str, int] = field(default_factory=dict)  # label of data/quality.py -> rows
    located: Mapping[str, int] = field(default_factory=dict)  # how precisely -> rows
    warnings: tuple[str, ...] = ()
    default_points: tuple[Mapping[str, float], ...] = ()  # lon, lat, rows: points that stand for "not known"
    addresses: Mapping[str, Any] = field(default_factory=dict)  # what became of address texts: texts, placed, open …
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, for JSON."""
        return asdict(self)

    def as_json(self) -> str:
        """The report as it is kept in the store."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def __str__(self) -> str:
        return (
            f"{self.new} new + {self.updated} updated + {self.unchanged} unchanged + {self.exact_duplicates} exact "
            f"duplicates + {self.quarantined} quarantined = {self.rows_read} rows read"
        )
