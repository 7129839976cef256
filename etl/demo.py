"""The demo district as a store: built aside, put in its place when it is whole.

青禾区 (990101) does not exist. A build that was broken off leaves nothing behind and begins anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from data.errors import StoreBusy
from data.progress import Progress
from data.settings import Settings
from data.store import FILE, Store
from etl.demo_build import SEED, build_town
from etl.demo_town import CODE, CRS, NAME, ZONE, Town, write


def build(home: Path, preset: str, seed: int = SEED, *, progress: Progress, settings: Settings | None = None) -> str:
    """Make the demo district in `home`; a sentence that says what was done. Raises StoreBusy where there is a store."""
    file = home / FILE
    if file.exists():
        raise StoreBusy("there is a store already.", where=str(file), todo="Choose another folder with JINGWEI_HOME.")
    town = build_town(preset, seed, progress)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=home) as name:
        folder = Path(name)
        with Store.create(folder, name=NAME, code=CODE, zone=ZONE, crs=CRS, simulated=True, settings=settings) as store:
            fill(store, town, progress)
        (folder / FILE).rename(file)
    return f"{file}: demo district {NAME} ({preset}), {told(town)}"


def fill(store: Store, town: Town, progress: Progress) -> None:
    """Everything that goes into a fresh store: the places now; whatever lives in them follows here."""
    write(store, town, progress)


def told(town: Town) -> str:
    """The town in numbers."""
    counts = (
        (town.streets.num_rows, "streets"),
        (town.communities.num_rows, "communities"),
        (town.estates.num_rows, "estates"),
        (town.grids.num_rows, "grids"),
        (town.micro_grids.num_rows, "micro-grids"),
        (int(town.district["households"][0].as_py()), "households"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts)
