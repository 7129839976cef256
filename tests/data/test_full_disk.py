"""No room on the disk: what was acknowledged stays, what was not is refused in words, and with room again it goes on.

A child process may write no file beyond a size (the system's limit for a process), as on a disk that is full.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from data.checks import check
from data.settings import Settings
from data.store import Store
from tests.made_cases import add_cases

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from data.errors import JingweiError
from data.moves import Move
from data.settings import Settings
from data.store import Store

home = Path(sys.argv[1])


def opened():
    return Store.open(home, Settings(home=home, memory_share=0.1, threads=2))


def moved(store, key):
    return store.writer.submit(Move(1 + len(kept) % 50, "urged", datetime.now(UTC), key, note="x" * 20_000)).result().key


store, kept, said = opened(), [], []
most = max(file.stat().st_size for file in home.glob("jingwei.duckdb*")) + 400_000
resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
for number in range(200):
    try:
        kept.append(moved(store, f"k{number}"))
    except JingweiError as error:
        said.append(error.as_dict())
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
try:
    went_on = moved(store, "after")
except JingweiError as error:
    said.append(error.as_dict())
    went_on = ""
store.close()
store = opened()
again = moved(store, "again")
store.close()
print("TOLD", json.dumps({"kept": kept, "said": said, "went_on": went_on, "again": again}))
"""


READ_ONLY = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from data.errors import JingweiError
from data.settings import Settings
from data.store import Store

home = Path(sys.argv[1])
try:
    Store.open(home, Settings(home=home, memory_share=0.1, threads=2)).close()
    print("TOLD", json.dumps({"what": "opened"}))
except JingweiError as error:
    print("TOLD", json.dumps(error.as_dict()))
"""


def mounts() -> bool:
    """Whether this account may mount a disk in a space of its own."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not mounts(), reason="this account may not mount a read-only disk")
def test_a_read_only_disk_is_told_in_words_and_nothing_is_touched(store: Store, settings: Settings) -> None:
    store.writer.run(partial(add_cases, first=1, count=5, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
    store.close()
    before = {file.name: file.read_bytes() for file in settings.home.glob("jingwei.duckdb*")}
    home = str(settings.home)
    script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" -c "$3" "$1"'
    child = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", home, sys.executable, READ_ONLY],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert child.returncode == 0, child.stdout + child.stderr
    told = json.loads(child.stdout.partition("TOLD ")[2])
    assert (told["error"], told["what"]) == ("StoreError", "this account may not write here.")
    assert {file.name: file.read_bytes() for file in settings.home.glob("jingwei.duckdb*")} == before
    with Store.open(settings.home, settings) as again:
        assert check(again, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []


def test_a_full_disk_loses_nothing_acknowledged_and_is_told_in_words(store: Store, settings: Settings) -> None:
    store.writer.run(partial(add_cases, first=1, count=50, at=datetime(2024, 5, 1, tzinfo=UTC))).result()
    store.close()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(settings.home)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert child.returncode == 0, child.stdout + child.stderr
    told = json.loads(child.stdout.partition("TOLD ")[2])
    (refused,) = told["said"]
    assert (refused["what"], refused["todo"]) == ("there is no room left on the disk.", "Make room, then try again.")
    assert len(told["kept"]) >= 2
    assert (told["went_on"], told["again"]) == ("after", "again")  # with room again without a restart, and after one
    with Store.open(settings.home, settings) as again:
        rows = [row["key"] for row in again.rows("SELECT key FROM transition WHERE action = 'urged'")]
        assert sorted(rows) == sorted([*told["kept"], "after", "again"])  # each once, and not the refused one
        assert check(again, rules=("ledger_chains", "fold_is_row", "one_row_a_case")) == []
