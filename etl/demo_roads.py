"""Roads of the demo district with their names, the railway, and what stands along the roads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

from etl.demo_cells import RAIL, Point
from etl.demo_coverage import Floats, Geometries, Integers
from etl.demo_ground import Ground
from etl.demo_names import Names
from etl.demo_shapes import point_columns, within
from etl.demo_streets import CLASSES
from etl.demo_tables import table


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


def rail(ground: Ground) -> Iterator[shapely.LineString]:
    """The railway."""
    for label, parts in stretches(ground):
        for part in parts if label == RAIL else ():
            yield shapely.transform(shapely.segmentize(part, 60.0), ground.preset.warp)


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
    every = np.asarray(np.round(np.concatenate(points), 2), dtype=np.float64)
    community = within(shapely.points(every), communities)
    names, kinds = [lines.names[i] for i in road], [lines.kinds[i] for i in road]
    return table("road_points", {"name": names, "kind": kinds, "community": community, **point_columns(every)})


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
