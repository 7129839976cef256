"""The demo district as a store: built aside, put in its place when it is whole.

青禾区 (990101) does not exist. A build that was broken off leaves nothing behind and begins anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from data.database import machine_memory
from data.errors import StoreBusy
from data.progress import Progress
from data.settings import Settings
from data.store import FILE, Store
from etl.demo_build import SEED, build_town
from etl.demo_judgements import judge
from etl.demo_listings import list_estates
from etl.demo_town import CODE, CRS, NAME, ZONE, Town, write
from etl.demo_work import BEGINS, Worked, first_moment, work_a_year

MEMORY = 2e9  # bytes the database may take while a demo is built: a megacity shall not need a large machine


def build(home: Path, preset: str, seed: int = SEED, *, progress: Progress, settings: Settings | None = None) -> str:
    """Make the demo district in `home`; a sentence that says what was done. Raises StoreBusy where there is a store."""
    file = home / FILE
    if file.exists():
        raise StoreBusy("there is a store already.", where=str(file), todo="Choose another folder with JINGWEI_HOME.")
    settings = _frugal(settings or Settings(home=home))
    town = build_town(preset, seed, progress)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=home) as name:
        folder = Path(name)
        place = {"name": NAME, "code": CODE, "zone": ZONE, "crs": CRS}
        shown_at = first_moment(ZoneInfo(ZONE))
        with Store.create(folder, **place, simulated=True, shown_at=shown_at, settings=settings) as store:
            worked = fill(store, town, progress)
        (folder / FILE).rename(file)
    tickets = f"{worked.tickets:,} tickets\n{addresses_told(worked.addresses)}"
    return f"{file}: demo district {NAME} ({preset}), {told(town)}, {tickets}"


def _frugal(settings: Settings) -> Settings:
    share = min(settings.memory_share, MEMORY / machine_memory())
    return settings.model_copy(update={"memory_share": share})


def fill(store: Store, town: Town, progress: Progress) -> Worked:
    """Everything that goes into a fresh store: the places, then a year of work in them, then what was judged of it."""
    write(store, town, progress)
    worked = work_a_year(store, town.preset, town.seed, progress)
    progress.step("put estates right", 0, None)
    list_estates(store, worked.listed, BEGINS)
    progress.step("enter marks, make lists", 0, None)
    judge(store, town.seed, BEGINS, lists=town.preset != "megacity")  # of millions of tickets they take minutes
    return worked


def addresses_told(counts: dict[str, int]) -> str:
    """The share of addresses that were placed at each level."""
    total = max(1, sum(counts.values()))
    shares = {("for review" if level == "open" else level): f"{n / total:.1%} ({n:,})" for level, n in counts.items()}
    return f"{sum(counts.values()):,} of them by address: " + ", ".join(f"{at} {share}" for at, share in shares.items())


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
