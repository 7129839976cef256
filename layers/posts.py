"""Posts (岗位): where staff should be and how many are. Counts at a place, never names."""

from __future__ import annotations

from typing import Any

from data.store import Store
from data.things_on_map import posts_in_view
from layers.protocol import Ask, Layer, answer


def points(store: Store, ask: Ask) -> dict[str, Any]:
    """The places of a window that have posts; a hollow mark where fewer are there than required."""
    rows = posts_in_view(store, ask.window, ask.day)
    return answer(rows, [_point(row, ask) for row in rows])


def _point(row: dict[str, Any], ask: Ask) -> dict[str, Any]:
    kinds = list(zip(row["kinds"], row["actual"], row["required"], strict=True))
    short = any((actual or 0) < (required or 0) for _kind, actual, required in kinds)
    lines = [f"{ask.words(kind)} {_count(actual)} / {_count(required)}" for kind, actual, required in kinds]
    return {
        "lon": row["lon"],
        "lat": row["lat"],
        "shape": "short" if short else "staffed",
        "lines": [row["name"], *lines],
    }


def _count(n: int | None) -> str:
    return "–" if n is None else str(n)


LAYER = Layer("posts", "points", from_zoom=13, points=points)
