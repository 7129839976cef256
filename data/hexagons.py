"""Where events lie thick, in hexagons: cases counted in a lattice of the deployment's metric projection.

The lattice has its origin at the projection's own and a few fixed widths, so a hexagon stays the same one whatever is looked at, and
counts of two periods lie over one another. Pointed at the top; numbered by axial coordinates q (east) and r (north-east), and a
point belongs to the hexagon whose centre is nearest, by rounding its cube coordinates (as in Patel's "Hexagonal Grids", 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sqrt

import numpy as np
import pyproj
from numpy.typing import NDArray

from data.errors import QuestionError
from data.on_map import Wanted, Window, where_in_view
from data.store import Store

WIDTHS = (50, 100, 200, 400, 800, 1600, 3200, 6400)  # metres from side to side
PIXELS = 26.0  # a hexagon is at least so wide on the screen
WORLD = Window(-180.0, -90.0, 180.0, 90.0, 0)

_AXIAL = """SELECT q, r, count(*) AS n FROM (
        SELECT CASE WHEN dq > dr AND dq > ds THEN -rr - rs ELSE rq END::INTEGER AS q,
            CASE WHEN NOT (dq > dr AND dq > ds) AND dr > ds THEN -rq - rs ELSE rr END::INTEGER AS r
        FROM (SELECT *, abs(rq - fq) AS dq, abs(rr - fr) AS dr, abs(rs - fs) AS ds
              FROM (SELECT *, round(fq) AS rq, round(fr) AS rr, round(fs) AS rs
                    FROM (SELECT *, -fq - fr AS fs
                          FROM (SELECT ({x} * sqrt(3) - {y}) / 3 / $side AS fq, {y} * 2 / 3 / $side AS fr {source})))))
    GROUP BY q, r ORDER BY q, r"""


@dataclass(frozen=True, eq=False)
class Hexagons:
    """Those with cases, in order of q and r. width: metres; x, y: centres in the metric projection."""

    width: int
    q: NDArray[np.int64]
    r: NDArray[np.int64]
    n: NDArray[np.int64]

    @property
    def x(self) -> NDArray[np.float64]:
        """Eastings of the centres."""
        return self.width * (self.q + self.r / 2)

    @property
    def y(self) -> NDArray[np.float64]:
        """Northings of the centres."""
        return np.asarray(self.width * sqrt(3) / 2 * self.r, dtype=np.float64)

    def corners(self, crs: str) -> NDArray[np.float64]:
        """Six corners of each in degrees: (hexagons, 6, 2), clockwise from the north."""
        side = self.width / sqrt(3)
        turns = np.radians(90 - 60 * np.arange(6))
        x, y = self.x[:, None] + side * np.cos(turns), self.y[:, None] + side * np.sin(turns)
        change = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        lon, lat = change.transform(x.ravel(), y.ravel())
        return np.column_stack([lon, lat]).reshape(-1, 6, 2)


def width_at(zoom: float, latitude: float) -> int:
    """The width that can be read at a map's zoom (Web Mercator, tiles of 256 pixels)."""
    metres = 156_543.034 * cos(radians(max(-85.0, min(85.0, latitude)))) / 2.0**zoom * PIXELS
    return next((width for width in WIDTHS if width >= metres), WIDTHS[-1])


def hexagons(store: Store, wanted: Wanted, width: int) -> Hexagons:
    """The cases wanted, counted; only those with a usable point. Raises QuestionError."""
    if width not in WIDTHS:
        raise QuestionError(
            "There are no hexagons of this width.", where="width", todo=f"One of {', '.join(map(str, WIDTHS))}."
        )
    where, params = where_in_view(wanted, WORLD)
    source = f"""FROM cases c LEFT JOIN category k USING (category_id) LEFT JOIN unit u USING (unit_id)
        WHERE {where} AND c.x IS NOT NULL"""
    found = store.arrow(_AXIAL.format(x="c.x", y="c.y", source=source), params | {"side": width / sqrt(3)})
    q, r, n = (found.column(name).to_numpy().astype(np.int64) for name in ("q", "r", "n"))
    return Hexagons(width, q, r, n)
