"""Import of one million tickets into 20,000 grids, beside two bare pipelines that only parse and place.

The alternatives do less (no check of each row, no ledger, no quarantine, no update): DuckDB `read_csv` with a spatial join,
and pyarrow's CSV reader with a shapely STRtree. Sizes: JINGWEI_BENCH_TICKETS, JINGWEI_BENCH_GRIDS.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import psutil
import pyarrow.csv
import shapely

from tests.bench.generate import CRS, cells, write_cells, write_tickets
from tests.bench.report import Row, print_rows

TICKETS = int(os.environ.get("JINGWEI_BENCH_TICKETS", "1000000"))
GRIDS = int(os.environ.get("JINGWEI_BENCH_GRIDS", "20000"))
APP = Path(__file__).parents[2] / "app.py"

PLACES = """
format = 1
name = "bench-grids"
kind = "places"
level = "grid"
[fields]
code = "code"
name = "name"
"""
TICKETS_MAPPING = """
format = 1
name = "bench-tickets"
kind = "tickets"
source = "bench"
[fields]
id = "ticket"
reported_at = { column = "opened", format = "%Y-%m-%d %H:%M:%S" }
due_at = { column = "due", format = "%Y-%m-%d %H:%M:%S" }
closed_at = { column = "closed", format = "%Y-%m-%d %H:%M:%S" }
status = "status"
category = "category"
unit = "unit"
channel = "channel"
note = "text"
[location]
lon = "lon"
lat = "lat"
crs = "EPSG:4326"
[status.values]
open = "open"
closed = "closed"
"""


def measured(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Seconds until the process ends and the most memory it and its children held, in bytes."""
    began, peak, root = time.perf_counter(), 0, psutil.Process(process.pid)
    while process.poll() is None:
        try:
            family = [root, *root.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
        except psutil.Error:
            pass
        time.sleep(0.05)
    return time.perf_counter() - began, peak


def ours(folder: Path) -> tuple[float, int, str]:
    """Import through the command line into a fresh store: seconds, bytes, what it printed."""
    (folder / "places.toml").write_text(PLACES, encoding="utf-8")
    (folder / "tickets.toml").write_text(TICKETS_MAPPING, encoding="utf-8")
    environment = os.environ | {"JINGWEI_HOME": str(folder / "home")}

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, str(APP), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    for arguments in (
        ("init", "--name", "Bench", "--code", "990199", "--zone", "Asia/Shanghai", "--crs", CRS),
        ("import", "places", str(folder / "cells.geojson"), "--mapping", str(folder / "places.toml")),
    ):
        process = run(*arguments)
        process.communicate()
        if process.returncode:
            raise SystemExit(f"{arguments}: exit {process.returncode}")
    process = run("import", "tickets", str(folder / "tickets.csv"), "--mapping", str(folder / "tickets.toml"))
    seconds, peak = measured(process)
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"import: exit {process.returncode}")
    return seconds, peak, out.decode()


def duckdb_spatial_join(folder: Path) -> None:
    """DuckDB alone: read_csv, ST_Contains join, one table."""
    extension = (
        Path(duckdb_extension_spatial.__file__).parent
        / "extensions"
        / f"v{duckdb.__version__}"
        / "spatial.duckdb_extension"
    )
    with duckdb.connect(str(folder / "alternative.duckdb")) as con:
        con.load_extension(str(extension))
        con.register("wkb", pyarrow.table({"code": list(range(GRIDS)), "wkb": shapely.to_wkb(cells(GRIDS))}))
        con.execute("CREATE TABLE cell AS SELECT code, ST_GeomFromWKB(wkb) AS geometry FROM wkb")
        con.execute(
            "CREATE TABLE ticket AS SELECT t.*, c.code FROM read_csv(?) t LEFT JOIN cell c "
            "ON ST_Contains(c.geometry, ST_Point(t.lon, t.lat))",
            [str(folder / "tickets.csv")],
        )


def pyarrow_strtree(folder: Path) -> None:
    """pyarrow's CSV reader and one STRtree query; the result stays in memory."""
    table = pyarrow.csv.read_csv(folder / "tickets.csv")
    tree = shapely.STRtree(cells(GRIDS))
    tree.query(shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy()), predicate="intersects")


ALTERNATIVES = {"DuckDB read_csv + spatial join": "duckdb_spatial_join", "pyarrow + STRtree": "pyarrow_strtree"}


def run() -> list[Row]:
    """Measure and return the rows of the report."""
    with tempfile.TemporaryDirectory(prefix="jingwei-bench-") as made:
        folder = Path(made)
        polygons = cells(GRIDS)
        write_cells(folder / "cells.geojson", polygons)
        write_tickets(folder / "tickets.csv", TICKETS, polygons)
        seconds, peak, printed = ours(folder)
        print(printed)
        rows = [
            Row(f"import {TICKETS:,} tickets into {GRIDS:,} grids", seconds, "s", "< 30 s"),
            Row("its memory, worker included", peak / 1e9, "GB", "< 2 GB"),
        ]
        for title, name in ALTERNATIVES.items():
            alternative = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.bench_import", name, str(folder)], cwd=APP.parent
            )
            other, memory = measured(alternative)
            rows.append(Row(f"beside {title} (parse and place only)", seconds, "s", "", title, other))
            rows.append(Row(f"memory beside {title}", peak / 1e9, "GB", "", title, memory / 1e9))
        return rows


if __name__ == "__main__":
    if len(sys.argv) == 3:
        globals()[sys.argv[1]](Path(sys.argv[2]))
    else:
        print_rows(run())
