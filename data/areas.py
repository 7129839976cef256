"""A drawn area: an outline somebody drew on the map or wrote down, and the cases whose point lies in it.

An outline is WKT in EPSG:4326 (POLYGON, MULTIPOLYGON) or a line of the address: Google's polyline of five decimals, its
six-bit pieces written in the alphabet of base64url, so that an address need not escape them. An outline that crosses
itself is taken as everything the line goes around. A point on the edge lies inside. Cases without a usable point lie in
no area, whatever place they could be located at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import shapely

from data.errors import QuestionError
from data.nesting import area as square_metres
from data.nesting import metric

if TYPE_CHECKING:
    from data.store import Store

MOST_VERTICES = 500
MOST_CHARACTERS = 20_000
MOST_CROSSINGS = 500  # of one line with itself; untangling a star of 499 points took nine seconds
ALPHABET = ascii_uppercase + ascii_lowercase + digits + "-_"
DECIMALS = 5
HOME_LEVELS = ("micro_grid", "grid")  # whose households are known, the finest first
_WHERE = "area"


@dataclass(frozen=True)
class Area:
    """A valid polygon or several. crossed: its line crossed itself, and all it goes around was taken."""

    wkb: bytes
    crossed: bool = False

    @property
    def shape(self) -> shapely.Geometry:
        """The polygon in EPSG:4326."""
        return shapely.from_wkb(self.wkb)

    def square_metres(self, crs: str) -> float:
        """Its size in the metric projection."""
        return float(square_metres(np.array([self.shape]), crs)[0])


@dataclass(frozen=True)
class Homes:
    """Households in an area. n: null where nobody knows; level and places: what they were summed over."""

    n: float | None
    level: str
    places: int


@lru_cache(maxsize=64)
def area_of(texts: tuple[str, ...]) -> Area:
    """The area of one or several outlines together. Raises QuestionError for what encloses nothing."""
    shapes = [_outline(text) for text in texts]
    crossed = not all(shapely.is_valid(shape) for shape in shapes)
    whole = shapely.union_all([_repaired(shape) for shape in shapes])
    return Area(shapely.to_wkb(whole), crossed)


def encoded(points: list[tuple[float, float]]) -> str:
    """An outline of (lon, lat) in the address's letters."""
    letters, before = [], (0, 0)
    for lon, lat in points:
        here = (round(lat * 10**DECIMALS), round(lon * 10**DECIMALS))
        letters += [_letters(now - then) for now, then in zip(here, before, strict=True)]
        before = here
    return "".join(letters)


def decoded(text: str) -> list[tuple[float, float]]:
    """The (lon, lat) of an outline in the address's letters. Raises QuestionError."""
    numbers = list(_numbers(text))
    if len(numbers) % 2:
        raise QuestionError("The outline of the area breaks off.", where=_WHERE, todo="Draw the area again.")
    lat, lon = (np.cumsum(numbers[first::2]) / 10**DECIMALS for first in (0, 1))
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def inside(cases: pa.Table, area: Area) -> pa.Table:
    """The rows of a slice (columns lon and lat, null without a usable point) whose point lies in the area."""
    lon, lat = (cases.column(name).to_numpy() for name in ("lon", "lat"))
    shape = area.shape
    west, south, east, north = shapely.bounds(shape).tolist()
    near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    shapely.prepare(shape)
    return cases.take(near[shapely.intersects_xy(shape, lon[near], lat[near])])


def homes(store: Store, area: Area, atlas_id: int) -> Homes:
    """Households in the area: those of each micro-grid (where there are none, grid) by the share of its area inside."""
    for level in HOME_LEVELS:
        found = _counted_places(store, area, atlas_id, level)
        if len(found):
            shapes = metric(shapely.from_wkb(found.column("geometry").to_numpy(zero_copy_only=False)), _crs(store))
            drawn = metric(np.array([area.shape]), _crs(store))[0]
            share = shapely.area(shapely.intersection(shapes, drawn)) / shapely.area(shapes)
            return Homes(float(np.sum(share * found.column("households").to_numpy())), level, int(np.sum(share > 0)))
    return Homes(None, HOME_LEVELS[0], 0)


