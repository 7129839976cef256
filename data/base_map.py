"""The base map: roads, water, parks, rail and large sites, kept in the store so that no intranet has to ask another host.

Features are drawn and never counted; a table of a theme replaces what the store had of it. Themes and their kinds:
road (arterial, collector, local; lines), rail (rail; lines), water (river, creek, lake), park (park, riverside, green,
hill, farmland), site (school, hospital, mall, market, campus, industry, office, track), building (the kind of its site:
only houses nobody lives in, the others are places). Rank 1 is what is seen from the farthest away.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from data.errors import InputError

if TYPE_CHECKING:
    from data.store import Store

THEMES = ("park", "site", "water", "building", "rail", "road")  # in the order they are painted, the lowest first
Box = tuple[float, float, float, float]  # west, south, east, north in degrees

FEATURE_ROWS: pa.Schema = pa.schema(
    [
        ("theme", pa.string()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("rank", pa.int32()),
        ("geometry", pa.binary()),  # WKB, EPSG:4326
    ]
)


def put_features(store: Store, rows: pa.Table) -> int:
    """Write features (columns of FEATURE_ROWS) in the place of all that the store has of their themes; how many."""
    themes = sorted(set(rows["theme"].to_pylist()))
    check_themes(themes)
    job = partial(write_features, rows=rows.select(FEATURE_ROWS.names).cast(FEATURE_ROWS), themes=themes)
    return store.writer.run(job, label="base map").result()


def write_features(con: duckdb.DuckDBPyConnection, rows: pa.Table, themes: list[str]) -> int:
    """The writing of `put_features`, part of a transaction."""
    con.execute("DELETE FROM base_feature WHERE list_contains($1, theme)", [themes])
    con.register("put_features", rows)
    con.execute(
        """INSERT INTO base_feature SELECT nextval('base_feature_ids'), theme, kind, name, rank, ST_GeomFromWKB(geometry)
           FROM put_features"""
    )
    con.unregister("put_features")
    return int(rows.num_rows)


def features(store: Store, themes: Iterable[str] | None = None, bbox: Box | None = None) -> pa.Table:
    """feature_id, theme, kind, name, rank, geometry (WKB, EPSG:4326) of some themes (None: all), ordered by feature_id.

    bbox: west, south, east, north in degrees; only features whose own box meets it.
    """
    wanted = list(THEMES if themes is None else themes)
    check_themes(wanted)
    within = ""
    if bbox is not None:
        within = """AND ST_XMax(geometry) >= $west AND ST_XMin(geometry) <= $east
                    AND ST_YMax(geometry) >= $south AND ST_YMin(geometry) <= $north"""
    box = {} if bbox is None else dict(zip(("west", "south", "east", "north"), bbox, strict=True))
    return store.arrow(
        f"""SELECT feature_id, theme, kind, name, rank, ST_AsWKB(geometry)::BLOB AS geometry FROM base_feature
            WHERE list_contains($themes, theme) {within} ORDER BY feature_id""",
        {"themes": wanted, **box},
    )


def check_themes(themes: Iterable[str]) -> None:
    """Raise InputError for a theme there is not."""
    unknown = sorted(set(themes) - set(THEMES))
    if unknown:
        raise InputError(f"there is no theme {', '.join(unknown)}.", where="theme", todo=f"Known: {', '.join(THEMES)}.")
