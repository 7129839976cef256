"""A file of places and its mapping -> tables of places, one a level, in the form `data/places.py` takes.

Boundaries in real files are often broken: bow-ties are repaired, rows without a usable shape are left out, and each
is told with its row. Runs in a worker process (`etl/jobs.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from data.errors import FileError, MappingError
from data.levels import LEVELS, PLANNED
from data.places import PLACE_ROWS
from data.progress import Progress
from etl.fileoptions import Limits
from etl.mapping import FieldSource, Mapping
from etl.shapes import Shapes, read_shapes

# Places that have an area; buildings and estates may be given as points.
AREAS = {"district", "street", "community", *PLANNED}

KINDS = {
    "商品房": "commodity", "还建": "resettlement", "还建房": "resettlement", "家属院": "work_unit", "混合": "mixed",
    "居住": "residential", "工业": "industrial", "国际": "international", "过渡": "transitional",
    "专属": "dedicated", "专属网格": "dedicated", "dedicated_grid": "dedicated",
}  # fmt: skip
YES = {"1", "true", "yes", "y", "t", "是", "老旧", "old"}
NO = {"0", "false", "no", "n", "f", "否", "新", "new"}
_SEPARATORS = re.compile(r"[;；|、,，]")


def read_places(path: str, mapping: Mapping, *, limits: Limits, progress: Progress) -> Iterator[tuple[str, Any]]:
    """Yield ("rows", (level, effective_from or None, table)) for each level, highest first, then ("report", dict).

    The report: rows, columns dropped, crs_from, repaired and left_out: lists of {"row", "what"}.
    """
    progress.step("read places", 0, None)
    shapes = read_shapes(
        Path(path), crs=mapping.geometry.crs, limits=limits, polygons=mapping.level in AREAS, file=mapping.file
    )
    source = Source(shapes, mapping, Path(path).name)
    rows = source.rows()
    progress.step("read places", len(rows), len(rows))
    for level in LEVELS:
        starts = sorted(
            {row["effective_from"] for row in rows if row["level"] == level}, key=lambda day: day or date.min
        )
        for start in starts:
            part = [row for row in rows if row["level"] == level and row["effective_from"] == start]
            yield "rows", (level, start, _table(part, set(mapping.fields), shapes))
    yield (
        "report",
        {
            "rows": shapes.columns.num_rows,
            "dropped_columns": [name for name in shapes.columns.column_names if name not in mapping.columns],
            "crs_from": shapes.crs_from,
            "repaired": [{"row": row, "what": what} for row, what in shapes.repaired] + source.repaired,
            "left_out": source.left_out,
        },
    )


def _table(rows: list[dict[str, Any]], fields: set[str], shapes: Shapes) -> pa.Table:
    """The rows with the columns the mapping gives; a column that is not given must not overwrite what is known."""
    given = {"row_number", "parent_code" if "parent" in fields else "", *fields}
    if not bool(shapely.is_missing(shapes.geometry).all()):
        given.add("geometry")
    return pa.Table.from_pylist(rows, schema=pa.schema([field for field in PLACE_ROWS if field.name in given]))


class Source:
    """One file being read. left_out and repaired collect what is told about single rows."""

    def __init__(self, shapes: Shapes, mapping: Mapping, file: str) -> None:
        self._shapes, self._mapping, self._file = shapes, mapping, file
        self._null = set(mapping.file.null)
        self.left_out: list[dict[str, Any]] = []
        self.repaired: list[dict[str, Any]] = []
        missing = [name for name in mapping.columns if name not in shapes.columns.column_names]
        if missing:
            raise MappingError(
                f"the file has no column {', '.join(missing)}.",
                where=file,
                todo=f"It has: {', '.join(shapes.columns.column_names)}.",
            )

    def rows(self) -> list[dict[str, Any]]:
        """Every row that can be taken, as plain values with `level` and `effective_from`."""
        count = self._shapes.columns.num_rows
        kept = self._kept()
        fields = {name: self._values(source) for name, source in self._mapping.fields.items()}
        geometry = self._geometry()
        table_only = bool(shapely.is_missing(self._shapes.geometry).all())
        rows = []
        for i in range(count):
            if not kept[i]:
                continue
            row = self._row(i + 1, {name: values[i] for name, values in fields.items()})
            if row is None:
                continue
            row["geometry"] = geometry[i]
            if not table_only and geometry[i] is None:
                self.left_out.append({"row": i + 1, "what": "it has no usable shape", "code": row["code"]})
                continue
            rows.append(row)
        if not rows:
            raise FileError(
                "no row can be taken as a place.",
                where=self._file,
                todo=self.left_out[0]["what"] if self.left_out else "Check [only] in the mapping.",
            )
        return rows

    def _kept(self) -> list[bool]:
        """Which rows [only] lets through."""
        keep = [True] * self._shapes.columns.num_rows
        for column, values in self._mapping.only.items():
            found = [_text(value) for value in self._shapes.columns[column].to_pylist()]
            keep = [so_far and value in values for so_far, value in zip(keep, found, strict=True)]
        return keep

    def _values(self, source: FieldSource) -> list[str | None]:
        count = self._shapes.columns.num_rows
        if source.value is not None:
            return [source.value] * count
        columns = [[_text(v) for v in self._shapes.columns[name].to_pylist()] for name in source.sources]
        joined = [" ".join(part for part in parts if part) for parts in zip(*columns, strict=True)]
        return [None if text in self._null else text for text in joined]

    def _row(self, number: int, raw: dict[str, str | None]) -> dict[str, Any] | None:
        """One row as PLACE_ROWS has it; None when it cannot be a place."""
        level = raw.get("level") or self._mapping.level
        if level not in LEVELS:
            self.left_out.append({"row": number, "what": f'there is no level "{level}"', "code": raw.get("code")})
            return None
        if not raw.get("code") and not raw.get("name") and level not in PLANNED:
            self.left_out.append({"row": number, "what": "it has neither code nor name", "code": None})
            return None
        kind = raw.get("kind")
        return {
            "row_number": number,
            "level": level,
            "code": raw.get("code"),
            "name": raw.get("name"),
            "parent_code": raw.get("parent"),
            "kind": KINDS.get(kind, kind) if kind else None,
            "old": self._yes_no(number, raw),
            "households": self._households(number, raw),
            "aliases": [word.strip() for word in _SEPARATORS.split(raw.get("aliases") or "") if word.strip()] or None,
            "company": raw.get("company"),
            "effective_from": self._day(number, raw),
        }

    def _households(self, number: int, raw: dict[str, str | None]) -> int | None:
        text = raw.get("households")
        if text is None:
            return None
        try:
            count = float(text.replace(",", ""))
            if not (math.isfinite(count) and 0 <= count < 2**31):
                raise ValueError(text)
        except ValueError:
            self.repaired.append({"row": number, "what": f'households "{text}" is no count; taken as not known'})
            return None
        return round(count)

    def _yes_no(self, number: int, raw: dict[str, str | None]) -> bool | None:
        text = (raw.get("old") or "").casefold()
        if text and text not in YES | NO:
            self.repaired.append({"row": number, "what": f'old "{text}" is neither yes nor no; taken as not known'})
        return True if text in YES else False if text in NO else None

    def _day(self, number: int, raw: dict[str, str | None]) -> date | None:
        text = raw.get("effective_from")
        if text is None:
            return None
        formats = self._mapping.fields["effective_from"].format or ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
        for layout in formats:
            try:
                return date.fromisoformat(text[:10]) if layout == "iso" else datetime.strptime(text, layout).date()
            except ValueError:
                continue
        raise FileError(f'effective_from "{text}" is no date.', where=f"{self._file}, row {number}")

    def _geometry(self) -> list[bytes | None]:
        """Each row's shape as WKB in two dimensions."""
        shapes = shapely.force_2d(self._shapes.geometry)
        return [None if shape is None or shape.is_empty else bytes(shapely.to_wkb(shape)) for shape in shapes]


def _text(value: object) -> str:
    """A cell as text: 206.0 is 206, a date is ISO, nothing is empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()
