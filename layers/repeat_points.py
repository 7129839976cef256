"""Repeat points (重复诉求点): where the same trouble was reported at least three times within 50 m and 90 days."""

from __future__ import annotations

from typing import Any

from data.store import Store
from data.things_on_map import repeat_points_in_view
from layers.protocol import Ask, Layer, answer


def points(store: Store, ask: Ask) -> dict[str, Any]:
    """The repeat points of a window, the largest first: category, how often, first and last report."""
    rows = repeat_points_in_view(store, ask.wanted, ask.window)
    return answer(
        rows,
        [
            {
                "lon": row["lon"],
                "lat": row["lat"],
                "shape": "ring",
                "n": row["n"],
                "lines": [
                    row["category"] or "–",
                    f"n {row['n']:,}",
                    f"{ask.time(row['first'])} – {ask.time(row['last'])}",
                ],
            }
            for row in rows
        ],
    )


LAYER = Layer("repeat_points", "points", points=points)
