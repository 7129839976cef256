"""The points of one file taken together: which is a default point, and whether any lies on the map at all.

A default point is where a source puts tickets whose place it does not know (Boston: City Hall, 4,775 of 58,251).
Found by weight, since no list of them exists: at least 0.5 % of the rows with points (no fewer than 100 rows, no more
than 1,000 asked for), and five times what the busiest thousandth of the points has. A default rule, not a standard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from data.errors import FileError
from etl.locate import Locator

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.complex128]  # longitude + latitude i

FEWEST: Final = 20  # points a file must have before it is refused because none lies on the map
_SAMPLE: Final = 2_000


@dataclass(frozen=True)
class PointCounts:
    """The distinct points of a file, sorted, with the number of rows at each."""

    points: Points
    rows: npt.NDArray[np.int64]

    @staticmethod
    def of(lon: Floats, lat: Floats) -> PointCounts:
        """Count the points of all rows; rows without a point (NaN) do not count."""
        given = np.isfinite(lon) & np.isfinite(lat)
        points, rows = np.unique(as_points(lon[given], lat[given]), return_counts=True)
        return PointCounts(points, rows.astype(np.int64))

    @property
    def total(self) -> int:
        """Rows with a point."""
        return int(self.rows.sum())

    def defaults(self, known: Sequence[tuple[float, float]] = ()) -> Points:
        """The default points: those of the file, and those `known` from earlier files, however few rows they have."""
        return np.union1d(self._heavy(), known_points(known))

    def _heavy(self) -> Points:
        if not self.total:
            return self.points
        enough = max(100.0, min(1000.0, 0.005 * self.total))
        busy = 5 * float(np.percentile(self.rows, 99.9, method="lower"))
        return self.points[(self.rows >= enough) & (self.rows >= busy)]


def as_points(lon: Floats, lat: Floats) -> Points:
    """Longitude and latitude as one number each, for comparing."""
    return lon + 1j * lat


def known_points(known: Sequence[tuple[float, float]]) -> Points:
    """(longitude, latitude) pairs as points."""
    return np.array([complex(lon, lat) for lon, lat in known], np.complex128)


def refuse_off_map(counts: PointCounts, unusable: int, locators: list[Locator], crs: str, where: str) -> None:
    """FileError when the file has points and none of them lies on the map: then the mapping is wrong, not the rows.

    unusable: rows whose coordinates are no place on the globe.
    """
    shaped = [locator for locator in locators if locator.has_shapes]
    if not shaped or counts.total + unusable < FEWEST:
        return
    step = max(1, len(counts.points) // _SAMPLE)
    for some in (counts.points[::step], counts.points):
        for locator in shaped:
            located = locator.locate(some.real.copy(), some.imag.copy())
            if not located.outside.all():
                return
    shown = f"; the first is {counts.points[0].real:.5f}, {counts.points[0].imag:.5f}" if counts.total else ""
    raise FileError(
        f"none of the {counts.total + unusable:,} points lies on the map{shown}.",
        where=where,
        todo=f"Check crs (now {crs}) and the order of the columns in [location], and that the boundaries are imported.",
    )
