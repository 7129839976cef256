"""How the server starts, refuses to start, and ends: as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import FILE, Store

ROOT = Path(__file__).parents[2]


def serve(home: Path, **surroundings: str) -> subprocess.Popen[str]:
    given = {"JINGWEI_HOME": str(home), "JINGWEI_PORT": "0", "JINGWEI_MEMORY_SHARE": "0.1", **surroundings}
    return subprocess.Popen(
        [sys.executable, "app.py", "serve"],
        cwd=ROOT,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(home: Path, **surroundings: str) -> tuple[int, str]:
    """The exit code and the words of a start that fails."""
    out, err = (process := serve(home, **surroundings)).communicate(timeout=120)
    assert out == ""
    return process.returncode, err


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of an empty store; its name has what a shell would stumble over."""
    folder = tmp_path / "a \"b\" 'c'"
    Store.create(folder, name="样例区", code="990100", zone="Asia/Shanghai", crs="EPSG:4547").close()
    return folder


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_server_has_ended_well(home: Path, number: signal.Signals) -> None:
    process = serve(home, JINGWEI_LOG_LEVEL="warning")
    assert process.stdout is not None
    assert "http://127.0.0.1:" in process.stdout.readline()
    assert (home / "control.sock").stat().st_mode & 0o777 == 0o600
    process.send_signal(number)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
    assert not (home / "control.sock").exists()


def test_a_home_is_for_its_own_account(home: Path) -> None:
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_port_that_is_taken_is_told_before_the_store_is_touched(home: Path, taken: int) -> None:
    (home / FILE).write_bytes(b"not looked at")
    code, words = refused(home, JINGWEI_PORT=str(taken))
    assert code == 2
    assert words.startswith(f"error (JINGWEI_PORT): port {taken} is taken.")


def test_a_store_that_cannot_be_opened_is_one_block(home: Path) -> None:
    (home / FILE).write_bytes(b"x" * 5000)
    code, words = refused(home)
    assert code == 1
    assert words.startswith("error (")
    assert "Restore the latest backup; the file is left as it is." in words
    assert len(words.splitlines()) == 2


def test_a_setting_that_cannot_be_is_named(home: Path) -> None:
    code, words = refused(home, JINGWEI_PORT="eighty")
    assert (code, words.splitlines()[0].startswith('error (JINGWEI_PORT): "eighty" is no value')) == (2, True)


def lines_of(home: Path, **surroundings: str) -> list[str]:
    """What a server that is started and stopped writes to its log."""
    process = serve(home, **surroundings)
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    return process.communicate(timeout=60)[1].splitlines()


def test_the_log_says_when_the_server_began_and_ended(home: Path) -> None:
    began, *_, ended = [json.loads(line) for line in lines_of(home, JINGWEI_LOG_JSON="true")]
    assert (began["event"], began["address"][:17], ended["event"]) == ("serving", "http://127.0.0.1:", "stopped")
    assert began["process"] == ended["process"]


def test_the_log_level_is_heard(home: Path) -> None:
    assert lines_of(home, JINGWEI_LOG_LEVEL="warning") == []
