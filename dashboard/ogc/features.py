"""A page of features as GeoJSON. Shapes are written by GEOS, so ten thousand outlines take a fraction of a second."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from dashboard.ogc.asked import id_of
from layers.reference_systems import System, outward


def feature_texts(rows: pa.Table, system: System) -> list[str]:
    """Each row as the text of a feature."""
    shapes = shapely.from_wkb(np.array(rows["geometry"].to_pylist(), dtype=object))
    drawn = shapely.to_geojson(outward(shapes, system)) if len(shapes) else []
    said = rows.drop_columns(["a", "b", "geometry"]).to_pylist()
    keys = zip(rows["a"].to_pylist(), rows["b"].to_pylist(), strict=True)
    return [
        f'{{"type":"Feature","id":{json.dumps(id_of(a, b))},"geometry":{shape or "null"},"properties":{_properties(row)}}}'
        for (a, b), shape, row in zip(keys, drawn, said, strict=True)
    ]


def collection_text(members: list[str], about: dict[str, Any]) -> bytes:
    """A FeatureCollection: numbers and links first, then the features."""
    head = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False)[:-1]
    return f'{head},"features":[{",".join(members)}]}}'.encode()


def feature_text(member: str, links: list[dict[str, Any]]) -> bytes:
    """One feature with its links."""
    return f'{member[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}'.encode()


def _properties(row: dict[str, Any]) -> str:
    return json.dumps({name: _json_value(value) for name, value in row.items()}, ensure_ascii=False)


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value
