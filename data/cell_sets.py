"""Cells: what drafts of the plan of grids are drawn with, made once for a state of the places and kept.

`sources` hands out what they are made of, `planning/ground.py` makes them, `keep` writes them down, `cell_set` reads them as
columns. The ground of every building lies inside the smallest grid or micro-grid it stands in, so the cells of a grid are
exactly the grid, and a draft that changes nothing has the geometry of the plan in force.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data.atlas import Atlas
from data.database import Connection
from data.errors import NotFound, Refused

if TYPE_CHECKING:
    from data.store import Store

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
HOMES = ("building", "block")

CELLS: pa.Schema = pa.schema(
    [
        ("cell", pa.int32()),
        ("place_id", pa.int32()),
        ("level", pa.string()),
        ("households", pa.int32()),
        ("community_id", pa.int32()),
        ("estate_id", pa.int32()),
        ("grid", pa.int32()),
        ("micro", pa.int32()),
        ("area_m2", pa.float64()),
        ("perimeter_m", pa.float64()),
        ("geometry", pa.binary()),
    ]
)
BORDERS: pa.Schema = pa.schema([("tail", pa.int32()), ("head", pa.int32()), ("length_m", pa.float64())])


@dataclass(frozen=True)
class Sources:
    """Places as rows: place_id, code, name, parent_id, kind, households, geometry (shapely, EPSG:4326; None where not known)."""

    grids: list[dict[str, Any]]
    micro_grids: list[dict[str, Any]]
    buildings: list[dict[str, Any]]
    blocks: list[dict[str, Any]]


@dataclass(frozen=True)
class Label:
    """A grid or micro-grid of the plan the cells were made over."""

    place_id: int
    level: str
    code: str
    name: str
    dedicated: bool
    parent_id: int


@dataclass(frozen=True, eq=False)
class CellSet:
    """n cells as columns, their m borders, and the grids and micro-grids of the plan by place id.

    geometry: WKB, EPSG:4326; lon, lat: a point inside; estate -1: none; micro 0: none.
    """

    cell_set_id: int
    plan_id: int
    code: list[str]
    name: list[str]
    level: list[str]
    place_id: Numbers
    households: Numbers
    community: Numbers
    estate: Numbers
    grid: Numbers
    micro: Numbers
    area: Reals
    perimeter: Reals
    geometry: NDArray[Any]
    lon: Reals
    lat: Reals
    tail: Numbers
    head: Numbers
    length: Reals
    labels: dict[int, Label]
    lost: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.households)


_KEPT: WeakKeyDictionary[Store, dict[int, CellSet]] = WeakKeyDictionary()


def sources(store: Store, atlas: Atlas) -> Sources:
    """What cells are made of, in an atlas with a plan. Raises Refused where there is no plan, or grids without a shape."""
    if atlas.plan_id is None:
        raise Refused("there is no plan of grids to draw on.", todo="Import grids first.")
    found = {level: _places(store, atlas, level) for level in ("grid", "micro_grid", *HOMES)}
    bare = [row["code"] for level in ("grid", "micro_grid") for row in found[level] if row["geometry"] is None]
    if bare:
        raise Refused(f"{len(bare)} grids have no shape.", where=", ".join(bare[:3]), todo="Import their boundaries.")
    return Sources(found["grid"], found["micro_grid"], found["building"], found["block"])


def _places(store: Store, atlas: Atlas, level: str) -> list[dict[str, Any]]:
    rows = store.rows(
        """SELECT place_id, p.code, v.name, v.parent_id, v.kind, v.households, ST_AsWKB(v.geometry)::BLOB AS geometry
           FROM place_version v JOIN place p USING (place_id)
           WHERE p.level = $level AND v.effective_from <= $day AND $day < v.effective_to
               AND (v.plan_id IS NULL OR v.plan_id = $plan) ORDER BY p.code""",
        {"level": level, "day": atlas.effective_from, "plan": atlas.plan_id},
    )
    for row in rows:
        row["geometry"] = None if row["geometry"] is None else shapely.from_wkb(row["geometry"])
    return rows


def known_set(store: Store, atlas: Atlas) -> int | None:
    """The cells that were made for this state of the places; None where none were."""
    rows = store.rows(
        "SELECT cell_set_id FROM cell_set WHERE atlas_digest = $1 ORDER BY cell_set_id DESC LIMIT 1", [atlas.digest]
    )
    return int(rows[0]["cell_set_id"]) if rows else None


def keep(store: Store, atlas: Atlas, cells: pa.Table, borders: pa.Table, lost: list[str]) -> int:
    """Write cells and borders down (columns of CELLS, BORDERS); the set's id."""

    def job(con: Connection) -> int:
        con.register("made_cells", cells)
        con.register("made_borders", borders)
        row = con.execute(
            "INSERT INTO cell_set VALUES (nextval('cell_set_ids'), $1, $2, $3, $4) RETURNING cell_set_id",
            [atlas.plan_id, atlas.digest, store.now(), json.dumps(lost)],
        ).fetchone()
        number = int(row[0]) if row else 0
        con.execute(
            """INSERT INTO cell SELECT $1, cell, place_id, level, households, community_id, estate_id, grid, micro, area_m2,
               perimeter_m, ST_GeomFromWKB(geometry) FROM made_cells""",
            [number],
        )
        con.execute("INSERT INTO cell_border SELECT $1, tail, head, length_m FROM made_borders", [number])
        return number

    return store.writer.run(job, label="cells", touches=(), quiet=True).result()


