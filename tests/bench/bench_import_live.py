"""One million tickets imported into 20,000 grids while a server shows the district and fifty moves a second come in by the API: how long
a move waits for its answer, and how long until a screen has been told.

Two moves of five open cases of an earlier import again, whose channel the screens filter by, so that what they show says which moves it has
in it. Sizes: JINGWEI_BENCH_TICKETS, JINGWEI_BENCH_GRIDS.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from data.settings import Settings
from data.store import Store
from tests.bench.bench_import import APP, GRIDS, PLACES, TICKETS, TICKETS_MAPPING
from tests.bench.bench_screens import Driver, Prepared, Server, made_ready, noted, quantiles, screens, waited
from tests.bench.generate import CRS, cells, write_cells, write_tickets
from tests.bench.report import Row

EARLIER = 100_000
FOLLOWED = "?level=grid&figure=open&period=month&channel=live"
LIMITS = {50: "", 95: "", 99: "< 1,000 ms"}


def program(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """The command line over a home."""
    given = os.environ | {"JINGWEI_HOME": str(home)}
    return subprocess.Popen([sys.executable, str(APP), *words], cwd=APP.parent, env=given, stdout=subprocess.DEVNULL)


def done(home: Path, *words: str) -> None:
    """The same, waited for."""
    if code := program(home, *words).wait():
        raise SystemExit(f"{words}: exit {code}")


def prepared(folder: Path) -> Prepared:
    """A district of grids with the earlier tickets, and the file of the million beside it."""
    home, polygons = folder / "home", cells(GRIDS)
    (folder / "places.toml").write_text(PLACES, encoding="utf-8")
    write_cells(folder / "cells.geojson", polygons)
    write_tickets(folder / "tickets.csv", TICKETS, polygons)
    write_tickets(folder / "earlier.csv", EARLIER, polygons, seed=3, channels=("live",))
    (folder / "tickets.toml").write_text(TICKETS_MAPPING, encoding="utf-8")
    earlier = TICKETS_MAPPING.replace("bench-tickets", "earlier").replace('source = "bench"', 'source = "earlier"')
    (folder / "earlier.toml").write_text(earlier, encoding="utf-8")
    of = {"name": "Bench", "code": "990199", "zone": "Asia/Shanghai", "crs": CRS}
    Store.create(home, **of, simulated=True).close()  # whose screens are let in without an account
    done(home, "import", "places", str(folder / "cells.geojson"), "--mapping", str(folder / "places.toml"))
    done(home, "import", "tickets", str(folder / "earlier.csv"), "--mapping", str(folder / "earlier.toml"))
    with Store.open(home, Settings(home=home)) as store:
        return made_ready(store, "channel = 'live'")


def measured(folder: Path, ready: Prepared) -> list[Row]:
    """Import while moves come in."""
    server = Server(ready.home)
    try:
        driver = Driver(server.address, ready)
        with screens(server.address, [FOLLOWED] * 20) as pipe:
            driver.drive(10)
            time.sleep(5)
            before = list(noted(pipe)[1][FOLLOWED].values())[-1]
            driver.accepted.clear()
            driver.took.clear()
            driving = threading.Thread(target=driver.drive, args=(600.0,))
            began = time.monotonic()
            importing = program(
                ready.home, "import", "tickets", str(folder / "tickets.csv"), "--mapping", str(folder / "tickets.toml")
            )
            driving.start()
            code = importing.wait()
            seconds = time.monotonic() - began
            driver.ending_now.set()
            driving.join()
            time.sleep(5)
            told, totals = noted(pipe)
        if code:
            raise SystemExit(f"import: exit {code}")
        heard = [s for one in told for s in waited(driver.accepted, one.maps, totals[FOLLOWED], before)]
        if driver.wrong:
            print(len(driver.wrong), "moves were refused, for example", driver.wrong[0])
        return [
            Row(f"import of {TICKETS:,} tickets with a server and its screens at work", seconds, "s"),
            Row("moves a second meanwhile", len(driver.accepted) / 0.4 / seconds, "moves/s", "50"),
            *quantiles("move sent → accepted", driver.took, LIMITS),
            *quantiles(f"move accepted → told to {len(told)} sockets", heard, LIMITS),
        ]
    finally:
        server.stop()


def run() -> list[Row]:
    """Prepare, then measure."""
    with tempfile.TemporaryDirectory(prefix="jingwei-bench-") as made:
        folder = Path(made)
        return measured(folder, prepared(folder))
