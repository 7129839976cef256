"""Cases on the map: points while they can be told apart, a lattice of counts above that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from data.errors import QuestionError
from data.on_map import LATTICE, MOST_POINTS, Wanted, Window, count_in_view, lattice_in_view, points_in_view
from data.store import Store


def window_of(box: str, zoom: str) -> Window:
    """The window of a request: 'west,south,east,north' in degrees and a zoom of 0 to 22."""
    try:
        west, south, east, north = (float(part) for part in box.split(","))
        level = int(zoom)
    except ValueError as error:
        raise QuestionError("a window is west,south,east,north and a whole zoom", where="box, zoom") from error
    if not (west < east and south < north and 0 <= level <= 22):
        raise QuestionError("the window is empty or its zoom is not 0 to 22", where="box, zoom")
    return Window(west, south, east, north, level)


def events(
    store: Store, wanted: Wanted, window: Window, *, state: Callable[[str], str], time: Callable[[datetime], str]
) -> dict[str, Any]:
    """{"n", "points": [{lon, lat, state, lines}]} or {"n", "zoom", "lattice", "cells": [column, line, n, …]}.

    `state` and `time` turn a state and an instant into the reader's words.
    """
    n = count_in_view(store, wanted, window)
    if n > MOST_POINTS:
        table = lattice_in_view(store, wanted, window)
        cells = [value for row in zip(*(c.to_pylist() for c in table.columns), strict=True) for value in row]
        return {"n": n, "zoom": window.zoom, "lattice": LATTICE, "cells": cells}
    points = [
        {
            "lon": row["lon"],
            "lat": row["lat"],
            "state": row["state"],
            "lines": [
                row["external_id"],
                " · ".join(filter(None, (row["category"], state(row["state"])))),
                time(row["reported_at"]),
            ],
        }
        for row in points_in_view(store, wanted, window).to_pylist()
    ]
    return {"n": n, "points": points}
