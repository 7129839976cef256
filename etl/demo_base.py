"""What lies under the places of the demo district: roads with names, the river, lakes, parks, sites."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from etl.demo_cells import CREEK, RAIL, Piece, Point, inset
from etl.demo_country import country
from etl.demo_coverage import Floats, Geometries, Integers
from etl.demo_ground import Ground
from etl.demo_names import Names, vocabulary
from etl.demo_footprints import boxes, track
from etl.demo_shapes import bent, point_columns, rectangles, shape_columns, within
from etl.demo_streets import CLASSES
from etl.demo_tables import Regions, table
from etl.demo_warp import degrees

RANKS = {"arterial": 1, "collector": 2, "local": 3}
PARKS = ("park", "riverside", "green", "hill", "farmland")


@dataclass
class Roads:
    """Named roads on the ground."""

    names: list[str]
    kinds: list[str]
    lines: Geometries


def roads(ground: Ground, names: Names) -> Roads:
    """Stretches of a key joined and cut off at the outline, bent with the ground, and named."""
    found = Roads([], [], np.empty(0, dtype=object))
    lines: list[shapely.Geometry] = []
    for label, parts in stretches(ground):
        if label not in CLASSES:
            continue
        bent_parts = [shapely.transform(shapely.segmentize(part, 60.0), ground.preset.warp) for part in parts]
        lines.append(shapely.MultiLineString(bent_parts) if len(bent_parts) > 1 else bent_parts[0])
        found.names.append(names.road(CLASSES[label]))
        found.kinds.append(CLASSES[label])
    found.lines = np.array(lines, dtype=object)
    return found


def stretches(ground: Ground) -> Iterator[tuple[int, list[shapely.LineString]]]:
    """Every road, railway and creek in the drawing plane: its label and its parts inside the outline."""
    by_key: dict[tuple[str, int], list[shapely.LineString]] = {}
    label: dict[tuple[str, int], int] = {}
    for road in ground.plan.roads:
        by_key.setdefault(road.key, []).append(shapely.LineString([road.start, road.end]))
        label[road.key] = road.label
    for key, own in by_key.items():
        shape = shapely.intersection(shapely.line_merge(shapely.union_all(own)), ground.edge)
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length > 25]
        if parts:
            yield label[key], parts


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


def road_points(lines: Roads, communities: Geometries) -> pa.Table:
    """Points every 60 m along the roads."""
    road: list[int] = []
    points: list[Floats] = []
    for i, line in enumerate(lines.lines):
        count = max(1, int(line.length // 60))
        at = (
            shapely.get_coordinates(
                shapely.line_interpolate_point(line, (np.arange(count) + 0.5) / count, normalized=True)
            )
            if line.geom_type == "LineString"
            else shapely.get_coordinates(shapely.segmentize(line, 60.0))
        )
        points.append(at)
        road += [i] * len(at)
    every = np.round(np.concatenate(points), 2)
    community = within(shapely.points(every), communities)
    names, kinds = [lines.names[i] for i in road], [lines.kinds[i] for i in road]
    return table("road_points", {"name": names, "kind": kinds, "community": community, **point_columns(every)})


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


def water(
    ground: Ground, whole: shapely.Polygon, sites: list[dict[str, Any]], luck: random.Random
) -> list[tuple[str, str | None, int, shapely.Geometry]]:
    """The river, and lakes in the large parks and on the campus: kind, name, rank, shape in metres."""
    preset = ground.preset
    found: list[tuple[str, str | None, int, shapely.Geometry]] = []
    river = shapely.Polygon(preset.warp(river_ring(ground, luck)))
    found.append(("river", "青禾河", 1, shapely.intersection(river.buffer(0), whole)))
    found += [("creek", "柳溪", 2, shapely.intersection(shape, whole)) for shape in creeks(ground, luck)]
    for site in sites:
        if (
            site["kind"] in ("park", "campus")
            and ground.parcels[site["number"]].shape is None
            and site["shape"].area > 90_000
        ):
            found.append(("lake", luck.choice(vocabulary()["place"]["streets"]) + "湖", 2, lake(site["shape"], luck)))
    return found


def river_ring(ground: Ground, luck: random.Random) -> Floats:
    """Both banks in the drawing plane: it swings between its embankments and changes its width."""
    preset = ground.preset
    reach = preset.radius[0] * 1.3
    along = np.linspace(preset.middle[0] - reach, preset.middle[0] + reach, 160)
    a, b, c = (luck.uniform(0, 2 * math.pi) for _ in range(3))
    swing = preset.river_width * (0.85 * np.sin(along / 640 + a) + 0.35 * np.sin(along / 310 + b))
    half = preset.river_width * (0.85 + 0.25 * np.sin(along / 520 + c))
    middle = preset.river + swing
    return np.concatenate([np.column_stack([along, middle - half]), np.column_stack([along, middle + half])[::-1]])


def creeks(ground: Ground, luck: random.Random) -> Iterator[shapely.Polygon]:
    """The brook that runs down to the river between its green banks."""
    preset = ground.preset
    for label, parts in stretches(ground):
        for part in parts if label == CREEK else ():
            a, b = sorted(part.coords[i] for i in (0, -1))
            low, high = min(a[1], b[1]), max(a[1], b[1])
            along = np.arange(low - preset.river_width * 2.7, high, 25.0)
            phase = luck.uniform(0, 6)
            x = a[0] + 7 * np.sin(along / 130 + phase) + 4 * np.sin(along / 57)
            half = 9 + 2.5 * np.sin(along / 210 + phase)
            ring = np.concatenate([np.column_stack([x - half, along]), np.column_stack([x + half, along])[::-1]])
            yield shapely.Polygon(preset.warp(ring))


def rail(ground: Ground) -> Iterator[shapely.LineString]:
    """The railway."""
    for label, parts in stretches(ground):
        for part in parts if label == RAIL else ():
            yield shapely.transform(shapely.segmentize(part, 60.0), ground.preset.warp)


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


def lake(park: shapely.Polygon, luck: random.Random) -> shapely.Polygon:
    """A lake with bays inside a park."""
    middle = park.centroid
    near = park.exterior.distance(middle)
    waves = [(k, luck.uniform(0.04, 0.22) / math.sqrt(k - 1), luck.uniform(0, 2 * math.pi)) for k in (2, 3, 4, 6)]
    size = near * luck.uniform(0.5, 0.68)
    points: list[Point] = []
    for step in range(72):
        angle = 2 * math.pi * step / 72
        far = size * (1 + sum(s * math.cos(k * angle + p) for k, s, p in waves))
        points.append((round(middle.x + far * 1.15 * math.cos(angle), 2), round(middle.y + far * math.sin(angle), 2)))
    return shapely.intersection(shapely.Polygon(points).buffer(0), park.buffer(-8))


def facility_table(ground: Ground, lines: Roads, communities: Geometries, luck: random.Random) -> pa.Table:
    """Manholes, hydrants and lamps along the roads, and a service station in every community."""
    rows: list[tuple[str, str, str]] = []
    points: list[Point] = []
    lengths = np.array([line.length for line in lines.lines])
    share = (("manhole", 0.5, "井盖", "M"), ("lamp", 0.35, "路灯", "L"), ("hydrant", 0.15, "消火栓", "H"))
    for kind, part, word, letter in share:
        count = int(ground.preset.facilities * part)
        chosen = luck.choices(range(len(lengths)), lengths.tolist(), k=count)
        per_road: dict[int, int] = {}
        for n, i in enumerate(sorted(chosen)):
            per_road[i] = per_road.get(i, 0) + 1
            line = lines.lines[i]
            part_of = shapely.get_parts(line)[luck.randrange(shapely.get_num_geometries(line))]
            at = part_of.interpolate(luck.random(), normalized=True)
            aside = luck.choice((-1, 1)) * luck.uniform(2, 8)
            points.append((at.x + aside, at.y + aside))
            rows.append((f"{letter}{n + 1:05d}", f"{lines.names[i]}{per_road[i]}号{word}", kind))
    for c, shape in enumerate(communities):
        at = shape.point_on_surface()
        points.append((at.x, at.y))
        rows.append((f"S{c + 1:03d}", f"第{c + 1}党群服务站", "service_station"))
    every = np.round(np.array(points), 2)
    community: Integers = within(shapely.points(every), communities)
    columns = dict(zip(("code", "name", "kind"), zip(*rows, strict=True), strict=True))
    return table("facilities", {**columns, "community": community, **point_columns(every)})
