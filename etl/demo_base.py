"""What lies under the places of the demo district: roads with names, the river, lakes, parks, sites."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from etl.demo_cells import Piece, inset
from etl.demo_country import country
from etl.demo_footprints import boxes, track
from etl.demo_ground import Ground
from etl.demo_names import Names
from etl.demo_roads import Roads, rail
from etl.demo_shapes import bent, rectangles, shape_columns
from etl.demo_tables import Regions, table
from etl.demo_warp import degrees
from etl.demo_water import water

RANKS = {"arterial": 1, "collector": 2, "local": 3}
PARKS = ("park", "riverside", "green", "hill", "farmland")


def site_rows(ground: Ground, own: Regions, names: Names) -> list[dict[str, Any]]:
    """Parcels without homes: cell, kind, name, community, grid, shape (metres)."""
    cell = {int(p): c for c, p in enumerate(ground.parcel.tolist()) if p >= len(ground.estates)}
    found = []
    for number in range(len(ground.estates), len(ground.parcels)):
        parcel, c = ground.parcels[number], cell[number]
        if parcel.use == "country":
            continue
        if parcel.shape is None:
            scale = abs(complex(ground.preset.warp.slope(np.array([parcel.piece.middle]))[0]))
            lot = inset(parcel.piece, scale)
            shape = None if lot is None else bent(lot, ground.preset.warp)
        else:
            shape = ground.cover.polygons[c].buffer(-9, join_style="mitre")
        if shape is None or shape.is_empty:
            continue
        shape = max(shapely.get_parts(shape), key=lambda part: part.area)
        found.append(
            {
                "cell": c,
                "kind": parcel.use,
                "name": _site_name(parcel.use, shape.area, names),
                "community": int(own.community[c]),
                "grid": int(own.grid[c]),
                "shape": shape,
                "number": number,
            }
        )
    return found


def _site_name(use: str, area: float, names: Names) -> str:
    kind = "small_park" if use == "park" and area < 30_000 else use
    tries = [names.stem(600) + names.word("site", kind) for _ in range(10)]
    return names.once("site", *tries)


def site_table(sites: list[dict[str, Any]]) -> pa.Table:
    """The sites of a Town."""
    columns = {key: [site[key] for site in sites] for key in ("name", "kind", "community", "grid")}
    return table("sites", {**columns, **shape_columns(np.array([site["shape"] for site in sites], dtype=object))})


def base_table(ground: Ground, lines: Roads, sites: list[dict[str, Any]], luck: random.Random) -> pa.Table:
    """Rows of the base map."""
    whole = shapely.coverage_union_all(ground.cover.polygons)
    rows: list[tuple[str, str, str | None, int, shapely.Geometry]] = []
    rows += [("park", kind, None, 2, shape) for kind, shape in country(ground, luck)]
    rows += [("water", kind, name, rank, shape) for kind, name, rank, shape in water(ground, whole, sites, luck)]
    for site in sites:
        theme = "park" if site["kind"] in PARKS else "site"
        named = site["kind"] not in ("green", "hill", "farmland")
        rank = 1 if site["shape"].area > 120_000 else 2 if site["shape"].area > 30_000 else 3
        rows.append((theme, site["kind"], site["name"] if named else None, rank, site["shape"]))
    for shape in rail(ground):
        rows.append(("rail", "rail", "青禾铁路", 1, shape))
    lakes = [row[4] for row in rows if row[1] == "lake"]
    for kind, shape in footprints(ground, sites, lakes, luck):
        rows.append(("site" if kind == "track" else "building", kind, None, 3, shape))
    for name, kind, line in zip(lines.names, lines.kinds, lines.lines, strict=True):
        rows.append(("road", kind, name, RANKS[kind], line))
    geometry = shapely.to_wkb(shapely.transform(np.array([row[4] for row in rows], dtype=object), degrees))
    columns = dict(zip(("theme", "kind", "name", "rank"), zip(*(row[:4] for row in rows), strict=True), strict=True))
    return table("base", {**columns, "geometry": geometry.tolist()})


def footprints(
    ground: Ground, sites: list[dict[str, Any]], lakes: list[shapely.Polygon], luck: random.Random
) -> Iterator[tuple[str, shapely.Polygon]]:
    """Houses of the sites and running tracks, on the ground."""
    warp = ground.preset.warp
    for site in sites:
        parcel = ground.parcels[site["number"]]
        slope = complex(warp.slope(np.array([parcel.piece.middle]))[0])
        scale = abs(slope)
        lot = inset(parcel.piece, scale) if parcel.shape is None else None
        if lot is None:
            continue
        metres = Piece(tuple((x * scale, y * scale) for x, y in lot.points), lot.labels)
        ring = track(metres) if site["kind"] == "school" else None
        if ring:
            yield "track", shapely.Polygon(warp(np.array(ring) / scale))
        made = np.array(boxes(site["kind"], metres, luck))
        if len(made):
            middle = warp((made[:, :2] + made[:, 2:]) / 2 / scale)
            for shape in rectangles(middle, made[:, 2:] - made[:, :2], np.full(len(made), np.angle(slope))):
                if not any(shape.distance(lake) < 15 for lake in lakes if lake.distance(site["shape"]) == 0):
                    yield site["kind"], shape