def cell_set(store: Store, cell_set_id: int) -> CellSet:
    """A set by its id; it never changes. Raises NotFound."""
    kept = _KEPT.setdefault(store, {})
    if cell_set_id not in kept:
        kept[cell_set_id] = _read(store, cell_set_id)
    return kept[cell_set_id]


def _read(store: Store, number: int) -> CellSet:
    head = store.rows("SELECT plan_id, lost FROM cell_set WHERE cell_set_id = $1", [number])
    if not head:
        raise NotFound("there are no such cells.", where=f"cells {number}")
    table = store.arrow(_CELLS, [number])
    borders = store.arrow(
        "SELECT tail, head, length_m FROM cell_border WHERE cell_set_id = $1 ORDER BY tail, head", [number]
    )

    def whole(name: str, missing: int = -1) -> Numbers:
        return np.asarray(table.column(name).fill_null(missing).to_numpy(), np.int64)

    def real(name: str) -> Reals:
        return np.asarray(table.column(name).to_numpy(), np.float64)

    labels = store.rows(_LABELS, {"set": number, "plan": head[0]["plan_id"]})
    return CellSet(
        number,
        int(head[0]["plan_id"]),
        table.column("code").to_pylist(),
        table.column("name").to_pylist(),
        table.column("level").to_pylist(),
        whole("place_id"),
        whole("households"),
        whole("community_id"),
        whole("estate_id"),
        whole("grid"),
        whole("micro"),
        real("area_m2"),
        real("perimeter_m"),
        np.array(table.column("geometry").to_pylist(), dtype=object),
        real("lon"),
        real("lat"),
        np.asarray(borders.column("tail").to_numpy(), np.int64),
        np.asarray(borders.column("head").to_numpy(), np.int64),
        np.asarray(borders.column("length_m").to_numpy(), np.float64),
        {row["place_id"]: Label(**row) for row in labels},
        json.loads(head[0]["lost"]),
    )


_CELLS = """SELECT c.cell, coalesce(p.code, '') AS code, coalesce(n.name, '') AS name, c.level, c.place_id, c.households, c.community_id,
        c.estate_id, c.grid, c.micro, c.area_m2, c.perimeter_m, ST_AsWKB(c.geometry)::BLOB AS geometry,
        ST_X(ST_PointOnSurface(c.geometry)) AS lon, ST_Y(ST_PointOnSurface(c.geometry)) AS lat
    FROM cell c LEFT JOIN place p USING (place_id)
    LEFT JOIN (SELECT place_id, arg_max(name, effective_from) AS name FROM place_version GROUP BY place_id) n USING (place_id)
    WHERE c.cell_set_id = $1 ORDER BY c.cell"""
_LABELS = """SELECT v.place_id, any_value(p.level) AS level, any_value(p.code) AS code,
        arg_max(v.name, v.effective_from) AS name, coalesce(arg_max(v.kind, v.effective_from) = 'dedicated', false) AS dedicated,
        arg_max(v.parent_id, v.effective_from) AS parent_id
    FROM place_version v JOIN place p USING (place_id)
    WHERE v.plan_id = $plan AND v.place_id IN (
        SELECT grid FROM cell WHERE cell_set_id = $set UNION SELECT micro FROM cell WHERE cell_set_id = $set)
    GROUP BY v.place_id"""
