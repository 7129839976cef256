"""GeoPackage and shapefile through GDAL, which is kept on a short lead.

GDAL opens a file by what it holds, not by its name, and some of its formats (VRT above all) are lists of pointers
to other files or hosts. So those drivers are switched off before the library starts, and a file only gets here
after its first bytes have shown that it is one of the two formats.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault(
    "GDAL_SKIP",
    "VRT,OGR_VRT,GDALG,HTTP,WFS,OAPIF,CSW,OGCAPI,EEDA,PLSCENES,Carto,AmigoCloud,Elasticsearch,NGW,ADBC,GPSBabel",
)

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from data.errors import FileError, LayerUnsaid
from etl.archives import CHUNK
from etl.encodings import judge

GEOPACKAGE_IDS = (b"GPKG", b"GP10", b"GP11")
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@dataclass
class Layer:
    """One layer as it is in the file: attributes, geometry in the file's own system, and that system if it is named.

    crs_from: "file" when the file names it, "standard" when the format itself fixes it. repairs: (row from 1, what).
    """

    columns: pa.Table
    geometry: np.ndarray[Any, np.dtype[np.object_]]
    crs: str | None
    layers: list[str]
    notes: list[str] = field(default_factory=list)
    crs_from: str = "file"
    repairs: list[tuple[int, str]] = field(default_factory=list)


def read_geopackage(path: Path, where: str, layer: str | None) -> Layer:
    """The layer of a GeoPackage; several are a question. Raises FileError."""
    with path.open("rb") as file:
        head = file.read(72)
    if head[68:72] not in GEOPACKAGE_IDS:
        raise FileError("the file is an SQLite database but no GeoPackage", where=where, todo="Save it as GeoPackage.")
    try:
        layers = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    except DataSourceError as error:
        raise _unreadable(error, where) from None
    names = [name for name, _ in layers]
    if layer is None:
        layer = _only_layer(layers, where)
    if layer not in names:
        raise FileError(
            f"there is no layer {layer!r}", where=where, todo=f"Set layer in [file] to one of: {', '.join(names)}."
        )
    return _read(path, where, layer, names, None)


def _only_layer(layers: list[tuple[str, str | None]], where: str) -> str:
    """The one layer with geometry, or the only one without."""
    drawn = [(name, kind) for name, kind in layers if kind is not None] or layers
    if len(drawn) == 1:
        return drawn[0][0]
    if not drawn:
        raise FileError("the GeoPackage holds no layer", where=where, todo="Save it again with its layer.")
    listed = ", ".join(f"{name} ({kind})" for name, kind in drawn)
    surfaces = [name for name, kind in drawn if kind and "Polygon" in kind]
    raise LayerUnsaid(
        f"the GeoPackage holds {len(drawn)} layers: {listed}",
        where=where,
        todo=f'Set layer in [file], for example layer = "{(surfaces or [drawn[0][0]])[0]}".',
        layers=[name for name, _ in drawn],
        surfaces=surfaces,
    )


def read_shapefile(path: Path, where: str) -> Layer:
    """A shapefile with its parts beside it. Raises FileError when one that is needed is missing."""
    parts = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in parts]
    if missing:
        raise FileError(
            f"the shapefile comes without its {' and '.join(missing)}",
            where=where,
            todo="A shapefile is several files of one name: .shp, .shx, .dbf and .prj. Give them together, or as one zip.",
        )
    encoding = None if ".cpg" in parts else _dbf_encoding(parts[".dbf"], where)
    return _read(path, where, None, [path.stem], encoding)


def _dbf_encoding(path: Path, where: str) -> str:
    """The encoding of a .dbf that has no .cpg: judged by its bytes, since its header seldom says."""
    high = bytearray()
    with path.open("rb") as file:
        file.read(32)
        while data := file.read(CHUNK):
            high += b"\n".join(word for word in data.split() if not word.isascii())
            if len(high) > CHUNK:
                break
    return judge(bytes(high), where) if high else "utf-8"


def _read(path: Path, where: str, layer: str | None, layers: list[str], encoding: str | None) -> Layer:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            meta, table = pyogrio.read_arrow(path, layer=layer, encoding=encoding)
        except (DataSourceError, DataLayerError, pa.ArrowException) as error:
            raise _unreadable(error, where) from None
    name = meta["geometry_name"] or "wkb_geometry"
    notes = [str(warning.message) for warning in caught]
    if name not in table.column_names:
        return Layer(table, np.full(table.num_rows, None, dtype=object), None, layers, notes)
    binary = table[name].to_numpy()
    geometry = shapely.from_wkb(binary, on_invalid="ignore")
    repairs = [
        (row, "the geometry cannot be read; left out")
        for row, (made, given) in enumerate(zip(geometry, binary, strict=True), 1)
        if made is None and given
    ]
    return Layer(table.drop_columns([name]), shapely.force_2d(geometry), meta["crs"], layers, notes, repairs=repairs)


def _unreadable(error: Exception, where: str) -> FileError:
    text = str(error).split(";", maxsplit=1)[0]
    return FileError(f"the file is damaged ({text})", where=where, todo="Fetch or export it again.")
