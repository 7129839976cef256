"""Codes for places that come without one, and what a code may not be.

Grids under a community with a 12-digit division code get the 15 digits of the field's own scheme (6 district, 3
street, 3 community, 3 sequence), numbered from west to east in rows from north to south. Everything else gets
"grid-0001". The same file in the same state gives the same codes; a code once given, retired ones included, is
never given again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from data.errors import InputError
from data.nesting import Geometries

if TYPE_CHECKING:
    from data.store import Store

# Length of the parent's code and digits of the sequence, in GB/T 2260 and the grid code built on it.
_SEQUENCE = {"street": (6, 3), "community": (9, 3), "grid": (12, 3), "micro_grid": (15, 2)}
_DIVISION_LENGTHS = {9, 12, 15, 17}


def own_rows(rows: list[dict[str, Any]], district: str) -> list[dict[str, Any]]:
    """Without the rows of other districts, where a city's table of division codes is imported for one district.

    district: the deployment's code; "440300" stands for all of 4403. If no row is ours by its code, codes here follow
    another scheme and all rows are kept.
    """
    if not (len(district) == 6 and district.isdigit()):
        return rows
    stem = district.rstrip("0") if district.endswith("00") else district
    stem += "0" * (len(stem) % 2)

    def ours(row: dict[str, Any]) -> bool | None:
        code = row.get("code") or row.get("parent_code") or ""
        return code.startswith(stem) if code.isdigit() and len(code) in _DIVISION_LENGTHS else None

    said = [ours(row) for row in rows]
    return [row for row, own in zip(rows, said, strict=True) if own is not False] if any(said) else rows


def code_rows(
    store: Store,
    level: str,
    rows: list[dict[str, Any]],
    shapes: Geometries,
    *,
    parents: Sequence[str | None],
    known: dict[str, dict[str, Any]],
    plan_start: date | None,
) -> int:
    """Give every row a code; how many were made. A known place without a code is found by name, else by its shape.

    Raises InputError when a code stands twice or belongs to a grid that was retired before this plan.
    """
    if level == "district":
        if len(rows) > 1:
            raise InputError(
                f"a deployment has one district; the table has {len(rows)}.", todo="Use [only] in the mapping."
            )
        for row in rows:
            row["code"] = store.deployment.code
    names = Counter(place["name"] for place in known.values())
    by_name = {place["name"]: code for code, place in known.items() if names[place["name"]] == 1}
    by_shape = {bytes(place["geometry"]): code for code, place in known.items() if place["geometry"]}
    for row in rows:
        row["code"] = row.get("code") or by_name.get(row.get("name")) or by_shape.get(row.get("geometry") or b"")
    missing = [i for i, row in enumerate(rows) if not row["code"]]
    if missing:
        ever = [row["code"] for row in store.rows("SELECT code FROM place WHERE level = $1", [level])]
        taken = [*ever, *(row["code"] for row in rows if row["code"])]
        made = new_codes(level, [parents[i] for i in missing], shapes[missing], taken)
        for i, code in zip(missing, made, strict=True):
            rows[i]["code"] = code
    _refuse_twice(rows)
    if plan_start is not None:
        _refuse_retired(store, level, {row["code"] for row in rows}, plan_start)
    return len(missing)


def reading_order(geometries: Geometries) -> list[int]:
    """Indices row by row from north to south, within a row from west to east; places without geometry last.

    A row is as high as the median place, so neighbours of slightly different latitude stand in one row.
    """
    known = np.flatnonzero(~shapely.is_missing(geometries) & ~shapely.is_empty(geometries))
    rest = np.setdiff1d(np.arange(len(geometries)), known).tolist()
    if not len(known):
        return list(rest)
    bounds = shapely.bounds(geometries[known])
    middle = shapely.get_coordinates(shapely.centroid(geometries[known]))
    height = float(np.median(bounds[:, 3] - bounds[:, 1])) or 1.0
    band = np.floor((middle[:, 1].max() - middle[:, 1]) / height + 0.5)
    return [*known[np.lexsort((middle[:, 0], band))].tolist(), *rest]


def new_codes(level: str, parents: Sequence[str | None], geometries: Geometries, taken: Iterable[str]) -> list[str]:
    """A code for each place of `level`; `parents` are the codes of the places they lie in, `taken` all codes ever."""
    used = set(taken)
    by_stem: dict[str, list[int]] = defaultdict(list)
    length, digits = _SEQUENCE.get(level, (0, 4))
    for i, parent in enumerate(parents):
        by_stem[parent if parent and parent.isdigit() and len(parent) == length else ""].append(i)
    codes = [""] * len(parents)
    for stem, members in sorted(by_stem.items()):
        number = 0
        for at in reading_order(geometries[members]):
            code = ""
            while not code or code in used:
                number += 1
                code = f"{stem}{number:0{digits}d}" if stem else f"{level}-{number:04d}"
            used.add(code)
            codes[members[at]] = code
    return codes


def _refuse_twice(rows: list[dict[str, Any]]) -> None:
    count = Counter(row["code"] for row in rows)
    twice = [code for code, n in count.items() if n > 1]
    if twice:
        where = ", ".join(str(row.get("row_number") or i + 1) for i, row in enumerate(rows) if row["code"] == twice[0])
        raise InputError(
            f'the code "{twice[0]}" stands more than once'
            + (f"; {len(twice)} codes do" if len(twice) > 1 else "")
            + ".",
            where=f"rows {where}",
            todo="Give every place a code of its own, or map another column to code.",
        )


def _refuse_retired(store: Store, level: str, codes: set[str], plan_start: date) -> None:
    retired = store.rows(
        """SELECT code FROM place JOIN place_version USING (place_id) WHERE level = $level AND retired
           GROUP BY code HAVING max(effective_to) < $start ORDER BY code""",
        {"level": level, "start": plan_start},
    )
    again = [row["code"] for row in retired if row["code"] in codes]
    if again:
        raise InputError(
            f'the code "{again[0]}" was retired; a retired code is never used again ({len(again)} in all).',
            todo="Give these grids new codes.",
        )
