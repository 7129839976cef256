"""Facilities (部件): manholes, lamps, hydrants, stations, from the zoom where they can be told apart."""

from __future__ import annotations

from typing import Any

from data.store import Store
from data.things_on_map import facilities_in_view
from layers.protocol import Ask, Layer, answer


def points(store: Store, ask: Ask) -> dict[str, Any]:
    """The facilities of a window: their name or kind, code, place."""
    rows = facilities_in_view(store, ask.window, ask.day)
    return answer(
        rows,
        [
            {
                "lon": row["lon"],
                "lat": row["lat"],
                "shape": "square",
                "lines": list(filter(None, (row["name"], ask.words(row["kind"]), row["code"], row["of"]))),
            }
            for row in rows
        ],
    )


LAYER = Layer("facilities", "points", from_zoom=14, points=points)
