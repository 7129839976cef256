"""The bundle installs and serves with the package index switched off."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tarfile
import time
import urllib.request
from pathlib import Path

import pytest

from etl.bundle import bundle

ROOT = Path(__file__).parents[2]
# An index that nothing answers: were pip to ask one, the installation would fail.
NO_INDEX = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
}


def first_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """The address the program prints, waited for at most three minutes."""
    for _ in range(1800):
        for word in log.read_text(encoding="utf-8", errors="replace").split():
            if word.startswith("http://127.0.0.1:"):
                return word.rstrip("/.")
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


@pytest.mark.e2e
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a bundle is made from a git checkout")
def test_bundle_runs_without_a_package_index(tmp_path: Path) -> None:
    archive = bundle(ROOT, tmp_path)
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "machine", filter="data")
    archive.unlink()
    (folder,) = (tmp_path / "machine").iterdir()
    wheels = {path.name for path in (folder / "wheels").glob("*.whl")}
    pinned = [
        line for line in (folder / "requirements.txt").read_text().splitlines() if "==" in line and line[0].isalpha()
    ]
    assert len(wheels) == len([line for line in pinned if "sys_platform ==" not in line])
    assert (folder / "licences" / "duckdb").is_dir()

    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "JINGWEI_"))}
    environment |= NO_INDEX | {"JINGWEI_PORT": "0"}
    log = tmp_path / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", "DEMO=tiny"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = first_address(log, process)
        with urllib.request.urlopen(f"{address}/", timeout=30) as answer:  # noqa: S310
            assert answer.status == 200
            assert "经纬" in answer.read().decode("utf-8")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
        shutil.rmtree(tmp_path / "machine")
