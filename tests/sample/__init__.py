"""The sample district of the tests: made up, deterministic, and imported the way a city's files are.

青禾区 (990101) does not exist. Its half year of tickets ends on 2025-06-30. The store is built aside and takes its place
when it is whole, so that a start that was broken off begins anew.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from data.progress import Progress
from data.settings import Settings
from data.store import FILE, Store
from etl.importing import import_places, import_tickets, load
from tests.sample.tickets import HEADER, build_tickets
from tests.sample.town import CODE, CRS, NAME, ZONE, Town, build_town

HERE = Path(__file__).parent
PLACE_FILES = {"places": ("district", "street", "community", "estate"), "plan": ("grid", "micro_grid")}


def make_sample(settings: Settings, progress: Progress) -> str:
    """Make the sample district unless there is a store; a sentence that says what was done."""
    file = settings.home / FILE
    if file.exists():
        return f"{file}: there is a store, nothing to do"
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sample-", dir=settings.home) as name:
        folder = Path(name)
        with Store.create(folder, name=NAME, code=CODE, zone=ZONE, crs=CRS, simulated=True, settings=settings) as store:
            report = fill(store, folder, progress)
        (folder / FILE).rename(file)
    return f"{file}: sample district {NAME}, {report['new']:,} tickets"


def fill(store: Store, folder: Path, progress: Progress) -> dict[str, Any]:
    """Write the sample's files to a folder and import them; the report of the tickets."""
    progress.step("draw the sample district", 0, None)
    town = build_town()
    for kind, levels in PLACE_FILES.items():
        path = folder / f"{kind}.geojson"
        write_places(town, levels, path)
        mapping, text = load(str(HERE / f"{kind}.toml"), kind)
        import_places(store, path, mapping, text, progress=progress)
    path = folder / "tickets.csv"
    write_tickets(build_tickets(town), path)
    mapping, text = load(str(HERE / "tickets.toml"), "tickets")
    return import_tickets(store, path, mapping, text, progress=progress)


def write_places(town: Town, levels: Iterable[str], path: Path) -> None:
    """Places of some levels as GeoJSON in degrees, vertices rounded alike so that neighbours still share them."""
    change = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

    def degrees(points: Any) -> Any:
        return np.round(np.column_stack(change.transform(points[:, 0], points[:, 1])), 8)

    features = []
    for level in levels:
        for row in town.rows[level]:
            shape = shapely.transform(row["shape"], degrees)
            properties = {key: value for key, value in row.items() if key != "shape"}
            blank = dict.fromkeys(("parent", "kind", "old", "households", "company"))
            features.append(
                {
                    "type": "Feature",
                    "properties": {**blank, **properties},
                    "geometry": json.loads(shapely.to_geojson(shape)),
                }
            )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")


def write_tickets(rows: list[dict[str, Any]], path: Path) -> None:
    """Tickets as CSV with a byte order mark, as a hotline's export has it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
