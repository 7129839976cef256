"""Places of the demo district as the tables of a Town: regions coded from north-west to south-east, estates, houses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from data.codes import reading_order
from etl.demo_coverage import Geometries, Integers, merged
from etl.demo_ground import Ground
from etl.demo_names import Names, vocabulary
from etl.demo_shapes import Columns, shape_columns
from etl.demo_town import CODE, NAME, SCHEMAS


def table(name: str, columns: Columns) -> pa.Table:
    """A table of a Town from its columns."""
    schema = SCHEMAS[name]
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


@dataclass
class Regions:
    """Regions in the order of their codes: which of each level a cell belongs to, and their shapes in metres."""

    street: Integers  # over cells
    community: Integers
    grid: Integers
    micro_grid: Integers  # -1 in dedicated grids
    street_of: Integers  # over communities
    community_of: Integers  # over grids
    grid_of: Integers  # over micro-grids
    dedicated: Integers  # over grids: the cell, or -1
    shapes: dict[str, Geometries]


def regions(ground: Ground) -> Regions:
    """Number every region within its parent, west to east in rows from north to south."""
    cells = ground.cover.polygons
    street, street_shapes, _ = _ordered(cells, ground.street[ground.community], None)
    community, community_shapes, street_of = _ordered(cells, ground.community, street)
    grid, grid_shapes, community_of = _ordered(cells, ground.grid, community)
    homes = np.flatnonzero(ground.micro_grid >= 0)
    micro = np.full(len(cells), -1, dtype=np.int64)
    micro[homes], micro_shapes, grid_of = _ordered(cells[homes], ground.micro_grid[homes], grid[homes])
    dedicated = np.full(len(grid_shapes), -1, dtype=np.int64)
    for cell in np.flatnonzero(ground.micro_grid < 0).tolist():
        dedicated[grid[cell]] = cell
    shapes = {"street": street_shapes, "community": community_shapes, "grid": grid_shapes, "micro_grid": micro_shapes}
    return Regions(street, community, grid, micro, street_of, community_of, grid_of, dedicated, shapes)


def _ordered(cells: Geometries, label: Integers, parent: Integers | None) -> tuple[Integers, Geometries, Integers]:
    """(new label of every cell, shapes, parent of every region), sorted by parent, then in reading order."""
    _, dense = np.unique(label, return_inverse=True)
    dense = dense.reshape(-1)
    shapes = merged(cells, dense, int(dense.max()) + 1)
    above = np.zeros(len(shapes), dtype=np.int64)
    if parent is not None:
        above[dense] = parent
    order: list[int] = []
    for p in range(int(above.max()) + 1):
        members = np.flatnonzero(above == p)
        order += members[reading_order(shapes[members])].tolist()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[dense], shapes[order], above[order]


def coded(stems: Iterable[str], parent: Integers, digits: int) -> list[str]:
    """A code for each region: its parent's and a number that begins anew with each parent."""
    above, found, number, last = list(stems), [], 0, -1
    for p in parent.tolist():
        number, last = (number + 1, p) if p == last else (1, p)
        found.append(f"{above[p]}{number:0{digits}d}")
    return found