def _counted_places(store: Store, area: Area, atlas_id: int, level: str) -> pa.Table:
    """The places of a level that the area meets and whose households are known."""
    return store.arrow(
        """SELECT v.households, ST_AsWKB(v.geometry)::BLOB AS geometry
           FROM place_version v JOIN place p USING (place_id) JOIN atlas a ON a.atlas_id = $atlas
           WHERE p.level = $level AND v.households IS NOT NULL AND v.area_m2 > 0
             AND v.effective_from <= a.effective_from AND a.effective_from < v.effective_to
             AND (v.plan_id IS NULL OR v.plan_id = a.plan_id)
             AND ST_Intersects(v.geometry, ST_GeomFromWKB($area))""",
        {"atlas": atlas_id, "level": level, "area": area.wkb},
    )


def _crs(store: Store) -> str:
    return store.deployment.crs


def _outline(text: str) -> shapely.Geometry:
    """The shape of one text, as it was drawn."""
    if len(text) > MOST_CHARACTERS:
        raise _too_long()
    shape = _of_wkt(text) if "(" in text else _of_letters(text)
    if shapely.get_num_coordinates(shape) > MOST_VERTICES:
        raise _too_long()
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise QuestionError("The area has corners that are no numbers.", where=_WHERE)
    west, south, east, north = shapely.bounds(shape).tolist()
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise QuestionError(
            "The area reaches beyond the globe.", where=_WHERE, todo="Write longitude, then latitude, in degrees."
        )
    return shape


def _of_wkt(text: str) -> shapely.Geometry:
    try:
        shape = shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        raise QuestionError(
            "The area is no WKT.", where=_WHERE, todo="Write POLYGON((longitude latitude, ...))."
        ) from error
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        raise QuestionError(
            "An area is a POLYGON or a MULTIPOLYGON.", where=_WHERE, todo="Write POLYGON((longitude latitude, ...))."
        )
    return shape


def _of_letters(text: str) -> shapely.Geometry:
    points = decoded(text)
    if len(set(points)) < 3:
        raise QuestionError("An area needs three corners.", where=_WHERE, todo="Draw the area again.")
    return shapely.Polygon(points)


def _repaired(shape: shapely.Geometry) -> shapely.Geometry:
    if not shapely.is_valid(shape) and _crossings(shape) > MOST_CROSSINGS:
        raise QuestionError(
            f"The outline of the area crosses itself more than {MOST_CROSSINGS} times.",
            where=_WHERE,
            todo="Draw a simpler area.",
        )
    whole = shape if shapely.is_valid(shape) else shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if not shapely.area(whole) > 0:
        raise QuestionError("The area encloses nothing.", where=_WHERE, todo="Draw the area again.")
    return whole


def _crossings(shape: shapely.Geometry) -> int:
    """How many pairs of its edges cross or touch, neighbours left out."""
    points, ring = shapely.get_coordinates(shapely.get_parts(shapely.boundary(shape)), return_index=True)
    same = np.flatnonzero(ring[1:] == ring[:-1])
    edges = shapely.linestrings(np.stack([points[same], points[same + 1]], axis=1))
    pairs = len(
        shapely.STRtree(edges).query(edges, predicate="intersects")[0]
    )  # each twice; an edge meets itself and two neighbours
    return max(0, pairs - 3 * len(edges)) // 2


def _too_long() -> QuestionError:
    return QuestionError(
        f"The outline of the area has more than {MOST_VERTICES} corners.", where=_WHERE, todo="Draw a simpler area."
    )


def _letters(number: int) -> str:
    rest = ~(number << 1) if number < 0 else number << 1
    letters = ""
    while rest >= 32:
        letters += ALPHABET[32 | rest & 31]
        rest >>= 5
    return letters + ALPHABET[rest]


def _numbers(text: str) -> Iterator[int]:
    number, bits = 0, 0
    for letter in text:
        piece = ALPHABET.find(letter)
        if piece < 0 or bits > 30:
            raise QuestionError("The outline of the area cannot be read.", where=_WHERE, todo="Draw the area again.")
        number, bits = number | (piece & 31) << bits, bits + 5
        if piece < 32:
            yield ~(number >> 1) if number & 1 else number >> 1
            number, bits = 0, 0
    if bits:
        raise QuestionError("The outline of the area breaks off.", where=_WHERE, todo="Draw the area again.")
