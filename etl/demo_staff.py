"""Posts of the demo district: how many are required by formula, filled, and on duty. Counts, no names."""

from __future__ import annotations

import random

import pyarrow as pa

from etl.demo_tables import table

# Per grid: one head, one full-time worker a 400 households, two part-time, a head for every micro-grid.
FULL_TIME_HOUSEHOLDS = 400


def post_table(grids: pa.Table, micro_grids: pa.Table, communities: pa.Table, luck: random.Random) -> pa.Table:
    """Posts of grids and communities."""
    rows: list[tuple[str, int, str, int, int, int]] = []
    per_grid = [0] * grids.num_rows
    for grid in micro_grids["grid"].to_pylist():
        per_grid[grid] += 1
    for i, households in enumerate(grids["households"].to_pylist()):
        full = max(1, round(households / FULL_TIME_HOUSEHOLDS))
        for kind, required in (
            ("grid_head", 1),
            ("full_time", full),
            ("part_time", 2),
            ("micro_grid_head", per_grid[i]),
        ):
            if required:
                rows.append(("grid", i, kind, required, *_filled(required, luck)))
    for i, households in enumerate(communities["households"].to_pylist()):
        required = max(2, round(households / 1500))
        rows.append(("community", i, "guide", required, *_filled(required, luck)))
    keys = ("level", "place", "kind", "required", "actual", "on_duty")
    return table("posts", dict(zip(keys, zip(*rows, strict=True), strict=True)))


def _filled(required: int, luck: random.Random) -> tuple[int, int]:
    """(filled, on duty): a few are vacant, a few are away."""
    actual = sum(luck.random() < 0.94 for _ in range(required))
    return actual, sum(luck.random() < 0.9 for _ in range(actual))
