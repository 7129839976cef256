"""From the drawing plane, where streets are straight, to the ground, where they bend.

The map is conformal (a polynomial and two sines of a complex variable), so blocks keep their right angles wherever the
streets lead, and a house drawn as a rectangle stays one but for centimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from etl.demo_town import CENTRE, CRS

Floats = npt.NDArray[np.float64]

CHUNK = 256  # points at a time: their distances to every village stay in the processor's cache


@dataclass(frozen=True)
class Warp:
    """w = e^(i turn) (z + i bend sin(k z + phase) + curl z²), then moved to the centre of the district.

    wild: metres by which country lanes and borders stray; calm: (x, y, reach) of the places where nothing does.
    """

    turn: float
    bend: float
    wavelength: float
    phase: float
    curl: float
    wild: float = 0.0
    calm: tuple[tuple[float, float, float], ...] = ()

    def __call__(self, points: Floats) -> Floats:
        """Points (n, 2) of the plane -> metres of the CRS, on a lattice of a centimetre."""
        if self.wild:
            points = points + self._strayed(points)
        z = points[:, 0] + 1j * points[:, 1]
        k = 2 * np.pi / self.wavelength
        w = np.exp(1j * self.turn) * (z + 1j * self.bend * np.sin(k * z + self.phase) + self.curl * z * z)
        east, north = origin()
        found: Floats = np.round(np.column_stack([w.real + east, w.imag + north]), 2)
        return found

    def _strayed(self, points: Floats) -> Floats:
        """A smooth shift in the open country, none in towns and villages."""
        far = np.concatenate([self._away(points[i : i + CHUNK]) for i in range(0, len(points), CHUNK)])
        share = np.clip(far / 350.0, 0.0, 1.0)
        weight: Floats = self.wild * share * share * (3 - 2 * share)
        x, y = points[:, 0], points[:, 1]
        shift_x = np.sin(y / 331.0 + 1.9 * np.sin(x / 617.0)) + 0.45 * np.sin(y / 127.0 + 1.3 * np.sin(x / 283.0))
        shift_y = np.sin(x / 353.0 + 2.3 * np.sin(y / 571.0 + x / 907.0)) + 0.45 * np.sin(
            x / 113.0 + 1.7 * np.sin(x / 241.0)
        )
        found: Floats = np.column_stack([weight * shift_x, weight * shift_y])
        return found

    def _away(self, points: Floats) -> Floats:
        """How far each point is from the nearest calm place; negative inside it."""
        x, y, reach = self._places
        east, north = points[:, 0, None] - x, points[:, 1, None] - y
        found: Floats = (np.sqrt(east * east + north * north) - reach).min(axis=1)
        return found

    @cached_property
    def _places(self) -> Floats:
        return np.array(self.calm or ((0.0, 0.0, 0.0),)).T

    def slope(self, points: Floats) -> npt.NDArray[np.complex128]:
        """The derivative: its size is metres a unit of the plane, its angle the turn of the streets there."""
        z = points[:, 0] + 1j * points[:, 1]
        k = 2 * np.pi / self.wavelength
        found: npt.NDArray[np.complex128] = np.exp(1j * self.turn) * (
            1 + 1j * self.bend * k * np.cos(k * z + self.phase) + 2 * self.curl * z
        )
        return found


@lru_cache(maxsize=1)
def origin() -> tuple[float, float]:
    """The centre of the district in the metric CRS, on whole metres."""
    east, north = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*CENTRE)
    return float(round(east)), float(round(north))


@lru_cache(maxsize=1)
def _back() -> Transformer:
    return Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


@lru_cache(maxsize=1)
def _forth() -> Transformer:
    return Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


def metres(points: Floats) -> Floats:
    """Longitude and latitude -> metres of the CRS on the lattice of a centimetre: the way back from `degrees`."""
    return np.round(np.column_stack(_forth().transform(points[:, 0], points[:, 1])), 2)


def degrees(points: Floats) -> Floats:
    """Metres of the CRS -> longitude and latitude, rounded alike, so that what was one point stays one."""
    return np.round(np.column_stack(_back().transform(points[:, 0], points[:, 1])), 8)
