"""A small district for the demo's work: the sample's places, without its tickets, in a store with a time of its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from data.progress import Quiet
from data.settings import Settings
from data.store import Store
from etl.demo_work import Worked, work_a_year
from etl.importing import import_places, load
from tests.sample import HERE, PLACE_FILES, write_places
from tests.sample.town import CODE, CRS, NAME, ZONE, build_town


def empty_district(home: Path, shown_at: datetime) -> Store:
    """Places only."""
    settings = Settings(home=home, memory_share=0.1, threads=2)
    store = Store.create(
        home, name=NAME, code=CODE, zone=ZONE, crs=CRS, simulated=True, shown_at=shown_at, settings=settings
    )
    town = build_town()
    for kind, levels in PLACE_FILES.items():
        path = home / f"{kind}.geojson"
        write_places(town, levels, path)
        mapping, text = load(str(HERE / f"{kind}.toml"), kind)
        import_places(store, path, mapping, text, progress=Quiet())
    return store


def district(home: Path, shown_at: datetime, *, seed: int = 1, total: int = 3000) -> tuple[Store, Worked]:
    """Places and the year of work up to what the clock shows."""
    store = empty_district(home, shown_at)
    return store, work_a_year(store, "tiny", seed, total=total)
