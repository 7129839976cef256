"""Boundaries from GeoJSON, GeoPackage or shapefile: valid polygons in EPSG:4326, and what had to be done for it.

Nothing is assumed about coordinates: a file that does not say what they are is a question to its owner, because
a district half a kilometre off looks right until somebody walks there.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import shapely

from data.errors import FileError, LayerUnsaid
from etl.archives import CHUNK, Source, check_file, magic, members, refuse_packing
from etl.fileoptions import FileOptions, Limits
from etl.gdal import PARTS, Layer, read_geopackage, read_shapefile
from etl.geojson import read_geojson
from etl.readers import open_tickets
from etl.repair import Geometries, Repairs, cleaned, in_degrees

READ = "GeoJSON, GeoPackage or a shapefile (also zipped)"
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
_ASK = (
    'Set crs = "EPSG:…" in [geometry] of the mapping; whoever made the file knows it (a shapefile says it in a .prj).'
)


@dataclass
class Shapes:
    """Rows of a file of places, in its order.

    columns: their attributes; geometry: shapely in EPSG:4326, None where a row has none; crs: the system the file is
    in, crs_from: who says so; repaired: (row from 1, what was done); notes: what the library remarked.
    """

    columns: pa.Table
    geometry: Geometries
    crs: str
    crs_from: str
    layers: list[str]
    repaired: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_shapes(
    path: Path,
    *,
    layer: str | None = None,
    crs: str | None = None,
    limits: Limits | None = None,
    polygons: bool = True,
    file: FileOptions | None = None,
) -> Shapes:
    """Read a file of places.

    layer: of a GeoPackage or a zip with several shapefiles; crs: the mapping's [geometry] crs, which wins over the
    file's own; polygons: whether anything else is left out and reported. A CSV or XLSX is taken as a table of names
    without geometry. Raises FileError.
    """
    check_file(path)
    source = Source(path, limits=limits or Limits())
    head = source.head(4096)
    if magic(head) == "gzip":
        source = Source(path, "gzip", limits=source.limits)
        head = source.head(4096)
    shown = magic(head)
    refuse_packing(shown, source.where)
    wanted = layer or (file.layer if file else None)
    if shown == "zip" and path.suffix.lower() not in TABLES:
        return _from_zip(path, wanted, crs, source.limits, polygons)
    if path.suffix.lower() in TABLES or (source.packing == "gzip" and source.suffix in TABLES):
        return _names(path, source.limits, file)
    return _finish(_layer(source, shown, wanted), crs, source.where, polygons)


def _layer(source: Source, shown: str, layer: str | None) -> Layer:
    """The layer of an unpacked file, read by the reader its first bytes call for."""
    if source.packing == "plain" and shown == "sqlite":
        return read_geopackage(source.path, source.where, layer)
    if source.packing == "plain" and shown == "shp" and source.suffix == ".shp":
        return read_shapefile(source.path, source.where)
    if shown == "vrt":
        raise FileError(
            "the file is a GDAL virtual file (VRT), which points at other files",
            where=source.where,
            todo="Give the data file itself.",
        )
    if shown in ("xml", "html"):
        raise FileError(
            f"the file is {shown.upper()}, whatever its name says", where=source.where, todo=f"Give {READ}."
        )
    if shown == "" and source.suffix in (".geojson", ".json"):
        return read_geojson(source)
    if source.suffix in (".shp", ".gpkg", ".geojson", ".json"):
        raise FileError(
            f"the name ends in {source.suffix} but the content is something else, or damaged",
            where=source.where,
            todo=f"Give {READ}.",
        )
    raise FileError(f"{source.suffix or 'such'} files are not read as places", where=source.where, todo=f"Give {READ}.")


def _from_zip(path: Path, layer: str | None, crs: str | None, limits: Limits, polygons: bool) -> Shapes:
    """The one set of places in a zip, unpacked under names of our own into a folder that is removed afterwards."""
    names = [info.filename for info in members(path)]
    found = [name for name in names if PurePosixPath(name).suffix.lower() in (".shp", ".gpkg", ".geojson", ".json")]
    if layer is not None and len(found) > 1:
        found = [name for name in found if layer in (PurePosixPath(name).stem, name, PurePosixPath(name).name)] or found
    if not found:
        listed = ", ".join(sorted(names)[:8])
        raise FileError(f"the zip holds no places: {listed}", where=path.name, todo=f"Give {READ}.")
    if len(found) > 1:
        layers = sorted(PurePosixPath(name).stem for name in found)
        raise LayerUnsaid(
            f"the zip holds {len(found)} sets of places: {', '.join(layers)}",
            where=path.name,
            todo="Set layer in [file] to the one to read.",
            layers=layers,
        )
    main = PurePosixPath(found[0])
    beside = [
        name for name in names if PurePosixPath(name).parent == main.parent and PurePosixPath(name).stem == main.stem
    ]
    left = limits.unpacked_bytes
    with tempfile.TemporaryDirectory(prefix="jingwei-") as folder:
        for name in beside if main.suffix.lower() == ".shp" else [found[0]]:
            suffix = PurePosixPath(name).suffix.lower()
            if main.suffix.lower() == ".shp" and suffix not in PARTS:
                continue
            unpacked = Path(folder) / f"places{suffix}"
            limit = Limits(left, limits.line_bytes)
            with Source(path, "zip", name, limit).open() as stream, unpacked.open("wb") as out:
                while data := stream.read(CHUNK):
                    out.write(data)
            left -= unpacked.stat().st_size
        inner = Source(Path(folder) / f"places{main.suffix.lower()}", limits=limits)
        where = f"{path.name} › {found[0]}"
        with inner.path.open("rb") as opened:
            shown = magic(opened.read(4096))
        try:
            read = _layer(inner, shown, layer if main.suffix.lower() == ".gpkg" else None)
        except LayerUnsaid as error:
            layers, surfaces = error.layers, error.surfaces
            raise LayerUnsaid(error.what, where=where, todo=error.todo, layers=layers, surfaces=surfaces) from None
        except FileError as error:
            raise FileError(error.what, where=where, todo=error.todo) from None
    read.layers = [PurePosixPath(name).stem for name in found] if main.suffix.lower() == ".shp" else read.layers
    return _finish(read, crs, where, polygons)


def _names(path: Path, limits: Limits, options: FileOptions | None) -> Shapes:
    """A table of places without geometry."""
    table = open_tickets(path, options, limits=limits)
    batches = list(table.batches())
    bad = [(row.row, f"{row.rule}; left out") for batch in batches for row in batch.bad]
    columns = pa.concat_tables([batch.table for batch in batches])
    return Shapes(columns, np.full(columns.num_rows, None, dtype=object), "", "", [], bad, table.warnings)


def _finish(read: Layer, crs: str | None, where: str, polygons: bool) -> Shapes:
    """Bring a layer's geometry to valid shapes in EPSG:4326."""
    if shapely.is_missing(read.geometry).all():
        return Shapes(read.columns, read.geometry, "", "", read.layers, read.repairs, read.notes)
    system, says = (crs, "mapping") if crs else (read.crs, read.crs_from)
    if system is None:
        raise FileError("the file does not say which coordinate system it is in", where=where, todo=_ASK)
    repairs: Repairs = list(read.repairs)
    geometry = cleaned(in_degrees(read.geometry, system, where, repairs), polygons, repairs)
    if shapely.is_missing(geometry).all():
        what = "no polygon" if polygons else "no geometry that can be read"
        raise FileError(f"the file holds {what}", where=where, todo=f"Give the boundaries as polygons, in {READ}.")
    return Shapes(read.columns, geometry, system, says, read.layers, sorted(repairs), read.notes)