def region_tables(ground: Ground, own: Regions, sites: list[dict[str, Any]], names: Names) -> dict[str, pa.Table]:
    """district, streets, communities, grids, micro_grids."""
    cells = ground.households
    shapes = own.shapes

    def count(label: Integers, n: int) -> Integers:
        kept = label >= 0
        return np.bincount(label[kept], weights=cells[kept], minlength=n).astype(np.int64)

    everything = np.array([shapely.coverage_union_all(shapes["street"])], dtype=object)
    street_codes = coded([CODE], np.zeros(len(shapes["street"]), dtype=np.int64), 3)
    community_codes = coded(street_codes, own.street_of, 3)
    grid_codes = coded(community_codes, own.community_of, 3)
    micro_codes = coded(grid_codes, own.grid_of, 2)
    community_names, kinds = _communities(ground, own, names)
    grid_names = _grid_names(own, grid_codes, community_names, sites)
    site_of = {site["cell"]: n for n, site in enumerate(sites)}
    dedicated = own.dedicated.tolist()
    total = int(cells.sum())
    return {
        "district": table("district", {"code": [CODE], "name": [NAME], "households": [total], **shape_columns(everything)}),
        "streets": table(
            "streets",
            {
                "code": street_codes,
                "name": _street_names(ground, own),
                "households": count(own.street, len(street_codes)),
                **shape_columns(shapes["street"]),
            },
        ),
        "communities": table(
            "communities",
            {
                "code": community_codes,
                "name": community_names,
                "kind": kinds,
                "street": own.street_of,
                "households": count(own.community, len(community_codes)),
                **shape_columns(shapes["community"]),
            },
        ),
        "grids": table(
            "grids",
            {
                "code": grid_codes,
                "name": grid_names,
                "kind": [None if cell < 0 else "dedicated" for cell in dedicated],
                "community": own.community_of,
                "site": [site_of.get(cell) for cell in dedicated],
                "households": count(own.grid, len(grid_codes)),
                **shape_columns(shapes["grid"]),
            },
        ),
        "micro_grids": table(
            "micro_grids",
            {
                "code": micro_codes,
                "name": [f"{grid_names[g]}-{int(code[-2:])}" for g, code in zip(own.grid_of.tolist(), micro_codes, strict=True)],
                "grid": own.grid_of,
                "households": count(own.micro_grid, len(micro_codes)),
                **shape_columns(shapes["micro_grid"]),
            },
        ),
    }  # fmt: skip


def _street_names(ground: Ground, own: Regions) -> list[str]:
    """Streets by name; the ones with most land and fewest homes are towns (镇)."""
    stems = vocabulary()["place"]["streets"]
    homes = np.bincount(own.street, weights=ground.households) / shapely.area(own.shapes["street"])
    towns = set(np.argsort(homes, kind="stable")[: ground.preset.towns].tolist())
    return [stems[i] + ("镇" if i in towns else "街道") for i in range(len(own.shapes["street"]))]


def _communities(ground: Ground, own: Regions, names: Names) -> tuple[list[str], list[str]]:
    """Names and kinds; a community is industrial where works take a third of it."""
    n = len(own.shapes["community"])
    area = shapely.area(ground.cover.polygons)
    works = np.array([ground.parcels[p].use in ("industry", "campus") for p in ground.parcel.tolist()])
    share = np.bincount(own.community, weights=area * works, minlength=n) / np.bincount(own.community, weights=area)
    found, kinds = [], []
    density = np.bincount(own.community, weights=ground.households, minlength=n) / shapely.area(own.shapes["community"])
    rural = density < 0.0006
    for i in range(n):
        ending = "村" if rural[i] else "社区"
        tries = [names.stem(700) + ending for _ in range(12)]
        found.append(names.once("community", *tries))
        luck = names.luck.random()
        kinds.append(
            "industrial"
            if share[i] > 0.33
            else "international"
            if luck < 0.02
            else "transitional"
            if luck > 0.93
            else "residential"
        )
    return found, kinds


def _grid_names(own: Regions, codes: list[str], communities: list[str], sites: list[dict[str, Any]]) -> list[str]:
    by_cell = {site["cell"]: site["name"] for site in sites}
    found, number, last = [], 0, -1
    for cell, community, code in zip(own.dedicated.tolist(), own.community_of.tolist(), codes, strict=True):
        if community != last:
            number, last = 0, community
        if cell >= 0:
            found.append(f"{by_cell.get(cell, communities[community] + code[-3:])}专属网格")
        else:
            number += 1
            stem = communities[community].removesuffix("社区")
            found.append(f"{stem}第{number}网格")
    return found
