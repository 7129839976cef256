"""Plans and cells from files of other programs, and plans written for them: GeoPackage, zipped shapefile, GeoJSON.

What stands in which column is known by its usual names, in Chinese and English, or said. GeoJSON is read by json and shapely
alone and written by hand, so nothing from outside reaches GDAL's guessing (etl/gdal.py). GCJ-02 has no EPSG number: files in it
name no system, and say so in their name.
"""

from __future__ import annotations

import json
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import etl.gdal  # noqa: F401  (switches GDAL's drivers that point elsewhere off, before the library starts)

# isort: split
import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray

from data.errors import InputError, LayerUnsaid
from etl.coordinates import OFFSET_SYSTEMS, WGS84, from_wgs84, known_crs, metric_system
from etl.drawn_plans import UNKNOWN
from etl.shapes import read_shapes

Shapes = NDArray[np.object_]
NAMES: dict[str, tuple[str, ...]] = {
    "code": ("code", "grid_code", "网格编码", "编码", "代码", "parcel_id", "id", "fid"),
    "name": ("name", "grid_name", "网格名称", "名称"),
    "parent": ("parent", "parent_code", "上级编码", "上级", "community_code", "社区编码", "community", "社区"),
    "households": ("households", "户数", "hh", "units"),
    "community": ("community", "community_code", "社区", "社区编码"),
    "estate": ("estate", "小区", "estate_code"),
    "current": ("current", "micro_grid", "grid", "现网格", "part"),
    "kind": ("kind", "类型"),
}
FORMS = (".gpkg", ".zip", ".geojson", ".json")
CGCS2000 = "EPSG:4490"


@dataclass(frozen=True)
class Drawing:
    """n shapes of a file: metric, and their columns by our names as texts ("" where there is none)."""

    shape: Shapes
    columns: dict[str, NDArray[np.str_]]
    metric: str
    repaired: list[tuple[int, str]]

    def text(self, name: str) -> NDArray[np.str_]:
        """A column; empty texts where the file has none."""
        return self.columns.get(name, np.full(len(self.shape), "", dtype=np.str_))

    def counts(self, name: str) -> NDArray[np.int64]:
        """A column of whole numbers; UNKNOWN where nothing stands. InputError for what is no count."""
        return np.array([_count(text, name, row) for row, text in enumerate(self.text(name), 1)], np.int64)


def read_drawing(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    usual: str = "",
    metric: str = "",
    crs: str | None = None,
) -> Drawing:
    """The shapes of a file. columns: our name → the file's, where it is not a usual one; usual: the layer taken where several
    are there and none is said; metric: the system shapes are wanted in, else the one of the place; crs: the file's, where it does not say
    it or says it wrongly. Raises FileError, InputError."""
    try:
        read = read_shapes(path, layer=layer, crs=crs)
    except LayerUnsaid as error:
        if usual not in error.layers:
            raise
        read = read_shapes(path, layer=usual, crs=crs)
    mine = _rows_of(read.columns, usual)
    columns_read, geometry = read.columns.filter(pa.array(mine)), read.geometry[mine]
    there = {name.casefold(): name for name in columns_read.column_names}
    found: dict[str, NDArray[np.str_]] = {}
    for name, words in NAMES.items():
        said = (columns or {}).get(name)
        if said and said.casefold() not in there:
            raise InputError(
                f"the file has no column {said}.", where=path.name, todo=f"It has: {', '.join(there.values())}."
            )
        column = next((there[word] for word in ([said.casefold()] if said else words) if word in there), None)
        if column is not None:
            found[name] = np.array([_text(value) for value in columns_read[column].to_pylist()], dtype=np.str_)
    system = metric or metric_system(*middle(geometry))
    return Drawing(moved(geometry, system), found, system, read.repaired)


def _rows_of(columns: pa.Table, usual: str) -> NDArray[np.bool_]:
    """The rows of a layer, where a GeoJSON of ours holds several; else all."""
    if "layer" in columns.column_names:
        mine = np.array([value == usual for value in columns["layer"].to_pylist()], np.bool_)
        if mine.any():
            return mine
    return np.ones(columns.num_rows, np.bool_)


def middle(shapes: Shapes) -> tuple[float, float]:
    """The middle of the bounds of shapes in degrees."""
    west, south, east, north = shapely.total_bounds(shapes)
    return float(west + east) / 2, float(south + north) / 2


