"""GeoJSON (RFC 7946) by Python's json and shapely alone: text from outside never reaches GDAL's guessing.

The 2008 draft let a file name its coordinate system in a "crs" member; files with it are still about, so it is
honoured. Without it the standard says longitude and latitude.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry import shape

from data.errors import FileError
from etl.archives import Source
from etl.coordinates import OFFSET_SYSTEMS
from etl.encodings import decoded, survey
from etl.gdal import Layer

_GEOMETRIES = {
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"
}  # fmt: skip
WGS84 = "EPSG:4326"
_CONVERT = "Convert it to GeoJSON, GeoPackage or a shapefile (mapshaper and QGIS can)."
_CODE = re.compile(r"EPSG:(?:[\d.]*:)?(\d{4,6})$", re.IGNORECASE)


def read_geojson(source: Source) -> Layer:
    """All features of a GeoJSON file. Raises FileError."""
    try:
        content = json.loads("".join(text for text, _ in decoded(source, survey(source, lines=False))))
    except RecursionError:
        raise FileError("the JSON is nested too deeply", where=source.where, todo="This is no GeoJSON.") from None
    except ValueError as error:
        raise FileError(
            f"the JSON is damaged ({error})", where=source.where, todo="Fetch or export it again."
        ) from None
    features = _features(content, source.where)
    geometry = np.full(len(features), None, dtype=object)
    repairs: list[tuple[int, str]] = []
    for index, feature in enumerate(features):
        geometry[index], note = _geometry(feature.get("geometry"))
        if note:
            repairs.append((index + 1, note))
    crs = _crs(content, source.where)
    return Layer(
        _table(features),
        shapely.force_2d(geometry),
        crs or WGS84,
        [source.name],
        crs_from="file" if crs else "standard",
        repairs=repairs,
    )


def _features(content: Any, where: str) -> list[dict[str, Any]]:
    kind = content.get("type") if isinstance(content, dict) else None
    if kind == "FeatureCollection" and isinstance(content.get("features"), list):
        features = content["features"]
    elif kind == "Feature":
        features = [content]
    elif kind in _GEOMETRIES:
        features = [{"geometry": content, "properties": {}}]
    elif kind == "Topology":
        raise FileError("the file is TopoJSON", where=where, todo=_CONVERT)
    elif isinstance(content, dict) and ("geometryType" in content or "spatialReference" in content):
        raise FileError("the file is Esri JSON", where=where, todo=_CONVERT)
    else:
        raise FileError("the JSON is no GeoJSON: it has no features", where=where, todo=_CONVERT)
    if not features:
        raise FileError("the GeoJSON has no features", where=where, todo="Export it again with its features.")
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else 0
        if not isinstance(properties, dict | None):
            raise FileError("this is not a feature", where=f"{where}, row {number:,}", todo="Fetch or export it again.")
    return list(features)


def _geometry(value: Any) -> tuple[Any, str]:
    """The geometry of a feature, and a note when it cannot be taken as it stands."""
    if value is None:
        return None, ""
    made = shapely.from_geojson(json.dumps(value), on_invalid="ignore") if isinstance(value, dict) else None
    if made is not None:
        return made, ""
    try:
        return shape(value), "a ring was not closed; closed it"
    except Exception:  # shapely passes on whatever the numbers inside run into
        return None, "the geometry cannot be read; left out"


def _crs(content: dict[str, Any], where: str) -> str | None:
    """The system the "crs" member names; None when there is no such member (the standard's WGS 84)."""
    if content.get("coordinates") in OFFSET_SYSTEMS:  # as `etl/plan_files.py` writes them
        return str(content["coordinates"])
    member = content.get("crs")
    if not isinstance(member, dict):
        return None
    properties = member.get("properties") or {}
    name = str(properties.get("name") or properties.get("code") or "")
    if member.get("type") == "EPSG" and name.isdigit():
        return f"EPSG:{name}"
    if "CRS84" in name.upper():
        return WGS84
    found = _CODE.search(name)
    if not found:
        raise FileError(
            f"the coordinate system {name!r} is not known", where=where, todo='Set crs = "EPSG:…" in [geometry].'
        )
    return f"EPSG:{found[1]}"


def _table(features: list[dict[str, Any]]) -> pa.Table:
    """The properties as columns; numbers keep their type where a whole column is of numbers."""
    rows = [feature.get("properties") or {} for feature in features]
    keys = dict.fromkeys(key for row in rows for key in row)
    columns = {key: _column([row.get(key) for row in rows]) for key in keys}
    if "id" not in columns and any(feature.get("id") is not None for feature in features):
        columns["id"] = _column([feature.get("id") for feature in features])
    return pa.table(columns) if columns else pa.table({"row": pa.array(range(1, len(features) + 1), pa.int64())})


def _column(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    for wanted, arrow in (({bool}, pa.bool_()), ({int}, pa.int64()), ({int, float}, pa.float64())):
        if kinds and kinds <= wanted:
            try:
                return pa.array(values, arrow)
            except (pa.ArrowInvalid, OverflowError):
                break
    texts = [
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values
    ]
    return pa.array(texts, pa.string())
