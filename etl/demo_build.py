"""A demo town from a preset and a seed: the ground, then names, roads and sites, then its tables."""

from __future__ import annotations

import random

from data.progress import Progress, Quiet
from etl.demo_base import base_table, site_rows, site_table
from etl.demo_ground import lay
from etl.demo_houses import house_tables
from etl.demo_megacity import repeated
from etl.demo_names import Names
from etl.demo_presets import preset_of
from etl.demo_roads import facility_table, road_points, roads
from etl.demo_staff import post_table
from etl.demo_tables import region_tables, regions
from etl.demo_town import Town

SEED = 20260101


def build_town(preset: str, seed: int = SEED, progress: Progress | None = None) -> Town:
    """The town; the same preset and seed give the same. Raises InputError for a preset there is not."""
    progress = progress or Quiet()
    luck = random.Random(seed)  # noqa: S311  (not for secrets)
    ground = lay(preset_of(preset), luck, progress)
    progress.step("names and tables", 0, None)
    names = Names(luck)
    own = regions(ground)
    lines = roads(ground, names)
    sites = site_rows(ground, own, names)
    places = region_tables(ground, own, sites, names)
    houses = house_tables(ground, own, lines.lines, lines.names, names, luck)
    communities = own.shapes["community"]
    tables = dict(
        **places,
        **houses,
        facilities=facility_table(ground, lines, communities, luck),
        posts=post_table(places["grids"], places["micro_grids"], places["communities"], luck),
        road_points=road_points(lines, communities),
        sites=site_table(sites),
        base=base_table(ground, lines, sites, luck),
    )
    if ground.preset.square:
        tables = repeated(tables, progress)
    return Town(preset=preset, seed=seed, **tables)
