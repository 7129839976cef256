"""Connections that do not get on are closed; those that do are not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from dashboard import heads


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(heads, "HEAD_SECONDS", 0.3)
    app = PlainTextResponse("there")
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, http=heads.TimedHeads, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        yield taken.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: a\r\nx-never: en"])
def test_a_head_that_does_not_end_ends_the_connection(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as ours:
        ours.sendall(sent)
        assert ours.recv(100) == b""


def test_a_connection_that_asks_and_waits_and_asks_again_stays(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as ours:
        for _ in range(2):
            ours.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            said = b""
            while not said.endswith(b"there"):
                part = ours.recv(1000)
                assert part, "it closed"
                said += part
        ours.settimeout(0.6)
        with pytest.raises(TimeoutError):
            ours.recv(1)