def moved(shapes: Shapes, system: str) -> Shapes:
    """Shapes in EPSG:4326 in another system, east first."""

    def change(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = np.ascontiguousarray(points.T)
        return np.column_stack(from_wgs84(lon, lat, system))

    made: Shapes = shapely.transform(shapes, change)
    return made


def system_named(word: str) -> str:
    """The system a person means: CGCS2000 is its degrees. InputError for one there is not."""
    try:
        return CGCS2000 if word.strip().upper() in ("CGCS2000", "2000") else known_crs(word)
    except ValueError as error:
        raise InputError(
            str(error), where="--crs", todo="Write EPSG:4326, CGCS2000, GCJ-02 or another EPSG code."
        ) from None


def write_plan(out: Path, layers: Mapping[str, pa.Table], system: str) -> dict[str, int]:
    """Write layers (tables with a WKB column `geometry` in EPSG:4326) by the ending of the file's name; rows of each layer.

    The file appears when it is whole. A shapefile comes zipped, a layer a file; its names are cut to ten characters.
    """
    if out.suffix.lower() not in FORMS:
        raise InputError(
            f"{out.suffix or 'such'} files are not written.", where=out.name, todo=f"Choose one of {', '.join(FORMS)}."
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".plan-", dir=out.parent) as folder:
        part = Path(folder) / f"plan{out.suffix.lower()}"
        if out.suffix.lower() == ".gpkg":
            for name, table in layers.items():
                _layer(part, name, table, system, "GPKG")
        elif out.suffix.lower() == ".zip":
            _zipped(part, layers, system)
        else:
            part.write_bytes(_geojson_text(layers, system))
        part.replace(out)
    return {name: table.num_rows for name, table in layers.items()}


def _layer(path: Path, name: str, table: pa.Table, system: str, driver: str, **options: Any) -> None:
    shapes = moved(_shapes_of(table), system)
    kind = "MultiPolygon" if driver == "GPKG" else "Polygon"
    if driver == "GPKG":
        shapes = np.array(
            [shapely.multipolygons(shapely.get_parts(one)) if one is not None else None for one in shapes], dtype=object
        )
    named = [] if system in OFFSET_SYSTEMS else [("crs", system)]
    plain = table.drop_columns(["geometry"])
    fields = plain.column_names
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")  # GCJ-02 has no number to provide
        pyogrio.raw.write(
            path, np.array(shapely.to_wkb(shapes), dtype=object),
            [_field(plain[field]) for field in fields], np.array([field[:10] if driver != "GPKG" else field for field in fields]),
            layer=name, driver=driver, geometry_type=kind, append=path.exists() and driver == "GPKG", encoding="UTF-8",
            **dict(named), **options,
        )  # fmt: skip


def _field(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column as GDAL takes it: whole numbers without gaps, else texts or floats."""
    if pa.types.is_integer(column.type) and not column.null_count:
        return np.asarray(column.to_numpy(), np.int64)
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)
    return np.array([None if value is None else str(value) for value in column.to_pylist()], dtype=object)


def _zipped(path: Path, layers: Mapping[str, pa.Table], system: str) -> None:
    folder = path.parent / "parts"
    folder.mkdir()
    for name, table in layers.items():
        if table.num_rows:
            _layer(folder / f"{name}.shp", name, table, system, "ESRI Shapefile")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, file.name)


def _geojson_text(layers: Mapping[str, pa.Table], system: str) -> bytes:
    """One collection of all layers, each feature with the name of its layer; a system other than WGS 84 is named as the draft
    of 2008 does, GCJ-02 by a member of its own."""
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if system in OFFSET_SYSTEMS:
        head["coordinates"] = system
    elif system != WGS84:
        head["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{system.partition(':')[2]}"}}
    lines = []
    for name, table in layers.items():
        shapes = shapely.to_geojson(moved(_shapes_of(table), system))
        for shape, row in zip(shapes, table.drop_columns(["geometry"]).to_pylist(), strict=True):
            said = json.dumps({"layer": name, **row}, ensure_ascii=False, default=str)
            lines.append(f'{{"type":"Feature","geometry":{shape or "null"},"properties":{said}}}')
    return (json.dumps(head)[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def _shapes_of(table: pa.Table) -> Shapes:
    return np.asarray(shapely.from_wkb(np.array(table["geometry"].to_pylist(), dtype=object)), dtype=object)


def _text(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124  (a NaN is not itself)
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _count(text: str, name: str, row: int) -> int:
    if text == "":
        return UNKNOWN
    try:
        number = float(text)
        if number < 0 or number != int(number):
            raise ValueError
    except (ValueError, OverflowError):
        raise InputError(
            f'"{text}" is no count.', where=f"{name}, row {row}", todo="Write whole numbers, 0 or more."
        ) from None
    return int(number)
