"""What a plan is drawn on: cells with households, from a file or from the store's buildings or micro-grids."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data.errors import InputError
from data.levels import PLANNED
from data.nesting import metric
from data.plan_extracts import day_of, homes, outlines, plan_meant, planned_places
from data.store import Store
from etl.drawn_plans import UNKNOWN
from etl.plan_differences import holders
from etl.plan_files import Drawing, read_drawing
from planning.cells import tessellated

Shapes = NDArray[np.object_]
Texts = NDArray[np.str_]


@dataclass(frozen=True)
class Cells:
    """n cells: metric shapes, names, households, and the codes of community, estate, part in force and dedicated grid ("" for
    none)."""

    shape: Shapes
    name: Texts
    households: NDArray[np.int64]
    community: Texts
    estate: Texts
    current: Texts
    dedicated: Texts
    metric: str

    def table(self) -> pa.Table:
        """As a table, for the worker."""
        columns = {"geometry": pa.array(list(shapely.to_wkb(self.shape)), pa.binary()), "households": self.households}
        texts = {name: getattr(self, name) for name in ("name", "community", "estate", "current", "dedicated")}
        return pa.table({**columns, **{name: pa.array(value.tolist(), pa.string()) for name, value in texts.items()}})


def level_of(level: str) -> str:
    """A level of plans. InputError for another."""
    if level not in PLANNED:
        raise InputError(f"{level} is no level of plans.", where="--level", todo=f"Choose one of {', '.join(PLANNED)}.")
    return level


def from_file(file: Path, columns: dict[str, str], layer: str | None, system: str = "") -> Cells:
    """The cells of a file; a cell without a count has no households. InputError where the file has no column of them."""
    read = read_drawing(file, columns=columns, layer=layer, usual="cells", metric=system)
    if "households" not in read.columns:
        raise InputError(
            "the file has no column of households.", where=file.name, todo="Name it: --column households=…"
        )
    count = read.counts("households")
    name = read.text("code")
    name = np.where(name == "", np.array([str(i) for i in range(1, len(name) + 1)]), name)
    return _sound(read, name, np.where(count == UNKNOWN, 0, count), file.name)


def _sound(read: Drawing, name: Texts, count: NDArray[np.int64], where: str) -> Cells:
    bad = shapely.is_missing(read.shape) | shapely.is_empty(read.shape)
    if bad.any():
        rows = ", ".join(str(i + 1) for i in np.flatnonzero(bad)[:5])
        raise InputError(
            f"{int(bad.sum())} cells have no area.", where=f"{where}, row {rows}", todo="Repair them or leave them out."
        )
    kind = read.text("kind")
    dedicated = np.where(kind == "dedicated", name, "")
    return Cells(
        read.shape, name, count, read.text("community"), read.text("estate"), read.text("current"), dedicated, read.metric
    )  # fmt: skip


def of_store(store: Store, level: str, plan_word: str | None = None) -> Cells:
    """The cells of the store for parts of a level: micro-grids for grids; blocks, spread over their community, for
    micro-grids."""
    return _micro_grids(store, plan_word) if level == "grid" else _blocks(store, plan_word)


def _micro_grids(store: Store, plan_word: str | None) -> Cells:
    plan = plan_meant(store, plan_word)
    grids, small = planned_places(store, plan, "grid"), planned_places(store, plan, "micro_grid")
    if not small.num_rows:
        raise InputError("the plan has no micro-grids to make grids of.", where=plan.name, todo="Give cells in a file.")
    alone = _alone(grids)
    every = pa.concat_tables([small, alone])
    shape = _metric(every, store)
    home = np.array(every["parent"].to_pylist(), dtype=object)
    code = np.array(every["code"].to_pylist(), dtype=np.str_)
    above = dict(zip(grids["code"].to_pylist(), grids["parent"].to_pylist(), strict=True))
    first = small.num_rows
    current = np.array([one or "" for one in home[:first]] + code[first:].tolist(), dtype=np.str_)
    community = np.array([above.get(one) or "" for one in current], dtype=np.str_)
    dedicated = np.array([""] * first + code[first:].tolist(), dtype=np.str_)
    households = np.array([n or 0 for n in every["households"].to_pylist()], np.int64)
    nothing = np.full(len(code), "", dtype=np.str_)
    return Cells(shape, code, households, community, nothing, current, dedicated, store.deployment.crs)


def _alone(grids: pa.Table) -> pa.Table:
    """The dedicated grids: they have no micro-grids and stay as they are."""
    return grids.filter(pa.compute.equal(pa.compute.fill_null(grids["kind"], ""), "dedicated"))


def _blocks(store: Store, plan_word: str | None) -> Cells:
    plan = plan_meant(store, plan_word)
    day = day_of(store, plan)
    found, areas = homes(store, day), outlines(store, "community", day)
    known = np.array([one is not None for one in found["community"].to_pylist()])
    if not found.num_rows or not areas.num_rows or not known.any():
        raise InputError(
            "there are no buildings with households in communities.", todo="Import them, or give cells in a file."
        )
    found = found.filter(pa.array(known))
    blocks = geopandas.GeoDataFrame({"community": found["community"].to_pylist()}, geometry=_metric(found, store))
    shapes = _metric(areas, store) - shapely.union_all(_metric(_alone(planned_places(store, plan, "grid")), store))
    communities = geopandas.GeoDataFrame({"code": areas["code"].to_pylist()}, geometry=shapes).set_index("code")
    cells = tessellated(_within(blocks, communities), communities)
    small = planned_places(store, plan, "micro_grid")
    owner = holders(
        _metric(small, store), np.asarray(shapely.point_on_surface(blocks.geometry.to_numpy()), dtype=object)
    )
    codes = np.array([*small["code"].to_pylist(), ""], dtype=np.str_)
    return Cells(
        cells.geometry.to_numpy(), np.array(found["code"].to_pylist(), dtype=np.str_),
        np.array(found["households"].to_pylist(), np.int64), np.array(found["community"].to_pylist(), dtype=np.str_),
        np.array([one or "" for one in found["estate"].to_pylist()], dtype=np.str_), codes[owner],
        np.full(len(cells), "", dtype=np.str_), store.deployment.crs,
    )  # fmt: skip


def _within(blocks: geopandas.GeoDataFrame, communities: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """The blocks, each cut to its community: a footprint that leans over a border counts where it belongs."""
    whole = communities.geometry.loc[blocks["community"]].to_numpy()
    shapes = blocks.geometry.to_numpy()
    return blocks.set_geometry(
        geopandas.GeoSeries(np.where(shapely.intersects(shapes, whole), shapes, shapely.point_on_surface(whole)))
    )


def _metric(table: pa.Table, store: Store) -> Shapes:
    shapes = np.array(table["geometry"].to_pylist(), dtype=object)
    return np.asarray(metric(shapely.from_wkb(shapes), store.deployment.crs), dtype=object)
