from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.server import create_app
from data.control import ControlClient
from data.errors import NotFound
from data.settings import Settings

ROOT = Path(__file__).parents[2]


def test_without_a_store_the_server_says_so_and_ends(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no store"), TestClient(create_app(Settings(home=tmp_path))):
        pass


def test_the_command_line_reaches_a_running_server(town: Settings) -> None:
    def echo(store: Any, args: dict[str, Any], _progress: Any) -> dict[str, Any]:
        return {"said": args["word"], "district": store.deployment.name}

    with TestClient(create_app(town, {"echo": echo}), base_url="http://127.0.0.1"):
        assert ControlClient(town.home).call("echo", {"word": "你好"}) == {"said": "你好", "district": "青禾区"}


def test_the_store_is_free_again_after_the_end(town: Settings) -> None:
    for _ in range(2):
        with TestClient(create_app(town), base_url="http://127.0.0.1") as client:
            assert client.get("/").status_code == 200


def test_a_second_start_takes_under_five_seconds_and_an_interrupt_ends_it(town: Settings) -> None:
    code = (
        "import sys, threading, signal, os; from pathlib import Path; from data.settings import Settings;"
        "from dashboard.server import serve;"
        f"serve(Settings(home=Path({json.dumps(str(town.home))}), port=0), ready=lambda a: (print(a, flush=True),"
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()))"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    address = process.stdout.readline().decode()
    _out, faults = process.communicate(timeout=30)
    assert address.startswith("http://127.0.0.1:")
    assert b"Traceback" not in faults or b"KeyboardInterrupt" in faults
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time of start and end, so that a busy machine does not fail the test.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
