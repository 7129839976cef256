"""The demo district as plain tables: every place, road and site of a town that does not exist, before it is written.

Rows refer to one another by row number: `buildings["estate"]` counts into `estates`, `blocks["micro_grid"]` into
`micro_grids`, and so on. `geometry` is WKB in EPSG:4326; `lon`, `lat` are a point inside the place; `x`, `y` the same in
the metric CRS `CRS`. The same preset and seed give the same tables on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import sha256

import numpy as np
import pyarrow as pa
import shapely

from data.founding import COMPANIES, FACILITIES, PLACES, POSTS, Founding, found_town
from data.progress import Progress
from data.store import Store

NAME, CODE, ZONE, CRS = "青禾区", "990101", "Asia/Shanghai", "EPSG:4550"
CENTRE = (123.0, 29.6)  # in the open sea, so that nobody takes it for a real town


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


_INDEX, _TEXT = pa.int32(), pa.string()
_POINT = {"lon": pa.float64(), "lat": pa.float64(), "x": pa.float64(), "y": pa.float64()}
_SHAPE = {**_POINT, "area_m2": pa.float64(), "geometry": pa.binary()}

SCHEMAS: dict[str, pa.Schema] = {
    # One row.
    "district": _schema(code=_TEXT, name=_TEXT, households=_INDEX, **_SHAPE),
    # 街道 and 镇, never roads.
    "streets": _schema(code=_TEXT, name=_TEXT, households=_INDEX, **_SHAPE),
    # kind: residential industrial international transitional.
    "communities": _schema(code=_TEXT, name=_TEXT, kind=_TEXT, street=_INDEX, households=_INDEX, **_SHAPE),
    # kind: dedicated or null; site: row of `sites` a dedicated grid is made for, else null.
    "grids": _schema(
        code=_TEXT, name=_TEXT, kind=_TEXT, community=_INDEX, site=_INDEX, households=_INDEX, **_SHAPE
    ),
    "micro_grids": _schema(code=_TEXT, name=_TEXT, grid=_INDEX, households=_INDEX, **_SHAPE),
    "companies": _schema(code=_TEXT, name=_TEXT),
    # kind: commodity resettlement work_unit mixed; aliases: short and old names; address: 青禾大道12号; company: null where
    # nobody manages it.
    "estates": _schema(
        code=_TEXT, name=_TEXT, aliases=pa.list_(_TEXT), kind=_TEXT, old=pa.bool_(), company=_INDEX, community=_INDEX,
        households=_INDEX, address=_TEXT, **_SHAPE,
    ),
    # number: 3 of 3号楼; kind: slab tower courtyard house.
    "buildings": _schema(
        code=_TEXT, name=_TEXT, estate=_INDEX, number=_INDEX, kind=_TEXT, floors=_INDEX, households=_INDEX, **_SHAPE
    ),
    # unit: 2 of 2单元; low, high: its floors.
    "blocks": _schema(
        code=_TEXT, name=_TEXT, building=_INDEX, unit=_INDEX, low=_INDEX, high=_INDEX, households=_INDEX,
        micro_grid=_INDEX, **_SHAPE,
    ),
    # kind: manhole hydrant lamp service_station.
    "facilities": _schema(code=_TEXT, name=_TEXT, kind=_TEXT, community=_INDEX, **_POINT),
    # level: street community grid; place: row of that table; counts, no names.
    "posts": _schema(level=_TEXT, place=_INDEX, kind=_TEXT, required=_INDEX, actual=_INDEX, on_duty=_INDEX),
    # Points every 60 m or so along named roads; kind: arterial collector local.
    "road_points": _schema(name=_TEXT, kind=_TEXT, community=_INDEX, **_POINT),
    # kind: park riverside school hospital mall market campus industry office green hill station.
    "sites": _schema(name=_TEXT, kind=_TEXT, community=_INDEX, grid=_INDEX, **_SHAPE),
    # Rows of data/base_map.py's FEATURE_ROWS.
    "base": _schema(theme=_TEXT, kind=_TEXT, name=_TEXT, rank=_INDEX, geometry=pa.binary()),
}  # fmt: skip


@dataclass(frozen=True)
class Town:
    """A whole town; each table has the columns of SCHEMAS."""

    preset: str
    seed: int
    district: pa.Table
    streets: pa.Table
    communities: pa.Table
    grids: pa.Table
    micro_grids: pa.Table
    companies: pa.Table
    estates: pa.Table
    buildings: pa.Table
    blocks: pa.Table
    facilities: pa.Table
    posts: pa.Table
    road_points: pa.Table
    sites: pa.Table
    base: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """Every table by name, in the order of SCHEMAS."""
        return {name: getattr(self, name) for name in SCHEMAS}

    def digest(self) -> str:
        """SHA-256 over all tables: the same town has the same."""
        found = sha256()
        for name, table in self.tables().items():
            found.update(name.encode())
            for column in table.combine_chunks().itercolumns():
                found.update(repr(column.to_pylist()).encode())
        return found.hexdigest()


assert {field.name for field in fields(Town)} == {"preset", "seed", *SCHEMAS}  # noqa: S101  (kept in step)


# Level of the tree: table of the town, and the column that counts into the table of the level above.
_LEVELS = {
    "district": ("district", None, None),
    "street": ("streets", None, None),
    "community": ("communities", "street", "streets"),
    "grid": ("grids", "community", "communities"),
    "micro_grid": ("micro_grids", "grid", "grids"),
    "estate": ("estates", "community", "communities"),
    "building": ("buildings", "estate", "estates"),
    "block": ("blocks", "building", "buildings"),
}


def write(store: Store, town: Town, progress: Progress) -> int:
    """Write a town into a fresh store; how many places there are then."""
    tables = town.tables()
    places = {level: _places(tables, level) for level in _LEVELS}
    companies = town.companies.select(COMPANIES.names)
    founding = Founding("第一版网格方案", places, companies, _facilities(town), _posts(town), town.base)
    return found_town(store, founding, progress)


def _places(tables: dict[str, pa.Table], level: str) -> pa.Table:
    name, column, above = _LEVELS[level]
    own = tables[name]
    given: dict[str, pa.Array | pa.ChunkedArray] = {
        field.name: own[field.name] if field.name in own.column_names else pa.nulls(own.num_rows, field.type)
        for field in PLACES
        if field.name not in ("parent_code", "company")
    }
    none = pa.nulls(own.num_rows, pa.string())
    if level == "building":
        given["kind"] = none  # a shape of house, which the tree does not know
    given["parent_code"] = tables[above]["code"].take(own[column]) if above else none
    given["company"] = tables["companies"]["name"].take(own["company"]) if level == "estate" else none
    return pa.table([given[field.name] for field in PLACES], schema=PLACES)


def _facilities(town: Town) -> pa.Table:
    own = town.facilities
    points = shapely.points(np.column_stack([own["lon"].to_numpy(), own["lat"].to_numpy()]))
    geometry = pa.array(shapely.to_wkb(points).tolist(), pa.binary())
    community = town.communities["code"].take(own["community"])
    return pa.table([own["code"], own["name"], own["kind"], community, geometry], schema=FACILITIES)


def _posts(town: Town) -> pa.Table:
    names = {"street": "streets", "community": "communities", "grid": "grids"}
    codes = {level: town.tables()[name]["code"].to_pylist() for level, name in names.items()}
    own = town.posts
    place = [codes[level][row] for level, row in zip(own["level"].to_pylist(), own["place"].to_pylist(), strict=True)]
    return pa.table([own["level"], pa.array(place, pa.string()), *(own[key] for key in POSTS.names[2:])], schema=POSTS)
