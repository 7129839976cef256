"""Estates of the demo district with their names and companies, their houses and entrances, as tables of a Town."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from data.codes import reading_order
from etl.demo_coverage import Floats, Geometries, Integers
from etl.demo_ground import Ground
from etl.demo_names import Names, vocabulary
from etl.demo_shapes import Columns, bent, rectangles, shape_columns
from etl.demo_tables import Regions, table


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
        village = ground.parcels[i].use == "village"
        name, aliases = names.village() if village else names.estate(estate.kind, old=old, road=road)
        managed = not village and luck.random() < (0.62 if old else 0.98)
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
        estate = ground.estates[i]
        s, angle = estate.scale, estate.angle
        for number, house in enumerate((h for strip in estate.strips for h in strip.houses), 1):
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
