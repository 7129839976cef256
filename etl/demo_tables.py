"""Places of the demo district as the tables of a Town: regions coded from north-west to south-east, estates, houses."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from data.codes import reading_order
from etl.demo_coverage import Floats, Geometries, Integers, merged
from etl.demo_ground import Ground
from etl.demo_names import Names, vocabulary
from etl.demo_shapes import Columns, bent, rectangles, shape_columns
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


def house_tables(
    ground: Ground, own: Regions, roads: Geometries, road_names: list[str], names: Names, luck: random.Random
) -> dict[str, pa.Table]:
    """companies, estates, buildings, blocks."""
    warp = ground.preset.warp
    lots = np.array([bent(estate.lot, warp) for estate in ground.estates], dtype=object)
    first = np.searchsorted(ground.parcel, np.arange(len(lots)))
    community = own.community[first]
    order: list[int] = []
    for c in range(int(community.max()) + 1):
        members = np.flatnonzero(community == c)
        order += members[reading_order(lots[members])].tolist()
    companies = _companies(ground, luck)
    estates = _estates(ground, order, lots, community, roads, road_names, names, luck, len(companies["code"]))
    buildings, blocks = _houses(ground, own, order, estates["code"])
    return {
        "companies": table("companies", companies),
        "estates": table("estates", {**estates, "households": _estate_households(ground, order)}),
        "buildings": table("buildings", buildings),
        "blocks": table("blocks", blocks),
    }


def _estate_households(ground: Ground, order: list[int]) -> list[int]:
    total = np.bincount(ground.parcel, weights=ground.households).astype(int)
    return [int(total[i]) for i in order]


def _companies(ground: Ground, luck: random.Random) -> Columns:
    words = vocabulary()["company"]
    pairs = sorted({name + kind for name in words["names"] for kind in words["kinds"]})
    chosen = luck.sample(pairs, ground.preset.companies)
    return {"code": [f"P{i + 1:03d}" for i in range(len(chosen))], "name": chosen}


def _estates(
    ground: Ground,
    order: list[int],
    lots: Geometries,
    community: Integers,
    roads: Geometries,
    road_names: list[str],
    names: Names,
    luck: random.Random,
    companies: int,
) -> Columns:
    tree = shapely.STRtree(roads)
    nearest = tree.nearest(lots[order])
    along = shapely.line_locate_point(roads[nearest], shapely.centroid(lots[order]))
    weights = [1 / (n + 4) for n in range(companies)]
    found: Columns = {key: [] for key in ("code", "name", "aliases", "kind", "old", "company", "community", "address")}
    for n, i in enumerate(order):
        estate, old = ground.estates[i], ground.parcels[i].old
        road = road_names[int(nearest[n])]
        name, aliases = names.estate(estate.kind, old=old, road=road)
        managed = luck.random() < (0.62 if old else 0.98)
        found["code"].append(f"E{n + 1:04d}")
        found["name"].append(name)
        found["aliases"].append(aliases)
        found["kind"].append(estate.kind)
        found["old"].append(old)
        found["company"].append(luck.choices(range(companies), weights)[0] if managed else None)
        found["community"].append(int(community[i]))
        found["address"].append(f"{road}{2 * int(along[n] / 14) + 1 + luck.randint(0, 1)}号")
    return {**found, **shape_columns(lots[order])}


def _houses(ground: Ground, own: Regions, order: list[int], codes: list[str]) -> tuple[Columns, Columns]:
    """Buildings numbered along the rows from the south, and their entrances or floor ranges."""
    cell_of = {id(unit): c for c, cell in enumerate(ground.cells) for _, unit in cell.entrances}
    houses: list[tuple[Any, ...]] = []
    units: list[tuple[Any, ...]] = []
    frames: list[tuple[float, ...]] = []
    parts: list[tuple[float, ...]] = []
    for n, i in enumerate(order):
        estate, number = ground.estates[i], 0
        s, angle = estate.scale, estate.angle
        for house in (house for strip in estate.strips for house in strip.houses):
            number += 1
            x, y = (house.west + house.east) / 2, (house.south + house.north) / 2
            wide, deep = house.east - house.west, house.north - house.south
            code = f"{codes[n]}-{number:03d}"
            for k, unit in enumerate(house.units):
                middle, length = (unit.low + unit.high) / 2, unit.high - unit.low
                off = (0.0, middle - deep / 2) if house.upright else (middle - wide / 2, 0.0)
                parts.append((x / s, y / s, *off, *((wide, length) if house.upright else (length, deep)), angle))
                floors = unit.floors
                label = f"{unit.number}单元" + (
                    f"{floors[0]}–{floors[1]}层"
                    if len(house.units) > 1 and house.units[0].number == house.units[-1].number
                    else ""
                )
                micro = int(own.micro_grid[cell_of[id(unit)]])
                units.append((f"{code}-{k + 1}", label, len(houses), unit.number, *floors, int(unit.households), micro))
            houses.append((code, f"{number}号楼", n, number, house.kind, house.floors, int(house.households)))
            frames.append((x / s, y / s, 0.0, 0.0, wide, deep, angle))
    return (
        _columns(("code", "name", "estate", "number", "kind", "floors", "households"), houses, ground, frames),
        _columns(("code", "name", "building", "unit", "low", "high", "households", "micro_grid"), units, ground, parts),
    )  # fmt: skip


def _columns(
    keys: tuple[str, ...], rows: list[tuple[Any, ...]], ground: Ground, frames: list[tuple[float, ...]]
) -> Columns:
    """Rows as columns with their rectangles; frames: middle in the plane, shift in metres along the axes, sides, angle."""
    at: Floats = np.array(frames)
    c, s = np.cos(at[:, 6]), np.sin(at[:, 6])
    shift = np.column_stack([at[:, 2] * c - at[:, 3] * s, at[:, 2] * s + at[:, 3] * c])
    middle = ground.preset.warp(at[:, :2]) + shift
    shapes = rectangles(middle, at[:, 4:6], at[:, 6])
    return {**dict(zip(keys, zip(*rows, strict=True), strict=True)), **shape_columns(shapes, np.round(middle, 2))}
