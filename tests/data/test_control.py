from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.control import ControlClient, ControlServer, is_running
from data.errors import Cancelled, Fault, FileError, NotFound, StoreBusy, StoreError
from data.progress import Progress, Reporter

ROOT = Path(__file__).resolve().parents[2]


class Handlers:
    """echo answers; count shows steps; fail refuses; wait works until it is cancelled and says so."""

    def __init__(self) -> None:
        self.started, self.cancelled = threading.Event(), threading.Event()

    def echo(self, args: dict[str, Any], progress: Progress) -> Any:
        return args

    def count(self, args: dict[str, Any], progress: Progress) -> Any:
        for done in range(1, 4):
            progress.step("counting", done, 3)
        return {"n": 3}

    def fail(self, args: dict[str, Any], progress: Progress) -> Any:
        raise FileError("it is empty.", where="a.csv", todo="Send another.")

    def crash(self, args: dict[str, Any], progress: Progress) -> Any:
        return 1 // 0

    def wait(self, args: dict[str, Any], progress: Progress) -> Any:
        self.started.set()
        try:
            while True:
                progress.check()
                time.sleep(0.005)
        except Cancelled:
            self.cancelled.set()
            raise

    def table(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("echo", "count", "fail", "crash", "wait")}


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def server(tmp_path: Path, handlers: Handlers) -> Iterator[ControlServer]:
    with ControlServer(tmp_path, handlers.table()) as running:
        yield running


@pytest.fixture
def client(server: ControlServer, tmp_path: Path) -> ControlClient:
    return ControlClient(tmp_path)


def test_a_command_is_answered(client: ControlClient) -> None:
    assert client.call("echo", {"place": "社区", "n": 1}) == {"place": "社区", "n": 1}


def test_progress_streams_back(client: ControlClient) -> None:
    seen: list[tuple[str, float, float | None]] = []
    assert client.call("count", {}, Reporter(lambda *step: seen.append(step))) == {"n": 3}
    assert seen == [("counting", 1, 3), ("counting", 2, 3), ("counting", 3, 3)]


def test_an_error_arrives_as_what_it_was(client: ControlClient) -> None:
    with pytest.raises(FileError) as caught:
        client.call("fail")
    assert caught.value.as_dict() == {
        "error": "FileError",
        "what": "it is empty.",
        "where": "a.csv",
        "todo": "Send another.",
    }


def test_a_crash_in_a_command_is_told_and_the_server_goes_on(client: ControlClient) -> None:
    with pytest.raises(Fault, match="ZeroDivisionError"):
        client.call("crash")
    assert client.call("echo", {"n": 2}) == {"n": 2}


def test_an_unknown_command_is_refused(client: ControlClient) -> None:
    with pytest.raises(NotFound, match="the server knows no command fly"):
        client.call("fly")


def test_a_stopped_caller_waits_until_the_server_has_stopped(client: ControlClient, handlers: Handlers) -> None:
    progress = Reporter()
    threading.Thread(target=lambda: (handlers.started.wait(), progress.stop())).start()
    with pytest.raises(Cancelled):
        client.call("wait", {}, progress)
    assert handlers.cancelled.is_set()


def test_a_caller_that_goes_away_cancels_its_command(server: ControlServer, handlers: Handlers) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.connect(str(server.path))
        caller.sendall(b'{"id": 7, "command": "wait"}\n')
        assert handlers.started.wait(20)
    assert handlers.cancelled.wait(20)


def test_commands_run_side_by_side_on_one_connection(server: ControlServer, handlers: Handlers) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.connect(str(server.path))
        caller.sendall(b'{"id": 1, "command": "wait"}\n{"id": 2, "command": "echo", "args": {"n": 1}}\n')
        answers = caller.makefile()
        assert json.loads(answers.readline()) == {"id": 2, "result": {"n": 1}}
        caller.sendall(b'{"id": 1, "cancel": true}\n')
        assert json.loads(answers.readline())["error"]["error"] == "Cancelled"


def test_what_is_no_json_ends_the_connection_only(server: ControlServer, client: ControlClient) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.connect(str(server.path))
        caller.sendall(b"GET / HTTP/1.1\n")
        assert caller.recv(100) == b""
    assert client.call("echo", {"n": 3}) == {"n": 3}


def test_only_the_owner_may_use_the_socket(server: ControlServer) -> None:
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


def test_without_a_server_the_caller_is_told(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with pytest.raises(NotFound, match="no server runs"):
        ControlClient(tmp_path).call("echo")


def test_two_servers_do_not_share_a_home(server: ControlServer, tmp_path: Path) -> None:
    with pytest.raises(StoreBusy, match="a server answers there already"):
        ControlServer(tmp_path, {})


def test_closing_takes_the_socket_away_and_cancels(server: ControlServer, handlers: Handlers, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def call() -> None:
        try:
            ControlClient(tmp_path).call("wait")
        except StoreError as error:
            failed.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    handlers.started.wait()
    server.close()
    caller.join()
    assert handlers.cancelled.wait(20)
    assert "went away" in str(failed[0])
    assert not server.path.exists()
    assert not is_running(tmp_path)


def test_a_home_too_deep_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    home = tmp_path / ("深" * 40) / ("a" * 120)
    with ControlServer(home, Handlers().table()) as server:
        assert len(os.fsencode(server.path)) <= 100
        assert is_running(home)
        assert ControlClient(home).call("echo", {"n": 1}) == {"n": 1}
        private = server.path.parent
    assert not private.exists()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("deep", [False, True])
def test_what_a_killed_server_left_is_cleared(tmp_path: Path, deep: bool) -> None:
    home = tmp_path / ("a" * 120) if deep else tmp_path
    script = (
        "import sys, time; from pathlib import Path; from data.control import ControlServer\n"
        "ControlServer(Path(sys.argv[1]), {}); print('up', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(home)], cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    assert is_running(home)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert not is_running(home)
    with ControlServer(home, Handlers().table()):
        assert ControlClient(home).call("echo", {"n": 1}) == {"n": 1}
    assert not is_running(home)
